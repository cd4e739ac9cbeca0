"""What people may write into events, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, TypedDict

from tests.simulators.common.recurrence import Rule

from . import zones
from .item import Attendee, Item, Property
from .mailbox import Mailbox
from .zones import UTC_ZONE, Zone

Moment = datetime | date


class EventDetails(TypedDict, total=False):
    """What a person may write into an event, beside its subject and times.

    `attendees` are addresses: who writes them invites. `zone` is a Windows name, for the zone of the times instead of
    that of start, or any other name for that zone; dates of an all-day event are days of that zone, else of the
    mailbox's. `rule` makes the event a series; it begins with the event, whatever its `first`. `extended` is merged
    into what is there. `organizer` is an address, set where somebody else invited; then nobody is told of anything.
    """

    body: str
    body_type: str
    location: str
    sensitivity: str
    free_busy: str
    importance: str
    categories: Iterable[str]
    attendees: Iterable[str]
    organizer: str
    is_cancelled: bool
    uid: str
    rule: Rule | None
    zone: str
    reminder_is_set: bool
    is_online_meeting: bool
    extended: Mapping[Property, str]


class EventChanges(EventDetails, total=False):
    """What a person may change in an event."""

    subject: str
    start: Moment
    end: Moment


def fields_of(changes: EventChanges, before: Item | None, mailbox: Mailbox) -> dict[str, Any]:
    """The fields of `Item` that a person sets. Raises ValueError for times that cannot be."""
    fields: dict[str, Any] = {name: value for name, value in changes.items() if name in _AS_THEY_ARE}
    if "categories" in changes:
        fields["categories"] = tuple(changes["categories"])
    if "attendees" in changes:
        known = {one.address: one for one in (before.attendees if before else ())}
        fields["attendees"] = tuple(known.get(address, Attendee(address)) for address in changes["attendees"])
    if "organizer" in changes and changes["organizer"].lower() != mailbox.address.lower():
        fields |= {"is_organizer": False, "my_response": "NoResponseReceived"}
    if "extended" in changes:
        fields["extended"] = tuple({**dict(before.extended if before else ()), **changes["extended"]}.items())
    fields |= _times(changes, before, mailbox)
    rule = changes.get("rule")
    if rule is not None:
        start: datetime = fields["start"] if before is None else fields.get("start", before.start)
        zone: Zone = fields.get("start_zone", getattr(before, "start_zone", UTC_ZONE))
        fields["rule"] = replace(rule, first=start.astimezone(zone.rules).date())
    return fields


_AS_THEY_ARE = frozenset(
    {"subject", "body", "body_type", "location", "sensitivity", "free_busy", "importance", "uid", "rule",
     "reminder_is_set", "is_online_meeting", "organizer", "is_cancelled"}
)  # fmt: skip


def _times(changes: EventChanges, before: Item | None, mailbox: Mailbox) -> dict[str, Any]:
    given = {name: changes[name] for name in ("start", "end") if name in changes}
    fields: dict[str, Any] = {}
    if given:
        fields["all_day"] = all(not isinstance(moment, datetime) for moment in given.values())
    zone = _zone(changes, before, mailbox, all_day=fields.get("all_day", False))
    if zone is not None:
        fields |= {"start_zone": zone, "end_zone": zone}
    for name, moment in given.items():
        if not isinstance(moment, datetime):
            fields[name] = datetime.combine(moment, time(), (zone or UTC_ZONE).rules).astimezone(UTC)
        elif moment.tzinfo is None:
            raise ValueError("times need a zone")
        else:
            fields[name] = moment.astimezone(UTC)
    return fields


def _zone(changes: EventChanges, before: Item | None, mailbox: Mailbox, *, all_day: bool) -> Zone | None:
    """The zone of the times; None: that of before."""
    name = changes.get("zone")
    if name is None and all_day:
        if before is not None and before.all_day:
            return before.start_zone
        name = mailbox.zone
    if name is not None:
        found, begins = zones.known(name), changes.get("start")
        if found is None and isinstance(begins, datetime) and begins.tzinfo is not None:
            return Zone(name, begins.tzinfo)
        if found is None:
            raise ValueError(f"Windows knows no zone {name!r}")
        return found
    start = changes.get("start")
    return zones.of(start.tzinfo) if isinstance(start, datetime) else None
