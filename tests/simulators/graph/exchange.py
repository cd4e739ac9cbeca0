"""What Exchange does with items, whoever asks: the API's routes or a person in Outlook.

Each act is one change of the journal; what follows from it for the rest of a series is marked as internal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from . import recurrence, series_fields
from .event import Event, Folder
from .mailbox import Mailbox
from .series import SeriesView
from .world import Mail, World

FOLLOW_UP_TAKES = timedelta(seconds=1)
"""By how much Exchange's own write moves lastModifiedDateTime past the write that caused it."""
_OF_THE_SERIES = frozenset({*series_fields.TIMES, "cancelled", "start_zone", "end_zone", "ical_uid"})


def settle(world: World, mailbox: Mailbox) -> None:
    """Let Exchange do the follow-up writes that are due: a new changeKey and a later lastModifiedDateTime."""
    now = world.now()
    due = [entry for entry in mailbox.follow_ups if entry[0] <= now]
    mailbox.follow_ups = [entry for entry in mailbox.follow_ups if entry[0] > now]
    for at, key in due:
        event = mailbox.current(key)
        if event.live:
            later = max(event.modified, at) + FOLLOW_UP_TAKES
            changed = replace(event, change_key=world.ids.change_key(), modified=later)
            mailbox.commit(changed, at, internal=True)
            _touch_series(world, mailbox, event)


def create(world: World, mailbox: Mailbox, start: datetime, end: datetime, fields: Mapping[str, Any]) -> Event:
    """A new item in the calendar; `fields` are those of `Event`, ids and versions are given here."""
    now, rest_id = world.now(), world.ids.rest_id()
    given = {"ical_uid": world.ids.ical_uid(now), "organizer": mailbox.address, **fields}
    event = Event(
        key=world.ids.guid(),
        rest_id=rest_id,
        listed_id=rest_id,
        immutable_id=world.ids.immutable_id(),
        change_key=world.ids.change_key(),
        created=now,
        modified=now,
        start=start,
        end=end,
        **given,
    )
    return mailbox.commit(event, now)


def update(world: World, mailbox: Mailbox, event: Event, fields: Mapping[str, Any]) -> Event:
    """A changed item, wherever it is: one in Deleted Items is changed there, and nobody sees it.

    A changed occurrence is an exception, with ids of its own. A series passes on what its exceptions have not of
    their own; they go when its times change. Raises GraphError (400) for an occurrence that crosses another.
    """
    if event.slot is not None:
        return _change_one(world, mailbox, event, fields)
    after = _store(world, mailbox, event, fields)
    if event.recurrence is not None:
        _pass_on(world, mailbox, event, fields)
    return after


def follow_up(world: World, mailbox: Mailbox, event: Event) -> None:
    """Arrange for Exchange's own write after one of the API's."""
    if world.options.follow_up_write:
        mailbox.follow_ups.append((world.now() + world.options.follow_up_after, event.key))


def remove(world: World, mailbox: Mailbox, event: Event, *, lingering: bool) -> Event:
    """Move to Deleted Items, where the default id is another one; or purge at once.

    An occurrence is cancelled instead, and leaves nothing behind. A series takes its exceptions along.
    """
    if event.slot is not None:
        return _cancel(world, mailbox, event)
    if not lingering:
        return purge(world, mailbox, event)
    gone = _store(world, mailbox, event, {"folder": Folder.DELETED_ITEMS, "rest_id": world.ids.rest_id()})
    _drop_exceptions(world, mailbox, event)
    return gone


def purge(world: World, mailbox: Mailbox, event: Event) -> Event:
    """Take the item away for good."""
    gone = _store(world, mailbox, event, {"folder": Folder.PURGED})
    _drop_exceptions(world, mailbox, event)
    return gone


def mail(world: World, kind: str, event: Event, addresses: Iterable[str] | None = None) -> None:
    """Mail the attendees (all, or these) where the event's mailbox organizes it (facts/microsoft.md A5)."""
    if event.is_organizer:
        for address in attendee_addresses(event) if addresses is None else addresses:
            world.mails.append(Mail(kind, event.organizer, address, event.immutable_id))


