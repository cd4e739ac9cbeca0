"""What the calendar of an attendee makes of invitations, updates and cancellations.

An attendee has an event of their own, with ids of its own and the organizer's iCalUId; what of it is shared is written
anew by each update (facts/microsoft.md A4, A5). Reminder, categories, free/busy and extended properties are their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from . import exchange
from .event import Event
from .mailbox import Mailbox
from .series import SeriesView, moved_slot
from .world import Invitation, World

PREFIX = "Canceled: "
UNANSWERED: dict[str, Any] = {"response": "notResponded", "responded": None, "show_as": "tentative"}
NO_STATUS = {"response": "none", "time": "0001-01-01T00:00:00Z"}
_SERIES = ("recurrence", "series_zone")
_SHARED = (
    "subject", "document", "start", "end", "all_day", "start_zone", "end_zone", "location", "importance",
    "response_requested", "join_url", *_SERIES,
)  # fmt: skip


# --- on the way -------------------------------------------------------------------------------------------------------
def send(
    world: World, organizer: Mailbox, event: Event, addresses: Iterable[str], held: frozenset[str] = frozenset()
) -> None:
    """Invite to a meeting, or to the date that an exception is; `held` are addresses, in lower case, that must wait."""
    key, day = (event.key, None) if event.slot is None else (event.slot.series, event.slot.day)
    arrives = world.now() + world.options.invitations_arrive_after
    for address in addresses:
        mailbox = world.mailbox_of(address)
        if mailbox is not None and mailbox is not organizer:
            due = None if address.lower() in held else arrives
            world.waiting.append(Invitation(mailbox, organizer, key, day, due))
            arrive(world, mailbox)


def arrive(world: World, mailbox: Mailbox, *, held: bool = False) -> None:
    """Let the invitations to a mailbox arrive that are due, with `held` all of them: each as its meeting is now."""
    now = world.now()
    here = [one for one in world.waiting if one.to is mailbox and (held or (one.due is not None and one.due <= now))]
    world.waiting[:] = [one for one in world.waiting if one not in here]
    for invitation in here:
        meeting = _meeting(world, invitation.organizer, invitation.key, invitation.day)
        if meeting is not None and attends(meeting, mailbox):
            receive(world, mailbox, invitation.organizer, meeting, anew=True)


def _meeting(world: World, organizer: Mailbox, key: str, day: date | None) -> Event | None:
    """The organizer's event, or that of one of its dates, as it is now; None where it is no more."""
    event = organizer.current(key)
    if not event.live:
        return None
    return event if day is None else SeriesView(organizer, organizer.items(), world.options).instance(event, day)


# --- in the calendar --------------------------------------------------------------------------------------------------
def attends(event: Event, mailbox: Mailbox) -> bool:
    """Whether the event names the mailbox among its attendees, by whatever address."""
    return any(mailbox.owns(address) for address in exchange.attendee_addresses(event))


def held_by_attendees(world: World, uid: str) -> Iterator[tuple[Mailbox, Event]]:
    """The events by which attendees hold a meeting, those invited to single dates of it too."""
    for mailbox in world.mailboxes():
        yield from ((mailbox, event) for event in mailbox.of_meeting(uid) if event.live and not event.is_organizer)


def own_event(world: World, mailbox: Mailbox, uid: str, day: date | None = None) -> Event | None:
    """The event by which an attendee holds a meeting, or one date of it; None where there is none."""
    held = [event for event in mailbox.of_meeting(uid) if event.live and not event.is_organizer]
    whole = next((event for event in held if event.instance is None), None)
    if day is None or whole is None:
        return whole if day is None else next((event for event in held if event.instance == day), None)
    return SeriesView(mailbox, mailbox.items(), world.options).instance(whole, day)


def was_invited(mailbox: Mailbox, uid: str) -> bool:
    """Whether the mailbox ever held the meeting or a date of it."""
    return any(not event.is_organizer for event in mailbox.of_meeting(uid))


