"""A series as a whole, with real adapters on the simulated services: its pattern, its end, what one side cannot hold.

peers.md P12, P13, P16c, P16d, P16e, P21.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.contract.whole.differences import ODD_PATTERNS
from tests.contract.whole.recurring import (
    DAY,
    HOUR,
    TUESDAY,
    WEEK,
    Calendars,
    agreed,
    calendars,
    nth,
    on,
    weekly,
    weekly_in_severa,
)

SIDES = ("outlook", "severa")
DAILY = {"type": "daily"}


@pytest.fixture
async def both() -> AsyncIterator[Calendars]:
    """Anna's two calendars."""
    async with calendars() as found:
        yield found


# --- another pattern --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("keeps", [False, True], ids=["severa_forgets", "severa_keeps"])
async def test_p13_another_pattern_in_outlook(both: Calendars, *, keeps: bool) -> None:
    """Exchange drops every exception; so they are gone in Severa too, whether or not Severa itself keeps them."""
    both.stage.severa.options.series_edit_keeps_exceptions = keeps
    await agreed(both, "outlook")
    both.cancel_in_outlook(nth(1))
    both.edit_outlook(nth(2), subject="Farewell")
    await both.settle()
    pattern = {"pattern": weekly() | {"interval": 2}, "range": {"type": "numbered", "numberOfOccurrences": 3}}
    both.stage.graph.people.edit_event(both.event().immutable_id, recurrence=pattern)
    await both.settle()
    seen = await both.check()
    assert [(one[0], one[2]) for one in seen] == [(on(nth(n)), "Standup") for n in (0, 2, 4)]


async def test_p13_another_pattern_in_severa(both: Calendars) -> None:
    """Exchange drops its exceptions with the write: those that Severa keeps are written again, the others named."""
    both.stage.severa.options.series_edit_keeps_exceptions = True
    await agreed(both, "severa", times=6)
    both.cancel_in_severa(nth(4))
    both.edit_severa(nth(2), name="Farewell")
    both.edit_severa(nth(1), name="Not on an even week")
    await both.settle()
    every_other = {"frequency": "Weekly", "pattern": {"weekly": weekly_in_severa() | {"interval": 2}}, "range": {}}
    both.stage.severa.people.edit_activity(both.activity().guid, recurrence=every_other)
    written = await both.settle()
    assert written == {"updated_microsoft": 1, "dates_microsoft": 2}
    seen = await both.check(last=nth(8))
    assert [(one[0], one[2]) for one in seen] == [
        (on(nth(0)), "Standup"),
        (on(nth(2)), "Farewell"),
        (on(nth(6)), "Standup"),
        (on(nth(8)), "Standup"),
    ]


@pytest.mark.parametrize("side", SIDES)
async def test_p13_another_hour(both: Calendars, side: str) -> None:
    """All dates begin two hours later. Each service forgets its exceptions by itself; both calendars agree."""
    await agreed(both, side)
    both.cancel_in_outlook(nth(1))
    await both.settle()
    start = on(TUESDAY, 12)
    if side == "outlook":
        both.stage.graph.people.edit_event(both.event().immutable_id, start=start, end=start + HOUR)
    else:
        both.stage.severa.people.edit_activity(both.activity().guid, start=start, end=start + HOUR)
    await both.settle()
    seen = await both.check()
    assert {one[0] for one in seen} >= {on(nth(number), 12) for number in (0, 2, 3, 4)}