def attendee_addresses(event: Event) -> tuple[str, ...]:
    """The attendees' addresses as they were given."""
    return tuple(str(attendee.get("emailAddress", {}).get("address", "")) for attendee in event.attendees)


def not_among(addresses: Iterable[str], others: Iterable[str]) -> list[str]:
    """The addresses that are not among others, compared without case."""
    known = {address.lower() for address in others}
    return [address for address in addresses if address.lower() not in known]


def exceptions(world: World, mailbox: Mailbox, master: Event) -> list[Event]:
    """The exceptions that a series has now, by date; none where the event is no series."""
    found = SeriesView(mailbox, mailbox.items(), world.options).exceptions(master) if master.recurrence else {}
    return [found[day] for day in sorted(found)]


def give_back(world: World, mailbox: Mailbox, master: Event, day: date) -> Event:
    """Let a series have a date again that was cancelled."""
    return _store(world, mailbox, master, {"cancelled": master.cancelled - {day}})


def cut(world: World, mailbox: Mailbox, master: Event, day: date) -> Event:
    """Let a series end before one of its dates; what is before stays, changed and cancelled dates too."""
    recurs = recurrence.cut(master.recurrence or {}, day - timedelta(days=1))
    kept = frozenset(gone for gone in master.cancelled if gone < day)
    after = _store(world, mailbox, master, {"recurrence": recurs, "cancelled": kept})
    for exception in exceptions(world, mailbox, after):
        if exception.slot is not None and exception.slot.day >= day:
            _store(world, mailbox, exception, {"folder": Folder.PURGED}, internal=True)
    return after


def _store(world: World, mailbox: Mailbox, event: Event, fields: Mapping[str, Any], *, internal: bool = False) -> Event:
    now = world.now()
    modified = max(now, event.modified)
    changed = replace(event, change_key=world.ids.change_key(), modified=modified, **fields)
    return mailbox.commit(changed, now, internal=internal)


def _change_one(world: World, mailbox: Mailbox, event: Event, fields: Mapping[str, Any]) -> Event:
    slot = event.slot
    if slot is None:
        raise ValueError("no occurrence")
    if fields.get("start", event.start) != event.start:
        SeriesView(mailbox, mailbox.items(), world.options).check_boundaries(event, fields["start"])
    own = (slot.own or frozenset()) | {name for name, value in fields.items() if value != getattr(event, name)}
    given: dict[str, Any] = {**fields, "slot": replace(slot, own=own)}
    if slot.own is None:
        rest_id = world.ids.rest_id()
        given |= {"key": world.ids.guid(), "rest_id": rest_id, "listed_id": rest_id}
        given["immutable_id"] = world.ids.immutable_id()
    after = _store(world, mailbox, event, given)
    _touch_series(world, mailbox, after)
    return after


def _cancel(world: World, mailbox: Mailbox, event: Event) -> Event:
    slot = event.slot
    if slot is None:
        raise ValueError("no occurrence")
    master = mailbox.current(slot.series)
    after = _store(world, mailbox, master, {"cancelled": master.cancelled | {slot.day}})
    if slot.own is not None:
        _store(world, mailbox, event, {"folder": Folder.PURGED}, internal=True)
    return after


def _touch_series(world: World, mailbox: Mailbox, event: Event) -> None:
    """A changed exception is a change of its series."""
    if event.slot is not None and not world.options.exception_alone:
        _store(world, mailbox, mailbox.current(event.slot.series), {}, internal=True)


def _pass_on(world: World, mailbox: Mailbox, before: Event, fields: Mapping[str, Any]) -> None:
    if series_fields.changed(before, fields):
        _drop_exceptions(world, mailbox, before)
        return
    for exception in exceptions(world, mailbox, before):
        own = exception.slot.own if exception.slot and exception.slot.own else frozenset()
        inherited = {name: fields[name] for name in fields.keys() - _OF_THE_SERIES - own}
        if inherited:
            _store(world, mailbox, exception, inherited, internal=True)


def _drop_exceptions(world: World, mailbox: Mailbox, master: Event) -> None:
    for exception in exceptions(world, mailbox, master):
        _store(world, mailbox, exception, {"folder": Folder.PURGED}, internal=True)
