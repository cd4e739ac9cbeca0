"""The queues in memory, with what waits in them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.adapters.memory.effects import Effects
from core.ports import Clock

LONGEST_DELAY = 7 * 24 * 3600.0
"""Seconds. Azure hides a message for seven days at most (facts/microsoft.md J4)."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that shows from an instant on."""

    shows: datetime
    message: Mapping[str, str | int]


class MemoryQueues:
    """Queues (core/ports.py) in memory. Messages stay in the order in which they show, then in which they were put."""

    def __init__(self, clock: Clock, effects: Effects | None = None) -> None:
        self._clock = clock
        self._effects = effects or Effects()
        self._waiting: dict[str, list[Waiting]] = {}

    async def put(self, queue: str, message: Mapping[str, str | int], delay: float = 0.0) -> None:
        """See Queues.put."""
        await asyncio.sleep(0)
        if delay > LONGEST_DELAY:
            raise ValueError("a message can be delayed by seven days at most")
        with self._effects.around("queues.put"):
            shows = self._clock.now() + timedelta(seconds=max(delay, 0.0))
            waiting = self._waiting.setdefault(queue, [])
            waiting.append(Waiting(shows, dict(message)))
            waiting.sort(key=lambda one: one.shows)

    def waiting(self, queue: str) -> tuple[Waiting, ...]:
        """Everything in the queue, hidden or not."""
        return tuple(self._waiting.get(queue, ()))

    def take(self, queue: str, now: datetime) -> Mapping[str, str | int] | None:
        """The first message that shows by `now`, taken out of the queue; None where none does."""
        waiting = self._waiting.get(queue, [])
        return waiting.pop(0).message if waiting and waiting[0].shows <= now else None

    def next_shows(self) -> datetime | None:
        """When the earliest message of all queues shows; None where all are empty."""
        return min((waiting[0].shows for waiting in self._waiting.values() if waiting), default=None)
