"""Time, waiting, chance and threads, made determined."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("the clock needs an instant with a zone")
        self._now = start

    def now(self) -> datetime:
        """The instant that the clock was last moved to."""
        return self._now

    def advance(self, by: timedelta | float) -> datetime:
        """Move on by a duration or by seconds; the new instant. Time never goes back."""
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        self._now += max(step, timedelta())
        return self._now

    def advance_to(self, instant: datetime) -> datetime:
        """Move on to an instant, or stay where it is past already."""
        return self.advance(instant - self._now)


class ManualSleeper:
    """Sleeping moves the clock instead of waiting; `slept` is how long in all, in seconds."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.slept = 0.0

    async def sleep(self, seconds: float) -> None:
        """Move the clock on and let the other tasks have a turn."""
        self._clock.advance(seconds)
        self.slept += max(seconds, 0.0)
        await asyncio.sleep(0)


class SeededRandomness:
    """Chance that comes out the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - guards nothing

    def token(self) -> str:
        """32 hexadecimal characters, guessable by whoever knows the seed."""
        return f"{self._random.getrandbits(128):032x}"

    def fraction(self) -> float:
        """A number in [0, 1)."""
        return self._random.random()


class InlineExecutor:
    """Blocking calls run where they are made, so that their order is determined."""

    async def run(self, call: Callable[..., T], *args: Any) -> T:
        """The call's result."""
        return call(*args)
