"""Activities and claims of the `companies` table in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from core.adapters.memory.effects import Effects
from core.errors import StorageConflict
from core.model.claim import Claim
from core.model.company import ActivityRow
from core.model.ids import CompanyId, UserId


class MemoryActivities:
    """CompanyStore's parts about activities and claims. Users come in the order of their ids."""

    def __init__(self, effects: Effects | None = None) -> None:
        self._effects = effects or Effects()
        self._tags = count(1)
        self._activities: dict[tuple[CompanyId, str], ActivityRow] = {}
        self._claims: dict[tuple[CompanyId, str], Claim] = {}

    def _next(self, held: str, asked: str) -> str:
        """A new tag, if the asked one is the one that is held (both empty: nothing is there yet)."""
        if held != asked:
            raise StorageConflict("storage_conflict")
        return self._new_tag()

    def _new_tag(self) -> str:
        return f"tag-{next(self._tags)}"

    async def activity(self, company: CompanyId, activity: str) -> ActivityRow:
        """See CompanyStore.activity."""
        await asyncio.sleep(0)
        return self._activities.get((company, activity), ActivityRow(activity))

    async def put_activity(self, company: CompanyId, row: ActivityRow) -> ActivityRow:
        """See CompanyStore.put_activity."""
        await asyncio.sleep(0)
        key = (company, row.activity)
        with self._effects.around("companies.put_activity"):
            tag = self._next(self._activities.get(key, ActivityRow(row.activity)).tag, row.tag)
            self._activities[key] = replace(row, holders=_ordered(row.holders), tag=tag)
            return self._activities[key]

    async def put_holders(self, company: CompanyId, rows: Sequence[ActivityRow]) -> None:
        """See CompanyStore.put_holders."""
        await asyncio.sleep(0)
        with self._effects.around("companies.put_holders"):
            for row in rows:
                held = self._activities.get((company, row.activity), ActivityRow(row.activity))
                self._activities[company, row.activity] = replace(
                    held,
                    origin=row.origin,
                    holders=_ordered((*held.holders, *row.holders)),
                    claim=row.claim or held.claim,
                    tag=self._new_tag(),
                )

    async def drop_holder(self, company: CompanyId, activity: str, user: UserId) -> None:
        """See CompanyStore.drop_holder."""
        await asyncio.sleep(0)
        with self._effects.around("companies.drop_holder"):
            held = self._activities.get((company, activity))
            if held is not None:
                left = tuple(one for one in held.holders if one != user)
                self._activities[company, activity] = replace(held, holders=left, tag=self._new_tag())

    async def claim(self, company: CompanyId, key: str) -> Claim:
        """See CompanyStore.claim."""
        await asyncio.sleep(0)
        return self._claims.get((company, key), Claim(key))

    async def put_claim(self, company: CompanyId, claim: Claim) -> Claim:
        """See CompanyStore.put_claim."""
        await asyncio.sleep(0)
        key = (company, claim.key)
        with self._effects.around("companies.put_claim"):
            tag = self._next(self._claims.get(key, Claim(claim.key)).tag, claim.tag)
            self._claims[key] = replace(claim, attendees=_ordered(claim.attendees), tag=tag)
            return self._claims[key]

    async def drop_claim(self, company: CompanyId, key: str) -> None:
        """See CompanyStore.drop_claim."""
        await asyncio.sleep(0)
        with self._effects.around("companies.drop_claim"):
            self._claims.pop((company, key), None)


def _ordered(users: tuple[UserId, ...]) -> tuple[UserId, ...]:
    return tuple(sorted(set(users)))
