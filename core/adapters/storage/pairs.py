"""The `pairs` table (design.md section 6)."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from azure.core.exceptions import AzureError
from azure.data.tables import TableTransactionError

from core.adapters.storage import keys
from core.adapters.storage.cipher import Cipher
from core.adapters.storage.commits import holder_of, noticed, writes_of
from core.adapters.storage.failures import CONDITION_FAILED, meaning, status_of
from core.adapters.storage.fencing import fenced
from core.adapters.storage.forgetting import forget
from core.adapters.storage.head_rows import HeadRows, head_of
from core.adapters.storage.link_rows import LinkRows, as_dead, is_displaced
from core.adapters.storage.tables import How, Table, Write, place
from core.errors import LeaseLost
from core.model.ids import CompanyId, Pair, Side, UserId
from core.model.link import Link, LinkState
from core.model.rows import Commit, Forgotten
from core.model.state import Head, Hint, Lease, Pending, Switch


class TablePairStore:
    """PairStore (core/ports.py). A lease's tag is the ETag of the state row and that of the hint as it was taken."""

    def __init__(self, table: Table, cipher: Cipher) -> None:
        self._table = table
        self._cipher = cipher

    async def head(self, pair: Pair) -> Head:
        """See PairStore.head: one query."""
        partition = keys.pair_partition(pair)
        first, before = keys.range_of(keys.HEAD)
        return head_of(pair, [row async for row in self._table.between((partition, first), (partition, before))])

    async def acquire(self, head: Head, now: datetime, until: datetime) -> Lease | None:
        """See PairStore.acquire. A hint that came in after the head was read is left for `release` to tell of."""
        if head.lease_until is not None and head.lease_until > now:
            return None
        nonce, epoch, rows = uuid.uuid4().hex, head.epoch + 1, HeadRows(head.pair)
        state = rows.lease(epoch, until, nonce)
        writes = (
            Write(state, How.MERGE, head.tag) if head.tag else Write(state, How.INSERT),
            place(rows.hint(Hint(), nonce), head.hint.tag, optional=True),
        )
        try:
            written = await fenced(self._table, writes, nonce)
        except LeaseLost:
            return None
        return Lease(head.pair, epoch, until, f"{written.state_tag}\n{written.hint_tag or head.hint.tag}")

    async def commit(self, lease: Lease, until: datetime, change: Commit) -> Lease:
        """See PairStore.commit."""
        tag, hint_tag = lease.tag.split("\n")
        nonce = uuid.uuid4().hex
        state = HeadRows(lease.pair).lease(lease.epoch, until, nonce, change.state)
        writes = [Write(state, How.MERGE, tag), *await writes_of(self._table, lease.pair, self._cipher, change)]
        written = await fenced(self._table, writes, nonce)
        return replace(lease, until=until, tag=f"{written.state_tag}\n{hint_tag}")

    async def release(self, lease: Lease, change: Commit) -> bool:
        """See PairStore.release. Writing the hint on condition is what tells whether it was changed."""
        tag, hint_tag = lease.tag.split("\n")
        nonce, rows = uuid.uuid4().hex, HeadRows(lease.pair)
        writes = [
            Write(rows.lease(lease.epoch, None, nonce, change.state), How.MERGE, tag),
            place(rows.hint(Hint(), nonce), hint_tag, optional=True),
            *await writes_of(self._table, lease.pair, self._cipher, change),
        ]
        written = await fenced(self._table, writes, nonce)
        return not written.hint_tag

    async def links(self, pair: Pair) -> tuple[Link, ...]:
        """See PairStore.links. Dead ones come first, so that an index built in this order lets the living win."""
        rows = LinkRows(pair, self._cipher)
        links = [rows.link(row) async for row in self._range(rows, Side.SEVERA)]
        holders = {row["RowKey"]: row async for row in self._range(rows, Side.MICROSOFT, ("RowKey", "activity"))}
        current = [
            as_dead(link)
            if is_displaced(link, holders.get(keys.link_key(Side.MICROSOFT, link.event)), Side.MICROSOFT)
            else link
            for link in links
        ]
        return tuple(sorted(current, key=lambda link: link.state is not LinkState.DEAD))

    async def link_of(self, pair: Pair, side: Side, entry: str) -> Link | None:
        """See PairStore.link_of: one point read, and one of the other end where the link is not dead already."""
        rows = LinkRows(pair, self._cipher)
        row = await self._table.read(rows.partition, keys.link_key(side, entry))
        link = rows.link(row) if row is not None else None
        if link is None or link.state is LinkState.DEAD:
            return link
        holder = await holder_of(self._table, rows, link, side.other)
        return as_dead(link) if is_displaced(link, holder, side.other) else link

    async def notice(self, pair: Pair, pending: Sequence[Pending]) -> None:
        """See PairStore.notice. More than fit into one transaction are stored in several."""
        await self._table.write_many(noticed(HeadRows(pair), pending))

    async def set_hint(
        self, pair: Pair, hint: Hint, present_until: datetime | None = None, pending: Sequence[Pending] = ()
    ) -> bool:
        """See PairStore.set_hint."""
        rows = HeadRows(pair)
        writes = [place(rows.hint(hint), hint.tag)]
        if present_until is not None:
            writes.append(Write(rows.presence(present_until), How.REPLACE))
        writes += noticed(rows, pending)
        try:
            await self._table.transact(writes)
        except TableTransactionError as failure:
            if status_of(failure) in CONDITION_FAILED:
                return False
            raise meaning(failure, "pairs hint") from failure
        except AzureError as failure:
            raise meaning(failure, "pairs hint") from failure
        return True

    async def set_switch(self, pair: Pair, switch: Switch) -> None:
        """See PairStore.set_switch."""
        await self._table.write(Write(HeadRows(pair).switch(switch), How.REPLACE))

    async def forget(self, company: CompanyId, user: UserId | None = None) -> Forgotten:
        """See PairStore.forget. Of the two rows of a link one is counted."""
        if user is not None:
            partition = keys.pair_partition(Pair(company, user))
            return await forget(self._table, (partition, ""), (partition, "\x7f"), _kind)
        first, before = keys.range_of(keys.pairs_of(company))
        return await forget(self._table, (first, ""), (before, ""), _kind)

    def _range(self, rows: LinkRows, side: Side, select: Sequence[str] = ()) -> AsyncIterator[Any]:
        first, before = keys.range_of(keys.links_from(side))
        return self._table.between((rows.partition, first), (rows.partition, before), select)


def _kind(key: str) -> str:
    if key.startswith(keys.PENDING):
        return "pending"
    return "links" if key.startswith(keys.links_from(Side.SEVERA)) else ""
