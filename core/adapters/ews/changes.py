"""What changed in a mailbox, round by round (facts/microsoft.md G3)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from core.adapters.ews.mailbox import MailboxCalls, Synced
from core.adapters.ews.reader import Reader
from core.errors import CursorGone, RetryLater
from core.model.ids import MailboxId
from core.model.rows import Page
from core.model.when import Window

T = TypeVar("T")
_AT_ONCE = 40
"""Entries on one page of a round: what a few requests at a time bring."""


class Changes:
    """Rounds of SyncFolderItems of one mailbox's default calendar.

    The cursor is the mailbox's guid and Exchange's own state, opaque, as large as the folder makes it; the store
    compresses it.
    """

    def __init__(self, calls: MailboxCalls, mailbox: MailboxId, reader: Reader) -> None:
        self._calls, self._reader, self._prefix = calls, reader, f"ews:{mailbox}:"

    async def round(self, cursor: str | None, window: Window) -> AsyncIterator[Page]:
        """One round, page by page; a series of which anything changed comes whole. Every mark is read.

        After each answer of Exchange's its state is a cursor: a round that is cut short goes on from there. Without a
        cursor the state of now is taken first, from ids alone, and then the window is read: every page is `full`.
        Raises CursorGone for a cursor that is no longer known, or of another mailbox or service.
        """
        if cursor is None:
            async for page in self._full(window):
                yield page
            return
        if not cursor.startswith(self._prefix):
            raise CursorGone("cursor_of_another_host")
        state = cursor.removeprefix(self._prefix)
        while True:
            found = await self._calls.sync(state)
            async for page in self._pages(found):
                yield page
            if found.last:
                return
            state = found.state

    async def _pages(self, found: Synced) -> AsyncIterator[Page]:
        """The entries of one answer, and after the last of them the cursor."""
        removed = list(found.removed)
        parts = list(_parts(found.changed)) or [()]
        for number, part in enumerate(parts, start=1):
            read = await self._reader.events(part)
            removed += read.gone
            if number < len(parts):
                yield Page(read.events)
            else:
                yield Page(read.events, tuple(removed), cursor=f"{self._prefix}{found.state}", last=found.last)

    async def _full(self, window: Window) -> AsyncIterator[Page]:
        state = await self._now()
        seen: set[str] = set()
        async for shown in self._reader.view(window):
            new = {one.entry: one for one in shown if one.entry not in seen}
            seen |= new.keys()
            for part in _parts(new.values()):
                yield Page((await self._reader.whole(part)).events, full=True)
        yield Page((), cursor=f"{self._prefix}{state}", full=True, last=True)

    async def _now(self) -> str:
        """Exchange's state as it is now: ids go by, and are not looked at."""
        state = ""
        while True:
            try:
                found = await self._calls.sync(state)
            except CursorGone as error:
                raise RetryLater("round_lost", error.detail) from error  # it is what the caller would ask for next
            if found.last:
                return found.state
            state = found.state


def _parts(whole: Iterable[T]) -> Iterator[tuple[T, ...]]:
    left = iter(whole)
    while some := tuple(islice(left, _AT_ONCE)):
        yield some
