"""The simulation of Exchange Servers and of notifications: a few seeds, and that it finds what goes wrong there."""

from dataclasses import replace

import pytest

from tests.simulation import exchange_mutants, notices_mutants
from tests.simulation.mutants import Mutant
from tests.simulation.people import SERIES, SINGLES
from tests.simulation.plan import CHANGING, MAKING, RELEASES, Plan, dense
from tests.simulation.runner import plan_of
from tests.simulation.simulate import simulate

KINDS = frozenset({SINGLES, SERIES})
ON_BOTH = ("outlook_create", *("severa_edit",) * 6, *("outlook_edit",) * 6)
ON_EACH = ("outlook_create", "outlook_edit", "severa_edit", "severa_create")
FROM_SEVERA = ("severa_create", "severa_create", "severa_edit", "outlook_edit")
MEETING = ("meeting_organize", "meeting_edit", "meeting_answer", "meeting_severa_edit")
LOST = {"answer_lost": 0.06, "late": 0.1}
SHAKEN: dict[str, tuple[dict[str, float], tuple[str, ...], int]] = {
    "mark_not_read": (LOST, FROM_SEVERA, 3),
    "state_before_pending": ({"store_fails": 0.1, "not_sent": 0.2}, MAKING, 1),
    "version_ignored": ({"late": 0.3}, ON_BOTH, 6),
    "busy_means_gone": ({"refused": 0.2}, ON_EACH, 2),
    "everybody_organizes": ({}, MEETING, 1),
    "hint_dropped": ({"store_fails": 0.2}, CHANGING, 3),
    "stranger_to_itself": ({}, CHANGING, 1),
}
"""The troubles that bring out each planted bug, what people do meanwhile, and the seed with which to begin."""
MUTANTS: dict[str, Mutant] = exchange_mutants.MUTANTS | notices_mutants.MUTANTS
MOST = 25
"""Seeds after which a planted bug counts as not found."""


def on_server(seed: int, release: str) -> Plan:
    """A seed's plan, all of whose companies have such a server."""
    plan = plan_of(seed, KINDS)
    return replace(plan, companies=tuple(replace(one, exchange=release) for one in plan.companies))


@pytest.mark.parametrize("release", RELEASES[::2])
def test_an_exchange_server(release: str) -> None:
    """Every promise is kept there, whatever its release."""
    assert simulate(on_server(1 + RELEASES.index(release), release)).problems == ()


def test_the_same_seed_twice_on_a_server() -> None:
    """The same trace, line by line."""
    first, second = (simulate(dense(1, LOST, FROM_SEVERA, most=15, exchange="2013")) for _ in range(2))
    assert first.trace == second.trace
    assert any(" ews CreateItem " in line for line in first.trace)


def test_meetings_on_a_server() -> None:
    """Every promise is kept; the organizer's edits in Severa are told to the attendees, and nothing else is (R16)."""
    played = simulate(dense(2, {}, MEETING, most=30, exchange="2016"))
    assert played.problems == ()
    for what in ("the organizer edits", "chooses to", "edits the meeting's activity", " ews UpdateItem "):
        assert any(what in line for line in played.trace)


def test_notifications_come() -> None:
    """They are taken, and lead to runs; every kind of trouble with them happens within some seeds."""
    seeds = [simulate(dense(seed, {"notice_lost": 0.2, "notice_doubled": 0.2, "notice_late": 0.2})) for seed in (1, 2)]
    assert all(one.problems == () for one in seeds)
    for kind in ("notice_lost", "notice_doubled", "notice_late"):
        assert any(one.counts[f"trouble {kind}"] for one in seeds)
    assert any("notifications -> 202" in line for line in seeds[0].trace)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_bug(name: str) -> None:
    """It is found, by a seed that is clean without it."""
    troubles, actions, first = SHAKEN[name]
    release = "2013" if name in exchange_mutants.MUTANTS else ""
    plans = (dense(seed, troubles, actions, exchange=release) for seed in range(first, first + MOST))
    assert any(_is_found(MUTANTS[name], plan) for plan in plans)


def _is_found(mutant: Mutant, plan: Plan) -> bool:
    with mutant():
        broken = simulate(plan).problems
    return bool(broken) and not simulate(plan).problems
