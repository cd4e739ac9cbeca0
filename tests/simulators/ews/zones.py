"""Time zones by Windows' names, as Exchange knows them (facts/microsoft.md G4)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from io import BytesIO
from zoneinfo import ZoneInfo

from tzlocal.windows_tz import tz_win, win_tz

from .errors import EwsError
from .soap import Element, t, text_of

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
INDEXES = {"First": 1, "Second": 2, "Third": 3, "Fourth": 4, "Last": -1}
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
CUSTOM = "Customized Time Zone"
"""What Exchange calls a zone that has no name."""
YOUNG = frozenset(
    {
        "Altai Standard Time", "Astrakhan Standard Time", "Belarus Standard Time", "Qyzylorda Standard Time",
        "Sao Tome Standard Time", "Saratov Standard Time", "South Sudan Standard Time", "Sudan Standard Time",
        "Tomsk Standard Time", "Turkey Standard Time", "Volgograd Standard Time", "Yukon Standard Time",
    }
)  # fmt: skip
"""Zones that Windows did not have when Exchange 2007 and 2010 were young."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone and the name that it was written with."""

    name: str
    rules: tzinfo = field(compare=False)


UTC_ZONE = Zone("UTC", UTC)


def known(name: str) -> Zone | None:
    """The zone of a Windows name; None where Windows has none such."""
    if name == "UTC":
        return UTC_ZONE
    return Zone(name, ZoneInfo(win_tz[name])) if name in win_tz else None


def of(rules: tzinfo | None) -> Zone:
    """The zone of a person's clock, by Windows' name for it. Raises ValueError for one that Windows does not name."""
    if rules is UTC:
        return UTC_ZONE
    key = str(getattr(rules, "key", ""))
    name = "UTC" if key in ("UTC", "Etc/UTC") else tz_win.get(key, "")
    found = known(name)
    if found is None or rules is None:
        raise ValueError(f"Windows knows no zone like {rules!r}")
    return Zone(name, rules)


def definition(element: Element, missing: frozenset[str]) -> Zone:
    """A TimeZoneDefinition that was sent, by its Id. Raises EwsError (ErrorTimeZone)."""
    name = element.get("Id", "")
    zone = None if name in missing else known(name)
    if zone is None:
        raise EwsError("ErrorTimeZone", f"The time zone '{name}' is not known to this server.")
    return zone


def meeting_zone(element: Element, missing: frozenset[str]) -> Zone:
    """A MeetingTimeZone that was sent: by its name alone, which is preferred, or by rules of its own (2007 SP1)."""
    name = element.get("TimeZoneName", "")
    zone = None if name in missing else known(name)
    if zone is not None:
        return zone
    base = text_of(element, "t:BaseOffset")
    if not base:
        raise EwsError("ErrorCalendarInvalidTimeZone", f"The time zone '{name}' is not known to this server.")
    standard, daylight = (element.find(f"{{*}}{kind}") for kind in ("Standard", "Daylight"))
    offset = -_minutes(base)
    if standard is None or daylight is None or standard.find("{*}RelativeYearlyRecurrence") is None:
        return Zone(name or CUSTOM, timezone(offset))
    winter, summer = (offset - _minutes(text_of(one, "t:Offset")) for one in (standard, daylight))
    return Zone(
        name or CUSTOM, _from_posix(f"STD{_posix(winter)}DST{_posix(summer)},{_rule(daylight)},{_rule(standard)}")
    )


def _posix(offset: timedelta) -> str:
    """An offset as the variable TZ has it: positive west of Greenwich."""
    minutes = int(offset.total_seconds() // 60)
    return f"{'-' if minutes > 0 else ''}{abs(minutes) // 60}:{abs(minutes) % 60:02}"


def _rule(change: Element) -> str:
    rule = change.find("{*}RelativeYearlyRecurrence")
    month = MONTHS.index(text_of(rule, "t:Month")) + 1
    week = INDEXES[text_of(rule, "t:DayOfWeekIndex")]
    day = (DAYS.index(text_of(rule, "t:DaysOfWeek")) + 1) % 7
    return f"M{month}.{5 if week == -1 else week}.{day}/{text_of(change, 't:Time')[:5]}"


def _from_posix(rules: str) -> ZoneInfo:
    """A zone by the rules of the variable TZ, which a zone file may end with (RFC 8536 3.3)."""
    head = b"TZif2" + bytes(15)
    content = head + bytes(24) + head + struct.pack(">6l", 0, 0, 0, 0, 1, 4) + bytes(6) + b"STD\0"
    return ZoneInfo.from_file(BytesIO(content + b"\n" + rules.encode() + b"\n"))


def _minutes(text: str) -> timedelta:
    """An xs:duration of hours and minutes (`-PT60M`, `PT8H`)."""
    sign = -1 if text.startswith("-") else 1
    found = text.lstrip("-").removeprefix("PT")
    hours, _, rest = found.rpartition("H") if "H" in found else ("0", "", found)
    return sign * timedelta(hours=int(hours or 0), minutes=int(rest.removesuffix("M") or 0))


def _duration(minutes: int) -> str:
    return f"{'-' if minutes < 0 else ''}PT{abs(minutes)}M"


def shown_meeting_zone(zone: Zone, year: int) -> Element:
    """A MeetingTimeZone as Exchange shows it: bias, and when the clocks change in that year."""
    changes = _changes(zone.rules, year)
    base = _bias(zone.rules, datetime(year, 1, 1, tzinfo=UTC))
    if len(changes) != 2:
        return t("MeetingTimeZone", t("BaseOffset", _duration(base)), TimeZoneName=zone.name)
    winter = max(_bias(zone.rules, change) for change in changes)
    parts = {}
    for change in changes:
        bias, before = _bias(zone.rules, change), change - timedelta(seconds=1)
        wall = before.astimezone(zone.rules).replace(tzinfo=None) + timedelta(seconds=1)
        kind = "Standard" if bias == winter else "Daylight"
        parts[kind] = t(kind, t("Offset", _duration(bias - winter)), _yearly(wall), t("Time", f"{wall:%H:%M:%S}"))
    return t(
        "MeetingTimeZone", t("BaseOffset", _duration(winter)), parts["Standard"], parts["Daylight"],
        TimeZoneName=zone.name,
    )  # fmt: skip


def _yearly(wall: datetime) -> Element:
    nth = (wall.day - 1) // 7 + 1
    last = (wall + timedelta(days=7)).month != wall.month
    index = "Last" if last else next(name for name, number in INDEXES.items() if number == nth)
    return t(
        "RelativeYearlyRecurrence",
        t("DaysOfWeek", DAYS[wall.weekday()]),
        t("DayOfWeekIndex", index),
        t("Month", MONTHS[wall.month - 1]),
    )


def _bias(rules: tzinfo, moment: datetime) -> int:
    offset = moment.astimezone(rules).utcoffset() or timedelta(0)
    return -int(offset.total_seconds() // 60)


def _changes(rules: tzinfo, year: int) -> list[datetime]:
    """When the clocks change in that year."""
    found = []
    for number in range(366):
        day = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=number)
        if _bias(rules, day) != _bias(rules, day + timedelta(days=1)):
            halves = (day + timedelta(minutes=30 * half) for half in range(1, 49))
            found.append(next(half for half in halves if _bias(rules, half) != _bias(rules, day)))
    return found


def shown(name: str, zone: Zone) -> Element:
    """A StartTimeZone or EndTimeZone as Exchange shows it, without its rules."""
    return t(name, Id=zone.name, Name=zone.name)
