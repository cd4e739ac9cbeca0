"""Time zones by the names that Exchange takes, and Graph's way of writing dates and times."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tzlocal.windows_tz import win_tz

UTC_NAMES = frozenset({"UTC", "tzone://Microsoft/Utc"})


def zone(name: str) -> ZoneInfo | None:
    """The zone of a Windows or IANA name; None where there is none such."""
    if name in UTC_NAMES:
        return ZoneInfo("UTC")
    try:
        return ZoneInfo(win_tz.get(name, name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def local_text(wall: datetime) -> str:
    """`dateTime` of a dateTimeTimeZone: seven fractional digits, no offset (facts/microsoft.md A4)."""
    return wall.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0"


def instant_text(instant: datetime) -> str:
    """A DateTimeOffset property: UTC, seven fractional digits."""
    return local_text(instant.astimezone(UTC)) + "Z"


def parse(text: str) -> datetime:
    """An ISO 8601 date or date and time, naive where the text has no offset. Raises ValueError."""
    return datetime.fromisoformat(text.strip())


def parse_instant(text: str) -> datetime:
    """An ISO 8601 date and time; without an offset it means UTC (facts/microsoft.md A1). Raises ValueError."""
    moment = parse(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
