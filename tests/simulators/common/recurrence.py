"""The dates on which something recurs, and its times on such a date: by python-dateutil, for both simulators.

It shares no code with the service under test, so that the two check each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Literal

from dateutil import rrule

Frequency = Literal["daily", "weekly", "monthly", "yearly"]
_FREQUENCIES: Mapping[Frequency, Literal[0, 1, 2, 3]] = {"yearly": 0, "monthly": 1, "weekly": 2, "daily": 3}
"""As dateutil numbers them."""
_SHORTEST_MONTH = 28


@dataclass(frozen=True, slots=True)
class Rule:
    """A recurrence by dates, without times and zones.

    `first` is where it begins, whether that date fits or not; `until` is inclusive; with `count`, only so many dates;
    with neither it is endless. Weekdays are 0 (Monday) to 6, also `week_start`, which matters where every second week
    counts. In months and years a date is `day_of_month`, or the one at `position` (1 to 4, or -1, the last) among the
    dates of the month that fall on one of the `weekdays`. `month` is for years.
    """

    frequency: Frequency
    first: date
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    week_start: int = 0
    day_of_month: int | None = None
    position: int | None = None
    month: int | None = None
    until: date | None = None
    count: int | None = None

    def between(self, begin: date, end: date) -> tuple[date, ...]:
        """Its dates from `begin` to `end`, both inclusive."""
        return _between(self, begin, end)

    def holds(self, day: date) -> bool:
        """Whether it has this date."""
        return bool(self.between(day, day))

    def start(self) -> date | None:
        """Its first date; None where it has none."""
        return next((found.date() for found in _expansion(self)), None)

    def last(self) -> date | None:
        """Its last date; None where it has none, or no end."""
        return _last(self) if self.count is not None or self.until is not None else None

    def before(self, day: date) -> date | None:
        """The date before this one."""
        found = _expansion(self).before(_midnight(day))
        return None if found is None else found.date()

    def after(self, day: date) -> date | None:
        """The date after this one."""
        found = _expansion(self).after(_midnight(day))
        return None if found is None else found.date()


def placed(
    start: datetime, end: datetime, zone: tzinfo, day: date, *, whole_days: bool = False
) -> tuple[datetime, datetime]:
    """When an entry that lasts from `start` to `end` does so on another day of the zone, by the clock on the wall.

    All are aware; the answer is in UTC. A time that the clocks skip is read with the offset before the change, one
    that they repeat is its first instance (but on the entry's own first day). Where the start is skipped, the entry is
    no shorter for it, unless it consists of `whole_days`: their end is a midnight.
    """
    begins, ends = start.astimezone(zone), end.astimezone(zone)
    moved = timedelta(days=(day - begins.date()).days)
    lasts = ends.replace(tzinfo=None) - begins.replace(tzinfo=None)
    begins, ends = (bound.replace(fold=0) + moved if moved else bound for bound in (begins, ends))
    first, last = begins.astimezone(UTC), ends.astimezone(UTC)
    skipped = first.astimezone(zone).replace(tzinfo=None) != begins.replace(tzinfo=None)
    return first, max(last, first + lasts) if skipped and not whole_days else last


def dates_near(rule: Rule, begin: datetime, end: datetime, lasts: timedelta) -> Iterator[date]:
    """The dates whose entries, so long, might touch the time from `begin` to `end`, whatever their zone."""
    margin = timedelta(days=2)
    yield from rule.between(_shifted(begin, -lasts - margin), _shifted(end, margin))


def _shifted(moment: datetime, by: timedelta) -> date:
    try:
        return (moment + by).date()
    except OverflowError:
        return date.min if by < timedelta(0) else date.max


@lru_cache(maxsize=4096)
def _between(rule: Rule, begin: date, end: date) -> tuple[date, ...]:
    found = _expansion(rule).between(_midnight(begin), _midnight(end), inc=True)
    return tuple(moment.date() for moment in found)


@lru_cache(maxsize=4096)
def _last(rule: Rule) -> date | None:
    last = None
    for last in _expansion(rule):  # noqa: B007 - the last one is the point
        pass
    return None if last is None else last.date()


@lru_cache(maxsize=4096)
def _expansion(rule: Rule) -> rrule.rrule:
    days: tuple[int, ...] | None = None
    position = rule.position
    if rule.day_of_month is not None:
        # the last day of a month too short for it, as Exchange does (facts/microsoft.md L)
        short = rule.day_of_month > _SHORTEST_MONTH
        days = tuple(range(_SHORTEST_MONTH, rule.day_of_month + 1)) if short else (rule.day_of_month,)
        position = -1 if short else None
    return rrule.rrule(
        _FREQUENCIES[rule.frequency],
        dtstart=_midnight(rule.first),
        interval=rule.interval,
        wkst=rule.week_start,
        count=rule.count,
        until=None if rule.until is None else _midnight(rule.until),
        bymonth=rule.month,
        bymonthday=days,
        byweekday=rule.weekdays or None,
        bysetpos=position,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())
