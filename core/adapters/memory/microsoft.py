"""A company's mailboxes in memory: what people can do in them, and the ports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from core.adapters.memory.effects import Effects
from core.adapters.memory.severa import Rewrite
from core.adapters.memory.windows import (
    begins_at,
    echo_of,
    shape_of,
    shows,
    with_change,
    with_fields,
    without_exceptions,
)
from core.errors import CursorGone, ItemChanged
from core.model.company import Mailbox
from core.model.essence import Essence, Field
from core.model.exceptions import DateChange, DateException
from core.model.ids import MailboxId
from core.model.operation import Draft
from core.model.rows import Page, Stamp
from core.model.sighting import Event, Mark, Shape, Snapshot
from core.model.when import Window
from core.ports import Clock

_ZONE = "UTC"
GENERATIONS_KEPT = 3
"""Older cursors are no longer known (facts/microsoft.md A2)."""


@dataclass(frozen=True, slots=True)
class _Cursor:
    """A round's end: its generation, the last change that it told of, and the window that it is bound to."""

    generation: int
    change: int
    window: Window

    def spell(self) -> str:
        start, end = (int(edge.timestamp()) for edge in (self.window.start, self.window.end))
        return f"{self.generation} {self.change} {start} {end}"

    @classmethod
    def read(cls, text: str) -> _Cursor:
        try:
            generation, change, start, end = (int(part) for part in text.split(" "))
        except ValueError as error:
            raise CursorGone("cursor_malformed") from error
        return cls(generation, change, Window(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)))


