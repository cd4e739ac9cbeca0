"""When a calendar file's event takes place: its zone by IANA or Windows name, by the file's own rules, or unknown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar.cal.component import Component
from icalendar.prop import vDDDTypes
from tzlocal.windows_tz import win_tz

CUSTOM: Final = "tzone://Microsoft/Custom"
"""What Exchange calls a zone that has no name of its own (facts/microsoft.md A4)."""
EARLIEST, LATEST = 1900, 2200
UNKNOWN_ZONE: Final = "its time zone is not known: taken as the mailbox's own time"


class TimesError(ValueError):
    """The event's times cannot be; the message says why."""


class CustomZone(tzinfo):
    """UTC under the name that Exchange gives to custom zones: the instant counts, the zone is lost (R23)."""

    key = CUSTOM

    def utcoffset(self, moment: datetime | None, /) -> timedelta:
        """None at all."""
        del moment
        return timedelta(0)

    def dst(self, moment: datetime | None, /) -> timedelta:
        """None at all."""
        del moment
        return timedelta(0)

    def tzname(self, moment: datetime | None, /) -> str:
        """The name."""
        del moment
        return self.key


@dataclass(frozen=True, slots=True)
class Times:
    """A start and an exclusive end: dates for whole days, else aware moments. `remark`: what is unusual about them."""

    start: date
    end: date
    remark: str = ""

    @property
    def first_day(self) -> date:
        """The date of the start."""
        return self.start.date() if isinstance(self.start, datetime) else self.start

    @property
    def start_instant(self) -> datetime:
        """The start in UTC; of whole days their first midnight there."""
        return _instant(self.start)

    @property
    def end_instant(self) -> datetime:
        """The end, likewise."""
        return _instant(self.end)

    def day_of(self, moment: date) -> date:
        """The date that a moment is on by the clocks of the start."""
        if isinstance(moment, datetime) and isinstance(self.start, datetime):
            return moment.astimezone(self.start.tzinfo).date()
        return moment.date() if isinstance(moment, datetime) else moment

    def moved(self, by: timedelta) -> Times:
        """The same times of day, whole days later. A custom zone's name is given up for the instant."""
        return replace(self, start=_settled(self.start + by), end=_settled(self.end + by))


def times_of(event: Component, zone: ZoneInfo) -> Times:
    """The event's times; those without a zone are meant in `zone`. Raises TimesError."""
    start, remark = moment_of(event, "DTSTART", zone)
    if start is None:
        raise TimesError("it has no start")
    end, _ = moment_of(event, "DTEND", zone)
    if end is None:
        end = _by_duration(event, start)
    if isinstance(start, datetime) is not isinstance(end, datetime):
        raise TimesError("it starts at a time and ends on a date, or the other way round")
    if not EARLIEST <= start.year <= end.year <= LATEST:
        raise TimesError("its dates are out of bounds")
    if _instant(end) < _instant(start):
        raise TimesError("it ends before it starts")
    if not isinstance(start, datetime):
        end = max(end, start + timedelta(days=1))
    return Times(start, end, remark)


def moment_of(event: Component, name: str, zone: ZoneInfo) -> tuple[date | None, str]:
    """A property's date or aware moment, None without one; a remark where its zone is unknown. Raises TimesError."""
    prop = event.get(name)
    if prop is None:
        return None, ""
    value = prop.dt if isinstance(prop, vDDDTypes) else None
    if not isinstance(value, date):
        raise TimesError(f"its {name} cannot be read")
    return placed(value, str(prop.params.get("TZID", "")), zone)


def placed(value: date, named: str, zone: ZoneInfo) -> tuple[date, str]:
    """The date, or the moment in the zone of that name (else as the file defines it, else in `zone`); a remark."""
    if not isinstance(value, datetime) or value.tzinfo is UTC:
        return value, ""
    if (known := _named(named)) is not None:
        return value.replace(tzinfo=known), ""
    if value.tzinfo is not None:
        return value, ""
    return value.replace(tzinfo=zone), UNKNOWN_ZONE if named else ""


def _named(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(win_tz.get(name, name)) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _by_duration(event: Component, start: date) -> date:
    """RFC 5545 section 3.6.1: without an end, one whole day or a moment."""
    prop = event.get("DURATION")
    if prop is None:
        return start
    duration = prop.dt if isinstance(prop, vDDDTypes) else None
    if not isinstance(duration, timedelta):
        raise TimesError("its DURATION cannot be read")
    try:
        return start + duration
    except OverflowError:
        raise TimesError("its dates are out of bounds") from None


def _instant(moment: date) -> datetime:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else datetime.combine(moment, time(), UTC)


def _settled(moment: date) -> date:
    if not isinstance(moment, datetime) or isinstance(moment.tzinfo, ZoneInfo) or moment.tzinfo is UTC:
        return moment
    return moment.astimezone(UTC).replace(tzinfo=CustomZone())
