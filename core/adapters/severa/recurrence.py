"""Series in Severa's JSON, both ways (facts/severa.md 1.7, recurrence model). Pure.

Severa knows a series' time of day from the instants of its first occurrence, and its zone from its owner. What cannot
be held at all is named before (`core.sync.narrow`); here it is refused.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.adapters.severa import quirks
from core.adapters.severa.parsing import Json, Malformed, flag, moment, moment_or_none, part, text
from core.errors import ItemRefused
from core.model.expand import original_date
from core.model.pattern import (
    EVERY_DAY,
    LAST_OF_MONTH,
    WEEKDAYS,
    WEEKEND,
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
from core.model.recurrence import ClockTime, Series, WholeDays, clock_time, count, instant, series, starting_in

_MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
_ORDINALS = {ordinal.name.capitalize(): ordinal for ordinal in Ordinal}
_OPTIONS = {day.name.capitalize(): frozenset({day}) for day in Day} | {
    "WeekDay": WEEKDAYS,
    "WeekendDay": WEEKEND,
    "Day": EVERY_DAY,
}
_NAMES = {days: name for name, days in _OPTIONS.items()}


# --- reading ----------------------------------------------------------------------------------------------------------
def parse_series(row: Json, zone: ZoneInfo) -> Series:
    """The series of an ActivityModel; `zone` is the owner's. Raises Malformed, also for what has no meaning (P16c)."""
    recurrence = part(row, "recurrence")
    ends = part(recurrence, "range")
    first, at = _time(row, zone)
    try:
        start, pattern = _pattern(recurrence, first)
        return series(start, at, pattern, until=_until(ends), times=_number(ends, "maxOccurrences"))
    except ValueError as error:
        raise Malformed(str(error) if isinstance(error, Malformed) else "recurrence") from None


def exception_dates(row: Json, known: Series, zone: ZoneInfo) -> frozenset[date]:
    """The original dates of the series' exceptions, whatever became of them [INF]. Raises Malformed."""
    listed = part(row, "recurrence").get("exceptions") or []
    if not isinstance(listed, list):
        raise Malformed("recurrence.exceptions")
    try:
        return frozenset(_original(moment({"exceptions": one}, "exceptions"), known, zone) for one in listed)
    except OverflowError:
        raise Malformed("recurrence.exceptions") from None


def _original(start: datetime, known: Series, zone: ZoneInfo) -> date:
    if isinstance(known.time, WholeDays):
        return _nearest_day(start, zone)
    return original_date(known, start) or start.astimezone(zone).date()


def _time(row: Json, zone: ZoneInfo) -> tuple[date, ClockTime | WholeDays]:
    start = moment(row, "startDateTime")
    end = moment_or_none(row, "endDateTime") or start
    try:
        if not flag(row, "isAllDay"):
            return clock_time(start, end, zone.key)
        first = _nearest_day(start, zone)
        return first, WholeDays((_nearest_day(end, zone) - first).days)
    except OverflowError:
        raise Malformed("startDateTime") from None


def _nearest_day(instant: datetime, zone: ZoneInfo) -> date:
    return (instant.astimezone(zone).replace(tzinfo=None) + quirks.HALF_DAY).date()


def _pattern(recurrence: Json, first: date) -> tuple[date, Pattern]:
    """The pattern, and the date from which it is counted."""
    frequency, patterns = text(recurrence, "frequency"), part(recurrence, "pattern")
    chosen = part(patterns, frequency.lower())
    if not chosen:
        raise Malformed("recurrence.pattern")
    # not given, or 0 as a number that nobody set: every one [INF]
    interval = _number(chosen, "interval") or 1
    match frequency:
        case "Daily":
            return first, Weekly(1, WEEKDAYS) if flag(chosen, "everyWeekday") else Daily(interval)
        case "Weekly":
            return first, Weekly(interval, frozenset(day for day in Day if flag(chosen, day.name.lower())))
        case "Monthly":
            return first, _monthly(chosen, interval)
        case "Yearly":
            if text(chosen, "month") not in _MONTHS:
                raise Malformed("recurrence.pattern.yearly.month")
            return starting_in(_MONTHS.index(text(chosen, "month")) + 1, first), _monthly(chosen, YEAR)
    raise Malformed("recurrence.frequency")


