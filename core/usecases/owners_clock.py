"""A mailbox as the clocks of Severa's owner tell it (R23): every series that comes out of it is in that zone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

from core.model.exceptions import DateChange, DateException
from core.model.operation import Draft
from core.model.rows import Page, Stamp
from core.model.sighting import Event, Snapshot
from core.model.when import Window
from core.ports import MailboxCalendar
from core.sync.clocks import by_owners_clocks, on_day


class OwnersClock:
    """MailboxCalendar (core/ports.py) over another one; `zone` is an IANA name."""

    def __init__(self, mailbox: MailboxCalendar, zone: str) -> None:
        self._mailbox, self._zone = mailbox, zone

    async def changes(self, cursor: str | None, window: Window) -> AsyncIterator[Page]:
        """See the port."""
        async for page in self._mailbox.changes(cursor, window):
            yield replace(page, sightings=tuple(map(self._told, page.sightings)))

    async def view(self, window: Window, *, series: bool = True) -> Snapshot[Event]:
        """See the port."""
        return self._all_told(await self._mailbox.view(window, series=series))

    async def later(self, after: datetime) -> Snapshot[Event]:
        """See the port."""
        return self._all_told(await self._mailbox.later(after))

    async def read(self, entry: str) -> Event | None:
        """See the port."""
        found = await self._mailbox.read(entry)
        return found and self._told(found)

    async def verify(self, entry: str, witness: str) -> Event | None:
        """See the port."""
        found = await self._mailbox.verify(entry, witness)
        return found and self._told(found)

    async def create(self, draft: Draft, stamp: Stamp) -> Event:
        """See the port."""
        return self._told(await self._mailbox.create(draft, stamp))

    async def update(self, seen: Event, draft: Draft, fields: frozenset[str]) -> Event:
        """See the port."""
        return self._told(await self._mailbox.update(seen, draft, fields))

    async def change_date(
        self, entry: str, seen: Event | None, change: DateChange, *, announces: bool = False
    ) -> DateException:
        """See the port. Dates are the owner's here, the series' own there."""
        days = seen.days_apart if seen else 0
        theirs = replace(change, wanted=on_day(change.wanted, -days))
        return on_day(await self._mailbox.change_date(entry, seen, theirs, announces=announces), days)

    async def delete(self, seen: Event, *, announces: bool = False) -> None:
        """See the port."""
        await self._mailbox.delete(seen, announces=announces)

    async def find_meeting(self, uid: str) -> Event | None:
        """See the port."""
        found = await self._mailbox.find_meeting(uid)
        return found and self._told(found)

    def _told(self, event: Event) -> Event:
        return by_owners_clocks(event, self._zone)

    def _all_told(self, snapshot: Snapshot[Event]) -> Snapshot[Event]:
        return replace(snapshot, sightings=tuple(map(self._told, snapshot.sightings)))
