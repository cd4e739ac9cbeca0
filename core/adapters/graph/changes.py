"""What changed in a mailbox, round by round, with every touched series read once."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import datetime
from itertools import islice

from core.adapters.graph import pages, quirks, wire
from core.adapters.graph.api import GraphApi
from core.adapters.graph.pages import Listing
from core.adapters.graph.reader import Reader
from core.adapters.graph.requests import Call
from core.adapters.graph.rounds import Progress
from core.errors import CursorGone, RetryLater
from core.model.rows import Page
from core.model.when import Window

_log = logging.getLogger(__name__)
Touched = dict[str, datetime | None]
"""Series by id, with when the round says that they were changed last, where it does."""


class Changes:
    """Rounds of `calendarView/delta` of one mailbox; the cursor is the whole delta link, opaque."""

    def __init__(self, api: GraphApi, mailbox: str, reader: Reader, page_size: int) -> None:
        self._api, self._mailbox, self._reader, self._page_size = api, mailbox, reader, page_size

    async def round(self, cursor: str | None, window: Window) -> AsyncIterator[Page]:
        """One round, page by page.

        Every page of a round without a cursor is `full`. A single entry may come twice in a round: the last one counts.
        Its mark is not read. A series of which anything changed comes once, whole, before the last page; one that is
        gone by then is called removed, and `unread`. A round that never ends is given up for a plain listing, in `full`
        pages that end without a cursor: the next round is full then. Raises CursorGone for a cursor that Graph has
        forgotten.
        """
        if cursor is not None and not self._api.follows(cursor):
            raise CursorGone("cursor_of_another_host")
        call = self._first(cursor, window)
        progress, full, touched = Progress(), cursor is None, Touched()
        while True:
            page = await self._delta(call, full=full)
            touched = _touched(touched, page)
            if page.next_link is None:
                end = self._reader.checked(page.delta_link)
                async for part in self._series(touched, full=full):
                    yield part
                yield Page(page.events, page.removed, cursor=end, full=full, last=True)
                return
            call = self._api.requests.follow_delta(self._mailbox, self._reader.checked(page.next_link), self._page_size)
            yield Page(page.events, page.removed, full=full)
            if progress.stalls(page.fingerprint):
                _log.warning("a delta round never ends: listing instead")
                break
        async for page in self._reader.view(window):
            touched = _touched(touched, page)
            yield Page(page.events, full=True)
        async for part in self._series(touched, full=True):
            yield part
        yield Page((), full=True, last=True)

    # --- within -------------------------------------------------------------------------------------------------------
    def _first(self, cursor: str | None, window: Window) -> Call:
        if cursor is None:
            return self._api.requests.delta(self._mailbox, window, self._page_size)
        return self._api.requests.follow_delta(self._mailbox, cursor, self._page_size)

    async def _delta(self, call: Call, *, full: bool) -> Listing:
        try:
            page = await self._api.fetch(call, pages.listing)
        except CursorGone as error:
            if full:
                # a full round is what the caller would ask for next; its links die when somebody else reads too
                raise RetryLater("round_lost", error.detail) from error
            raise
        if page.next_link is None and page.delta_link is None:
            raise RetryLater("malformed_answer", "no link")
        self._reader.tell(page.refused)
        return page

    async def _series(self, touched: Touched, *, full: bool) -> AsyncIterator[Page]:
        """Those series as they are now, some at a time. Raises RetryLater for one that is not as new as the round."""
        left = iter(touched)
        while some := list(islice(left, quirks.SERIES_ON_A_PAGE)):
            found = await self._reader.series(some)
            for event in found.events:
                told = touched[event.id]
                if told is not None and event.modified is not None and event.modified < told:
                    raise RetryLater("round_lost", wire.digest(event.id))
            unread = tuple(told for entry in found.gone if (told := touched[entry]) is not None)
            yield Page(found.events, found.gone, unread, full=full)


def _touched(touched: Touched, page: Listing) -> Touched:
    """With the series of one more page: of an entry that comes twice the last time counts."""
    kept = {entry: told for entry, told in touched.items() if entry not in page.removed}
    return kept | {entry: page.changed.get(entry, kept.get(entry)) for entry in page.series}
