"""Series in Graph's JSON, both ways: start, end, `recurrence` (facts/microsoft.md A3, A4). Pure.

Pattern and range are in the series' own zone, whatever zone an answer's start and end are in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.adapters import zones as names
from core.adapters.graph import zones
from core.model.pattern import (
    YEAR,
    Daily,
    Day,
    MonthlyByDay,
    MonthlyByWeekday,
    Ordinal,
    Pattern,
    Weekly,
    month_lengths,
)
from core.model.recurrence import ClockTime, Series, WholeDays, clock_time, count, series, starting_in
from core.model.rezone import moved

Json = dict[str, Any]

_DAYS = {day.name.lower(): day for day in Day}
_ORDINALS = {ordinal.name.lower(): ordinal for ordinal in Ordinal}
_MOST_TIMES = 999
"""What Outlook and EWS take as a number of times (MS-OXCICAL 2.1.3.2.2, count-part); more are spelt as a last date."""


# --- reading ----------------------------------------------------------------------------------------------------------
def parse_series(item: Mapping[str, Any]) -> tuple[Series, tuple[str, ...]]:
    """The series of a series master, and what history is told of it: `time_zone_unknown` where it is kept in UTC (P19).

    Raises ValueError where it cannot be read or has no meaning (P16c), LookupError where its zone is unknown and in UTC
    it is on dates that no pattern has, or where not even its start can be read.
    """
    recurrence = _part(item, "recurrence")
    ends = _part(recurrence, "range")
    start, pattern = _pattern(_part(recurrence, "pattern"), date.fromisoformat(_text(ends, "startDate")))
    if item.get("isAllDay") is True:
        whole = WholeDays((zones.day(item.get("end")) - zones.day(item.get("start"))).days)
        return _ending(start, whole, pattern, ends), ()
    zone = _zone(item, ends)
    day, at = _clock(item, zone or "UTC")
    found = _ending(start, at, pattern, ends)
    if zone is not None:
        return found, ()
    # The dates are those of a zone that nobody knows; those of the instants in UTC may be the neighbours.
    apart = (day - date.fromisoformat(_text(ends, "startDate"))).days
    shifted = moved(found, apart) if abs(apart) == 1 else found
    if shifted is None:
        raise LookupError("unknown time zone")
    return shifted, (names.UNKNOWN,)


def cancelled_dates(item: Mapping[str, Any]) -> frozenset[date]:
    """The original dates of a series master's cancelled occurrences; they come only where asked for by name."""
    listed = item.get("cancelledOccurrences")
    return frozenset(map(occurrence_date, listed if isinstance(listed, list) else ()))


def occurrence_id(series_id: str, day: date) -> str:
    """What names one date of a series without looking for it: `OID.<series>.<date>` (facts/microsoft.md A3)."""
    return f"OID.{series_id}.{day.isoformat()}"


def occurrence_date(named: object) -> date:
    """The original date in the series' own zone, from `OID.<series>.<date>`. Raises ValueError."""
    text = named if isinstance(named, str) else ""
    return date.fromisoformat(text.rpartition(".")[2])


def days_apart(item: Mapping[str, Any]) -> int:
    """How many days later a series' dates are told here than the ids of its occurrences name them.

    That is so only where it is kept in UTC for want of a zone that anybody knows. Raises as `parse_series`.
    """
    ends = _part(_part(item, "recurrence"), "range")
    if item.get("isAllDay") is True or _zone(item, ends) is not None:
        return 0
    return (_clock(item, "UTC")[0] - date.fromisoformat(_text(ends, "startDate"))).days


def _ending(start: date, at: ClockTime | WholeDays, pattern: Pattern, ends: Mapping[str, Any]) -> Series:
    match _text(ends, "type"):
        case "noEnd":
            return series(start, at, pattern)
        case "endDate":
            return series(start, at, pattern, until=date.fromisoformat(_text(ends, "endDate")))
        case "numbered":
            return series(start, at, pattern, times=_number(ends, "numberOfOccurrences"))
    raise ValueError("range.type")


def _zone(item: Mapping[str, Any], ends: Mapping[str, Any]) -> str | None:
    """The series' own zone: the range's, else the one it was written in, else that of its start; None where unknown."""
    named = [_text(ends, "recurrenceTimeZone"), _text(item, "originalStartTimeZone")]
    if not any(named):
        return names.iana(_text(_part(item, "start"), "timeZone") or "UTC")
    return next((zone for name in named if name and (zone := names.iana(name))), None)


def _clock(item: Mapping[str, Any], zone: str) -> tuple[date, ClockTime]:
    """By the answer's own words where it is in that zone: a time that the clocks skip is told by nothing else."""
    start, end = _part(item, "start"), _part(item, "end")
    day, at = clock_time(zones.instant(start), zones.instant(end), zone)
    begin, finish = _wall(start, zone), _wall(end, zone)
    if finish < begin:
        return day, at
    return begin.date(), ClockTime(begin.time(), finish - begin, zone, at.fold)


