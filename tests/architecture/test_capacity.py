"""benchmarks/results/capacity.json is what the model says, and docs/capacity.md what the file says."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from benchmarks.capacity import BUILDS, MOST_COMPANIES, SIZES, Build, Station, costs, largest, offered, rounds, simulate
from benchmarks.capacity_facts import GIVEN

ROOT = Path(__file__).resolve().parents[2]
STORED: dict[str, Any] = json.loads((ROOT / "benchmarks" / "results" / "capacity.json").read_text(encoding="utf-8"))


def test_the_stored_result() -> None:
    """It was made from these numbers, by this model, with this seed."""
    assert STORED["given"] == {name: asdict(one) for name, one in GIVEN.items()}
    assert STORED["dollars_per_1000_users_and_month"] == costs()
    assert STORED["rounds_of_one_stamp"] == [rounds(companies) for companies in SIZES]
    assert [build["full_at_companies"] for build in STORED["builds"]] == [largest(build) for build in BUILDS]
    assert STORED["builds"][0]["sizes"][0]["waits_seconds"] == simulate(BUILDS[0], SIZES[0])


def test_the_page() -> None:
    """Its figures of cost are those of the file."""
    page = (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")
    dollars = STORED["dollars_per_1000_users_and_month"]
    assert [
        name for name, value in dollars.items() if not name.startswith("total") and f"| {value:.2f} |" not in page
    ] == []
    assert f"**{dollars['total_low']:.0f} to {dollars['total_high']:.0f}**" in page


@pytest.mark.parametrize("build", STORED["builds"], ids=lambda build: build["name"][:9])
def test_the_page_says_where_it_is_full(build: dict[str, Any]) -> None:
    """A row for each build: its stations in order, and up to how many companies it keeps up."""
    page = (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")
    full = build["full_at_companies"]
    cells = [f"{full[name]:,}" for name in ("sweep", "queue pairs", "queue feeds", "account", "instances")]
    cells.append(f"{max(row['companies'] for row in build['sizes'] if row['keeps_up']):,}")
    assert " | ".join(cells) in page.replace("**", "")


def test_the_page_says_how_long_work_waits() -> None:
    """95th percentiles of feed, look and change, or that it falls behind."""
    page = (ROOT / "docs" / "capacity.md").read_text(encoding="utf-8")
    sizes = [{row["companies"]: row for row in build["sizes"]} for build in STORED["builds"]]
    for companies in (1_000, 10_000, 100_000):
        cells = [_waits(rows[companies]) for rows in sizes]
        assert f"| {companies:,} | {cells[0]} | {cells[1]} |" in page


def _waits(row: dict[str, Any]) -> str:
    if not row["keeps_up"]:
        return "falls behind"
    waits = [row["waits_seconds"][kind]["p95"] for kind in ("feed", "look", "change")]
    return " · ".join(f"{wait:.0f}" if wait >= 10 else f"{wait:.1f}" for wait in waits)


def test_every_number_has_a_source() -> None:
    """Or is named an assumption."""
    assert all(one.source and one.unit for one in GIVEN.values())
    assert all("assumption" not in one.source for one in GIVEN.values() if one.sure)


def test_a_full_station() -> None:
    """One server does one thing after the other; two do them side by side."""
    one, two = Station(1), Station(2)
    assert [one.serve(0.0, 2.0) for _ in range(3)] == [(0.0, 2.0), (2.0, 4.0), (4.0, 6.0)]
    assert [two.serve(0.0, 2.0) for _ in range(3)] == [(0.0, 2.0), (0.0, 2.0), (2.0, 4.0)]


@pytest.mark.parametrize("companies", [200, 4 * MOST_COMPANIES])
def test_waits_grow_where_a_station_is_full(companies: int) -> None:
    """What is offered decides: below its rate nobody waits for long, above it the wait grows with time."""
    build = Build("row by row", sweeps=1)
    is_full = max(offered(build, companies).values()) > 1
    assert (simulate(build, companies)["feed"]["p95"] > 60) is is_full
