"""The simulation itself: a few seeds of it, and that it can tell right from wrong."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.plan import CHANGING, HIDING, INVITING, MAKING, MEETING, PASSING, SHARING, Plan, dense
from tests.simulation.runner import plan_of, shrink
from tests.simulation.simulate import simulate

ROOT = Path(__file__).parents[2]
SEEDS = "1-24"
LOST = {"answer_lost": 0.3, "late": 0.3}

MOST = 25
"""Seeds after which a planted bug counts as not found."""


@dataclass(frozen=True, slots=True)
class Shaken:
    """What brings a planted bug out: the seed with which to begin, troubles, what people do, and how often."""

    first: int
    troubles: dict[str, float]
    actions: tuple[str, ...]
    most: int = 40


SHAKEN = {
    "loses_a_commit": Shaken(3, {}, CHANGING),
    "creates_twice": Shaken(1, {}, CHANGING),
    "no_rejoin": Shaken(3, LOST, MAKING),
    "no_intents": Shaken(2, LOST, MAKING),
    "cursor_before_pending": Shaken(13, {"store_fails": 0.1}, MAKING),
    "no_proof_of_deletion": Shaken(1, {"listing_lag": 1.0, "stale": 0.5}, MAKING),
    "lease_ignored": Shaken(2, {"message_doubled": 0.05, "late": 0.3}, CHANGING),
    "history_silent": Shaken(5, {}, CHANGING),
    "mask_forgotten": Shaken(2, {}, CHANGING),
    "removals_ignored": Shaken(1, {}, CHANGING),
    "activity_row_ignored": Shaken(10, {"late": 0.6}, SHARING, 60),
    "copy_beside_invitation": Shaken(1, {"late_invitations": 1.0}, MEETING),
    "meetings_stay_open": Shaken(3, {}, HIDING),
    "past_is_announced": Shaken(1, {}, PASSING),
    "inviters_edit_is_announced": Shaken(1, {}, INVITING),
}


def _run(*asked: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.simulation.runner", *asked]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=55
    )


def test_a_few_seeds() -> None:
    """Every promise is kept in each of them."""
    done = _run(SEEDS, "--no-shrink")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_same_seed_twice() -> None:
    """The same trace, line by line."""
    first, second = simulate(plan_of(7)), simulate(plan_of(7))
    assert first.trace == second.trace
    assert len(first.trace) > 100


def test_the_same_seed_in_two_processes(tmp_path: Path) -> None:
    """The same trace, so that a seed can be handed on: the runner sees to it that sets come out the same."""
    books = [tmp_path / "first", tmp_path / "second"]
    for book in books:
        _run("3-5", "--resume", str(book), PYTHONHASHSEED="1")
    assert books[0].read_text() == books[1].read_text()
    assert len(books[0].read_text().splitlines()) == 3


def test_a_run_that_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """Seeds that are in the book are not played again."""
    book = tmp_path / "book"
    book.write_text("3 ok 0\n4 ok 0\n")
    done = _run("3-5", "--resume", str(book))
    assert done.stdout.startswith("1 seeds, broken: none")
    assert [line.split()[0] for line in book.read_text().splitlines()] == ["3", "4", "5"]


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_bug(name: str) -> None:
    """It is found, by a seed that is clean without it."""
    shaken = SHAKEN[name]
    seeds = range(shaken.first, shaken.first + MOST)
    assert any(_is_found(MUTANTS[name], dense(one, shaken.troubles, shaken.actions, shaken.most)) for one in seeds)


def _is_found(mutant: Mutant, plan: Plan) -> bool:
    with mutant():
        broken = simulate(plan).problems
    return bool(broken) and not simulate(plan).problems


def test_a_failure_is_shrunk() -> None:
    """What is left breaks the same promise with less."""
    with MUTANTS["creates_twice"]():
        found = simulate(dense(1, {}))
        small = shrink(found, 10.0)
    assert small.broken == found.broken == "nothing doubled"
    assert len(small.plan.steps) < len(found.plan.steps)
    assert len(small.plan.steps) <= 3
