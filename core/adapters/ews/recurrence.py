"""Series in EWS, both ways: `Recurrence`, and which dates of it are not as it says (facts/microsoft.md G3, H, L). Pure.

Pattern and range are in the series' own zone, whatever zone an answer's instants are told in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from core.adapters import zones as names
from core.adapters.ews import quirks, times
from core.adapters.ews.soap import NAMES, Element, local, t, text
from core.errors import ItemRefused
from core.model import pattern as patterns
from core.model.pattern import (
    EVERY_DAY,
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
from core.model.recurrence import ClockTime, Series, WholeDays, clock_time, count, series, starting_in
from core.model.rezone import moved

_DAYS = {day.name.capitalize(): day for day in Day}
_GROUPS = {"Day": EVERY_DAY, "Weekday": WEEKDAYS, "WeekendDay": WEEKEND}
_ORDINALS = {ordinal.name.capitalize(): ordinal for ordinal in Ordinal}
_MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}


# --- reading ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Clocks:
    """By which clocks a series is told: its own zone, or UTC where nobody knows that, and dates so many days later."""

    zone: str | None
    is_all_day: bool

    def day(self, original: datetime) -> date:
        """The original date of an occurrence, from its original start."""
        if self.is_all_day:
            return times.day(original, self.zone)
        return original.astimezone(UTC if self.zone is None else ZoneInfo(self.zone)).date()


def clocks_of(item: Element) -> Clocks:
    """By which clocks the series of a master is told."""
    return Clocks(times.zone_of(item), times.is_all_day(item))


def parse_series(item: Element) -> tuple[Series, tuple[str, ...]]:
    """The series of a master, and what history is told of it: `time_zone_unknown` where it is kept in UTC (P19).

    Raises ValueError where it cannot be read or has no meaning (P16c), LookupError where its zone is unknown and in UTC
    it is on dates that no pattern has.
    """
    found = item.find("t:Recurrence", NAMES)
    parts = [] if found is None else list(found)
    if len(parts) != 2:
        raise ValueError("Recurrence")
    limits = parts[1]
    first = _date(limits, "t:StartDate")
    start, pattern = _pattern(parts[0], first)
    begin, end = times.instant(text(item, "t:Start")), times.instant(text(item, "t:End"))
    clocks = clocks_of(item)
    if clocks.is_all_day:
        days = (times.day(end, clocks.zone) - times.day(begin, clocks.zone)).days
        return _ending(start, WholeDays(days), pattern, limits), ()
    day, at = clock_time(begin, end, clocks.zone or "UTC")
    known = _ending(start, at, pattern, limits)
    if clocks.zone is not None:
        return known, ()
    # The dates are those of a zone that nobody knows; those of the instants in UTC may be the neighbours.
    apart = (day - first).days
    shifted = moved(known, apart) if abs(apart) == 1 else known
    if shifted is None:
        raise LookupError("unknown time zone")
    return shifted, (names.UNKNOWN,)


def cancelled(item: Element) -> Iterator[datetime]:
    """The original starts of a master's deleted occurrences. Raises ValueError."""
    for one in item.iterfind("t:DeletedOccurrences/t:DeletedOccurrence", NAMES):
        yield times.instant(text(one, "t:Start"))


def modified(item: Element) -> list[tuple[str, str]]:
    """Id, empty where it has none, and original start, as written, of each of a master's changed occurrences."""
    found = item.iterfind("t:ModifiedOccurrences/t:Occurrence", NAMES)
    return [("".join(one.xpath("t:ItemId/@Id", namespaces=NAMES)), text(one, "t:OriginalStart")) for one in found]


def _ending(start: date, at: ClockTime | WholeDays, pattern: Pattern, limits: Element) -> Series:
    match local(limits):
        case "NoEndRecurrence":
            return series(start, at, pattern)
        case "EndDateRecurrence":
            return series(start, at, pattern, until=_date(limits, "t:EndDate"))
        case "NumberedRecurrence":
            return series(start, at, pattern, times=int(text(limits, "t:NumberOfOccurrences")))
    raise ValueError(local(limits))


