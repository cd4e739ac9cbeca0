"""One table's rows: read by key or by range, written one at a time or several in one transaction."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from azure.core import MatchConditions
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableTransactionError

from core.adapters.storage.clients import READS, Clients
from core.adapters.storage.failures import CONDITION_FAILED, status_of, translated
from core.adapters.storage.rows import Row
from core.errors import StorageConflict

MOST_WRITES = 100
"""Rows of one transaction (facts/microsoft.md J6). One more kills the client's connection (facts/microsoft.md L)."""


class How(StrEnum):
    """What a write does. With a tag, it fails where the row has another one (or is not there)."""

    INSERT = "insert"
    REPLACE = "replace"
    MERGE = "merge"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Write:
    """One row's part of a transaction. An `optional` one is left out where its condition fails."""

    row: Row
    how: How
    tag: str = ""
    optional: bool = False

    @property
    def key(self) -> str:
        """The row key."""
        return str(self.row["RowKey"])

    def operation(self) -> tuple[str, Row, dict[str, Any]]:
        """As the client wants it. A replace or merge without a tag also inserts."""
        condition = {"etag": self.tag, "match_condition": MatchConditions.IfNotModified} if self.tag else {}
        match self.how:
            case How.INSERT:
                return "create", self.row, {}
            case How.DELETE:
                return "delete", self.row, condition
            case _:
                return "update" if self.tag else "upsert", self.row, {"mode": self.how.value, **condition}


def place(row: Row, tag: str, *, optional: bool = False) -> Write:
    """Put a row whole if it is still as the tag says; an empty tag says that it is not there yet."""
    return Write(row, How.REPLACE if tag else How.INSERT, tag, optional)


class Table:
    """A table by its name. Failures are ours (core/errors.py); conditions that fail are StorageConflict."""

    def __init__(self, clients: Clients, name: str) -> None:
        self._clients = clients
        self._name = name

    async def read(self, partition: str, key: str, select: Sequence[str] = ()) -> Any | None:
        """The row, or None. With `select`, only those properties."""
        client = await self._clients.table(self._name)
        with translated(f"{self._name} read"):
            try:
                return await client.get_entity(partition, key, select=list(select) or None, **READS)
            except ResourceNotFoundError:
                return None

    async def between(
        self,
        first: tuple[str, str],
        before: tuple[str, str],
        select: Sequence[str] = (),
        where: str = "",
        *,
        page: int | None = None,
    ) -> AsyncGenerator[Any, None]:
        """Rows of one partition from key to key, or of partitions from one to another; the upper bound is excluded.

        A bound is (partition, key). Rows come in the table's order. `where` is a further condition in OData's words.
        `page`: how many rows one request brings, where not all of them are wanted.
        """
        client = await self._clients.table(self._name)
        if first[0] == before[0]:
            asked = f"PartitionKey eq '{first[0]}' and RowKey ge '{first[1]}' and RowKey lt '{before[1]}'"
        else:
            asked = f"PartitionKey ge '{first[0]}' and PartitionKey lt '{before[0]}'"
        asked = f"{asked} and {where}" if where else asked
        with translated(f"{self._name} query"):
            async for row in client.query_entities(asked, select=list(select) or None, results_per_page=page, **READS):
                yield row

    async def write(self, write: Write) -> str:
        """Write one row; its new ETag, empty after a deletion."""
        client = await self._clients.table(self._name)
        name, row, options = write.operation()
        with translated(f"{self._name} {write.how}"):
            match name:
                case "create":
                    answer = await client.create_entity(row)
                case "update":
                    answer = await client.update_entity(row, **options)
                case "upsert":
                    answer = await client.upsert_entity(row, **options)
                case _:
                    await client.delete_entity(row["PartitionKey"], row["RowKey"], **options)
                    return ""
        return str(answer["etag"])

    async def remove(self, partition: str, key: str, tag: str = "") -> None:
        """Remove a row, if it is still as the tag says where one is given; one that is not there is removed."""
        with contextlib.suppress(StorageConflict):
            await self.write(Write({"PartitionKey": partition, "RowKey": key}, How.DELETE, tag))

    async def write_many(self, writes: Sequence[Write], at_once: int = MOST_WRITES) -> None:
        """Write rows of one partition, `at_once` in a transaction."""
        for start in range(0, len(writes), at_once):
            with translated(f"{self._name} transaction"):
                await self.transact(writes[start : start + at_once])

    async def transact(self, writes: Sequence[Write]) -> dict[str, str]:
        """All the writes or none, but for optional ones; ETag by row key of those that were written.

        Raises what the client raises, for whoever has to know which row failed: TableTransactionError by its index.
        """
        client = await self._clients.table(self._name)
        kept = list(writes)
        if len(kept) > MOST_WRITES:
            raise ValueError(f"{len(kept)} rows do not fit into one transaction")
        while kept:
            try:
                answers = await client.submit_transaction([write.operation() for write in kept])
            except TableTransactionError as failure:
                if not (status_of(failure) in CONDITION_FAILED and kept[failure.index].optional):
                    raise
                del kept[failure.index]
            else:
                return {write.key: str(answer.get("etag", "")) for write, answer in zip(kept, answers, strict=True)}
        return {}
