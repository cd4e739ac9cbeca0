"""One item of a calendar, as Exchange keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from tests.simulators.common.recurrence import Rule
from tests.simulators.graph import bodies

from .ids import ItemName
from .zones import UTC_ZONE, Zone


class Folder(StrEnum):
    """Where an item is."""

    CALENDAR = "calendar"
    DELETED_ITEMS = "deleteditems"
    PURGED = "purged"


class Property(NamedTuple):
    """The name of an extended property: of a set (a guid, lower case) by name or by number, or by its tag."""

    property_set: str
    name: str
    type: str


class Attendee(NamedTuple):
    """Somebody invited. `kind`: RequiredAttendees, OptionalAttendees or Resources."""

    address: str
    kind: str = "RequiredAttendees"
    response: str = "Unknown"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of an occurrence in its series.

    `series` is the master's key; `day` the original date in the series' own zone, `start` the original start. `own`
    are the fields in which an exception differs from the master on purpose; None: it is no exception.
    """

    series: str
    day: date
    start: datetime
    own: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One version of an item; every change makes a new one.

    `name` is its id, which changes when it moves to another folder; `listed_name` the one it had in the calendar.
    `start` and `end` (exclusive) are instants in UTC, those of an all-day item midnights in `start_zone`
    (facts/microsoft.md G4). A master has a `rule`, and the dates in its start's zone that were `deleted`.
    Occurrences and exceptions have a `slot`; only exceptions are items of their own. `organizer` is an address.
    """

    key: str
    name: ItemName
    listed_name: ItemName
    change_key: str
    uid: str
    created: datetime
    modified: datetime
    start: datetime
    end: datetime
    organizer: str
    start_zone: Zone = UTC_ZONE
    end_zone: Zone = UTC_ZONE
    all_day: bool = False
    subject: str = ""
    body: str = ""
    body_type: str = "Text"
    location: str = ""
    sensitivity: str = "Normal"
    free_busy: str = "Busy"
    importance: str = "Normal"
    categories: tuple[str, ...] = ()
    reminder_is_set: bool = True
    reminder_minutes: int = 15
    attendees: tuple[Attendee, ...] = ()
    is_organizer: bool = True
    my_response: str = "Unknown"
    response_requested: bool = True
    request_was_sent: bool = False
    is_cancelled: bool = False
    is_online_meeting: bool = False
    is_read: bool = True
    rule: Rule | None = None
    deleted: frozenset[date] = frozenset()
    slot: Slot | None = None
    extended: tuple[tuple[Property, str], ...] = ()
    folder: Folder = Folder.CALENDAR

    @property
    def live(self) -> bool:
        """Whether it is in the calendar."""
        return self.folder is Folder.CALENDAR

    @property
    def kind(self) -> str:
        """`CalendarItemType`."""
        if self.slot is not None:
            return "Occurrence" if self.slot.own is None else "Exception"
        return "Single" if self.rule is None else "RecurringMaster"

    @property
    def item_id(self) -> str:
        """Its id as it travels."""
        return self.name.text

    @property
    def is_meeting(self) -> bool:
        """Whether somebody was invited."""
        return bool(self.attendees) or not self.is_organizer

    @property
    def text(self) -> str:
        """Its text as a person reads it: plain, with no line end after the last line."""
        shown = bodies.to_text(self.body) if self.body_type == "HTML" else self.body
        return shown.replace("\r\n", "\n").rstrip("\n")

    @property
    def dates(self) -> tuple[date, date]:
        """The first and the last date of an all-day item, both inclusive, in its own zone."""
        first, last = (bound.astimezone(self.start_zone.rules) for bound in (self.start, self.end))
        return first.date(), (last - timedelta(seconds=1)).date()

    def value(self, name: Property) -> str | None:
        """The value of one extended property."""
        return dict(self.extended).get(name)

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Whether it takes place between those instants (`end` exclusive)."""
        return self.start < end and (self.end > start or self.start == self.end == start)


def midnight(moment: datetime, zone: tzinfo, *, later: bool = False) -> datetime:
    """The midnight in a zone before a moment, or the one after it; a midnight stays (facts/microsoft.md G4)."""
    wall = moment.astimezone(zone)
    day = wall.date()
    if later and wall.time() != time():
        day += timedelta(days=1)
    return datetime.combine(day, time(), zone).astimezone(UTC)
