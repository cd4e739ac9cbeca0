"""ActivityModel rows as the real API spells them (facts/severa.md 1.7)."""

from __future__ import annotations

from typing import Any

CATEGORY_OF = {"t-meeting": "CalendarEntry", "t-personal": "Personal", "t-leave": "Absences"}


def activity_row(**changes: Any) -> dict[str, Any]:
    """A plain meeting of Anna's, changed by field name; a change to `...` takes the field away."""
    row: dict[str, Any] = {
        "guid": "a-1",
        "name": "Review",
        "startDateTime": "2026-03-25T09:00:00+02:00",
        "endDateTime": "2026-03-25T10:00:00+02:00",
        "isAllDay": False,
        "hasDuration": True,
        "isClosed": False,
        "isUnassigned": False,
        "hasHours": False,
        "notes": "line",
        "location": "Room",
        "activityType": {"guid": "t-meeting", "name": "Meeting", "category": "CalendarEntry"},
        "ownerUser": {"guid": "anna", "code": None, "name": "Anna Aalto", "keywords": []},
        "customer": None,
        "phase": None,
        "projectTaskStatus": None,
        "recurrence": None,
        "recurrenceParentActivityGuid": None,
        "recurrenceRule": None,
        "recurrenceType": "None",
        "createdDateTime": "2026-03-01T08:00:00.1234567+02:00",
        "createdBy": None,
        "lastUpdatedDateTime": "2026-03-02T08:00:00.1234567+02:00",
        "lastUpdatedBy": None,
    }
    return {name: value for name, value in {**row, **changes}.items() if value is not ...}


def stored(body: dict[str, Any]) -> dict[str, Any]:
    """What Severa would answer to a POST with this body."""
    kind = body["activityType"]["guid"]
    return activity_row(**{**body, "activityType": {"guid": kind, "category": CATEGORY_OF[kind]}})


def patched(row: dict[str, Any], operations: list[dict[str, Any]]) -> dict[str, Any]:
    """What Severa would answer to a PATCH of the row."""
    after = dict(row)
    for operation in operations:
        name, _, inner = operation["path"].removeprefix("/").partition("/")
        value = operation["value"]
        if inner:
            value = {inner: value, "category": CATEGORY_OF[value]}
        after[name] = value
    return after
