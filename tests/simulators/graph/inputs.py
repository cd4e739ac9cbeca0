"""Events as callers send them: read strictly, refused as Graph refuses (facts/microsoft.md A4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from . import bodies, zones
from .errors import GraphError
from .event import Event
from .prefer import unknown_zone

MAX_SUBJECT = 255
MAX_LOCATION = 255
_CHOICES = {
    "sensitivity": ("sensitivity", ("normal", "personal", "private", "confidential")),
    "showAs": ("show_as", ("free", "tentative", "busy", "oof", "workingElsewhere", "unknown")),
    "importance": ("importance", ("low", "normal", "high")),
}
_BOOLEANS = {"isReminderOn": "is_reminder_on", "responseRequested": "response_requested"}
_IGNORED = frozenset(
    {
        "id", "changeKey", "iCalUId", "createdDateTime", "lastModifiedDateTime", "bodyPreview", "organizer", "type",
        "isOrganizer", "isCancelled", "isDraft", "hasAttachments", "webLink", "onlineMeeting", "onlineMeetingUrl",
        "originalStart", "originalStartTimeZone", "originalEndTimeZone", "responseStatus", "seriesMasterId",
        "allowNewTimeProposals", "hideAttendees", "onlineMeetingProvider", "locations",
    }
)  # fmt: skip
"""Read-only properties, which Graph takes and forgets, and those that the simulator does not keep."""
_GUID = re.compile(r"\{[0-9A-Fa-f-]{36}\}")


def canonical_property_id(text: str) -> str:
    """Extended properties' ids (also within a filter) with the GUID in lower case; the name's case counts."""
    return _GUID.sub(lambda found: found.group(0).lower(), text)


def event_fields(body: Mapping[str, Any], before: Event | None = None) -> dict[str, Any]:
    """The fields of `Event` that a POST (`before` is None) or a PATCH sets. Raises GraphError.

    Beside them `online`, where the body says whether it shall be an online meeting.
    """
    fields: dict[str, Any] = {}
    for name, value in body.items():
        if name in _CHOICES:
            field, choices = _CHOICES[name]
            fields[field] = _choice(name, value, choices)
        elif name in _BOOLEANS:
            fields[_BOOLEANS[name]] = _typed(name, value, bool)
        elif name in _READERS:
            fields.update(_READERS[name](value))
        elif name == "isOnlineMeeting":
            fields["online"] = _typed(name, value, bool)
        elif name == "transactionId":
            fields.update({"transaction_id": _typed(name, value, str)} if before is None and value else {})
        elif name == "singleValueExtendedProperties":
            fields["extended"] = _extended(value, () if before is None else before.extended)
        elif name not in _IGNORED and name not in ("start", "end", "isAllDay") and not name.startswith("@odata."):
            raise unreadable(f"The property '{name}' does not exist on type 'microsoft.graph.event'.")
    return fields | _times(body, before)


def unreadable(message: str) -> GraphError:
    """The refusal of a body that does not fit the type."""
    return GraphError(400, "RequestBodyRead", message)


def invalid() -> GraphError:
    """The refusal of a value that cannot be."""
    return GraphError(400, "ErrorPropertyValidationFailure", "At least one property failed validation.")


def _typed(name: str, value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise unreadable(f"Cannot convert the value of '{name}' to the expected type.")
    return value


def _choice(name: str, value: Any, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise unreadable(f"Cannot convert the literal '{value}' of '{name}' to the expected type.")
    return str(value)


def _subject(value: Any) -> dict[str, Any]:
    subject = str(_typed("subject", value or "", str)).strip()
    if _units(subject) > MAX_SUBJECT:
        raise invalid()
    return {"subject": subject}


def _body(value: Any) -> dict[str, Any]:
    given = _typed("body", value or {}, dict)
    content = str(given.get("content") or "")
    kind = _choice("contentType", str(given.get("contentType") or "text").lower(), ("text", "html"))
    return {"document": bodies.from_text(content) if kind == "text" else bodies.from_html(content)}


def _units(text: str) -> int:
    """UTF-16 units, which Exchange counts in ([MS-OXCICAL] 2.1.3.1.1.20.24)."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _location(value: Any) -> dict[str, Any]:
    if _units(str(dict(_typed("location", value or {}, dict)).get("displayName") or "")) > MAX_LOCATION:
        raise invalid()
    return {"location": dict(_typed("location", value or {}, dict))}


