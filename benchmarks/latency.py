"""From a person's edit to the other calendar: the app in the local host, Azurite, both services simulated.

    make bench BENCH=latency                    1, 10 and 50 pairs; benchmarks/results/latency.json, .svg
    python -m benchmarks.latency 10             other numbers of pairs, printed only

Each person edits something on either side every ten seconds or so. Graph tells of it, Severa's front end says it. The
simulated services answer at once, so what is measured is this service's own part: host, queue, run, storage. Everything
shares the machine: the worker is a process of its own, Azurite another, the simulators and the people a third.

Azurite's share: what one storage call took meanwhile (a row read ten times a second), times the calls that an event's
way takes one after the other (benchmarks/results/first_sync.json counts them), beside the median.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from core.model.ids import Side
from tests.soak.editing import Edit, Editing, differences
from tests.soak.soak import background, deliver, first_syncs, percentiles
from tests.soak.stage import Stage, soak_stage

RESULTS = Path(__file__).parent / "results"
SIZES = (1, 10, 50)
SECONDS, PAUSE = 90.0, 10.0
PATIENCE = 60.0
USERS = 5


def main() -> None:
    """Measure, print; write where the sizes are the usual ones."""
    sizes = tuple(int(size) for size in sys.argv[1:]) or SIZES
    found = [asyncio.run(_measure(size)) for size in sizes]
    document = {
        "command": "make bench BENCH=latency",
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "cores": os.cpu_count(),
        "measured": found,
    }
    print(json.dumps(document, indent=2))
    if sizes != SIZES:
        return
    from benchmarks.plots import lines

    (RESULTS / "latency.json").write_text(json.dumps(document, indent=2) + "\n")
    shown = {p: ([one["pairs"] for one in found], [one["all"][p] for one in found]) for p in ("p50", "p95", "p99")}
    lines(RESULTS / "latency.svg", "From edit to written, seconds", "pairs", shown)


async def _measure(pairs: int) -> dict[str, Any]:
    companies, users = max(1, pairs // USERS), min(pairs, USERS)
    async with soak_stage(companies, users, shifts=0.0, invisibility=60) as stage, background(deliver(stage)):
        await first_syncs(stage)
        await stage.subscribe()
        editing = Editing(stage, random.Random(1))  # noqa: S311 - people, not secrets
        calls: list[float] = []
        async with background(editing.watch()), background(_call(stage, calls)):
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                editing.do_something()
                await asyncio.sleep(editing.chance.expovariate(pairs / PAUSE))
            ended = time.monotonic()
            while editing.waiting and time.monotonic() < ended + PATIENCE:
                await asyncio.sleep(0.1)
        if editing.waiting or differences(stage) or stage.mails:
            raise AssertionError("the calendars do not agree")
        written = [edit for edit in editing.edits if edit.written]
        sides = {f"made_in_{side.value}": percentiles(e for e in written if e.side is side) for side in Side}
        return {"pairs": pairs, "all": percentiles(written), **sides, "azurite": _share(calls, written)}


async def _call(stage: Stage, calls: list[float]) -> None:
    """How long one storage call takes meanwhile."""
    while True:
        began = time.perf_counter()
        await stage.ports.companies.feed(stage.people[0].pair.company)
        calls.append(time.perf_counter() - began)
        await asyncio.sleep(0.1)


def _share(calls: list[float], written: list[Edit]) -> dict[str, float]:
    found = json.loads((RESULTS / "first_sync.json").read_text())["small"]
    count = found["event_edited"]["calls"]["storage"]
    each = statistics.median(calls)
    whole = statistics.median(edit.seconds for edit in written if edit.side is Side.MICROSOFT)
    return {"seconds_each_call": round(each, 4), "calls": count, "share_of_p50": round(count * each / whole, 2)}


if __name__ == "__main__":
    main()
