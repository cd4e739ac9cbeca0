"""What people do in Outlook on an Exchange Server, in the words of Graph's simulator: the same stories serve both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from tests.simulators.common.recurrence import Rule
from tests.simulators.ews import EwsSimulator, Folder, Item, Mailbox, Options
from tests.simulators.ews.releases import has
from tests.simulators.graph import recurrence as graph

NO_SUCH_LIE = frozenset(
    {"shared_ical_uid", "exception_alone", "delta_shuffled", "delta_twice", "delta_master_missing",
     "delta_removed_occurrences"}
)  # fmt: skip
"""How Graph's rounds may tell a series: Exchange tells the id of the master alone (facts/microsoft.md G3)."""
_SUNDAY = 6
_WORDS = {"sensitivity": "sensitivity", "show_as": "free_busy", "ical_uid": "uid"}
_SAME = frozenset({"subject", "start", "end", "body", "location", "importance", "categories", "attendees", "zone",
                   "organizer", "is_cancelled"})  # fmt: skip


class Wishes:
    """Exchange's options, and Graph's lies that it does not tell (`NO_SUCH_LIE`): those are heard and not followed."""

    def __init__(self, options: Options) -> None:
        object.__setattr__(self, "_options", options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._options, name)

    def __setattr__(self, name: str, value: object) -> None:
        if name not in NO_SUCH_LIE:
            setattr(self._options, name, value)


@dataclass(frozen=True, slots=True)
class Seen:
    """An item in the words of Graph's: what a person sees of it."""

    item: Item

    def __getattr__(self, name: str) -> Any:
        return getattr(self.item, name)

    @property
    def immutable_id(self) -> str:
        """Its id."""
        return self.item.item_id

    @property
    def ical_uid(self) -> str:
        """Its UID."""
        return self.item.uid

    @property
    def start(self) -> datetime:
        """Its start; of whole days the first date, as a midnight in UTC."""
        return datetime.combine(self.item.dates[0], time(), UTC) if self.item.all_day else self.item.start

    @property
    def end(self) -> datetime:
        """Its end (exclusive), like `start`."""
        if not self.item.all_day:
            return self.item.end
        return datetime.combine(self.item.end.astimezone(self.item.start_zone.rules).date(), time(), UTC)

    @property
    def place(self) -> str:
        """Its location."""
        return self.item.location

    @property
    def document(self) -> str:
        """Its text as it is kept."""
        return self.item.body

    @property
    def join_url(self) -> bool:
        """Whether people can join it online: Exchange has no other word for that."""
        return self.item.is_online_meeting

    @property
    def attendees(self) -> list[dict[str, dict[str, str]]]:
        """Who is invited."""
        return [{"emailAddress": {"address": one.address}} for one in self.item.attendees]

    @property
    def recurrence(self) -> dict[str, dict[str, str]] | None:
        """Of a series, whose clocks it follows."""
        if self.item.rule is None:
            return None
        return {"range": {"recurrenceTimeZone": self.item.start_zone.name}}


