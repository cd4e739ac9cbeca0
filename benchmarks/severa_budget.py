"""A company of 5,000 users for a week, within Severa's budget of requests (docs/severa-budget.md). Virtual time.

    python -m benchmarks.severa_budget       writes benchmarks/results/severa_budget.json, in about a minute

Real: what plans a pair's looks, listings and comparisons (book.py, observe.py) and the limiter, over the memory store,
shared by several processes. Modelled: people, and requests, each of which takes as long as stated. Everybody was listed
and compared in one and the same minute, which is the worst way to begin.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

from core.adapters.memory.companies import MemoryCompanyStore
from core.adapters.memory.undetermined import SeededRandomness
from core.errors import RetryLater
from core.model.ids import CompanyId, Pair, UserId
from core.model.state import PairState
from core.ports import Ports
from core.usecases import limiter
from core.usecases.book import next_look
from core.usecases.report import Report
from core.usecases.turns import COMPARISON_REQUESTS, LISTING_REQUESTS, compares_now, lists_now
from tests.simulation.loop import LoopClock, LoopSleeper, Standstill, VirtualLoop, run

RESULTS = Path(__file__).parent / "results" / "severa_budget.json"
SEED, USERS, DAYS = 7, 5000, 8
COMPANY = CompanyId("company")
LATENCY = 0.2
"""Seconds of a request (benchmarks/capacity_facts.py)."""
PROCESSES = 10
CHANGES, REQUESTS_OF_CHANGE = 8, (1, 2)
"""Of a user in a day; requests for one from Severa, and for one from Outlook (tests/usecases/test_counts.py)."""
BUSIEST = 0.15
"""Of a day's changes come in the hour from nine to ten."""
OPENS, CLOSES = 8, 16


@dataclass(frozen=True, slots=True)
class Case:
    """`always`: pairs are served around the clock. Else on working days, from when each user logs in until four."""

    name: str
    always: bool
    busy_day: int
    """On which day, counted from nought, people's changes are played too."""
    users: int = USERS
    days: int = DAYS
    smaller: int = 1
    """So many times fewer users with so many times less of a budget: a second of theirs takes so many of ours."""


@dataclass(slots=True)
class Seen:
    """What came out. Ages in hours and waits in seconds, as they were when the next one began."""

    sent: deque[float] = field(default_factory=deque)
    most_in_a_second: int = 0
    requests: int = 0
    listings: int = 0
    comparisons: int = 0
    listing_ages: list[float] = field(default_factory=list)
    comparison_ages: list[float] = field(default_factory=list)
    after_login: list[float] = field(default_factory=list)
    live_waits: list[float] = field(default_factory=list)
    yielded: int = 0

    def send(self, at: float, second: float) -> None:
        """A request is sent."""
        self.requests += 1
        self.sent.append(at)
        while self.sent[0] <= at - second:
            self.sent.popleft()
        self.most_in_a_second = max(self.most_in_a_second, len(self.sent))


class LongLoop(VirtualLoop):
    """Without a limit of turns."""

    def select(self, timeout: float | None) -> list[Any]:
        """See VirtualLoop.select."""
        if timeout is None:
            raise Standstill
        self._seconds += timeout
        return []


