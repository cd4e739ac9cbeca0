"""The budget of requests that all of a company's Severa calls share: GCRA over one row, slots taken in blocks.

Severa admits 10 requests a second and does not say to whom (facts/severa.md 1.3): this gives 8, pauses on 429, and
keeps 3 of them free of what can wait: first syncs, daily listings, weekly comparisons (docs/severa-budget.md).
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from core.errors import RetryLater, StorageConflict
from core.model.ids import CompanyId
from core.ports import Clock, CompanyStore, Limiter, Ports, Randomness, Sleeper
from core.ports_telemetry import current

RATE = 8.0
FIRST_SYNC_RATE = 5.0
LATENESS = 0.25
"""Seconds that a slot may be late: 8 slots a second, each at most this late, are never more than 10 in any second."""
BLOCK = 4
"""Slots that one process takes at a time: one storage call for four requests."""
PATIENCE_SECONDS = 5.0
EVERYBODY, FIRST_SYNCS = "severa", "severa-first"
"""The two budgets' counters."""
TURN_RATE = 4.0
"""Turns take so many requests of the first syncs' five: beside the changes of the busiest hour, five would be tight."""
TURN_SECONDS = 60.0
"""How far ahead turns are given away; looks come at the beginning of a minute, many at once."""
RACES = 20
RACE_PAUSE = 0.05


class SharedLimiter:
    """Limiter (core/ports.py) for one company and one lane, over a counter of the companies table.

    The counter is GCRA's theoretical arrival time in seconds since 1970 (UTC).
    """

    def __init__(
        self,
        store: CompanyStore,
        company: CompanyId,
        clock: Clock,
        sleeper: Sleeper,
        randomness: Randomness,
        *,
        key: str = EVERYBODY,
        rate: float = RATE,
    ) -> None:
        self._store, self._company, self._clock, self._sleeper = store, company, clock, sleeper
        self._randomness, self._name, self._interval = randomness, f"rate:{key}", 1.0 / rate
        self._slots: list[float] = []
        self._lock = asyncio.Lock()

    async def slot(self) -> None:
        """Return when a request may be sent. Raises RetryLater where the wait would be longer than five seconds."""
        async with self._lock:
            self._slots = [at for at in self._slots if at >= self._seconds() - LATENESS]
            if not self._slots:
                self._slots = await self._take()
            at = self._slots.pop(0)
        if (wait := at - self._seconds()) > 0:
            current().count("waits", self._name, wait)
            await self._sleeper.sleep(wait)

    async def paused(self, seconds: float) -> None:
        """The service answered 429: nobody sends for that long."""
        self._slots = []
        for _ in range(RACES):
            arrival, tag = await self._store.counter(self._company, self._name)
            if await self._put(max(arrival, self._seconds() + seconds), tag):
                return

    async def _take(self) -> list[float]:
        """The next block that nobody has, beginning now or up to five seconds from now."""
        for _ in range(RACES):
            arrival, tag = await self._store.counter(self._company, self._name)
            now = self._seconds()
            start = max(arrival, now - LATENESS)
            if start - now > PATIENCE_SECONDS:
                raise RetryLater("severa_budget_used_up", after=start - now)
            if await self._put(start + BLOCK * self._interval, tag):
                return [start + i * self._interval for i in range(BLOCK)]
        raise RetryLater("severa_budget_busy", after=1.0)

    async def _put(self, arrival: float, tag: str) -> bool:
        try:
            await self._store.put_counter(self._company, self._name, arrival, tag)
        except StorageConflict:
            await self._sleeper.sleep(self._randomness.fraction() * RACE_PAUSE)
            return False
        return True

    def _seconds(self) -> float:
        return _seconds_of(self._clock.now())


def _seconds_of(instant: datetime) -> float:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1)


async def turn(ports: Ports, company: CompanyId, requests: int) -> datetime | None:
    """A turn for something regular that can wait, of about so many requests: they come out of the first syncs' budget.

    The instant (UTC) from which on it may begin. None where that would be in more than a minute: a later look asks
    again. First syncs give up sooner, so they never keep it from its turn.
    """
    for _ in range(RACES):
        arrival, tag = await ports.companies.counter(company, f"rate:{FIRST_SYNCS}")
        now = ports.clock.now()
        wait = max(0.0, arrival - _seconds_of(now))
        if wait > TURN_SECONDS:
            return None
        try:
            after = _seconds_of(now) + wait + requests / TURN_RATE
            await ports.companies.put_counter(company, f"rate:{FIRST_SYNCS}", after, tag)
        except StorageConflict:
            await ports.sleeper.sleep(ports.randomness.fraction() * RACE_PAUSE)
            continue
        return now + timedelta(seconds=wait)
    return None


class FirstSyncLimiter:
    """A first sync's lane: a slot of the first syncs' own budget, then one of the budget that they share with all.

    Made of two limiters, so that all the first syncs of a company together leave 3 of the 8 to live changes.
    """

    def __init__(self, own: Limiter, shared: Limiter) -> None:
        self._own, self._shared = own, shared

    async def slot(self) -> None:
        """See Limiter.slot."""
        await self._own.slot()
        await self._shared.slot()

    async def paused(self, seconds: float) -> None:
        """See Limiter.paused."""
        await self._shared.paused(seconds)
