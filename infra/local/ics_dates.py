"""The changed dates of a calendar file, which writes each as an event of its own, put into their series."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final

from infra.local.ics_entry import Entry
from infra.local.ics_series import has_date

ALONE: Final = "a changed date whose series is not in the file: taken as an entry by itself"
NO_SUCH_DATE: Final = "it changes a date that its series does not have"
SECOND: Final = "it changes a date that another one has changed already"
Left = list[tuple[str, str]]


def together(found: Iterable[Entry]) -> tuple[list[Entry], Left]:
    """The entries, each series with its dates; changed dates that cannot be, as (why, subject)."""
    alone: list[Entry] = []
    dates: dict[str, list[Entry]] = defaultdict(list)
    whole = list(found)
    series = {entry.uid for entry in whole if entry.recurrence is not None and entry.uid}
    left: Left = []
    for entry in whole:
        if entry.original is None:
            alone.append(entry)
        elif entry.uid in series:
            dates[entry.uid].append(entry)
        else:
            alone.append(replace(entry, original=None, remarks=(*entry.remarks, ALONE)))
    return [_with_dates(entry, dates.pop(entry.uid, []), left) if entry.recurrence else entry for entry in alone], left


def _with_dates(series: Entry, dates: list[Entry], left: Left) -> Entry:
    """The series with those dates that it has."""
    recurrence = series.recurrence or {}
    changed: dict[date, Entry] = {}
    cancelled = {day for day in series.cancelled if has_date(recurrence, day)}
    for one in dates:
        day = series.times.day_of(one.original) if one.original is not None else None
        if day is None or not has_date(recurrence, day):
            left.append((NO_SUCH_DATE, one.subject))
        elif day in changed or day in cancelled:
            left.append((SECOND, one.subject))
        elif one.is_cancelled:
            cancelled.add(day)
        else:
            changed[day] = one
    return replace(series, cancelled=tuple(sorted(cancelled)), changed=tuple(sorted(changed.items(), key=_day)))


def _day(one: tuple[date, Entry]) -> date:
    return one[0]
