"""What people do with their calendars in Outlook, and what these hold, wherever the mailboxes are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any, Final, Protocol, TypedDict
from zoneinfo import ZoneInfo

from tests.simulators.common.counters import RequestLog

ZONE: Final = ZoneInfo("Europe/Helsinki")
"""Everybody's zone on the local stage."""
Moment = datetime | date


class MailboxRefusedError(Exception):
    """The mailbox cannot hold this; the message is what the service says."""


@dataclass(frozen=True, slots=True)
class Event:
    """A single event, a series or one date of a series, as Outlook shows it. Times are in UTC, the end is exclusive.

    Those of whole days are midnights in the owner's zone. `sensitivity` and `show_as` are Graph's words. Of a series
    (`recurs`), `series_zone` is whose clocks it follows, `lacks_dates` whether dates of it were cancelled. `is_plain`
    is a date of a series that is as the series says. `live`: it is in the calendar, not among what was deleted.
    """

    id: str
    subject: str
    text: str
    place: str
    start: datetime
    end: datetime
    all_day: bool
    sensitivity: str
    show_as: str
    attendees: tuple[str, ...]
    is_organizer: bool
    is_cancelled: bool
    recurs: bool
    series_zone: tzinfo | None
    lacks_dates: bool
    is_plain: bool
    live: bool


class Details(TypedDict, total=False):
    """What a person may write into an event, beside its subject and times.

    `recurrence` is Graph's JSON. `organizer` is an address: somebody else invited. `uid` is iCalendar's.
    """

    text: str
    place: str
    sensitivity: str
    show_as: str
    is_cancelled: bool
    attendees: tuple[str, ...]
    organizer: str
    uid: str
    recurrence: Mapping[str, Any] | None


class Changes(Details, total=False):
    """What a person may change in an event."""

    subject: str
    start: Moment
    end: Moment


@dataclass(frozen=True, slots=True)
class Manner:
    """How a kind of mailbox says what the story tells of.

    `name` is the service's, `noticed` how a change in a mailbox is noticed. `proof` is what shows that an event is
    gone, `lost` how a service says that it no longer knows where we were. `methods` are its most usual requests.
    """

    name: str
    noticed: str
    proof: str
    lost: str
    methods: tuple[str, ...]


class Simulator(Protocol):
    """A service that notes what it was asked."""

    @property
    def requests(self) -> RequestLog:
        """All requests, log-ins among them."""
        ...


class Outlook(Protocol):
    """The mailboxes of one company. A mailbox is named by its primary address, an event by its id.

    What people do here is no request of the service's, and is not counted as one. A date of a series has an id, too.
    """

    @property
    def simulator(self) -> Simulator:
        """The service that is simulated."""
        ...

    @property
    def manner(self) -> Manner:
        """How these mailboxes say things."""
        ...

    def add_mailbox(self, address: str, name: str, aliases: tuple[str, ...] = ()) -> None:
        """Somebody gets a mailbox, in `ZONE`."""
        ...

    def add_event(self, mailbox: str, subject: str, start: Moment, end: Moment, details: Details) -> str:
        """A new event, dates meaning whole days; its id. Nobody is invited. Raises MailboxRefusedError."""
        ...

    def invite(self, mailbox: str, subject: str, start: datetime, end: datetime, attendees: list[str]) -> str:
        """A new meeting, of which its attendees are told; the id of its organizer's event."""
        ...

    def edit_event(self, event: str, changes: Changes) -> None:
        """Change an event, or one date of a series; attendees are told. Raises MailboxRefusedError."""
        ...

    def edit_date(self, series: str, day: date, changes: Changes) -> None:
        """Change one date of a series, by its original date. Raises MailboxRefusedError."""
        ...

    def cancel_date(self, series: str, day: date) -> None:
        """Delete one date of a series."""
        ...

    def delete_event(self, event: str) -> None:
        """Delete an event."""
        ...

    def decline(self, event: str) -> None:
        """Decline an invitation."""
        ...

    def lose_cursors(self, mailbox: str) -> None:
        """The service forgets where we were in the mailbox's changes."""
        ...

    def events_of(self, mailbox: str) -> list[Event]:
        """The single events and the series, by start."""
        ...

    def dates_of(self, series: str, first: date, last: date) -> list[Event]:
        """The dates of a series from one day to another, inclusive, in no order."""
        ...

    def event(self, event: str) -> Event:
        """An event as it is now, wherever it is."""
        ...

    def event_of_meeting(self, meeting: str, mailbox: str) -> Event | None:
        """The event by which a mailbox holds a meeting, which is named by its organizer's event; None: it has none."""
        ...

    def requests(self) -> list[str]:
        """Every request of the service's so far, by its method or operation; log-ins are not counted."""
        ...

    def writes(self) -> int:
        """How many of them wrote something."""
        ...

    def proofs(self) -> int:
        """How many of them showed that an event is gone, by what `manner.proof` says."""
        ...

    def lost(self) -> int:
        """How many were answered that the service no longer knows where we were."""
        ...

    def uncount(self, since: int) -> None:
        """Forget the requests after the first so many: they were the storyteller's own."""
        ...

    def mails(self) -> int:
        """How many mails the service's requests made it send."""
        ...


def midnight(day: date) -> datetime:
    """When a day begins for everybody on the stage, in UTC."""
    return datetime.combine(day, time(), ZONE).astimezone(UTC)
