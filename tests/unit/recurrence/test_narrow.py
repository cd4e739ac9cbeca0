"""What each side cannot hold of a series, by the name of the rule (R22)."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from core.model.essence import Field
from core.model.pattern import (
    WEEKDAYS,
    WEEKEND,
    Daily,
    Day,
    MonthlyByDay,
    MonthlyByWeekday,
    Ordinal,
    Pattern,
    Weekly,
)
from core.model.recurrence import ClockTime, Series, WholeDays
from core.model.rezone import in_zone
from core.sync.narrow import Narrowed, Rule, on_microsoft, on_severa
from tests.unit.recurrence.made import HELSINKI, NEW_YORK, clock, made

MON, TUE, SUN = Day.MONDAY, Day.TUESDAY, Day.SUNDAY
LONDON = "Europe/London"


@pytest.mark.parametrize("rule", Rule)
def test_names(rule: Rule) -> None:
    """Each begins with the field that it narrows."""
    assert Field(rule.split("_")[0]) is Field.TIME


@pytest.mark.parametrize(
    "pattern",
    [
        Daily(3),
        Weekly(1, WEEKDAYS),
        Weekly(2, frozenset({MON, TUE}), SUN),
        MonthlyByDay(1, 31),
        MonthlyByDay(12, 29),
        MonthlyByWeekday(3, Ordinal.FIRST, WEEKDAYS),
        MonthlyByWeekday(1, Ordinal.LAST, WEEKEND),
        MonthlyByWeekday(12, Ordinal.SECOND, frozenset({TUE})),
    ],
)
def test_what_severa_holds(pattern: Pattern) -> None:
    """It stays as it is, and nothing is told."""
    known = made("2026-02-01", pattern, times=5)
    assert on_severa(known, HELSINKI) == Narrowed(known)


@pytest.mark.parametrize(
    ("pattern", "rule"),
    [
        (MonthlyByWeekday(1, Ordinal.FIRST, frozenset({MON, TUE})), Rule.WEEKDAY_SET),
        (Weekly(2, frozenset({MON, SUN}), SUN), Rule.WEEK_START),
    ],
)
def test_patterns_that_severa_cannot_hold(pattern: Pattern, rule: Rule) -> None:
    """They are named, never flattened into another pattern (P16c)."""
    assert on_severa(made("2026-02-01", pattern), HELSINKI) == Narrowed(None, (rule,))


def test_a_yearly_interval_of_two() -> None:
    """Severa shows it as every 24 months: told once, and nothing is lost."""
    known = made("2026-02-10", MonthlyByDay(24, 10))
    assert on_severa(known, HELSINKI) == Narrowed(known, (Rule.YEARS_AS_MONTHS,))


def test_a_zone_that_keeps_its_distance() -> None:
    """London is always two hours behind Helsinki, so Helsinki's clocks tell the whole truth."""
    found = on_severa(made("2026-01-05", at=clock("09:00", zone=LONDON), times=9), HELSINKI)
    assert found == Narrowed(made("2026-01-05", at=clock("11:00"), times=9))
    assert found.series is not None
    assert found.series.counted


def test_a_zone_that_does_not() -> None:
    """New York moves its clocks on other days: most occurrences stay where they are, and it is told."""
    # begun in the three weeks of March in which it is six hours, not seven
    known = made("2026-03-10", at=clock("09:00", zone=NEW_YORK))
    assert on_severa(known, HELSINKI) == Narrowed(made("2026-03-10", at=clock("16:00")), (Rule.ZONE,))
    always = made("2026-07-04", MonthlyByDay(12, 4), clock("09:00", zone=NEW_YORK))
    assert on_severa(always, HELSINKI) == Narrowed(made("2026-07-04", MonthlyByDay(12, 4), clock("16:00")))


