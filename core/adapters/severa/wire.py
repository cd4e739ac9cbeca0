"""Activities as Severa's JSON tells them (facts/severa.md 1.6, 1.7). Pure; drafts.py has the other way.

Severa has no zone on an entry and no privacy: the zone is the owner's (R23), privacy is the activity type's (R10).
"""

from __future__ import annotations

from datetime import date, datetime
from sys import intern
from zoneinfo import ZoneInfo

from core.adapters.severa import quirks
from core.adapters.severa.parsing import Json, Malformed, flag, guid, moment, moment_or_none, part, text
from core.adapters.severa.recurrence import parse_series
from core.model.essence import essence
from core.model.ids import UserId
from core.model.sighting import PRIVATE_CATEGORIES, Activity, Category, Role, Shape
from core.model.when import When, all_day, timed

_CATEGORIES = {str(category): category for category in Category}
_SHAPES = {"None": Shape.SINGLE, "Series": Shape.SERIES, "Occurrence": Shape.OCCURRENCE, "Exception": Shape.EXCEPTION}
KINDS = {shape: kind for kind, shape in _SHAPES.items()}
"""`recurrenceType` by shape."""


def parse_activity(row: Json, zone: ZoneInfo, role: Role = Role.OWNER) -> Activity:
    """An ActivityModel as a sighting, a series without its exceptions; `zone` is the owner's. Raises Malformed."""
    kind, shape = part(row, "activityType"), shape_of(row)
    category = _CATEGORIES.get(text(kind, "category"))
    if category is None:
        raise Malformed("activityType.category")
    if "name" not in row:
        raise Malformed("name")
    return Activity(
        id=guid(row),
        version=text(row, "lastUpdatedDateTime") or text(row, "createdDateTime"),
        essence=essence(
            text(row, "name"),
            parse_series(row, zone) if shape is Shape.SERIES else _parse_when(row, zone),
            text(row, "notes"),
            text(row, "location"),
            private=category in PRIVATE_CATEGORIES,
        ),
        type_id=intern(guid(kind)),  # A few ids in every row: each is held once.
        category=category,
        owner=owner_of(row),
        created=moment_or_none(row, "createdDateTime"),
        modified=moment_or_none(row, "lastUpdatedDateTime"),
        shape=shape,
        has_hours=flag(row, "hasHours"),
        series=series_of(row),
        role=role,
        updated_by=text(part(row, "lastUpdatedBy"), "guid"),
    )


def shape_of(row: Json) -> Shape:
    """What `recurrenceType` says. Raises Malformed."""
    shape = _SHAPES.get(text(row, "recurrenceType") or "None")
    if shape is None:
        raise Malformed("recurrenceType")
    return shape


def series_of(row: Json) -> str:
    """The guid of the series that an occurrence or exception is of; empty for anything else."""
    name = "recurrenceParentActivityGuid"
    return "" if row.get(name) is None else guid(row, name)


def owner_of(row: Json) -> UserId:
    """The owner; nobody for an unassigned task, which the schema does not foresee [INF]."""
    if flag(row, "isUnassigned") and row.get("ownerUser") is None:
        return UserId("")
    return UserId(intern(guid(part(row, "ownerUser"))))


def needs_zone(row: Json) -> bool:
    """Whether the owner's zone matters: for whole days and for series, since all else is instants."""
    return row.get("isAllDay") is True or row.get("recurrenceType") == KINDS[Shape.SERIES]


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