class Company:
    """The company on a loop's time. It begins on a Monday at nine."""

    def __init__(self, loop: VirtualLoop, case: Case) -> None:
        self.loop, self.case, self.seen = loop, case, Seen()
        self.clock, self.chance = LoopClock(loop), random.Random(SEED)  # noqa: S311 - a model, nothing to guess
        store, sleeper = MemoryCompanyStore(), LoopSleeper()
        chance = SeededRandomness(SEED)
        given = SimpleNamespace(companies=store, clock=self.clock, sleeper=sleeper, randomness=chance)
        self.ports = cast("Ports", given)
        self.processes = [
            limiter.SharedLimiter(
                store, COMPANY, self.clock, sleeper, SeededRandomness(n), rate=limiter.RATE / case.smaller
            )
            for n in range(PROCESSES)
        ]
        self.end = self.clock.now() + timedelta(days=case.days)

    async def week(self) -> Seen:
        """Everybody's week."""
        users = [Pair(COMPANY, UserId(f"user-{n}")) for n in range(self.case.users)]
        await asyncio.gather(self.changes(), *(self.user(pair) for pair in users))
        return self.seen

    # --- what is regular ----------------------------------------------------------------------------------------------
    async def user(self, pair: Pair) -> None:
        """A pair's looks, as far as one is due."""
        now = self.clock.now()
        pen = SimpleNamespace(state=PairState(matched=True, compared=now, listed=now))
        late = timedelta(minutes=self.chance.uniform(-15, 30))
        while True:
            look, login = self._look_after(pair, self.clock.now(), late)
            if look >= self.end:
                return
            await asyncio.sleep((look - self.clock.now()).total_seconds())
            while (again := await self._look(pair, pen, login)) is not None:
                await asyncio.sleep((again - self.clock.now()).total_seconds())

    def _look_after(self, pair: Pair, now: datetime, late: timedelta) -> tuple[datetime, datetime | None]:
        """The next look, and the login of that day where there is one."""
        if self.case.always:
            return next_look(pair, now, away=False), None
        opens = now.replace(hour=OPENS, minute=0, second=0) + late
        closes = now.replace(hour=CLOSES, minute=0, second=0)
        while opens.weekday() > 4 or now >= closes:
            opens, closes = opens + timedelta(days=1), closes + timedelta(days=1)
            now = min(now, opens)
        return (opens if now < opens else next_look(pair, now, away=False)), opens

    async def _look(self, pair: Pair, pen: SimpleNamespace, login: datetime | None) -> datetime | None:
        """One look; when a message asks for another one."""
        before, seen, report = pen.state, self.seen, Report()
        if await compares_now(self.ports, pair, pen, report, None):
            seen.comparisons += 1
            seen.comparison_ages.append((self.clock.now() - before.compared) / timedelta(hours=1))
            count, dated = COMPARISON_REQUESTS, {"compared": self.clock.now()}
        elif await lists_now(self.ports, pair, pen, report):
            count, dated = LISTING_REQUESTS, {}
        else:
            return report.again
        now = self.clock.now()
        seen.listings += 1
        seen.listing_ages.append((now - before.listed) / timedelta(hours=1))
        if login is not None and before.listed < login:
            seen.after_login.append((now - login) / timedelta(minutes=1))
        pen.state = replace(pen.state, listed=now, **dated)
        await self._requests(count, live=False)
        return None

    # --- what people do -----------------------------------------------------------------------------------------------
    async def changes(self) -> None:
        """Changes of all users, at random, in the working hours of one day."""
        under_way: set[asyncio.Task[None]] = set()
        opens = self.clock.now().replace(hour=OPENS, minute=0) + timedelta(days=self.case.busy_day)
        await asyncio.sleep((opens - self.clock.now()).total_seconds())
        while (now := self.clock.now()).hour < CLOSES:
            share = BUSIEST if now.hour == 9 else (1 - BUSIEST) / (CLOSES - OPENS - 1)
            await asyncio.sleep(self.chance.expovariate(self.case.users * CHANGES * share / 3600))
            task = asyncio.ensure_future(self._requests(self.chance.choice(REQUESTS_OF_CHANGE), live=True))
            under_way.add(task)
            task.add_done_callback(under_way.discard)

    async def _requests(self, count: int, *, live: bool) -> None:
        process = self.chance.choice(self.processes)
        for _ in range(count):
            asked = self.loop.time()
            try:
                await process.slot()
            except RetryLater as late:
                self.seen.yielded += live
                await asyncio.sleep(late.after or 1.0)
                continue
            if live:
                self.seen.live_waits.append(self.loop.time() - asked)
            self.seen.send(self.loop.time(), self.case.smaller)
            await asyncio.sleep(LATENCY)


@contextmanager
def _scaled(times: int) -> Iterator[None]:
    """The limiter of a smaller company in the same proportions."""
    rate, patience = limiter.TURN_RATE / times, limiter.TURN_SECONDS * times
    with patch.object(limiter, "TURN_RATE", rate), patch.object(limiter, "TURN_SECONDS", patience):
        yield


def play(case: Case) -> dict[str, Any]:
    """One case, as numbers."""
    loop = LongLoop()
    with _scaled(case.smaller):
        seen = run(loop, Company(loop, case).week())
    waits = sorted(seen.live_waits)
    return {
        **asdict(case),
        "requests": seen.requests,
        "most_in_a_second": seen.most_in_a_second,
        "listings": seen.listings,
        "comparisons": seen.comparisons,
        "oldest_listing_hours": round(max(seen.listing_ages), 2),
        "oldest_comparison_days": round(max(seen.comparison_ages) / 24, 2),
        "listed_minutes_after_login_at_most": round(max(seen.after_login, default=0.0), 1),
        "live_requests": len(waits),
        "live_waits_seconds": {f"p{p}": round(waits[len(waits) * p // 100], 2) for p in (50, 95, 99)},
        "live_yielded": seen.yielded,
    }


CASES = (
    Case("served around the clock", always=True, busy_day=1),
    Case("served while logged in", always=False, busy_day=7),
)


def main() -> None:
    """Play the cases, write the result, say it."""
    given = {
        "requests_a_second": limiter.RATE,
        "of_them_regular": limiter.TURN_RATE,
        "listing": LISTING_REQUESTS,
        "comparison": COMPARISON_REQUESTS,
    }
    found = [play(case) for case in CASES]
    result = {"command": "python -m benchmarks.severa_budget", "seed": SEED, "given": given, "cases": found}
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    sys.stdout.write(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