def test_a_zone_in_which_it_is_another_day() -> None:
    """Weekdays turn with it, days of the month where there are such days; else it is named."""
    late = clock("23:00", zone=LONDON)
    evenings = made("2026-01-05", Weekly(1, frozenset({MON})), late, until="2026-03-02")
    assert on_severa(evenings, HELSINKI) == Narrowed(
        made("2026-01-06", Weekly(1, frozenset({TUE})), clock("01:00"), until="2026-03-03")
    )
    last_day = made("2026-01-31", MonthlyByDay(1, 31), late)
    assert on_severa(last_day, HELSINKI) == Narrowed(made("2026-02-01", MonthlyByDay(1, 1), clock("01:00")))
    second_tuesday = made("2026-01-01", MonthlyByWeekday(1, Ordinal.SECOND, frozenset({TUE})), late)
    assert on_severa(second_tuesday, HELSINKI) == Narrowed(None, (Rule.ZONE_MOVES_DATE,))


def test_whole_days_are_in_no_zone() -> None:
    """They stay, whosever they are."""
    known = made("2026-01-05", at=WholeDays())
    assert on_severa(known, NEW_YORK) == Narrowed(known)


@pytest.mark.parametrize(("start", "minutes"), [("03:30", 60), ("02:30", 60)])
def test_a_first_occurrence_whose_time_is_skipped(start: str, minutes: int) -> None:
    """Severa would take the moved time for that of the whole series."""
    assert on_severa(made("2026-03-29", at=clock(start, minutes)), HELSINKI) == Narrowed(None, (Rule.STARTS_IN_GAP,))
    later = made("2026-03-28", at=clock(start, minutes))
    assert on_severa(later, HELSINKI) == Narrowed(later)


def test_the_second_of_two_equal_hours_in_another_zone() -> None:
    """A fold is told by the other zone's clocks where they show two equal hours too."""
    known = made("2026-10-25", at=clock("01:30", zone=LONDON, fold=1))
    found = in_zone(known, HELSINKI)
    assert found is not None
    assert found.series == made("2026-10-25", at=clock("03:30", fold=1))
    assert found.exact


@pytest.mark.parametrize(
    "known",
    [
        made("2026-01-05", at=WholeDays()),
        made("2026-01-05", Daily(999)),
        made("2026-01-05", Weekly(99, frozenset({MON}))),
        made("2026-01-05", MonthlyByDay(98, 5)),
        made("2026-01-05", MonthlyByDay(99 * 12, 5)),
        made("2026-01-05", MonthlyByWeekday(1, Ordinal.LAST, frozenset({MON, TUE}))),
        made("2026-01-05", at=clock(minutes=24 * 60)),
        made("2026-01-05", at=clock(minutes=48 * 60), times=1),
    ],
)
def test_what_microsoft_holds(known: Series) -> None:
    """It stays as it is, and nothing is told."""
    assert on_microsoft(known) == Narrowed(known)


@pytest.mark.parametrize(
    ("known", "rule"),
    [
        (made("2026-01-05", Daily(1000)), Rule.INTERVAL),
        (made("2026-01-05", Weekly(100, frozenset({MON}))), Rule.INTERVAL),
        (made("2026-01-05", MonthlyByDay(100, 5)), Rule.INTERVAL),
        (made("2026-01-05", MonthlyByWeekday(100 * 12, Ordinal.LAST, WEEKDAYS)), Rule.INTERVAL),
        (made("2026-01-05", at=clock(minutes=24 * 60 + 1)), Rule.OVERLAPS),
        (made("2026-01-05", Weekly(1, frozenset({MON, TUE})), WholeDays(2)), Rule.OVERLAPS),
        (made("2026-01-05", MonthlyByDay(1, 5), WholeDays(29), times=3), Rule.OVERLAPS),
    ],
)
def test_what_microsoft_cannot_hold(known: Series, rule: Rule) -> None:
    """It is named."""
    assert on_microsoft(known) == Narrowed(None, (rule,))


def test_seconds_and_the_second_hour() -> None:
    """Exchange counts minutes, and has no word for the second of two equal hours."""
    odd = ClockTime(time(3, 30, 30), timedelta(minutes=10, seconds=1), HELSINKI, 1)
    assert on_microsoft(made("2026-10-25", at=odd)) == Narrowed(
        made("2026-10-25", at=clock("03:30", 10)), (Rule.SECONDS, Rule.SECOND_HOUR)
    )
