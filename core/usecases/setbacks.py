"""What goes wrong with one entry is that entry's affair: it waits, and the others go on (P49, P56)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from core.errors import ItemChanged, ItemRefused, RetryLater, StorageConflict
from core.model.ids import Side
from core.model.operation import Note, NoteKind
from core.model.state import Pending
from core.usecases.world import World

PATIENCE = 3
"""So many services' refusals in a row end the run: it is not one entry that they refuse."""
PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
REFUSED = timedelta(minutes=5)
LONGEST_REFUSED = timedelta(hours=24)
DOUBLINGS = 12
"""More of them than the longest pause needs."""


class NotYet(RetryLater):
    """Nothing is wrong: it is too early to tell."""


class Setbacks:
    """The failures of one run, entry by entry, and how many of them came in a row."""

    def __init__(self, world: World) -> None:
        self._world, self._in_a_row = world, 0

    @asynccontextmanager
    async def of(self, rows: Sequence[Pending], side: Side) -> AsyncIterator[None]:
        """Frame the work on one entry; `side` is where it is to be written or was read. What failed waits in its rows.

        Raises what ends the run: too many failures in a row, a lost lease, a stop, a failure to record.
        """
        try:
            yield
        except (NotYet, ItemChanged, StorageConflict) as early:
            await self._later(rows, early)
        except RetryLater as late:
            self._in_a_row += 1
            await self._later(rows, late)
            self._world.report.refused[late.code] += 1
            if self._in_a_row >= PATIENCE:
                raise
        except ItemRefused as refusal:
            await self._refused(rows, refusal, side)
        else:
            self._in_a_row = 0

    async def _later(self, rows: Sequence[Pending], late: RetryLater) -> None:
        if self._world.recorder.broken is not None:
            raise late
        for row in (row for row in rows if (row.side, row.id) not in self._world.aside):
            pause = PAUSE * 2 ** min(row.attempts, DOUBLINGS)
            wait = timedelta(seconds=late.after) if late.after is not None else min(pause, LONGEST_PAUSE)
            await put_off(self._world, row, self._world.ports.clock.now() + wait)

    async def _refused(self, rows: Sequence[Pending], refusal: ItemRefused, side: Side) -> None:
        """The service refuses this entry as it is: told once, and asked again less and less often (P41, P42)."""
        self._world.report.refused[refusal.code] += 1
        if not any(row.attempts for row in rows):
            await self._world.tell_of(rows, (Note(NoteKind.REFUSAL, refusal.code, side),))
        for row in rows:
            pause = min(REFUSED * 2 ** min(row.attempts, DOUBLINGS), LONGEST_REFUSED)
            await put_off(self._world, row, self._world.ports.clock.now() + pause)


async def put_off(world: World, row: Pending, until: datetime) -> None:
    """Let one row wait until an instant (UTC)."""
    world.report.wait_until(until)
    await world.set_aside([replace(row, not_before=until, attempts=row.attempts + 1)])
