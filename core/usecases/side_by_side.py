"""Work on many rows of many partitions, some of it at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from itertools import islice
from typing import TypeVar

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
