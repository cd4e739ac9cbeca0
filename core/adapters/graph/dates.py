"""One date of a series, written by its id `OID.<series>.<date>` (facts/microsoft.md A3)."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

from core.adapters.cancelled import without_it
from core.adapters.graph import drafts, people, recurrence, wire
from core.adapters.graph.api import GraphApi
from core.adapters.graph.failures import ItemMissing
from core.adapters.graph.reader import Reader
from core.adapters.graph.series import on_date, seen_on, still_is
from core.adapters.zones import UNKNOWN
from core.errors import ItemChanged, ItemRefused, OutcomeUnknown, SyncError
from core.model.exceptions import DateChange, DateException
from core.model.sighting import Event


class Dates:
    """Changes single dates of a mailbox's series. All of one change stays within one write's hard time-out."""

    def __init__(self, api: GraphApi, mailbox: str, reader: Reader) -> None:
        self._api, self._mailbox, self._reader = api, mailbox, reader

    async def change(self, entry: str, seen: Event | None, change: DateChange, *, announces: bool) -> DateException:
        """See `Calendar.change_date` (core/ports.py). Only what differs from what was seen is sent."""
        deadline, wanted = self._api.deadline(writes=True), change.wanted
        seen = seen or await self._ordinary(entry, change.day, deadline)
        if seen.is_meeting and not announces:
            raise ItemRefused("meeting", wire.digest(entry))
        held, is_exception = seen_on(seen, change.day)
        if held is None or held.is_cancelled:
            return without_it(held, wanted)
        body = drafts.date_change(held, wanted, is_online=seen.is_online)
        if not body and not wanted.is_cancelled:
            return held
        item = await self._look(entry, await self._named(seen, change.day, deadline), deadline)
        if item is None:
            if wanted.is_cancelled and await self._is_off(entry, change.day, deadline):
                return wanted
            raise ItemChanged("date_changed", wire.digest(entry))
        if people.is_meeting(item) and not announces:
            raise ItemRefused("meeting", wire.digest(entry))
        if not still_is(item, held, exception=is_exception):
            raise ItemChanged("date_changed", wire.digest(entry))
        self._reader.forget(entry)
        if wanted.is_cancelled:
            return await self._cancel(item, wanted, deadline)
        return await self._write(item, change.day, body, deadline)

    async def _ordinary(self, entry: str, day: date, deadline: float) -> Event:
        """The series as it is now, if that date is an ordinary one."""
        found = await self._reader.event(entry, deadline)
        if found is None or found.essence.exception(day) is not None:
            raise ItemChanged("date_changed", wire.digest(entry))
        return found

    async def _named(self, seen: Event, day: date, deadline: float) -> date:
        """The date as Graph names it: of a series whose zone nobody knows it may be the neighbour."""
        if UNKNOWN not in seen.remarks:
            return day
        item = await self._reader.item(seen.id, deadline)
        if item is None:
            raise ItemChanged("date_changed", wire.digest(seen.id))
        return day - timedelta(days=recurrence.days_apart(item))

    async def _look(self, entry: str, day: date, deadline: float) -> wire.Json | None:
        return await self._reader.item(recurrence.occurrence_id(entry, day), deadline)

    async def _is_off(self, entry: str, day: date, deadline: float) -> bool:
        """Whether the series itself says that nothing takes place on a date that does not answer."""
        found = await self._reader.event(entry, deadline)
        held = found.essence.on(day) if found is not None else None
        return found is not None and (held is None or held.is_cancelled)

    async def _cancel(self, item: wire.Json, wanted: DateException, deadline: float) -> DateException:
        with suppress(ItemMissing):  # Somebody else was quicker.
            await self._api.fetch(self._api.requests.delete(self._mailbox, item["id"]), _nothing, deadline)
        return wanted

    async def _write(self, item: wire.Json, day: date, body: wire.Json, deadline: float) -> DateException:
        call = self._api.requests.update(self._mailbox, item["id"], wire.version_of(item), body)
        made = await self._api.fetch(call, wire.document, deadline)
        try:
            return await self._as_text(made, day) if wire.brings_html(made) else on_date(made, day)
        except SyncError as error:
            raise OutcomeUnknown("echo_unreadable", error.code) from error

    async def _as_text(self, made: wire.Json, day: date) -> DateException:
        """The echo with its text as later answers bring it."""
        again = await self._reader.item(str(made.get("id")))
        if again is None or not still_is({**again, "body": made["body"]}, on_date(made, day), exception=True):
            raise ItemChanged("date_changed", wire.digest(str(made.get("id"))))
        return on_date(again, day)


def _nothing(_: bytes) -> None:
    """The answer of a DELETE."""
