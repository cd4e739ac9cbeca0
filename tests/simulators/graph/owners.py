"""What the owner of a mailbox does in Outlook, without HTTP; what is special to meetings is in organizers.py.

Events are named by either form of id, occurrences also by their `occurrenceId`; the methods answer the immutable one.
Times are aware datetimes (their zone is kept as the zone of writing), or dates for an all-day event (end exclusive).
People's own mails are not counted. An organizer who changes or deletes a meeting tells the attendees: the events by
which they hold it follow.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Unpack

from . import exchange, meetings, online, recurrence
from .administration import Administration
from .details import EventChanges, EventDetails, Moment, fields_of
from .event import Event, Folder, Window
from .ids import oid
from .mailbox import Mailbox
from .series import SeriesView, moved_slot, occurrence


class Owners(Administration):
    """Owners change their calendars, administrators their tenants."""

    def add_event(
        self, mailbox: Mailbox, subject: str, start: Moment, end: Moment, **details: Unpack[EventDetails]
    ) -> str:
        """A new event; answers its immutable id. `ical_uid` makes it the same meeting as in another mailbox.

        Attendees are only named: `organize_meeting` invites them.
        """
        with self._world.lock:
            meetings.settle(self._world, mailbox)
            changes: EventChanges = {**details, "subject": subject, "start": start, "end": end}
            fields = fields_of(changes, None, mailbox)
            first, last = fields.pop("start"), fields.pop("end")
            return exchange.create(self._world, mailbox, first, last, fields).immutable_id

    def edit_event(self, event_id: str, **changes: Unpack[EventChanges]) -> Event:
        """Change some of an event's properties; answers the new version. `extended` is merged.

        One occurrence of a series becomes an exception, with another id. A series whose times change loses its
        exceptions and cancellations. Raises GraphError for what Exchange refuses.
        """
        with self._world.lock:
            mailbox, event = self._settled(event_id)
            fields = online.written_in_outlook(fields_of(changes, event, mailbox), event)
            return meetings.update(self._world, mailbox, event, fields)

    def move_event(self, event_id: str, start: Moment, end: Moment) -> Event:
        """Move it to other times."""
        return self.edit_event(event_id, start=start, end=end)

    def delete_event(self, event_id: str) -> None:
        """Delete as in Outlook: to Deleted Items, whatever the option `lingering` says; cancel an occurrence.

        The organizer's deletion cancels the meeting or the date for all; an attendee's is no answer, and tells nobody.
        """
        with self._world.lock:
            mailbox, event = self._settled(event_id)
            meetings.remove(self._world, mailbox, event, lingering=True)

    def edit_occurrence(self, series_id: str, day: date, **changes: Unpack[EventChanges]) -> Event:
        """Change the occurrence of an original date, in the series' own zone; answers the exception.

        Raises KeyError where the series has no such date (any more), GraphError for what Exchange refuses.
        """
        return self.edit_event(oid(series_id, day), **changes)

    def cancel_occurrence(self, series_id: str, day: date) -> None:
        """Delete one occurrence or exception. Raises KeyError as `edit_occurrence`."""
        self.delete_event(oid(series_id, day))

    def split_series(self, series_id: str, day: date, **changes: Unpack[EventChanges]) -> str:
        """Change "this and following": the series ends before the date; answers the new series' immutable id.

        The new one has the rule from that date on, or the `recurrence` given; what is left of a number of times. What
        was changed or cancelled before the date stays so in the old one, what was so after it is forgotten. The first
        date of a series cannot be one: ValueError.
        """
        with self._world.lock:
            mailbox, _ = self._settled(oid(series_id, day))
            _, master = self._world.locate(series_id)
            first = replace(occurrence(master, day, self._world.options), slot=None)
            rest: EventChanges = {"recurrence": recurrence.rest(master.recurrence or {}, day), **changes}
            kept = {name: getattr(master, name) for name in (*_COPIED, *_OF_A_MEETING)}
            kept |= fields_of(rest, first, mailbox)
            meetings.cut(self._world, mailbox, master, day)
            start, end = kept.pop("start"), kept.pop("end")
            return meetings.create(self._world, mailbox, start, end, kept).immutable_id

    def occurrences_of(self, series_id: str, first: date, last: date) -> list[Event]:
        """The occurrences and exceptions of a series that take place from one date to another, in UTC, inclusive."""
        with self._world.lock:
            mailbox, master = self._world.locate(series_id)
            bounds = (datetime.combine(day, time(), UTC) for day in (first, last + timedelta(days=1)))
            view = SeriesView(mailbox, mailbox.items(), self._world.options)
            return view.instances(master, Window(*bounds)) if master.live else []

    def purge_deleted(self, mailbox: Mailbox) -> None:
        """Empty Deleted Items: the items are not found any more."""
        with self._world.lock:
            for event in mailbox.items().values():
                if event.folder == "deleted_items":
                    exchange.purge(self._world, mailbox, event)

    def copy_event(self, event_id: str, to: Mailbox | None = None) -> str:
        """Copy into the same or another mailbox: new ids, the extended properties too, no transaction id.

        A series is copied without its exceptions and cancellations, an occurrence as a single event.
        """
        with self._world.lock:
            mailbox, event = self._settled(event_id)
            fields = {name: getattr(event, name) for name in _COPIED}
            return exchange.create(self._world, to or mailbox, event.start, event.end, fields).immutable_id

    def rehome_event(self, event_id: str) -> str:
        """Give the event other ids, as a move through another store does; its iCalUId and content stay."""
        with self._world.lock:
            mailbox, event = self._settled(event_id)
            if event.slot is not None:
                raise ValueError("an occurrence has no home of its own")
            kept = {name: getattr(event, name) for name in Event.__slots__ if name not in _GIVEN}
            changed = exchange.exceptions(self._world, mailbox, event)
            exchange.purge(self._world, mailbox, event)
            new = exchange.create(self._world, mailbox, event.start, event.end, kept)
            for exception in changed:
                kept = {name: getattr(exception, name) for name in Event.__slots__ if name not in _GIVEN}
                kept["slot"] = moved_slot(exception, new)
                exchange.create(self._world, mailbox, exception.start, exception.end, kept)
            return new.immutable_id

    def events_of(self, mailbox: Mailbox) -> list[Event]:
        """The single events and the series in the calendar, by start; `occurrences_of` has the dates of series."""
        with self._world.lock:
            live = (event for event in mailbox.items().values() if event.live and event.slot is None)
            return sorted(live, key=lambda event: (event.start, event.created, event.subject))

    def deleted_of(self, mailbox: Mailbox) -> list[Event]:
        """The single events and the series in Deleted Items."""
        with self._world.lock:
            return [e for e in mailbox.items().values() if e.folder is Folder.DELETED_ITEMS and e.slot is None]

    def event(self, event_id: str) -> Event:
        """The present version of an item, in Deleted Items too. Raises KeyError."""
        with self._world.lock:
            return self._world.locate(event_id)[1]

    def _settled(self, event_id: str) -> tuple[Mailbox, Event]:
        mailbox, _ = self._world.locate(event_id)
        meetings.settle(self._world, mailbox)
        return self._world.locate(event_id)


_COPIED = (
    "subject", "document", "all_day", "start_zone", "end_zone", "location", "sensitivity", "show_as", "importance",
    "categories", "is_reminder_on", "reminder_minutes", "recurrence", "series_zone", "extended",
)  # fmt: skip
_OF_A_MEETING = ("attendees", "organizer", "is_organizer", "response_requested", "join_url")
_GIVEN = frozenset(
    {"key", "rest_id", "listed_id", "immutable_id", "change_key", "created", "modified", "start", "end", "folder"}
)
