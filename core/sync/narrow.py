"""What each side can hold of a series, and by which rule it is narrowed otherwise (R22). Rules begin with the field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from core.model.dates import dates
from core.model.pattern import WEEKDAYS, WEEKEND, YEAR, Daily, Day, MonthlyByDay, MonthlyByWeekday, Weekly
from core.model.recurrence import ClockTime, Series, WholeDays, count, is_skipped
from core.model.rezone import in_zone

_MINUTE = timedelta(minutes=1)
_LOOKED_AT = 60
"""Occurrences among which the two that are closest are searched: five years of a monthly series."""


class Rule(StrEnum):
    """What history is told, once."""

    ZONE = "time_zone_not_the_owners"
    """Severa: told by the clocks of its owner's zone, an hour or so off while those and the series' own disagree."""
    ZONE_MOVES_DATE = "time_zone_moves_date"
    """Severa, not held: in the owner's zone it is on other dates, which no pattern has."""
    WEEKDAY_SET = "time_weekday_set"
    """Severa, not held: the first … last of several weekdays other than Monday to Friday or Saturday and Sunday."""
    WEEK_START = "time_week_start"
    """Severa, not held: every so many weeks that do not begin on Monday, on days that this matters for."""
    STARTS_IN_GAP = "time_starts_in_gap"
    """Severa, not held: the clocks skip the first start or end, and Severa knows the time of day from nothing else."""
    YEARS_AS_MONTHS = "time_years_as_months"
    """Severa: shown as every 24, 36, … months, for want of a yearly interval. Nothing is lost."""
    INTERVAL = "time_interval"
    """Microsoft, not held: longer than 999 days, 99 weeks, 99 months or 99 years."""
    OVERLAPS = "time_overlaps"
    """Microsoft, not held: an occurrence would last beyond the start of the next one."""
    SECONDS = "time_seconds"
    """Microsoft: whole minutes."""
    SECOND_HOUR = "time_second_hour"
    """Microsoft: the first of two hours of the same name, not the second."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A series as one side can hold it; None where it cannot be held by any likeness. `rules` tell why."""

    series: Series | None
    rules: tuple[Rule, ...] = ()


def on_severa(series: Series, zone: str) -> Narrowed:
    """As Severa can hold it for an owner in that zone (IANA). Source: facts/severa.md 1.7."""
    rezoned = in_zone(series, zone)
    if rezoned is None:
        return Narrowed(None, (Rule.ZONE_MOVES_DATE,))
    held = rezoned.series
    refusal = _not_in_severa(held)
    if refusal:
        return Narrowed(None, (refusal,))
    losses = [] if rezoned.exact else [Rule.ZONE]
    if isinstance(held.pattern, MonthlyByDay | MonthlyByWeekday) and _years(held.pattern.interval) > 1:
        losses.append(Rule.YEARS_AS_MONTHS)
    return Narrowed(held, tuple(losses))


def on_microsoft(series: Series) -> Narrowed:
    """As Exchange can hold it, through Graph. Sources: EWS reference of the Interval elements; MS-OXOCAL 2.2.1.44.5."""
    if _is_too_rare(series):
        return Narrowed(None, (Rule.INTERVAL,))
    if _overlaps(series):
        return Narrowed(None, (Rule.OVERLAPS,))
    at = series.time
    if isinstance(at, WholeDays):
        return Narrowed(series)
    held = ClockTime(at.start.replace(second=0), at.length // _MINUTE * _MINUTE, at.zone)
    losses = [Rule.SECONDS] if (held.start, held.length) != (at.start, at.length) else []
    if at.fold:
        losses.append(Rule.SECOND_HOUR)
    return Narrowed(replace(series, time=held), tuple(losses))


def _not_in_severa(series: Series) -> Rule | None:
    match series.pattern:
        case MonthlyByWeekday(days=days) if len(days) > 1 and days not in (WEEKDAYS, WEEKEND):
            return Rule.WEEKDAY_SET
        case Weekly(first_day=first_day) if first_day is not Day.MONDAY:
            return Rule.WEEK_START
    match series.time:
        case ClockTime(start, length, zone):
            begin, clocks = datetime.combine(series.first, start), ZoneInfo(zone)
            if is_skipped(begin, clocks) or is_skipped(begin + length, clocks):
                return Rule.STARTS_IN_GAP
    return None


def _is_too_rare(series: Series) -> bool:
    match series.pattern:
        case Daily(interval):
            return interval > 999
        case Weekly(interval):
            return interval > 99
    return (_years(series.pattern.interval) or series.pattern.interval) > 99


def _years(months: int) -> int:
    """How many years those months are, 0 where they are no whole years."""
    return 0 if months % YEAR else months // YEAR


def _overlaps(series: Series) -> bool:
    length = series.time.length if isinstance(series.time, ClockTime) else timedelta(days=series.time.count)
    return any(length > gap for gap in _gaps(series))


def _gaps(series: Series) -> Iterator[timedelta]:
    rule, known = dates(series.first, series.pattern), count(series)
    days = (rule.at(index) for index in range(_LOOKED_AT if known is None else min(known, _LOOKED_AT)))
    return (later - earlier for earlier, later in pairwise(days))
