"""A mailbox's default calendar through Exchange Web Services: the port `MailboxCalendar`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from core.adapters.ews import drafts, wire
from core.adapters.ews.changes import Changes
from core.adapters.ews.dates import Dates
from core.adapters.ews.drafts import Dialect
from core.adapters.ews.mailbox import MailboxCalls, Shown
from core.adapters.ews.quirks import MOST_LATER
from core.adapters.ews.reader import Reader
from core.adapters.ews.refusals import ItemMissing
from core.adapters.ews.soap import Element
from core.errors import ItemChanged, ItemRefused, OutcomeUnknown, RetryLater
from core.model.essence import Essence, Field
from core.model.exceptions import DateChange, DateException
from core.model.ids import MailboxId
from core.model.operation import Draft
from core.model.rows import Page, Stamp
from core.model.sighting import Event, Mark, Snapshot
from core.model.uid import meeting_uid
from core.model.when import Window

_ATTRIBUTES = {Field.TIME: "when", Field.PRIVACY: "private"}
"""Where an essence has a field, if not under the field's own name."""


class EwsCalendar:
    """The calendar of one mailbox, by its guid. It is meant for one run: it remembers series.

    A series is one sighting, with its exceptions, in its own zone; its version is the master's ChangeKey, which moves
    with every date of it. `zone` (IANA) is where whole days that we write begin. Entries that cannot be read are left
    out of pages and views, and logged by code and digest of the id; a view that lacks one says that it is not complete.
    """

    def __init__(self, calls: MailboxCalls, mailbox: MailboxId, zone: str) -> None:
        self._calls, self._zone = calls, zone
        self._reader = Reader(calls)
        self._dates = Dates(calls, self._reader)
        self._changes = Changes(calls, mailbox, self._reader)

    # --- reading ------------------------------------------------------------------------------------------------------
    def changes(self, cursor: str | None, window: Window) -> AsyncIterator[Page]:
        """See the port and `Changes.round`."""
        return self._changes.round(cursor, window)

    async def view(self, window: Window, *, series: bool = True) -> Snapshot[Event]:
        """See the port. Without `series` none is shown."""
        shown: dict[str, Shown] = {}
        async for part in self._reader.view(window):
            shown.update((one.id, one) for one in part)
        whole = await self._reader.whole(shown.values(), series=series)
        return Snapshot(window, whole.events, not whole.refused)

    async def later(self, after: datetime) -> Snapshot[Event]:
        """See the port. What comes after some thousand entries is left out, and the snapshot is not complete then."""
        shown: dict[str, None] = {}
        complete = True
        async for page in self._reader.search(drafts.starting(after)):
            shown |= dict.fromkeys(one.id for one in page)
            if len(shown) >= MOST_LATER:
                complete = False
                break
        whole = await self._reader.events(shown)
        return Snapshot(Window(after, after), whole.events, complete and not whole.refused)

    async def read(self, entry: str) -> Event | None:
        """The entry by its id, mark read, whole. What was deleted has another id in Deleted Items (facts G3)."""
        return await self._reader.event(entry)

    async def verify(self, entry: str, witness: str) -> Event | None:
        """None where the item answers that it is gone, in a mailbox that is still the one it was in (R19).

        `witness` is not needed here: an item's own answer says more.
        """
        del witness
        found = await self._reader.event(entry)
        if found is None:
            await self._calls.check_place()
        return found

    async def find_meeting(self, uid: str) -> Event | None:
        """See the port. A UID cannot be searched for, what it is made of can (facts/microsoft.md G4)."""
        async for page in self._reader.search(drafts.of_meeting(wire.clean_id(uid))):
            for event in (await self._reader.events([one.id for one in page], known=True)).events:
                if meeting_uid(event.uid) == meeting_uid(uid):
                    return event
        return None

    # --- writing ------------------------------------------------------------------------------------------------------
    async def create(self, draft: Draft, stamp: Stamp) -> Event:
        """The new event, or the one that has this very mark already: Exchange knows no transactions (facts G5)."""
        deadline = self._calls.deadline(writes=True)
        earlier = await self._marked(stamp.mark, deadline)
        if earlier is not None:
            return earlier
        item = drafts.creation(draft, stamp, await self._dialect(deadline))
        identity, version = await self._calls.create(item, deadline)
        return await self._echo(identity, version, replace(draft.essence, exceptions=()), deadline)

    async def update(self, seen: Event, draft: Draft, fields: frozenset[str]) -> Event:
        """Only those fields, if the event is still of the version seen; then it is read, for an answer says nothing.

        Raises ItemRefused (`meeting`) for an event with attendees, unless the draft announces (R16).
        """
        if seen.is_meeting and not draft.announces:
            raise ItemRefused("meeting", wire.digest(seen.id))
        if not fields:
            return seen
        deadline = self._calls.deadline(writes=True)
        named = {_ATTRIBUTES.get(name, name.value) for name in Field if name in fields}
        written = {attribute: getattr(draft.essence, attribute) for attribute in named}
        changes = drafts.change(seen, draft, fields, await self._dialect(deadline))
        self._reader.forget(seen.id)
        announces = draft.announces and seen.is_meeting
        identity, version = await self._calls.update(seen.id, seen.version, changes, deadline, announces=announces)
        return await self._echo(identity or seen.id, version, replace(seen.essence, **written), deadline)

    async def change_date(
        self, entry: str, seen: Event | None, change: DateChange, *, announces: bool = False
    ) -> DateException:
        """See the port; dates are named by the series' own clocks (`seen` tells by which it is told).

        It is looked at just before, since a deletion has no condition. Raises ItemRefused as `update` and
        `drafts.date_change` do, too.
        """
        return await self._dates.change(entry, seen, change, announces=announces)

    async def delete(self, seen: Event, *, announces: bool = False) -> None:
        """To Deleted Items, after a fresh look, since DeleteItem ignores the ChangeKey (facts/microsoft.md G5).

        An event whose version moved while its content did not is deleted: Exchange writes on its own accord. Raises
        ItemRefused (`meeting`) as `update` does. All of it stays within one write's hard time-out.
        """
        deadline = self._calls.deadline(writes=True)
        fresh = await self._reader.event(seen.id, deadline)
        if fresh is None:
            return
        if (seen.is_meeting or fresh.is_meeting) and not announces:
            raise ItemRefused("meeting", wire.digest(seen.id))
        if fresh.version != seen.version and fresh.essence != seen.essence:
            raise ItemChanged("changed_meanwhile", wire.digest(seen.id))
        self._reader.forget(seen.id)
        with suppress(ItemMissing):  # Somebody else was quicker.
            await self._calls.delete(seen.id, deadline, announces=announces and fresh.is_meeting)

    # --- within -------------------------------------------------------------------------------------------------------
    async def _dialect(self, deadline: float) -> Dialect:
        return Dialect(await self._calls.schema(deadline), self._zone)

    async def _marked(self, mark: Mark, deadline: float) -> Event | None:
        """What an earlier try has made."""
        condition: Element = drafts.marked(mark)
        async for page in self._reader.search(condition, deadline):
            found = await self._reader.events([one.id for one in page], deadline)
            if found.refused:
                raise found.refused[0]
            for event in found.events:
                if event.mark == mark:
                    return event
        return None

    async def _echo(self, identity: str, version: str, expected: Essence, deadline: float) -> Event:
        """What the side holds after a write.

        Raises ItemChanged where somebody else wrote in between, OutcomeUnknown where it cannot be read.
        """
        try:
            again = await self._reader.event(identity, deadline)
        except ItemChanged:
            raise
        except (ItemRefused, RetryLater) as error:
            raise OutcomeUnknown("echo_unreadable", error.code) from error
        if again is not None and again.version == version:
            return again
        if again is not None and replace(again.essence, exceptions=()) == replace(expected, exceptions=()):
            return again  # Exchange writes on its own accord
        raise ItemChanged("changed_meanwhile", wire.digest(identity))
