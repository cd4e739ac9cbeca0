"""Time zones by the names that Exchange uses, and its dates and times (R23)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tzlocal.windows_tz import win_tz

from core.adapters.graph import quirks

_FIRST_YEAR, _LAST_YEAR = 1601, 4500
"""Exchange's own bounds; year 1 is how "never" is written."""


@lru_cache(maxsize=1024)
def iana(name: str) -> str | None:
    """The IANA name of a Windows or IANA zone; None for unknown and custom ones (`tzone://Microsoft/Custom`, P19).

    Windows names by CLDR's table, as tzlocal carries it (facts/microsoft.md L).
    """
    if name.lower() in quirks.UTC_NAMES:
        return "UTC"
    try:
        return ZoneInfo(win_tz.get(name, name)).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


UNKNOWN = "time_zone_unknown"
"""What history is told where an entry's own zone is not known: its instant is kept, in UTC (R23, P19)."""


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
