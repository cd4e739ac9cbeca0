"""The one budget that a company's Severa requests share."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from core.adapters.memory.companies import MemoryCompanyStore
from core.adapters.memory.undetermined import ManualClock, SeededRandomness
from core.errors import RetryLater, StorageConflict
from core.ports import Ports
from core.usecases.limiter import (
    FIRST_SYNC_RATE,
    FIRST_SYNCS,
    TURN_RATE,
    TURN_SECONDS,
    FirstSyncLimiter,
    SharedLimiter,
    turn,
)
from tests.support.stage import COMPANY, MONDAY


class Timeline:
    """Sleepers in virtual time: whoever wakes up first goes on first."""

    def __init__(self) -> None:
        self.clock = ManualClock(MONDAY)
        self._waiting: list[tuple[float, int, asyncio.Event]] = []
        self._count = 0

    async def sleep(self, seconds: float) -> None:
        """Wait for virtual time."""
        self._count += 1
        event = asyncio.Event()
        self._waiting.append((self.clock.now().timestamp() + seconds, self._count, event))
        await event.wait()

    async def run(self, *work: object) -> None:
        """Let them all come to their ends."""
        tasks = [asyncio.ensure_future(one) for one in work]  # type: ignore[call-overload]
        while not all(task.done() for task in tasks):
            for _ in range(30):
                await asyncio.sleep(0)
            if self._waiting:
                self._waiting.sort(key=lambda one: one[:2])
                at, _, event = self._waiting.pop(0)
                self.clock.advance(at - self.clock.now().timestamp())
                event.set()
        await asyncio.gather(*tasks)


class Bench:
    """One row, several processes, and when each request was sent (seconds)."""

    def __init__(self) -> None:
        self.time = Timeline()
        self.store = MemoryCompanyStore()
        self.sent: list[float] = []
        self._seed = 0

    def process(self, **named: object) -> SharedLimiter:
        """A limiter of a process of its own."""
        self._seed += 1
        chance = SeededRandomness(self._seed)
        return SharedLimiter(self.store, COMPANY, self.time.clock, self.time, chance, **named)  # type: ignore[arg-type]

    def ports(self) -> Ports:
        """What a turn is asked of."""
        chance = SeededRandomness(1)
        return cast(
            "Ports", SimpleNamespace(companies=self.store, clock=self.time.clock, sleeper=self.time, randomness=chance)
        )

    async def send(self, limiter: SharedLimiter | FirstSyncLimiter, count: int, latency: float = 0.0) -> None:
        """Send requests one after the other."""
        for _ in range(count):
            await limiter.slot()
            self.sent.append(self.time.clock.now().timestamp() - MONDAY.timestamp())
            if latency:
                await self.time.sleep(latency)

    def most_in_a_second(self) -> int:
        """The most requests in any second."""
        return max(sum(at <= other < at + 1 for other in self.sent) for at in self.sent)


@pytest.mark.parametrize("processes", [1, 2, 5])
async def test_eight_a_second_over_several_processes(processes: int) -> None:
    """Never more than Severa's ten in any second, and no fewer than eight a second in the long run."""
    bench = Bench()
    count = 160 // processes
    await bench.time.run(*(bench.send(bench.process(), count) for _ in range(processes)))
    assert bench.most_in_a_second() <= 10
    assert max(bench.sent) == pytest.approx(count * processes / 8, abs=1.5)


async def test_requests_that_take_long() -> None:
    """Slots that nobody used in time are given up, never used in a burst."""
    bench = Bench()
    await bench.time.run(*(bench.send(bench.process(), 30, 0.4) for _ in range(4)))
    assert bench.most_in_a_second() <= 10


async def test_one_storage_call_for_four_requests() -> None:
    """Slots are taken in blocks."""
    bench = Bench()
    calls = [0]
    put = bench.store.put_counter

    async def counted(*args: object) -> None:
        calls[0] += 1
        await put(*args)  # type: ignore[arg-type]

    bench.store.put_counter = counted  # type: ignore[method-assign]
    await bench.time.run(bench.send(bench.process(), 40))
    assert calls[0] == 10


async def test_after_a_429() -> None:
    """Nobody sends for as long as the service asked, in no process."""
    bench = Bench()
    first, second = bench.process(), bench.process()
    await bench.time.run(bench.send(first, 1))
    await first.paused(3)
    await bench.time.run(bench.send(first, 1), bench.send(second, 1))
    assert all(at >= 3 for at in bench.sent[1:])


async def test_a_pause_that_another_process_writes_at_the_same_time() -> None:
    """It is written all the same."""
    bench = Bench()
    put, failed = bench.store.put_counter, [False]

    async def contended(*args: object) -> None:
        if not failed[0]:
            failed[0] = True
            raise StorageConflict("storage_conflict")
        await put(*args)  # type: ignore[arg-type]

    bench.store.put_counter = contended  # type: ignore[method-assign]
    await bench.time.run(bench.process().paused(4))
    assert (await bench.store.counter(COMPANY, "rate:severa"))[0] == pytest.approx(MONDAY.timestamp() + 4, abs=0.1)


