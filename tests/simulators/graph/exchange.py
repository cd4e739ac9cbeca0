"""What Exchange does with items, whoever asks: the API's routes or a person in Outlook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from .event import Event, Folder
from .mailbox import Mailbox
from .world import Mail, World

FOLLOW_UP_TAKES = timedelta(seconds=1)
"""By how much Exchange's own write moves lastModifiedDateTime past the write that caused it."""


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
    """A changed item, wherever it is: one in Deleted Items is changed there, and nobody sees it."""
    now = world.now()
    modified = max(now, event.modified)
    return mailbox.commit(replace(event, change_key=world.ids.change_key(), modified=modified, **fields), now)


def follow_up(world: World, mailbox: Mailbox, event: Event) -> None:
    """Arrange for Exchange's own write after one of the API's."""
    if world.options.follow_up_write:
        mailbox.follow_ups.append((world.now() + world.options.follow_up_after, event.key))


def remove(world: World, mailbox: Mailbox, event: Event, *, lingering: bool) -> Event:
    """Move to Deleted Items, where the default id is another one; or purge at once."""
    if not lingering:
        return purge(world, mailbox, event)
    return update(world, mailbox, event, {"folder": Folder.DELETED_ITEMS, "rest_id": world.ids.rest_id()})


def purge(world: World, mailbox: Mailbox, event: Event) -> Event:
    """Take the item away for good."""
    return update(world, mailbox, event, {"folder": Folder.PURGED})


def mail(world: World, kind: str, event: Event, addresses: Iterable[str] | None = None) -> None:
    """Mail the attendees (all, or these) where the event's mailbox organizes it (facts/microsoft.md A5)."""
    if event.is_organizer:
        for address in attendee_addresses(event) if addresses is None else addresses:
            world.mails.append(Mail(kind, event.organizer, address, event.immutable_id))


def attendee_addresses(event: Event) -> tuple[str, ...]:
    """The attendees' addresses as they were given."""
    return tuple(str(attendee.get("emailAddress", {}).get("address", "")) for attendee in event.attendees)
