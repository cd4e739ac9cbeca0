"""A calendar file's recurrence rules as Graph's recurrence (facts/microsoft.md A3), where Exchange can hold them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from icalendar.cal.component import Component
from icalendar.prop import vDDDLists, vRecur

from infra.local.ics_times import Times, TimesError, placed
from tests.simulators.common.recurrence import Rule
from tests.simulators.graph.recurrence import rule_of

Json = dict[str, Any]
DAYS: Final = {
    "MO": "monday",
    "TU": "tuesday",
    "WE": "wednesday",
    "TH": "thursday",
    "FR": "friday",
    "SA": "saturday",
    "SU": "sunday",
}
INDEXES: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
HELD: Final = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS"})
_LONGEST_GAP: Final = timedelta(days=366)
"""From one date of any pattern to the next, in steps of one."""
UNHELD: Final = "it recurs in a way that Exchange cannot hold"
UNREADABLE: Final = "its recurrence rule cannot be read"
REPAIRED: Final = "its recurrence rule had blanks in it"


class SeriesError(ValueError):
    """The recurrence cannot be held or read; the message says which."""


def recurrence_of(event: Component, times: Times) -> tuple[Json | None, str]:
    """Graph's recurrence, None for a single event; a remark where the rule was repaired. Raises SeriesError."""
    if event.get("RDATE") is not None or event.get("EXRULE") is not None:
        raise SeriesError(UNHELD)
    rule = event.get("RRULE")
    if rule is None:
        return None, ""
    repaired = ""
    if not isinstance(rule, Mapping):
        if isinstance(rule, list):
            raise SeriesError(UNHELD)
        rule, repaired = _again(str(rule)), REPAIRED
    if not rule.get("FREQ"):
        raise SeriesError(UNREADABLE)
    if set(rule) - HELD or any(len(rule.get(name, ())) > 1 for name in ("BYMONTHDAY", "BYMONTH", "BYSETPOS")):
        raise SeriesError(UNHELD)
    return {"pattern": _pattern(rule, times.first_day), "range": _range(rule, times)}, repaired


def moved_recurrence(recurrence: Mapping[str, Any], times: Times, by: timedelta) -> Json:
    """The recurrence with its bounds some whole weeks later, for a series that now begins at `times`."""
    pattern, limits = dict(recurrence["pattern"]), dict(recurrence["range"])
    limits["startDate"] = times.first_day.isoformat()
    if "endDate" in limits:
        limits["endDate"] = (date.fromisoformat(limits["endDate"]) + by).isoformat()
    for name, value in (("dayOfMonth", times.first_day.day), ("month", times.first_day.month)):
        if name in pattern:
            pattern[name] = value
    return {"pattern": pattern, "range": limits}


def excluded_dates(event: Component, times: Times, zone: ZoneInfo) -> tuple[date, ...]:
    """The original dates that a series leaves out (RFC 5545 section 3.8.5.1). Raises TimesError."""
    given = event.get("EXDATE")
    lists = given if isinstance(given, list) else [] if given is None else [given]
    found = set()
    for one in lists:
        if not isinstance(one, vDDDLists):
            raise TimesError("its EXDATE cannot be read")
        named = str(one.params.get("TZID", ""))
        found |= {times.day_of(placed(value.dt, named, zone)[0]) for value in one.dts if isinstance(value.dt, date)}
    return tuple(sorted(found))


def has_date(recurrence: Mapping[str, Any], day: date) -> bool:
    """Whether a series has that original date."""
    return as_rule(recurrence).holds(day)


def moved_date(before: Mapping[str, Any], after: Mapping[str, Any], day: date) -> date:
    """Where that date of a series is after a move: the first stays the first, the tenth the tenth."""
    old, new = as_rule(before), as_rule(after)
    number = len(old.between(old.first, day)) - 1
    margin = _LONGEST_GAP * int(before["pattern"]["interval"])
    return new.between(new.first, new.first + (day - old.first) + margin)[number]


def as_rule(recurrence: Mapping[str, Any]) -> Rule:
    """A recurrence as the mailbox reads it."""
    return rule_of({**recurrence, "pattern": {"firstDayOfWeek": "sunday", **recurrence["pattern"]}})


def _again(text: str) -> Mapping[str, Any]:
    try:
        rule: Mapping[str, Any] = vRecur.from_ical("".join(text.split()))
    except (ValueError, LookupError):
        raise SeriesError(UNREADABLE) from None
    return rule


def _pattern(rule: Mapping[str, Any], start: date) -> Json:
    interval = {"interval": int(rule.get("INTERVAL", [1])[0])}
    days = [str(day).upper() for day in rule.get("BYDAY", ())]
    frequency = str(rule["FREQ"][0]).upper()
    if frequency in {"DAILY", "WEEKLY"} and {"BYMONTHDAY", "BYSETPOS"} & set(rule):
        raise SeriesError(UNHELD)
    if "BYMONTH" in rule and (frequency != "YEARLY" or int(rule["BYMONTH"][0]) != start.month):
        raise SeriesError(UNHELD)
    match frequency:
        case "DAILY" if not days:
            return {"type": "daily", **interval}
        case "DAILY" | "WEEKLY":
            named = [_weekday(day) for day in days] or [list(DAYS.values())[start.weekday()]]
            return {"type": "weekly", **interval, "daysOfWeek": named, "firstDayOfWeek": _first_day(rule)}
        case "MONTHLY":
            return _monthly("Monthly", rule, days, start) | interval
        case "YEARLY":
            return _monthly("Yearly", rule, days, start) | interval | {"month": start.month}
        case _:
            raise SeriesError(UNHELD)


def _monthly(kind: str, rule: Mapping[str, Any], days: list[str], start: date) -> Json:
    """On a day of the month, or on the first to fourth or last such weekday."""
    if not days:
        if "BYSETPOS" in rule or int(rule.get("BYMONTHDAY", [start.day])[0]) != start.day:
            raise SeriesError(UNHELD)
        return {"type": f"absolute{kind}", "dayOfMonth": start.day}
    if "BYMONTHDAY" in rule:
        raise SeriesError(UNHELD)
    position = int(rule["BYSETPOS"][0]) if "BYSETPOS" in rule else int(days[0][:-2] or 0)
    if position not in INDEXES or (len(days) > 1 and "BYSETPOS" not in rule):
        raise SeriesError(UNHELD)
    return {"type": f"relative{kind}", "daysOfWeek": [_weekday(day[-2:]) for day in days], "index": INDEXES[position]}


def _weekday(day: str) -> str:
    if day not in DAYS:
        raise SeriesError(UNHELD)
    return DAYS[day]


def _first_day(rule: Mapping[str, Any]) -> str:
    return DAYS.get(str(rule.get("WKST", ["MO"])[0]).upper(), "monday")


def _range(rule: Mapping[str, Any], times: Times) -> Json:
    start = {"startDate": times.first_day.isoformat()}
    if "COUNT" in rule:
        return {"type": "numbered", "numberOfOccurrences": int(rule["COUNT"][0]), **start}
    if "UNTIL" not in rule:
        return {"type": "noEnd", **start}
    until = rule["UNTIL"][0]
    last = until.date() if isinstance(until, datetime) else until
    return {"type": "endDate", "endDate": last.isoformat(), **start}
