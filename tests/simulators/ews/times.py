"""What Exchange makes of the times and the recurrence that a create or an update of an item sets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.simulators.common.recurrence import Rule, placed

from . import series
from .errors import EwsError
from .item import Item, midnight
from .recurrence import begun
from .zones import UTC_ZONE

TIMES = frozenset({"start", "end", "all_day", "rule", "start_zone"})
"""Where one of them changes, a series loses its exceptions and deletions (facts/microsoft.md G3)."""
_LONGEST = timedelta(days=5 * 366)
_BLANK = {"all_day": False, "start_zone": UTC_ZONE, "rule": None}
_NOT_OF_ONE = frozenset({"rule", "uid"})


def settled(fields: Mapping[str, Any], before: Item | None) -> dict[str, Any]:
    """The fields with times that Exchange keeps: whole days, and a series' start on the first date of its rule.

    Raises EwsError.
    """
    if before is not None and before.slot is not None and _NOT_OF_ONE & fields.keys():
        raise EwsError("ErrorInvalidPropertySet", "An occurrence has neither a recurrence nor a UID of its own.")
    if before is not None and not TIMES & fields.keys():
        return dict(fields)
    found = {**fields, **_bounds(fields, before)}
    rule: Rule | None = _now("rule", found, before)
    if rule is None:
        return {**found, "deleted": frozenset()} if "rule" in fields else found
    zone = _now("start_zone", found, before).rules
    start, end = found["start"], found["end"]
    if "rule" not in fields:
        rule = begun(rule, start.astimezone(zone).date())
    first = rule.start()
    if first is None:
        raise EwsError("ErrorRecurrenceHasNoOccurrence", "The recurrence pattern has no occurrences in its range.")
    start, end = placed(start, end, zone, first, whole_days=_now("all_day", found, before))
    series.check_length(rule, end - start)
    complete = {**found, "start": start, "end": end, "rule": begun(rule, first)}
    if before is not None and changed(before, complete):
        complete["deleted"] = frozenset()
    return complete


def changed(before: Item, fields: Mapping[str, Any]) -> bool:
    """Whether these fields give a series other times than it had."""
    return any(fields[name] != getattr(before, name) for name in TIMES & fields.keys())


def _bounds(fields: Mapping[str, Any], before: Item | None) -> dict[str, datetime]:
    start, end = _now("start", fields, before), _now("end", fields, before)
    if start is None or end is None:
        raise EwsError("ErrorCalendarEndDateIsEarlierThanStartDate", "An item needs a start and an end.")
    if end < start:
        raise EwsError("ErrorCalendarEndDateIsEarlierThanStartDate")
    if end - start > _LONGEST:
        raise EwsError("ErrorCalendarDurationIsTooLong", "An item lasts five years at most.")
    if _now("all_day", fields, before):
        zone = _now("start_zone", fields, before).rules
        start, end = midnight(start, zone), midnight(end, zone, later=True)
        if end == start:
            end = midnight(start + timedelta(hours=36), zone)
    return {"start": start, "end": end}


def _now(name: str, fields: Mapping[str, Any], before: Item | None) -> Any:
    return fields[name] if name in fields else getattr(before, name, _BLANK.get(name))