async def test_a_wait_of_more_than_five_seconds() -> None:
    """The run yields instead of waiting, and is told when to come back; nothing of the budget is used for that."""
    bench = Bench()
    limiter = bench.process()
    await limiter.paused(60)
    before = await bench.store.counter(COMPANY, "rate:severa")
    with pytest.raises(RetryLater, match="severa_budget_used_up") as failure:
        await limiter.slot()
    assert failure.value.after == pytest.approx(60, abs=1)
    assert await bench.store.counter(COMPANY, "rate:severa") == before


async def test_a_row_that_is_always_moved() -> None:
    """After twenty lost races the run yields for a second."""
    bench = Bench()

    async def contended(*_: object) -> None:
        raise StorageConflict("storage_conflict")

    bench.store.put_counter = contended  # type: ignore[method-assign]

    async def ask() -> None:
        with pytest.raises(RetryLater, match="severa_budget_busy"):
            await bench.process().slot()
        await bench.process().paused(5)

    await bench.time.run(ask())


async def test_first_syncs_leave_three_a_second_to_live_changes() -> None:
    """However many of them run, live changes find a slot within a second."""
    bench = Bench()
    live: list[float] = []

    async def first_sync() -> None:
        own = bench.process(key="severa-first", rate=FIRST_SYNC_RATE)
        await bench.send(FirstSyncLimiter(own, bench.process()), 25)

    async def live_changes() -> None:
        limiter = bench.process()
        for _ in range(12):
            await bench.time.sleep(1)
            asked = bench.time.clock.now()
            await limiter.slot()
            live.append((bench.time.clock.now() - asked) / timedelta(seconds=1))

    await bench.time.run(first_sync(), first_sync(), first_sync(), live_changes())
    assert bench.most_in_a_second() <= 8
    assert max(bench.sent) == pytest.approx(75 / 5, abs=2)
    assert max(live) <= 1


async def test_a_429_in_a_first_sync() -> None:
    """It stops live changes too: Severa does not say whom it means."""
    bench = Bench()
    shared = bench.process()
    await FirstSyncLimiter(bench.process(key="severa-first"), shared).paused(4)
    await bench.time.run(bench.send(bench.process(), 1))
    assert bench.sent == [pytest.approx(4, abs=0.3)]


async def test_turns_of_what_can_wait() -> None:
    """They come out of the first syncs' budget, one after the other; who would wait for long gets none."""
    bench = Bench()
    given = [await turn(bench.ports(), COMPANY, 4) for _ in range(100)]
    waits = [(at - MONDAY) / timedelta(seconds=1) for at in given if at is not None]
    assert waits == [pytest.approx(4 / TURN_RATE * i, abs=0.01) for i in range(len(waits))]
    assert max(waits) == pytest.approx(TURN_SECONDS, abs=1)
    assert given[len(waits) :] == [None] * (100 - len(waits))


async def test_a_turn_among_first_syncs() -> None:
    """First syncs that take all they can never keep a listing from its turn."""
    bench = Bench()
    waits: list[float] = []
    is_over = False

    async def first_sync() -> None:
        limiter = FirstSyncLimiter(bench.process(key=FIRST_SYNCS, rate=FIRST_SYNC_RATE), bench.process())
        while not is_over:
            try:
                await limiter.slot()
            except RetryLater as late:
                await bench.time.sleep(late.after or 1)

    async def listings() -> None:
        nonlocal is_over
        for _ in range(10):
            await bench.time.sleep(5)
            at = await turn(bench.ports(), COMPANY, 4)
            assert at is not None
            waits.append((at - bench.time.clock.now()) / timedelta(seconds=1))
        is_over = True

    await bench.time.run(*(first_sync() for _ in range(40)), listings())
    assert max(waits) <= 7


async def test_a_turn_that_others_always_take() -> None:
    """A later look asks again."""
    bench = Bench()

    async def contended(*_: object) -> None:
        raise StorageConflict("storage_conflict")

    async def ask() -> None:
        assert await turn(bench.ports(), COMPANY, 4) is None

    bench.store.put_counter = contended  # type: ignore[method-assign]
    await bench.time.run(ask())


async def test_everybody_is_due_at_once() -> None:
    """Looks come in each pair's own minute; whoever got no turn gets one later, though the row is lost in between."""
    bench, waiting, minutes = Bench(), set(range(1000)), 0
    while waiting:
        if minutes in (3, 4, 20):
            bench.store._counters.clear()
        for pair in [one for one in sorted(waiting) if one % 15 == minutes % 15]:
            if await turn(bench.ports(), COMPANY, 4) is not None:
                waiting.discard(pair)
        bench.time.clock.advance(timedelta(minutes=1))
        minutes += 1
        assert minutes < 2 * 1000 * 4 / TURN_RATE / 60 + 15
