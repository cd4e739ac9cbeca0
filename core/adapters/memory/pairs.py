"""The `pairs` table in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count

from core.adapters.memory.effects import Effects
from core.errors import LeaseLost
from core.model.ids import CompanyId, Pair, Side, UserId
from core.model.link import Link, LinkState
from core.model.rows import Commit, Forgotten
from core.model.state import Head, Hint, Lease, PairState, Pending, Switch


@dataclass(slots=True)
class _Partition:
    state: PairState = field(default_factory=PairState)
    tag: str = ""
    epoch: int = 0
    lease_until: datetime | None = None
    switch: Switch = field(default_factory=Switch)
    cursor: str | None = None
    present_until: datetime | None = None
    hint: Hint = field(default_factory=Hint)
    taken_hint: str = ""
    pending: dict[tuple[Side, str], Pending] = field(default_factory=dict)
    by_activity: dict[str, Link] = field(default_factory=dict)
    by_event: dict[str, Link] = field(default_factory=dict)


class MemoryPairStore:
    """PairStore (core/ports.py) in memory."""

    def __init__(self, effects: Effects | None = None) -> None:
        self._effects = effects or Effects()
        self._partitions: dict[Pair, _Partition] = {}
        self._tags = count(1)

    def _tag(self) -> str:
        return f"tag-{next(self._tags)}"

    def _of(self, pair: Pair) -> _Partition:
        return self._partitions.setdefault(pair, _Partition())

    async def head(self, pair: Pair) -> Head:
        """See PairStore.head."""
        await asyncio.sleep(0)
        held = self._of(pair)
        return Head(
            pair,
            held.state,
            held.tag,
            held.switch,
            held.cursor,
            held.present_until,
            held.hint,
            tuple(held.pending[key] for key in sorted(held.pending)),
            held.lease_until,
            held.epoch,
        )

    async def acquire(self, head: Head, now: datetime, until: datetime) -> Lease | None:
        """See PairStore.acquire. A hint that came in after the head was read is left for `release` to tell of."""
        await asyncio.sleep(0)
        held = self._of(head.pair)
        if (head.lease_until is not None and head.lease_until > now) or held.tag != head.tag:
            return None
        with self._effects.around("pairs.acquire"):
            held.tag, held.epoch, held.lease_until = self._tag(), held.epoch + 1, until
            if held.hint.tag == head.hint.tag:
                held.hint = Hint(None, self._tag())
                held.taken_hint = held.hint.tag
            else:
                held.taken_hint = head.hint.tag
            return Lease(head.pair, held.epoch, until, held.tag)

    async def commit(self, lease: Lease, until: datetime, change: Commit) -> Lease:
        """See PairStore.commit."""
        await asyncio.sleep(0)
        with self._effects.around("pairs.commit"):
            held = self._write(lease, change)
            held.lease_until = until
            return replace(lease, until=until, tag=held.tag)

    async def release(self, lease: Lease, change: Commit) -> bool:
        """See PairStore.release."""
        await asyncio.sleep(0)
        with self._effects.around("pairs.release"):
            held = self._write(lease, change)
            held.lease_until = None
            return held.hint.tag != held.taken_hint

    async def links(self, pair: Pair) -> tuple[Link, ...]:
        """See PairStore.links. Dead ones come first, so that an index built in this order lets the living win."""
        await asyncio.sleep(0)
        found = self._of(pair).by_activity.values()
        return tuple(sorted(found, key=lambda link: (link.state is not LinkState.DEAD, link.activity)))

    async def link_of(self, pair: Pair, side: Side, entry: str) -> Link | None:
        """See PairStore.link_of."""
        await asyncio.sleep(0)
        held = self._of(pair)
        return (held.by_activity if side is Side.SEVERA else held.by_event).get(entry)

    async def notice(self, pair: Pair, pending: Sequence[Pending]) -> None:
        """See PairStore.notice."""
        await asyncio.sleep(0)
        if not pending:
            return
        with self._effects.around("pairs.notice"):
            held = self._of(pair)
            for row in pending:
                self._notice(held, row)

    async def set_hint(
        self, pair: Pair, hint: Hint, present_until: datetime | None = None, pending: Sequence[Pending] = ()
    ) -> bool:
        """See PairStore.set_hint."""
        await asyncio.sleep(0)
        held = self._of(pair)
        if held.hint.tag != hint.tag:
            return False
        with self._effects.around("pairs.set_hint"):
            held.hint = replace(hint, tag=self._tag())
            held.present_until = present_until or held.present_until
            for row in pending:
                self._notice(held, row)
        return True

    async def set_switch(self, pair: Pair, switch: Switch) -> None:
        """See PairStore.set_switch."""
        await asyncio.sleep(0)
        with self._effects.around("pairs.set_switch"):
            self._of(pair).switch = switch

    async def forget(self, company: CompanyId, user: UserId | None = None) -> Forgotten:
        """See PairStore.forget."""
        await asyncio.sleep(0)
        with self._effects.around("pairs.forget"):
            theirs = [pair for pair in self._partitions if pair.company == company and user in {None, pair.user}]
            gone = [self._partitions.pop(pair) for pair in theirs]
            counts = {"links": sum(len(one.by_activity) for one in gone), "pending": sum(len(p.pending) for p in gone)}
            return Forgotten(counts)

    def users(self, company: CompanyId) -> list[UserId]:
        """Whoever of the company has rows, in order."""
        return sorted(pair.user for pair in self._partitions if pair.company == company)

    async def purge(self, pair: Pair, before: datetime) -> Forgotten:
        """Remove dead links that were recorded last before that instant."""
        await asyncio.sleep(0)
        with self._effects.around("pairs.purge"):
            held = self._of(pair)
            found = [_drop_dead(links, before) for links in (held.by_activity, held.by_event)]
            return Forgotten({"links": found[0]})

    def _write(self, lease: Lease, change: Commit) -> _Partition:
        """Everything of a commit but the lease's new end, or nothing."""
        change.check()
        held = self._of(lease.pair)
        if held.tag != lease.tag:
            raise LeaseLost("lease_lost")
        held.tag = self._tag()
        for link in sorted(change.links, key=lambda link: link.state is not LinkState.DEAD):
            _put_link(held, link)
        for row in change.settled:
            stored = held.pending.get((row.side, row.id))
            if stored is not None and stored.tag == row.tag:
                del held.pending[(row.side, row.id)]
        for row in change.pending:
            stored = held.pending.get((row.side, row.id))
            if not row.tag:
                self._notice(held, row)
            elif stored is not None and stored.tag == row.tag:
                held.pending[(row.side, row.id)] = replace(row, tag=self._tag())
        if change.moves_cursor:
            held.cursor = None if change.drop_cursor else change.cursor
        held.state = change.state or held.state
        return held

    def _notice(self, held: _Partition, row: Pending) -> None:
        """Put or renew a pending row: what it tells of the past stays where the new one does not know better."""
        earlier = held.pending.get((row.side, row.id), row)
        held.pending[(row.side, row.id)] = replace(
            row,
            named=row.named or earlier.named,
            fingerprint=row.fingerprint or earlier.fingerprint,
            changed=row.changed or earlier.changed,
            hold=row.hold or earlier.hold,
            verdict=row.verdict or earlier.verdict,
            tag=self._tag(),
        )


def _drop_dead(links: dict[str, Link], before: datetime) -> int:
    old = [key for key, link in links.items() if link.state is LinkState.DEAD and link.agreed and link.agreed < before]
    for key in old:
        del links[key]
    return len(old)


def _put_link(held: _Partition, link: Link) -> None:
    """Store a link under both ends. A living one leaves a dead one where an end had another partner.

    A dead one never takes an end that belongs to another link.
    """
    by_activity, by_event = held.by_activity.get(link.activity), held.by_event.get(link.event)
    dead = link.state is LinkState.DEAD
    moved_event = by_activity if by_activity is not None and by_activity.event != link.event else None
    moved_activity = by_event if by_event is not None and by_event.activity != link.activity else None
    if not dead and moved_event is not None and held.by_event.get(moved_event.event) == moved_event:
        held.by_event[moved_event.event] = replace(moved_event, state=LinkState.DEAD, parked=None)
    if not dead and moved_activity is not None and held.by_activity.get(moved_activity.activity) == moved_activity:
        held.by_activity[moved_activity.activity] = replace(moved_activity, state=LinkState.DEAD, parked=None)
    if not dead or moved_event is None:
        held.by_activity[link.activity] = link
    if not dead or moved_activity is None:
        held.by_event[link.event] = link
