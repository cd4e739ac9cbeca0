"""The run's pen: every write into the pair's partition goes through its lease, right after what it records."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from core.errors import SyncError
from core.model.link import Link
from core.model.rows import Commit
from core.model.state import Lease, PairState, Pending
from core.ports import Ports
from core.ports_telemetry import current

LEASE = timedelta(seconds=180)
READ_SECONDS = 90.0
"""Hard time-out of a remote read; a run whose lease is shorter than this renews it first (design.md section 5)."""
WRITE_SECONDS = 30.0
ROWS = 90
"""Rows in one transaction; Azure allows 100 with the state row (facts/microsoft.md J6)."""


class Recorder:
    """Commits of one run, one after the other. Raises LeaseLost once another run has taken the pair over.

    `broken` is why something could not be recorded: such a run starts nothing more. `era` is what links are stored
    with.
    """

    def __init__(self, ports: Ports, lease: Lease, state: PairState) -> None:
        self._ports, self._lease, self._lock = ports, lease, asyncio.Lock()
        self.state, self.era = state, state.era
        self.broken: SyncError | None = None

    async def commit(self, change: Commit) -> None:
        """One transaction, which also renews the lease and stores the state."""
        async with self._lock:
            if self.broken is not None:
                raise self.broken
            until = self._ports.clock.now() + LEASE
            links = tuple(link if link.era == self.era else replace(link, era=self.era) for link in change.links)
            change = replace(change, links=links, state=self.state)
            try:
                self._lease = await self._ports.pairs.commit(self._lease, until, change)
            except SyncError as failure:
                self.broken = failure
                raise

    async def settle(self, link: Link | None, settled: Iterable[Pending]) -> None:
        """Record one link after an effect on a side, and that these pending rows are done with."""
        await self.commit(Commit(links=(link,) if link else (), settled=tuple(settled)))
        current().wrote(self._ports.clock.now())

    async def settle_many(self, items: Iterable[tuple[Link | None, tuple[Pending, ...]]]) -> None:
        """Record agreements that had no remote effect, many in one transaction; an entry is in each of them once."""
        links: list[Link] = []
        settled: list[Pending] = []
        for link, rows in items:
            is_full = 2 * len(links) + len(settled) + 2 + len(rows) > ROWS
            if is_full or (link and any(link.activity == o.activity or link.event == o.event for o in links)):
                await self.commit(Commit(links=tuple(links), settled=tuple(settled)))
                links, settled = [], []
            links += [link] if link else []
            settled += rows
        if links or settled:
            await self.commit(Commit(links=tuple(links), settled=tuple(settled)))

    async def notice(self, pending: list[Pending], cursor: str | None = None) -> None:
        """Store what was noticed; the cursor moves in the last transaction, never before what it covers (P47)."""
        while len(pending) > ROWS:
            await self.commit(Commit(pending=tuple(pending[:ROWS])))
            pending = pending[ROWS:]
        if pending or cursor is not None:
            await self.commit(Commit(pending=tuple(pending), cursor=cursor))

    async def drop_cursor(self) -> None:
        """The cursor is no longer good for anything."""
        await self.commit(Commit(drop_cursor=True))

    async def ensure(self, seconds: float) -> None:
        """Renew the lease unless it outlives a request of that length. Raises what made the run unable to record."""
        if self.broken is not None:
            raise self.broken
        if self._lease.until - self._ports.clock.now() <= timedelta(seconds=seconds):
            await self.commit(Commit())
            current().count("lease", "renewed")

    async def release(self) -> bool:
        """Give the lease back; True where a hint came in meanwhile."""
        async with self._lock:
            return await self._ports.pairs.release(self._lease, Commit(state=self.state))
