"""What is sent to Severa: bodies of POST and operations of PATCH (facts/severa.md 1.5 to 1.7). Pure.

Whole days begin in the owner's zone, and a series lives there: one that is told by other clocks is told by the owner's
before it is sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from core.adapters.severa import quirks
from core.adapters.severa.parsing import whole
from core.adapters.severa.quirks import PatchValues
from core.adapters.severa.recurrence import build_series
from core.errors import ItemRefused
from core.model.essence import Field
from core.model.exceptions import DateException
from core.model.ids import UserId
from core.model.operation import Draft
from core.model.recurrence import WholeDays
from core.model.rezone import in_zone
from core.model.sighting import Activity
from core.model.stretch import Stretch
from core.model.when import AllDay, Series, Timed, When

Value = str | bool | Mapping[str, Any] | None
Operations = list[dict[str, Value]]


# --- whole activities -------------------------------------------------------------------------------------------------
def build_activity(draft: Draft, owner: UserId, zone: ZoneInfo) -> dict[str, Any]:
    """The body of a POST; a series is made without exceptions. Raises ItemRefused for what Severa cannot hold."""
    if not draft.type_id:
        raise ItemRefused("severa_type_missing")
    content = draft.essence
    return {
        "name": _name(content.subject),
        **_build_when(content.when, zone),
        "hasDuration": True,
        "notes": whole(content.text),
        "location": whole(content.location),
        "activityType": {"guid": draft.type_id},
        "ownerUser": {"guid": owner},
    }


def build_patch(
    seen: Activity, draft: Draft, fields: frozenset[str], zone: ZoneInfo, values: PatchValues
) -> Operations:
    """The JSON Patch that writes `fields`, and the type where the draft names one; `zone` is the owner's.

    Privacy has no field: it goes with the type, so a draft that writes it names one (R10). Raises ItemRefused.
    """
    if Field.PRIVACY in fields and not draft.type_id:
        raise ItemRefused("severa_type_missing")
    return _operations(_changes(seen, draft, fields, zone), values)


def _changes(seen: Activity, draft: Draft, fields: frozenset[str], zone: ZoneInfo) -> Iterator[tuple[str, Value]]:
    content = draft.essence
    if Field.SUBJECT in fields:
        yield "name", _name(content.subject)
    if Field.TEXT in fields:
        yield "notes", whole(content.text)
    if Field.LOCATION in fields:
        yield "location", whole(content.location)
    if Field.TIME in fields:
        yield from _moved(seen.essence.when, content.when, zone)
    if draft.type_id:
        yield "activityType/guid", draft.type_id


def build_type_patch(type_id: str, values: PatchValues) -> Operations:
    """The JSON Patch that writes the type and nothing else."""
    return _operations([("activityType/guid", type_id)], values)


# --- one date of a series ---------------------------------------------------------------------------------------------
def build_date_patch(
    row: Activity, wanted: DateException, moved: Stretch | None, zone: ZoneInfo, values: PatchValues
) -> Operations:
    """The JSON Patch that makes an occurrence as wanted, where it differs. `moved`: a new time. Raises ItemRefused."""
    return _operations(_date_changes(row, wanted, moved, zone), values)


def _date_changes(
    row: Activity, wanted: DateException, moved: Stretch | None, zone: ZoneInfo
) -> Iterator[tuple[str, Value]]:
    held = row.essence
    if wanted.subject != held.subject:
        yield "name", _name(wanted.subject)
    if wanted.text != held.text:
        yield "notes", whole(wanted.text)
    if wanted.location != held.location:
        yield "location", whole(wanted.location)
    if moved is not None:
        yield from _moved(held.when, moved, zone)


# --- times ------------------------------------------------------------------------------------------------------------
def instant(moment: datetime) -> str:
    """A date-time as it is sent: in UTC with `Z`, since the plus sign of an offset gets lost in careless hands."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _moved(before: When, after: When, zone: ZoneInfo) -> Iterator[tuple[str, Value]]:
    yield from _build_when(after, zone).items()
    if isinstance(before, Series) and not isinstance(after, Series):
        yield "recurrence", None
    if _gains_duration(before, after):
        yield "hasDuration", True


def _gains_duration(before: When, after: When) -> bool:
    """Whether it may lack the duration that it needs: whole days must have one, to-dos may have none (1.7)."""
    if _is_whole_days(before):
        return False
    return _is_whole_days(after) or (not _lasts(before) and _lasts(after))


def _is_whole_days(when: When) -> bool:
    return isinstance(when, AllDay) or (isinstance(when, Series) and isinstance(when.time, WholeDays))


def _lasts(when: When) -> bool:
    match when:
        case Timed(start, end):
            return start < end
        case Series(time=at):
            return isinstance(at, WholeDays) or bool(at.length)
    return True


def _build_when(when: When, zone: ZoneInfo) -> dict[str, Value]:
    try:
        if isinstance(when, Series):
            there = in_zone(when, zone.key)
            if there is None:
                raise ItemRefused("severa_recurrence", "zone")
            return build_series(there.series, zone)
        start, end = _bounds(when, zone)
        return {"startDateTime": instant(start), "endDateTime": instant(end), "isAllDay": isinstance(when, AllDay)}
    except OverflowError:
        raise ItemRefused("severa_time_out_of_range") from None


def _bounds(when: Stretch, zone: ZoneInfo) -> tuple[datetime, datetime]:
    match when:
        case Timed(start, end):
            return start, end
        case AllDay(first, until):
            return datetime.combine(first, time(), zone), datetime.combine(until, time(), zone)


# --- values -----------------------------------------------------------------------------------------------------------
def _name(subject: str) -> str:
    if not subject:
        raise ItemRefused("severa_subject_missing")
    return whole(subject)


def _operations(changes: Iterable[tuple[str, Value]], values: PatchValues) -> Operations:
    return [{"op": quirks.PATCH_OP, "path": f"/{name}", "value": _spelt(value, values)} for name, value in changes]


def _spelt(value: Value, values: PatchValues) -> Value:
    if values is PatchValues.TEXT and isinstance(value, bool | Mapping):
        return json.dumps(value)
    return value
