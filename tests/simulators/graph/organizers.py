"""What organizers of meetings do in Outlook, without HTTP: here, or in a calendar elsewhere that invites ours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Unpack

from . import exchange, invitations, meetings
from .details import EventChanges, EventDetails, Moment, fields_of
from .event import Event
from .ids import oid
from .mailbox import Mailbox
from .online import with_block
from .owners import Owners


class Organizers(Owners):
    """Organizers invite; the attendees whose mailboxes are here get events of their own.

    A meeting is named by either id of the organizer's event. `edit_event`, `move_event`, `edit_occurrence`,
    `cancel_occurrence`, `split_series` and `delete_event` of it tell all attendees.
    """

    def organize_meeting(
        self,
        mailbox: Mailbox,
        subject: str,
        start: Moment,
        end: Moment,
        *,
        online: bool = False,
        held: Iterable[str] = (),
        **details: Unpack[EventDetails],
    ) -> str:
        """Invite the `attendees` to a meeting, or to a series; answers the immutable id of the organizer's event.

        Secondary addresses lead to their mailboxes, too. Those `held` get nothing until `deliver_invitations`, the
        others after the option `invitations_arrive_after`. `online`: with a link to join, and its block in the text.
        """
        with self._world.lock:
            meetings.settle(self._world, mailbox)
            changes: EventChanges = {**details, "subject": subject, "start": start, "end": end}
            fields = fields_of(changes, None, mailbox)
            if online:
                fields |= self._online(fields.get("document", ""))
            first, last = fields.pop("start"), fields.pop("end")
            waiting = frozenset(address.lower() for address in held)
            return meetings.create(self._world, mailbox, first, last, fields, waiting).immutable_id

    def receive_invitation(
        self,
        mailboxes: Iterable[Mailbox],
        organizer_address: str,
        subject: str,
        start: Moment,
        end: Moment,
        *,
        online: bool = False,
        **details: Unpack[EventDetails],
    ) -> str:
        """Somebody outside invites these mailboxes, and whom else; answers the id of the organizer's event.

        With that id the organizer edits, adds, removes and cancels like any other. `attendees` are further addresses:
        of others outside, or of mailboxes here, whose invitation is held back. Raises ValueError for an organizer
        whose mailbox is here.
        """
        with self._world.lock:
            if self._world.mailbox_of(organizer_address) is not None:
                raise ValueError(f"{organizer_address} is not outside")
            elsewhere = self._outside(organizer_address)
            others = tuple(details.get("attendees", ()))
            invited: EventDetails = {**details, "attendees": [*(mailbox.address for mailbox in mailboxes), *others]}
            return self.organize_meeting(elsewhere, subject, start, end, online=online, held=others, **invited)

    def deliver_invitations(self, mailbox: Mailbox) -> None:
        """Let all that is on its way to a mailbox, or held back, arrive now: each meeting as it is by now."""
        with self._world.lock:
            invitations.arrive(self._world, mailbox, held=True)

    def add_attendees(
        self, meeting_id: str, *addresses: str, day: date | None = None, everyone: bool = False, held: bool = False
    ) -> Event:
        """The organizer invites more people, to one `day` of a series only where given; answers the organizer's event.

        Who is invited to a single day gets a single event, whose iCalUId has that date in it. The others are not told,
        unless `everyone` is. `held`: the invitations wait for `deliver_invitations`.
        """
        with self._world.lock:
            mailbox, event = self._settled(meeting_id if day is None else oid(meeting_id, day))
            new = fields_of({"attendees": [*exchange.attendee_addresses(event), *addresses]}, event, mailbox)
            waiting = frozenset(address.lower() for address in addresses) if held else frozenset()
            return meetings.update(self._world, mailbox, event, new, only_changed=not everyone, held=waiting)

    def remove_attendees(
        self, meeting_id: str, *addresses: str, day: date | None = None, everyone: bool = False
    ) -> Event:
        """The organizer takes people off a meeting, or off one `day` of it; answers the organizer's event.

        Their events stay as "Canceled: ...", or go (option `cancellations_remove`). Others are told as by
        `add_attendees`.
        """
        with self._world.lock:
            mailbox, event = self._settled(meeting_id if day is None else oid(meeting_id, day))
            gone = {address.lower() for address in addresses}
            kept = [one for one in exchange.attendee_addresses(event) if one.lower() not in gone]
            changes = fields_of({"attendees": kept}, event, mailbox)
            return meetings.update(self._world, mailbox, event, changes, only_changed=not everyone)

    def cancel_meeting(self, meeting_id: str, day: date | None = None) -> None:
        """The organizer cancels a meeting, or one day of it: `delete_event`, by the name that people give it."""
        self.delete_event(meeting_id if day is None else oid(meeting_id, day))

    def change_organizer(self, meeting_id: str, to: Mailbox) -> str:
        """Somebody else takes a meeting over: the old one is cancelled, a new one invites everybody else.

        Exchange cannot do it otherwise. Exceptions are lost. Answers the id of the new organizer's event.
        """
        with self._world.lock:
            mailbox, event = self._settled(meeting_id)
            optional = {e["emailAddress"]["address"] for e in event.attendees if e["type"] == "optional"}
            others = [one for one in exchange.attendee_addresses(event) if not to.owns(one)]
            named = fields_of({"attendees": [mailbox.address, *others], "optional": optional}, None, to)
            kept = {name: getattr(event, name) for name in _TAKEN_OVER} | named
            if event.join_url is not None:
                kept |= self._online(event.document)
            self.cancel_meeting(meeting_id)
            return meetings.create(self._world, to, event.start, event.end, kept).immutable_id

    def event_of_meeting(self, meeting_id: str, mailbox: Mailbox, day: date | None = None) -> Event | None:
        """The event by which a mailbox holds a meeting, or one day of it; None where it holds none (any more)."""
        with self._world.lock:
            meetings.settle(self._world, mailbox)
            organizer, event = self._world.locate(meeting_id)
            if organizer is not mailbox:
                return invitations.own_event(self._world, mailbox, event.ical_uid, day)
            return self._world.locate(meeting_id if day is None else oid(meeting_id, day))[1]

    def _outside(self, address: str) -> Mailbox:
        known = self._world.outside
        return known.setdefault(address.lower(), Mailbox("", self._world.ids.guid(), address, address, address))

    def _online(self, document: str) -> dict[str, str]:
        url = self._world.ids.join_url()
        return {"join_url": url, "document": with_block(document, url)}


_TAKEN_OVER = (
    "subject", "document", "all_day", "start_zone", "end_zone", "location", "sensitivity", "show_as", "importance",
    "recurrence", "series_zone", "cancelled", "response_requested",
)  # fmt: skip
