"""What the parts of the company store have in common: one table, whose partitions are companies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from core.adapters.storage.cipher import Cipher
from core.adapters.storage.keys import safe
from core.adapters.storage.rows import Row, joined_text, split_text
from core.adapters.storage.tables import How, Table, Write
from core.errors import StorageConflict
from core.model.ids import CompanyId, UserId


class CompanyRows:
    """A part of the company store."""

    def __init__(self, table: Table, cipher: Cipher) -> None:
        self._table = table
        self._cipher = cipher

    async def _read(self, company: CompanyId, key: str) -> Any | None:
        return await self._table.read(safe(company), key)

    async def _insert(self, row: Row) -> Any | None:
        """Insert a row; the earlier one where there is one. One that goes away in between is a conflict."""
        with _taken() as taken:
            await self._table.write(Write(row, How.INSERT))
        if not taken:
            return None
        earlier = await self._table.read(row["PartitionKey"], row["RowKey"])
        if earlier is None:
            raise taken[0]
        return earlier


def company_row(company: CompanyId, key: str, **values: Any) -> Row:
    """A row of the company's."""
    return {"PartitionKey": safe(company), "RowKey": key, **values}


def packed_users(name: str, users: Iterable[UserId]) -> Row:
    """Users as properties of a row, for one that is written whole. ValueError where a row cannot hold them."""
    listed = sorted(set(users))
    packed = split_text(name, json.dumps(listed)) if listed else {}
    if packed is None:
        raise ValueError(f"{len(listed)} users do not fit into a row")
    return packed


def users_in(name: str, row: Mapping[str, Any]) -> tuple[UserId, ...]:
    """The users that were packed, in the order of their ids."""
    text = joined_text(name, row)
    return tuple(UserId(user) for user in json.loads(text)) if text else ()


@contextmanager
def _taken() -> Iterator[list[StorageConflict]]:
    """Collect the conflict that an insert met."""
    met: list[StorageConflict] = []
    try:
        yield met
    except StorageConflict as conflict:
        met.append(conflict)
