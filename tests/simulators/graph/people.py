"""What people do, without HTTP: in Outlook here, in the administrators' portals in administration.py.

Events are named by either form of id; the methods answer the immutable one. Times are aware datetimes (their zone is
kept as the zone of writing), or dates for an all-day event (end exclusive). People's own mails are not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, TypedDict, Unpack

from . import bodies, exchange
from .administration import Administration
from .event import Event
from .inputs import canonical_property_id
from .mailbox import Mailbox

Moment = datetime | date


class EventDetails(TypedDict, total=False):
    """What a person may write into an event, beside its subject and times.

    `body_type` is `text` or `html`; `attendees` are addresses; `organizer` is an address, set where somebody else
    invited; `extended` maps extended properties' ids to values; `recurrence` is Graph's JSON, which makes the event
    a series master: delta lists it as such, plain views do not, and nothing expands it into occurrences yet.
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
    organizer: str
    is_cancelled: bool
    ical_uid: str
    recurrence: Mapping[str, Any] | None
    extended: Mapping[str, str]


class EventChanges(EventDetails, total=False):
    """What a person may change in an event."""

    subject: str
    start: Moment
    end: Moment


class People(Administration):
    """Owners change their calendars, administrators their tenants."""

    def add_event(
        self, mailbox: Mailbox, subject: str, start: Moment, end: Moment, **details: Unpack[EventDetails]
    ) -> str:
        """A new event; answers its immutable id. `ical_uid` makes it the same meeting as in another mailbox."""
        with self._world.lock:
            exchange.settle(self._world, mailbox)
            changes: EventChanges = {**details, "subject": subject, "start": start, "end": end}
            fields = _fields(changes, None, mailbox)
            first, last = fields.pop("start"), fields.pop("end")
            return exchange.create(self._world, mailbox, first, last, fields).immutable_id

    def edit_event(self, event_id: str, **changes: Unpack[EventChanges]) -> Event:
        """Change some of an event's properties; answers the new version. `extended` is merged."""
        with self._world.lock:
            mailbox, event = self._settled(event_id)
            return exchange.update(self._world, mailbox, event, _fields(changes, event, mailbox))

    def move_event(self, event_id: str, start: Moment, end: Moment) -> Event:
        """Move it to other times."""
        return self.edit_event(event_id, start=start, end=end)

    def delete_event(self, event_id: str) -> None:
        """Delete as in Outlook: to Deleted Items, whatever the option `lingering` says."""
        with self._world.lock:
            mailbox, event = self._settled(event_id)
            exchange.remove(self._world, mailbox, event, lingering=True)

    def purge_deleted(self, mailbox: Mailbox) -> None:
        """Empty Deleted Items: the items are not found any more."""
        with self._world.lock:
            for event in mailbox.items().values():
                if event.folder == "deleted_items":
                    exchange.purge(self._world, mailbox, event)

    def copy_event(self, event_id: str, to: Mailbox | None = None) -> str:
        """Copy into the same or another mailbox: new ids, the extended properties too, no transaction id."""
        with self._world.lock:
            mailbox, event = self._settled(event_id)
            kept = (
                "subject", "document", "all_day", "start_zone", "end_zone", "location", "sensitivity", "show_as",
                "importance", "categories", "is_reminder_on", "reminder_minutes", "recurrence", "extended",
            )  # fmt: skip
            fields = {name: getattr(event, name) for name in kept}
            return exchange.create(self._world, to or mailbox, event.start, event.end, fields).immutable_id

    def rehome_event(self, event_id: str) -> str:
        """Give the event other ids, as a move through another store does; its iCalUId and content stay."""
        with self._world.lock:
            mailbox, event = self._settled(event_id)
            kept = {name: getattr(event, name) for name in Event.__slots__ if name not in _GIVEN}
            exchange.purge(self._world, mailbox, event)
            return exchange.create(self._world, mailbox, event.start, event.end, kept).immutable_id

    def events_of(self, mailbox: Mailbox) -> list[Event]:
        """The events in the calendar, by start."""
        with self._world.lock:
            live = (event for event in mailbox.items().values() if event.live)
            return sorted(live, key=lambda event: (event.start, event.created, event.subject))

    def event(self, event_id: str) -> Event:
        """The present version of an item, in Deleted Items too. Raises KeyError."""
        with self._world.lock:
            return self._world.locate(event_id)[1]

    def _settled(self, event_id: str) -> tuple[Mailbox, Event]:
        mailbox, _ = self._world.locate(event_id)
        exchange.settle(self._world, mailbox)
        return self._world.locate(event_id)


_GIVEN = frozenset(
    {"key", "rest_id", "listed_id", "immutable_id", "change_key", "created", "modified", "start", "end", "folder"}
)


def _fields(changes: EventChanges, before: Event | None, mailbox: Mailbox) -> dict[str, Any]:
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
        fields["attendees"] = tuple(_attendee(address) for address in changes["attendees"])
    if "extended" in changes:
        given = {canonical_property_id(name): value for name, value in changes["extended"].items()}
        fields["extended"] = tuple({**dict(before.extended if before else ()), **given}.items())
    return fields | _times(changes, before)


_AS_THEY_ARE = frozenset(
    {"subject", "sensitivity", "show_as", "importance", "organizer", "is_cancelled", "ical_uid", "recurrence"}
)


def _attendee(address: str) -> dict[str, Any]:
    status = {"response": "none", "time": "0001-01-01T00:00:00Z"}
    return {"type": "required", "status": status, "emailAddress": {"name": address, "address": address}}


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
