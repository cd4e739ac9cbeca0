"""What a pair's runs cost, and how long a first sync takes beside the shortest time that the services allow.

    make bench BENCH=first_sync             idle, one change each way, 1,000 and 10,000 entries
    python -m benchmarks.first_sync 1000         one size, printed only

Virtual time (benchmarks/virtual.py): real use cases, adapters and limiter on simulators in process, each call as slow
as stated there. Half of the entries are new in Outlook, half in Severa. The shortest time is the larger of

    Severa's requests / 5 a second                                the first syncs' share of its 10 (limiter.py)
    (all calls' latencies of the creates) / 3                     operations at once in one mailbox (act.py)

which is what no order of the same calls could go below. Memory is the process's peak, simulators and stores included.
"""

from __future__ import annotations

import asyncio
import json
import platform
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from benchmarks.virtual import LATENCY, Bench, LongLoop
from core.usecases.act import AT_ONCE
from core.usecases.limiter import FIRST_SYNC_RATE
from tests.simulation.loop import run

RESULTS = Path(__file__).parent / "results"
SIZES = (1_000, 10_000)
MEGABYTE = 1024


def main() -> None:
    """Measure, print; write where the sizes are the usual ones. `--one N` measures in this very process."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(_played(_first_sync, int(sys.argv[2]))))
        return
    sizes = tuple(int(size) for size in sys.argv[1:]) or SIZES
    document = {
        "command": "make bench BENCH=first_sync",
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "latency_seconds": LATENCY,
        "small": _played(_small),
        "first_sync": [_own_process(size) for size in sizes],
    }
    print(json.dumps(document, indent=2))
    if sizes == SIZES:
        from benchmarks.plots import bars

        (RESULTS / "first_sync.json").write_text(json.dumps(document, indent=2) + "\n")
        bars(RESULTS / "first_sync.svg", "A first sync: virtual seconds (log)", _shown(document["first_sync"]))


def _shown(found: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    shown = {"taken": {f"{one['entries']:,} entries": one["virtual_seconds"] for one in found}}
    for bound in ("severa_share", "three_at_once"):
        shown[bound] = {f"{one['entries']:,} entries": one["shortest_seconds"][bound] for one in found}
    return shown


def _own_process(size: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.first_sync", "--one", str(size)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _played(scene: Any, *args: Any) -> Any:
    loop = LongLoop()
    asyncio.set_event_loop(loop)
    scenes: Coroutine[Any, Any, Any] = scene(Bench(loop), *args)
    return run(loop, scenes)


async def _first_sync(bench: Bench, size: int) -> dict[str, Any]:
    bench.fill(size // 2, size - size // 2)
    await bench.open()
    began, real = bench.loop.time(), time.perf_counter()
    written = await bench.run()
    took = bench.loop.time() - began
    if written.total() != size:
        raise AssertionError(written)
    calls = bench.calls
    shortest = _shortest(calls)
    counted, bench.calls = dict(calls), Counter[str]()
    return {
        "entries": size,
        "calls": counted,
        "virtual_seconds": round(took, 1),
        "shortest_seconds": {name: round(value, 1) for name, value in shortest.items()},
        "times_the_shortest": round(took / max(shortest.values()), 3),
        "processor_seconds": round(time.perf_counter() - real, 1),
        "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE, 1),
    }


def _shortest(calls: Counter[str]) -> dict[str, float]:
    waited = sum(LATENCY[kind] * count for kind, count in calls.items() if kind in LATENCY)
    return {"severa_share": calls["severa"] / FIRST_SYNC_RATE, "three_at_once": waited / AT_ONCE}


async def _small(bench: Bench) -> dict[str, Any]:
    """An idle run, an event edited, an activity edited: what each costs, and how long it takes."""
    bench.fill(1, 1)
    await bench.open()
    for _ in range(2):  # the second one settles what the first one's own writes told of
        await bench.run()
    found = {"idle_run": await _counted(bench, bench.run())}
    event = next(e for e in bench.graph.people.events_of(bench.mailbox) if e.subject == "Event 0")
    bench.graph.people.edit_event(event.immutable_id, subject="Event, edited")
    found["event_edited"] = await _counted(bench, bench.run())
    await asyncio.sleep(300)
    activity = next(a for a in bench.severa_simulator.people.activities_of(bench.user) if a.name == "Activity 0")
    bench.severa_simulator.people.edit_activity(activity.guid, name="Activity, edited")
    found["feed"] = await _counted(bench, bench.poll())
    found["activity_edited"] = await _counted(bench, bench.run())
    return found


async def _counted(bench: Bench, work: Coroutine[Any, Any, Any]) -> dict[str, Any]:
    bench.calls.clear()
    began = bench.loop.time()
    await work
    return {"calls": dict(bench.calls), "virtual_seconds": round(bench.loop.time() - began, 3)}


if __name__ == "__main__":
    main()
