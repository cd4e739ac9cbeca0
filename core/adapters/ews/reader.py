"""Reading one mailbox: entries by their ids, series with their exceptions, windows piece by piece."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from core.adapters.ews import quirks, recurrence, requests, wire
from core.adapters.ews.mailbox import MailboxCalls, Shown
from core.adapters.ews.refusals import ItemMissing
from core.adapters.ews.soap import Element
from core.errors import ItemChanged, ItemRefused, RetryLater, SyncError
from core.model.sighting import Event, Shape
from core.model.stretch import Window

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What became of some entries: `gone` are ids that answer so, `refused` could not be read."""

    events: tuple[Event, ...] = ()
    gone: tuple[str, ...] = ()
    refused: tuple[ItemRefused, ...] = ()


class Reader:
    """Reads a mailbox. It remembers series as they were read last, until `forget`."""

    def __init__(self, calls: MailboxCalls) -> None:
        self._calls = calls
        self._known: dict[str, Event] = {}

    async def event(self, entry: str, deadline: float | None = None) -> Event | None:
        """The entry by its id; None where it answers that it is gone. Raises ItemRefused where it cannot be read."""
        found = await self.events([entry], deadline)
        if found.refused:
            raise found.refused[0]
        return found.events[0] if found.events else None

    async def events(self, entries: Iterable[str], deadline: float | None = None, *, known: bool = False) -> Found:
        """Those entries as they are now; series, with `known`, as they were read last."""
        wanted = list(entries)
        kept = [self._known[entry] for entry in wanted if known and entry in self._known]
        there = {event.id for event in kept}
        unread = [entry for entry in wanted if entry not in there]
        read = await self._read([requests.item(entry) for entry in unread], unread, deadline)
        return Found((*kept, *read.events), read.gone, read.refused)

    async def series_of(self, occurrences: Iterable[str], deadline: float | None = None) -> Found:
        """The series of which these are dates, as they are now."""
        named = list(occurrences)
        return await self._read([requests.series_of(one) for one in named], named, deadline)

    def forget(self, entry: str) -> None:
        """Read that series again when it is asked for next."""
        self._known.pop(entry, None)

    async def view(self, window: Window) -> AsyncIterator[tuple[Shown, ...]]:
        """What a window shows, in pieces no longer, and no fuller, than Exchange takes."""
        start, length = window.start, quirks.LONGEST_VIEW
        while start < window.end:
            end = min(start + length, window.end)
            listed = await self._calls.view(Window(start, end))
            if not listed.complete and end - start > quirks.SHORTEST_VIEW:
                length = (end - start) / 2
                continue
            if not listed.complete:
                raise RetryLater("exchange_listing_never_ends", "too many entries at one time")
            yield listed.shown
            start, length = end, min(length * 2, quirks.LONGEST_VIEW)

    async def search(self, condition: Element, deadline: float | None = None) -> AsyncIterator[tuple[Shown, ...]]:
        """The single items and series for which a condition holds, page by page."""
        offset = 0
        while True:
            listed = await self._calls.search(condition, offset, deadline)
            yield listed.shown
            if listed.complete:
                return
            if listed.next <= offset:
                raise RetryLater("exchange_listing_never_ends")
            offset = listed.next

    async def whole(self, shown: Iterable[Shown], *, series: bool = True) -> Found:
        """The entries of which these are shown: single ones, and, with `series`, every series once."""
        listed = list(shown)
        found = await self.events(dict.fromkeys(one.id for one in listed if one.is_single))
        dates = {one.entry: one.id for one in listed if not one.is_single}
        if not series or not dates:
            return found
        more = await self.series_of(dates.values())
        return Found((*found.events, *more.events), (*found.gone, *more.gone), (*found.refused, *more.refused))

    async def _read(self, named: list[Element], ids: list[str], deadline: float | None) -> Found:
        """What is named, with the exceptions of all series among it read together."""
        items: list[Element] = []
        gone: list[str] = []
        refused: list[ItemRefused] = []
        for identity, found in zip(ids, await self._calls.items(named, deadline), strict=True):
            if isinstance(found, ItemMissing):
                gone.append(identity)
            elif isinstance(found, ItemRefused):
                refused.append(ItemRefused(found.code, wire.digest(identity)))
            elif isinstance(found, SyncError):
                raise found
            else:
                items.append(found)
        exceptions = await self._exceptions(items, deadline)
        events: dict[str, Event] = {}
        for item in items:
            try:
                event = wire.event(item, exceptions)
            except ItemRefused as refusal:
                refused.append(refusal)
                continue
            events[event.id] = event
            if event.shape is Shape.SERIES:
                self._known[event.id] = event
        self.tell(refused)
        return Found(tuple(events.values()), tuple(gone), tuple(refused))

    async def _exceptions(self, items: list[Element], deadline: float | None) -> dict[str, Element]:
        """The changed occurrences of those series, by id. Raises ItemChanged where one went in between."""
        ids = [identity for item in items for identity, _ in recurrence.modified(item) if identity]
        found: dict[str, Element] = {}
        for identity, one in zip(ids, await self._calls.items(map(requests.item, ids), deadline), strict=True):
            if isinstance(one, ItemMissing):
                raise ItemChanged("changed_meanwhile", wire.digest(identity))
            if isinstance(one, ItemRefused):
                continue  # then its series cannot be read either
            if isinstance(one, SyncError):
                raise one
            found[identity] = one
        return found

    @staticmethod
    def tell(refused: Iterable[ItemRefused]) -> None:
        """Log what is left out, without its content."""
        for refusal in refused:
            _log.warning("left out an event that cannot be read: %s, id digest %s", refusal.code, refusal.detail)
