"""Exchange's times and zones in the model's words (R23; facts/microsoft.md G4). Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.adapters import zones as names
from core.adapters.ews.soap import NAMES, Element, text
from core.errors import ItemRefused
from core.model.stretch import Stretch, all_day, timed

_FIRST_YEAR, _LAST_YEAR = 1601, 4500
"""Exchange's own bounds."""
_HALF_A_DAY = timedelta(hours=12)


def instant(written: str) -> datetime:
    """An instant in UTC: answers carry `Z` or an offset. Raises ValueError where it cannot be read."""
    moment = datetime.fromisoformat(written.strip())
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError("a time out of bounds")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def check(moment: date) -> None:
    """Raises ItemRefused (`exchange_time_out_of_range`) for a day, or a time, that Exchange cannot hold."""
    if not _FIRST_YEAR < moment.year < _LAST_YEAR:
        raise ItemRefused("exchange_time_out_of_range")


def stamp(written: str) -> datetime | None:
    """A time of making or changing; None where there is none, or one that cannot be read."""
    try:
        return instant(written) if written else None
    except (ValueError, OverflowError):
        return None


def spelt(moment: datetime) -> str:
    """An instant as we write it: an explicit `Z` means the same to every release (facts/microsoft.md G4)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def zone_name(item: Element) -> str:
    """The zone that an item was written in, by Exchange's name, empty where it says none: 2007 may tell rules alone."""
    for path, attribute in (("t:StartTimeZone", "Id"), ("t:MeetingTimeZone", "TimeZoneName")):
        found = item.find(path, NAMES)
        if found is not None and found.get(attribute):
            return str(found.get(attribute))
    return ""


def zone_of(item: Element) -> str | None:
    """The IANA name of that zone, UTC where none is named; None where nobody knows it."""
    name = zone_name(item)
    if name:
        return names.iana(name)
    return None if item.find("t:MeetingTimeZone", NAMES) is not None else "UTC"


def remarks(item: Element) -> tuple[str, ...]:
    """What is to be told of the zone that an entry was written in."""
    return (names.UNKNOWN,) if zone_of(item) is None else ()


def day(moment: datetime, zone: str | None) -> date:
    """The date of a midnight: whole days are midnights in the zone that they were written in.

    In a zone that nobody knows it is the nearest midnight: right for all offsets of less than twelve hours.
    """
    if zone is None:
        return (moment + _HALF_A_DAY).astimezone(UTC).date()
    return _nearest(moment.astimezone(ZoneInfo(zone)))


def midnight(day: date, zone: str) -> datetime:
    """When that day begins in the zone, with the zone's offset."""
    return datetime.combine(day, time(), ZoneInfo(zone))


def is_all_day(item: Element) -> bool:
    """Whether it is told in whole days."""
    return text(item, "t:IsAllDayEvent").strip() in ("true", "1")


def stretch(item: Element) -> Stretch:
    """When a single item, an occurrence or an exception takes place. Raises ValueError."""
    start, end = instant(text(item, "t:Start")), instant(text(item, "t:End"))
    zone = zone_of(item)
    if is_all_day(item):
        return all_day(day(start, zone), day(end, zone))
    return timed(start, end, zone or "UTC")


def _nearest(wall: datetime) -> date:
    """A clock may skip midnight, and rules of a zone may have changed since: the nearest day's beginning is meant."""
    return (wall.replace(tzinfo=None) + _HALF_A_DAY).date()
