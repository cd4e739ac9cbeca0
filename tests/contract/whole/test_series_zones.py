"""The clocks of a series, with real adapters on the simulated services (R23; peers.md P17 to P20, P22, P22b)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.contract.whole.recurring import DAY, HELSINKI, HOUR, TUESDAY, WEEK, Calendars, calendars, nth, on, weekly
from tests.contract.whole.recurring import weekly_in_severa as in_severa

SIDES = ("outlook", "severa")
DAILY = {"type": "daily"}
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)
"""When clocks move in Helsinki: 3:00 to 4:00, and 4:00 to 3:00."""
NEXT_YEAR = date(2027, 12, 31)


@pytest.fixture
async def both() -> AsyncIterator[Calendars]:
    """Anna's two calendars."""
    async with calendars() as found:
        yield found


# --- named zones ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("side", SIDES)
async def test_p18_a_weekly_series_over_both_edges(both: Calendars, side: str) -> None:
    """Ten o'clock in Helsinki is ten o'clock all year long, on both sides, with a date cancelled in each season."""
    if side == "outlook":
        both.in_outlook(on(TUESDAY), on(TUESDAY, 11), weekly())
    else:
        both.in_severa(on(TUESDAY), on(TUESDAY, 11), "weekly", in_severa())
    await both.settle()
    both.cancel_in_severa(nth(20))
    both.cancel_in_outlook(nth(50))
    await both.settle()
    seen = await both.check(last=NEXT_YEAR)
    assert {one[0].astimezone(HELSINKI).hour for one in seen} == {10}
    assert {one[0].hour for one in seen} == {7, 8}
    assert len(seen) == 56
    limits = (both.event().recurrence or {})["range"]
    assert limits["recurrenceTimeZone"] in ("Europe/Helsinki", "FLE Standard Time")


async def test_p17_the_windows_name_of_helsinki(both: Calendars) -> None:
    """Outlook's name for Finland's clocks is CLDR's name for Kiev's: the same clocks, so history is told of nothing."""
    kiev = ZoneInfo("Europe/Kiev")
    both.in_outlook(on(TUESDAY, zone=kiev), on(TUESDAY, 11, zone=kiev), weekly(), zone="FLE Standard Time")
    await both.settle()
    both.cancel_in_severa(nth(30))
    both.edit_outlook(nth(1), start=on(nth(1), 12), end=on(nth(1), 13))
    await both.settle()
    assert len(await both.check(last=nth(60))) == 60
    assert await both.told() == []
    assert (both.event().recurrence or {})["range"]["recurrenceTimeZone"] == "FLE Standard Time"
    both.stage.severa.people.edit_activity(both.activity().guid, start=on(TUESDAY, 9), end=on(TUESDAY, 10))
    await both.settle()
    await both.check(last=nth(60))


async def test_p18_an_organizer_of_another_continent(both: Calendars) -> None:
    """New York's evening is Helsinki's next morning: its exceptions go to the right dates, both ways."""
    york = ZoneInfo("America/New_York")
    monday = TUESDAY - DAY
    both.in_outlook(on(monday, 20, zone=york), on(monday, 21, zone=york), weekly(monday), times=30)
    await both.settle()
    assert await both.told() == ["time_zone_not_the_owners"]
    both.cancel_in_outlook(monday + WEEK)
    both.cancel_in_severa(TUESDAY + 2 * WEEK)
    both.edit_severa(TUESDAY + 3 * WEEK, name="Farewell")
    both.edit_outlook(monday + 4 * WEEK, subject="Hello")
    await both.settle()
    seen, told = both.outlook(), both.severa()
    assert len(seen) == len(told) == 28
    assert [one[2] for one in seen] == [one[2] for one in told]
    assert [one[2] for one in seen[:4]] == ["Standup", "Farewell", "Hello", "Standup"]
    apart = [told_[0] - seen_[0] for told_, seen_ in zip(told, seen, strict=True)]
    assert set(apart) <= {timedelta(), HOUR}
    assert apart.count(HOUR) == 2, "the two weeks in March in which only one of them has moved its clocks"
    assert await both.told() == ["time_zone_not_the_owners"]


@pytest.mark.parametrize("name", ["tzone://Microsoft/Custom", "Customized Time Zone", "No such zone"])
async def test_p19_a_zone_that_nobody_can_resolve(both: Calendars, name: str) -> None:
    """The series is kept, its first date at the right instant, with one remark; the run does not fail, and settles."""
    both.in_outlook(on(TUESDAY), on(TUESDAY, 11), weekly(), times=4, zone=name)
    both.in_outlook(on(TUESDAY, 15), on(TUESDAY, 16), weekly(), "Fine", times=4)
    await both.settle()
    assert both.severa()[0][0] == on(TUESDAY)
    assert both.severa("Fine") == both.outlook("Fine")
    assert await both.told() == ["time_zone_unknown"]
    both.cancel_in_outlook(nth(1))
    both.cancel_in_severa(nth(2))
    await both.settle()
    assert [one[0] for one in both.severa()] == [one[0] for one in both.outlook()] == [on(nth(0)), on(nth(3))]
    assert await both.told() == ["time_zone_unknown"]


