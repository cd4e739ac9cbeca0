"""Graph's patternedRecurrence: read strictly, kept as Exchange shows it, turned into a rule (facts/microsoft.md A4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from tests.simulators.common.recurrence import Frequency, Rule

from . import zones
from .errors import GraphError
from .prefer import unknown_zone

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
INDEXES = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
TYPES: Mapping[str, Frequency] = {
    "daily": "daily",
    "weekly": "weekly",
    "absoluteMonthly": "monthly",
    "relativeMonthly": "monthly",
    "absoluteYearly": "yearly",
    "relativeYearly": "yearly",
}
RANGES = ("endDate", "noEnd", "numbered")
NO_DATE = "0001-01-01"
LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
Json = Mapping[str, Any]


def zone_name(given: object, fallback: str) -> str:
    """The name of the zone that a recurrence means, `recurrenceTimeZone`; without one, that of the event's start.

    Raises GraphError for a zone that does not exist.
    """
    limits = given.get("range") if isinstance(given, Mapping) else None
    name = (limits.get("recurrenceTimeZone") if isinstance(limits, Mapping) else None) or fallback
    if zones.zone(str(name)) is None:
        raise unknown_zone(str(name))
    return str(name)


def normalized(given: object, start: date, zone: str) -> dict[str, Any]:
    """A recurrence as Exchange shows it from then on, its unused fields filled in; `start` is the event's own date.

    Raises GraphError (400) for one that lacks something or whose range does not begin on that date.
    """
    whole = _object("recurrence", given)
    pattern, limits = _object("pattern", whole.get("pattern")), _object("range", whole.get("range"))
    return {"pattern": _pattern(pattern), "range": _range(limits, start, zone)}


def begun(recurrence: Json, start: date) -> dict[str, Any]:
    """The recurrence with another first date."""
    return {**recurrence, "range": {**recurrence["range"], "startDate": start.isoformat()}}


def cut(recurrence: Json, last: date) -> dict[str, Any]:
    """The recurrence up to this date."""
    limits = {"type": "endDate", "endDate": last.isoformat(), "numberOfOccurrences": 0}
    return {**recurrence, "range": {**recurrence["range"], **limits}}


def rest(recurrence: Json, day: date) -> dict[str, Any]:
    """What is left of the recurrence from one of its dates on. Raises ValueError for the first one: that is all."""
    rule = rule_of(recurrence)
    gone = len(rule.between(rule.first, day)) - 1
    if gone < 1:
        raise ValueError("the series begins on this date")
    limits = {**recurrence["range"], "startDate": day.isoformat()}
    if rule.count is not None:
        limits["numberOfOccurrences"] = rule.count - gone
    return {**recurrence, "range": limits}


def rule_of(recurrence: Json) -> Rule:
    """The rule of a recurrence in the form that `normalized` gives."""
    pattern, limits = recurrence["pattern"], recurrence["range"]
    kind, until = pattern["type"], limits["type"] == "endDate"
    absolute, relative, yearly = kind.startswith("absolute"), kind.startswith("relative"), kind.endswith("Yearly")
    return Rule(
        frequency=TYPES[kind],
        first=date.fromisoformat(limits["startDate"]),
        interval=pattern["interval"],
        weekdays=tuple(WEEKDAYS.index(day) for day in pattern.get("daysOfWeek", ())),
        week_start=WEEKDAYS.index(pattern["firstDayOfWeek"]),
        day_of_month=pattern["dayOfMonth"] if absolute else None,
        position=INDEXES[pattern["index"]] if relative else None,
        month=pattern["month"] if yearly else None,
        until=date.fromisoformat(limits["endDate"]) if until else None,
        count=limits["numberOfOccurrences"] if limits["type"] == "numbered" else None,
    )


def no_occurrence() -> GraphError:
    """The refusal of a recurrence that has no date."""
    return GraphError(400, "ErrorRecurrenceHasNoOccurrence", "The recurrence pattern has no occurrences in its range.")


def _pattern(given: Json) -> dict[str, Any]:
    kind = _choice("type", given.get("type"), TYPES)
    # what a pattern does not use has these values, as Exchange shows them
    kept: dict[str, Any] = {"type": kind, "interval": _number("interval", given, 1), "month": 0, "dayOfMonth": 0}
    if kind == "weekly" or kind.startswith("relative"):
        kept["daysOfWeek"] = _weekdays(given.get("daysOfWeek"))
    if kind == "weekly" and not given.get("firstDayOfWeek"):
        raise _lacking("firstDayOfWeek")
    kept["firstDayOfWeek"] = _choice("firstDayOfWeek", given.get("firstDayOfWeek") or "sunday", WEEKDAYS)
    kept["index"] = _choice("index", given.get("index") or "first", INDEXES)
    if kind.endswith("Yearly"):
        kept["month"] = _number("month", given, 1, 12)
    if kind.startswith("absolute"):
        kept["dayOfMonth"] = _number("dayOfMonth", given, 1, LONGEST_MONTHS[(kept["month"] or 1) - 1])
    return kept


def _range(given: Json, start: date, zone: str) -> dict[str, Any]:
    kind = _choice("type", given.get("type"), RANGES)
    first = _date("startDate", given)
    if first != start:
        raise _invalid(f"'startDate' {first} is not the date of 'start', {start}.")
    end = _date("endDate", given) if kind == "endDate" else None
    if end is not None and end < first:
        raise no_occurrence()
    return {
        "type": kind,
        "startDate": first.isoformat(),
        "endDate": NO_DATE if end is None else end.isoformat(),
        "recurrenceTimeZone": zone,
        "numberOfOccurrences": _number("numberOfOccurrences", given, 1) if kind == "numbered" else 0,
    }


def _object(name: str, value: object) -> Json:
    if value is None:
        raise _lacking(name)
    if not isinstance(value, Mapping):
        raise _unreadable(name)
    return value


def _choice(name: str, value: object, choices: Iterable[str]) -> str:
    if value is None:
        raise _lacking(name)
    if not isinstance(value, str) or value not in tuple(choices):
        raise _unreadable(name)
    return value


def _number(name: str, given: Json, least: int, most: int = 2**31 - 1) -> int:
    value = given.get(name)
    if value is None:
        raise _lacking(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _unreadable(name)
    if not least <= value <= most:
        raise _invalid(f"'{name}' {value} is out of range.")
    return value


def _date(name: str, given: Json) -> date:
    value = given.get(name)
    if value is None:
        raise _lacking(name)
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise _unreadable(name) from error


def _weekdays(value: object) -> list[str]:
    if not isinstance(value, list) or not value:
        raise _lacking("daysOfWeek")
    named = {_choice("daysOfWeek", day, WEEKDAYS) for day in value}
    # a set of flags inside: Sunday comes first, whatever the order in which they were sent
    return [day for day in (WEEKDAYS[-1], *WEEKDAYS[:-1]) if day in named]


def _lacking(name: str) -> GraphError:
    return _invalid(f"'{name}' is required.")


def _invalid(reason: str) -> GraphError:
    message = f"At least one property failed validation. Recurrence: {reason}"
    return GraphError(400, "ErrorPropertyValidationFailure", message)


def _unreadable(name: str) -> GraphError:
    return GraphError(400, "RequestBodyRead", f"Cannot convert the value of '{name}' to the expected type.")