def _monthly(chosen: Json, interval: int) -> Pattern:
    ordinal, option = text(chosen, "dayOrdinal"), text(chosen, "dayOrdinalOption")
    if ordinal or option:
        if ordinal not in _ORDINALS or option not in _OPTIONS:
            raise Malformed("recurrence.pattern.dayOrdinal")
        return MonthlyByWeekday(interval, _ORDINALS[ordinal], _OPTIONS[option])
    day = _number(chosen, "dayOfMonth")
    if day is None:
        raise Malformed("recurrence.pattern.dayOfMonth")
    return MonthlyByDay(interval, day)


def _until(ends: Json) -> date | None:
    """A date; a time of day after it would be noise."""
    until = text(ends, "recursUntilDate")
    return date.fromisoformat(until[:10]) if until else None


def _number(row: Json, name: str) -> int | None:
    value = row.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise Malformed(name)
    return value


# --- writing ----------------------------------------------------------------------------------------------------------
def build_series(wanted: Series, zone: ZoneInfo) -> dict[str, Any]:
    """The times and the recurrence of a POST or PATCH, for an owner in that zone.

    Raises ItemRefused (`severa_recurrence`) for what was not narrowed to what Severa can hold.
    """
    frequency, pattern = _build_pattern(wanted)
    start, end = _bounds(wanted, zone)
    limit: dict[str, Any] = {"maxOccurrences": None, "recursUntilDate": None}
    if wanted.counted and wanted.last is not None:
        limit["maxOccurrences"] = count(wanted)
    elif wanted.last is not None:
        limit["recursUntilDate"] = wanted.last.isoformat()
    return {
        "startDateTime": _spelt(start),
        "endDateTime": _spelt(end),
        "isAllDay": isinstance(wanted.time, WholeDays),
        "recurrence": {"frequency": frequency, "pattern": {frequency.lower(): pattern}, "range": limit},
    }


def _bounds(wanted: Series, zone: ZoneInfo) -> tuple[datetime, datetime]:
    match wanted.time:
        case ClockTime(start, length, name, fold) if name == zone.key:
            begin = datetime.combine(wanted.first, start)
            return instant(begin, zone, fold), instant(begin + length, zone, fold)
        case WholeDays(days):
            midnight = datetime.combine(wanted.first, time())
            return instant(midnight, zone), instant(midnight + timedelta(days=days), zone)
    raise ItemRefused("severa_recurrence", "zone")


def _build_pattern(wanted: Series) -> tuple[str, dict[str, Any]]:
    match wanted.pattern:
        case Daily(interval):
            return "Daily", {"interval": interval, "everyWeekday": False}
        case Weekly(interval, days, Day.MONDAY):
            return "Weekly", {"interval": interval, **{day.name.lower(): day in days for day in Day}}
        case MonthlyByDay(interval, day):
            return _build_monthly(wanted, interval, _build_day(interval, day, wanted.first.month))
        case MonthlyByWeekday(interval, ordinal, days) if days in _NAMES:
            return _build_monthly(wanted, interval, _build_ordinal(ordinal, _NAMES[days]))
    raise ItemRefused("severa_recurrence", "pattern")


def _build_monthly(wanted: Series, interval: int, day: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if interval == YEAR:
        return "Yearly", {"month": _MONTHS[wanted.first.month - 1], **day}
    return "Monthly", {"interval": interval, **day}


def _build_day(interval: int, day: int, month: int) -> dict[str, Any]:
    """The last day is spelt so where months differ: what Severa makes of a day that a month lacks is unknown."""
    shortest, longest = month_lengths(interval, month)
    if day == LAST_OF_MONTH and shortest != longest:
        return _build_ordinal(Ordinal.LAST, "Day")
    return {"dayOfMonth": min(day, longest), "dayOrdinal": None, "dayOrdinalOption": None}


def _build_ordinal(ordinal: Ordinal, option: str) -> dict[str, Any]:
    return {"dayOfMonth": None, "dayOrdinal": ordinal.name.capitalize(), "dayOrdinalOption": option}


def _spelt(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
