"""What Exchange does with meetings, whoever asks: the API's routes or the organizer in Outlook.

The organizer's event has the say; whoever changes it tells the attendees, as they were before and are afterwards. Here
the attendees' calendars follow; mails are counted where the API asked (facts/microsoft.md A5).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from . import exchange, invitations, series_fields
from .event import Event
from .mailbox import Mailbox
from .series import SeriesView
from .world import World


def settle(world: World, mailbox: Mailbox) -> None:
    """Let happen in a mailbox what is due: Exchange's own writes, and invitations that arrive."""
    exchange.settle(world, mailbox)
    invitations.arrive(world, mailbox)


def create(
    world: World,
    mailbox: Mailbox,
    start: datetime,
    end: datetime,
    fields: Mapping[str, Any],
    held: frozenset[str] = frozenset(),
) -> Event:
    """A new event; its attendees are invited, those `held` (addresses in lower case) later."""
    event = exchange.create(world, mailbox, start, end, fields)
    if event.is_organizer:
        invitations.send(world, mailbox, event, exchange.attendee_addresses(event), held)
    return event


def update(
    world: World,
    mailbox: Mailbox,
    event: Event,
    fields: Mapping[str, Any],
    *,
    only_changed: bool = False,
    held: frozenset[str] = frozenset(),
) -> Event:
    """A changed event. Other times ask the attendees for an answer again, whatever they had answered.

    `only_changed`: only who joined or left is told. `held` as in `create`. An attendee's event changes alone: nobody
    is told, and the next update of the organizer's overwrites what is shared (facts/microsoft.md A5). Raises
    GraphError as Exchange does.
    """
    if not event.live or not event.is_organizer or not (event.attendees or fields.get("attendees")):
        return exchange.update(world, mailbox, event, fields)
    anew = series_fields.changed(event, fields)
    if anew:
        attendees = fields.get("attendees", event.attendees)
        fields = {**fields, "attendees": tuple({**one, "status": dict(invitations.NO_STATUS)} for one in attendees)}
    after = exchange.update(world, mailbox, event, fields)
    was, now = exchange.attendee_addresses(event), exchange.attendee_addresses(after)
    joined = exchange.not_among(now, was)
    _pass_on_attendees(world, mailbox, event, after)
    for address in was:
        left = world.mailbox_of(address)
        if left is not None and not invitations.attends(after, left):
            _dismiss(world, left, after)
    for address in () if only_changed else exchange.not_among(now, joined):
        stays = world.mailbox_of(address)
        if stays is not None and invitations.was_invited(stays, after.ical_uid):
            _tell(world, stays, mailbox, event, after, anew=anew)
    if not only_changed:
        _tell_of_dates(world, mailbox, after)
    invitations.send(world, mailbox, after, joined, held)
    return after


def remove(world: World, mailbox: Mailbox, event: Event, *, lingering: bool) -> None:
    """Delete an event, or cancel a date of a series; the organizer's deletion cancels it for all (facts A5)."""
    exchange.remove(world, mailbox, event, lingering=lingering)
    if not event.is_organizer:
        return
    for theirs, held in list(invitations.held_by_attendees(world, event.ical_uid)):
        if event.slot is None:
            invitations.cancel(world, theirs, held)
        elif held.instance in (None, event.slot.day):
            _cancel_date(world, theirs, event.ical_uid, event.slot.day)


def cut(world: World, mailbox: Mailbox, master: Event, day: date) -> None:
    """Let a series end before a date; in the attendees' calendars too, where the organizer does it."""
    exchange.cut(world, mailbox, master, day)
    for theirs, held in list(invitations.held_by_attendees(world, master.ical_uid)) if master.is_organizer else ():
        if held.recurrence is not None:
            exchange.cut(world, theirs, held, day)
        elif held.instance is not None and held.instance >= day:
            invitations.cancel(world, theirs, held)


def organized(world: World, uid: str) -> tuple[Mailbox, Event] | None:
    """The organizer's event of a meeting, a series as a whole; None where the organizer is not known here."""
    for mailbox in world.mailboxes():
        for event in mailbox.of_meeting(uid):
            if event.live and event.is_organizer:
                return mailbox, event
    return None


def _pass_on_attendees(world: World, mailbox: Mailbox, before: Event, after: Event) -> None:
    """Who joins or leaves a series does so on the dates, too, that have a list of attendees of their own."""
    was, now = exchange.attendee_addresses(before), exchange.attendee_addresses(after)
    joined, left = exchange.not_among(now, was), exchange.not_among(was, now)
    for exception in exchange.exceptions(world, mailbox, after) if joined or left else ():
        new = exchange.not_among(joined, exchange.attendee_addresses(exception))
        kept = [one for one in exception.attendees if one["emailAddress"]["address"] not in left]
        added = [one for one in after.attendees if one["emailAddress"]["address"] in new]
        exchange.update(world, mailbox, exception, {"attendees": (*kept, *added)})


def _tell(world: World, theirs: Mailbox, organizer: Mailbox, before: Event, after: Event, *, anew: bool) -> None:
    invitations.receive(world, theirs, organizer, after, anew=anew)
    day = None if after.slot is None else after.slot.day
    held = invitations.own_event(world, theirs, after.ical_uid, day)
    if held is not None and before.sensitivity != after.sensitivity:
        exchange.update(world, theirs, held, {"sensitivity": after.sensitivity})


def _tell_of_dates(world: World, organizer: Mailbox, master: Event) -> None:
    """A change of a series reaches those who are invited to single dates of it only."""
    if master.recurrence is None:
        return
    view = SeriesView(organizer, organizer.items(), world.options)
    for theirs, held in list(invitations.held_by_attendees(world, master.ical_uid)):
        instance = None if held.instance is None else view.instance(master, held.instance)
        if instance is not None and invitations.attends(instance, theirs):
            invitations.receive(world, theirs, organizer, instance, anew=False)


def _dismiss(world: World, theirs: Mailbox, after: Event) -> None:
    """Cancel a meeting, or one date of it, for somebody who is not invited any more."""
    if after.slot is not None:
        _cancel_date(world, theirs, after.ical_uid, after.slot.day)
        return
    for held in theirs.of_meeting(after.ical_uid):
        if held.live and not held.is_organizer:
            invitations.cancel(world, theirs, held)


def _cancel_date(world: World, theirs: Mailbox, uid: str, day: date) -> None:
    held = invitations.own_event(world, theirs, uid, day)
    if held is not None:
        invitations.cancel(world, theirs, held)
