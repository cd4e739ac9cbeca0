"""Who organizes a meeting, who is invited, and what they answered (facts/microsoft.md G4). Pure."""

from __future__ import annotations

from core.adapters.ews import quirks
from core.adapters.ews.soap import NAMES, Element, text
from core.model.sighting import Attendee, Response

_RESPONSES = {
    "Organizer": Response.ORGANIZER,
    "Accept": Response.ACCEPTED,
    "Tentative": Response.TENTATIVE,
    "Decline": Response.DECLINED,
}
"""`Unknown` and `NoResponseReceived` are no answer."""
_INVITED = "|".join(f"t:{kind}/t:Attendee" for kind in ("RequiredAttendees", "OptionalAttendees", "Resources"))


def attendees(item: Element) -> tuple[Attendee, ...]:
    """Whoever is invited and has an SMTP address, rooms too."""
    invited = ((_address(one), _answer(text(one, "t:ResponseType"))) for one in _invited(item))
    return tuple(Attendee(address, response) for address, response in invited if address)


def organizer(item: Element) -> str:
    """The organizer's address without case, empty where none is named."""
    found = item.find("t:Organizer", NAMES)
    return "" if found is None else _address(found)


def is_organizer(item: Element) -> bool:
    """Whether the mailbox's owner organizes it; what says nothing of that is the owner's own."""
    return not state(item) & quirks.IS_RECEIVED


def is_cancelled(item: Element) -> bool:
    """Whether its organizer cancelled it."""
    return text(item, "t:IsCancelled").strip() in ("true", "1") or bool(state(item) & quirks.IS_CANCELLED)


def own_response(item: Element) -> Response:
    """What the mailbox's owner answered."""
    return _answer(text(item, "t:MyResponseType"))


def is_meeting(item: Element) -> bool:
    """Whether others are concerned: somebody is invited, or it is somebody else's."""
    return bool(_invited(item)) or not is_organizer(item)


def state(item: Element) -> int:
    """The bits of AppointmentState."""
    found = text(item, "t:AppointmentState").strip()
    return int(found) if found.isascii() and found.isdecimal() else 0


def _invited(item: Element) -> list[Element]:
    return list(item.xpath(_INVITED, namespaces=NAMES))


def _address(one: Element) -> str:
    """Addresses inside Exchange (`/o=...`) are none that anybody else knows."""
    found = text(one, "t:Mailbox/t:EmailAddress").strip().casefold()
    return found if "@" in found else ""


def _answer(named: str) -> Response:
    return _RESPONSES.get(named.strip(), Response.NONE)
