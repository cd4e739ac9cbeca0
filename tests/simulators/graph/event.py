"""One item of a calendar, as Exchange keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from . import bodies


class Folder(StrEnum):
    """Where an item is."""

    CALENDAR = "calendar"
    DELETED_ITEMS = "deleted_items"
    PURGED = "purged"


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of an occurrence in its series.

    `series` is the master's key, beside it the master's ids. `day` is the original date in the series'
    own zone, `start` the original start, like `Event.start`. `own` are the fields in which an exception differs from
    the master on purpose; None: it is no exception.
    """

    series: str
    master_rest_id: str
    master_immutable_id: str
    day: date
    start: datetime
    own: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One version of an item; every change makes a new one.

    `start` and `end` (exclusive) are instants in UTC; those of an all-day event are its dates, at midnight, labelled
    UTC, and mean midnight in the mailbox's zone. `start_zone` and `end_zone` are the names it was written with.
    `document` is the text as HTML. `listed_id` is the default id that the item had in the calendar, `rest_id` the one
    that it has now: they differ in Deleted Items. Attendees and location are in Graph's JSON form.
    A series master has a `recurrence`, in Graph's JSON form with nothing left out, the zone whose clock it follows,
    and the dates in that zone that were `cancelled`. Occurrences and exceptions have a `slot`; only exceptions are
    items of their own.
    Of a meeting that somebody else organizes, `response` is this mailbox's own answer, given at `responded`, and
    `instance` the date of the series to which alone this mailbox was invited; the event is a single one then.
    `join_url` makes it an online meeting.
    """

    key: str
    rest_id: str
    listed_id: str
    immutable_id: str
    ical_uid: str
    change_key: str
    created: datetime
    modified: datetime
    start: datetime
    end: datetime
    organizer: str
    subject: str = ""
    document: str = ""
    all_day: bool = False
    start_zone: str = "UTC"
    end_zone: str = "UTC"
    location: Mapping[str, Any] = field(default_factory=dict)
    sensitivity: str = "normal"
    show_as: str = "busy"
    importance: str = "normal"
    attendees: tuple[Mapping[str, Any], ...] = ()
    categories: tuple[str, ...] = ()
    is_organizer: bool = True
    is_cancelled: bool = False
    is_reminder_on: bool = True
    reminder_minutes: int = 15
    response_requested: bool = True
    response: str | None = None
    responded: datetime | None = None
    instance: date | None = None
    join_url: str | None = None
    recurrence: Mapping[str, Any] | None = None
    series_zone: tzinfo | None = None
    cancelled: frozenset[date] = frozenset()
    slot: Slot | None = None
    transaction_id: str | None = None
    extended: tuple[tuple[str, str], ...] = ()
    folder: Folder = Folder.CALENDAR

    @property
    def live(self) -> bool:
        """Whether it is in the calendar."""
        return self.folder is Folder.CALENDAR

    @property
    def kind(self) -> str:
        """Graph's `type`."""
        if self.slot is not None:
            return "occurrence" if self.slot.own is None else "exception"
        return "singleInstance" if self.recurrence is None else "seriesMaster"

    @property
    def etag(self) -> str:
        """`@odata.etag` (facts/microsoft.md A4)."""
        return f'W/"{self.change_key}"'

    @property
    def text(self) -> str:
        """Its text as a person reads it: plain, with no line end after the last line."""
        return bodies.to_text(self.document).replace("\r\n", "\n").rstrip("\n")

    @property
    def place(self) -> str:
        """The name of its location."""
        return str(self.location.get("displayName", ""))

    def extended_value(self, property_id: str) -> str | None:
        """The value of one extended property."""
        return dict(self.extended).get(property_id)

    def overlaps(self, window: Window, zone: ZoneInfo) -> bool:
        """Whether it takes place in the window; `zone` is the mailbox's, where all-day dates live."""
        start, end = self._instant(self.start, zone), self._instant(self.end, zone)
        return start < window.end and (end > window.start or start == end == window.start)

    def _instant(self, moment: datetime, zone: ZoneInfo) -> datetime:
        return moment.replace(tzinfo=zone).astimezone(UTC) if self.all_day else moment


@dataclass(frozen=True, slots=True)
class Window:
    """The dates that a view covers: instants in UTC, end exclusive."""

    start: datetime
    end: datetime
