"""How a series recurs, in as few forms as there are meanings. Dates only: no time of day, no zone.

Yearly is every twelve months, the month being that of the first occurrence: Exchange keeps it so (MS-OXCICAL
2.1.3.2.2.6: Period is 12 times INTERVAL), and neither EWS nor Severa has a yearly interval. Every weekday is weekly
with five days.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum


class Day(IntEnum):
    """The days of the week, numbered as `date.weekday()` does."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


class Ordinal(IntEnum):
    """Which of a month's matching days."""

    FIRST = 1
    SECOND = 2
    THIRD = 3
    FOURTH = 4
    LAST = 5


WEEKDAYS = frozenset(list(Day)[:5])
WEEKEND = frozenset({Day.SATURDAY, Day.SUNDAY})
EVERY_DAY = frozenset(Day)

YEAR = 12
"""Months of a yearly pattern."""
LAST_OF_MONTH = 31
"""A day that a month does not have means its last one (facts/microsoft.md L): this is the last day of every month."""
LONGEST_INTERVAL = 9999
"""Of days, weeks or months; far beyond what any calendar offers, and short enough for every date to exist."""


@dataclass(frozen=True, slots=True)
class Daily:
    """Every `interval` days."""

    interval: int = 1


@dataclass(frozen=True, slots=True)
class Weekly:
    """On `days` of every `interval` weeks, counted from that of the first occurrence; weeks begin with `first_day`."""

    interval: int
    days: frozenset[Day]
    first_day: Day = Day.MONDAY


@dataclass(frozen=True, slots=True)
class MonthlyByDay:
    """On that day of every `interval` months, or on the last one where the month is shorter (facts/microsoft.md L)."""

    interval: int
    day: int


@dataclass(frozen=True, slots=True)
class MonthlyByWeekday:
    """On the first … last of a month's days that are among `days`, every `interval` months."""

    interval: int
    ordinal: Ordinal
    days: frozenset[Day]


Pattern = Daily | Weekly | MonthlyByDay | MonthlyByWeekday


def check(pattern: Pattern) -> None:
    """Raise ValueError for a pattern that has no meaning (peers.md P16c)."""
    if not 1 <= pattern.interval <= LONGEST_INTERVAL:
        raise ValueError("an interval out of bounds")
    if isinstance(pattern, Weekly | MonthlyByWeekday) and not pattern.days:
        raise ValueError("no day of the week")
    if isinstance(pattern, MonthlyByDay) and not 1 <= pattern.day <= LAST_OF_MONTH:
        raise ValueError("no day of a month")


def normal(pattern: Pattern, first: date) -> Pattern:
    """The one form of all patterns that give the same dates when the first of them is `first`."""
    match pattern:
        case Daily(interval) if interval % 7 == 0:
            return Weekly(interval // 7, frozenset({Day(first.weekday())}))
        case Weekly(1, days) if days == EVERY_DAY:
            return Daily()
        case Weekly():
            return replace(pattern, first_day=_first_day(pattern))
        case MonthlyByWeekday(interval, ordinal, days) if days == EVERY_DAY:
            return MonthlyByDay(interval, LAST_OF_MONTH if ordinal is Ordinal.LAST else ordinal.value)
        case MonthlyByDay(interval, day) if day >= month_lengths(interval, first.month)[1]:
            return MonthlyByDay(interval, LAST_OF_MONTH)
    return pattern


def shifted(pattern: Pattern, days: int, month: int) -> Pattern | None:
    """The pattern whose dates are all so many days later (or earlier); None where no pattern has those dates.

    `month` is that of the first occurrence before.
    """
    match pattern:
        case Daily():
            return pattern
        case Weekly(interval, chosen, first_day):
            return Weekly(interval, frozenset(_turned(day, days) for day in chosen), _turned(first_day, days))
        case MonthlyByDay(interval, day):
            shortest, longest = month_lengths(interval, month)
            before = min(day, longest)
            after = before + days
            if before <= shortest and 1 <= after <= shortest:
                return MonthlyByDay(interval, after)
            if before == longest and days > 0:
                return MonthlyByDay(interval, days)
            return MonthlyByDay(interval, LAST_OF_MONTH) if after == 0 else None
    return None


def month_lengths(interval: int, month: int) -> tuple[int, int]:
    """The days of the shortest and of the longest month on the way; February has 28 and 29."""
    months = {(month - 1 + step * interval) % YEAR + 1 for step in range(YEAR)}
    return min(monthrange(2027, m)[1] for m in months), max(monthrange(2028, m)[1] for m in months)


def canonical(pattern: Pattern) -> str:
    """The one spelling of a pattern in normal form that digests and keys are made of."""
    match pattern:
        case Daily(interval):
            return f"daily {interval}"
        case Weekly(interval, days, first_day):
            return f"weekly {interval} {_spelt(days)} {_spelt({first_day})}"
        case MonthlyByDay(interval, day):
            return f"monthly {interval} day {day}"
    return f"monthly {pattern.interval} {pattern.ordinal.name.lower()} {_spelt(pattern.days)}"


def _first_day(pattern: Weekly) -> Day:
    """Where weeks begin matters only if weeks are skipped, and then only by which of the chosen days is a week's first.

    Monday where that is as good, else Sunday (Microsoft's default), else that chosen day itself.
    """
    if pattern.interval == 1 or len(pattern.days) == 1:
        return Day.MONDAY
    opener = _opener(pattern.days, pattern.first_day)
    return next((day for day in (Day.MONDAY, Day.SUNDAY) if _opener(pattern.days, day) is opener), opener)


def _turned(day: Day, days: int) -> Day:
    return Day((day + days) % 7)


def _opener(days: frozenset[Day], first_day: Day) -> Day:
    return min(days, key=lambda day: (day - first_day) % 7)


def _spelt(days: frozenset[Day] | set[Day]) -> str:
    return ",".join(day.name[:3].lower() for day in sorted(days))
