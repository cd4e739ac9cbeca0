"""What people may write into events, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any, TypedDict

from . import bodies, series_fields
from .event import Event
from .inputs import canonical_property_id
from .mailbox import Mailbox

Moment = datetime | date
CUSTOM = "tzone://Microsoft/Custom"
"""What Exchange calls a zone that has no name (facts/microsoft.md A4)."""


class EventDetails(TypedDict, total=False):
    """What a person may write into an event, beside its subject and times.

    `body_type` is `text` or `html`. `attendees` are addresses, `optional` those of them who need not come; who is
    among them still keeps the answer that they had given. `organizer` is an address, set where somebody else invited.
    `extended` maps extended properties' ids to values. `zone` is what Exchange calls the zone of the times, instead of
    that zone's own name; a series follows the clock of its start's own zone, whatever that is called.
    `recurrence` is Graph's JSON and makes the event a series; a range without end, an interval of one and Sunday as
    the first day of the week need not be said, and the range begins with the event, whatever its `startDate`.
    """

    all_day: bool
    body: str
    body_type: str
    location: str
    sensitivity: str
    show_as: str
    importance: str
    categories: Iterable[str]
    attendees: Iterable[str]
    optional: Iterable[str]
    organizer: str
    is_cancelled: bool
    ical_uid: str
    recurrence: Mapping[str, Any] | None
    zone: str
    extended: Mapping[str, str]


class EventChanges(EventDetails, total=False):
    """What a person may change in an event."""

    subject: str
    start: Moment
    end: Moment


def fields_of(changes: EventChanges, before: Event | None, mailbox: Mailbox) -> dict[str, Any]:
    """The fields of `Event` that a person sets. Raises ValueError for times that cannot be, GraphError for series."""
    fields: dict[str, Any] = {name: value for name, value in changes.items() if name in _AS_THEY_ARE}
    if "body" in changes:
        as_html = changes.get("body_type", "text") == "html"
        fields["document"] = (bodies.from_html if as_html else bodies.from_text)(changes["body"])
    if "location" in changes:
        fields["location"] = {"displayName": changes["location"]} if changes["location"] else {}
    if "categories" in changes:
        fields["categories"] = tuple(changes["categories"])
    if "organizer" in changes:
        fields["is_organizer"] = changes["organizer"].lower() == mailbox.address.lower()
    if "attendees" in changes:
        optional = frozenset(address.lower() for address in changes.get("optional", ()))
        known = {} if before is None else {_address(one): one for one in before.attendees}
        named = (_attendee(address, optional=address.lower() in optional) for address in changes["attendees"])
        fields["attendees"] = tuple({**one, **_answer(known.get(_address(one)))} for one in named)
    if "extended" in changes:
        given = {canonical_property_id(name): value for name, value in changes["extended"].items()}
        fields["extended"] = tuple({**dict(before.extended if before else ()), **given}.items())
    fields |= _times(changes, before)
    if before is not None and before.slot is not None:
        return series_fields.within_series(fields)
    if fields.get("recurrence") is None:
        return series_fields.settled(fields, before)
    start: datetime = fields["start"] if before is None else fields.get("start", before.start)
    clock = _clock(changes, before)
    all_day = fields.get("all_day", before is not None and before.all_day)
    day = start.date() if all_day or clock is None else start.astimezone(clock[1]).date()
    fields["recurrence"] = _complete(fields["recurrence"], day)
    if clock is not None and "start" in changes and not all_day:
        fields["start_zone"] = fields["end_zone"] = clock[0]
    return series_fields.settled(fields, before, clock)


def _clock(changes: EventChanges, before: Event | None) -> tuple[str, tzinfo] | None:
    """The zone of a series, and its name: that of its start. None: that of before, or of dates."""
    start = changes.get("start")
    if isinstance(start, datetime) and start.tzinfo is not None:
        named = getattr(start.tzinfo, "key", "UTC" if start.tzinfo is UTC else CUSTOM)
        return str(changes.get("zone", named)), start.tzinfo
    if before is not None and before.series_zone is not None and before.recurrence is not None:
        return str(before.recurrence["range"]["recurrenceTimeZone"]), before.series_zone
    return None


def _complete(recurrence: Mapping[str, Any], day: date) -> dict[str, Any]:
    usual = {"interval": 1, "firstDayOfWeek": "sunday"}
    limits = {"type": "noEnd", **(recurrence.get("range") or {}), "startDate": day.isoformat()}
    return {"pattern": {**usual, **(recurrence.get("pattern") or {})}, "range": limits}


_AS_THEY_ARE = frozenset(
    {"subject", "sensitivity", "show_as", "importance", "organizer", "is_cancelled", "ical_uid", "recurrence"}
)


def _attendee(address: str, *, optional: bool) -> dict[str, Any]:
    status = {"response": "none", "time": "0001-01-01T00:00:00Z"}
    named = {"name": address, "address": address}
    return {"type": "optional" if optional else "required", "status": status, "emailAddress": named}


def _address(attendee: Mapping[str, Any]) -> str:
    return str(attendee["emailAddress"]["address"]).lower()


def _answer(attendee: Mapping[str, Any] | None) -> dict[str, Any]:
    return {} if attendee is None else {"status": attendee["status"]}


def _times(changes: EventChanges, before: Event | None) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    moments = [moment for moment in (changes.get("start"), changes.get("end")) if moment is not None]
    if moments or "all_day" in changes:
        only_dates = bool(moments) and not any(isinstance(moment, datetime) for moment in moments)
        fields["all_day"] = changes.get("all_day", only_dates)
    if "start" in changes:
        fields["start"], fields["start_zone"] = _kept(changes["start"], all_day=fields["all_day"])
    if "end" in changes:
        fields["end"], fields["end_zone"] = _kept(changes["end"], all_day=fields["all_day"])
    if "zone" in changes:
        fields |= dict.fromkeys(("start_zone", "end_zone"), changes["zone"])
    if before is not None and fields.get("all_day") and not moments:
        raise ValueError("an event becomes all-day together with its dates")
    return fields


def _kept(moment: Moment, *, all_day: bool) -> tuple[datetime, str]:
    if not isinstance(moment, datetime):
        if not all_day:
            raise ValueError("a timed event needs times, not dates")
        return datetime.combine(moment, time(0), UTC), "UTC"
    if moment.tzinfo is None:
        raise ValueError("times need a zone")
    if all_day:
        return datetime.combine(moment.date(), time(0), UTC), "UTC"
    return moment.astimezone(UTC), str(getattr(moment.tzinfo, "key", "UTC"))
