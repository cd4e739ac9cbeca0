"""When an entry takes place (R23), and the windows that are sure to show it. P20, P21, P22."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from core.model.pattern import MonthlyByDay
from core.model.when import ENDLESS, AllDay, Timed, Window, all_day, around, canonical, covers, ends_at, timed
from tests.support.series import weekly

TEN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ELEVEN = TEN + timedelta(hours=1)
HELSINKI = ZoneInfo("Europe/Helsinki")


def test_same_instants_in_two_zones() -> None:
    """The zone is carried, never compared."""
    here = timed(TEN.astimezone(HELSINKI), ELEVEN.astimezone(HELSINKI), "Europe/Helsinki")
    assert here == timed(TEN, ELEVEN)
    assert canonical(here) == canonical(timed(TEN, ELEVEN))
    assert (here.start, here.start.tzinfo, here.zone) == (TEN, UTC, "Europe/Helsinki")


def test_hour_that_occurs_twice() -> None:
    """When the clocks go back, wall time repeats and instants do not."""
    first = datetime(2026, 10, 25, 3, 30, tzinfo=HELSINKI)
    assert timed(first, first) != timed(first.replace(fold=1), first.replace(fold=1))


def test_parts_of_a_second() -> None:
    """No side keeps them alike: they are dropped."""
    assert timed(TEN.replace(microsecond=999_999), ELEVEN.replace(microsecond=1)) == timed(TEN, ELEVEN)


@pytest.mark.parametrize("end", [TEN, TEN - timedelta(hours=5)])
def test_zero_length_and_inverted(end: datetime) -> None:
    """An inverted end is moved to the start; a moment stays a moment (P22)."""
    assert timed(TEN, end) == Timed(TEN, TEN)


@pytest.mark.parametrize(("start", "end"), [(TEN.replace(tzinfo=None), ELEVEN), (TEN, ELEVEN.replace(tzinfo=None))])
def test_without_a_zone(start: datetime, end: datetime) -> None:
    """A wall time names no instant."""
    with pytest.raises(ValueError, match="zone"):
        timed(start, end)


def test_whole_days() -> None:
    """The end is exclusive; at least one day, also where it was given as the same or an earlier one (P20, P22)."""
    day = date(2026, 11, 24)
    assert all_day(day, date(2026, 11, 26)) == AllDay(day, date(2026, 11, 26))
    assert all_day(day, day) == all_day(day, date(2026, 1, 1)) == AllDay(day, date(2026, 11, 25))


def test_spelling() -> None:
    """What digests are made of: one spelling for each stretch, and another for whole days from midnight to midnight."""
    assert canonical(timed(TEN, ELEVEN)) == "timed 2026-11-24T10:00:00Z 2026-11-24T11:00:00Z"
    assert canonical(AllDay(date(2026, 11, 24), date(2026, 11, 25))) == "all-day 2026-11-24 2026-11-25"


def test_over() -> None:
    """A day is over when it is over in the zone that is farthest behind."""
    assert ends_at(timed(TEN, ELEVEN)) == ELEVEN
    assert ends_at(AllDay(date(2026, 11, 24), date(2026, 11, 25))) == datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize("hours", [-12, 0, 14])
def test_window_around_whole_days(hours: int) -> None:
    """It shows the days in whatever zone they are lived (P21)."""
    place = timezone(timedelta(hours=hours))
    window = around(AllDay(date(2026, 11, 24), date(2026, 11, 25)))
    assert window.start <= datetime(2026, 11, 24, tzinfo=place)
    assert datetime(2026, 11, 25, tzinfo=place) <= window.end


def test_window_around_a_moment() -> None:
    """It has a width, and room on both edges."""
    window = around(timed(TEN, TEN))
    assert window == Window(TEN - timedelta(minutes=1), TEN + timedelta(minutes=1))


def test_first_and_last_day_that_can_be_named() -> None:
    """An entry at the end of all time fails nobody."""
    last = AllDay(date(9999, 12, 30), date.max)
    assert around(last).end == datetime(9999, 12, 31, tzinfo=UTC)
    first = datetime.min.replace(tzinfo=UTC)
    assert around(Timed(first, first)).start == first


@pytest.mark.parametrize(
    ("before", "after", "shown"), [(60, 60, True), (59, 60, False), (60, 59, False), (3600, 3600, True)]
)
def test_window_that_covers(before: int, after: int, *, shown: bool) -> None:
    """Only a view that reaches beyond both edges is sure to show an entry."""
    window = Window(TEN - timedelta(seconds=before), ELEVEN + timedelta(seconds=after))
    assert covers(window, timed(TEN, ELEVEN)) is shown


# --- series -----------------------------------------------------------------------------------------------------------
EIGHT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
"""When `weekly()` begins: ten o'clock in Helsinki."""
MINUTE, WEEK = timedelta(minutes=1), timedelta(weeks=1)


def test_series_is_over() -> None:
    """With its last occurrence; one without an end with Exchange's calendar."""
    assert ends_at(weekly(times=3)) == EIGHT + 2 * WEEK + timedelta(hours=1)
    assert ends_at(weekly()) == ENDLESS
    assert ends_at(weekly(days=1, times=1)) == datetime(2026, 11, 25, 12, tzinfo=UTC)


def test_spelling_of_a_series() -> None:
    """Another one than that of any of its occurrences."""
    assert canonical(weekly(times=3)).startswith("series 2026-11-24 weekly 1 tue ")


@pytest.mark.parametrize(("times", "weeks"), [(1, 0), (2, 1), (3, 2), (9, 2), (None, 2)])
def test_window_around_a_series(times: int | None, weeks: int) -> None:
    """It shows the first three occurrences, so that one or two may be cancelled; where there are fewer, those."""
    hour = timedelta(hours=1)
    assert around(weekly(times=times)) == Window(EIGHT - MINUTE, EIGHT + weeks * WEEK + hour + MINUTE)


def test_window_around_a_rare_series() -> None:
    """No view is made years long for the sake of a second occurrence."""
    yearly = weekly(pattern=MonthlyByDay(12, 24))
    assert around(yearly) == around(timed(EIGHT, EIGHT + timedelta(hours=1)))
    every_other_month = weekly(pattern=MonthlyByDay(2, 24))
    assert around(every_other_month).end.date() == date(2027, 1, 24)
    quarterly = weekly(pattern=MonthlyByDay(3, 24))
    assert around(quarterly).end.date() == date(2027, 2, 24)


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        (EIGHT - MINUTE, EIGHT + timedelta(hours=1) + MINUTE, True),
        (EIGHT, EIGHT + timedelta(hours=1) + MINUTE, False),
        (EIGHT, EIGHT + WEEK + timedelta(hours=2), True),
        (EIGHT - timedelta(days=9), EIGHT - timedelta(hours=1), False),
        (EIGHT + 2 * WEEK - MINUTE, EIGHT + 3 * WEEK, True),
        (EIGHT + 3 * WEEK, EIGHT + 99 * WEEK, False),
    ],
    ids=["the first one", "cut off", "the second one", "before", "the last one", "after"],
)
def test_window_that_covers_a_series(start: datetime, end: datetime, *, shown: bool) -> None:
    """It is enough that one of its occurrences is sure to show; one at the edge is not."""
    assert covers(Window(start, end), weekly(times=3)) is shown