@pytest.mark.parametrize("side", SIDES)
async def test_p12_this_and_following_and_then_the_tail_goes(both: Calendars, side: str) -> None:
    """A cut series, whose lost exception is written again, and a new one; both halves are edited; the tail goes."""
    await agreed(both, side, times=8)
    both.cancel_in_outlook(nth(1))
    both.edit_outlook(nth(5), subject="Farewell")
    await both.settle()
    start = on(nth(4), 15)
    if side == "outlook":
        people, entry = both.stage.graph.people, both.event().immutable_id
        tail = people.split_series(entry, nth(4), subject="Late standup", start=start, end=start + HOUR)
    else:
        severa, entry = both.stage.severa.people, both.activity().guid
        tail = severa.split_series(entry, nth(4), name="Late standup", start=start, end=start + HOUR).guid
    written = await both.settle()
    other = "severa" if side == "outlook" else "microsoft"
    assert written == {f"updated_{other}": 1, f"dates_{other}": 1, f"created_{other}": 1}
    assert [one[0] for one in await both.check()] == [on(nth(number)) for number in (0, 2, 3)]
    assert [one[0] for one in await both.check("Late standup")] == [on(nth(number), 15) for number in (4, 5, 6, 7)]
    both.edit_outlook(nth(2), location="Room 2")
    both.edit_severa(nth(6), of="Late standup", location="Room 6")
    await both.settle()
    assert (await both.check())[1][4] == "Room 2"
    assert (await both.check("Late standup"))[2][4] == "Room 6"
    if side == "outlook":
        both.stage.graph.people.delete_event(tail)
    else:
        both.stage.severa.people.remove_activity(tail)
        both.stage.clock.advance(25 * HOUR)
    await both.settle()
    assert len(await both.check()) == 3
    assert len(both.events()) == len(both.activities()) == 1


@pytest.mark.parametrize("side", SIDES)
async def test_a_series_becomes_a_single_entry_and_one_again(both: Calendars, side: str) -> None:
    """It stays the same entry on both sides, by its id."""
    await agreed(both, side)
    ids = both.event().immutable_id, both.activity().guid
    graph, severa = both.stage.graph.people, both.stage.severa.people
    if side == "outlook":
        graph.edit_event(ids[0], recurrence=None)
    else:
        severa.edit_activity(ids[1], recurrence=None)
    await both.settle()
    assert (both.event().recurrence, both.activity().recurrence) == (None, None)
    if side == "outlook":
        graph.edit_event(ids[0], recurrence={"pattern": DAILY, "range": {"type": "noEnd"}})
    else:
        severa.edit_activity(ids[1], recurrence={"frequency": "Daily", "pattern": {"daily": {"interval": 1}}})
    await both.settle()
    assert len(await both.check(last=nth(1))) == 8
    assert (both.event().immutable_id, both.activity().guid) == ids


# --- every pattern ----------------------------------------------------------------------------------------------------
PATTERNS: list[dict[str, Any]] = [
    {"type": "daily", "interval": 3},
    {"type": "weekly", "daysOfWeek": ["tuesday", "thursday", "friday"], "firstDayOfWeek": "monday", "interval": 2},
    {"type": "absoluteMonthly", "dayOfMonth": 24},
    {"type": "absoluteMonthly", "dayOfMonth": 31},
    {"type": "relativeMonthly", "daysOfWeek": ["tuesday"], "index": "last", "interval": 2},
    {
        "type": "relativeMonthly",
        "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "index": "last",
    },
    {"type": "absoluteYearly", "dayOfMonth": 29, "month": 2},
    {"type": "relativeYearly", "daysOfWeek": ["sunday"], "index": "first", "month": 5},
]


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda p: "_".join(str(v) for v in p.values() if isinstance(v, str)))
async def test_p16c_every_pattern_that_both_sides_hold(both: Calendars, pattern: dict[str, Any]) -> None:
    """Day 31 and 29 February as Exchange does them (facts/microsoft.md L); the same dates for years."""
    both.in_outlook(on(TUESDAY), on(TUESDAY, 11), pattern, times=12)
    await both.settle()
    far = date(2040, 12, 31)
    seen = both.outlook(last=far)
    assert both.severa(last=far) == seen
    assert len(seen) == 12


async def test_p16c_a_pattern_that_severa_cannot_hold(both: Calendars, service: str) -> None:
    """It stays in Outlook and is counted by the rule's name, the others of that run arrive; no run tries it again."""
    odd, rule = ODD_PATTERNS[bool(service)]
    both.in_outlook(on(TUESDAY), on(TUESDAY, 11), odd, "Odd")
    both.in_outlook(on(TUESDAY), on(TUESDAY, 11), weekly(), times=3)
    report = await both.stage.run()
    assert report.left_out == {rule: 1}
    assert not report.refused
    await both.settle()
    assert [one.name for one in both.activities()] == ["Standup"]
    assert both.severa() == both.outlook()


