"""EWS' Recurrence element: read, and shown, with a rule in between (facts/microsoft.md H, L)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from tests.simulators.common.recurrence import Frequency, Rule

from .errors import EwsError
from .releases import has
from .soap import Element, local, t, text_of
from .zones import DAYS, INDEXES, MONTHS

_GROUPS = {"Day": tuple(range(7)), "Weekday": tuple(range(5)), "WeekendDay": (5, 6)}
_WEEK_START = 6
"""Where nothing is said, and in releases where nothing can be said, a week begins on Sunday."""
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FREQUENCIES: Mapping[str, Frequency] = {
    "DailyRecurrence": "daily",
    "WeeklyRecurrence": "weekly",
    "AbsoluteMonthlyRecurrence": "monthly",
    "RelativeMonthlyRecurrence": "monthly",
    "AbsoluteYearlyRecurrence": "yearly",
    "RelativeYearlyRecurrence": "yearly",
}


def rule_of(element: Element) -> Rule:
    """The rule of a Recurrence element. Raises EwsError for one that cannot be."""
    pattern, limits = list(element)
    kind = local(pattern)
    frequency = _FREQUENCIES.get(kind)
    if frequency is None:
        raise EwsError("ErrorCalendarInvalidRecurrence", f"{kind} is no recurrence of a calendar item.")
    until, count = text_of(limits, "t:EndDate"), text_of(limits, "t:NumberOfOccurrences")
    rule = Rule(
        frequency=frequency,
        first=_date(text_of(limits, "t:StartDate")),
        interval=int(text_of(pattern, "t:Interval", "1")),
        until=_date(until) if until else None,
        count=int(count) if count else None,
    )
    rule = _detailed(rule, pattern, kind)
    if rule.interval < 1 or (rule.count is not None and rule.count < 1):
        raise EwsError("ErrorCalendarInvalidRecurrence", "An interval or a number is out of range.")
    if rule.until is not None and rule.until < rule.first:
        raise EwsError("ErrorCalendarEndDateIsEarlierThanStartDate")
    return rule


def _detailed(rule: Rule, pattern: Element, kind: str) -> Rule:
    month = text_of(pattern, "t:Month")
    number = MONTHS.index(month) + 1 if month else None
    if kind == "WeeklyRecurrence":
        days = tuple(DAYS.index(day) for day in text_of(pattern, "t:DaysOfWeek").split())
        if not days:
            raise EwsError("ErrorCalendarInvalidRecurrence", "A weekly recurrence has days.")
        begins = text_of(pattern, "t:FirstDayOfWeek")
        return replace(rule, weekdays=days, week_start=DAYS.index(begins) if begins else _WEEK_START)
    if kind.startswith("Relative"):
        named = text_of(pattern, "t:DaysOfWeek")
        days = _GROUPS[named] if named in _GROUPS else (DAYS.index(named),)
        return replace(rule, weekdays=days, position=INDEXES[text_of(pattern, "t:DayOfWeekIndex")], month=number)
    if kind.startswith("Absolute"):
        day = int(text_of(pattern, "t:DayOfMonth"))
        if not 1 <= day <= _LONGEST[(number or 1) - 1]:
            raise EwsError("ErrorCalendarInvalidRecurrence", f"There is no day {day}.")
        return replace(rule, day_of_month=day, month=number)
    return rule


def shown(rule: Rule, schema: str, zone_of: Mapping[date, str]) -> Element:
    """The Recurrence element of a rule; `zone_of` has what stands behind its dates, such as `Z` or `+02:00`."""

    def dated(name: str, day: date) -> Element:
        return t(name, day.isoformat() + zone_of.get(day, "Z"))

    start = dated("StartDate", rule.first)
    if rule.count is not None:
        limits = t("NumberedRecurrence", start, t("NumberOfOccurrences", str(rule.count)))
    elif rule.until is not None:
        limits = t("EndDateRecurrence", start, dated("EndDate", rule.until))
    else:
        limits = t("NoEndRecurrence", start)
    return t("Recurrence", _pattern(rule, schema), limits)


def _pattern(rule: Rule, schema: str) -> Element:
    interval = t("Interval", str(rule.interval))
    month = None if rule.month is None else t("Month", MONTHS[rule.month - 1])
    if rule.frequency == "daily":
        return t("DailyRecurrence", interval)
    if rule.frequency == "weekly":
        begins = t("FirstDayOfWeek", DAYS[rule.week_start]) if has(schema, "FirstDayOfWeek") else None
        # a set of flags inside: Sunday comes first, whatever the order in which they were sent
        days = " ".join(DAYS[day] for day in (6, *range(6)) if day in rule.weekdays)
        return t("WeeklyRecurrence", interval, t("DaysOfWeek", days), begins)
    suffix = "Yearly" if rule.frequency == "yearly" else "Monthly"
    leading = None if rule.frequency == "yearly" else interval
    if rule.position is None:
        return t(f"Absolute{suffix}Recurrence", leading, t("DayOfMonth", str(rule.day_of_month)), month)
    groups = {days: name for name, days in _GROUPS.items()}
    found = tuple(sorted(rule.weekdays))
    named = groups[found] if found in groups else DAYS[found[0]]
    index = next(name for name, number in INDEXES.items() if number == rule.position)
    return t(f"Relative{suffix}Recurrence", leading, t("DaysOfWeek", named), t("DayOfWeekIndex", index), month)


def begun(rule: Rule, start: date) -> Rule:
    """The rule with another first date."""
    return replace(rule, first=start)


def cut(rule: Rule, last: date) -> Rule:
    """The rule up to this date."""
    return replace(rule, until=last, count=None)


def rest(rule: Rule, day: date) -> Rule:
    """What is left of the rule from one of its dates on. Raises ValueError for the first one: that is all."""
    gone = len(rule.between(rule.first, day)) - 1
    if gone < 1:
        raise ValueError("the series begins on this date")
    return replace(rule, first=day, count=None if rule.count is None else rule.count - gone)


def _date(text: str) -> date:
    try:
        return datetime.fromisoformat(text).date() if "T" in text else date.fromisoformat(text[:10])
    except ValueError as error:
        raise EwsError("ErrorCalendarInvalidRecurrence", f"'{text}' is no date.") from error
