"""One seed from its beginning to the checks."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.adapters.memory.storage import MemoryStorage
from core.usecases.resync import resync
from tests.simulation import states
from tests.simulation.checks import check_everything, pending
from tests.simulation.loop import LoopClock, Runaway, Standstill, VirtualLoop, run
from tests.simulation.notices_checks import check_soon
from tests.simulation.people import ACTIONS
from tests.simulation.plan import Plan
from tests.simulation.stage import Stage

HOUR = 3600.0
LEAPS = (0.0, 0.0, 0.5 * HOUR, 7 * HOUR, 26 * HOUR, 26 * HOUR, 26 * HOUR, 26 * HOUR, 26 * HOUR)
"""How long everything rests before each look, once the troubles are over: Severa tells of deletions once a day."""
LONG_ENOUGH = 4
"""After so many leaps a quiet look means that all is settled."""
Tamper = Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it. `trace` has a line for each thing that happened."""

    plan: Plan
    problems: tuple[str, ...]
    trace: tuple[str, ...]
    virtual_seconds: float
    counts: dict[str, int]

    @property
    def digest(self) -> str:
        """A short name of the trace."""
        return hashlib.sha256("\n".join(self.trace).encode()).hexdigest()[:16]

    @property
    def broken(self) -> str:
        """Which promise was broken first; empty where none was."""
        return self.problems[0].partition(":")[0] if self.problems else ""


def simulate(plan: Plan, tamper: Tamper | None = None, store: type[MemoryStorage] = MemoryStorage) -> Result:
    """Play a plan. `tamper` and `store` plant bugs, so that the checks can be seen to find them."""
    loop = VirtualLoop()
    stage = Stage(plan, loop, store(LoopClock(loop)))
    if tamper is not None:
        tamper(stage)
    try:
        run(loop, _play(stage))
    except (Standstill, Runaway) as endless:
        stage.problem("settles", type(endless).__name__)
    counts: dict[str, int] = {f"trouble {k}": v for k, v in stage.weather.hits.items()}
    counts |= {f"run {k}": v for k, v in stage.outcomes.items()}
    counts |= {f"excused {k}": v for k, v in stage.ledger.excused.items()}
    counts["turns"] = loop.turns
    counts["writes"], counts["may double"] = len(stage.wrote), len(stage.ledger.may_double)
    return Result(plan, tuple(stage.problems), tuple(stage.trace), loop.time(), counts)


async def _play(stage: Stage) -> None:
    plan = stage.plan
    for step in plan.steps[: plan.before]:
        _act(stage, step)
    await stage.open()
    troubles = [asyncio.ensure_future(states.play(stage, trouble)) for trouble in plan.troubles]
    timer = asyncio.ensure_future(stage.minutes(100_000))
    for step in plan.steps[plan.before :]:
        await asyncio.sleep(max(0.0, step.at - stage.loop.time()))
        if step.ambush:
            stage.lie_in_wait(step.ambush, partial(_act, stage, step))
        else:
            _act(stage, step)
    await asyncio.sleep(max(0.0, plan.until - stage.loop.time()))
    for task in (timer, *troubles):
        task.cancel()
    await asyncio.gather(timer, *troubles, return_exceptions=True)
    await _settle(stage)
    if not stage.problems:
        await _once_more(stage)
        await check_soon(stage)
    await check_everything(stage)


def _act(stage: Stage, step: Any) -> None:
    person = stage.people[step.who % len(stage.people)]
    ACTIONS[step.action].act(stage, person, random.Random(step.dice))


async def _settle(stage: Stage) -> None:
    """The troubles are over; people leave everything as it is, logged in and switched on."""
    stage.weather.calm = True
    stage.ambushes.clear()
    stage.snatches.clear()
    for process in stage.host.living():
        process.fuse = None
    # Whoever stands still wakes up, and what people asked for before that is answered.
    await asyncio.sleep(max([300.0, *(p.awake_at - stage.loop.time() + 60.0 for p in stage.host.processes)]))
    await stage.everything_on()
    for number, leap in enumerate(LEAPS, 1):
        await asyncio.sleep(leap)
        before = len(stage.wrote)
        await stage.minutes(3)
        stage.tell(f"look {number}: {len(stage.wrote) - before} writes, {len(pending(stage))} pending")
        if number > LONG_ENOUGH and len(stage.wrote) == before and not pending(stage):
            return
    stage.problem("settles", f"still at work: {pending(stage)}")


async def _once_more(stage: Stage) -> None:
    """A full comparison of everybody, right after: it writes nothing."""
    before = len(stage.wrote)
    for person in stage.people:
        stage.host.call(lambda ports, pair=person.pair: resync(ports, pair))
    await stage.minutes(2)
    for wrote in stage.wrote[before:]:
        stage.problem("writes nothing", f"{wrote.what} {wrote.entry}")
