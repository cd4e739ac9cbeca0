"""What people do in Outlook with the invitations that they got, without HTTP."""

from __future__ import annotations

from datetime import date

from . import responses
from .event import Event
from .ids import oid
from .owners import Owners


class Attendees(Owners):
    """Attendees answer; they are named by their own event's id, not by the organizer's.

    `delete_event` takes an invitation away without an answer. `edit_event` changes what nobody else sees.
    """

    def accept(self, event_id: str, day: date | None = None, *, tentatively: bool = False) -> Event:
        """Accept an invitation, or that to one `day` of a series; answers the attendee's event."""
        return self._respond(event_id, day, "tentativelyAccepted" if tentatively else "accepted")

    def decline(self, event_id: str, day: date | None = None) -> None:
        """Decline an invitation: the event goes to Deleted Items. Or that to one `day`, which the series then lacks."""
        self._respond(event_id, day, "declined")

    def _respond(self, event_id: str, day: date | None, response: str) -> Event:
        with self._world.lock:
            mailbox, event = self._settled(event_id if day is None else oid(event_id, day))
            return responses.respond(self._world, mailbox, event, response)