def receive(world: World, mailbox: Mailbox, organizer: Mailbox, meeting: Event, *, anew: bool) -> None:
    """Take an invitation or an update. `anew`: an answer is asked for again.

    `meeting` is the organizer's event. What the attendee had deleted or declined comes back unanswered.
    """
    day = None if meeting.slot is None else meeting.slot.day
    whole = own_event(world, mailbox, meeting.ical_uid)
    if day is not None and whole is not None and day in whole.cancelled:
        exchange.give_back(world, mailbox, whole, day)
    event = own_event(world, mailbox, meeting.ical_uid, day)
    if event is None:
        _add(world, mailbox, organizer, meeting)
        return
    fields = _shared(meeting)
    fields["is_cancelled"] = False
    if anew or event.is_cancelled:
        fields |= UNANSWERED
    if event.slot is not None or event.instance is not None:
        fields = {name: value for name, value in fields.items() if name not in _SERIES}
    elif anew and event.recurrence is not None:
        fields["cancelled"] = meeting.cancelled
    exchange.update(world, mailbox, event, fields)


def cancel(world: World, mailbox: Mailbox, event: Event) -> None:
    """Take a cancellation of an attendee's event, a date or a whole series: it stays, but marked; or goes (option)."""
    if world.options.cancellations_remove:
        exchange.remove(world, mailbox, event, lingering=True)
        return
    for one in [*exchange.exceptions(world, mailbox, event), event]:
        subject = one.subject if one.is_cancelled else PREFIX + one.subject
        exchange.update(world, mailbox, one, {"is_cancelled": True, "subject": subject, "show_as": "free"})


def _add(world: World, mailbox: Mailbox, organizer: Mailbox, meeting: Event) -> None:
    fields = _shared(meeting) | UNANSWERED | {"sensitivity": meeting.sensitivity}
    fields |= {"ical_uid": meeting.ical_uid, "organizer": meeting.organizer, "is_organizer": False}
    fields |= {"cancelled": meeting.cancelled, "instance": None if meeting.slot is None else meeting.slot.day}
    if meeting.slot is not None:
        fields |= dict.fromkeys(_SERIES)
    else:  # who is invited to the whole needs the single dates no more
        for event in mailbox.of_meeting(meeting.ical_uid):
            if event.live and event.instance is not None:
                exchange.purge(world, mailbox, event)
    made = exchange.create(world, mailbox, fields.pop("start"), fields.pop("end"), fields)
    for exception in exchange.exceptions(world, organizer, meeting):
        _add_exception(world, mailbox, mailbox.current(made.key), exception)


def _add_exception(world: World, mailbox: Mailbox, whole: Event, exception: Event) -> None:
    """Let a new attendee's series have what was changed before; a date to which they are not invited is cancelled."""
    slot = moved_slot(exception, whole)
    if slot is None or slot.own is None:
        raise ValueError("no exception")
    if not attends(exception, mailbox):
        instance = SeriesView(mailbox, mailbox.items(), world.options).instance(whole, slot.day)
        if instance is not None:
            exchange.remove(world, mailbox, instance, lingering=False)
    elif own := slot.own & {*_SHARED}:
        kept = {name: getattr(whole, name) for name in ("organizer", "is_organizer", "sensitivity")}
        fields = _shared(exception) | dict.fromkeys(_SERIES) | UNANSWERED | kept
        fields |= {"ical_uid": exception.ical_uid, "slot": replace(slot, own=own)}
        exchange.create(world, mailbox, fields.pop("start"), fields.pop("end"), fields)


def _shared(meeting: Event) -> dict[str, Any]:
    """What an update tells of the organizer's event; the organizer is among the attendees then (facts A4)."""
    organizer = {"name": meeting.organizer, "address": meeting.organizer}
    told = [{"type": "required", "emailAddress": organizer}, *meeting.attendees]
    attendees = tuple({**attendee, "status": dict(NO_STATUS)} for attendee in told)
    return {name: getattr(meeting, name) for name in _SHARED} | {"attendees": attendees}
