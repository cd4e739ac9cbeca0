"""What attendees answer: it shows in their own event and in the organizer's list of attendees."""

from __future__ import annotations

from datetime import date

from . import exchange, meetings, zones
from .event import Event
from .mailbox import Mailbox
from .series import SeriesView
from .world import World

SHOWN = {"accepted": "busy", "tentativelyAccepted": "tentative", "declined": "free"}


def respond(world: World, mailbox: Mailbox, event: Event, response: str) -> Event:
    """Answer an invitation to a meeting, or to one date: `accepted`, `tentativelyAccepted` or `declined`.

    What is declined leaves the calendar for Deleted Items; a declined date is cancelled (facts/microsoft.md A4). The
    organizer's event has a new version, as answers bump it too (facts/peers.md P43). Answers the attendee's event.
    """
    if event.is_organizer:
        raise ValueError("nobody answers an invitation of their own")
    answered = {"response": response, "responded": world.now(), "show_as": SHOWN[response]}
    if response != "declined":
        after = exchange.update(world, mailbox, event, answered)
    elif event.slot is not None:
        after = event
        exchange.remove(world, mailbox, event, lingering=True)
    else:
        after = exchange.remove(world, mailbox, exchange.update(world, mailbox, event, answered), lingering=True)
    day = event.instance if event.slot is None else event.slot.day
    _note(world, mailbox, event.ical_uid, day, response)
    return after


def _note(world: World, mailbox: Mailbox, uid: str, day: date | None, response: str) -> None:
    """Let the organizer see the answer; that to one date makes it an exception with a list of its own."""
    found = meetings.organized(world, uid)
    if found is None:
        return
    organizer, event = found
    if day is not None:
        instance = SeriesView(organizer, organizer.items(), world.options).instance(event, day)
        if instance is None:
            return
        event = instance
    status = {"response": response, "time": zones.instant_text(world.now())}
    attendees = tuple(
        {**one, "status": status} if mailbox.owns(one["emailAddress"]["address"]) else one for one in event.attendees
    )
    exchange.update(world, organizer, event, {"attendees": attendees})
