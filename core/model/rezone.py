"""A series in another zone: by the clocks there, and on the dates there."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.model.dates import dates
from core.model.expand import clocked, placed
from core.model.pattern import shifted
from core.model.recurrence import ClockTime, Series, count, series

_SAMPLE = 400
"""Occurrences that are looked at: more than a year of a daily series, so both of a year's clock changes."""


@dataclass(frozen=True, slots=True)
class Rezoned:
    """A series in another zone. `exact`: its occurrences are at the very same instants, as far as was looked."""

    series: Series
    exact: bool = True


def moved(before: Series, days: int) -> Series | None:
    """The series with all its dates so many days later (or earlier).

    None where no pattern has those dates: the day after each second Tuesday is not always a second Wednesday.
    """
    pattern = shifted(before.pattern, days, before.first.month) if days else before.pattern
    if pattern is None:
        return None
    by = timedelta(days=days)
    after = series(before.first + by, before.time, pattern, until=before.last and before.last + by)
    return replace(after, counted=before.counted)


def in_zone(before: Series, zone: str) -> Rezoned | None:
    """The series as the clocks of that zone (IANA) tell it.

    Where the clocks of the two zones are not always as far apart, most of its occurrences are at the same instant, the
    others an hour or so off. None where it would be on other dates, and no pattern has those.
    """
    at = before.time
    if not isinstance(at, ClockTime) or at.zone == zone:
        return Rezoned(before)
    target, place = ZoneInfo(zone), clocked(at)
    rule, known = dates(before.first, before.pattern), count(before)
    days = [rule.at(index) for index in range(_SAMPLE if known is None else min(known, _SAMPLE))]
    starts = [place(day).start.astimezone(target) for day in days]
    apart = Counter(
        start.replace(tzinfo=None) - datetime.combine(day, at.start) for day, start in zip(days, starts, strict=True)
    )
    wall = datetime.combine(before.first, at.start) + apart.most_common(1)[0][0]
    by = wall.date() - before.first
    after = moved(replace(before, time=ClockTime(wall.time(), at.length, zone, starts[0].fold)), by.days)
    if after is None:
        return None
    there = placed(after)
    return Rezoned(after, all(there(day + by) == place(day) for day in days))