def _attendees(value: Any) -> dict[str, Any]:
    attendees = []
    for attendee in _typed("attendees", value, list):
        address = _typed("attendees", attendee, dict).get("emailAddress") or {}
        if not address.get("address"):
            raise GraphError(400, "ErrorInvalidRecipients", "At least one recipient is not valid.")
        # every write of the attendees forgets what they had answered (facts/microsoft.md A5)
        status = {"response": "none", "time": "0001-01-01T00:00:00Z"}
        named = {"name": address.get("name") or address["address"], "address": address["address"]}
        attendees.append({"type": attendee.get("type") or "required", "status": status, "emailAddress": named})
    return {"attendees": tuple(attendees)}


def _categories(value: Any) -> dict[str, Any]:
    return {"categories": tuple(_typed("categories", value, list))}


def _reminder(value: Any) -> dict[str, Any]:
    return {"reminder_minutes": _typed("reminderMinutesBeforeStart", value, int)}


def _recurrence(value: Any) -> dict[str, Any]:
    return {"recurrence": None if value is None else _typed("recurrence", value, dict)}


_READERS = {
    "subject": _subject,
    "body": _body,
    "location": _location,
    "attendees": _attendees,
    "categories": _categories,
    "reminderMinutesBeforeStart": _reminder,
    "recurrence": _recurrence,
}


def _extended(value: Any, before: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    merged = dict(before)
    for entry in _typed("singleValueExtendedProperties", value, list):
        property_id = canonical_property_id(str(entry.get("id", "")))
        if not re.fullmatch(r"\w+ (?:\{[0-9a-f-]{36}\} (?:Name .+|Id 0x[0-9A-Fa-f]+)|0x[0-9A-Fa-f]+)", property_id):
            raise GraphError(400, "ErrorInvalidProperty", f"The extended property id '{property_id}' is invalid.")
        if entry.get("value") is None:
            merged.pop(property_id, None)
        else:
            merged[property_id] = str(entry["value"])
    return tuple(merged.items())


def _times(body: Mapping[str, Any], before: Event | None) -> dict[str, Any]:
    names = {"start", "end", "isAllDay"} & body.keys()
    if before is None and not {"start", "end"} <= names:
        raise invalid()
    if not names:
        return {}
    all_day = _typed("isAllDay", body.get("isAllDay", before is not None and before.all_day), bool)
    start, start_zone = _wall(body["start"]) if "start" in body else (None, "")
    end, end_zone = _wall(body["end"]) if "end" in body else (None, "")
    fields: dict[str, Any] = {"all_day": all_day}
    if start is not None:
        fields |= {"start": _kept(start, all_day=all_day), "start_zone": start_zone}
    if end is not None:
        fields |= {"end": _kept(end, all_day=all_day), "end_zone": end_zone}
    if start is not None and end is not None and all_day and start_zone != end_zone:
        raise _all_day("The Event.Start and Event.End of an all-day event need to be in the same time zone.")
    kept = {} if before is None else {"start": before.start, "end": before.end}
    times = kept | fields
    _check(times["start"], times["end"], all_day=all_day)
    return fields


def _wall(value: Any) -> tuple[datetime, str]:
    given = _typed("start/end", value, dict)
    name = str(given.get("timeZone") or "UTC")
    zone = zones.zone(name)
    if zone is None:
        raise unknown_zone(name)
    try:
        moment = zones.parse(str(given.get("dateTime")))
    except ValueError as error:
        raise unreadable("Cannot convert the value of 'dateTime' to the expected type.") from error
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone), name


def _kept(wall: datetime, *, all_day: bool) -> datetime:
    return wall.replace(tzinfo=UTC) if all_day else wall.astimezone(UTC)


def _check(start: datetime, end: datetime, *, all_day: bool) -> None:
    if end < start:
        raise invalid()
    if all_day and any(moment.timetz() != moment.min.replace(tzinfo=UTC).timetz() for moment in (start, end)):
        raise _all_day("The Event.Start property for an all-day event needs to be set to midnight.")
    if all_day and end - start < timedelta(days=1):
        raise _all_day("The duration of an event marked as All day must be at least 24 hours.")


def _all_day(message: str) -> GraphError:
    return GraphError(400, "ErrorInvalidRequest", message)
