"""The `holds` table: ids that wait for a person (R20)."""

from __future__ import annotations

from typing import Any

from core.adapters.storage.codec import from_json, to_json
from core.adapters.storage.forgetting import forget
from core.adapters.storage.keys import safe
from core.adapters.storage.rows import joined_text, split_text
from core.adapters.storage.tables import How, Table, Write
from core.model.ids import CompanyId
from core.model.rows import Forgotten, Hold


class TableHoldStore:
    """HoldStore (core/ports.py)."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def put(self, hold: Hold) -> None:
        """See HoldStore.put. ValueError where it names more entries than a row can hold (some ten thousand)."""
        body = split_text("hold", to_json(hold))
        if body is None:
            raise ValueError("a hold names too many entries for a row")
        await self._table.write(
            Write({"PartitionKey": safe(hold.company), "RowKey": safe(hold.id), **body}, How.REPLACE)
        )

    async def of_company(self, company: CompanyId) -> tuple[Hold, ...]:
        """See HoldStore.of_company."""
        rows = self._table.between((safe(company), ""), (safe(company), "\x7f"))
        return tuple([_hold(row) async for row in rows])

    async def find(self, company: CompanyId, hold: str) -> Hold | None:
        """See HoldStore.find."""
        row = await self._table.read(safe(company), safe(hold))
        return _hold(row) if row is not None else None

    async def remove(self, company: CompanyId, hold: str) -> None:
        """See HoldStore.remove."""
        await self._table.remove(safe(company), safe(hold))

    async def forget(self, company: CompanyId) -> Forgotten:
        """See HoldStore.forget."""
        return await forget(self._table, (safe(company), ""), (safe(company), "\x7f"), lambda _: "holds")


def _hold(row: Any) -> Hold:
    return from_json(Hold, joined_text("hold", row) or "")
