"""What a recurrence makes of the fields that a create or an update of an event sets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from tests.simulators.common.recurrence import placed

from . import recurrence, zones
from .errors import GraphError
from .event import Event

TIMES = frozenset({"start", "end", "all_day", "recurrence", "series_zone"})
"""Where one of them changes, a series loses its exceptions and cancellations (facts/microsoft.md A3)."""
_BLANK = {"all_day": False, "start_zone": "UTC", "recurrence": None, "series_zone": None}


def settled(fields: Mapping[str, Any], before: Event | None, clock: tuple[str, tzinfo] | None = None) -> dict[str, Any]:
    """The fields with the recurrence complete, and start and end on the first date that it has.

    The series follows the clock of its `recurrenceTimeZone`, else of its start's zone when the recurrence was written;
    `clock` overrules both, for zones that have no name: what it is called, and what it is. Raises GraphError (400).
    """
    if "recurrence" not in fields and (before is None or before.recurrence is None or not TIMES & fields.keys()):
        return dict(fields)
    now = {name: fields.get(name, getattr(before, name, blank)) for name, blank in _BLANK.items()}
    start, end = (fields[name] if name in fields else getattr(before, name) for name in ("start", "end"))
    if now["recurrence"] is None:
        return {**fields, "recurrence": None, "series_zone": None, "cancelled": frozenset()}
    if "recurrence" in fields:
        name = clock[0] if clock else recurrence.zone_name(now["recurrence"], now["start_zone"])
        zone = clock[1] if clock else zones.zone(name)
        day = _day(start, zone, all_day=now["all_day"])
        recurs = recurrence.normalized(now["recurrence"], day, name)
    else:
        zone = now["series_zone"]
        day = _day(start, zone, all_day=now["all_day"])
        recurs = recurrence.begun(now["recurrence"], day)
    first = recurrence.rule_of(recurs).start()
    if first is None:
        raise recurrence.no_occurrence()
    if first != day:
        start, end = placed(start, end, UTC if now["all_day"] or zone is None else zone, first)
        recurs = recurrence.begun(recurs, first)
    complete = {**fields, "start": start, "end": end, "recurrence": recurs, "series_zone": zone}
    unchanged = before is not None and not changed(before, complete)
    return complete if unchanged else {**complete, "cancelled": frozenset()}


def changed(before: Event, fields: Mapping[str, Any]) -> bool:
    """Whether these fields give a series other times than it had."""
    return any(fields[name] != getattr(before, name) for name in TIMES & fields.keys())


def within_series(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that an occurrence takes. Raises GraphError (400) for a recurrence of its own."""
    if fields.get("recurrence") is not None:
        raise GraphError(400, "ErrorInvalidRequest", "An occurrence of a series cannot recur.")
    return {name: value for name, value in fields.items() if name != "recurrence"}


def _day(start: datetime, zone: tzinfo | None, *, all_day: bool) -> date:
    return start.date() if all_day or zone is None else start.astimezone(zone).date()
