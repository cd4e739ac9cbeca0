"""The benchmarks' results: they say how they were made, the goals can be read from them, the pages quote them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.goals import GOALS, RESULTS, Goal

ROOT = Path(__file__).resolve().parents[2]
STORED: dict[str, Any] = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in RESULTS.glob("*.json")}
GOAL = Goal("a run: seconds", "file", "under", 2, lambda result: float(result["seconds"]))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"file": {"seconds": 1.5}}, "holds         a run: seconds: 1.5, under 2"),
        ({"file": {"seconds": 2}}, "MISSED        a run: seconds: 2, under 2"),
        ({}, "NOT MEASURED  a run: seconds: under 2"),
    ],
)
def test_a_goal(found: dict[str, Any], said: str) -> None:
    """It holds, is missed, or was not measured; only the first is good."""
    assert GOAL.line(found) == (said.startswith("holds"), said)


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.what)
def test_a_goal_and_the_stored_result(goal: Goal) -> None:
    """Where its result is stored, its number is in it."""
    if goal.file not in STORED:
        pytest.skip(f"benchmarks/results/{goal.file}.json is not there: `make bench` makes it")
    assert goal.measured(STORED[goal.file]) >= 0


def _row(what: str, before: dict[str, float], after: dict[str, float], name: str, form: str) -> str:
    return f"| {what} | {before[name]:{form}} s | {after[name]:{form}} s |"


def test_the_page_about_the_package() -> None:
    """Its figures are those of the stored result."""
    page = (ROOT / "docs" / "packaging.md").read_text(encoding="utf-8")
    found = STORED["packaging"]
    before, after, small = found["before"], found["after"], found["pruned_without_bytecode"]
    bytecode = after["megabytes"] - small["megabytes"]
    rows = (
        f"| size, unzipped | {before['megabytes']} MB | {after['megabytes']} MB, of it {bytecode:.1f} MB bytecode |",
        f"| files | {before['files']:,} | {after['files']:,} ({small['files']:,} without bytecode) |",
        f"| zip | | {found['zip_megabytes']} MB |",
        _row("import of `function_app`", before, after, "import_function_app_seconds", ".2f"),
        _row("import of everything that can be imported", before, after, "import_everything_seconds", ".1f"),
    )
    assert [row for row in rows if row not in page] == []
