"""The `history` table: what was done, refused, conflicted or held, readable by that user only."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from core.adapters.storage.cipher import Cipher
from core.adapters.storage.forgetting import forget
from core.adapters.storage.keys import history_key, history_partition, pairs_of, range_of
from core.adapters.storage.rows import MOST_BYTES, Row, instant_text, joined, split
from core.adapters.storage.tables import How, Table, Write
from core.model.ids import CompanyId, Pair, Side
from core.model.operation import Note, NoteKind
from core.model.rows import Forgotten, Record

_BATCH = 4
"""Records of one transaction: of 1 MiB at most each, where a transaction has 4 MiB (facts/microsoft.md J6)."""
_MOST_TEXT = MOST_BYTES // 2
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

    async def read(self, pair: Pair, since: datetime, limit: int = 100) -> tuple[Record, ...]:
        """See HistoryStore.read: the months down to `since` in the table's own order."""
        first, last = history_partition(pair, _LATEST), history_partition(pair, since)
        found: list[Record] = []
        async with aclosing(self._table.between((first, ""), (f"{last}!", ""))) as rows:
            async for row in rows:
                record = self._record(pair, row)
                if record.at < since or len(found) == limit:
                    break
                found.append(record)
        return tuple(found)

    async def forget(self, company: CompanyId) -> Forgotten:
        """See HistoryStore.forget."""
        first, before = range_of(pairs_of(company))
        return await forget(self._table, (first, ""), (before, ""), lambda _: "history")

    def _row(self, pair: Pair, record: Record) -> Row:
        partition, key = history_partition(pair, record.at), history_key(record.at, record.id)
        sealed = self._cipher.seal(pair.company, _packed(record.note.values), f"{partition} {key}")
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
            **split("values", sealed),
        }

    def _record(self, pair: Pair, row: Any) -> Record:
        opened = self._cipher.open(pair.company, joined("values", row), f"{row['PartitionKey']} {row['RowKey']}")
        note = Note(NoteKind(row["kind"]), row["code"], Side(row["side"]), json.loads(zlib.decompress(opened)))
        return Record(row["id"], datetime.fromisoformat(row["at"]), note, row["activity"], row["event"])


def _packed(values: Mapping[str, str]) -> bytes:
    """The values in a form that fits into a row; texts that do not are cut, with an ellipsis to show it."""
    packed = zlib.compress(json.dumps(dict(values)).encode())
    most = _MOST_TEXT
    while len(packed) > _MOST_TEXT:
        most //= 2
        cut = {name: text if len(text) <= most else f"{text[:most]}…" for name, text in values.items()}
        packed = zlib.compress(json.dumps(cut).encode())
    return packed
