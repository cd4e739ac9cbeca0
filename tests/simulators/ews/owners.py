"""What the owner of a mailbox does in Outlook, without HTTP; what is special to meetings is in organizers.py.

Events are named by any id that they have or had, occurrences also by their series' id and original date. The methods
answer the ids that the items have then: they change when an item moves (facts/microsoft.md G3). Times are aware
datetimes, or dates for an all-day event (end exclusive). People's own mails are not counted.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Unpack

from . import exchange, ids, meetings, recurrence, series
from .administration import Administration
from .details import EventChanges, EventDetails, Moment, fields_of
from .item import Folder, Item
from .mailbox import Mailbox


class Owners(Administration):
    """Owners change their calendars, administrators their server. Raises EwsError for what Exchange refuses."""

    def add_event(
        self, mailbox: Mailbox, subject: str, start: Moment, end: Moment, **details: Unpack[EventDetails]
    ) -> str:
        """A new event; answers its id. With `attendees` it is a meeting, and the organizer invites them."""
        with self._world.lock:
            changes: EventChanges = {**details, "subject": subject, "start": start, "end": end}
            return self._make(mailbox, fields_of(changes, None, mailbox)).item_id

    def edit_event(self, event_id: str, **changes: Unpack[EventChanges]) -> Item:
        """Change some of an event's properties; answers the new version. An organizer's attendees are told.

        One occurrence of a series becomes an exception. A series whose times change loses its exceptions and
        deletions.
        """
        with self._world.lock:
            mailbox, before = self._find(event_id)
            after = exchange.update(self._world, mailbox, before, fields_of(changes, before, mailbox))
            meetings.tell(self._world, mailbox, before, after)
            return after

    def move_event(self, event_id: str, start: Moment, end: Moment) -> Item:
        """Move it to other times."""
        return self.edit_event(event_id, start=start, end=end)

    def delete_event(self, event_id: str, *, purge: bool = False) -> None:
        """Delete: to Deleted Items, or with `purge` for good; an occurrence from its series. Nobody is told."""
        with self._world.lock:
            mailbox, item = self._find(event_id)
            exchange.remove(self._world, mailbox, item, purge=purge)

    def cancel_event(self, event_id: str) -> None:
        """The organizer cancels a meeting, or one occurrence: the attendees are told, then it is deleted."""
        with self._world.lock:
            mailbox, item = self._find(event_id)
            meetings.cancel(self._world, mailbox, item)
            exchange.remove(self._world, mailbox, item)

    def respond(self, event_id: str, response: str) -> Item:
        """An attendee answers a meeting, or one occurrence: `Accept`, `Tentative`, or `Decline`, which deletes it."""
        with self._world.lock:
            mailbox, item = self._find(event_id)
            return meetings.respond(self._world, mailbox, item, response)

    def edit_occurrence(self, series_id: str, day: date, **changes: Unpack[EventChanges]) -> Item:
        """Change the occurrence of an original date, in the series' own zone; answers the exception.

        Raises KeyError where the series has no such date (any more).
        """
        return self.edit_event(self.occurrence_id(series_id, day), **changes)

    def delete_occurrence(self, series_id: str, day: date) -> None:
        """Delete one occurrence or exception. Raises KeyError as `edit_occurrence`."""
        self.delete_event(self.occurrence_id(series_id, day))

    def occurrence_id(self, series_id: str, day: date) -> str:
        """The id of the occurrence of an original date."""
        with self._world.lock:
            return replace(self._world.locate(ids.parse(series_id))[1].name, day=day).text

    def split_series(self, series_id: str, day: date, **changes: Unpack[EventChanges]) -> str:
        """Change "this and following": the series ends before the date; answers the new series' id.

        What was changed or deleted from the date on is forgotten. The first date of a series cannot be one: ValueError.
        """
        with self._world.lock:
            mailbox, one = self._find(self.occurrence_id(series_id, day))
            master = mailbox.current(one.slot.series if one.slot else "")
            if master.rule is None:
                raise ValueError("no series")
            first = replace(series.occurrence(master, day), slot=None)
            rest: EventChanges = {"rule": recurrence.rest(master.rule, day), **changes}
            kept = {name: getattr(first, name) for name in (*_COPIED, "attendees")} | fields_of(rest, first, mailbox)
            exchange.cut(self._world, mailbox, master, day)
            for theirs, held in meetings.held_by_attendees(self._world, master):
                exchange.cut(self._world, theirs, held, day)
            return self._make(mailbox, kept).item_id

    def copy_event(self, event_id: str, to: Mailbox | None = None) -> str:
        """Copy into the same or another mailbox: new id and UID, extended properties too; without exceptions."""
        with self._world.lock:
            mailbox, item = self._find(event_id)
            fields = {name: getattr(item, name) for name in _COPIED}
            return exchange.create(self._world, to or mailbox, fields).item_id

    def rehome_event(self, event_id: str) -> str:
        """Take it out of the calendar and bring it back: another id, the same UID and content, exceptions too."""
        with self._world.lock:
            mailbox, item = self._find(event_id)
            return exchange.rename(self._world, mailbox, item).item_id

    def restore_event(self, event_id: str) -> str:
        """Bring it back from Deleted Items, under another id again."""
        with self._world.lock:
            mailbox, item = self._find(event_id)
            return exchange.move(self._world, mailbox, item, Folder.CALENDAR).item_id

    def mark_read(self, event_id: str, *, is_read: bool) -> None:
        """Change the read flag, which is no new version."""
        with self._world.lock:
            mailbox, item = self._find(event_id)
            exchange.mark_read(mailbox, item, is_read=is_read)

    def touch_event(self, event_id: str) -> Item:
        """Let Exchange's own assistants write it once more: another version, the same content."""
        with self._world.lock:
            mailbox, item = self._find(event_id)
            return exchange.update(self._world, mailbox, item, {})

    def purge_deleted(self, mailbox: Mailbox) -> None:
        """Empty Deleted Items."""
        with self._world.lock:
            for item in mailbox.listed(Folder.DELETED_ITEMS):
                exchange.remove(self._world, mailbox, item, purge=True)

    def events_of(self, mailbox: Mailbox, folder: Folder = Folder.CALENDAR) -> list[Item]:
        """The single events and the series in a folder, by start; `occurrences_of` has the dates of series."""
        with self._world.lock:
            return sorted(mailbox.listed(folder), key=lambda item: (item.start, item.created, item.subject))

    def occurrences_of(self, series_id: str, first: date, last: date) -> list[Item]:
        """The occurrences and exceptions of a series that take place from one date to another, in UTC, inclusive."""
        with self._world.lock:
            mailbox, master = self._world.locate(ids.parse(series_id))
            start, end = (datetime.combine(day, time(), UTC) for day in (first, last + timedelta(days=1)))
            return series.instances(mailbox, master, start, end) if master.live else []

    def event(self, event_id: str) -> Item:
        """The present version of an item, wherever it is. Raises KeyError."""
        with self._world.lock:
            return self._find(event_id)[1]

    def _make(self, mailbox: Mailbox, fields: dict[str, Any], held: frozenset[str] = frozenset()) -> Item:
        """A new event; where it is the owner's own meeting, its attendees are invited, those `held` later."""
        invited = [one.address for one in fields.get("attendees", ()) if fields.get("is_organizer", True)]
        item = exchange.create(self._world, mailbox, {**fields, "request_was_sent": bool(invited)})
        meetings.send(self._world, mailbox, item, "invitation", invited, held=held)
        return item

    def _find(self, event_id: str) -> tuple[Mailbox, Item]:
        name = ids.parse(event_id)
        mailbox, found = self._world.locate(name)
        if name.day is None:
            return mailbox, found
        one = series.instance(mailbox, found, name.day) if found.live else None
        if one is None:
            raise KeyError(event_id)
        return mailbox, one


_COPIED = (
    "start", "end", "start_zone", "end_zone", "all_day", "subject", "body", "body_type", "location", "sensitivity",
    "free_busy", "importance", "categories", "reminder_is_set", "reminder_minutes", "rule", "extended",
)  # fmt: skip
