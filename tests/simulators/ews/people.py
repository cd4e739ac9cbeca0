"""What people do, without HTTP: administrators in their tools, everybody else in Outlook."""

from __future__ import annotations

from .details import EventChanges, EventDetails, Moment
from .organizers import Organizers

__all__ = ["EventChanges", "EventDetails", "Moment", "People"]


class People(Organizers):
    """Administrators change their server, owners their calendars; organizers invite, attendees answer."""
