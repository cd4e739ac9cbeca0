"""Walking over all tables, and removing what is old: narrow queries, a thousand rows at a time."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.adapters.storage.codec import from_json, to_json
from core.adapters.storage.keys import LINK, history_key, history_partition, pair_partition, pairs_of, range_of, safe
from core.adapters.storage.link_rows import stored_link
from core.adapters.storage.rows import instant_of, instant_text, tag_of
from core.adapters.storage.tables import How, Table, Write, place
from core.model.ids import CompanyId, Pair, Side, UserId
from core.model.link import LinkState
from core.model.rows import Forgotten
from core.model.subscription import OldIntent, Place

MOST = 1000
"""Rows of one step: so many are one page of a query (facts/microsoft.md J6)."""
_SERVICE = "service"
"""The partition of `companies` that belongs to no company."""
_OTHERS = (_SERVICE, "tenant:")
"""Partitions of `companies` that are no company's begin so."""
_LAST = "\x7f"


class TableDirectory:
    """Directory (core/ports_live.py). It leaps from partition to partition, so it costs one small query for each."""

    def __init__(self, companies: Table, pairs: Table) -> None:
        self._companies, self._pairs = companies, pairs

    async def company_after(self, company: str) -> CompanyId | None:
        """See Directory.company_after."""
        after = f"{company}!" if company else ""
        while (found := await _first(self._companies, after, _LAST)) is not None:
            other = next((prefix for prefix in _OTHERS if found.startswith(prefix)), None)
            if other is None:
                return CompanyId(found)
            after = range_of(other)[1]
        return None

    async def user_after(self, company: CompanyId, user: str) -> UserId | None:
        """See Directory.user_after."""
        first, before = range_of(pairs_of(company))
        found = await _first(self._pairs, f"{first}{user}!" if user else first, before)
        return None if found is None else UserId(found.removeprefix(first))

    async def place(self, name: str) -> Place:
        """See Directory.place."""
        row = await self._companies.read(_SERVICE, f"place:{safe(name)}")
        return Place() if row is None else replace(from_json(Place, row["place"]), tag=tag_of(row))

    async def put_place(self, name: str, standing: Place) -> Place:
        """See Directory.put_place."""
        row = {"PartitionKey": _SERVICE, "RowKey": f"place:{safe(name)}", "place": to_json(standing)}
        return replace(standing, tag=await self._companies.write(place(row, standing.tag)))


class TableAttic:
    """Attic (core/ports_live.py)."""

    def __init__(self, companies: Table, pairs: Table, history: Table) -> None:
        self._companies, self._pairs, self._history = companies, pairs, history

    async def purge_history(self, pair: Pair, before: datetime) -> Forgotten:
        """See Attic.purge_history: what is left of the month that the instant is in, then every month before it."""
        month = history_partition(pair, before)
        rest = await self._sweep((month, history_key(before, "")), (month, _LAST))
        if rest.more:
            return rest
        older = await self._sweep((f"{month}!", ""), (f"{pair_partition(pair)}|{_LAST}", ""))
        return Forgotten({"history": rest.counts["history"] + older.counts["history"]}, older.more)

    async def _sweep(self, first: tuple[str, str], before: tuple[str, str]) -> Forgotten:
        by_partition: dict[str, list[Write]] = {}
        number = 0
        async with aclosing(self._history.between(first, before, ("PartitionKey", "RowKey"))) as rows:
            async for row in rows:
                by_partition.setdefault(str(row["PartitionKey"]), []).append(_deletion(row))
                number += 1
                if number == MOST:
                    break
        for writes in by_partition.values():
            await self._history.write_many(writes)
        return Forgotten({"history": number}, number == MOST)

    async def purge_links(self, pair: Pair, before: datetime) -> Forgotten:
        """See Attic.purge_links. A link that was recorded again since it was read stays. Of its two rows one counts."""
        first, last = range_of(LINK)
        partition, dead = pair_partition(pair), f"state eq '{LinkState.DEAD.value}'"
        writes: list[Write] = []
        count = 0
        async with aclosing(self._pairs.between((partition, first), (partition, last), (), dead)) as rows:
            async for row in rows:
                link = stored_link(row)
                if link.agreed is not None and link.agreed < before:
                    writes.append(_deletion(row, tag_of(row)))
                    count += row["RowKey"].startswith(f"{LINK}s:")
                    if len(writes) == MOST:
                        break
        await self._pairs.write_many(writes)
        return Forgotten({"links": count}, len(writes) == MOST)

    async def old_intents(self, company: CompanyId, before: datetime) -> tuple[OldIntent, ...]:
        """See Attic.old_intents: instants are spelt alike, so that the service can compare them as texts."""
        first, last = range_of("intent:")
        bounds = (safe(company), first), (safe(company), last)
        select = ("id", "user", "side", "source", "settled_by")
        rows = self._companies.between(*bounds, select, f"settled_by lt '{instant_text(before)}'")
        return tuple([_intent(row) async for row in rows if _is_before(row["settled_by"], before)])


async def _first(table: Table, after: str, before: str) -> str | None:
    """The first partition between two bounds."""
    async with aclosing(table.between((after, ""), (before, ""), ("PartitionKey",), page=1)) as rows:
        async for row in rows:
            return str(row["PartitionKey"])
    return None


def _deletion(row: Any, tag: str = "") -> Write:
    """Optional: somebody else may remove or renew it at the same time."""
    key = {"PartitionKey": str(row["PartitionKey"]), "RowKey": str(row["RowKey"])}
    return Write(key, How.DELETE, tag, optional=True)


def _is_before(text: str, before: datetime) -> bool:
    at = instant_of(text)
    return at is not None and at < before


def _intent(row: Any) -> OldIntent:
    return OldIntent(row["id"], UserId(row["user"]), Side(row["side"]).other.value, row["source"])
