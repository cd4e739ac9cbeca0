"""The `history` table: what was done, refused, conflicted or held, readable by that user only."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from core.adapters.storage.cipher import Cipher
from core.adapters.storage.forgetting import forget
from core.adapters.storage.keys import history_key, history_partition, pair_partition, pairs_of, range_of
from core.adapters.storage.rows import MOST_BYTES, Row, instant_of, instant_text, joined, split
from core.adapters.storage.tables import How, Table, Write
from core.model.ids import CompanyId, Pair, Side, UserId
from core.model.operation import Note, NoteKind
from core.model.rows import Forgotten, LineKey, Record

_BATCH = 4
"""Records of one transaction: of 1 MiB at most each, where a transaction has 4 MiB (facts/microsoft.md J6)."""
_MOST_TEXT = MOST_BYTES // 2
_Key = tuple[str, str]
_LATEST = datetime(9999, 12, 1, tzinfo=UTC)
"""Later than every record."""


class TableHistoryStore:
    """HistoryStore (core/ports.py). Values are compressed and encrypted; the rest is codes and ids."""

    def __init__(self, table: Table, cipher: Cipher) -> None:
        self._table = table
        self._cipher = cipher

    async def append(self, pair: Pair, records: Sequence[Record]) -> None:
        """See HistoryStore.append."""
        rows = {(row["PartitionKey"], row["RowKey"]): row for row in (self._row(pair, record) for record in records)}
        for _, group in groupby(sorted(rows.items()), key=lambda item: item[0][0]):
            writes = [Write(row, How.REPLACE) for _, row in group]
            await self._table.write_many(writes, _BATCH)

    async def read(
        self, pair: Pair, since: datetime, limit: int = 100, *, after: LineKey | None = None
    ) -> tuple[Record, ...]:
        """See HistoryStore.read: the months down to `since` in the table's own order."""
        first, last = history_partition(pair, _LATEST), history_partition(pair, since)
        found: list[Record] = []
        if after is not None:  # First the rest of that line's own month.
            month = history_partition(pair, after[0])
            await self._collect(pair, found, (month, f"{history_key(*after)}!"), (month, "\x7f"), since, limit)
            first = f"{month}!"
        if len(found) < limit and first < f"{last}!":
            await self._collect(pair, found, (first, ""), (f"{last}!", ""), since, limit)
        return tuple(found)

    async def _collect(
        self, pair: Pair, found: list[Record], first: _Key, before: _Key, since: datetime, limit: int
    ) -> None:
        async with aclosing(self._table.between(first, before, page=min(limit, 1000))) as rows:
            async for row in rows:
                record = self._record(pair, row)
                if record.at < since or len(found) == limit:
                    break
                found.append(record)

    async def find(self, pair: Pair, key: LineKey) -> Record | None:
        """See HistoryStore.find."""
        row = await self._table.read(history_partition(pair, key[0]), history_key(*key))
        return self._record(pair, row) if row is not None else None

    async def forget(self, company: CompanyId, user: UserId | None = None) -> Forgotten:
        """See HistoryStore.forget."""
        theirs = pairs_of(company) if user is None else f"{pair_partition(Pair(company, user))}|"
        first, before = range_of(theirs)
        return await forget(self._table, (first, ""), (before, ""), lambda _: "history")

    def _row(self, pair: Pair, record: Record) -> Row:
        partition, key = history_partition(pair, record.at), history_key(record.at, record.id)
        packed, is_cut = _packed(record.note)
        sealed = self._cipher.seal(pair.company, packed, f"{partition} {key}")
        return {
            "PartitionKey": partition,
            "RowKey": key,
            "id": record.id,
            "at": instant_text(record.at),
            "kind": record.note.kind.value,
            "code": record.note.code,
            "side": record.note.side.value,
            "activity": record.activity,
            "event": record.event,
            "is_cut": is_cut or record.is_cut,
            "undone": instant_text(record.undone),
            **split("values", sealed),
        }

    def _record(self, pair: Pair, row: Any) -> Record:
        opened = self._cipher.open(pair.company, joined("values", row), f"{row['PartitionKey']} {row['RowKey']}")
        values, stayed = json.loads(zlib.decompress(opened))
        note = Note(NoteKind(row["kind"]), row["code"], Side(row["side"]), values, stayed)
        at, ends = datetime.fromisoformat(row["at"]), (row["activity"], row["event"])
        return Record(row["id"], at, note, *ends, is_cut=row["is_cut"], undone=instant_of(row["undone"]))


def _packed(note: Note) -> tuple[bytes, bool]:
    """The values in a form that fits into a row; texts that do not are cut, with an ellipsis to show it."""
    both = [dict(note.values), dict(note.stayed)]
    packed = zlib.compress(json.dumps(both).encode())
    most = _MOST_TEXT
    while len(packed) > _MOST_TEXT:
        most //= 2
        cut = [{name: _cut(text, most) for name, text in values.items()} for values in both]
        packed = zlib.compress(json.dumps(cut).encode())
    return packed, most != _MOST_TEXT


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
