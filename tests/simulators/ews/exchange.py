"""What Exchange does with items, whoever asks: EWS or a person in Outlook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from . import recurrence, series, times
from .ids import ItemName
from .item import Folder, Item
from .mailbox import Mailbox
from .world import World

_OF_THE_SERIES = frozenset({*times.TIMES, "deleted", "end_zone", "uid"})


def create(world: World, mailbox: Mailbox, fields: Mapping[str, Any]) -> Item:
    """A new item in the calendar; `fields` are those of `Item`, ids and versions are given here. Raises EwsError."""
    now, name = world.now(), ItemName(mailbox.guid, world.ids.entry())
    given = {"uid": world.ids.uid(now), "organizer": mailbox.address, **times.settled(fields, None)}
    if given.get("attendees"):
        given.setdefault("my_response", "Organizer")
    item = Item(
        key=world.ids.guid(),
        name=name,
        listed_name=name,
        change_key=world.ids.change_key(),
        created=now,
        modified=now,
        **given,
    )
    return mailbox.commit(item)


def update(world: World, mailbox: Mailbox, item: Item, fields: Mapping[str, Any]) -> Item:
    """A changed item. A changed occurrence becomes an exception, and its series a new version (facts G3).

    A series passes on what its exceptions have not of their own; they go when its times change. Raises EwsError.
    """
    given = times.settled(fields, item)
    if item.slot is not None:
        return _change_one(world, mailbox, item, given)
    after = _store(world, mailbox, item, given)
    if item.rule is not None:
        _pass_on(world, mailbox, item, given)
    return after


def remove(world: World, mailbox: Mailbox, item: Item, *, purge: bool = False) -> Item:
    """Move to Deleted Items, where the id is another one, or purge. An occurrence is deleted from its series."""
    if item.slot is not None:
        master = mailbox.current(item.slot.series)
        if item.slot.own is not None:
            _store(world, mailbox, item, {"folder": Folder.PURGED})
        return _store(world, mailbox, master, {"deleted": master.deleted | {item.slot.day}})
    drop_exceptions(world, mailbox, item)
    if purge:
        return _store(world, mailbox, item, {"folder": Folder.PURGED})
    return move(world, mailbox, item, Folder.DELETED_ITEMS)


def move(world: World, mailbox: Mailbox, item: Item, folder: Folder) -> Item:
    """The item in another folder, under another id."""
    name = ItemName(mailbox.guid, world.ids.entry())
    listed = name if folder is Folder.CALENDAR else item.listed_name
    return _store(world, mailbox, item, {"folder": folder, "name": name, "listed_name": listed})


def rename(world: World, mailbox: Mailbox, item: Item) -> Item:
    """The item out of the calendar and back again: another id, and to synchronization another item."""
    name = ItemName(mailbox.guid, world.ids.entry())
    kept = series.exceptions(mailbox, item)
    _store(world, mailbox, item, {"folder": Folder.PURGED})
    new = mailbox.commit(
        replace(item, key=world.ids.guid(), name=name, listed_name=name, change_key=world.ids.change_key())
    )
    for day, exception in kept.items():
        _store(world, mailbox, exception, {"folder": Folder.PURGED})
        slot = exception.slot and replace(exception.slot, series=new.key)
        moved = replace(new.name, day=day)
        key, version = world.ids.guid(), world.ids.change_key()
        mailbox.commit(replace(exception, key=key, change_key=version, slot=slot, name=moved, listed_name=moved))
    return new


def cut(world: World, mailbox: Mailbox, master: Item, day: date) -> Item:
    """Let a series end before one of its dates; what is before stays, changed and deleted dates too."""
    if master.rule is None:
        raise ValueError("no series")
    rule = recurrence.cut(master.rule, day - timedelta(days=1))
    kept = frozenset(gone for gone in master.deleted if gone < day)
    for original, exception in series.exceptions(mailbox, master).items():
        if original >= day:
            _store(world, mailbox, exception, {"folder": Folder.PURGED})
    return _store(world, mailbox, master, {"rule": rule, "deleted": kept})


def mark_read(mailbox: Mailbox, item: Item, *, is_read: bool) -> Item:
    """Another read flag, which is no new version."""
    return mailbox.commit(replace(item, is_read=is_read), silent=True)


def drop_exceptions(world: World, mailbox: Mailbox, master: Item) -> None:
    """Let a series forget its exceptions."""
    if master.rule is not None:
        for exception in series.exceptions(mailbox, master).values():
            _store(world, mailbox, exception, {"folder": Folder.PURGED})


def _store(world: World, mailbox: Mailbox, item: Item, fields: Mapping[str, Any]) -> Item:
    versions = {"change_key": world.ids.change_key(), "modified": max(world.now(), item.modified)}
    return mailbox.commit(replace(item, **{**versions, **fields}))


def _change_one(world: World, mailbox: Mailbox, item: Item, fields: Mapping[str, Any]) -> Item:
    slot = item.slot
    if slot is None:
        raise ValueError("no occurrence")
    start, end = fields.get("start", item.start), fields.get("end", item.end)
    if (start, end) != (item.start, item.end):
        series.check_boundaries(mailbox, item, start, end)
    own = (slot.own or frozenset()) | {name for name, value in fields.items() if value != getattr(item, name)}
    given: dict[str, Any] = {**fields, "slot": replace(slot, own=own)}
    if slot.own is None:
        given["key"] = world.ids.guid()
    after = _store(world, mailbox, item, given)
    _store(world, mailbox, mailbox.current(slot.series), {})
    return after


def _pass_on(world: World, mailbox: Mailbox, before: Item, fields: Mapping[str, Any]) -> None:
    if times.changed(before, fields):
        drop_exceptions(world, mailbox, before)
        return
    for exception in series.exceptions(mailbox, before).values():
        own = exception.slot.own if exception.slot and exception.slot.own else frozenset()
        inherited = {name: fields[name] for name in fields.keys() - _OF_THE_SERIES - own}
        if inherited:
            _store(world, mailbox, exception, inherited)
