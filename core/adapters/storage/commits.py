"""A commit as the rows of one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.adapters.storage import keys
from core.adapters.storage.cipher import Cipher
from core.adapters.storage.head_rows import HeadRows
from core.adapters.storage.link_rows import LinkRows, is_displaced
from core.adapters.storage.rows import Row
from core.adapters.storage.tables import How, Table, Write
from core.model.ids import Pair, Side
from core.model.link import Link, LinkState
from core.model.rows import Commit
from core.model.state import Pending


async def writes_of(table: Table, pair: Pair, cipher: Cipher, change: Commit) -> list[Write]:
    """Every row that the commit writes, but for the state row. ValueError where one transaction cannot hold it.

    A settled row without a tag was not there when it was read: there is nothing to remove.
    """
    change.check()
    rows = HeadRows(pair)
    writes = (
        [Write(rows.cursor(None if change.drop_cursor else change.cursor), How.REPLACE)] if change.moves_cursor else []
    )
    writes += await _link_writes(table, LinkRows(pair, cipher), change)
    settled = {(row.side, row.id): row for row in change.settled if row.tag}
    known = {(row.side, row.id): row for row in change.pending if row.tag}
    writes += [Write(rows.pending(row), How.DELETE, row.tag, optional=True) for row in settled.values()]
    writes += [Write(rows.pending(row), How.REPLACE, row.tag, optional=True) for row in known.values()]
    return writes + noticed(rows, [row for row in change.pending if (row.side, row.id) not in known])


def noticed(rows: HeadRows, pending: Sequence[Pending]) -> list[Write]:
    """Pending rows to be merged into what is there; several of one entry become one, as if stored one by one."""
    merged: dict[str, Row] = {}
    for one in pending:
        row = rows.noticed(one)
        merged[row["RowKey"]] = {**merged.get(row["RowKey"], {}), **row}
    return [Write(row, How.MERGE) for row in merged.values()]


async def holder_of(table: Table, rows: LinkRows, link: Link, side: Side) -> Any | None:
    """The ids in the row of the link's end on `side`: which link that end belongs to."""
    return await table.read(rows.partition, keys.link_key(side, link.id_on(side)), ("RowKey", "activity", "event"))


async def _link_writes(table: Table, rows: LinkRows, change: Commit) -> list[Write]:
    """Two rows for a link. A dead one leaves alone what belongs to another link (see link_rows.py)."""
    writes: dict[str, Write] = {}
    for link in sorted(change.links, key=lambda link: link.state is LinkState.DEAD):
        for side in Side:
            row = rows.row(link, side)
            if link.state is LinkState.DEAD and (
                row["RowKey"] in writes or is_displaced(link, await holder_of(table, rows, link, side), side)
            ):
                continue
            writes[row["RowKey"]] = Write(row, How.REPLACE)
    return list(writes.values())
