"""The undetermined, as production has it: the clock, waiting, chance, threads."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from core.ports import Clock, Executor, Randomness, Sleeper

T = TypeVar("T")

_CHANCE = secrets.SystemRandom()


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        return datetime.now(UTC)


class AsyncioSleeper:
    """Waiting on the running event loop."""

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        await asyncio.sleep(seconds)


class SystemRandomness:
    """The operating system's chance."""

    def token(self) -> str:
        """32 unguessable hexadecimal characters."""
        return secrets.token_hex(16)

    def fraction(self) -> float:
        """A number in [0, 1)."""
        return _CHANCE.random()


class OwnThreads:
    """Blocking calls run in a few threads of their own: a stranger's server that lets them hang holds up nobody else.

    The event loop's threads, by contrast, look up names and fetch everybody's tokens.
    """

    def __init__(self, most: int = 4) -> None:
        self._pool = ThreadPoolExecutor(most, "own")

    async def run(self, call: Callable[..., T], *args: Any) -> T:
        """The call's result."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(call, *args))


class ThreadExecutor:
    """Blocking calls run in the event loop's threads, so that they hold up nobody else."""

    async def run(self, call: Callable[..., T], *args: Any) -> T:
        """The call's result."""
        return await asyncio.to_thread(call, *args)


@dataclass(frozen=True, slots=True)
class System:
    """The undetermined, so that the simulation can bring its own.

    `strangers` runs what tries servers that companies' administrators named, `exchange` what synchronizes with them.
    """

    clock: Clock = field(default_factory=SystemClock)
    sleeper: Sleeper = field(default_factory=AsyncioSleeper)
    randomness: Randomness = field(default_factory=SystemRandomness)
    executor: Executor = field(default_factory=ThreadExecutor)
    strangers: Executor = field(default_factory=OwnThreads)
    exchange: Executor = field(default_factory=partial(OwnThreads, 16))
