"""Series and their exceptions, for tests: the smallest builders."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from core.model.essence import Essence, with_exception
from core.model.exceptions import DateException
from core.model.pattern import Daily, Day, Pattern, Weekly
from core.model.recurrence import ClockTime, Series, WholeDays, series
from core.model.when import timed

HELSINKI = "Europe/Helsinki"
TUESDAY = date(2026, 11, 24)
"""The day after the stage's Monday."""


def weekly(
    first: date = TUESDAY,
    hour: int = 10,
    *,
    zone: str = HELSINKI,
    times: int | None = None,
    until: date | None = None,
    pattern: Pattern | None = None,
    days: int = 0,
) -> Series:
    """Every week from `first` on, at an hour of a zone for an hour; or by another pattern; or that many whole days."""
    at = WholeDays(days) if days else ClockTime(time(hour), timedelta(hours=1), zone)
    rule = pattern or Weekly(1, frozenset({Day(first.weekday())}))
    return series(first, at, rule, times=times, until=until)


def daily(first: date = TUESDAY, hour: int = 10, *, times: int | None = None) -> Series:
    """Every day."""
    return weekly(first, hour, times=times, pattern=Daily(1))


def nth(number: int, first: date = TUESDAY) -> date:
    """The date of a weekly series' occurrence, from 0."""
    return first + timedelta(weeks=number)


def cancelled(essence: Essence, *days: date) -> Essence:
    """The series without these dates."""
    for day in days:
        essence = with_exception(essence, day, DateException(day))
    return essence


def changed(essence: Essence, day: date, *, subject: str = "", hour: float = 0, text: str = "") -> Essence:
    """The series with another subject, text or time on that date; `hour` is in UTC, on the same date."""
    plain = essence.on(day)
    assert plain is not None
    assert plain.when is not None
    when = plain.when
    if hour:
        start = datetime.combine(day, time(), UTC) + timedelta(hours=hour)
        when = timed(start, start + timedelta(hours=1))
    edited = replace(plain, when=when, subject=subject or plain.subject, text=text or plain.text)
    return with_exception(essence, day, edited)
