"""The `companies` table (design.md section 6): settings, members, mailboxes, feed, counters; the rest by its parts."""

from __future__ import annotations

from dataclasses import replace

from core.adapters.storage.activities import Activities
from core.adapters.storage.claims import Claims
from core.adapters.storage.codec import from_json, to_json
from core.adapters.storage.company_rows import company_row
from core.adapters.storage.forgetting import forget
from core.adapters.storage.intents import Intents
from core.adapters.storage.keys import range_of, safe
from core.adapters.storage.rows import joined_text, split_text, tag_of
from core.adapters.storage.tables import How, Write, place
from core.model.company import CompanySettings, FeedState
from core.model.ids import CompanyId, MailboxId, UserId
from core.model.rows import Forgotten, Member, Mentions

_AUTHORITY = "exchange_authority"
"""A property of its own: with 500 activity types beside it, one property would not hold it (facts/microsoft.md J6)."""
_KINDS = {"user": "users", "mailbox": "mailboxes", "a": "activities", "intent": "intents", "claim": "claims"}
"""What rows count as when a company is forgotten, by what their keys begin with."""


class TableCompanyStore(Activities, Claims, Intents):
    """CompanyStore (core/ports.py)."""

    async def settings(self, company: CompanyId) -> tuple[CompanySettings, str] | None:
        """See CompanyStore.settings."""
        row = await self._read(company, "settings")
        if row is None:
            return None
        settings = from_json(CompanySettings, row["settings"])
        return replace(settings, exchange_authority=row.get(_AUTHORITY, "")), tag_of(row)

    async def put_settings(self, company: CompanyId, settings: CompanySettings, tag: str) -> str:
        """See CompanyStore.put_settings."""
        body = {"settings": to_json(settings, frozenset({_AUTHORITY})), _AUTHORITY: settings.exchange_authority}
        return await self._table.write(place(company_row(company, "settings", **body), tag))

    async def members(self, company: CompanyId) -> tuple[Member, ...]:
        """See CompanyStore.members."""
        first, before = range_of("user:")
        rows = self._table.between((safe(company), first), (safe(company), before))
        return tuple([Member(UserId(row["user"]), row["on"]) async for row in rows])

    async def put_member(self, company: CompanyId, member: Member) -> None:
        """See CompanyStore.put_member."""
        row = company_row(company, f"user:{safe(member.user)}", user=member.user, on=member.on)
        await self._table.write(Write(row, How.REPLACE))

    async def remove_member(self, company: CompanyId, user: UserId) -> None:
        """See CompanyStore.remove_member."""
        await self._table.remove(safe(company), f"user:{safe(user)}")

    async def bind_mailbox(self, company: CompanyId, mailbox: MailboxId, user: UserId) -> UserId:
        """See CompanyStore.bind_mailbox."""
        key = f"mailbox:{safe(mailbox)}"
        earlier = await self._insert(company_row(company, key, mailbox=mailbox, user=user))
        return UserId(earlier["user"]) if earlier is not None else user

    async def unbind_mailbox(self, company: CompanyId, mailbox: MailboxId) -> None:
        """See CompanyStore.unbind_mailbox."""
        await self._table.remove(safe(company), f"mailbox:{safe(mailbox)}")

    async def mentions(self, company: CompanyId, user: UserId) -> Mentions:
        """See CompanyStore.mentions."""
        activities = [name async for name in self._activities_of(company, user)]
        claims = [key async for key in self._claims_of(company, user)]
        first, before = range_of("mailbox:")
        rows = self._table.between((safe(company), first), (safe(company), before))
        mailboxes = [MailboxId(row["mailbox"]) async for row in rows if row["user"] == user]
        return Mentions(tuple(activities), tuple(claims), tuple(mailboxes))

    async def mailbox_owner(self, company: CompanyId, mailbox: MailboxId) -> UserId | None:
        """To whom of the company the mailbox is bound; None where it is nobody's."""
        row = await self._table.read(safe(company), f"mailbox:{safe(mailbox)}")
        return None if row is None else UserId(row["user"])

    async def feed(self, company: CompanyId) -> FeedState:
        """See CompanyStore.feed."""
        row = await self._read(company, "feed")
        text = joined_text("feed", row) if row is not None else None
        return replace(from_json(FeedState, text), tag=tag_of(row)) if text else FeedState()

    async def put_feed(self, company: CompanyId, state: FeedState) -> FeedState:
        """See CompanyStore.put_feed. What was delivered already is dropped where it is too large: it is told again."""
        body = split_text("feed", to_json(state)) or split_text("feed", to_json(replace(state, recent=())))
        if body is None:
            raise ValueError("a company's activity types do not fit into a row")
        return replace(state, tag=await self._table.write(place(company_row(company, "feed", **body), state.tag)))

    async def counter(self, company: CompanyId, name: str) -> tuple[float, str]:
        """See CompanyStore.counter."""
        row = await self._read(company, f"rate:{safe(name)}")
        return (0.0, "") if row is None else (row["value"], tag_of(row))

    async def put_counter(self, company: CompanyId, name: str, value: float, tag: str) -> None:
        """See CompanyStore.put_counter."""
        await self._table.write(place(company_row(company, f"rate:{safe(name)}", value=float(value)), tag))

    async def forget(self, company: CompanyId) -> Forgotten:
        """See CompanyStore.forget."""
        bounds = (safe(company), ""), (safe(company), "\x7f")
        return await forget(self._table, *bounds, lambda key: _KINDS.get(key.split(":")[0], ""), "RowKey ne 'settings'")

    async def remove_settings(self, company: CompanyId, tag: str) -> None:
        """See CompanyStore.remove_settings. A transaction: the client's own deletion takes a missing row for done."""
        await self._table.write_many([Write(company_row(company, "settings"), How.DELETE, tag)])
