"""Walking over the stores in memory, and removing what is old."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from itertools import count

from core.adapters.memory.books import MemoryHistoryStore
from core.adapters.memory.companies import MemoryCompanyStore
from core.adapters.memory.pairs import MemoryPairStore
from core.errors import StorageConflict
from core.model.ids import CompanyId, Pair, UserId
from core.model.rows import Forgotten
from core.model.subscription import OldIntent, Place


class MemoryDirectory:
    """Directory (core/ports_live.py) in memory."""

    def __init__(self, companies: MemoryCompanyStore, pairs: MemoryPairStore) -> None:
        self._companies, self._pairs = companies, pairs
        self._places: dict[str, Place] = {}
        self._tags = count(1)

    async def company_after(self, company: str) -> CompanyId | None:
        """See Directory.company_after."""
        await asyncio.sleep(0)
        return next((one for one in self._companies.known() if one > company), None)

    async def user_after(self, company: CompanyId, user: str) -> UserId | None:
        """See Directory.user_after."""
        await asyncio.sleep(0)
        return next((one for one in self._pairs.users(company) if one > user), None)

    async def place(self, name: str) -> Place:
        """See Directory.place."""
        await asyncio.sleep(0)
        return self._places.get(name, Place())

    async def put_place(self, name: str, standing: Place) -> Place:
        """See Directory.put_place."""
        await asyncio.sleep(0)
        if self._places.get(name, Place()).tag != standing.tag:
            raise StorageConflict("storage_conflict")
        self._places[name] = replace(standing, tag=f"tag-{next(self._tags)}")
        return self._places[name]


class MemoryAttic:
    """Attic (core/ports_live.py) in memory."""

    def __init__(self, companies: MemoryCompanyStore, pairs: MemoryPairStore, history: MemoryHistoryStore) -> None:
        self._companies, self._pairs, self._history = companies, pairs, history

    async def purge_history(self, pair: Pair, before: datetime) -> Forgotten:
        """See Attic.purge_history."""
        return await self._history.purge(pair, before)

    async def purge_links(self, pair: Pair, before: datetime) -> Forgotten:
        """See Attic.purge_links."""
        return await self._pairs.purge(pair, before)

    async def old_intents(self, company: CompanyId, before: datetime) -> tuple[OldIntent, ...]:
        """See Attic.old_intents."""
        await asyncio.sleep(0)
        found = [intent for intent in self._companies.all_intents(company) if intent.settled_by < before]
        return tuple(OldIntent(i.id, i.pair.user, i.side.other.value, i.source) for i in found)
