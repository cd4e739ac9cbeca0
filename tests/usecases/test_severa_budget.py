"""A company of 5,000 users and Severa's ten requests a second (docs/severa-budget.md, benchmarks/severa_budget.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.severa_budget import CASES, SEED, Case, play
from core.usecases.limiter import RATE, TURN_RATE
from core.usecases.turns import COMPARISON_REQUESTS, LISTING_REQUESTS

ADMITTED = 10
"""Requests in a second (facts/severa.md 1.3)."""
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    """What the model found at full size."""
    path = ROOT / "benchmarks" / "results" / "severa_budget.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_week_of_a_smaller_company(case: Case) -> None:
    """With as much less of a budget: no second has more than is admitted; all are listed daily, compared weekly."""
    found = play(Case(case.name, always=case.always, busy_day=case.busy_day, users=100, smaller=50))
    assert found["most_in_a_second"] <= ADMITTED
    assert found["comparisons"] == 100
    if case.always:
        assert found["oldest_listing_hours"] <= 24
        assert found["oldest_comparison_days"] <= 7
        assert found["listings"] >= 800
    else:
        assert found["listed_minutes_after_login_at_most"] < 4 * 60


def test_the_whole_company(stored: dict[str, Any]) -> None:
    """Five thousand users, as stored: the same, and changes hardly wait, even in the worst hour."""
    given = {"requests_a_second": RATE, "of_them_regular": TURN_RATE}
    assert stored["given"] == {**given, "listing": LISTING_REQUESTS, "comparison": COMPARISON_REQUESTS}
    assert stored["seed"] == SEED
    for found in stored["cases"]:
        assert (found["users"], found["most_in_a_second"] <= ADMITTED) == (5000, True)
        assert found["comparisons"] == 5000
        assert found["live_waits_seconds"]["p95"] < 3
        assert found["live_yielded"] == 0
    clock, daytime = stored["cases"]
    assert clock["oldest_listing_hours"] <= 24
    assert clock["oldest_comparison_days"] <= 7
    assert daytime["listed_minutes_after_login_at_most"] < 4 * 60


def test_the_page(stored: dict[str, Any]) -> None:
    """Its figures are those of the file."""
    page = (ROOT / "docs" / "severa-budget.md").read_text(encoding="utf-8")
    for found in stored["cases"]:
        waits = found["live_waits_seconds"]
        row = f"| {found['name']} | {found['requests']:,} | {found['most_in_a_second']} |"
        assert row in page
        assert f"{waits['p50']} · {waits['p95']} · {waits['p99']}" in page
