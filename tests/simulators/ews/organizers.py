"""What organizers and attendees of meetings do in Outlook, without HTTP; some organizers are elsewhere and invite ours.

A meeting is named by any id of the organizer's item; attendees are named by their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Unpack

from . import exchange, ids, meetings, series
from .details import EventChanges, EventDetails, Moment, fields_of
from .item import Attendee, Item
from .mailbox import Mailbox
from .owners import Owners


class Organizers(Owners):
    """`edit_event`, `edit_occurrence`, `split_series` and `cancel_event` of an organizer's item tell all attendees."""

    def organize_meeting(
        self,
        mailbox: Mailbox,
        subject: str,
        start: Moment,
        end: Moment,
        *,
        held: Iterable[str] = (),
        **details: Unpack[EventDetails],
    ) -> str:
        """Invite the `attendees` to a meeting, or to a series; answers the id of the organizer's item.

        Those `held` get nothing until `deliver_invitations`.
        """
        with self._world.lock:
            changes: EventChanges = {**details, "subject": subject, "start": start, "end": end}
            waiting = frozenset(address.lower() for address in held)
            return self._make(mailbox, fields_of(changes, None, mailbox), waiting).item_id

    def receive_invitation(
        self,
        mailboxes: Iterable[Mailbox],
        organizer_address: str,
        subject: str,
        start: Moment,
        end: Moment,
        **details: Unpack[EventDetails],
    ) -> str:
        """Somebody outside invites these mailboxes, and whom else; answers the id of the organizer's item.

        `attendees` are further addresses: of others outside, or of mailboxes here, whose invitation is held back.
        Raises ValueError for an organizer whose mailbox is here.
        """
        with self._world.lock:
            if self._world.any_address(organizer_address) is not None:
                raise ValueError(f"{organizer_address} is not outside")
            others = tuple(details.get("attendees", ()))
            invited: EventDetails = {**details, "attendees": [*(box.address for box in mailboxes), *others]}
            elsewhere = self._outside(organizer_address)
            return self.organize_meeting(elsewhere, subject, start, end, held=others, **invited)

    def deliver_invitations(self, mailbox: Mailbox) -> None:
        """Let all that is held back from a mailbox arrive now: each meeting as it is by now."""
        with self._world.lock:
            meetings.arrive(self._world, mailbox)

    def add_attendees(
        self, meeting_id: str, *addresses: str, day: date | None = None, everyone: bool = False, held: bool = False
    ) -> Item:
        """The organizer invites more people, to one `day` of a series only where given; answers the organizer's item.

        The others are not told, unless `everyone` is. `held`: the invitations wait for `deliver_invitations`.
        """
        with self._world.lock:
            mailbox, item = self._of(meeting_id, day)
            invited = (*item.attendees, *(Attendee(address) for address in addresses))
            waiting = frozenset(address.lower() for address in addresses) if held else frozenset()
            return self._invite(mailbox, item, invited, everyone=everyone, held=waiting)

    def remove_attendees(
        self, meeting_id: str, *addresses: str, day: date | None = None, everyone: bool = False
    ) -> Item:
        """The organizer takes people off a meeting, or off one `day` of it; answers the organizer's item."""
        with self._world.lock:
            mailbox, item = self._of(meeting_id, day)
            gone = {address.lower() for address in addresses}
            kept = tuple(one for one in item.attendees if one.address.lower() not in gone)
            return self._invite(mailbox, item, kept, everyone=everyone)

    def change_organizer(self, meeting_id: str, to: Mailbox) -> str:
        """Somebody else takes a meeting over: the old one is cancelled, a new one invites everybody else.

        Exchange cannot do it otherwise. Exceptions are lost. Answers the id of the new organizer's item.
        """
        with self._world.lock:
            mailbox, item = self._find(meeting_id)
            others = tuple(Attendee(one.address) for one in item.attendees if not to.has(one.address))
            kept = {name: getattr(item, name) for name in _TAKEN_OVER}
            self.cancel_event(meeting_id)
            return self._make(to, {**kept, "attendees": (Attendee(mailbox.address), *others)}).item_id

    def accept(self, event_id: str, day: date | None = None, *, tentatively: bool = False) -> Item:
        """Accept an invitation, or that to one `day` of a series; answers the attendee's item."""
        return self.respond(self._named(event_id, day), "Tentative" if tentatively else "Accept")

    def decline(self, event_id: str, day: date | None = None) -> None:
        """Decline an invitation, or that to one `day`: it leaves the calendar."""
        self.respond(self._named(event_id, day), "Decline")

    def event_of_meeting(self, meeting_id: str, mailbox: Mailbox, day: date | None = None) -> Item | None:
        """The item by which a mailbox holds a meeting, or one day of it; None where it holds none (any more)."""
        with self._world.lock:
            organizer, item = self._world.locate(ids.parse(meeting_id))
            one = item if day is None else series.instance(organizer, item, day)
            if organizer is mailbox or one is None:
                return one
            return meetings.held_by(mailbox, one)

    def _invite(
        self,
        mailbox: Mailbox,
        before: Item,
        attendees: tuple[Attendee, ...],
        *,
        everyone: bool,
        held: frozenset[str] = frozenset(),
    ) -> Item:
        after = exchange.update(self._world, mailbox, before, {"attendees": attendees, "request_was_sent": True})
        meetings.tell(self._world, mailbox, before, after, only_changed=not everyone, held=held)
        return after

    def _of(self, event_id: str, day: date | None) -> tuple[Mailbox, Item]:
        return self._find(self._named(event_id, day))

    def _named(self, event_id: str, day: date | None) -> str:
        return event_id if day is None else self.occurrence_id(event_id, day)

    def _outside(self, address: str) -> Mailbox:
        known = self._world.outside.get(address.lower())
        if known is None:
            made, guid = self._world.ids, self._world.ids.guid()
            folders = (ids.ItemName(guid, made.folder_entry()), ids.ItemName(guid, made.folder_entry()))
            known = self._world.outside[address.lower()] = Mailbox(guid, address, [], address, *folders)
        return known


_TAKEN_OVER = (
    "subject", "body", "body_type", "all_day", "start", "end", "start_zone", "end_zone", "location", "sensitivity",
    "importance", "rule", "deleted", "response_requested", "is_online_meeting",
)  # fmt: skip
