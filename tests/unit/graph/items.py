"""Events in Graph's JSON."""

from __future__ import annotations

from typing import Any


def item(**changes: Any) -> dict[str, Any]:
    """An event as Graph answers it, in UTC and with a text body."""
    return {
        "@odata.etag": 'W/"key=="',
        "id": "AAkALgAA",
        "iCalUId": "040000008200E0",
        "changeKey": "key==",
        "type": "singleInstance",
        "subject": "Lunch",
        "body": {"contentType": "text", "content": "line one\r\nline two\r\n"},
        "location": {"displayName": "Caf\u00e9", "locationType": "default"},
        "start": {"dateTime": "2026-11-23T10:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2026-11-23T11:00:00.0000000", "timeZone": "UTC"},
        "isAllDay": False,
        "originalStartTimeZone": "W. Europe Standard Time",
        "sensitivity": "normal",
        "showAs": "busy",
        "attendees": [],
        "isCancelled": False,
        "isOnlineMeeting": False,
        "transactionId": "t-1",
        "createdDateTime": "2026-11-01T08:00:00.1234567Z",
        "lastModifiedDateTime": "2026-11-02T08:00:00Z",
        **changes,
    }
