"""The simulation itself: a few seeds of it, and that it can tell right from wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.plan import Plan
from tests.simulation.runner import plan_of, shrink
from tests.simulation.simulate import simulate
from tests.simulation.weather import KINDS

ROOT = Path(__file__).parents[2]
SEEDS = "1-24"
CREATES = ("answer_lost", "late")
LAGS = ("listing_lag", "delta_lag", "stale")
TWICE = ("message_doubled", "stall", "double_sweep", "message_redelivered")
LIKELY: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "loses_a_commit": ((18,), KINDS),
    "creates_twice": ((3,), KINDS),
    "no_rejoin": ((22, 51), CREATES),
    "no_intents": ((22, 51), CREATES),
    "cursor_before_pending": ((37,), ("store_fails",)),
    "no_proof_of_deletion": ((22, 3), LAGS),
    "lease_ignored": ((16, 29), TWICE),
    "history_silent": ((3,), KINDS),
    "mask_forgotten": ((13,), KINDS),
    "removals_ignored": ((25,), KINDS),
}
"""Which seeds found each planted bug last, which are tried first, and the troubles that bring it out."""
MOST = 60
"""Seeds after which a planted bug counts as not found."""


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
    first, troubles = LIKELY[name]
    assert any(_is_found(MUTANTS[name], plan_of(seed, troubles=troubles)) for seed in (*first, *range(1, MOST)))


def _is_found(mutant: Mutant, plan: Plan) -> bool:
    with mutant():
        broken = simulate(plan).problems
    return bool(broken) and not simulate(plan).problems


def test_a_failure_is_shrunk() -> None:
    """What is left breaks the same promise with less."""
    with MUTANTS["creates_twice"]():
        found = simulate(plan_of(LIKELY["creates_twice"][0][0]))
        small = shrink(found, 10.0)
    assert small.broken == found.broken == "nothing doubled"
    assert len(small.plan.steps) < len(found.plan.steps)
    assert len(small.plan.steps) <= 3
