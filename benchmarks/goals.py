"""The benchmarks' results beside their goals: what holds, what is missed, what was not measured.

    python -m benchmarks.goals          reads benchmarks/results; ends with 1 where a goal is missed or was not measured

`make bench` ends with it.
"""

from __future__ import annotations

import json
import operator
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
LARGEST = 10_000
"""Entries of the largest first sync."""
COMPARED = {"at least": operator.ge, "at most": operator.le, "under": operator.lt}


@dataclass(frozen=True, slots=True)
class Goal:
    """`measured` takes the number out of the result in `file`; `compared` says how it stands to `limit`."""

    what: str
    file: str
    compared: str
    limit: float
    measured: Callable[[Any], float]

    def line(self, found: dict[str, Any]) -> tuple[bool, str]:
        """Whether it holds, and a row for a reader. `found`: the results that are there, by file."""
        if self.file not in found:
            return False, f"NOT MEASURED  {self.what}: {self.compared} {self.limit:g}"
        number = self.measured(found[self.file])
        holds = COMPARED[self.compared](number, self.limit)
        return holds, f"{'holds' if holds else 'MISSED':12}  {self.what}: {number:g}, {self.compared} {self.limit:g}"


def _times_vdirsyncer(run: str) -> Callable[[Any], float]:
    return lambda result: float(min(one[run] for one in result["core_to_vdirsyncer"].values()))


def _growth(run: str) -> Callable[[Any], float]:
    """How many times as long each entry takes at the largest size as at the smallest."""

    def measured(result: Any) -> float:
        core = sorted((one["entries"], one["seconds"][run]) for one in result["measured"] if one["kind"] == "core")
        (small, before), (large, after) = core[0], core[-1]
        return float(round(after / large / (before / small), 2))

    return measured


def _largest(result: Any) -> Any:
    return next(one for one in result["first_sync"] if one["entries"] == LARGEST)


def _calls(result: Any, *, of: str) -> float:
    return float(sum(n for kind, n in result["small"]["idle_run"]["calls"].items() if kind.startswith(of)))


GOALS = (
    *(
        Goal(f"core beside vdirsyncer, {run}, times", "reconcile", "at least", 5, _times_vdirsyncer(run))
        for run in ("first_sync", "nothing_changed", "few_changed")
    ),
    *(
        Goal(f"core, {run}: time of an entry at 100,000 beside 1,000", "reconcile", "at most", 2, _growth(run))
        for run in ("first_sync", "compared_by_content")
    ),
    Goal("idle run: Graph requests", "first_sync", "at most", 1, lambda r: _calls(r, of="graph")),
    Goal("idle run: Severa requests", "first_sync", "at most", 0, lambda r: _calls(r, of="severa")),
    Goal("idle run: storage calls", "first_sync", "at most", 5, lambda r: _calls(r, of="storage")),
    Goal(
        "first sync, times the shortest", "first_sync", "at most", 1.15,
        lambda r: max(one["times_the_shortest"] for one in r["first_sync"]),
    ),
    Goal("first sync of 10,000: MB", "first_sync", "under", 150, lambda r: _largest(r)["peak_megabytes"]),
    Goal(
        "from edit to written at 10 pairs, p95 in seconds", "latency", "under", 1,
        lambda r: next(one["all"]["p95"] for one in r["measured"] if one["pairs"] == 10),
    ),
    Goal(
        "200 notifications a second, p99 in seconds", "notifications", "under", 1,
        lambda r: max(one["p99"] for one in r["memory"]["at_the_goal"].values()),
    ),
    Goal("import of function_app beside azure.functions, times", "startup", "at most", 3, lambda r: r["ratio"]),
    Goal("import of function_app: MB", "startup", "under", 90, lambda r: r["function_app"]["megabytes"]),
)  # fmt: skip


def judged(results: Path = RESULTS) -> Iterator[tuple[bool, str]]:
    """Each goal: whether it holds, and a row for a reader."""
    found = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(results.glob("*.json"))}
    for goal in GOALS:
        yield goal.line(found)


def main() -> int:
    """Print them; 1 where one is missed or was not measured."""
    rows = list(judged())
    sys.stdout.write("".join(f"{row}\n" for _, row in rows))
    return int(not all(holds for holds, _ in rows))


if __name__ == "__main__":
    sys.exit(main())
