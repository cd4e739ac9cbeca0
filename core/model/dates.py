"""The dates of a pattern, by index: the millionth costs what the first one costs. No time of day, no zone."""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from core.model.pattern import YEAR, Daily, MonthlyByDay, MonthlyByWeekday, Ordinal, Pattern, Weekly

FIRST_DAY, LAST_DAY = date(1601, 1, 1), date(4500, 8, 31)
"""Exchange's calendar: it counts from the one (MS-OXOCAL 2.2.1.44.1), and endless ends with the other (2.2.1.15)."""


@dataclass(frozen=True, slots=True)
class _Days:
    start: date
    interval: int

    def at(self, index: int) -> date:
        return self.start + timedelta(days=index * self.interval)

    def index(self, day: date) -> int:
        return max(0, -(-(day - self.start).days // self.interval))


@dataclass(frozen=True, slots=True)
class _Weeks:
    week: date
    """The first day of the first week."""
    length: int
    """Days from one week to the next one that counts."""
    offsets: tuple[int, ...]
    """The days of a week that count, from its first day."""
    missed: int
    """How many of the first week's are before the start."""

    def at(self, index: int) -> date:
        week, place = divmod(index + self.missed, len(self.offsets))
        return self.week + timedelta(days=week * self.length + self.offsets[place])

    def index(self, day: date) -> int:
        week, rest = divmod((day - self.week).days, self.length)
        return max(0, week * len(self.offsets) + bisect_left(self.offsets, rest) - self.missed)


@dataclass(frozen=True, slots=True)
class _Months:
    pattern: MonthlyByDay | MonthlyByWeekday
    month: int
    """Of the first occurrence, counted from the year 0."""

    def at(self, index: int) -> date:
        return _in_month(self.pattern, self.month + index * self.pattern.interval)

    def index(self, day: date) -> int:
        found = max(0, -(-(_month(day) - self.month) // self.pattern.interval))
        return found if self.at(found) >= day else found + 1


Dates = _Days | _Weeks | _Months
"""`at(index)` is the date of that index, from 0; `index(day)` is the first index whose date is `day` or later."""


def dates(start: date, pattern: Pattern) -> Dates:
    """The dates of that pattern, the first of which is `start` or the next one after it.

    The week or month of `start` is the one that intervals are counted from, also where nothing is left in it.
    """
    match pattern:
        case Daily(interval):
            return _Days(start, interval)
        case Weekly(interval, days, first_day):
            passed = (start.weekday() - first_day) % 7
            offsets = tuple(sorted((day - first_day) % 7 for day in days))
            return _Weeks(start - timedelta(days=passed), 7 * interval, offsets, bisect_left(offsets, passed))
    month = _month(start)
    return _Months(pattern, month if _in_month(pattern, month) >= start else month + pattern.interval)


def _month(day: date) -> int:
    return day.year * YEAR + day.month - 1


def _in_month(pattern: MonthlyByDay | MonthlyByWeekday, number: int) -> date:
    """The one date of that month: each of the first four of any set of weekdays is in every month."""
    year, month = number // YEAR, number % YEAR + 1
    opening, length = monthrange(year, month)
    if isinstance(pattern, MonthlyByDay):
        return date(year, month, min(pattern.day, length))
    hits = [day for day in range(1, length + 1) if (opening + day - 1) % 7 in pattern.days]
    return date(year, month, hits[-1 if pattern.ordinal is Ordinal.LAST else pattern.ordinal - 1])
