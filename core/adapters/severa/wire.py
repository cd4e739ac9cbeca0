"""Activities in Severa's JSON, both ways (facts/severa.md 1.5 to 1.7). Pure.

Severa has no zone on an entry and no privacy: the zone is the owner's (R23), privacy is the activity type's (R10).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from core.adapters.severa import quirks
from core.adapters.severa.parsing import Json, Malformed, flag, guid, moment, moment_or_none, part, text, whole
from core.adapters.severa.quirks import PatchValues
from core.errors import ItemRefused
from core.model.essence import Field, essence
from core.model.ids import UserId
from core.model.operation import Draft
from core.model.sighting import PRIVATE_CATEGORIES, Activity, Category, Shape
from core.model.when import AllDay, Timed, When, all_day, timed

Value = str | bool
_CATEGORIES = {str(category): category for category in Category}
_SHAPES = {"None": Shape.SINGLE, "Series": Shape.SERIES, "Occurrence": Shape.OCCURRENCE, "Exception": Shape.EXCEPTION}


# --- reading ----------------------------------------------------------------------------------------------------------
def parse_activity(row: Json, zone: ZoneInfo) -> Activity:
    """An ActivityModel as a sighting; `zone` is the owner's. Raises Malformed."""
    kind, shape = part(row, "activityType"), text(row, "recurrenceType") or "None"
    category = _CATEGORIES.get(text(kind, "category"))
    if category is None:
        raise Malformed("activityType.category")
    if shape not in _SHAPES:
        raise Malformed("recurrenceType")
    if "name" not in row:
        raise Malformed("name")
    return Activity(
        id=guid(row),
        version=text(row, "lastUpdatedDateTime") or text(row, "createdDateTime"),
        essence=essence(
            text(row, "name"),
            _parse_when(row, zone),
            text(row, "notes"),
            text(row, "location"),
            private=category in PRIVATE_CATEGORIES,
        ),
        type_id=guid(kind),
        category=category,
        owner=owner_of(row),
        created=moment_or_none(row, "createdDateTime"),
        modified=moment_or_none(row, "lastUpdatedDateTime"),
        shape=_SHAPES[shape],
        has_hours=flag(row, "hasHours"),
    )


def owner_of(row: Json) -> UserId:
    """The owner; nobody for an unassigned task, which the schema does not foresee [INF]."""
    if flag(row, "isUnassigned") and row.get("ownerUser") is None:
        return UserId("")
    return UserId(guid(part(row, "ownerUser")))


def _parse_when(row: Json, zone: ZoneInfo) -> When:
    """Without an end it is a moment, or one whole day (1.7)."""
    start = moment(row, "startDateTime")
    end = moment_or_none(row, "endDateTime") or start
    if not flag(row, "isAllDay"):
        return timed(start, end, zone.key)
    try:
        return all_day(_nearest_day(start, zone), _nearest_day(end, zone))
    except OverflowError:
        raise Malformed("endDateTime") from None


def _nearest_day(instant: datetime, zone: ZoneInfo) -> date:
    return (instant.astimezone(zone).replace(tzinfo=None) + quirks.HALF_DAY).date()


# --- writing ----------------------------------------------------------------------------------------------------------
def build_activity(draft: Draft, owner: UserId, zone: ZoneInfo) -> dict[str, Any]:
    """The body of a POST. Raises ItemRefused for what Severa cannot hold."""
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
    seen: Activity, draft: Draft, fields: frozenset[Field], zone: ZoneInfo, values: PatchValues
) -> list[dict[str, Value]]:
    """The JSON Patch that writes `fields`, and the type where the draft names one. Raises ItemRefused.

    Privacy has no field: it goes with the type, so a draft that writes it names one (R10).
    """
    if Field.PRIVACY in fields and not draft.type_id:
        raise ItemRefused("severa_type_missing")
    return [
        {"op": quirks.PATCH_OP, "path": f"/{name}", "value": _spelt(value, values)}
        for name, value in _changes(seen, draft, fields, zone)
    ]


def _changes(seen: Activity, draft: Draft, fields: frozenset[Field], zone: ZoneInfo) -> Iterator[tuple[str, Value]]:
    content = draft.essence
    if Field.SUBJECT in fields:
        yield "name", _name(content.subject)
    if Field.TEXT in fields:
        yield "notes", whole(content.text)
    if Field.LOCATION in fields:
        yield "location", whole(content.location)
    if Field.TIME in fields:
        yield from _build_when(content.when, zone).items()
        if _gains_duration(seen.essence.when, content.when):
            yield "hasDuration", True
    if draft.type_id:
        yield "activityType/guid", draft.type_id


def _gains_duration(before: When, after: When) -> bool:
    """Whether it may lack the duration that it needs: whole days must have one, to-dos may have none (1.7)."""
    if isinstance(before, AllDay):
        return False
    return isinstance(after, AllDay) or (before.start == before.end and after.start < after.end)


def _build_when(when: When, zone: ZoneInfo) -> dict[str, Value]:
    try:
        start, end = _bounds(when, zone)
        return {"startDateTime": instant(start), "endDateTime": instant(end), "isAllDay": isinstance(when, AllDay)}
    except OverflowError:
        raise ItemRefused("severa_time_out_of_range") from None


def _bounds(when: When, zone: ZoneInfo) -> tuple[datetime, datetime]:
    match when:
        case Timed(start, end):
            return start, end
        case AllDay(first, until):
            return datetime.combine(first, time(), zone), datetime.combine(until, time(), zone)


def instant(moment: datetime) -> str:
    """A date-time as it is sent: in UTC with `Z`, since the plus sign of an offset gets lost in careless hands."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _name(subject: str) -> str:
    if not subject:
        raise ItemRefused("severa_subject_missing")
    return whole(subject)


def _spelt(value: Value, values: PatchValues) -> Value:
    if isinstance(value, bool) and values is PatchValues.TEXT:
        return "true" if value else "false"
    return value
