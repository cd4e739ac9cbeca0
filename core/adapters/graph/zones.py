"""Time zones by the names that Exchange uses, and its dates and times (R23)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from core.adapters.zones import UNKNOWN, iana

_FIRST_YEAR, _LAST_YEAR = 1601, 4500
"""Exchange's own bounds; year 1 is how "never" is written."""


def carried(name: object) -> str:
    """The zone that a timed entry carries: the one it was written in, UTC where nobody knows it (R23)."""
    return (iana(name) if isinstance(name, str) and name else None) or "UTC"


def remarks(name: object) -> tuple[str, ...]:
    """What is to be told of the zone that an entry was written in."""
    return (UNKNOWN,) if isinstance(name, str) and name and iana(name) is None else ()


def instant(moment: Any) -> datetime:
    """The instant of a `dateTimeTimeZone`, in UTC: seven fractional digits, no offset (facts/microsoft.md A4).

    Raises ValueError where it cannot be read, LookupError for a zone that nobody knows.
    """
    wall, name = _wall(moment), moment.get("timeZone") or "UTC"
    zone = iana(name) if isinstance(name, str) else None
    if zone is None:
        raise LookupError("unknown time zone")
    return (wall if wall.tzinfo else wall.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def day(moment: Any) -> date:
    """The date of an all-day event's start or end: it does not move with any zone (facts/microsoft.md A4).

    Raises ValueError where it cannot be read.
    """
    return _wall(moment).date()


def stamp(text: object) -> datetime | None:
    """A DateTimeOffset property in UTC; None where there is none, or one that cannot be read."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        return None if moment is None else (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _wall(moment: Any) -> datetime:
    text = moment.get("dateTime") if isinstance(moment, dict) else ""
    wall = datetime.fromisoformat(text if isinstance(text, str) else "")
    if not _FIRST_YEAR <= wall.year <= _LAST_YEAR:
        raise ValueError("a time out of bounds")
    return wall
