"""Patterns: what they mean, and the one form of those that mean the same."""

from __future__ import annotations

import pytest

from core.model.pattern import (
    EVERY_DAY,
    WEEKDAYS,
    WEEKEND,
    Daily,
    Day,
    MonthlyByDay,
    MonthlyByWeekday,
    Ordinal,
    Pattern,
    Weekly,
    canonical,
    shifted,
)
from core.model.recurrence import starting_in
from tests.unit.recurrence.made import made, on

MON, TUE, WED, SAT, SUN = Day.MONDAY, Day.TUESDAY, Day.WEDNESDAY, Day.SATURDAY, Day.SUNDAY


@pytest.mark.parametrize(
    ("start", "pattern", "dates"),
    [
        ("2026-01-31", MonthlyByDay(1, 31), ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("2027-12-30", MonthlyByDay(1, 30), ["2027-12-30", "2028-01-30", "2028-02-29", "2028-03-30"]),
        ("2024-02-29", MonthlyByDay(12, 29), ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
        ("2024-02-29", MonthlyByDay(48, 29), ["2024-02-29", "2028-02-29", "2032-02-29"]),
        ("2026-01-15", MonthlyByDay(1, 10), ["2026-02-10", "2026-03-10"]),
        ("2026-01-15", MonthlyByDay(2, 10), ["2026-03-10", "2026-05-10"]),
        ("2026-01-01", MonthlyByWeekday(1, Ordinal.LAST, frozenset({Day.FRIDAY})), ["2026-01-30", "2026-02-27"]),
        ("2026-01-01", MonthlyByWeekday(1, Ordinal.FIRST, WEEKDAYS), ["2026-01-01", "2026-02-02", "2026-03-02"]),
        ("2026-01-01", MonthlyByWeekday(1, Ordinal.LAST, WEEKEND), ["2026-01-31", "2026-02-28", "2026-03-29"]),
        ("2026-01-01", MonthlyByWeekday(1, Ordinal.SECOND, EVERY_DAY), ["2026-01-02", "2026-02-02"]),
        ("2026-01-01", MonthlyByWeekday(1, Ordinal.FIRST, frozenset({MON, WED})), ["2026-01-05", "2026-02-02"]),
        ("2026-01-02", Weekly(1, WEEKDAYS), ["2026-01-02", "2026-01-05", "2026-01-06"]),
        ("2026-01-05", Weekly(2, frozenset({MON, SUN}), MON), ["2026-01-05", "2026-01-11", "2026-01-19"]),
        ("2026-01-05", Weekly(2, frozenset({MON, SUN}), SUN), ["2026-01-05", "2026-01-18", "2026-01-19"]),
        ("2026-01-11", Weekly(2, frozenset({MON}), MON), ["2026-01-19", "2026-02-02"]),
        ("2026-01-11", Weekly(2, frozenset({MON}), SUN), ["2026-01-12", "2026-01-26"]),
    ],
)
def test_dates(start: str, pattern: Pattern, dates: list[str]) -> None:
    """Day 31 and 29 February fall on the last day of a shorter month; the first date may come after the start."""
    assert on(made(start, pattern), len(dates)) == dates


@pytest.mark.parametrize(
    ("start", "one", "other"),
    [
        ("2026-01-05", Daily(7), Weekly(1, frozenset({MON}), TUE)),
        ("2026-01-05", Daily(1), Weekly(1, EVERY_DAY, SUN)),
        ("2026-01-05", Weekly(1, WEEKDAYS, SUN), Weekly(1, WEEKDAYS, MON)),
        ("2026-01-05", Weekly(2, frozenset({MON, TUE}), SUN), Weekly(2, frozenset({MON, TUE}), MON)),
        ("2026-01-01", MonthlyByWeekday(1, Ordinal.LAST, EVERY_DAY), MonthlyByDay(1, 31)),
        ("2026-01-01", MonthlyByWeekday(1, Ordinal.THIRD, EVERY_DAY), MonthlyByDay(1, 3)),
        ("2026-04-01", MonthlyByDay(12, 30), MonthlyByDay(12, 31)),
        ("2026-02-01", MonthlyByDay(12, 29), MonthlyByWeekday(12, Ordinal.LAST, EVERY_DAY)),
    ],
)
def test_two_ways_to_say_the_same(start: str, one: Pattern, other: Pattern) -> None:
    """They are equal, and spelt alike."""
    assert made(start, one) == made(start, other)


@pytest.mark.parametrize(
    ("days", "first_day", "kept"),
    [
        ({MON, WED}, WED, WED),
        ({MON, WED}, TUE, WED),
        ({MON, WED}, SAT, MON),
        ({MON, SUN}, SUN, SUN),
        ({SAT, SUN}, MON, MON),
        ({TUE, SAT}, SUN, MON),
        ({SAT, SUN, TUE}, SUN, SUN),
    ],
)
def test_where_weeks_begin(days: set[Day], first_day: Day, kept: Day) -> None:
    """Monday where it makes no difference, else Sunday where that makes none, else the first chosen day itself."""
    assert made("2026-01-05", Weekly(2, frozenset(days), first_day)).pattern == Weekly(2, frozenset(days), kept)


@pytest.mark.parametrize(
    "pattern",
    [
        Daily(0),
        Daily(10_000),
        Weekly(-1, frozenset({MON})),
        Weekly(1, frozenset()),
        MonthlyByDay(1, 0),
        MonthlyByDay(1, 32),
        MonthlyByWeekday(1, Ordinal.LAST, frozenset()),
    ],
)
def test_patterns_without_a_meaning(pattern: Pattern) -> None:
    """They are refused (P16c)."""
    with pytest.raises(ValueError, match=r"interval|day"):
        made("2026-01-05", pattern)


@pytest.mark.parametrize(
    ("pattern", "days", "month", "after"),
    [
        (Daily(3), 1, 1, Daily(3)),
        (Weekly(2, frozenset({MON, SUN}), SUN), 1, 1, Weekly(2, frozenset({TUE, MON}), MON)),
        (Weekly(1, frozenset({MON})), -1, 1, Weekly(1, frozenset({SUN}), SUN)),
        (MonthlyByDay(1, 27), 1, 1, MonthlyByDay(1, 28)),
        (MonthlyByDay(1, 28), 1, 1, None),
        (MonthlyByDay(1, 29), -1, 1, None),
        (MonthlyByDay(1, 31), 1, 1, MonthlyByDay(1, 1)),
        (MonthlyByDay(1, 31), -1, 1, None),
        (MonthlyByDay(1, 1), -1, 3, MonthlyByDay(1, 31)),
        (MonthlyByDay(1, 1), -2, 3, None),
        (MonthlyByDay(12, 30), 1, 1, MonthlyByDay(12, 31)),
        (MonthlyByDay(12, 31), -1, 4, MonthlyByDay(12, 29)),
        (MonthlyByDay(12, 31), 1, 4, MonthlyByDay(12, 1)),
        (MonthlyByWeekday(1, Ordinal.SECOND, frozenset({TUE})), 1, 1, None),
    ],
)
def test_dates_that_are_a_day_off(pattern: Pattern, days: int, month: int, after: Pattern | None) -> None:
    """There is a pattern for them, or none: the day after each second Tuesday is not always a second Wednesday."""
    assert shifted(pattern, days, month) == after


@pytest.mark.parametrize(
    ("pattern", "spelling"),
    [
        (Daily(2), "daily 2"),
        (Weekly(2, frozenset({SUN, MON}), SUN), "weekly 2 mon,sun sun"),
        (MonthlyByDay(12, 24), "monthly 12 day 24"),
        (MonthlyByWeekday(1, Ordinal.LAST, WEEKEND), "monthly 1 last sat,sun"),
    ],
)
def test_spelling(pattern: Pattern, spelling: str) -> None:
    """Each kind of pattern has its own."""
    assert canonical(pattern) == spelling


@pytest.mark.parametrize(
    ("month", "start", "counted_from"),
    [(3, "2026-03-20", "2026-03-20"), (5, "2026-03-20", "2026-05-01"), (2, "2026-03-20", "2027-02-01")],
)
def test_a_yearly_pattern_of_another_month_than_its_start(month: int, start: str, counted_from: str) -> None:
    """It is counted from the next such month."""
    day = made(start).first
    assert starting_in(month, day).isoformat() == counted_from
