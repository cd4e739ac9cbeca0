"""The undetermined, as production has it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from core.adapters.system import AsyncioSleeper, SystemClock, SystemRandomness, ThreadExecutor
from core.wiring import System


def test_the_clock() -> None:
    """Aware, UTC, going forward."""
    clock = SystemClock()
    first, second = clock.now(), clock.now()
    assert first.utcoffset() == timedelta(0)
    assert first <= second


def test_chance() -> None:
    """Tokens of 32 hexadecimal characters, never the same; fractions within their bounds."""
    chance = SystemRandomness()
    tokens = {chance.token() for _ in range(50)}
    assert len(tokens) == 50
    assert all(len(token) == 32 and int(token, 16) >= 0 for token in tokens)
    assert all(0 <= chance.fraction() < 1 for _ in range(50))


async def test_waiting() -> None:
    """It returns."""
    await AsyncioSleeper().sleep(0.0)


async def test_blocking_calls_run_elsewhere() -> None:
    """In a thread, with their arguments, their result and their failure."""
    executor = ThreadExecutor()
    assert await executor.run(divmod, 7, 2) == (3, 1)
    assert await executor.run(threading.get_ident) != threading.get_ident()


async def test_calls_to_strangers_that_hang() -> None:
    """They have threads of their own: names and tokens are looked up meanwhile."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    answered, system = threading.Event(), System()
    hanging = [asyncio.create_task(system.strangers.run(answered.wait, 30)) for _ in range(5)]
    await asyncio.sleep(0)
    assert await asyncio.wait_for(system.executor.run(len, "abc"), 10) == 3
    answered.set()
    assert await asyncio.gather(*hanging) == [True] * 5
