"""Work on many rows of many partitions, some of it at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from itertools import islice
from typing import TypeVar

from core.errors import RetryLater

T = TypeVar("T")
AT_ONCE = 20
"""Calls of the stores that one piece of work makes at the same time."""


async def side_by_side(work: Iterable[Awaitable[T]], at_once: int = AT_ONCE) -> list[T]:
    """The results, in order; `work` begins group by group. A failure is raised when all of its group has ended."""
    results: list[T] = []
    left = iter(work)
    while some := list(islice(left, at_once)):
        for one in await asyncio.gather(*some, return_exceptions=True):
            if isinstance(one, BaseException):
                raise one
            results.append(one)
    return results


async def past(work: Awaitable[T], failures: list[Exception]) -> T | None:
    """The result; None where it failed for good, which is put down until the others have had their turn (P49)."""
    try:
        return await work
    except RetryLater:
        raise
    except Exception as failure:  # noqa: BLE001 - whatever it is, it is this one's alone
        failures.append(failure)
        return None