async def test_p19_the_zones_of_start_and_end_differ(both: Calendars) -> None:
    """A flight: the instants count, each of them, on every date."""
    paris = ZoneInfo("Europe/Paris")
    both.in_outlook(on(TUESDAY, 10), on(TUESDAY, 12, zone=paris), weekly(), times=20)
    await both.settle()
    seen = await both.check()
    assert {one[1] - one[0] for one in seen} == {3 * HOUR}


# --- the edges themselves ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("edge", [SPRING, AUTUMN], ids=["the_hour_that_is_skipped", "the_hour_that_comes_twice"])
@pytest.mark.parametrize("side", SIDES)
async def test_p22b_half_past_three_every_night(both: Calendars, side: str, edge: date) -> None:
    """Both services put the date of the edge at the same instant; it can be edited, and cancelled on the other side."""
    start = edge - 3 * DAY
    begin, end = on(start, 3, 30), on(start, 4, 30)
    if side == "outlook":
        both.in_outlook(begin, end, DAILY, times=7)
    else:
        both.in_severa(begin, end, "daily", {"interval": 1}, times=7)
    await both.settle()
    assert len(await both.check()) == 7
    if side == "outlook":
        both.edit_outlook(edge, subject="Clocks")
    else:
        both.edit_severa(edge, name="Clocks")
    await both.settle()
    assert [one[2] for one in await both.check()].count("Clocks") == 1
    if side == "outlook":
        both.cancel_in_severa(edge)
    else:
        both.cancel_in_outlook(edge)
    await both.settle()
    assert len(await both.check()) == 6
    assert await both.told() == []


@pytest.mark.parametrize("side", SIDES)
async def test_p22b_one_date_moved_into_the_hour_that_comes_twice(both: Calendars, side: str) -> None:
    """Both instants of that hour are held, each as what it is."""
    start = AUTUMN - 3 * DAY
    both.in_outlook(on(start, 10), on(start, 11), DAILY, times=7)
    await both.settle()
    for fold in (0, 1):
        begin = on(AUTUMN, 3, 15).replace(fold=fold)
        moment = begin.astimezone(ZoneInfo("UTC"))
        if side == "outlook":
            both.edit_outlook(AUTUMN, start=moment, end=moment + HOUR)
        else:
            both.edit_severa(AUTUMN, start=moment, end=moment + HOUR)
        await both.settle()
        assert moment in [one[0] for one in await both.check()]


# --- whole days -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("days", [1, 2])
@pytest.mark.parametrize("side", SIDES)
async def test_p20_a_series_of_whole_days(both: Calendars, side: str, days: int) -> None:
    """Dates stay dates over both edges, with an exclusive end; one is moved, one edited, one cancelled, each way."""
    until = TUESDAY + days * DAY
    if side == "outlook":
        both.in_outlook(TUESDAY, until, weekly(), times=50)
    else:
        both.in_severa(TUESDAY, until, "weekly", in_severa(), times=50, all_day=True)
    await both.settle()
    assert len(await both.check()) == 50
    both.edit_outlook(nth(1), start=nth(1) + DAY, end=until + WEEK + DAY)
    both.edit_severa(nth(2), start=nth(2) + DAY, end=until + 2 * WEEK + DAY)
    both.edit_severa(nth(3), name="Farewell")
    both.edit_outlook(nth(20), subject="Summer time")
    both.cancel_in_outlook(nth(4))
    both.cancel_in_severa(nth(21))
    await both.settle()
    seen = await both.check()
    assert len(seen) == 48
    assert [one[0] for one in seen[:5]] == [nth(0), nth(1) + DAY, nth(2) + DAY, nth(3), nth(5)]
    assert {one[1] - one[0] for one in seen} == {days * DAY}
    assert [one[2] for one in seen].count("Summer time") == 1


@pytest.mark.parametrize("side", SIDES)
async def test_p20_one_date_becomes_a_whole_day(both: Calendars, side: str) -> None:
    """And has a time again; the others keep theirs."""
    both.in_outlook(on(TUESDAY), on(TUESDAY, 11), weekly(), times=4)
    await both.settle()
    day = nth(2)
    if side == "outlook":
        both.edit_outlook(day, start=day, end=day + DAY)
    else:
        both.edit_severa(day, start=day, end=day + DAY, all_day=True)
    await both.settle()
    seen = {one[0] for one in both.severa() if not hasattr(one[0], "hour")}
    assert seen == {one[0] for one in both.outlook() if not hasattr(one[0], "hour")} == {day}
    if side == "outlook":
        both.edit_outlook(day, start=on(day, 12), end=on(day, 13), all_day=False)
    else:
        both.edit_severa(day, start=on(day, 12), end=on(day, 13), all_day=False)
    await both.settle()
    assert on(day, 12) in [one[0] for one in await both.check()]


# --- degenerate times -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("side", SIDES)
async def test_p22_a_series_that_lasts_no_time(both: Calendars, side: str) -> None:
    """It is held as such on both sides, and no run fails or writes it again."""
    if side == "outlook":
        both.in_outlook(on(TUESDAY), on(TUESDAY), weekly(), times=4)
    else:
        both.in_severa(on(TUESDAY), on(TUESDAY), "weekly", in_severa(), times=4)
    await both.settle()
    both.cancel_in_outlook(nth(1))
    both.edit_severa(nth(2), name="Farewell")
    await both.settle()
    assert [one[0] for one in await both.check()] == [on(nth(number)) for number in (0, 2, 3)]
