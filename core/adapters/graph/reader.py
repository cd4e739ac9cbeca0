"""Reading one mailbox: an event by its id, a series with its exceptions, listings page by page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from itertools import islice

from core.adapters.graph import pages, quirks, wire
from core.adapters.graph.api import GraphApi
from core.adapters.graph.failures import ItemMissing
from core.adapters.graph.pages import Listing
from core.adapters.graph.requests import Call
from core.adapters.graph.rounds import Progress
from core.adapters.graph.series import shown_in
from core.errors import ItemChanged, ItemRefused, RetryLater, Stop
from core.model.sighting import Event, Shape
from core.model.when import Window

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What became of some series: `refused` could not be read."""

    events: tuple[Event, ...] = ()
    gone: tuple[str, ...] = ()
    refused: tuple[ItemRefused, ...] = ()


class Reader:
    """Reads a mailbox, by its Entra object id. It remembers series as they were read last, until `forget`."""

    def __init__(self, api: GraphApi, mailbox: str, page_size: int) -> None:
        self._api, self._mailbox, self._page_size = api, mailbox, page_size
        self._known: dict[str, Event] = {}

    async def item(self, entry: str, deadline: float | None = None) -> wire.Json | None:
        """The answer for that id, with all exceptions of a series; None where it answers that it is gone."""
        try:
            item = await self._api.fetch(self._api.requests.event(self._mailbox, entry), wire.document, deadline)
        except ItemMissing:
            return None
        link, followed = item.get(quirks.MORE_EXCEPTIONS), set[str]()
        while isinstance(link, str) and link:
            if link in followed:
                raise RetryLater("listing_never_ends")
            followed.add(link)
            call = self._api.requests.follow(self._mailbox, self.checked(link))
            more, link = await self._api.fetch(call, pages.exceptions, deadline)
            item["exceptionOccurrences"] = [*(item.get("exceptionOccurrences") or ()), *more]
        return item

    async def event(self, entry: str, deadline: float | None = None) -> Event | None:
        """The event by its id, mark read; a series with its exceptions. Raises ItemRefused where it cannot be read."""
        self.forget(entry)
        item = await self.item(entry, deadline)
        found = wire.event(item, mark_asked=True) if item is not None else None
        if found is not None and found.shape is Shape.SERIES:
            self._known[entry] = found
        return found

    def forget(self, entry: str) -> None:
        """Read that series again when it is asked for next."""
        self._known.pop(entry, None)

    async def series(self, entries: Iterable[str], *, known: bool = False) -> Found:
        """Those series as they are now, or, with `known`, as they were read last. Each takes one request."""
        events: dict[str, Event] = {}
        gone: list[str] = []
        refused: list[ItemRefused] = []
        wanted = list(entries)
        if known:
            events = {entry: self._known[entry] for entry in wanted if entry in self._known}
            wanted = [entry for entry in wanted if entry not in events]
        left = iter(wanted)
        while some := list(islice(left, quirks.SERIES_ON_A_PAGE)):
            # One that fails ends it all, but not before the others are done: nothing goes on behind the caller's back.
            answers = await asyncio.gather(*map(self.event, some), return_exceptions=True)
            for entry, found in zip(some, answers, strict=True):
                if isinstance(found, ItemRefused):
                    refused.append(found)
                elif isinstance(found, BaseException):
                    raise found
                elif found is None:
                    gone.append(entry)
                else:
                    events[entry] = found
        self.tell(refused)
        return Found(tuple(events.values()), tuple(gone), tuple(refused))

    async def view(self, window: Window, deadline: float | None = None) -> AsyncIterator[Listing]:
        """What a window shows, which must not be longer than Graph takes."""
        call = self._api.requests.view(self._mailbox, window, self._page_size)
        async for page in self._pages(call, deadline):
            yield page

    async def where(self, condition: str) -> AsyncIterator[Listing]:
        """The single events and series masters for which a `$filter` holds."""
        async for page in self._pages(self._api.requests.events(self._mailbox, condition, self._page_size)):
            yield page

    async def _pages(self, call: Call, deadline: float | None = None) -> AsyncIterator[Listing]:
        progress = Progress()
        while True:
            page = await self._api.fetch(call, lambda body: pages.listing(body, mark_asked=True), deadline)
            self.tell(page.refused)
            yield page
            if page.next_link is None:
                return
            if progress.stalls(page.fingerprint):
                raise RetryLater("listing_never_ends")
            call = self._api.requests.follow(self._mailbox, self.checked(page.next_link))

    async def lingers(self, found: Event, deadline: float | None = None) -> bool:
        """Whether the event answers but is in the calendar no more. Raises RetryLater where it moves meanwhile.

        What a view cannot show (a date of a series, a series without any) is taken to be there as long as it answers.
        """
        window = shown_in(found.essence) if found.shape in {Shape.SINGLE, Shape.SERIES} else None
        if window is None:
            return False
        async for page in self.view(window, deadline):
            if page.shows(found.id):
                return False
        again = await self.event(found.id, deadline)
        if again is not None and (again.essence.when, again.essence.exceptions) != (
            found.essence.when,
            found.essence.exceptions,
        ):
            raise ItemChanged("moved_meanwhile", wire.digest(found.id))
        self.forget(found.id)
        return True

    def checked(self, link: str | None) -> str:
        """The link, if it may be followed."""
        if link is None or not self._api.follows(link):
            raise Stop("link_to_another_host")
        return link

    @staticmethod
    def tell(refused: Iterable[ItemRefused]) -> None:
        """Log what is left out, without its content."""
        for refusal in refused:
            _log.warning("left out an event that cannot be read: %s, id digest %s", refusal.code, refusal.detail)
