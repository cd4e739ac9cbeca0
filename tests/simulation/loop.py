"""An event loop on virtual time: nothing waits, and the same program takes the same steps each time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tests.support.stage import MONDAY

T = TypeVar("T")


class Standstill(Exception):
    """Every task waits for another one: in real life this would hang."""


class Runaway(Exception):
    """So much happens that it will never end: messages breed, or something spins."""


MOST_TURNS = 60_000
"""Of the loop in one simulation; the usual ones take a tenth of that."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Where nothing is ready, time leaps to the next thing that is due. No threads, no sockets."""

    def __init__(self) -> None:
        super().__init__()
        self._seconds, self.turns = 0.0, 0
        self._selector = self

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._seconds

    def select(self, timeout: float | None) -> list[Any]:
        """What the base class waits in: time passes instead. Raises Standstill where nothing is ever due, Runaway."""
        self.turns += 1
        if timeout is None:
            raise Standstill
        if self.turns == MOST_TURNS:
            raise Runaway
        self._seconds += timeout
        return []

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody outside could wake it."""


class LoopClock:
    """Clock (core/ports.py) of a loop: Monday morning and what passed since. `ahead`: by how much it is wrong."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self.ahead = timedelta()

    def now(self) -> datetime:
        """The present instant, UTC."""
        return MONDAY + timedelta(seconds=self._loop.time()) + self.ahead


class LoopSleeper:
    """Sleeper (core/ports.py): on the loop's time."""

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of it."""
        await asyncio.sleep(seconds)


def run(loop: VirtualLoop, main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, end whatever it left behind, and close the loop."""
    try:
        return loop.run_until_complete(main)
    finally:
        loop.run_until_complete(_end_all())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _end_all() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
