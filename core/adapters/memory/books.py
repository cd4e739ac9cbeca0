"""The tables `due`, `history` and `holds` in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count

from core.adapters.memory.effects import Effects
from core.model.ids import CompanyId, Pair, UserId
from core.model.rows import Due, Forgotten, Hold, LineKey, Record

_DueKey = tuple[datetime, CompanyId, UserId | None, bool]


def _due_key(due: Due) -> _DueKey:
    """One thing in one minute is one row."""
    return due.at.replace(second=0, microsecond=0), due.company, due.user, due.late


class MemoryDueStore:
    """DueStore (core/ports.py) in memory."""

    def __init__(self, effects: Effects | None = None) -> None:
        self._effects = effects or Effects()
        self._rows: dict[_DueKey, Due] = {}
        self._tags = count(1)

    async def put(self, due: Due) -> None:
        """See DueStore.put."""
        await asyncio.sleep(0)
        with self._effects.around("due.put"):
            self._rows[_due_key(due)] = replace(due, tag=f"tag-{next(self._tags)}")

    async def until(self, now: datetime) -> AsyncIterator[Due]:
        """See DueStore.until."""
        await asyncio.sleep(0)
        for due in sorted(self._rows.values(), key=lambda due: (due.at, due.company, due.user or "")):
            if due.at <= now:
                yield due

    async def done(self, due: Due) -> None:
        """See DueStore.done. A row that was put again since it was read stays."""
        await asyncio.sleep(0)
        with self._effects.around("due.done"):
            held = self._rows.get(_due_key(due))
            if held is not None and due.tag in {"", held.tag}:
                del self._rows[_due_key(due)]

    async def forget(self, company: CompanyId, user: UserId | None = None) -> Forgotten:
        """See DueStore.forget."""
        await asyncio.sleep(0)
        with self._effects.around("due.forget"):
            theirs = [k for k, due in self._rows.items() if due.company == company and user in {None, due.user}]
            for key in theirs:
                del self._rows[key]
            return Forgotten({"due": len(theirs)})


def _order(key: LineKey) -> tuple[float, str]:
    """Newest first, to the millisecond, then by id."""
    return -int(key[0].timestamp() * 1000), key[1]


class MemoryHistoryStore:
    """HistoryStore (core/ports.py) in memory."""

    def __init__(self, effects: Effects | None = None) -> None:
        self._effects = effects or Effects()
        self._rows: dict[Pair, dict[tuple[datetime, str], Record]] = {}

    async def append(self, pair: Pair, records: Sequence[Record]) -> None:
        """See HistoryStore.append."""
        await asyncio.sleep(0)
        if not records:
            return
        with self._effects.around("history.append"):
            self._rows.setdefault(pair, {}).update({(record.at, record.id): record for record in records})

    async def read(
        self, pair: Pair, since: datetime, limit: int = 100, *, after: LineKey | None = None
    ) -> tuple[Record, ...]:
        """See HistoryStore.read."""
        await asyncio.sleep(0)
        found = [record for record in self._rows.get(pair, {}).values() if record.at >= since]
        if after is not None:
            found = [record for record in found if _order(record.key) > _order(after)]
        return tuple(sorted(found, key=lambda record: _order(record.key))[:limit])

    async def find(self, pair: Pair, key: LineKey) -> Record | None:
        """See HistoryStore.find."""
        await asyncio.sleep(0)
        return self._rows.get(pair, {}).get(key)

    async def forget(self, company: CompanyId, user: UserId | None = None) -> Forgotten:
        """See HistoryStore.forget."""
        await asyncio.sleep(0)
        with self._effects.around("history.forget"):
            theirs = [pair for pair in self._rows if pair.company == company and user in {None, pair.user}]
            return Forgotten({"history": sum(len(self._rows.pop(pair)) for pair in theirs)})

    async def purge(self, pair: Pair, before: datetime) -> Forgotten:
        """Remove a pair's lines from before that instant."""
        await asyncio.sleep(0)
        with self._effects.around("history.purge"):
            rows = self._rows.get(pair, {})
            old = [key for key in rows if key[0] < before]
            for key in old:
                del rows[key]
            return Forgotten({"history": len(old)})


class MemoryHoldStore:
    """HoldStore (core/ports.py) in memory."""

    def __init__(self, effects: Effects | None = None) -> None:
        self._effects = effects or Effects()
        self._rows: dict[CompanyId, dict[str, Hold]] = {}

    async def put(self, hold: Hold) -> None:
        """See HoldStore.put."""
        await asyncio.sleep(0)
        with self._effects.around("holds.put"):
            self._rows.setdefault(hold.company, {})[hold.id] = hold

    async def of_company(self, company: CompanyId) -> tuple[Hold, ...]:
        """See HoldStore.of_company."""
        await asyncio.sleep(0)
        return tuple(hold for _, hold in sorted(self._rows.get(company, {}).items()))

    async def find(self, company: CompanyId, hold: str) -> Hold | None:
        """See HoldStore.find."""
        await asyncio.sleep(0)
        return self._rows.get(company, {}).get(hold)

    async def remove(self, company: CompanyId, hold: str) -> None:
        """See HoldStore.remove."""
        await asyncio.sleep(0)
        with self._effects.around("holds.remove"):
            self._rows.get(company, {}).pop(hold, None)

    async def forget(self, company: CompanyId) -> Forgotten:
        """See HoldStore.forget."""
        await asyncio.sleep(0)
        with self._effects.around("holds.forget"):
            return Forgotten({"holds": len(self._rows.pop(company, {}))})
