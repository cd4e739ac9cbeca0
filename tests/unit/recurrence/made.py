"""Series for pictures, in few words."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from core.model.expand import Occurrence, occurrences
from core.model.pattern import Daily, Pattern
from core.model.recurrence import ClockTime, Series, WholeDays, series
from core.model.when import Timed, Window

HELSINKI, NEW_YORK, LORD_HOWE = "Europe/Helsinki", "America/New_York", "Australia/Lord_Howe"


def clock(start: str = "09:00", minutes: int = 60, zone: str = HELSINKI, fold: int = 0) -> ClockTime:
    """A time of day."""
    return ClockTime(time.fromisoformat(start), timedelta(minutes=minutes), zone, fold)


def made(
    start: str,
    pattern: Pattern | None = None,
    at: ClockTime | WholeDays | None = None,
    *,
    until: str | None = None,
    times: int | None = None,
) -> Series:
    """A series; daily at nine in Helsinki where nothing else is said."""
    last = date.fromisoformat(until) if until else None
    return series(date.fromisoformat(start), at or clock(), pattern or Daily(), until=last, times=times)


def on(known: Series, number: int, since: str = "1602-01-01") -> list[str]:
    """The original dates of the first so many occurrences since a day."""
    return [day.isoformat() for day, _ in _since(known, number, since)]


def shown(known: Series, number: int, since: str = "1602-01-01") -> list[str]:
    """When the first so many occurrences since a day take place, in UTC: start and end."""
    return [
        f"{when.start:%m-%d %H:%M}/{when.end:%H:%M}"
        for _, when in _since(known, number, since)
        if isinstance(when, Timed)
    ]


def _since(known: Series, number: int, since: str) -> list[Occurrence]:
    start = datetime.fromisoformat(since).replace(tzinfo=UTC)
    return list(islice(occurrences(known, Window(start, datetime.max.replace(tzinfo=UTC))), number))
