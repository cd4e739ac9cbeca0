"""What people do, without HTTP: administrators in their portals, everybody else in Outlook."""

from __future__ import annotations

from .attendees import Attendees
from .details import EventChanges, EventDetails, Moment
from .organizers import Organizers

__all__ = ["EventChanges", "EventDetails", "Moment", "People"]


class People(Organizers, Attendees):
    """Administrators change their tenants, owners their calendars; organizers invite, attendees answer."""
