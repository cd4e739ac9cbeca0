"""Events as Graph shows them (facts/microsoft.md A4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from . import bodies, zones
from .event import Event
from .prefer import Preferences

NEVER = "0001-01-01T00:00:00Z"
_NOWHERE = {"displayName": "", "locationType": "default", "uniqueIdType": "unknown"}


def event_id(event: Event, prefer: Preferences) -> str:
    """The id in the form that the request prefers."""
    return event.immutable_id if prefer.immutable_ids else event.rest_id


def listed_id(event: Event, prefer: Preferences) -> str:
    """The id that the calendar's views gave, for an item that has left them."""
    return event.immutable_id if prefer.immutable_ids else event.listed_id


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
        "seriesMasterId": None,
        "showAs": event.show_as,
        "type": "singleInstance" if event.recurrence is None else "seriesMaster",
        "webLink": f"https://outlook.office365.com/owa/?itemid={event.rest_id}&exvsurl=1&path=/calendar/item",
        "onlineMeetingUrl": None,
        "isOnlineMeeting": False,
        "onlineMeetingProvider": "unknown",
        "allowNewTimeProposals": True,
        "isDraft": False,
        "hideAttendees": False,
        "onlineMeeting": None,
        "responseStatus": {"response": _own_response(event), "time": NEVER},
        "body": _body(event, prefer),
        "start": _moment(event, event.start, prefer),
        "end": _moment(event, event.end, prefer),
        "location": location,
        "locations": [location] if event.place else [],
        "recurrence": None if event.recurrence is None else dict(event.recurrence),
        "attendees": [dict(attendee) for attendee in event.attendees],
        "organizer": {"emailAddress": {"name": event.organizer, "address": event.organizer}},
    }
    if event.transaction_id is not None:
        shown["transactionId"] = event.transaction_id
    return shown


def extended_json(event: Event) -> list[dict[str, str]]:
    """The extended properties, which come only when they are asked for."""
    return [{"id": property_id, "value": value} for property_id, value in event.extended]


def _own_response(event: Event) -> str:
    return "organizer" if event.is_organizer else "notResponded"


def _body(event: Event, prefer: Preferences) -> dict[str, str]:
    if prefer.text_bodies:
        return {"contentType": "text", "content": bodies.to_text(event.document)}
    return {"contentType": "html", "content": event.document}


def _moment(event: Event, moment: datetime, prefer: Preferences) -> dict[str, str]:
    # the dates of an all-day event do not move with the zone
    wall = moment if event.all_day else moment.astimezone(prefer.zone)
    return {"dateTime": zones.local_text(wall), "timeZone": prefer.zone_name}
