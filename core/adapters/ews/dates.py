"""One date of a series, written by its number in the series (facts/microsoft.md G3)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

from core.adapters.cancelled import without_it
from core.adapters.ews import drafts, people, requests, times, wire
from core.adapters.ews.mailbox import MailboxCalls
from core.adapters.ews.reader import Reader
from core.adapters.ews.refusals import ItemMissing
from core.adapters.ews.soap import Element
from core.errors import ItemChanged, ItemRefused, OutcomeUnknown, RetryLater, SyncError
from core.model.dates import dates
from core.model.exceptions import DateChange, DateException
from core.model.sighting import Event
from core.model.stretch import Stretch, Timed
from core.model.when import Series

_HALF_A_DAY = timedelta(hours=12)


class Dates:
    """Changes single dates of a mailbox's series. All of one change stays within one write's hard time-out."""

    def __init__(self, calls: MailboxCalls, reader: Reader) -> None:
        self._calls, self._reader = calls, reader

    async def change(self, entry: str, seen: Event | None, change: DateChange, *, announces: bool) -> DateException:
        """See `Calendar.change_date` (core/ports.py). Only what differs from what was seen is sent."""
        deadline, wanted = self._calls.deadline(writes=True), change.wanted
        seen = seen or await self._ordinary(entry, change.day, deadline)
        if seen.is_meeting and not announces:
            raise ItemRefused("meeting", wire.digest(entry))
        told = change.day + timedelta(days=seen.days_apart)
        held, is_exception = seen.essence.on(told), seen.essence.exception(told) is not None
        if held is None or held.is_cancelled:
            return without_it(held, wanted)
        held = replace(held, day=change.day)
        if held == wanted:
            return held
        item = await self._look(entry, _number(seen, told), deadline)
        if item is None:
            if wanted.is_cancelled and await self._is_off(entry, change.day, deadline):
                return wanted
            raise ItemChanged("date_changed", wire.digest(entry))
        if people.is_meeting(item) and not announces:
            raise ItemRefused("meeting", wire.digest(entry))
        if not (_is_date(item, change.original) and _still_is(item, held, exception=is_exception)):
            raise ItemChanged("date_changed", wire.digest(entry))
        self._reader.forget(entry)
        announces = announces and people.is_meeting(item)
        if wanted.is_cancelled:
            with suppress(ItemMissing):  # Somebody else was quicker.
                await self._calls.delete(wire.item_id(item)[0], deadline, announces=announces)
            return wanted
        changes = drafts.date_change(held, wanted, times.zone_of(item), is_online=seen.is_online)
        return await self._write(item, wanted, changes, deadline, announces=announces)

    async def _ordinary(self, entry: str, day: date, deadline: float) -> Event:
        """The series as it is now, if that date is an ordinary one."""
        found = await self._reader.event(entry, deadline)
        if found is None or found.essence.exception(day) is not None:
            raise ItemChanged("date_changed", wire.digest(entry))
        return found

    async def _look(self, entry: str, number: int, deadline: float) -> Element | None:
        return await self._calls.item(requests.date_of_series(entry, number), deadline)

    async def _is_off(self, entry: str, day: date, deadline: float) -> bool:
        """Whether the series itself says that nothing takes place on a date that does not answer."""
        found = await self._reader.event(entry, deadline)
        held = found.essence.on(day) if found is not None else None
        return found is not None and (held is None or held.is_cancelled)

    async def _write(
        self, item: Element, wanted: DateException, changes: list[Element], deadline: float, *, announces: bool
    ) -> DateException:
        """The echo. Raises ItemChanged where somebody else wrote in between."""
        identity, version = wire.item_id(item)
        after = await self._calls.update(identity, version, changes, deadline, announces=announces)
        try:
            again = await self._calls.item(requests.item(after[0] or identity), deadline)
            echo = None if again is None else wire.on_date(again, wanted.day)
        except (ItemRefused, RetryLater) as error:
            raise OutcomeUnknown("echo_unreadable", error.code) from error
        if again is None or echo is None or (wire.item_id(again)[1] != after[1] and echo != wanted):
            raise ItemChanged("date_changed", wire.digest(identity))
        return echo


def _number(seen: Event, told: date) -> int:
    """The number of a date among the series', counted from 1, deleted ones counted too."""
    when = seen.essence.when
    if not isinstance(when, Series):
        raise ItemChanged("no_such_date", wire.digest(seen.id))
    return dates(when.first, when.pattern).index(told) + 1


def _is_date(item: Element, original: Stretch) -> bool:
    """Whether the number led to that date: a series may have become another one since it was seen.

    Other clocks may tell it some hours off, never as far as its neighbour.
    """
    found = times.stamp(item.findtext("{*}OriginalStart") or "")
    if found is None:
        return True
    if isinstance(original, Timed):
        return abs(found - original.start) < _HALF_A_DAY
    return times.day(found, times.zone_of(item)) == original.first


def _still_is(item: Element, held: DateException, *, exception: bool) -> bool:
    """Whether an occurrence that was read just now is as it was seen.

    Other clocks may tell an ordinary date an hour off (R22), so of that the time counts by not having been moved.
    """
    try:
        found = wire.on_date(item, held.day)
    except SyncError:
        return False
    if found == held:
        return True
    both_timed = isinstance(found.when, Timed) and isinstance(held.when, Timed)
    return both_timed and not exception and not _was_moved(item) and replace(found, when=held.when) == held


def _was_moved(item: Element) -> bool:
    original = item.findtext("{*}OriginalStart") or item.findtext("{*}Start")
    return times.stamp(original or "") != times.stamp(item.findtext("{*}Start") or "")
