"""Meetings between mailboxes: invitations, updates, cancellations, answers, and the mails that they are.

What is delivered is put into the attendees' calendars at once, as the Calendar Attendant does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from . import exchange, series
from .ids import dated, undated
from .item import Folder, Item
from .mailbox import Mailbox
from .world import Held, Mail, World

CANCELED = "Canceled: "
_SHARED = (
    "subject", "body", "body_type", "location", "sensitivity", "importance", "start", "end", "start_zone", "end_zone",
    "all_day", "rule", "attendees", "response_requested", "is_online_meeting",
)  # fmt: skip
"""What an invitation or an update brings."""


def send(
    world: World,
    mailbox: Mailbox,
    item: Item,
    kind: str,
    addresses: Iterable[str],
    *,
    counted: bool = False,
    held: frozenset[str] = frozenset(),
) -> None:
    """Mail these attendees an invitation, update or cancellation, and put it into their calendars.

    `counted`: a call of EWS asked for it, no person. Whoever has no mailbox here only gets the mail. Invitations to
    those `held` (addresses in lower case) wait, and updates wait with them.
    """
    for address in addresses:
        if counted:
            world.mails.append(Mail(kind, mailbox.address, address, item.uid, item.subject))
        target = world.any_address(address)
        if target is None or target is mailbox:
            continue
        if kind == "cancellation":
            _cancel(world, target, item)
        elif kind == "invitation" and address.lower() in held:
            world.waiting.append(Held(target, mailbox, item.key))
        elif Held(target, mailbox, item.key) not in world.waiting:
            _deliver(world, mailbox, target, item)


def arrive(world: World, target: Mailbox) -> None:
    """Let what waits for a mailbox arrive: each meeting as it is by now."""
    here = [one for one in world.waiting if one.to is target]
    world.waiting[:] = [one for one in world.waiting if one not in here]
    for one in here:
        item = one.organizer.current(one.key)
        if item.live and attends(item, target):
            _deliver(world, one.organizer, target, item)


def tell(
    world: World,
    mailbox: Mailbox,
    before: Item,
    after: Item,
    *,
    only_changed: bool = False,
    held: frozenset[str] = frozenset(),
) -> None:
    """The organizer changed a meeting in Outlook. `only_changed`: only who joined or left is told; `held` as in `send`.

    An attendee who changes their own item tells nobody.
    """
    if not after.is_organizer:
        return
    was, now = addresses_of(before), addresses_of(after)
    joined = [address for address in now if address not in was]
    left = [address for address in was if address not in now]
    _pass_on(world, mailbox, after, joined, left)
    if not only_changed:
        send(world, mailbox, after, "update", [address for address in now if address in was])
        for exception, others in _of_dates(mailbox, after):
            send(world, mailbox, exception, "update", others)
    send(world, mailbox, after, "invitation", joined, held=held)
    send(world, mailbox, before, "cancellation", left)


def cancel(world: World, mailbox: Mailbox, item: Item) -> None:
    """The organizer cancels a meeting, or a date of it: all are told, those too who are invited to a date only."""
    if item.is_organizer:
        send(world, mailbox, item, "cancellation", addresses_of(item))
        for exception, others in _of_dates(mailbox, item):
            send(world, mailbox, exception, "cancellation", others)


def respond(world: World, mailbox: Mailbox, item: Item, response: str) -> Item:
    """Accept, Tentative or Decline: the organizer's list of attendees says so; what is declined is deleted."""
    uid, day = undated(item.uid)
    day = day if item.slot is None else item.slot.day
    for organizer in (*world.mailboxes, *world.outside.values()):
        own = by_uid(organizer, uid)
        if own is not None and own.is_organizer:
            one = own if day is None else series.instance(organizer, own, day)
            if one is not None:
                told = tuple(
                    person._replace(response=response) if mailbox.has(person.address) else person
                    for person in one.attendees
                )
                exchange.update(world, organizer, one, {"attendees": told})
    after = exchange.update(world, mailbox, item, {"my_response": response, "free_busy": _BUSY[response]})
    return exchange.remove(world, mailbox, after) if response == "Decline" else after


def by_uid(mailbox: Mailbox, uid: str) -> Item | None:
    """The single item or master of this meeting in a calendar."""
    return next((item for item in mailbox.listed() if item.uid == uid), None)


