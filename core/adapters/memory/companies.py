"""The `companies` table in memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TypeVar

from core.adapters.memory.activities import MemoryActivities
from core.adapters.memory.effects import Effects
from core.errors import StorageConflict
from core.model.company import CompanySettings, FeedState
from core.model.ids import CompanyId, MailboxId, Pair, UserId
from core.model.link import Intent
from core.model.rows import Forgotten, Member, Mentions

K = TypeVar("K")
V = TypeVar("V")


class MemoryCompanyStore(MemoryActivities):
    """CompanyStore (core/ports.py) in memory."""

    def __init__(self, effects: Effects | None = None) -> None:
        super().__init__(effects)
        self._settings: dict[CompanyId, tuple[CompanySettings, str]] = {}
        self._members: dict[CompanyId, dict[UserId, Member]] = {}
        self._mailboxes: dict[tuple[CompanyId, MailboxId], UserId] = {}
        self._intents: dict[tuple[CompanyId, str], Intent] = {}
        self._feeds: dict[CompanyId, FeedState] = {}
        self._counters: dict[tuple[CompanyId, str], tuple[float, str]] = {}

    async def settings(self, company: CompanyId) -> tuple[CompanySettings, str] | None:
        """See CompanyStore.settings."""
        await asyncio.sleep(0)
        return self._settings.get(company)

    async def put_settings(self, company: CompanyId, settings: CompanySettings, tag: str) -> str:
        """See CompanyStore.put_settings."""
        await asyncio.sleep(0)
        with self._effects.around("companies.put_settings"):
            new = self._next(self._settings.get(company, (settings, ""))[1], tag)
            self._settings[company] = (settings, new)
        return new

    async def members(self, company: CompanyId) -> tuple[Member, ...]:
        """See CompanyStore.members."""
        await asyncio.sleep(0)
        return tuple(member for _, member in sorted(self._members.get(company, {}).items()))

    async def put_member(self, company: CompanyId, member: Member) -> None:
        """See CompanyStore.put_member."""
        await asyncio.sleep(0)
        with self._effects.around("companies.put_member"):
            self._members.setdefault(company, {})[member.user] = member

    async def remove_member(self, company: CompanyId, user: UserId) -> None:
        """See CompanyStore.remove_member."""
        await asyncio.sleep(0)
        with self._effects.around("companies.remove_member"):
            self._members.get(company, {}).pop(user, None)

    async def bind_mailbox(self, company: CompanyId, mailbox: MailboxId, user: UserId) -> UserId:
        """See CompanyStore.bind_mailbox."""
        await asyncio.sleep(0)
        if (company, mailbox) not in self._mailboxes:
            with self._effects.around("companies.bind_mailbox"):
                self._mailboxes[(company, mailbox)] = user
        return self._mailboxes[(company, mailbox)]

    async def unbind_mailbox(self, company: CompanyId, mailbox: MailboxId) -> None:
        """See CompanyStore.unbind_mailbox."""
        await asyncio.sleep(0)
        with self._effects.around("companies.unbind_mailbox"):
            self._mailboxes.pop((company, mailbox), None)

    async def mentions(self, company: CompanyId, user: UserId) -> Mentions:
        """See CompanyStore.mentions."""
        await asyncio.sleep(0)
        activities = [
            name
            for (owner, name), row in sorted(self._activities.items())
            if owner == company and (user in row.holders or row.locked_by.startswith(user))
        ]
        claims = [
            key for (owner, key), claim in sorted(self._claims.items()) if owner == company and user in claim.users()
        ]
        mailboxes = [box for (owner, box), held in sorted(self._mailboxes.items()) if (owner, held) == (company, user)]
        return Mentions(tuple(activities), tuple(claims), tuple(mailboxes))

    async def begin(self, intent: Intent) -> Intent | None:
        """See CompanyStore.begin."""
        await asyncio.sleep(0)
        earlier = self._intents.get((intent.pair.company, intent.id))
        if earlier is None:
            with self._effects.around("companies.begin"):
                self._intents[(intent.pair.company, intent.id)] = intent
        return earlier

    async def intents(self, pair: Pair) -> tuple[Intent, ...]:
        """See CompanyStore.intents."""
        await asyncio.sleep(0)
        return tuple(intent for _, intent in sorted(self._intents.items()) if intent.pair == pair)

    async def end(self, company: CompanyId, intent: str) -> None:
        """See CompanyStore.end."""
        await asyncio.sleep(0)
        with self._effects.around("companies.end"):
            self._intents.pop((company, intent), None)

    async def feed(self, company: CompanyId) -> FeedState:
        """See CompanyStore.feed."""
        await asyncio.sleep(0)
        return self._feeds.get(company, FeedState())

    async def put_feed(self, company: CompanyId, state: FeedState) -> FeedState:
        """See CompanyStore.put_feed."""
        await asyncio.sleep(0)
        with self._effects.around("companies.put_feed"):
            held = self._feeds.get(company, FeedState())
            self._feeds[company] = replace(state, tag=self._next(held.tag, state.tag))
            return self._feeds[company]

    async def counter(self, company: CompanyId, name: str) -> tuple[float, str]:
        """See CompanyStore.counter."""
        await asyncio.sleep(0)
        return self._counters.get((company, name), (0.0, ""))

    async def put_counter(self, company: CompanyId, name: str, value: float, tag: str) -> None:
        """See CompanyStore.put_counter."""
        await asyncio.sleep(0)
        with self._effects.around("companies.put_counter"):
            held = self._counters.get((company, name), (0.0, ""))
            self._counters[(company, name)] = (value, self._next(held[1], tag))

    async def forget(self, company: CompanyId) -> Forgotten:
        """See CompanyStore.forget."""
        await asyncio.sleep(0)
        with self._effects.around("companies.forget"):
            counts = {
                "users": len(self._members.pop(company, {})),
                "mailboxes": _drop(self._mailboxes, company),
                "activities": _drop(self._activities, company),
                "intents": _drop(self._intents, company),
                "claims": _drop(self._claims, company),
            }
            _drop(self._counters, company)
            self._feeds.pop(company, None)
            return Forgotten(counts)

    def known(self) -> list[CompanyId]:
        """Every company with rows, in order."""
        kinds = (self._mailboxes, self._intents, self._activities, self._claims, self._counters)
        keyed = {key[0] for rows in kinds for key in rows}
        return sorted({*self._settings, *self._members, *self._feeds, *keyed})

    def all_intents(self, company: CompanyId) -> list[Intent]:
        """Every intent of the company that has not ended."""
        return [intent for (owner, _), intent in sorted(self._intents.items()) if owner == company]

    async def remove_settings(self, company: CompanyId, tag: str) -> None:
        """See CompanyStore.remove_settings."""
        await asyncio.sleep(0)
        with self._effects.around("companies.remove_settings"):
            held = self._settings.get(company)
            if held is None or held[1] != tag:
                raise StorageConflict("storage_conflict")
            del self._settings[company]


def _drop(rows: dict[tuple[CompanyId, K], V], company: CompanyId) -> int:
    """Remove the company's rows; how many there were."""
    theirs = [key for key in rows if key[0] == company]
    for key in theirs:
        del rows[key]
    return len(theirs)
