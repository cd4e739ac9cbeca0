"""Values as history keeps them, read again: the spellings that an essence's fields have (core/model/essence.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from core.model.essence import Essence, Field, privacy, with_exception, with_exceptions
from core.model.exceptions import DateException, day_of
from core.model.pattern import Daily, Day, MonthlyByDay, MonthlyByWeekday, Ordinal, Pattern, Weekly
from core.model.recurrence import ClockTime, Series, WholeDays
from core.model.stretch import AllDay, Stretch, Timed
from core.model.when import When, canonical

_CANCELLED = "cancelled"
_DAYS = {day.name[:3].lower(): day for day in Day}


def when_of(text: str) -> When:
    """The time that is spelt so; one between two instants says nothing of its zone. Raises ValueError."""
    words = text.split(" ")
    try:
        found = _series(words) if words[0] == "series" else _stretch(words)
    except LookupError:
        raise ValueError("not the spelling of a time") from None
    if canonical(found) != text:
        raise ValueError("not the spelling of a time")
    return found


def essence_of(values: Mapping[str, str]) -> Essence:
    """The essence whose fields have these values. Raises ValueError where one is missing or makes no sense."""
    if missing := [name for name in Field if name not in values]:
        raise ValueError(f"no {missing[0]}")
    plain = Essence(
        values[Field.SUBJECT],
        when_of(values[Field.TIME]),
        values[Field.TEXT],
        values[Field.LOCATION],
        values[Field.PRIVACY] == privacy(private=True),
    )
    days = {day: value for name, value in values.items() if (day := day_of(name)) is not None}
    return with_exceptions(plain, [exception_of(day, value) for day, value in days.items()])


def with_value(essence: Essence, name: str, value: str) -> Essence:
    """The essence with that field as it is spelt; a date with an empty value is as the series says.

    A time between two instants keeps its zone. Raises ValueError.
    """
    if (day := day_of(name)) is not None:
        return with_exception(essence, day, exception_of(day, value) if value else None)
    match Field(name):
        case Field.SUBJECT:
            return replace(essence, subject=value)
        case Field.TEXT:
            return replace(essence, text=value)
        case Field.LOCATION:
            return replace(essence, location=value)
        case Field.PRIVACY:
            return replace(essence, private=value == privacy(private=True))
    when, held = when_of(value), essence.when
    if isinstance(when, Timed) and isinstance(held, Timed):
        when = replace(when, zone=held.zone)
    return with_exceptions(replace(essence, when=when), essence.exceptions)


def exception_of(day: date, text: str) -> DateException:
    """What is different on that original date. Raises ValueError."""
    if text == _CANCELLED:
        return DateException(day)
    when, subject, location, content = text.split("\n", 3)
    return DateException(day, _stretch(when.split(" ")), subject, content, location)


def _stretch(words: list[str]) -> Stretch:
    kind, start, end = words
    if kind == "timed":
        return Timed(_instant(start), _instant(end))
    return AllDay(date.fromisoformat(start), date.fromisoformat(end))


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _series(words: list[str]) -> Series:
    length = 4 if words[2] == "daily" else 6
    pattern, (ends, *at) = words[2:length], words[length:]
    last = None if ends == "endless" else date.fromisoformat(ends)
    return Series(date.fromisoformat(words[1]), _time(at), _pattern(pattern), last)


def _time(words: list[str]) -> ClockTime | WholeDays:
    if words[0] == "all-day":
        return WholeDays(int(words[1]))
    start, length, zone = words
    clock, fold = start.rstrip("*"), start.count("*")
    return ClockTime(time.fromisoformat(clock), timedelta(seconds=int(length)), zone, fold)


def _pattern(words: list[str]) -> Pattern:
    match words:
        case ["daily", interval]:
            return Daily(int(interval))
        case ["weekly", interval, days, first_day]:
            return Weekly(int(interval), _days(days), _DAYS[first_day])
        case ["monthly", interval, "day", day]:
            return MonthlyByDay(int(interval), int(day))
        case ["monthly", interval, ordinal, days]:
            return MonthlyByWeekday(int(interval), Ordinal[ordinal.upper()], _days(days))
    raise ValueError("not the spelling of a pattern")


def _days(text: str) -> frozenset[Day]:
    return frozenset(_DAYS[day] for day in text.split(","))