async def test_p16e_more_dates_than_others_can_hold(both: Calendars) -> None:
    """A thousand dates are not cut at 720 or anywhere else, and the last one can be cancelled."""
    both.in_outlook(on(TUESDAY), on(TUESDAY, 11), DAILY, times=1000)
    await both.settle()
    both.cancel_in_outlook(TUESDAY + 999 * DAY)
    await both.settle()
    assert len(await both.check(last=TUESDAY + 1100 * DAY)) == 999


# --- time goes on -----------------------------------------------------------------------------------------------------
async def test_p16d_p21_nothing_is_written_because_time_goes_on(both: Calendars) -> None:
    """Ten weeks of weekly comparisons, with series that begin, end and enter the window: no write on either side."""
    both.in_outlook(on(TUESDAY), on(TUESDAY, 11), DAILY, "Endless")
    both.in_outlook(TUESDAY, TUESDAY + 2 * DAY, weekly(), "Whole days", times=3)
    start = on(TUESDAY + timedelta(days=725), 0, 30)
    both.in_severa(start, start + HOUR, "weekly", weekly_in_severa(start.date()), "At the far edge")
    both.in_severa(on(TUESDAY - 4 * WEEK), on(TUESDAY - 4 * WEEK, 11), "daily", {"interval": 1}, "Ends", times=30)
    await both.settle()
    assert len(both.events()) == len(both.activities()) == 4
    writes = [log.count("POST", status=201) for log in (both.stage.graph.requests, both.stage.severa.requests)]
    for _ in range(10):
        both.stage.clock.advance(8 * DAY)
        assert not await both.settle()
    assert len(both.events()) == len(both.activities()) == 4
    assert writes == [log.count("POST", status=201) for log in (both.stage.graph.requests, both.stage.severa.requests)]


@pytest.mark.parametrize("shared", [False, True], ids=["an_icaluid_each", "one_icaluid"])
async def test_p63_p64_a_series_gets_other_ids(both: Calendars, *, shared: bool) -> None:
    """Moved through another store it comes back under new ids, exceptions and all: relinked, nothing is made again."""
    both.stage.graph.options.shared_ical_uid = shared
    await agreed(both, "severa")
    both.cancel_in_outlook(nth(1))
    both.edit_outlook(nth(2), subject="Farewell")
    await both.settle()
    guid = both.activity().guid
    both.stage.graph.people.rehome_event(both.event().immutable_id)
    both.stage.clock.advance(HOUR)
    await both.settle()
    assert [one[2] for one in await both.check()] == ["Standup", "Farewell", "Standup", "Standup"]
    assert both.activity().guid == guid
    both.cancel_in_severa(nth(4))
    await both.settle()
    assert len(await both.check()) == 3


@pytest.mark.parametrize("lie", [False, True], ids=["told_by_its_own_id", "told_by_its_dates_too"])
async def test_p24_a_series_moves_beyond_the_window(both: Calendars, *, lie: bool) -> None:
    """A round calls it removed, dates and all; it is looked at by its id, and Severa's moves along.

    Its deletion there shows in no round: the weekly comparison finds it once the dates are in the window.
    """
    both.stage.graph.options.delta_removed_occurrences = lie
    both.in_outlook(on(TUESDAY, 15), on(TUESDAY, 16), weekly(), "Stays")
    await agreed(both, "outlook")
    start = on(TUESDAY + 900 * DAY)
    pattern = {"pattern": weekly(start.date()), "range": {"type": "numbered", "numberOfOccurrences": 3}}
    both.stage.graph.people.edit_event(both.event().immutable_id, start=start, end=start + HOUR, recurrence=pattern)
    await both.settle()
    assert len(await both.check()) == 3
    both.stage.graph.people.delete_event(both.event().immutable_id)
    both.stage.clock.advance(200 * DAY)
    await both.settle()
    assert [one.name for one in both.activities()] == ["Stays"]