def _pattern(found: Element, start: date) -> tuple[date, Pattern]:
    """The pattern, and the date from which it is counted."""
    interval = int(text(found, "t:Interval") or "1")
    kind = local(found)
    if kind.endswith("YearlyRecurrence"):
        start = starting_in(_MONTHS.get(text(found, "t:Month"), 0) or _unknown("Month"), start)
        interval = YEAR
    match kind:
        case "DailyRecurrence":
            return start, Daily(interval)
        case "WeeklyRecurrence":
            first_day = _DAYS.get(text(found, "t:FirstDayOfWeek") or "Sunday")
            return start, Weekly(interval, _weekdays(found), Day.SUNDAY if first_day is None else first_day)
        case "AbsoluteMonthlyRecurrence" | "AbsoluteYearlyRecurrence":
            return start, MonthlyByDay(interval, int(text(found, "t:DayOfMonth")))
        case "RelativeMonthlyRecurrence" | "RelativeYearlyRecurrence":
            ordinal = _ORDINALS.get(text(found, "t:DayOfWeekIndex")) or _unknown("DayOfWeekIndex")
            return start, MonthlyByWeekday(interval, Ordinal(ordinal), _weekdays(found))
    raise ValueError(kind)


def _weekdays(found: Element) -> frozenset[Day]:
    named = text(found, "t:DaysOfWeek").split()
    days: frozenset[Day] = frozenset()
    for name in named:
        day = _DAYS.get(name)
        days |= _GROUPS.get(name, frozenset()) if day is None else {day}
    return days


def _date(limits: Element, path: str) -> date:
    """A date of a range: what may stand behind it (`Z`, `+02:00`) says nothing, it is of the series' own zone."""
    return date.fromisoformat(text(limits, path).strip()[:10])


def _unknown(name: str) -> int:
    raise ValueError(name)


# --- writing ----------------------------------------------------------------------------------------------------------
def build_recurrence(wanted: Series, schema: str) -> Element:
    """The Recurrence of a series. Raises ItemRefused for what EWS has no form for (R22)."""
    start = t("StartDate", wanted.first.isoformat())
    number = count(wanted)
    if wanted.last is None or number is None:
        limits = t("NoEndRecurrence", start)
    elif wanted.counted and number <= quirks.MOST_TIMES:
        limits = t("NumberedRecurrence", start, t("NumberOfOccurrences", str(number)))
    else:
        limits = t("EndDateRecurrence", start, t("EndDate", wanted.last.isoformat()))
    return t("Recurrence", _build_pattern(wanted, schema), limits)


def _build_pattern(wanted: Series, schema: str) -> Element:
    match wanted.pattern:
        case Daily(interval):
            return t("DailyRecurrence", _interval(interval))
        case Weekly(interval, days, first_day):
            begins = None
            if schema not in quirks.WEEK_BEGINS_ON_SUNDAY:
                begins = t("FirstDayOfWeek", first_day.name.capitalize())
            elif patterns.normal(Weekly(interval, days, Day.SUNDAY), wanted.first) != wanted.pattern:
                raise ItemRefused("exchange_week_start")
            return t("WeeklyRecurrence", _interval(interval), t("DaysOfWeek", _spelt(days)), begins)
        case MonthlyByDay(interval, day):
            _, longest = month_lengths(interval, wanted.first.month)
            return _build_monthly(wanted, interval, "Absolute", t("DayOfMonth", str(min(day, longest))))
        case MonthlyByWeekday(interval, ordinal, days):
            which = t("DaysOfWeek", _group(days)), t("DayOfWeekIndex", ordinal.name.capitalize())
            return _build_monthly(wanted, interval, "Relative", *which)


def _build_monthly(wanted: Series, interval: int, kind: str, *which: Element) -> Element:
    if interval == YEAR:
        return t(f"{kind}YearlyRecurrence", *which, t("Month", _MONTH_NAMES[wanted.first.month - 1]))
    if interval > quirks.MOST_MONTHS:
        raise ItemRefused("exchange_interval")
    return t(f"{kind}MonthlyRecurrence", _interval(interval), *which)


def _interval(interval: int) -> Element:
    return t("Interval", str(interval))


def _group(days: frozenset[Day]) -> str:
    """One weekday, or one of the three sets that have a name (facts/microsoft.md H)."""
    for name, group in _GROUPS.items():
        if days == group:
            return name
    if len(days) > 1:
        raise ItemRefused("exchange_weekday_set")
    return _spelt(days)


def _spelt(days: frozenset[Day]) -> str:
    return " ".join(day.name.capitalize() for day in sorted(days))
