"""When an entry takes place (R23), and the windows that calendars are read through."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

_EDGE = timedelta(minutes=1)
"""Views may treat their bounds as open or closed: a look-up takes a minute more on both sides."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Timed:
    """A stretch between two instants, in UTC, whole seconds; `zone` (IANA) is carried, never compared (R23)."""

    start: datetime
    end: datetime
    zone: str = field(default="UTC", compare=False)


@dataclass(frozen=True, slots=True)
class AllDay:
    """Whole days in no zone: from `first` to the day before `until` (RFC 5545 section 3.6.1: the end is exclusive)."""

    first: date
    until: date


When = Timed | AllDay
"""Recurring entries will add their own form here; every reader matches on the type."""


def timed(start: datetime, end: datetime, zone: str = "UTC") -> Timed:
    """A timed stretch in normal form: UTC, whole seconds, an inverted end moved to the start (P22).

    Raises ValueError for a datetime without a zone.
    """
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("a timed entry needs instants with a zone")
    begin = start.astimezone(UTC).replace(microsecond=0)
    return Timed(begin, max(begin, end.astimezone(UTC).replace(microsecond=0)), zone)


def all_day(first: date, until: date) -> AllDay:
    """Whole days in normal form: at least one day, also where the end was given as the same or an earlier day (P22)."""
    return AllDay(first, max(until, first + _DAY))


def canonical(when: When) -> str:
    """The one spelling of a stretch that digests and keys are made of."""
    if isinstance(when, Timed):
        return f"timed {when.start:%Y-%m-%dT%H:%M:%SZ} {when.end:%Y-%m-%dT%H:%M:%SZ}"
    return f"all-day {when.first.isoformat()} {when.until.isoformat()}"


def ends_at(when: When) -> datetime:
    """The instant after which the entry is over, anywhere on earth for whole days."""
    return when.end if isinstance(when, Timed) else _midnight(when.until) + timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time to look through, both bounds in UTC."""

    start: datetime
    end: datetime


def around(when: When) -> Window:
    """The smallest window that is sure to show an entry of that time, whatever the zone of whole days."""
    if isinstance(when, Timed):
        return Window(_shifted(when.start, -_EDGE), _shifted(when.end, _EDGE))
    return Window(_shifted(_midnight(when.first), -_DAY), _shifted(_midnight(when.until), _DAY))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _shifted(moment: datetime, by: timedelta) -> datetime:
    """There is nothing beyond the first and the last day that a calendar can name."""
    try:
        return moment + by
    except OverflowError:
        return moment


def covers(window: Window, when: When) -> bool:
    """Whether a complete view of `window` is sure to show an entry of that time."""
    inner = around(when)
    return window.start <= inner.start and inner.end <= window.end
