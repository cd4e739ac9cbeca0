"""What is regular waits for its turn among the company's: daily listings and weekly comparisons.

Severa's budget of requests is the whole company's (limiter.py, docs/severa-budget.md): what 5,000 pairs want at eight
in the morning is spread over the hours after it, and live changes go on beside it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from core.model.ids import Pair
from core.model.state import PairState
from core.ports import Ports
from core.usecases.book import comparison_after, listing_after
from core.usecases.limiter import turn
from core.usecases.report import Report

LISTING = timedelta(hours=24)
"""Severa tells of no deletion: its side is listed once a day (R8), and by then whatever else there is to do."""
LISTING_REQUESTS, COMPARISON_REQUESTS = 4, 8
"""About what Severa is asked for them: three listings, of a page or two each; the same twice, and the user."""
SHORT = timedelta(seconds=5)
"""So long a run waits for its turn; for more a message comes when it is there."""
KEPT = timedelta(minutes=5)
"""How long a turn is kept for a message that is late."""


class Pen(Protocol):
    """What holds the state that a run will store (recorder.py)."""

    state: PairState


async def compares_now(ports: Ports, pair: Pair, pen: Pen, report: Report, switched_on: datetime | None) -> bool:
    """Whether a run reads both sides in full: never done yet, the sync was off in between, or a week ago, in turn."""
    state = pen.state
    if state.compared is None or was_off(state, switched_on):
        return True
    is_due = ports.clock.now() - state.compared >= comparison_after(pair)
    return is_due and await _has_turn(ports, pair, pen, report, COMPARISON_REQUESTS)


async def lists_now(ports: Ports, pair: Pair, pen: Pen, report: Report, *, is_busy: bool = False) -> bool:
    """Whether a run lists Severa's side. What came in goes first: then a later look lists, within the day."""
    listed = pen.state.listed
    if listed is None:
        return True
    age = ports.clock.now() - listed
    if age < listing_after(pair) or (is_busy and age < LISTING):
        return False
    return await _has_turn(ports, pair, pen, report, LISTING_REQUESTS)


def was_off(state: PairState, switched_on: datetime | None) -> bool:
    """Whether the sync was off since the last comparison: what was deleted meanwhile waits for a person (R5)."""
    return state.compared is not None and switched_on is not None and switched_on > state.compared


async def _has_turn(ports: Ports, pair: Pair, pen: Pen, report: Report, requests: int) -> bool:
    """Whether it is this pair's turn. Where it comes within a minute, the report asks for a look then."""
    now, given = ports.clock.now(), pen.state.turn
    if given is None or now >= given + KEPT:
        given = await turn(ports, pair.company, requests)
    pen.state = replace(pen.state, turn=given)
    if given is None:
        return False
    if given > now + SHORT:
        report.wait_until(given)
        return False
    if given > now:
        await ports.sleeper.sleep((given - now).total_seconds())
    pen.state = replace(pen.state, turn=None)
    return True
