"""One stretch of time (R23): between two instants, or of whole days; and windows to read calendars through."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

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


Stretch = Timed | AllDay


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


def spelt(stretch: Stretch) -> str:
    """The one spelling of a stretch that digests and keys are made of."""
    if isinstance(stretch, Timed):
        return f"timed {_instant(stretch.start)} {_instant(stretch.end)}"
    return f"all-day {stretch.first.isoformat()} {stretch.until.isoformat()}"


@lru_cache(1024)  # Calendars know few instants: each begins and ends several entries, on either side.
def _instant(moment: datetime) -> str:
    """In UTC and whole seconds, as RFC 3339 has it; isoformat takes a tenth of strftime's time."""
    return f"{moment.isoformat()[:19]}Z"


def over_at(stretch: Stretch) -> datetime:
    """The instant after which it is over, anywhere on earth for whole days."""
    return stretch.end if isinstance(stretch, Timed) else _midnight(stretch.until) + timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time to look through, both bounds in UTC."""

    start: datetime
    end: datetime


def near(stretch: Stretch) -> Window:
    """The smallest window that is sure to show an entry of that time, whatever the zone of whole days."""
    if isinstance(stretch, Timed):
        return Window(_shifted(stretch.start, -_EDGE), _shifted(stretch.end, _EDGE))
    return Window(_shifted(_midnight(stretch.first), -_DAY), _shifted(_midnight(stretch.until), _DAY))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _shifted(moment: datetime, by: timedelta) -> datetime:
    """There is nothing beyond the first and the last day that a calendar can name."""
    try:
        return moment + by
    except OverflowError:
        return moment
