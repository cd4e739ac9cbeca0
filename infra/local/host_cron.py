"""NCRONTAB schedules: `{second} {minute} {hour} {day} {month} {day of week}`, in UTC (facts/microsoft.md J5).

Meaning as in NCrontab, which Azure's timer uses (`CrontabFieldImpl.cs`): all six fields must match, day *and* day of
week; Sunday is 0 and there is no 7; names may be shortened; `5/15` runs from 5 to the end. Stricter here: a range that
goes down is refused, where NCrontab swaps its ends in silence.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from infra.local.host_errors import ScheduleError

MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
WEEKDAYS: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")

# 29 February on a given weekday comes back after 40 years at most, where a century without a leap day lies between.
HORIZON_DAYS: Final = 41 * 366


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()


FIELDS: Final = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, MONTHS),
    _Field("day of week", 0, 6, WEEKDAYS),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A parsed schedule: for each field the sorted values at which it matches."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]

    def next_after(self, moment: datetime) -> datetime:
        """Return the first matching moment strictly after `moment`, in UTC. Raises ScheduleError when none comes."""
        start = moment.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
        day, bound = start, (start.hour, start.minute, start.second)
        for _ in range(HORIZON_DAYS):
            time = self._first_time(bound) if self._matches_day(day) else None
            if time is not None:
                return day.replace(hour=time[0], minute=time[1], second=time[2])
            day, bound = day + timedelta(days=1), (0, 0, 0)
        raise ScheduleError("the day that it names never comes.")

    def _matches_day(self, day: datetime) -> bool:
        return day.day in self.days and day.month in self.months and day.isoweekday() % 7 in self.weekdays

    def _first_time(self, bound: tuple[int, int, int]) -> tuple[int, int, int] | None:
        hours = (hour for hour in self.hours if hour >= bound[0])
        times = ((hour, minute, second) for hour in hours for minute in self.minutes for second in self.seconds)
        return next((time for time in times if time >= bound), None)


def parse(expression: str) -> Schedule:
    """Return the schedule that `expression` means. Raises ScheduleError, which quotes it."""
    parts = expression.split()
    if len(parts) != len(FIELDS):
        raise ScheduleError(
            f"The schedule {expression!r} has {len(parts)} fields; it needs six:"
            " {second} {minute} {hour} {day} {month} {day of week}."
        )
    try:
        schedule = Schedule(*(_values(field, part) for field, part in zip(FIELDS, parts, strict=True)))
        schedule.next_after(datetime(2024, 1, 1, tzinfo=UTC))
    except ScheduleError as error:
        raise ScheduleError(f"The schedule {expression!r} cannot be used: {error}") from None
    return schedule


def _values(field: _Field, text: str) -> tuple[int, ...]:
    values: set[int] = set()
    for item in text.split(","):
        values.update(_item(field, item))
    return tuple(sorted(values))


def _item(field: _Field, item: str) -> range:
    """Return the values of one list item: `*`, `a`, `a-b`, each with an optional `/step`."""
    span, slash, step_text = item.partition("/")
    if slash and (not step_text.isdecimal() or int(step_text) == 0):
        raise ScheduleError(f"{item!r} in the field {field.name} has no step of 1 or more.")
    if span == "*":
        first, last = field.least, field.most
    elif "-" in span:
        first, last = (_value(field, end) for end in span.split("-", 1))
    else:
        first = _value(field, span)
        last = field.most if slash else first
    if first > last:
        raise ScheduleError(f"{item!r} in the field {field.name} is a range that goes down.")
    return range(first, last + 1, int(step_text) if slash else 1)


def _value(field: _Field, text: str) -> int:
    if text.isdecimal():
        value = int(text)
    else:
        found = (i for i, name in enumerate(field.names, field.least) if text and name.startswith(text.lower()))
        value = next(found, -1)
    if not field.least <= value <= field.most:
        raise ScheduleError(f"{text!r} is no value of the field {field.name} ({field.least} to {field.most}).")
    return value
