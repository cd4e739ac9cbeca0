"""The undetermined, as production has it: the clock, waiting, chance, threads."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

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


class ThreadExecutor:
    """Blocking calls run in the event loop's threads, so that they hold up nobody else."""

    async def run(self, call: Callable[..., T], *args: Any) -> T:
        """The call's result."""
        return await asyncio.to_thread(call, *args)
