"""Removing a company's rows, a thousand at a time, in whatever order the table has them. Repeating it is harmless."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import aclosing

from core.adapters.storage.tables import How, Table, Write
from core.model.rows import Forgotten

MOST = 1000
"""Rows of one step: so many are one page of a query (facts/microsoft.md J6)."""
Bound = tuple[str, str]


async def forget(table: Table, first: Bound, before: Bound, kind: Callable[[str], str], where: str = "") -> Forgotten:
    """Remove rows between two bounds (see Table.between). `kind` is what a row key counts as; empty: as nothing."""
    found: dict[str, list[Write]] = defaultdict(list)
    counts: Counter[str] = Counter()
    number = 0
    async with aclosing(table.between(first, before, ("PartitionKey", "RowKey"), where)) as rows:
        async for row in rows:
            partition, key = str(row["PartitionKey"]), str(row["RowKey"])
            # optional: somebody else may remove it at the same time
            found[partition].append(Write({"PartitionKey": partition, "RowKey": key}, How.DELETE, optional=True))
            counts.update([kind(key)])
            number += 1
            if number == MOST:
                break
    for writes in found.values():
        await table.write_many(writes)
    del counts[""]
    return Forgotten(counts, number == MOST)
