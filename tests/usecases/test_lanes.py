"""Two lanes: however large a first sync is, live changes of the company go on beside it. On virtual time."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from core.adapters.memory.companies import MemoryCompanyStore
from core.model.company import CompanySettings
from core.model.ids import CompanyId, Pair
from core.ports import Gateways, Limiter, SeveraCompany
from core.usecases.hints import PAIRS, PAIRS_FIRST, PairMessage, hint
from core.usecases.limiter import EVERYBODY, FIRST_SYNC_RATE, FIRST_SYNCS, RATE, FirstSyncLimiter, SharedLimiter
from core.usecases.report import Outcome, Report
from core.usecases.switches import set_user_switch
from core.usecases.work import handle_pair
from tests.simulation.loop import LoopClock, LoopSleeper, VirtualLoop, run
from tests.support.stage import BERT, COMPANY, Stage, at, entry, make_stage

LATENCY = 0.2
"""Seconds of a request of Severa's."""


class Paced:
    """A company's Severa, each of whose calls takes a slot and a while."""

    def __init__(self, inner: Any, limiter: Limiter) -> None:
        self._inner, self._limiter = inner, limiter

    def __getattr__(self, name: str) -> Any:
        """The method, paced."""
        target = getattr(self._inner, name)
        if name == "calendar":
            return lambda *args: Paced(target(*args), self._limiter)
        if inspect.isasyncgenfunction(target):
            return lambda *args: self._pages(target(*args))
        return lambda *args, **named: self._call(target, *args, **named)

    async def _call(self, target: Callable[..., Any], *args: Any, **named: Any) -> Any:
        await self._limiter.slot()
        await asyncio.sleep(LATENCY)
        return await target(*args, **named)

    async def _pages(self, pages: AsyncIterator[Any]) -> AsyncIterator[Any]:
        await self._limiter.slot()
        await asyncio.sleep(LATENCY)
        async for page in pages:
            yield page


class PacedGateways:
    """Gateways (core/ports.py) with the limiters that core/wiring gives them."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.microsoft = stage.gateways.microsoft
        self._live = self._limiter(EVERYBODY, RATE)
        self._first = FirstSyncLimiter(self._limiter(FIRST_SYNCS, FIRST_SYNC_RATE), self._limiter(EVERYBODY, RATE))

    def _limiter(self, key: str, rate: float) -> SharedLimiter:
        ports = self._stage.ports
        store: MemoryCompanyStore = self._stage.storage.companies
        return SharedLimiter(store, COMPANY, ports.clock, ports.sleeper, ports.randomness, key=key, rate=rate)

    async def severa(self, company: CompanyId, settings: CompanySettings, *, first_sync: bool = False) -> SeveraCompany:
        """See Gateways.severa."""
        inner = await self._stage.gateways.severa(company, settings)
        return cast("SeveraCompany", Paced(inner, self._first if first_sync else self._live))


class Host:
    """Takes messages out of the queues and handles them, many at a time."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.reports = stage, list[tuple[str, Report]]()
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Until it is cancelled; the queues are looked at ten times a second."""
        while True:
            for queue in (PAIRS, PAIRS_FIRST):
                while (found := self.stage.storage.queues.take(queue, self.stage.clock.now())) is not None:
                    task = asyncio.ensure_future(self._handle(PairMessage.parse(found), queue))
                    self._tasks.add(task)
                    task.add_done_callback(self._tasks.discard)
            await asyncio.sleep(0.1)

    async def _handle(self, message: PairMessage, queue: str) -> None:
        self.reports.append((queue, await handle_pair(self.stage.ports, message, queue)))


async def paced_stage(loop: VirtualLoop) -> tuple[Stage, Host]:
    """A stage on the loop's time; Anna's "Lunch" is in agreement, Bert's switch is off."""
    made = await make_stage(clock=LoopClock(loop))
    made.ports = replace(made.ports, sleeper=LoopSleeper())
    await set_user_switch(made.ports, Pair(COMPANY, BERT), on=False)
    made.anna.add(entry("Lunch", at(8)))
    await asyncio.sleep(1800)
    await made.deliver()
    await asyncio.sleep(1800)
    made.ports = replace(made.ports, gateways=cast("Gateways", PacedGateways(made)))
    return made, Host(made)


async def edit_and_wait(stage: Stage, text: str) -> float:
    """Anna edits "Lunch" in Outlook, and somebody hints at it; seconds until Severa has it."""
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), text))
    began = stage.clock.now()
    await hint(stage.ports, stage.pair)
    while stage.activity("Lunch").essence.text != text:  # noqa: ASYNC110 - nobody tells of it
        await asyncio.sleep(0.05)
    return (stage.clock.now() - began) / timedelta(seconds=1)


async def _beside(loop: VirtualLoop, events: int) -> tuple[list[float], Stage, Host]:
    """How long ten live changes take while Bert's first sync of so many events is under way."""
    stage, host = await paced_stage(loop)
    for number in range(events):
        stage.bert.add(entry(f"Event {number}", at(number / 20)))
    serving = asyncio.ensure_future(host.serve())
    if events:
        await set_user_switch(stage.ports, Pair(COMPANY, BERT), on=True)
    await asyncio.sleep(5)
    taken = []
    for number in range(10):
        taken.append(await edit_and_wait(stage, f"edit {number}"))
        await asyncio.sleep(3.1)
    serving.cancel()
    return taken, stage, host


def test_p52_a_first_sync_of_ten_thousand_entries() -> None:
    """P52: a live change beside it takes no longer than without it, but for one of its requests."""
    alone, *_ = run(loop := VirtualLoop(), _beside(loop, 0))
    beside, stage, host = run(loop := VirtualLoop(), _beside(loop, 10_000))
    assert 100 < len(stage.severa.activities(BERT)) < 1000
    assert max(beside) <= max(alone) + LATENCY + 1 / FIRST_SYNC_RATE
    assert {queue for queue, report in host.reports if report.written} == {PAIRS}


async def _without_budget(loop: VirtualLoop) -> tuple[list[float], Stage, Host]:
    """Bert's first sync, and a live change, while other first syncs have the budget for another minute."""
    stage, host = await paced_stage(loop)
    stage.bert.add(entry("Bert's"))
    name, companies = f"rate:{FIRST_SYNCS}", stage.storage.companies
    _, tag = await companies.counter(COMPANY, name)
    await companies.put_counter(COMPANY, name, stage.clock.now().timestamp() + 60, tag)
    serving = asyncio.ensure_future(host.serve())
    await set_user_switch(stage.ports, Pair(COMPANY, BERT), on=True)
    taken = [await edit_and_wait(stage, "edited")]
    assert (await stage.head(BERT)).lease_until is None
    [waiting] = stage.storage.queues.waiting(PAIRS_FIRST)
    taken.append((waiting.shows - stage.clock.now()) / timedelta(seconds=1))
    assert not stage.severa.activities(BERT)
    await asyncio.sleep(70)
    serving.cancel()
    return taken, stage, host


def test_a_first_sync_that_would_have_to_wait_for_long() -> None:
    """It yields its pair and comes back by a message of its own lane when the budget is free; then it goes on."""
    (live, waits), stage, host = run(loop := VirtualLoop(), _without_budget(loop))
    assert live < 1
    assert 55 < waits < 61
    [put_off, *_] = [report for queue, report in host.reports if queue == PAIRS_FIRST]
    assert (put_off.outcome, put_off.code) == (Outcome.LATER, "severa_budget_used_up")
    assert [a.essence.subject for a in stage.severa.activities(BERT)] == ["Bert's"]
