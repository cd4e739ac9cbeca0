"""When a series takes place (R12, R23): a time of day in a named zone, or whole days, and a pattern of dates.

Exceptions are kept apart from it, keyed by their original date: the local date, in the series' own zone, on which the
pattern puts the occurrence. Zone rules come from `zoneinfo`: data of a pinned package, the same for every call, so what
is computed from them is as pure as a calendar; carrying `tzinfo` objects along would make equal series unequal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.model import pattern as patterns
from core.model.dates import FIRST_DAY, LAST_DAY, Dates, dates
from core.model.pattern import Pattern

_SECOND, _DAY, _NOTHING = timedelta(seconds=1), timedelta(days=1), timedelta()
_LONGEST = timedelta(days=5 * 366)
"""Nothing lasts longer in Exchange (facts/microsoft.md G3, ErrorCalendarDurationIsTooLong)."""


@dataclass(frozen=True, slots=True)
class ClockTime:
    """What clocks in `zone` (IANA) show when an occurrence begins, and how much later they show its end.

    `length` is told by clocks too, as Exchange keeps it (MS-OXOCAL 2.2.1.44.5, EndTimeOffset): 22:00 to 6:00 is eight
    hours in every night. `fold` is 1 for the second of two equal times (PEP 495).
    """

    start: time
    length: timedelta
    zone: str
    fold: int = 0


@dataclass(frozen=True, slots=True)
class WholeDays:
    """So many whole days, in no zone."""

    count: int = 1


@dataclass(frozen=True, slots=True)
class Series:
    """A series in normal form: make it by `series`. Equal ones have the same occurrences, and equal spellings.

    `first` and `last` are the dates of its first and last occurrence; without `last` it has no end. `counted` says that
    its end was given as a number of times; like the zone of a single entry it is carried, not compared.
    """

    first: date
    time: ClockTime | WholeDays
    pattern: Pattern
    last: date | None = None
    counted: bool = field(default=False, compare=False)


def series(
    start: date,
    at: ClockTime | WholeDays,
    pattern: Pattern,
    *,
    until: date | None = None,
    times: int | None = None,
) -> Series:
    """A series in normal form. Its first occurrence is on `start` or, where the pattern has none then, the next date.

    It ends with the last date up to `until` (inclusive) or after so many `times`, whichever comes first; without
    either, or where Exchange's calendar would end before, never. Raises ValueError for what has no meaning: no
    occurrence, an interval, a day or a length out of bounds, a zone that the zone database does not know.
    """
    patterns.check(pattern)
    if not FIRST_DAY <= start <= LAST_DAY:
        raise ValueError("a start out of bounds")
    rule = dates(start, pattern)
    first = rule.at(0)
    last = _last(rule, until, times)
    return Series(first, _normal(at, first), patterns.normal(pattern, first), last, counted=times is not None)


def starting_in(month: int, start: date) -> date:
    """Where the dates of a yearly pattern in `month` are counted from: `start`, or the next day 1 of that month."""
    return start if start.month == month else date(start.year + (month < start.month), month, 1)


def clock_time(start: datetime, end: datetime, zone: str) -> tuple[date, ClockTime]:
    """The local date and the time of day of an occurrence between two instants.

    Where clocks tell an end before the start (it was the hour that comes twice), its length is the time that passed.
    """
    begin, finish = start.astimezone(ZoneInfo(zone)), end.astimezone(ZoneInfo(zone))
    length = finish.replace(tzinfo=None) - begin.replace(tzinfo=None)
    if length < _NOTHING:
        length = max(_NOTHING, end - start)
    return begin.date(), ClockTime(begin.time(), length, zone, begin.fold)


def canonical(series: Series) -> str:
    """The one spelling of a series that digests and keys are made of."""
    ends = series.last.isoformat() if series.last else "endless"
    on = f"{series.first.isoformat()} {patterns.canonical(series.pattern)} {ends}"
    at = series.time
    if isinstance(at, WholeDays):
        return f"series {on} all-day {at.count}"
    return f"series {on} {at.start:%H:%M:%S}{'*' * at.fold} +{at.length // _SECOND} {at.zone}"


def count(series: Series) -> int | None:
    """How many occurrences it has, cancelled ones included; None without an end."""
    return None if series.last is None else dates(series.first, series.pattern).index(series.last) + 1


# --- clocks -----------------------------------------------------------------------------------------------------------
def instant(wall: datetime, zone: ZoneInfo, fold: int = 0) -> datetime:
    """When clocks in that zone show `wall`, in UTC: of two such moments the first, unless `fold` says the second.

    A time that they skip moves forward by as much as they do.
    """
    second = fold == 1 and is_twice(wall, zone)
    return wall.replace(tzinfo=zone, fold=second).astimezone(UTC)


def is_twice(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks in that zone show `wall` twice."""
    return _shift(wall, zone) < _NOTHING


def is_skipped(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks in that zone never show `wall`."""
    return _shift(wall, zone) > _NOTHING


def _shift(wall: datetime, zone: ZoneInfo) -> timedelta:
    """By how much clocks are moved around then: PEP 495 gives the offset before and the offset after."""
    before, after = wall.replace(tzinfo=zone, fold=0).utcoffset(), wall.replace(tzinfo=zone, fold=1).utcoffset()
    return (after or _NOTHING) - (before or _NOTHING)


# --- normal form ------------------------------------------------------------------------------------------------------
def _last(rule: Dates, until: date | None, times: int | None) -> date | None:
    most = rule.index(LAST_DAY + _DAY)
    wanted = most if until is None else rule.index(min(until, LAST_DAY) + _DAY)
    wanted = wanted if times is None else min(wanted, times)
    if wanted < 1:
        raise ValueError("no occurrence")
    return rule.at(wanted - 1) if wanted < most else None


def _normal(at: ClockTime | WholeDays, first: date) -> ClockTime | WholeDays:
    if (at.length if isinstance(at, ClockTime) else at.count * _DAY) > _LONGEST:
        raise ValueError("occurrences that are too long")
    if isinstance(at, WholeDays):
        return WholeDays(max(1, at.count))
    try:
        zone = ZoneInfo(at.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("no such zone") from None
    start = at.start.replace(microsecond=0, fold=0, tzinfo=None)
    length = max(_NOTHING, at.length // _SECOND * _SECOND)
    second = at.fold == 1 and is_twice(datetime.combine(first, start), zone)
    return ClockTime(start, length, at.zone, int(second))
