"""Meetings between mailboxes: invitations, updates, cancellations, answers, and the mails that they are.

What is delivered is put into the attendees' calendars at once, as the Calendar Attendant does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from . import exchange, series
from .item import Folder, Item
from .mailbox import Mailbox
from .world import Mail, World

CANCELED = "Canceled: "
_SHARED = (
    "subject", "body", "body_type", "location", "sensitivity", "importance", "start", "end", "start_zone", "end_zone",
    "all_day", "rule", "attendees", "response_requested",
)  # fmt: skip
"""What an invitation or an update brings."""


def send(world: World, mailbox: Mailbox, item: Item, kind: str, addresses: Iterable[str], *, counted: bool) -> None:
    """Mail these attendees an invitation, update or cancellation, and put it into their calendars.

    `counted`: a call of EWS asked for it, no person. Whoever has no mailbox here only gets the mail.
    """
    for address in addresses:
        if counted:
            world.mails.append(Mail(kind, mailbox.address, address, item.uid, item.subject))
        target = world.any_address(address)
        if target is None or target is mailbox:
            continue
        if kind == "cancellation":
            _cancel(world, target, item)
        else:
            _deliver(world, target, item)
            for exception in series.exceptions(mailbox, item).values() if item.rule else ():
                _deliver(world, target, exception)


def respond(world: World, mailbox: Mailbox, item: Item, response: str) -> Item:
    """Accept, Tentative or Decline: the organizer's list of attendees says so; what is declined is deleted."""
    for organizer, own in _same(world, item.uid):
        if own.is_organizer:
            one = own if item.slot is None else series.instance(organizer, own, item.slot.day)
            if one is not None:
                told = tuple(
                    person._replace(response=response) if world.any_address(person.address) is mailbox else person
                    for person in one.attendees
                )
                exchange.update(world, organizer, one, {"attendees": told})
    after = exchange.update(world, mailbox, item, {"my_response": response, "free_busy": _BUSY[response]})
    return exchange.remove(world, mailbox, after) if response == "Decline" else after


def by_uid(mailbox: Mailbox, uid: str) -> Item | None:
    """The single item or master of this meeting in a calendar."""
    return next((item for item in mailbox.listed() if item.uid == uid), None)


_BUSY = {"Accept": "Busy", "Tentative": "Tentative", "Decline": "Free"}


def _same(world: World, uid: str) -> Iterator[tuple[Mailbox, Item]]:
    for mailbox in world.mailboxes:
        item = by_uid(mailbox, uid)
        if item is not None:
            yield mailbox, item


def _deliver(world: World, target: Mailbox, item: Item) -> None:
    there = by_uid(target, item.uid)
    fields: dict[str, Any] = {name: getattr(item, name) for name in _SHARED}
    if item.slot is not None:
        one = series.instance(target, there, item.slot.day) if there else None
        if one is not None:
            del fields["rule"]
            exchange.update(world, target, one, fields)
        return
    if there is not None:
        exchange.update(world, target, there, {**fields, "is_cancelled": False})
        return
    own = {"is_organizer": False, "organizer": item.organizer, "my_response": "NoResponseReceived", "uid": item.uid}
    exchange.create(world, target, {**fields, **own, "free_busy": "Tentative", "deleted": item.deleted})


def _cancel(world: World, target: Mailbox, item: Item) -> None:
    there = by_uid(target, item.uid)
    if there is not None and item.slot is not None:
        there = series.instance(target, there, item.slot.day)
    if there is None or there.folder is not Folder.CALENDAR:
        return
    subject = CANCELED + there.subject.removeprefix(CANCELED)
    exchange.update(world, target, there, {"is_cancelled": True, "subject": subject, "free_busy": "Free"})
