"""The soak itself: `python -m tests.soak.soak [--seconds 300] [--out FILE]`, or `make soak`.

Exit code 0 where both calendars agree at the end, nobody was mailed, and 95 of 100 edits that no restart touched were
on the other side within five seconds; else 1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import sys
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import RetryLater
from core.model.state import Head
from tests.soak.editing import Edit, Editing, differences
from tests.soak.stage import Stage, soak_stage

COMPANIES, USERS = 10, 5
"""Fifty pairs; a company has eight requests to Severa a second for all of its own."""
SETTLED = 3.0
"""Seconds without a write on either side, after which nothing is taken to be under way."""
HOPELESS = 15.0
"""Seconds without a write, after which an edit that does not show may have lost a conflict."""
CLEAR = 6.0
"""An edit counts as untouched by a restart if the worker lives so much longer: more than the bound that is asserted."""
BOUND = 5.0
FIRST_SYNCS = 120.0


@dataclass(slots=True)
class Soak:
    """How it is to be. Times in seconds.

    `lives`: how long a worker lives, at least and at most. `shifts`: by so much time goes on when it dies; with 0 the
    three minutes of its leases, and the five of its messages, have to be waited out. `patience`: how long the end may
    take. `shadows`: when dead workers held which person's pair.
    """

    seconds: float
    lives: tuple[float, float] = (8.0, 16.0)
    rate: float = 1.5
    shifts: float = 0.0
    invisibility: int = 15
    patience: float = 480.0
    seed: int = 1
    shadows: dict[int, list[tuple[float, float]]] = field(default_factory=dict)
    _shadowing: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> dict[str, Any]:
        """All of it; what came of it."""
        began = time.monotonic()
        stage_of = soak_stage(COMPANIES, USERS, shifts=self.shifts, invisibility=self.invisibility)
        async with stage_of as stage, background(deliver(stage)):
            await first_syncs(stage)
            await stage.subscribe()
            ready = time.monotonic()
            editing = Editing(stage, random.Random(self.seed))
            async with background(editing.watch()):
                await asyncio.gather(self._edit(editing), self._kill(stage))
                ended = time.monotonic()
                await self._settle(stage, editing)
                for task in list(self._shadowing):
                    task.cancel()
            found = differences(stage)
            return {
                "pairs": len(stage.people),
                "seconds": round(ended - ready, 1),
                "seconds_before": round(ready - began, 1),
                "seconds_until_settled": round(time.monotonic() - ended, 1),
                "edits": len(editing.edits),
                "lost_and_told": editing.lost,
                "never_written": len(editing.waiting),
                "waiting": [await editing.explained(entry) for entry in editing.waiting[:5]],
                "restarts": len(stage.worker.deaths),
                "seconds_down": round(sum(up - down for down, up in stage.worker.deaths), 1),
                "differences": len(found),
                "examples": found[:5],
                "entries": len(editing.entries),
                "mails": stage.mails,
                **self._latencies(editing.edits, stage.worker.deaths),
            }

    async def _edit(self, editing: Editing) -> None:
        until = time.monotonic() + self.seconds
        while time.monotonic() < until:
            editing.do_something()
            await asyncio.sleep(editing.chance.expovariate(self.rate))

    async def _kill(self, stage: Stage) -> None:
        """Kill the worker every few seconds; the last one lives on."""
        chance, until = random.Random(self.seed), time.monotonic() + self.seconds
        while (life := chance.uniform(*self.lives)) and time.monotonic() + life < until:
            await asyncio.sleep(life)
            stage.worker.kill()
            died, heads = time.monotonic(), await _heads(stage)
            held = {n: head.epoch for n, head in enumerate(heads) if head.lease_until or head.hint.queued_until}
            task = asyncio.create_task(self._shadow(stage, died, held))
            self._shadowing.add(task)
            task.add_done_callback(self._shadowing.discard)
            await stage.worker.restart()
            if self.shifts:  # Meanwhile time went on, for whatever Graph had put off, too.
                for one in stage.graph.subscriptions.deliveries.waiting:
                    one.due = min(one.due, stage.clock.now())

    async def _shadow(self, stage: Stage, died: float, held: dict[int, int]) -> None:
        """Note until when a dead worker held each of these pairs, by a lease or by a message: until another run begins.

        A lease lives three minutes, and a message that was lost is sent again after five.
        """
        for number in held:
            self.shadows.setdefault(number, []).append((died, math.inf))
        while held:
            await asyncio.sleep(0.5)
            now = time.monotonic()
            for number in list(held):
                with suppress(RetryLater):  # The storage is as busy as everybody else.
                    head = await stage.ports.pairs.head(stage.people[number].pair)
                    if head.epoch <= held[number]:
                        continue
                    del held[number]
                    self.shadows[number] = [(d, now if d == died else until) for d, until in self.shadows[number]]

    async def _settle(self, stage: Stage, editing: Editing) -> None:
        """Until every edit is on the other side and nothing is written any more; not for ever."""
        until, writes, since = time.monotonic() + self.patience, -1, time.monotonic()
        while time.monotonic() < until:
            now, still = _writes(stage), time.monotonic() - since
            if now != writes:
                writes, since = now, time.monotonic()
            elif still > SETTLED and not editing.waiting:
                return
            elif still > HOPELESS:
                await editing.navigate()
                await editing.give_up()
                since = time.monotonic()
            await asyncio.sleep(0.1)

    def _latencies(self, edits: list[Edit], deaths: list[tuple[float, float]]) -> dict[str, Any]:
        written = [edit for edit in edits if edit.written]
        clear = [edit for edit in written if self._is_clear(edit, deaths)]
        return {"outside_restarts": percentiles(clear), "all": percentiles(written)}

    def _is_clear(self, edit: Edit, deaths: list[tuple[float, float]]) -> bool:
        """Made while the worker served and went on to do so, of a pair that no dead one held."""
        down = any(died - CLEAR < edit.made < serves for died, serves in deaths)
        return not down and not any(one < edit.made < other for one, other in self.shadows.get(edit.person, ()))


def percentiles(edits: Iterable[Edit]) -> dict[str, float]:
    """How many edits, and within how many seconds so many of a hundred were written."""
    seconds = sorted(edit.seconds for edit in edits)
    if not seconds:
        return {"edits": 0}
    at = {f"p{percent}": seconds[min(len(seconds) - 1, len(seconds) * percent // 100)] for percent in (50, 95, 99)}
    return {"edits": len(seconds)} | {name: round(value, 3) for name, value in (at | {"max": seconds[-1]}).items()}


def _writes(stage: Stage) -> int:
    logs = (stage.severa.requests, stage.graph.requests)
    return sum(one.method != "GET" and "token" not in one.path for log in logs for one in log.entries)


async def _heads(stage: Stage) -> list[Head]:
    return list(await asyncio.gather(*(stage.ports.pairs.head(person.pair) for person in stage.people)))


async def deliver(stage: Stage) -> None:
    """Graph tells of changes as they come."""
    while True:
        await stage.graph.subscriptions.deliveries.deliver()
        await asyncio.sleep(0.05)


async def first_syncs(stage: Stage) -> None:
    """Wait for everybody's; their calendars are empty yet."""
    until = time.monotonic() + FIRST_SYNCS
    while True:
        heads = await _heads(stage)
        left = [head for head in heads if not head.state.matched]
        if not left:
            return
        if time.monotonic() > until:
            raise RuntimeError(f"{len(left)} first syncs are not over: {left[0].state.health}")
        await asyncio.sleep(0.3)


@asynccontextmanager
async def background(doing: Any) -> AsyncIterator[None]:
    """Something goes on meanwhile."""
    task = asyncio.create_task(doing)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task  # What ended it before its time is raised here.


def main() -> int:
    """Run it from the terminal."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--rate", type=float, default=1.5, help="edits a second, of all the people together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shifts", type=float, default=0.0)
    parser.add_argument("--out", type=Path, help="where to write the result as JSON")
    options = parser.parse_args()
    soak = Soak(options.seconds, rate=options.rate, seed=options.seed, shifts=options.shifts)
    result = asyncio.run(soak.run())
    text = json.dumps(result, indent=2)
    sys.stdout.write(text + "\n")
    if options.out is not None:
        options.out.write_text(text + "\n", encoding="utf-8")
    is_quick = result["outside_restarts"].get("p95", BOUND) < BOUND
    agrees = not result["differences"] and not result["never_written"] and not result["mails"]
    return 0 if agrees and is_quick else 1


if __name__ == "__main__":
    raise SystemExit(main())
