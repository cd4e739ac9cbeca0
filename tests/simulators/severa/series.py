"""Series and their occurrences, as values: what is kept is in state.py, how it changes in writes.py.

Occurrences are made when they are asked for. Their guids are made from the series' guid and the original date, so they
stay; an exception keeps its occurrence's guid, unless an option says otherwise.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.simulators.common.recurrence import Rule, dates_near, placed

from .errors import invalid
from .model import Activity, Series
from .recurrence import no_date, normalized, rule_of

FOREVER = datetime.max.replace(tzinfo=UTC)


def rule(series: Activity, zone: ZoneInfo) -> Rule:
    """The rule of a series in its owner's zone."""
    return rule_of(series.recurrence or {}, series.start.astimezone(zone).date())


def occurrence(series: Activity, zone: ZoneInfo, day: date) -> Activity:
    """The occurrence of a date that the rule has. It was changed when its series was; nobody has booked hours on it."""
    start, end = placed_on(series, zone, day)
    return replace(
        series,
        guid=str(uuid.uuid5(uuid.UUID(series.guid), day.isoformat())),
        start=start,
        end=None if series.end is None else end,
        has_hours=False,
        recurrence=None,
        recurrence_type="Occurrence",
        recurrence_parent=series.guid,
        series=None,
        original=day,
    )


def occurrences(series: Activity, zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[Activity]:
    """Those that might touch the time from `begin` to `end` and are neither changed nor cancelled."""
    if series.series is not None:
        gone = series.series.cancelled | series.series.changed
        for day in dates_near(rule(series, zone), begin, end, series.ends - series.start):
            if day not in gone:
                yield occurrence(series, zone, day)


def holds(series: Activity, zone: ZoneInfo, day: date) -> bool:
    """Whether the series has an occurrence on this original date that is neither changed nor cancelled."""
    if series.series is None or day in series.series.cancelled | series.series.changed:
        return False
    return rule(series, zone).holds(day)


def last_start(series: Activity, zone: ZoneInfo) -> datetime | None:
    """When the last date of the rule starts; None for an endless one."""
    last = rule(series, zone).last()
    return None if last is None else placed_on(series, zone, last)[0]


def span_end(activity: Activity, zone: ZoneInfo) -> datetime:
    """The end of a series' last occurrence, of anything else its end."""
    if activity.series is None:
        return activity.ends
    last = rule(activity, zone).last()
    return FOREVER if last is None else placed_on(activity, zone, last)[1]


def settled(before: Activity | None, after: Activity, zone: ZoneInfo, *, keeps: bool) -> Activity:
    """A created or changed activity, with its recurrence complete and its start on the first date that it has.

    A series whose times or recurrence change forgets which dates were changed or cancelled; with `keeps`, only those
    that it has no more. Raises SeveraError (400).
    """
    if after.recurrence is None:
        was = before is not None and before.series is not None
        return replace(after, recurrence_type="None", series=None) if was else after
    if before is not None and before.series is not None and _times(before) == _times(after):
        return after
    complete = replace(after, recurrence=normalized(after.recurrence), recurrence_type="Series")
    day = after.start.astimezone(zone).date()
    first = rule(complete, zone).start()
    if first is None:
        raise no_date()
    if first != day:
        start, end = placed_on(after, zone, first)
        complete = replace(complete, start=start, end=None if after.end is None else end)
    known = before.series if before is not None and keeps else None
    kept = rule(complete, zone)
    dates = known or Series()
    return replace(
        complete,
        series=Series(
            frozenset(day for day in dates.cancelled if kept.holds(day)),
            frozenset(day for day in dates.changed if kept.holds(day)),
        ),
    )


def rest_of(whole: Activity, zone: ZoneInfo, day: date) -> dict[str, Any]:
    """What is left of a series' recurrence from one of its dates on. Raises ValueError for the first: that is all."""
    known, recurs = rule(whole, zone), dict(whole.recurrence or {})
    gone = len(known.between(known.first, day)) - 1
    if gone < 1:
        raise ValueError("the series begins on this date")
    count = recurs["range"]["maxOccurrences"]
    limits = {**recurs["range"], "maxOccurrences": None if count is None else count - gone}
    return {**recurs, "range": limits}


def cut(whole: Activity, zone: ZoneInfo, day: date) -> Activity:
    """A series that ends before one of its dates, and knows what was changed and cancelled before."""
    recurs = dict(whole.recurrence or {})
    limits = {"maxOccurrences": None, "recursUntilDate": (day - timedelta(days=1)).isoformat()}
    return settled(whole, replace(whole, recurrence={**recurs, "range": limits}), zone, keeps=True)


def alone(after: Activity) -> Activity:
    """A changed occurrence as an exception. Raises SeveraError (400) where it shall recur by itself."""
    if after.recurrence is not None:
        raise invalid("recurrence", "An occurrence does not recur.")
    return replace(after, recurrence_type="Exception")


def placed_on(activity: Activity, zone: ZoneInfo, day: date) -> tuple[datetime, datetime]:
    """Start and end on another day of the zone."""
    return placed(activity.start, activity.ends, zone, day, whole_days=activity.all_day)


def _times(activity: Activity) -> tuple[Any, ...]:
    return activity.start, activity.end, activity.all_day, activity.recurrence
