"""Series: bounds, normal form, spelling."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from core.model.pattern import Daily, Day, MonthlyByDay, Weekly
from core.model.recurrence import ClockTime, WholeDays, canonical, clock_time, count
from tests.unit.recurrence.made import HELSINKI, NEW_YORK, clock, made

MONDAYS = Weekly(1, frozenset({Day.MONDAY}))


def test_a_start_that_the_pattern_has_not() -> None:
    """The series begins with its first occurrence, and equals one that was begun there."""
    assert made("2026-01-01", MONDAYS) == made("2026-01-05", MONDAYS)
    assert made("2026-01-01", MONDAYS).first == date(2026, 1, 5)


@pytest.mark.parametrize(
    ("until", "times", "last", "number"),
    [
        (None, None, None, None),
        ("2026-01-25", None, date(2026, 1, 19), 3),
        (None, 3, date(2026, 1, 19), 3),
        ("2026-01-12", 3, date(2026, 1, 12), 2),
        ("2026-01-31", 1, date(2026, 1, 5), 1),
        ("4500-08-30", None, None, None),
        ("9999-12-31", None, None, None),
        (None, 2_000_000_000, None, None),
    ],
)
def test_where_it_ends(until: str | None, times: int | None, last: date | None, number: int | None) -> None:
    """With its last occurrence; an end that is as far off as that of Exchange's calendar is none."""
    known = made("2026-01-05", MONDAYS, until=until, times=times)
    assert known.last == last
    assert count(known) == number
    assert known.counted == (times is not None)


@pytest.mark.parametrize(
    ("start", "until", "times"),
    [
        ("2026-01-06", "2026-01-11", None),
        ("2026-01-06", None, 0),
        ("2026-01-06", None, -3),
        ("1600-12-31", None, None),
        ("4500-09-01", None, None),
    ],
)
def test_a_series_without_an_occurrence(start: str, until: str | None, times: int | None) -> None:
    """It is refused (P16c)."""
    with pytest.raises(ValueError, match=r"no occurrence|bounds"):
        made(start, MONDAYS, until=until, times=times)


@pytest.mark.parametrize(
    "at",
    [
        clock(zone="Mars/Olympus"),
        clock(zone="../../etc/passwd"),
        clock(zone=""),
        clock(minutes=60 * 24 * 1831),
        WholeDays(1831),
    ],
)
def test_times_without_a_meaning(at: ClockTime | WholeDays) -> None:
    """A zone that does not exist, and what lasts longer than Exchange allows, are refused."""
    with pytest.raises(ValueError, match=r"zone|long"):
        made("2026-01-05", at=at)


def test_odd_times() -> None:
    """Fractions of seconds go; an inverted or empty stretch is a moment, or a day (P22)."""
    odd = ClockTime(time(9, 0, 1, 999_999), timedelta(seconds=59, microseconds=1), HELSINKI)
    assert made("2026-01-05", at=odd).time == ClockTime(time(9, 0, 1), timedelta(seconds=59), HELSINKI)
    assert made("2026-01-05", at=clock(minutes=-60)).time == clock(minutes=0)
    assert made("2026-01-05", at=WholeDays(0)).time == WholeDays(1)


@pytest.mark.parametrize(
    ("first", "start", "kept"),
    [("2026-10-25", "03:30", 1), ("2026-10-25", "04:00", 0), ("2026-03-29", "03:30", 0), ("2026-10-24", "03:30", 0)],
)
def test_a_fold(first: str, start: str, kept: int) -> None:
    """It is carried where the first occurrence's time comes twice, and dropped where it means nothing."""
    assert made(first, at=clock(start, fold=1)).time == clock(start, fold=kept)


def test_spelling() -> None:
    """One line with all that makes a series what it is."""
    assert canonical(made("2026-01-05")) == "series 2026-01-05 daily 1 endless 09:00:00 +3600 Europe/Helsinki"
    folded = made("2026-10-25", MonthlyByDay(1, 31), clock("03:30", fold=1), times=3)
    assert canonical(folded).startswith("series 2026-10-31 monthly 1 day 31 2026-12-31 03:30:00 +3600")
    second = made("2026-10-25", Daily(2), clock("03:30", fold=1), times=3)
    assert canonical(second) == "series 2026-10-25 daily 2 2026-10-29 03:30:00* +3600 Europe/Helsinki"
    assert canonical(made("2026-01-05", at=WholeDays(2))) == "series 2026-01-05 daily 1 endless all-day 2"


@pytest.mark.parametrize(
    ("start", "end", "zone", "day", "at"),
    [
        ("2026-01-05T07:00", "2026-01-05T08:00", HELSINKI, date(2026, 1, 5), clock()),
        ("2026-01-05T23:30", "2026-01-06T00:30", HELSINKI, date(2026, 1, 6), clock("01:30")),
        ("2026-01-05T23:30", "2026-01-06T00:30", NEW_YORK, date(2026, 1, 5), clock("18:30", zone=NEW_YORK)),
        # over the night in which clocks go forward: eight hours on the clock, seven of sleep
        ("2026-03-28T20:00", "2026-03-29T03:00", HELSINKI, date(2026, 3, 28), clock("22:00", 480)),
    ],
)
def test_what_clocks_show(start: str, end: str, zone: str, day: date, at: ClockTime) -> None:
    """Two instants are a date and a time of day, and a length by the clock."""
    begin, finish = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end))
    assert clock_time(begin, finish, zone) == (day, at)


def test_the_hour_that_comes_twice() -> None:
    """The second of two equal times carries its fold; where clocks tell an earlier end, time passed counts."""
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert clock_time(second, second, HELSINKI) == (date(2026, 10, 25), clock("03:30", 0, fold=1))
    assert clock_time(first, second - timedelta(minutes=15), HELSINKI)[1] == clock("03:30", 45)
    assert clock_time(second, first, HELSINKI)[1] == clock("03:30", 0, fold=1)
