"""Waiting on the local stage until what was asked for has been done: bounded, and in words where it was not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from azure.storage.queue.aio import QueueServiceClient

from core.model.state import Head
from core.usecases.hints import FEEDS, PAIRS, PAIRS_FIRST
from infra.local.stage import Stage

QUEUES: Final = (PAIRS, PAIRS_FIRST, FEEDS)
RUNS: Final = frozenset({"pairs", "pairsfirst"})
"""The functions that run a pair."""
PAUSE: Final = 0.1
STILL: Final = 3
"""So many looks in a row must find the stage quiet: between two of them a message may be in nobody's hands."""


class NotInTimeError(Exception):
    """Something did not happen within its time; the message says what, and how things stand."""


@asynccontextmanager
async def settled(stage: Stage, what: str, seconds: float = 20.0, by: frozenset[str] = RUNS) -> AsyncIterator[None]:
    """Do what the body does, then wait until the host has served it: one of the functions `by` began, and all is quiet.

    Messages that show later do not count: the one more look after 20 seconds finds nothing on a quiet stage. Raises
    NotInTimeError.
    """
    before = _runs(stage, by)
    yield
    deadline = time.monotonic() + seconds
    async with QueueServiceClient.from_connection_string(stage.azurite.connection_string) as queues:
        quiet = 0
        while quiet < STILL:
            if time.monotonic() > deadline:
                raise NotInTimeError(
                    f"{what} did not come about within {seconds:.0f} seconds: {await _standing(stage)}"
                )
            await asyncio.sleep(PAUSE)
            quiet = quiet + 1 if _runs(stage, by) > before and await _is_quiet(stage, queues) else 0


def _runs(stage: Stage, functions: frozenset[str] = RUNS) -> int:
    return sum(counter.runs for name, counter in stage.host.counters.items() if name in functions)


async def _is_quiet(stage: Stage, queues: QueueServiceClient) -> bool:
    if any(counter.running for counter in stage.host.counters.values()):
        return False
    for name in QUEUES:
        if await queues.get_queue_client(name).peek_messages(max_messages=1):
            return False
    # Where a pair has stopped, entries wait for a person, not for time.
    return all(not waiting(head) or head.state.health.code != "ok" for head in await heads(stage))


async def heads(stage: Stage) -> list[Head]:
    """How everybody's pair is, Anna's first."""
    return [await stage.ports.pairs.head(pair) for pair in stage.pairs]


def health(found: list[Head]) -> str:
    """The code of the first one that is not well, else "ok"."""
    return next((head.state.health.code for head in found if head.state.health.code != "ok"), "ok")


def waiting(head: Head) -> int:
    """Entries that have changed and are not settled; those on hold are a person's affair."""
    return sum(1 for row in head.pending if not row.hold)


async def _standing(stage: Stage) -> str:
    all_of = await heads(stage)
    runs, failed = _runs(stage), sum(counter.failures for counter in stage.host.counters.values())
    put_off = [f"{row.not_before:%H:%M:%S}" for head in all_of for row in head.pending if row.not_before is not None]
    return (
        f"the pair's health is {health(all_of)!r}, it was run {runs} times, {failed} functions failed, and"
        f" {sum(map(waiting, all_of))} entries wait" + (f", until {', '.join(put_off[:3])} UTC." if put_off else ".")
    )