class Outlook:
    """People of one server. Mailboxes are Exchange's own, events are told as `Seen`."""

    def __init__(self, simulator: EwsSimulator) -> None:
        self._people, self._release = simulator.people, simulator.release

    # --- administrators -----------------------------------------------------------------------------------------------
    def add_mailbox(self, _: object, address: str) -> Mailbox:
        """A user with a mailbox, by Finland's clocks."""
        return self._people.add_mailbox(address, zone="FLE Standard Time")

    def change_mailbox_of_address(self, address: str, to: Mailbox) -> None:
        """Let an address lead to another mailbox."""
        self._people.change_mailbox_of_address(address, to)

    # --- owners -------------------------------------------------------------------------------------------------------
    def add_event(self, mailbox: Mailbox, subject: str, start: date, end: date, **details: Any) -> str:
        """A new event."""
        return self._people.add_event(mailbox, subject, start, end, **self._told(details))

    def edit_event(self, event_id: str, **changes: Any) -> Seen:
        """Change an event."""
        return Seen(self._people.edit_event(event_id, **self._told(changes)))

    def move_event(self, event_id: str, start: date, end: date) -> Seen:
        """Move it to other times."""
        return self.edit_event(event_id, start=start, end=end)

    def delete_event(self, event_id: str) -> None:
        """Delete it; the organizer's deletion cancels the meeting."""
        if self._people.event(event_id).is_organizer:
            self._people.cancel_event(event_id)
        else:
            self._people.delete_event(event_id)

    def edit_occurrence(self, series_id: str, day: date, **changes: Any) -> Seen:
        """Change one date."""
        return self.edit_event(self._people.occurrence_id(series_id, day), **changes)

    def cancel_occurrence(self, series_id: str, day: date) -> None:
        """Delete one date; the organizer's deletion cancels it."""
        self.delete_event(self._people.occurrence_id(series_id, day))

    def split_series(self, series_id: str, day: date, **changes: Any) -> str:
        """Change "this and following"."""
        return self._people.split_series(series_id, day, **self._told(changes))

    def copy_event(self, event_id: str, to: Any = None) -> str:
        """Copy it, into the same mailbox or into another one."""
        return self._people.copy_event(event_id, to)

    def rehome_event(self, event_id: str) -> str:
        """Give it another id."""
        return self._people.rehome_event(event_id)

    def events_of(self, mailbox: Mailbox) -> list[Seen]:
        """The single events and the series in the calendar."""
        return [Seen(item) for item in self._people.events_of(mailbox)]

    def deleted_of(self, mailbox: Mailbox) -> list[Seen]:
        """The single events and the series in Deleted Items."""
        return [Seen(item) for item in self._people.events_of(mailbox, Folder.DELETED_ITEMS)]

    def occurrences_of(self, series_id: str, first: date, last: date) -> list[Seen]:
        """The dates of a series."""
        return [Seen(item) for item in self._people.occurrences_of(series_id, first, last)]

    # --- meetings -----------------------------------------------------------------------------------------------------
    def organize_meeting(
        self, mailbox: Mailbox, subject: str, start: date, end: date, *, held: Iterable[str] = (), **details: Any
    ) -> str:
        """Invite people."""
        return self._people.organize_meeting(mailbox, subject, start, end, held=held, **self._told(details))

    def receive_invitation(
        self, mailboxes: Iterable[Mailbox], organizer: str, subject: str, start: date, end: date, **details: Any
    ) -> str:
        """Somebody outside invites people."""
        return self._people.receive_invitation(mailboxes, organizer, subject, start, end, **self._told(details))

    def deliver_invitations(self, mailbox: Mailbox) -> None:
        """Let what is held back arrive."""
        self._people.deliver_invitations(mailbox)

    def add_attendees(self, meeting_id: str, *addresses: str, **how: Any) -> None:
        """Invite more people."""
        self._people.add_attendees(meeting_id, *addresses, **how)

    def remove_attendees(self, meeting_id: str, *addresses: str, **how: Any) -> None:
        """Invite some no more."""
        self._people.remove_attendees(meeting_id, *addresses, **how)

    def cancel_meeting(self, meeting_id: str) -> None:
        """Cancel a meeting."""
        self.delete_event(meeting_id)

    def change_organizer(self, meeting_id: str, to: Mailbox) -> str:
        """Somebody else takes it over."""
        return self._people.change_organizer(meeting_id, to)

    def event_of_meeting(self, meeting_id: str, mailbox: Mailbox, day: date | None = None) -> Seen | None:
        """How a mailbox holds a meeting."""
        found = self._people.event_of_meeting(meeting_id, mailbox, day)
        return None if found is None else Seen(found)

    def accept(self, event_id: str, day: date | None = None, *, tentatively: bool = False) -> Seen:
        """Accept an invitation."""
        return Seen(self._people.accept(event_id, day, tentatively=tentatively))

    def decline(self, event_id: str, day: date | None = None) -> None:
        """Decline an invitation."""
        self._people.decline(event_id, day)

    # --- words --------------------------------------------------------------------------------------------------------
    def _told(self, details: Mapping[str, Any]) -> dict[str, Any]:
        """The details in Exchange's words. Raises KeyError for what it has no word for."""
        told: dict[str, Any] = {}
        for name, value in details.items():
            if name in _SAME:
                told[name] = value
            elif name in _WORDS:
                told[_WORDS[name]] = value if name == "ical_uid" else value.capitalize()
            elif name == "body_type":
                told[name] = {"text": "Text", "html": "HTML"}[value]
            elif name == "recurrence":
                told["rule"] = None if value is None else self._rule(value)
            elif name == "online":
                told["is_online_meeting"] = value
            elif name != "all_day":  # Dates say it themselves.
                raise KeyError(name)
        return told

    def _rule(self, recurrence: Mapping[str, Any]) -> Rule:
        pattern = {"interval": 1, "firstDayOfWeek": "sunday", **recurrence["pattern"]}
        limits = {"type": "noEnd", **recurrence.get("range", {}), "startDate": "2000-01-01"}
        if not has(self._release.schema, "FirstDayOfWeek"):
            pattern["firstDayOfWeek"] = graph.WEEKDAYS[_SUNDAY]
        return graph.rule_of({"pattern": pattern, "range": limits})
