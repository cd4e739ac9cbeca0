"""Events as Graph shows them (facts/microsoft.md A4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from . import bodies, online, zones
from .event import Event
from .ids import oid
from .prefer import Preferences

NEVER = "0001-01-01T00:00:00Z"
_NOWHERE = {"displayName": "", "locationType": "default", "uniqueIdType": "unknown"}


def event_id(event: Event, prefer: Preferences) -> str:
    """The id in the form that the request prefers."""
    return event.immutable_id if prefer.immutable_ids else event.rest_id


def listed_id(event: Event, prefer: Preferences) -> str:
    """The id that the calendar's views gave, for an item that has left them."""
    return event.immutable_id if prefer.immutable_ids else event.listed_id


def series_id(event: Event, prefer: Preferences) -> str | None:
    """`seriesMasterId` of an occurrence or an exception."""
    if event.slot is None:
        return None
    return event.slot.master_immutable_id if prefer.immutable_ids else event.slot.master_rest_id


def stub_json(event: Event, prefer: Preferences) -> dict[str, Any]:
    """All that delta says of an occurrence (facts/microsoft.md A3)."""
    return {
        "@odata.etag": event.etag,
        "id": event_id(event, prefer),
        "seriesMasterId": series_id(event, prefer),
        "type": event.kind,
        "start": _moment(event, event.start, prefer),
        "end": _moment(event, event.end, prefer),
    }


def by_name_json(event: Event, prefer: Preferences) -> dict[str, Any]:
    """What comes only to a request for one event that selects it by name (facts/microsoft.md A3)."""
    if event.recurrence is None:
        return {}
    return {"cancelledOccurrences": [oid(event_id(event, prefer), day) for day in sorted(event.cancelled)]}


def original_start_json(event: Event) -> dict[str, Any]:
    """`originalStart`, which comes to requests that select it by name; for whole days, midnight UTC."""
    return {} if event.slot is None else {"originalStart": zones.instant_text(event.slot.start)}


def event_json(event: Event, prefer: Preferences) -> dict[str, Any]:
    """All properties of an event, extended ones aside."""
    location = {**_NOWHERE, **event.location, "address": {}, "coordinates": {}}
    shown: dict[str, Any] = {
        "@odata.etag": event.etag,
        "id": event_id(event, prefer),
        "createdDateTime": zones.instant_text(event.created),
        "lastModifiedDateTime": zones.instant_text(event.modified),
        "changeKey": event.change_key,
        "categories": list(event.categories),
        "originalStartTimeZone": event.start_zone,
        "originalEndTimeZone": event.end_zone,
        "iCalUId": event.ical_uid,
        "reminderMinutesBeforeStart": event.reminder_minutes,
        "isReminderOn": event.is_reminder_on,
        "hasAttachments": False,
        "subject": event.subject,
        "bodyPreview": bodies.preview(event.document),
        "importance": event.importance,
        "sensitivity": event.sensitivity,
        "isAllDay": event.all_day,
        "isCancelled": event.is_cancelled,
        "isOrganizer": event.is_organizer,
        "responseRequested": event.response_requested,
        "seriesMasterId": series_id(event, prefer),
        "showAs": event.show_as,
        "type": event.kind,
        "webLink": f"https://outlook.office365.com/owa/?itemid={event.rest_id}&exvsurl=1&path=/calendar/item",
        "onlineMeetingUrl": None,
        "isOnlineMeeting": event.join_url is not None,
        "onlineMeetingProvider": "unknown" if event.join_url is None else online.PROVIDER,
        "allowNewTimeProposals": True,
        "isDraft": False,
        "hideAttendees": False,
        "onlineMeeting": None if event.join_url is None else {"joinUrl": event.join_url},
        "responseStatus": _own_response(event),
        "body": _body(event, prefer),
        "start": _moment(event, event.start, prefer),
        "end": _moment(event, event.end, prefer),
        "location": location,
        "locations": [location] if event.place else [],
        "recurrence": None if event.recurrence is None else dict(event.recurrence),
        "attendees": [dict(attendee) for attendee in event.attendees],
        "organizer": {"emailAddress": {"name": event.organizer, "address": event.organizer}},
    }
    if event.recurrence is not None or event.slot is not None:
        shown["occurrenceId"] = oid(series_id(event, prefer) or "", event.slot.day) if event.slot else None
    if event.transaction_id is not None:
        shown["transactionId"] = event.transaction_id
    return shown


def extended_json(event: Event) -> list[dict[str, str]]:
    """The extended properties, which come only when they are asked for."""
    return [{"id": property_id, "value": value} for property_id, value in event.extended]


def _own_response(event: Event) -> dict[str, str]:
    usual = "organizer" if event.is_organizer else "notResponded"
    answered = NEVER if event.responded is None else zones.instant_text(event.responded)
    return {"response": event.response or usual, "time": answered}


def _body(event: Event, prefer: Preferences) -> dict[str, str]:
    if prefer.text_bodies:
        return {"contentType": "text", "content": bodies.to_text(event.document)}
    return {"contentType": "html", "content": event.document}


def _moment(event: Event, moment: datetime, prefer: Preferences) -> dict[str, str]:
    # the dates of an all-day event do not move with the zone
    wall = moment if event.all_day else moment.astimezone(prefer.zone)
    return {"dateTime": zones.local_text(wall), "timeZone": prefer.zone_name}