def _wall(moment: Mapping[str, Any], zone: str) -> datetime:
    """What the clocks of that zone show."""
    wall = datetime.fromisoformat(_text(moment, "dateTime"))
    if wall.tzinfo is None and names.iana(_text(moment, "timeZone") or "UTC") == zone:
        return wall
    return zones.instant(moment).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _pattern(found: Mapping[str, Any], start: date) -> tuple[date, Pattern]:
    """The pattern, and the date from which it is counted."""
    kind, interval = _text(found, "type"), _number(found, "interval")
    month = _number(found, "month") if kind.endswith("Yearly") else start.month
    if not 1 <= month <= YEAR:
        raise ValueError("pattern.month")
    match kind:
        case "daily":
            return start, Daily(interval)
        case "weekly":
            return start, Weekly(interval, _weekdays(found), _day(_text(found, "firstDayOfWeek") or "sunday"))
        case "absoluteMonthly":
            return start, MonthlyByDay(interval, _number(found, "dayOfMonth"))
        case "relativeMonthly":
            return start, MonthlyByWeekday(interval, _ordinal(found), _weekdays(found))
        case "absoluteYearly":
            return starting_in(month, start), MonthlyByDay(interval * YEAR, _number(found, "dayOfMonth"))
        case "relativeYearly":
            return starting_in(month, start), MonthlyByWeekday(interval * YEAR, _ordinal(found), _weekdays(found))
    raise ValueError("pattern.type")


def _weekdays(found: Mapping[str, Any]) -> frozenset[Day]:
    listed = found.get("daysOfWeek")
    return frozenset(map(_day, listed if isinstance(listed, list) else ()))


def _day(name: object) -> Day:
    if not isinstance(name, str) or name not in _DAYS:
        raise ValueError("pattern.daysOfWeek")
    return _DAYS[name]


def _ordinal(found: Mapping[str, Any]) -> Ordinal:
    name = _text(found, "index") or "first"
    if name not in _ORDINALS:
        raise ValueError("pattern.index")
    return _ORDINALS[name]


def _part(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = item.get(name)
    if not isinstance(value, dict):
        raise ValueError(name)  # noqa: TRY004 - one failure for all that cannot be read
    return value


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _number(item: Mapping[str, Any], name: str) -> int:
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(name)  # noqa: TRY004 - one failure for all that cannot be read
    return value


# --- writing ----------------------------------------------------------------------------------------------------------
def build_series(wanted: Series) -> Json:
    """`start`, `end`, `isAllDay` and `recurrence` of a POST or PATCH.

    The zone goes by its Windows name, which Exchange is sure to know. A `fold` has no spelling (`core.sync.narrow`).
    """
    at = wanted.time
    if isinstance(at, ClockTime):
        zone, start, length = names.windows(at.zone) or at.zone, datetime.combine(wanted.first, at.start), at.length
    else:
        # midnight in one and the same zone, whichever: the dates do not move (facts/microsoft.md A4)
        zone, start, length = "UTC", datetime.combine(wanted.first, time()), timedelta(days=at.count)
    return {
        "start": {"dateTime": start.isoformat(), "timeZone": zone},
        "end": {"dateTime": (start + length).isoformat(), "timeZone": zone},
        "isAllDay": isinstance(wanted.time, WholeDays),
        "recurrence": {"pattern": _build_pattern(wanted), "range": _build_range(wanted, zone)},
    }


def _build_range(wanted: Series, zone: str) -> Json:
    limits: Json = {"startDate": wanted.first.isoformat(), "recurrenceTimeZone": zone}
    times = count(wanted)
    if wanted.last is None or times is None:
        return {"type": "noEnd", **limits}
    if wanted.counted and times <= _MOST_TIMES:
        return {"type": "numbered", "numberOfOccurrences": times, **limits}
    return {"type": "endDate", "endDate": wanted.last.isoformat(), **limits}


def _build_pattern(wanted: Series) -> Json:
    match wanted.pattern:
        case Daily(interval):
            return {"type": "daily", "interval": interval}
        case Weekly(interval, days, first_day):
            week = {"daysOfWeek": _spelt(days), "firstDayOfWeek": first_day.name.lower()}
            return {"type": "weekly", "interval": interval, **week}
        case MonthlyByDay(interval, day):
            _, longest = month_lengths(interval, wanted.first.month)
            return _build_monthly(wanted, interval, "absolute", {"dayOfMonth": min(day, longest)})
    which = {"index": wanted.pattern.ordinal.name.lower(), "daysOfWeek": _spelt(wanted.pattern.days)}
    return _build_monthly(wanted, wanted.pattern.interval, "relative", which)


def _build_monthly(wanted: Series, interval: int, kind: str, which: Json) -> Json:
    if interval % YEAR:
        return {"type": f"{kind}Monthly", "interval": interval, **which}
    return {"type": f"{kind}Yearly", "interval": interval // YEAR, "month": wanted.first.month, **which}


def _spelt(days: frozenset[Day]) -> list[str]:
    return [day.name.lower() for day in sorted(days)]
