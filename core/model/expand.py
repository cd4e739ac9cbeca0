"""The occurrences of a series: lazily, from any window, at the same cost however long ago it began.

Each comes with its key, the original date. Exceptions are the caller's: cancelled and changed ones are all here.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count as counting
from itertools import takewhile
from zoneinfo import ZoneInfo

from core.model.dates import LAST_DAY, dates
from core.model.recurrence import ClockTime, Series, instant, is_skipped
from core.model.stretch import AllDay, Timed, Window, near, over_at

Occurrence = tuple[date, Timed | AllDay]
"""The original date, and when it takes place by the series alone."""

_EDGE = timedelta(days=2)
"""No zone, and no clock that is moved, is further from UTC than this."""


def occurrences(series: Series, window: Window) -> Iterator[Occurrence]:
    """The occurrences that a view through `window` may show, in order: those whose `near` touches it."""
    rule, place = dates(series.first, series.pattern), placed(series)
    inside, outside = _date(window.start, _EDGE), _date(window.end, -_EDGE)
    final = min(series.last or LAST_DAY, _date(window.end, _EDGE))
    since = min(_date(window.start, -_EDGE - _length(series)), LAST_DAY)
    days = map(rule.at, counting(rule.index(since)))
    for day in takewhile(lambda day: day <= final, days):
        when = place(day)
        if inside <= day < outside or _touches(near(when), window):
            yield day, when


def first_occurrences(series: Series) -> Iterator[Occurrence]:
    """Its occurrences from the first one on."""
    rule, place = dates(series.first, series.pattern), placed(series)
    final = series.last or LAST_DAY
    for day in takewhile(lambda day: day <= final, map(rule.at, counting())):
        yield day, place(day)


def nth(series: Series, number: int) -> Occurrence | None:
    """The occurrence of that number, from 1 as EWS counts (facts/microsoft.md G3); None beyond the last one."""
    if number < 1:
        raise ValueError("occurrences are counted from 1")
    rule = dates(series.first, series.pattern)
    if number > rule.index((series.last or LAST_DAY) + timedelta(days=1)):
        return None
    day = rule.at(number - 1)
    return day, placed(series)(day)


def occurrence_on(series: Series, day: date) -> Timed | AllDay | None:
    """The occurrence with that original date; None where the series has none."""
    rule = dates(series.first, series.pattern)
    if not series.first <= day <= (series.last or LAST_DAY) or rule.at(rule.index(day)) != day:
        return None
    return placed(series)(day)


def original_date(series: Series, start: datetime) -> date | None:
    """The original date of the occurrence that begins at that instant (P14: EWS and Severa name no other key).

    Whole days are in no zone: give the midnight of their first day in UTC. None where no occurrence begins then.
    """
    zone = ZoneInfo(series.time.zone) if isinstance(series.time, ClockTime) else UTC
    local = start.astimezone(zone).date()
    for day in (local, local - timedelta(days=1)):  # skipped days (Samoa, 2011) move occurrences to the next one
        match occurrence_on(series, day):
            case Timed(begin) if begin == start:
                return day
            case AllDay() if day == local:
                return day
    return None


def last_occurrence(series: Series) -> Occurrence | None:
    """The last occurrence; None without an end."""
    return None if series.last is None else (series.last, placed(series)(series.last))


def has_occurrence_after(series: Series, moment: datetime, cancelled: Container[date] = ()) -> bool:
    """Whether an occurrence that is not among the `cancelled` original dates ends after that instant (R7)."""
    if series.last is None:
        return True
    rule, place = dates(series.first, series.pattern), placed(series)
    for index in range(rule.index(series.last), -1, -1):
        day = rule.at(index)
        if day not in cancelled:
            return over_at(place(day)) > moment
    return False


def _date(moment: datetime, by: timedelta) -> date:
    """There is nothing beyond the first and the last day that a calendar can name."""
    try:
        return (moment + by).date()
    except OverflowError:
        return moment.date()


def _touches(inner: Window, window: Window) -> bool:
    return inner.start <= window.end and inner.end >= window.start


def _length(series: Series) -> timedelta:
    return series.time.length if isinstance(series.time, ClockTime) else timedelta(days=series.time.count)


def placed(series: Series) -> Callable[[date], Timed | AllDay]:
    """What puts the occurrences of that series on their dates."""
    if isinstance(series.time, ClockTime):
        return clocked(series.time)
    span = timedelta(days=series.time.count)
    return lambda day: AllDay(day, day + span)


def clocked(at: ClockTime) -> Callable[[date], Timed]:
    """What puts timed occurrences on their dates: start and end are each what clocks show then.

    An occurrence whose start they skip moves forward with its length; what Exchange makes of its end is not documented.
    """
    zone = ZoneInfo(at.zone)

    def place(day: date) -> Timed:
        wall = datetime.combine(day, at.start)
        start, end = instant(wall, zone, at.fold), instant(wall + at.length, zone, at.fold)
        if end - start < at.length and is_skipped(wall, zone):
            end = start + at.length
        return Timed(start, end, at.zone)

    return place
