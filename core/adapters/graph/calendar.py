"""A mailbox's default calendar through Graph: the port `MailboxCalendar`."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from dataclasses import replace

from core.adapters.graph import drafts, quirks, wire
from core.adapters.graph.api import GraphApi
from core.adapters.graph.failures import ItemMissing
from core.adapters.graph.requests import Call
from core.adapters.graph.rounds import Progress
from core.errors import CursorGone, ItemChanged, ItemRefused, OutcomeUnknown, RetryLater, Stop, SyncError
from core.model.essence import Field
from core.model.ids import MailboxId
from core.model.operation import Draft
from core.model.rows import Page, Stamp
from core.model.sighting import Event, Shape, Snapshot
from core.model.when import Window, around

_log = logging.getLogger(__name__)


class GraphCalendar:
    """The calendar of one mailbox, by its Entra object id.

    Entries that cannot be read are left out of pages and views, and logged by code and digest of the id; a view that
    lacks one says that it is not complete. A read of such an entry raises ItemRefused.
    """

    def __init__(self, api: GraphApi, mailbox: MailboxId, page_size: int = quirks.PAGE_SIZE) -> None:
        self._api = api
        self._mailbox = mailbox
        self._page_size = page_size

    async def changes(self, cursor: str | None, window: Window) -> AsyncIterator[Page]:
        """One round of `calendarView/delta`, page by page; the cursor is the whole delta link, opaque.

        Every page of a round without a cursor is `full`. An entry may come twice in a round: the last one counts. Marks
        are not read. A round that never ends is given up for a plain listing, in `full` pages that end without a
        cursor: the next round is full then. Raises CursorGone for a cursor that is no longer known.
        """
        if cursor is not None and not self._api.follows(cursor):
            raise CursorGone("cursor_of_another_host")
        call = self._first(cursor, window)
        progress, full = Progress(), cursor is None
        while True:
            page = await self._delta(call, full=full)
            self._tell(page)
            if page.next_link is None:
                yield Page(page.events, page.removed, self._checked(page.delta_link), full=full, last=True)
                return
            call = self._api.requests.follow_delta(self._mailbox, self._checked(page.next_link), self._page_size)
            yield Page(page.events, page.removed, full=full)
            if progress.stalls(page.fingerprint):
                _log.warning("a delta round never ends: listing instead")
                break
        async for page in self._listing(window):
            yield Page(page.events, full=True, last=page.next_link is None)

    async def view(self, window: Window) -> Snapshot[Event]:
        """Single events and occurrences, marks read; a window too long for Graph is looked through in pieces (P55)."""
        found: dict[str, Event] = {}
        complete = True
        start = window.start
        while start < window.end:
            end = min(start + quirks.MAX_VIEW, window.end)
            async for page in self._listing(Window(start, end)):
                found.update((event.id, event) for event in page.events)
                complete = complete and not page.refused
            start = end
        return Snapshot(window, tuple(found.values()), complete)

    async def read(self, entry: str) -> Event | None:
        """The event by its id, mark read. One in Deleted Items may go on answering: `verify` tells (quirks.py)."""
        return await self._read(entry)

    async def verify(self, entry: str, witness: str) -> Event | None:
        """None where the item answers that it is gone, or where a view of its own dates lacks it (R19).

        An entry that recurs is taken to be alive as long as it answers: a view shows its occurrences, not itself.
        `witness` is not needed here: an item's own answer says more.
        """
        del witness
        found = await self._read(entry)
        return None if found is None or await self._lingers(found) else found

    async def create(self, draft: Draft, stamp: Stamp) -> Event:
        """The new event. Graph answers a second create of the same transaction with the first event (P01)."""
        call = self._api.requests.create(self._mailbox, drafts.creation(draft, stamp))
        made = await self._write(call)
        return replace(made, mark=stamp.mark, mark_read=True)

    async def update(self, seen: Event, draft: Draft, fields: frozenset[Field]) -> Event:
        """Only those fields, if the event is still of the version seen.

        Raises ItemRefused (`meeting`) for an event with attendees: Graph would mail them (R16).
        """
        if seen.is_meeting:
            raise ItemRefused("meeting", wire.digest(seen.id))
        if not fields:
            return seen
        body = drafts.change(seen, draft, fields)
        made = await self._write(self._api.requests.update(self._mailbox, seen.id, seen.version, body))
        return replace(made, mark=seen.mark, mark_read=seen.mark_read)

    async def delete(self, seen: Event) -> None:
        """To Deleted Items, after a fresh look, since DELETE ignores If-Match (facts/microsoft.md B).

        An event whose version moved while its content did not is deleted: Exchange writes on its own accord. Raises
        ItemRefused (`meeting`) for an event with attendees. All of it stays within one write's hard time-out.
        """
        deadline = self._api.deadline(writes=True)
        fresh = await self._read(seen.id, deadline)
        if fresh is None:
            return
        if seen.is_meeting or fresh.is_meeting:
            raise ItemRefused("meeting", wire.digest(seen.id))
        if fresh.version != seen.version:
            if fresh.essence != seen.essence:
                raise ItemChanged("changed_meanwhile", wire.digest(seen.id))
            if await self._lingers(fresh, deadline):
                return
        try:
            await self._api.fetch(self._api.requests.delete(self._mailbox, seen.id), _nothing, deadline)
        except ItemMissing:
            return
        except ItemRefused:
            # a second DELETE of what is already in Deleted Items
            if not await self._lingers(fresh, deadline):
                raise

    # --- within -------------------------------------------------------------------------------------------------------
    def _first(self, cursor: str | None, window: Window) -> Call:
        if cursor is None:
            return self._api.requests.delta(self._mailbox, window, self._page_size)
        return self._api.requests.follow_delta(self._mailbox, cursor, self._page_size)

    async def _delta(self, call: Call, *, full: bool) -> wire.Listing:
        try:
            page = await self._api.fetch(call, wire.listing)
        except CursorGone as error:
            if full:
                # a full round is what the caller would ask for next; its links die when somebody else reads too
                raise RetryLater("round_lost", error.detail) from error
            raise
        if page.next_link is None and page.delta_link is None:
            raise RetryLater("malformed_answer", "no link")
        return page

    async def _listing(self, window: Window, deadline: float | None = None) -> AsyncIterator[wire.Listing]:
        call = self._api.requests.view(self._mailbox, window, self._page_size)
        progress = Progress()
        while True:
            page = await self._api.fetch(call, lambda body: wire.listing(body, mark_asked=True), deadline)
            self._tell(page)
            yield page
            if page.next_link is None:
                return
            if progress.stalls(page.fingerprint):
                raise RetryLater("listing_never_ends")
            call = self._api.requests.follow_view(self._mailbox, self._checked(page.next_link))

    async def _read(self, entry: str, deadline: float | None = None) -> Event | None:
        try:
            item = await self._api.fetch(self._api.requests.event(self._mailbox, entry), wire.document, deadline)
        except ItemMissing:
            return None
        return wire.event(item, mark_asked=True)

    async def _lingers(self, found: Event, deadline: float | None = None) -> bool:
        """Whether the event answers but is in the calendar no more. Raises RetryLater where it moves meanwhile."""
        if found.shape is not Shape.SINGLE:
            return False
        async for page in self._listing(around(found.essence.when), deadline):
            if any(identity == found.id for identity, _ in page.fingerprint):
                return False
        again = await self._read(found.id, deadline)
        if again is not None and again.essence.when != found.essence.when:
            raise ItemChanged("moved_meanwhile", wire.digest(found.id))
        return True

    async def _write(self, call: Call) -> Event:
        item = await self._api.fetch(call, wire.document)
        try:
            made = wire.event(item)
            return await self._as_text(made) if wire.brings_html(item) else made
        except SyncError as error:
            raise OutcomeUnknown("echo_unreadable", error.code) from error

    async def _as_text(self, made: Event) -> Event:
        """The echo with its text as later answers bring it. Raises RetryLater where somebody else wrote meanwhile."""
        again = await self._read(made.id)
        if again is None or replace(again.essence, text=made.essence.text) != made.essence:
            raise ItemChanged("changed_meanwhile", wire.digest(made.id))
        return replace(made, version=again.version, essence=again.essence)

    def _checked(self, link: str | None) -> str:
        if link is None or not self._api.follows(link):
            raise Stop("link_to_another_host")
        return link

    @staticmethod
    def _tell(page: wire.Listing) -> None:
        for refusal in page.refused:
            _log.warning("left out an event that cannot be read: %s, id digest %s", refusal.code, refusal.detail)


def _nothing(_: bytes) -> None:
    """The answer of a DELETE."""
