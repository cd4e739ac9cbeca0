"""The `due` table: partitions are shard and minute, so that a sweep reads what is due and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from core.adapters.storage.forgetting import forget
from core.adapters.storage.keys import SHARDS, due_partition, range_of, safe, shard_of
from core.adapters.storage.rows import Row, instant_text, tag_of
from core.adapters.storage.tables import How, Table, Write
from core.model.ids import CompanyId, UserId
from core.model.rows import Due, Forgotten

_MINUTE = timedelta(minutes=1)


class TableDueStore:
    """DueStore (core/ports.py)."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def put(self, due: Due) -> None:
        """See DueStore.put."""
        await self._table.write(Write(_row(due), How.REPLACE))

    async def until(self, now: datetime) -> AsyncIterator[Due]:
        """See DueStore.until: one query for each shard, each minute from another one on, so that none comes last."""
        for number in range(SHARDS):
            shard = f"{(now.minute + number) % SHARDS:02d}"
            bounds = (f"{shard}|", ""), (due_partition(shard, now + _MINUTE), "")
            async for row in self._table.between(*bounds):
                due = _due(row)
                if due.at <= now:
                    yield due

    async def done(self, due: Due) -> None:
        """See DueStore.done. A row that was put again since it was read stays."""
        row = _row(due)
        await self._table.remove(row["PartitionKey"], row["RowKey"], due.tag)

    async def forget(self, company: CompanyId, user: UserId | None = None) -> Forgotten:
        """See DueStore.forget: one query of the company's shard."""
        first, before = range_of(f"{shard_of(company)}|")
        asked = f"company eq '{_quoted(company)}'" + (f" and user eq '{_quoted(user)}'" if user is not None else "")
        return await forget(self._table, (first, ""), (before, ""), lambda _: "due", asked)


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _row(due: Due) -> Row:
    what = "late" if due.late else "pair"
    key = f"feed:{safe(due.company)}" if due.user is None else f"{what}:{safe(due.company)}:{safe(due.user)}"
    values = {"at": instant_text(due.at), "company": due.company, "user": due.user or "", "late": due.late}
    return {"PartitionKey": due_partition(shard_of(due.company), due.at), "RowKey": key, **values}


def _due(row: Any) -> Due:
    at, user = datetime.fromisoformat(row["at"]), UserId(row["user"]) if row["user"] else None
    return Due(at, CompanyId(row["company"]), user, bool(row.get("late")), tag_of(row))
