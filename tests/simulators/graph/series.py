"""The series of a calendar: their occurrences in a window, one of them by its id, the neighbours of a date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo

from tests.simulators.common.recurrence import dates_near, placed

from .errors import GraphError
from .event import Event, Folder, Slot, Window
from .ids import OID_PREFIX, occurrence_id, occurrence_named, occurrence_uid, oid_named
from .mailbox import Mailbox
from .options import Options
from .recurrence import rule_of


@dataclass(frozen=True, slots=True)
class SeriesView:
    """The series of one mailbox; `items` are all its items, now or at a position of its journal."""

    mailbox: Mailbox
    items: Mapping[str, Event]
    options: Options

    def exceptions(self, master: Event) -> dict[date, Event]:
        """The exceptions that a master has, by their original dates."""
        keys = self.mailbox.exception_keys(master.key)
        found = (self.items[key] for key in keys if key in self.items)
        return {event.slot.day: event for event in found if event.live and event.slot is not None}

    def instance(self, master: Event, day: date) -> Event | None:
        """The occurrence or exception of this original date; None where the series has none (left)."""
        if master.recurrence is None or not master.live or day in master.cancelled:
            return None
        exception = self.exceptions(master).get(day)
        if exception is None and rule_of(master.recurrence).holds(day):
            return occurrence(master, day, self.options)
        return exception

    def instances(self, master: Event, window: Window) -> list[Event]:
        """The occurrences and exceptions that take place in the window, in order."""
        exceptions = self.exceptions(master)
        gone = master.cancelled | exceptions.keys()
        found = [event for event in self._planned(master, window) if event.slot and event.slot.day not in gone]
        found += [event for event in exceptions.values() if event.overlaps(window, self.mailbox.zone)]
        return sorted(found, key=lambda event: event.start)

    def shows(self, master: Event, window: Window) -> bool:
        """Whether a delta of the window has the master: for any date of its rule, cancelled or not, or exception."""
        exceptions = self.exceptions(master).values()
        return any(True for _ in self._planned(master, window)) or any(
            event.overlaps(window, self.mailbox.zone) for event in exceptions
        )

    def check_boundaries(self, event: Event, start: datetime) -> None:
        """Refuse to move an occurrence to or over the day of the one before or after it.

        Those that were cancelled count as well, as others have met it. Raises GraphError (400).
        """
        master = self.mailbox.current(event.slot.series) if event.slot else None
        if event.slot is None or master is None or master.recurrence is None:
            raise ValueError("no occurrence")
        rule, moved = rule_of(master.recurrence), {d: local_day(e, e.start) for d, e in self.exceptions(master).items()}
        day, before, after = local_day(event, start), rule.before(event.slot.day), rule.after(event.slot.day)
        crossed_before = before is not None and day <= moved.get(before, before)
        if crossed_before or (after is not None and day >= moved.get(after, after)):
            message = "Modified occurrence is crossing or overlapping adjacent occurrence."
            raise GraphError(400, "ErrorOccurrenceCrossingBoundary", message)

    def _planned(self, master: Event, window: Window) -> Iterator[Event]:
        """All dates of the rule in the window, as if nothing had been changed or cancelled."""
        if master.recurrence is not None:
            lasts = master.end - master.start
            for day in dates_near(rule_of(master.recurrence), window.start, window.end, lasts):
                event = occurrence(master, day, self.options)
                if event.overlaps(window, self.mailbox.zone):
                    yield event


def occurrence(master: Event, day: date, options: Options) -> Event:
    """The occurrence of a date that the rule has. Its version is its master's."""
    start, end = placed(master.start, master.end, clock(master), day)
    return replace(
        master,
        key=f"{master.key}/{day}",
        rest_id=occurrence_id(master.rest_id, day),
        listed_id=occurrence_id(master.listed_id, day),
        immutable_id=occurrence_id(master.immutable_id, day),
        ical_uid=master.ical_uid if options.shared_ical_uid else occurrence_uid(master.ical_uid, day),
        start=start,
        end=end,
        recurrence=None,
        cancelled=frozenset(),
        slot=Slot(master.key, master.rest_id, master.immutable_id, day, start),
    )


def moved_slot(exception: Event, master: Event) -> Slot | None:
    """The slot of an exception in another master."""
    return exception.slot and replace(
        exception.slot,
        series=master.key,
        master_rest_id=master.rest_id,
        master_immutable_id=master.immutable_id,
    )


def clock(event: Event) -> tzinfo:
    """The zone in which a series' dates are meant; those of an all-day one are dates without a zone."""
    return UTC if event.all_day or event.series_zone is None else event.series_zone


def local_day(event: Event, moment: datetime) -> date:
    """The date of a moment in the series' zone."""
    return moment.astimezone(clock(event)).date()


def find(mailbox: Mailbox, event_id: str, options: Options, position: int | None = None) -> Event | None:
    """An item by either form of its id, an occurrence also by its `occurrenceId`.

    The id that an occurrence had before it became an exception leads nowhere; its `occurrenceId` stays.
    """
    named = oid_named(event_id)
    if named is None:
        event = mailbox.find(event_id, position)
        if event is not None:
            return event
        named = occurrence_named(event_id)
    master = None if named is None else mailbox.find(named[0], position)
    if named is None or master is None:
        return None
    event = SeriesView(mailbox, mailbox.items(position), options).instance(master, named[1])
    same = event is not None and (event_id.startswith(OID_PREFIX) or event.kind == "occurrence")
    return event if same else None


def buried(mailbox: Mailbox, master: Event, window: Window, options: Options) -> list[Event]:
    """The occurrences that a deleted series had in the window."""
    view = SeriesView(mailbox, {}, options)
    return [] if master.folder is Folder.CALENDAR else view.instances(master, window)