class MemoryMailbox:
    """MailboxCalendar (core/ports.py) in memory. `rewrite` is what the service makes of what we write.

    With `restless`, the service changes an event once more by itself after every write of ours, so that the version
    that the write answered is stale already (facts/microsoft.md B).
    """

    def __init__(
        self,
        mailbox: Mailbox,
        clock: Clock,
        *,
        effects: Effects | None = None,
        rewrite: Rewrite | None = None,
        restless: bool = False,
        page_size: int = 50,
    ) -> None:
        self.mailbox = mailbox
        self.effects = effects or Effects()
        self.rewrite = rewrite
        self.restless = restless
        self.busy: dict[str, str] = {}
        self._clock = clock
        self._page_size = page_size
        self._held: dict[str, Event] = {}
        self._deleted: dict[str, Event] = {}
        self._changed: dict[str, int] = {}
        self._change = 0
        self._generation = 0
        self._oldest_generation = 0
        self._latest: datetime | None = None

    # --- people -------------------------------------------------------------------------------------------------------
    def add(
        self,
        essence: Essence,
        *,
        shape: Shape | None = None,
        is_meeting: bool = False,
        is_online: bool = False,
        transaction: str | None = None,
        mark: Mark | None = None,
    ) -> Event:
        """A person makes an event (`mark` and `transaction` are for what our own service made)."""
        number = self._change + 1
        event = Event(
            f"{self.mailbox.id}-event-{number:05d}",
            "",
            essence,
            uid=f"{self.mailbox.id}-uid-{number:05d}",
            shape=shape or shape_of(essence),
            is_meeting=is_meeting,
            is_online=is_online,
            transaction=transaction,
            mark=mark,
            mark_read=True,
        )
        return self._store(event)

    def edit(self, event: str, essence: Essence | None = None, *, is_cancelled: bool = False) -> Event:
        """A person changes an event; without an essence, something that is not part of it. KeyError: there is none."""
        held = self._held[event]
        return self._store(replace(held, essence=essence or held.essence, is_cancelled=is_cancelled))

    def remove(self, event: str) -> None:
        """A person deletes an event, which goes to Deleted Items. KeyError where there is none."""
        self._deleted[event] = self._held.pop(event)
        self._log(event)

    def restore(self, event: str) -> Event:
        """A person gets an event back from Deleted Items, with the id that it had. KeyError where it is not there."""
        return self._store(self._deleted.pop(event))

    def copy(self, event: str) -> Event:
        """A person copies an event: another id, but our mark comes along (P04)."""
        held = self._held[event]
        return self.add(held.essence, mark=held.mark)

    def expire_cursors(self) -> None:
        """The service forgets every cursor that it gave."""
        self._oldest_generation = self._generation + 1
        self._generation += 1

    def get(self, event: str) -> Event | None:
        """An event as it is now."""
        return self._held.get(event)

    def events(self) -> tuple[Event, ...]:
        """Every event, in the order in which they were made."""
        return tuple(self._held[event] for event in sorted(self._held))

    # --- the port -----------------------------------------------------------------------------------------------------
    async def changes(self, cursor: str | None, window: Window) -> AsyncIterator[Page]:
        """See MailboxCalendar.changes. A round that continues a cursor keeps to that cursor's window."""
        await asyncio.sleep(0)
        began = None if cursor is None else _Cursor.read(cursor)
        if began is not None and began.generation < max(
            self._oldest_generation, self._generation - GENERATIONS_KEPT + 1
        ):
            raise CursorGone("cursor_expired")
        self._generation += 1
        bound = window if began is None else began.window
        end = _Cursor(self._generation, self._change, bound)
        since = 0 if began is None else began.change
        told = [event for event, change in sorted(self._changed.items(), key=lambda one: one[1]) if change > since]
        for start in range(0, max(len(told), 1), self._page_size):
            part = told[start : start + self._page_size]
            last = start + self._page_size >= len(told)
            shown = [self._held[one] for one in part if self._shows(one, bound)]
            yield Page(
                tuple(replace(event, mark=None, mark_read=False) for event in shown),
                () if began is None else tuple(one for one in part if not self._shows(one, bound)),
                cursor=end.spell() if last else None,
                full=began is None,
                last=last,
            )
            await asyncio.sleep(0)

    async def view(self, window: Window, *, series: bool = True) -> Snapshot[Event]:
        """See Calendar.view."""
        await asyncio.sleep(0)
        shown = (event for event in self.events() if self._shows(event.id, window))
        return Snapshot(window, tuple(event for event in shown if series or event.shape is not Shape.SERIES))

    async def later(self, after: datetime) -> Snapshot[Event]:
        """See Calendar.later."""
        await asyncio.sleep(0)
        found = tuple(event for event in self.events() if begins_at(event.essence.when) > after)
        return Snapshot(Window(after, after), found)

    async def read(self, entry: str) -> Event | None:
        """See Calendar.read."""
        await asyncio.sleep(0)
        return self._held.get(entry)

    async def verify(self, entry: str, witness: str) -> Event | None:  # noqa: ARG002 - needs no witness
        """See Calendar.verify: this mailbox never lies about an event."""
        await asyncio.sleep(0)
        return self._held.get(entry)

    async def create(self, draft: Draft, stamp: Stamp) -> Event:
        """See Calendar.create. A transaction is known only while its event exists (facts/microsoft.md B)."""
        await asyncio.sleep(0)
        with self.effects.around("microsoft.create"):
            twins = [event for event in self._held.values() if event.transaction == stamp.transaction]
            if twins:
                event = twins[0]
            else:
                essence = self._rewritten(without_exceptions(draft.essence))
                event = self.add(essence, transaction=stamp.transaction, mark=stamp.mark)
                self.busy[event.id] = draft.busy
                self._settle(event)
        return event

    async def update(self, seen: Event, draft: Draft, fields: frozenset[str]) -> Event:
        """See Calendar.update."""
        await asyncio.sleep(0)
        with self.effects.around("microsoft.update"):
            held = self._held.get(seen.id)
            if held is None or held.version != seen.version:
                raise ItemChanged("item_changed", seen.id)
            wanted = with_fields(held.essence, draft.essence, fields)
            essence = with_fields(held.essence, self._rewritten(wanted), fields)
            if Field.TIME in fields:  # Exchange drops them (facts/microsoft.md A4).
                essence = without_exceptions(essence)
            event = self._store(replace(held, essence=essence, shape=shape_of(essence)))
            self._settle(event)
        return event

    async def change_date(
        self,
        entry: str,
        seen: Event | None,
        change: DateChange,
        *,
        announces: bool = False,  # noqa: ARG002 - nobody reads mail here
    ) -> DateException:
        """See Calendar.change_date."""
        await asyncio.sleep(0)
        with self.effects.around("microsoft.date"):
            held = self._held.get(entry)
            if held is None:
                raise ItemChanged("item_gone", entry)
            essence = with_change(held.essence, change, seen)
            self._settle(self._store(replace(held, essence=essence)))
        return echo_of(essence, change)

    async def find_meeting(self, uid: str) -> Event | None:
        """See MailboxCalendar.find_meeting."""
        await asyncio.sleep(0)
        return next((event for event in self.events() if event.uid == uid), None)

    async def delete(self, seen: Event, *, announces: bool = False) -> None:  # noqa: ARG002 - nobody reads mail here
        """See Calendar.delete."""
        await asyncio.sleep(0)
        with self.effects.around("microsoft.delete"):
            held = self._held.get(seen.id)
            if held is not None and held.version != seen.version:
                raise ItemChanged("item_changed", seen.id)
            if held is not None:
                self.remove(seen.id)

    # --- within -------------------------------------------------------------------------------------------------------
    def _shows(self, event: str, window: Window) -> bool:
        held = self._held.get(event)
        return held is not None and shows(window, held.essence, _ZONE)

    def _rewritten(self, essence: Essence) -> Essence:
        return self.rewrite(essence) if self.rewrite else essence

    def _settle(self, event: Event) -> None:
        """What the service does by itself after a write of ours."""
        if self.restless:
            self._store(event)

    def _log(self, event: str) -> None:
        self._change += 1
        self._changed[event] = self._change

    def _store(self, event: Event) -> Event:
        """Keep it with a new version and a time of change that no earlier one has."""
        now = self._clock.now()
        if self._latest is not None:
            now = max(now, self._latest + timedelta(milliseconds=1))
        self._latest = now
        self._log(event.id)
        version = f'W/"{self._change:05d}"'
        self._held[event.id] = replace(event, version=version, created=event.created or now, modified=now)
        return self._held[event.id]


class MemoryMicrosoft:
    """MicrosoftCompany (core/ports.py) in memory."""

    def __init__(self, mailboxes: Sequence[MemoryMailbox] = ()) -> None:
        self._mailboxes = {mailbox.mailbox.id: mailbox for mailbox in mailboxes}

    async def find_mailbox(self, addresses: Sequence[str]) -> Mailbox | None:
        """See MicrosoftCompany.find_mailbox."""
        await asyncio.sleep(0)
        wanted = {address.casefold() for address in addresses}
        found = [
            mailbox.mailbox
            for mailbox in self._mailboxes.values()
            if wanted & {address.casefold() for address in mailbox.mailbox.addresses}
        ]
        return found[0] if len(found) == 1 else None

    def calendar(self, mailbox: MailboxId, zone: str = "") -> MemoryMailbox:
        """See MicrosoftCompany.calendar."""
        del zone
        return self._mailboxes[mailbox]
