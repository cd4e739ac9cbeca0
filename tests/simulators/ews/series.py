"""The series of a calendar: their occurrences in a time, one of them by its date, the neighbours of a date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from tests.simulators.common.recurrence import Rule, dates_near, placed

from .errors import EwsError
from .item import Item, Slot
from .mailbox import Mailbox

_FAR = timedelta(days=40 * 366)
_LOOKED_AT = 60


def occurrence(master: Item, day: date) -> Item:
    """The occurrence of a date that the rule has. Its version is its master's."""
    zone = master.start_zone.rules
    start, end = placed(master.start, master.end, zone, day, whole_days=master.all_day)
    name = replace(master.name, day=day)
    return replace(
        master,
        key=f"{master.key}/{day}",
        name=name,
        listed_name=name,
        start=start,
        end=end,
        rule=None,
        deleted=frozenset(),
        slot=Slot(master.key, day, start),
    )


def exceptions(mailbox: Mailbox, master: Item) -> dict[date, Item]:
    """The exceptions that a master has, by their original dates, in order."""
    found = {item.slot.day: item for item in mailbox.exceptions(master.key) if item.live and item.slot is not None}
    return {day: found[day] for day in sorted(found)}


def instance(mailbox: Mailbox, master: Item, day: date) -> Item | None:
    """The occurrence or exception of this original date; None where the series has none (left)."""
    if master.rule is None or day in master.deleted:
        return None
    exception = exceptions(mailbox, master).get(day)
    if exception is None and master.rule.holds(day):
        return occurrence(master, day)
    return exception


def instances(mailbox: Mailbox, master: Item, start: datetime, end: datetime) -> list[Item]:
    """The occurrences and exceptions that take place between those instants, in order."""
    if master.rule is None:
        return []
    changed = exceptions(mailbox, master)
    gone = master.deleted | changed.keys()
    days = dates_near(master.rule, start, end, master.end - master.start)
    found = [occurrence(master, day) for day in days if day not in gone]
    return sorted(
        (item for item in [*found, *changed.values()] if item.overlaps(start, end)), key=lambda item: item.start
    )


def by_index(mailbox: Mailbox, master: Item, index: int) -> Item:
    """The occurrence or exception with this number, counted from 1, deleted ones too. Raises EwsError (G3)."""
    day = None if master.rule is None or index < 1 else next(_skip(_dates(master.rule), index - 1), None)
    if day is None:
        raise EwsError("ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange")
    found = instance(mailbox, master, day)
    if found is None:
        raise EwsError("ErrorCalendarOccurrenceIsDeletedFromRecurrence")
    return found


def first(mailbox: Mailbox, master: Item) -> Item | None:
    """The first occurrence or exception that is left."""
    found = (instance(mailbox, master, day) for day in _dates(master.rule)) if master.rule else ()
    return next((item for item in found if item is not None), None)


def last(mailbox: Mailbox, master: Item) -> Item | None:
    """The last occurrence or exception that is left; None for a series without end."""
    if master.rule is None or master.rule.last() is None:
        return None
    found = (instance(mailbox, master, day) for day in reversed(list(_dates(master.rule))))
    return next((item for item in found if item is not None), None)


def check_boundaries(mailbox: Mailbox, item: Item, start: datetime, end: datetime) -> None:
    """Refuse to move an occurrence to the day of the one before or after it, or over it.

    Those that were deleted count as well. Raises EwsError.
    """
    master = mailbox.current(item.slot.series) if item.slot else None
    if item.slot is None or master is None or master.rule is None:
        raise ValueError("no occurrence")
    moved = {day: local_day(master, one.start) for day, one in exceptions(mailbox, master).items()}
    before, after = master.rule.before(item.slot.day), master.rule.after(item.slot.day)
    day, until = local_day(master, start), local_day(master, max(start, end - timedelta(seconds=1)))
    crossed_before = before is not None and day <= moved.get(before, before)
    if crossed_before or (after is not None and day >= moved.get(after, after)):
        raise EwsError("ErrorOccurrenceCrossingBoundary")
    if after is not None and until > moved.get(after, after):
        raise EwsError("ErrorOccurrenceTimeSpanTooBig", "The occurrence lasts into the next one.")


def check_length(rule: Rule, lasts: timedelta) -> None:
    """Refuse occurrences that last into each other. Raises EwsError (ErrorOccurrenceTimeSpanTooBig)."""
    days = list(_take(_dates(rule), _LOOKED_AT))
    if any(later - earlier < lasts - timedelta(hours=1) for earlier, later in pairwise(days)):
        raise EwsError("ErrorOccurrenceTimeSpanTooBig", "An occurrence lasts longer than the recurrence's interval.")


def local_day(item: Item, moment: datetime) -> date:
    """The date of a moment in the series' zone."""
    return moment.astimezone(item.start_zone.rules).date()


def _dates(rule: Rule) -> Iterator[date]:
    until = rule.last() or rule.first + _FAR
    begin, step = rule.first, timedelta(days=366)
    while begin <= until:
        yield from rule.between(begin, min(until, begin + step))
        begin += step + timedelta(days=1)


def _skip(days: Iterator[date], number: int) -> Iterator[date]:
    for count, day in enumerate(days):
        if count >= number:
            yield day


def _take(days: Iterator[date], number: int) -> Iterator[date]:
    for _, day in zip(range(number), days, strict=False):
        yield day
