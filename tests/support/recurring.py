"""Series for property tests, and what independent libraries make of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

import icalendar
import recurring_ical_events
from dateutil import rrule
from hypothesis import strategies as st

from core.model.pattern import Daily, Day, MonthlyByDay, MonthlyByWeekday, Ordinal, Pattern, Weekly
from core.model.recurrence import ClockTime, Series, WholeDays, series

ZONES = ("Europe/Helsinki", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu", "UTC")
"""Both hemispheres, half an hour of daylight saving, clocks moved at midnight, none at all."""

_NAMES = (rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU)

# --- what comes ------------------------------------------------------------------------------------------------------
DATES = st.dates(date(2018, 1, 1), date(2031, 12, 31))
EDGES = {
    "Europe/Helsinki": [date(2026, 3, 29), date(2026, 10, 25)],
    "America/New_York": [date(2026, 3, 8), date(2026, 11, 1)],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],
    "Africa/Cairo": [date(2026, 4, 24), date(2026, 10, 29)],
}
"""Days on which clocks are moved."""
STARTS = DATES | st.sampled_from([date(2024, 2, 29), date(2026, 1, 31), date(2026, 4, 30), date(2026, 12, 31)])
DAY_SETS = st.frozensets(st.sampled_from(Day), min_size=1)

DAILY = st.builds(Daily, st.integers(1, 30))
WEEKLY = st.builds(Weekly, st.integers(1, 5), DAY_SETS, st.sampled_from(Day))
BY_DAY = st.builds(MonthlyByDay, st.integers(1, 30), st.integers(1, 31) | st.integers(28, 31))
BY_WEEKDAY = st.builds(MonthlyByWeekday, st.integers(1, 30), st.sampled_from(Ordinal), DAY_SETS)
PATTERNS: st.SearchStrategy[Pattern] = st.one_of(DAILY, WEEKLY, BY_DAY, BY_WEEKDAY)

MINUTES = st.integers(0, 24 * 60 - 1) | st.integers(60, 5 * 60)
"""Minutes after midnight, most of them in the hours in which clocks are moved."""


@st.composite
def clock_times(draw: st.DrawFn, *, most_minutes: int = 26 * 60) -> ClockTime:
    """Times of day in one of the zones, with a fold that may mean nothing."""
    minute = draw(MINUTES)
    length = timedelta(minutes=draw(st.integers(0, most_minutes)))
    return ClockTime(time(minute // 60, minute % 60), length, draw(st.sampled_from(ZONES)), draw(st.integers(0, 1)))


def starts_for(at: ClockTime | WholeDays) -> st.SearchStrategy[date]:
    """Any day, and often one on which the clocks of that zone are moved."""
    edges = EDGES.get(at.zone) if isinstance(at, ClockTime) else None
    return STARTS | st.sampled_from(edges) if edges else STARTS


@st.composite
def every_series(draw: st.DrawFn) -> Series:
    """Any series: of whole days or not, endless, until a date, a number of times."""
    at = draw(clock_times() | st.builds(WholeDays, st.integers(1, 9)))
    start, pattern = draw(starts_for(at)), draw(PATTERNS)
    times = draw(st.none() | st.integers(1, 60))
    until = None if times else draw(st.none() | st.integers(0, 900))
    unlimited = series(start, at, pattern)
    last = None if until is None else unlimited.first + timedelta(days=until)
    return series(start, at, pattern, until=last, times=times)


# --- what others make of it ------------------------------------------------------------------------------------------
def others_dates(start: date, pattern: Pattern) -> Iterator[date]:
    """The dates by python-dateutil (RFC 5545), told the last day of a month as facts/microsoft.md L says."""
    begin = datetime.combine(start, time())
    return (found.date() for found in rrule.rrule(dtstart=begin, **_parts(pattern)))


def others_occurrences(known: Series, start: date, until: date) -> list[tuple[datetime, datetime]]:
    """Start and end of each timed occurrence that begins between those dates (UTC), by recurring-ical-events."""
    at = known.time
    assert isinstance(at, ClockTime)
    event = icalendar.Event()
    begin = datetime.combine(known.first, at.start)
    event.add("uid", "1")
    event["dtstart"] = icalendar.vDatetime(begin)
    event["dtstart"].params["TZID"] = at.zone
    event["dtend"] = icalendar.vDatetime(begin + at.length)
    event["dtend"].params["TZID"] = at.zone
    rule = re.sub(r"DTSTART:\S+\s+RRULE:", "", str(rrule.rrule(dtstart=begin, **_parts(known.pattern))))
    text = event.to_ical().decode().replace("END:VEVENT", f"RRULE:{rule}\r\nEND:VEVENT")
    calendar = icalendar.Calendar.from_ical(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-\r\n{text}END:VCALENDAR\r\n")
    found = recurring_ical_events.of(calendar).between(start, until)
    return sorted((one["DTSTART"].dt.astimezone(UTC), one["DTEND"].dt.astimezone(UTC)) for one in found)


def first_of(dates: Iterator[date], number: int) -> list[date]:
    """So many of them."""
    return list(islice(dates, number))


def _parts(pattern: Pattern) -> dict[str, Any]:
    match pattern:
        case Daily(interval):
            return {"freq": rrule.DAILY, "interval": interval}
        case Weekly(interval, days, first_day):
            week = {"byweekday": [_NAMES[day] for day in days], "wkst": _NAMES[first_day]}
            return {"freq": rrule.WEEKLY, "interval": interval, **week}
        case MonthlyByDay(interval, day):
            days_of_month = [day] if day <= 28 else list(range(28, day + 1))
            return {"freq": rrule.MONTHLY, "interval": interval, "bymonthday": days_of_month, "bysetpos": -1}
        case MonthlyByWeekday(interval, ordinal, days):
            place = -1 if ordinal is Ordinal.LAST else ordinal.value
            week = {"byweekday": [_NAMES[day] for day in days], "bysetpos": place}
            return {"freq": rrule.MONTHLY, "interval": interval, **week}
