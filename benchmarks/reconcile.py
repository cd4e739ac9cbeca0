"""The core beside vdirsyncer's sync: entries a second and memory, on the same entries, in one run.

    make bench BENCH=reconcile            1,000, 10,000 and 100,000 entries; benchmarks/results/reconcile.json, .svg
    python -m benchmarks.reconcile 1000      other sizes, printed only

Each measurement is a process of its own, the kinds take turns, and the median of three counts. Both hold their
calendars in memory and nothing is waited for, so it is the processor's time. `peak_megabytes` is the whole process's,
`before_megabytes` what both calendars took before the first run. The ratios compare runs of the same name;
`compared_by_content`, as once a week, has no counterpart in vdirsyncer.

What differs, and in whose favour:

    vdirsyncer      finds entries by UID, read when they were put there; hashes each new item once on the side where it
                    is, after parsing it for that; copies it as it stands; writes its status to SQLite in memory
    this core       finds them by content; decides field by field; makes ten keyed digests of each (five fields, two
                    sides), and for a create a link twice, as before and after the call; keeps links in a dictionary
    in our favour   `core` begins with parsed entries (`wire` parses them too), and its links are in no database
    in theirs       one hash instead of ten digests, no matching, no narrowing, no link that can tell what changed
"""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
SIZES = (1_000, 10_000, 100_000)
KINDS = ("core", "wire", "vdirsyncer")
RUNS = ("first_sync", "nothing_changed", "few_changed")
TIMES = 3


def main() -> None:
    """Measure, print, and write the results where the sizes are the usual ones."""
    sizes = tuple(int(size) for size in sys.argv[1:]) or SIZES
    found = [measured for size in sizes for measured in _size(size)]
    for one in found:
        rates = ", ".join(f"{name} {rate:,}" for name, rate in one["entries_per_second"].items())
        print(f"{one['kind']:11} {one['entries']:7,} entries: {rates} entries/s, {one['peak_megabytes']} MB")
    ratios = _ratios(found)
    print(json.dumps(ratios, indent=2))
    if sizes == SIZES:
        from benchmarks.plots import bars

        machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
        document = {
            "command": "make bench BENCH=reconcile",
            "machine": machine,
            "measured": found,
            "core_to_vdirsyncer": ratios,
        }
        (RESULTS / "reconcile.json").write_text(json.dumps(document, indent=2) + "\n")
        bars(RESULTS / "reconcile.svg", "Entries a second (log)", {k: _series(found, k) for k in KINDS})


def _size(size: int) -> list[dict[str, Any]]:
    taken: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for _ in range(TIMES):
        for kind in KINDS:
            command = [sys.executable, "-m", "benchmarks.reconcile_one", kind, str(size)]
            taken[kind].append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    return [_median(runs) for runs in taken.values()]


def _median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    seconds = {name: statistics.median(run["seconds"][name] for run in runs) for name in runs[0]["seconds"]}
    size = runs[0]["entries"]
    return {
        "kind": runs[0]["kind"],
        "entries": size,
        "seconds": {name: round(value, 4) for name, value in seconds.items()},
        "entries_per_second": {name: round(size / value) for name, value in seconds.items()},
        "peak_megabytes": max(run["peak_megabytes"] for run in runs),
        "before_megabytes": max(run["before_megabytes"] for run in runs),
    }


def _ratios(found: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """How many times as fast as vdirsyncer, by size and kind of run."""
    by = {(one["kind"], one["entries"]): one["seconds"] for one in found}
    return {
        str(size): {run: round(by["vdirsyncer", size][run] / by["core", size][run], 2) for run in RUNS}
        for size in sorted({one["entries"] for one in found})
    }


def _series(found: list[dict[str, Any]], kind: str) -> dict[str, float]:
    return {
        f"{run.replace('_', ' ')}\n{one['entries']:,}": one["entries_per_second"][run]
        for run in RUNS
        for one in found
        if one["kind"] == kind
    }


if __name__ == "__main__":
    main()