def held_by(mailbox: Mailbox, item: Item) -> Item | None:
    """What a mailbox holds of a meeting or a date of it; None where it holds nothing (any more)."""
    whole = by_uid(mailbox, item.uid)
    if item.slot is None:
        return whole
    return series.instance(mailbox, whole, item.slot.day) if whole else by_uid(mailbox, dated(item.uid, item.slot.day))


def held_by_attendees(world: World, item: Item) -> Iterator[tuple[Mailbox, Item]]:
    """The items by which attendees hold a whole meeting."""
    for mailbox in world.mailboxes:
        theirs = by_uid(mailbox, item.uid)
        if theirs is not None and not theirs.is_organizer:
            yield mailbox, theirs


def attends(item: Item, mailbox: Mailbox) -> bool:
    """Whether an item names the mailbox among its attendees, by whatever address."""
    return any(mailbox.has(one.address) for one in item.attendees)


def addresses_of(item: Item) -> list[str]:
    """Whoever is invited."""
    return [one.address for one in item.attendees]


_BUSY = {"Accept": "Busy", "Tentative": "Tentative", "Decline": "Free"}


def _of_dates(mailbox: Mailbox, master: Item) -> Iterator[tuple[Item, list[str]]]:
    """The exceptions to which others are invited than to the whole series, and these."""
    if master.rule is not None:
        whole = addresses_of(master)
        for exception in series.exceptions(mailbox, master).values():
            yield exception, [address for address in addresses_of(exception) if address not in whole]


def _pass_on(world: World, mailbox: Mailbox, master: Item, joined: list[str], left: list[str]) -> None:
    """Who joins or leaves a series does so on the dates, too, that have a list of attendees of their own."""
    for exception in series.exceptions(mailbox, master).values() if master.rule and (joined or left) else ():
        kept = tuple(one for one in exception.attendees if one.address not in left)
        there = [one.address for one in kept]
        added = tuple(one for one in master.attendees if one.address in joined and one.address not in there)
        if (*kept, *added) != exception.attendees:
            exchange.update(world, mailbox, exception, {"attendees": (*kept, *added)})


def _deliver(world: World, organizer: Mailbox, target: Mailbox, item: Item) -> None:
    there = held_by(target, item)
    fields: dict[str, Any] = {name: getattr(item, name) for name in _SHARED}
    if item.slot is not None:
        del fields["rule"]
    if there is not None:
        exchange.update(world, target, there, {**fields, "is_cancelled": False})
    elif item.slot is not None and by_uid(target, item.uid) is not None:
        return  # The attendee deleted that date.
    else:
        _add(world, target, item, fields)
    for day, exception in series.exceptions(organizer, item).items() if item.rule else ():
        if attends(exception, target):
            _deliver(world, organizer, target, exception)
        elif there is None and (one := series.instance(target, mine(target, item), day)) is not None:
            exchange.remove(world, target, one)


def mine(target: Mailbox, item: Item) -> Item:
    """The series by which an attendee holds a meeting. Raises LookupError."""
    found = by_uid(target, item.uid)
    if found is None:
        raise LookupError(item.uid)
    return found


def _add(world: World, target: Mailbox, item: Item, fields: dict[str, Any]) -> None:
    own = {"is_organizer": False, "organizer": item.organizer, "my_response": "NoResponseReceived"}
    own |= {"free_busy": "Tentative", "uid": item.uid if item.slot is None else dated(item.uid, item.slot.day)}
    if item.slot is None:  # Who is invited to the whole needs the single dates no more.
        own["deleted"] = item.deleted
        for single in [one for one in target.listed() if undated(one.uid)[0] == item.uid]:
            exchange.remove(world, target, single, purge=True)
    exchange.create(world, target, {**fields, **own})


def _cancel(world: World, target: Mailbox, item: Item) -> None:
    there = held_by(target, item)
    if there is None or there.folder is not Folder.CALENDAR:
        return
    if world.options.cancellations_remove:
        exchange.remove(world, target, there)
        return
    subject = CANCELED + there.subject.removeprefix(CANCELED)
    exchange.update(world, target, there, {"is_cancelled": True, "subject": subject, "free_busy": "Free"})
