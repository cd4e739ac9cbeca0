"""A mailbox's default calendar through Graph: the port `MailboxCalendar`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

from core.adapters.graph import drafts, quirks, wire
from core.adapters.graph.api import GraphApi
from core.adapters.graph.changes import Changes
from core.adapters.graph.dates import Dates
from core.adapters.graph.failures import ItemMissing
from core.adapters.graph.reader import Reader
from core.adapters.graph.requests import Call
from core.errors import ItemChanged, ItemRefused, OutcomeUnknown, SyncError
from core.model.essence import Field
from core.model.exceptions import DateChange, DateException
from core.model.ids import MailboxId
from core.model.operation import Draft
from core.model.rows import Page, Stamp
from core.model.sighting import Event, Shape, Snapshot
from core.model.uid import meeting_uid, spellings
from core.model.when import Window


class GraphCalendar:
    """The calendar of one mailbox, by its Entra object id. It is meant for one run: views remember series.

    A series is one sighting, with its exceptions, in its own zone; its version is that of the master. Entries that
    cannot be read are left out of pages and views, and logged by code and digest of the id; a view that lacks one says
    that it is not complete. A read of such an entry raises ItemRefused.
    """

    def __init__(self, api: GraphApi, mailbox: MailboxId, page_size: int = quirks.PAGE_SIZE) -> None:
        self._api = api
        self._mailbox = mailbox
        self._reader = Reader(api, mailbox, page_size)
        self._dates = Dates(api, mailbox, self._reader)
        self._changes = Changes(api, mailbox, self._reader, page_size)

    # --- reading ------------------------------------------------------------------------------------------------------
    def changes(self, cursor: str | None, window: Window) -> AsyncIterator[Page]:
        """See the port and `Changes.round`."""
        return self._changes.round(cursor, window)

    async def view(self, window: Window, *, series: bool = True) -> Snapshot[Event]:
        """See the port. A window too long for Graph is looked through in pieces (P55).

        A series that was read before is shown as it was then. Without `series` none is shown.
        """
        found: dict[str, Event] = {}
        shown: dict[str, None] = {}
        complete = True
        start = window.start
        while start < window.end:
            end = min(start + quirks.MAX_VIEW, window.end)
            async for page in self._reader.view(Window(start, end)):
                found.update((event.id, event) for event in page.events)
                shown |= dict.fromkeys(page.series)
                complete = complete and not page.refused
            start = end
        if series:
            whole = await self._reader.series(shown, known=True)
            found.update((event.id, event) for event in whole.events)
            complete = complete and not whole.refused
        return Snapshot(window, tuple(found.values()), complete)

    async def later(self, after: datetime) -> Snapshot[Event]:
        """See the port. What comes after some thousand entries is left out, and the snapshot is not complete then."""
        found: dict[str, Event] = {}
        shown: dict[str, None] = {}
        complete = True
        async for page in self._reader.where(f"start/dateTime ge '{drafts.query_time(after)}'"):
            found.update((event.id, event) for event in page.events)
            shown |= dict.fromkeys(page.series)
            complete = complete and not page.refused
            if page.next_link and len(found) + len(shown) >= quirks.MOST_LATER:
                complete = False
                break
        whole = await self._reader.series(shown, known=True)
        found.update((event.id, event) for event in whole.events)
        return Snapshot(Window(after, after), tuple(found.values()), complete and not whole.refused)

    async def read(self, entry: str) -> Event | None:
        """The event by its id, mark read, whole. One in Deleted Items may go on answering: `verify` tells (quirks.py).

        An occurrence that is asked for by its own id is told as such, without its series.
        """
        return await self._reader.event(entry)

    async def verify(self, entry: str, witness: str) -> Event | None:
        """None where the item answers that it is gone, or where a view of its own dates lacks it (R19).

        A series without a date that takes place is taken to be alive as long as it answers: no view would show it.
        `witness` is not needed here: an item's own answer says more.
        """
        del witness
        found = await self._reader.event(entry)
        return None if found is None or await self._reader.lingers(found) else found

    async def find_meeting(self, uid: str) -> Event | None:
        """See the port. The uid of a single date finds the event of somebody who is invited to that date only."""
        for spelling in spellings(uid):
            quoted = spelling.replace("'", "''")
            async for page in self._reader.where(f"iCalUId eq '{quoted}'"):
                for event in page.events:
                    if meeting_uid(event.uid) == meeting_uid(uid):
                        return event
                for series in (await self._reader.series(page.series, known=True)).events:
                    if meeting_uid(series.uid) == meeting_uid(uid):
                        return series
        return None

    # --- writing ------------------------------------------------------------------------------------------------------
    async def create(self, draft: Draft, stamp: Stamp) -> Event:
        """The new event. Graph answers a second create of the same transaction with the first event (P01).

        That one may be a series with exceptions by now, so a series is always read after its create.
        """
        call = self._api.requests.create(self._mailbox, drafts.creation(draft, stamp))
        made = await self._write(call, dates=True)
        return replace(made, mark=stamp.mark, mark_read=True)

    async def update(self, seen: Event, draft: Draft, fields: frozenset[str]) -> Event:
        """Only those fields, if the event is still of the version seen.

        The answer to the write says nothing of a series' dates: where they may have changed, it is read after it.
        Raises ItemRefused (`meeting`) for an event with attendees, unless the draft announces: Graph mails them (R16).
        """
        if seen.is_meeting and not draft.announces:
            raise ItemRefused("meeting", wire.digest(seen.id))
        if not fields:
            return seen
        body = drafts.change(seen, draft, fields)
        self._reader.forget(seen.id)
        call = self._api.requests.update(self._mailbox, seen.id, seen.version, body)
        made = await self._write(call, dates=Field.TIME in fields or bool(seen.essence.exceptions))
        return replace(made, mark=seen.mark, mark_read=seen.mark_read)

    async def change_date(
        self, entry: str, seen: Event | None, change: DateChange, *, announces: bool = False
    ) -> DateException:
        """See the port; dates are named by the series' own clocks (`seen` tells by which it is told).

        It is looked at just before, since DELETE ignores If-Match. A text is never written to an online meeting: other
        changes are made without it. Raises ItemRefused as `update` and `drafts.date_change` do, too.
        """
        return await self._dates.change(entry, seen, change, announces=announces)

    async def delete(self, seen: Event, *, announces: bool = False) -> None:
        """To Deleted Items, after a fresh look, since DELETE ignores If-Match (facts/microsoft.md B).

        An event whose version moved while its content did not is deleted: Exchange writes on its own accord. Raises
        ItemRefused (`meeting`) as `update` does. All of it stays within one write's hard time-out.
        """
        deadline = self._api.deadline(writes=True)
        fresh = await self._reader.event(seen.id, deadline)
        if fresh is None:
            return
        if (seen.is_meeting or fresh.is_meeting) and not announces:
            raise ItemRefused("meeting", wire.digest(seen.id))
        if fresh.version != seen.version:
            if fresh.essence != seen.essence:
                raise ItemChanged("changed_meanwhile", wire.digest(seen.id))
            if await self._reader.lingers(fresh, deadline):
                return
        self._reader.forget(seen.id)
        try:
            await self._api.fetch(self._api.requests.delete(self._mailbox, seen.id), _nothing, deadline)
        except ItemMissing:
            return
        except ItemRefused:
            # a second DELETE of what is already in Deleted Items
            if not await self._reader.lingers(fresh, deadline):
                raise

    # --- within -------------------------------------------------------------------------------------------------------
    async def _write(self, call: Call, *, dates: bool) -> Event:
        """The echo, with what a series has left of its dates where they may have changed."""
        item = await self._api.fetch(call, wire.document)
        try:
            made, html = wire.event(item), wire.brings_html(item)
            if html or (dates and made.shape is Shape.SERIES):
                return await self._read_again(made, with_text=html)
            return made
        except SyncError as error:
            raise OutcomeUnknown("echo_unreadable", error.code) from error

    async def _read_again(self, made: Event, *, with_text: bool) -> Event:
        """The echo as later answers bring it. Raises RetryLater where somebody else wrote meanwhile."""
        again = await self._reader.event(made.id)
        if again is not None:
            text = made.essence.text if with_text else again.essence.text
            private = again.essence.private
            if any(one.when is not None for one in again.essence.exceptions):
                private = private and made.essence.private  # One of its dates may be what makes it private.
            told = replace(again.essence, text=text, private=private)
            if replace(told, exceptions=()) == replace(made.essence, exceptions=()):
                return again
        raise ItemChanged("changed_meanwhile", wire.digest(made.id))


def _nothing(_: bytes) -> None:
    """The answer of a DELETE."""
