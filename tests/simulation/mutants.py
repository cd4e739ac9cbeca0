"""Bugs to be planted: each is a mistake that somebody could make, and the simulation has to find it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

from core.adapters.memory.companies import MemoryCompanyStore
from core.adapters.memory.pairs import MemoryPairStore
from core.adapters.severa.calendar import SeveraCalendar
from core.model.essence import Essence
from core.model.link import Intent
from core.model.operation import Draft
from core.model.rows import Commit, Stamp
from core.model.state import Head, Lease, Pending
from core.sync.meeting import _Meeting
from core.sync.merge import _Merge
from core.usecases import changing, claiming, observe, recognize
from core.usecases.giving_way import Way
from core.usecases.recorder import Recorder
from core.usecases.world import World

Mutant = Callable[[], Any]


@contextmanager
def loses_a_commit() -> Iterator[None]:
    """The store says that it wrote a link, and did not, now and then."""
    commit, count = MemoryPairStore.commit, iter(range(10**9))

    async def forgetful(self: MemoryPairStore, lease: Lease, until: datetime, change: Commit) -> Lease:
        lost = bool(change.links) and next(count) % 3 == 2
        return await commit(self, lease, until, replace(change, links=()) if lost else change)

    with patch.object(MemoryPairStore, "commit", forgetful):
        yield


@contextmanager
def creates_twice() -> Iterator[None]:
    """An adapter that sends a create again when its answer is there already."""
    create = SeveraCalendar.create

    async def eager(self: SeveraCalendar, draft: Draft, stamp: Stamp) -> Any:
        await create(self, draft, stamp)
        return await create(self, draft, stamp)

    with patch.object(SeveraCalendar, "create", eager):
        yield


@contextmanager
def no_rejoin() -> Iterator[None]:
    """What a lost create made is not looked for."""

    async def nothing(*_: Any) -> None:
        return None

    with patch.object(recognize, "rejoin_events", nothing), patch.object(recognize, "rejoin_activities", nothing):
        yield


@contextmanager
def no_intents() -> Iterator[None]:
    """Creates are sent without a row that says so."""

    async def begin(self: MemoryCompanyStore, intent: Intent) -> None:
        return None

    async def nothing(*_: Any) -> None:
        return None

    with (
        patch.object(MemoryCompanyStore, "begin", begin),
        patch.object(recognize, "rejoin_events", nothing),
    ):
        yield


@contextmanager
def cursor_before_pending() -> Iterator[None]:
    """The cursor moves first, what it covers is stored after that."""

    async def hasty(self: Recorder, pending: list[Pending], cursor: str | None = None) -> None:
        if cursor is not None:
            await self.commit(Commit(cursor=cursor))
        if pending:
            await self.commit(Commit(pending=tuple(pending)))

    with patch.object(Recorder, "notice", hasty):
        yield


@contextmanager
def no_proof_of_deletion() -> Iterator[None]:
    """What was not in a listing counts as deleted."""

    async def gullible(self: World, side: Any, entry: str) -> None:
        return None

    with patch.object(World, "verify", gullible):
        yield


@contextmanager
def lease_ignored() -> Iterator[None]:
    """Whoever asks gets the lease, and whoever had it goes on writing."""
    acquire, write = MemoryPairStore.acquire, MemoryPairStore._write

    async def generous(self: MemoryPairStore, head: Head, now: datetime, until: datetime) -> Lease | None:
        fresh = replace(head, lease_until=None, tag=self._of(head.pair).tag)
        return await acquire(self, fresh, now, until)

    def unfenced(self: MemoryPairStore, lease: Lease, change: Commit) -> Any:
        return write(self, replace(lease, tag=self._of(lease.pair).tag), change)

    with patch.object(MemoryPairStore, "acquire", generous), patch.object(MemoryPairStore, "_write", unfenced):
        yield


@contextmanager
def history_silent() -> Iterator[None]:
    """The losing value is not told."""

    async def nothing(*_: Any) -> None:
        return None

    with patch.object(World, "tell_decision", nothing):
        yield


@contextmanager
def mask_forgotten() -> Iterator[None]:
    """A private event is shown where Severa cannot keep it private."""
    with ExitStack() as planted:
        for place in ("project", "merge", "rejoin"):
            planted.enter_context(patch(f"core.sync.{place}.is_masked", lambda *_: False))
        planted.enter_context(patch("core.sync.merge.is_mask_on", lambda *_: False))
        planted.enter_context(patch("core.sync.reconcile.is_mask_on", lambda *_: False))
        planted.enter_context(patch("core.sync.record.is_mask_on", lambda *_: False))
        yield


@contextmanager
def removals_ignored() -> Iterator[None]:
    """What a round calls removed is passed over."""

    async def nothing(*_: Any) -> None:
        return None

    with patch.object(observe, "_removed_row", nothing):
        yield


@contextmanager
def activity_row_ignored() -> Iterator[None]:
    """Whoever writes an activity does so, whoever else is at it (its row's lock means nothing)."""

    @asynccontextmanager
    async def unlocked(*_: Any) -> AsyncIterator[None]:
        yield

    with patch.object(changing, "writing", unlocked):
        yield


@contextmanager
def copy_beside_invitation() -> Iterator[None]:
    """Whoever takes part in an activity gets a copy of it, invited or not, and it gives way to no invitation."""

    async def nothing(*_: Any) -> None:
        return None

    async def free(*_: Any) -> Way:
        return Way.FREE

    with patch.object(recognize, "join_activities", nothing), patch.object(claiming, "give_way", free):
        yield


@contextmanager
def meetings_stay_open() -> Iterator[None]:
    """A meeting that becomes private goes on to show in Severa what it showed."""
    privacy, is_masked = _Merge._privacy, _Merge._is_masked

    def heedless(self: _Merge) -> None:
        if not self.is_meeting or self.matched:
            privacy(self)

    def open_again(self: _Merge, essence: Essence) -> bool:
        return self.link.masked if self.is_meeting and not self.matched else is_masked(self, essence)

    with patch.object(_Merge, "_privacy", heedless), patch.object(_Merge, "_is_masked", open_again):
        yield


@contextmanager
def past_is_announced() -> Iterator[None]:
    """The organizer's edit in Severa is written to a meeting that is over, and its attendees are told (R16)."""
    with patch.object(_Meeting, "_is_coming", lambda *_: True):
        yield


@contextmanager
def inviters_edit_is_announced() -> Iterator[None]:
    """Whoever edits the activity in Severa, it counts as the edit of the meeting's organizer (R16)."""

    def anybodys(self: _Meeting) -> bool:
        return self.event is not None and self.activity is not None and self.event.is_organizer

    with patch.object(_Meeting, "_is_organizers_edit", anybodys):
        yield


MUTANTS: dict[str, Mutant] = {
    mutant.__name__: mutant
    for mutant in (
        *(loses_a_commit, creates_twice, no_rejoin, no_intents, cursor_before_pending),
        *(no_proof_of_deletion, lease_ignored, history_silent, mask_forgotten, removals_ignored),
        *(activity_row_ignored, copy_beside_invitation, meetings_stay_open),
        *(past_is_announced, inviters_edit_is_announced),
    )
}
"""By name."""
