"""Who organizes a meeting, who is invited, and what they answered (facts/microsoft.md A4). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.adapters.graph.answers import objects, part, text
from core.model.sighting import Attendee, Response

_RESPONSES = {
    "organizer": Response.ORGANIZER,
    "accepted": Response.ACCEPTED,
    "tentativelyaccepted": Response.TENTATIVE,
    "declined": Response.DECLINED,
}
"""`none` and `notResponded` are no answer."""


def attendees(item: Mapping[str, Any]) -> tuple[Attendee, ...]:
    """Whoever is invited and has an address, rooms too. In an attendee's own event the organizer is among them."""
    invited = ((_address(entry), _answer(entry, "status")) for entry in objects(item, "attendees"))
    return tuple(Attendee(address, response) for address, response in invited if address)


def organizer(item: Mapping[str, Any]) -> str:
    """The organizer's address without case, empty where none is named."""
    return _address(part(item, "organizer"))


def is_organizer(item: Mapping[str, Any]) -> bool:
    """Whether the mailbox's owner organizes it; what says nothing of that is the owner's own."""
    return item.get("isOrganizer") is not False


def own_response(item: Mapping[str, Any]) -> Response:
    """What the mailbox's owner answered."""
    return _answer(item, "responseStatus")


def is_meeting(item: Mapping[str, Any]) -> bool:
    """Whether others are concerned: somebody is invited, or it is somebody else's."""
    return bool(item.get("attendees")) or not is_organizer(item)


def _address(entry: Mapping[str, Any]) -> str:
    return text(part(entry, "emailAddress").get("address")).strip().casefold()


def _answer(entry: Mapping[str, Any], name: str) -> Response:
    return _RESPONSES.get(text(part(entry, name).get("response")).lower(), Response.NONE)
