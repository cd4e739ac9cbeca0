"""The same calendar entries as this service's core, its wire and vdirsyncer each take them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TYPE, OWNER = "10000000-0000-4000-8000-000000000001", "20000000-0000-4000-8000-000000000001"
EDITED = 100
"""Of so many entries one is edited on each side between the runs."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One single entry: its number, and how often its subject was edited."""

    number: int
    edition: int = 0

    @property
    def start(self) -> datetime:
        """Half an hour apart, over some weeks, then again: several entries share a time, as in real calendars."""
        return datetime(2026, 11, 2, 7, 0, tzinfo=UTC) + timedelta(minutes=30 * (self.number % 2000))

    @property
    def subject(self) -> str:
        """Unlike every other entry's."""
        return f"Meeting {self.number} with the customer" + (f", take {self.edition}" if self.edition else "")

    @property
    def text(self) -> str:
        """A few lines, as people write them."""
        return f"Agenda of meeting {self.number}:\n1. Where we are\n2. What is next\n3. Who does what\n"

    def graph(self) -> bytes:
        """As a page of Graph's `calendarView/delta` shows it."""
        body = {
            "id": f"event-{self.number}",
            "@odata.etag": f'W/"{self.number}-{self.edition}"',
            "createdDateTime": "2026-11-01T09:00:00Z",
            "lastModifiedDateTime": "2026-11-01T09:00:00Z",
            "iCalUId": f"uid-{self.number}",
            "subject": self.subject,
            "body": {"contentType": "text", "content": self.text},
            "location": {"displayName": "Room 5"},
            "start": {"dateTime": f"{self.start:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"},
            "end": {"dateTime": f"{self.start + timedelta(minutes=30):%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"},
            "isAllDay": False,
            "sensitivity": "normal",
            "type": "singleInstance",
            "showAs": "busy",
            "attendees": [],
        }
        return json.dumps(body).encode()

    def severa(self) -> bytes:
        """As a row of Severa's listing shows it."""
        row = {
            "guid": f"00000000-0000-4000-8000-{self.number:012d}",
            "name": self.subject,
            "notes": self.text,
            "location": "Room 5",
            "recurrenceType": "None",
            "startDateTime": f"{self.start:%Y-%m-%dT%H:%M:%S}Z",
            "endDateTime": f"{self.start + timedelta(minutes=30):%Y-%m-%dT%H:%M:%S}Z",
            "isAllDay": False,
            "activityType": {"guid": TYPE, "category": "CalendarEntry"},
            "ownerUser": {"guid": OWNER},
            "createdDateTime": "2026-11-01T09:00:00Z",
            "lastUpdatedDateTime": f"2026-11-01T09:00:{self.edition:02d}Z",
        }
        return json.dumps(row).encode()

    def icalendar(self) -> str:
        """As vdirsyncer takes it (RFC 5545)."""
        description = self.text.replace("\n", "\\n")
        return (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//benchmark//EN\r\nBEGIN:VEVENT\r\n"
            f"UID:uid-{self.number}\r\nDTSTAMP:20261101T090000Z\r\n"
            f"DTSTART:{self.start:%Y%m%dT%H%M%S}Z\r\nDTEND:{self.start + timedelta(minutes=30):%Y%m%dT%H%M%S}Z\r\n"
            f"SUMMARY:{self.subject}\r\nDESCRIPTION:{description}\r\nLOCATION:Room 5\r\n"
            "END:VEVENT\r\nEND:VCALENDAR\r\n"
        )


def first_sync(count: int) -> tuple[list[Entry], list[Entry]]:
    """Half of `count` on both sides, a quarter on either side alone."""
    entries = [Entry(number) for number in range(count)]
    return entries[: count * 3 // 4], entries[: count // 2] + entries[count * 3 // 4 :]


def edited(count: int) -> tuple[list[Entry], list[Entry]]:
    """What people edited meanwhile: of what is on both sides, one in a hundred here and another one there."""
    here = [Entry(number, 1) for number in range(0, count // 2, EDITED)]
    there = [Entry(number, 1) for number in range(EDITED // 2, count // 2, EDITED)]
    return here, there
