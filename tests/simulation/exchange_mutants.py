"""Bugs to be planted in what reaches an Exchange Server; see mutants.py."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from core.adapters.ews import mailbox, service, wire
from core.adapters.ews.changes import Changes
from core.adapters.ews.mailbox import Synced
from core.adapters.ews.refusals import ItemMissing
from core.adapters.ews.soap import Element
from core.errors import SyncError
from core.model.rows import Page
from tests.simulation.mutants import Mutant


@contextmanager
def mark_not_read() -> Iterator[None]:
    """What a lost create has made is not known by its mark, neither before it is sent again nor later."""
    with patch.object(wire, "_mark", lambda _: None):
        yield


@contextmanager
def state_before_pending() -> Iterator[None]:
    """Exchange's next state is kept before the entries that it covers were read."""
    pages = Changes._pages

    async def hasty(self: Changes, found: Synced) -> AsyncIterator[Page]:
        yield Page((), cursor=f"{self._prefix}{found.state}")
        async for page in pages(self, found):
            yield page

    with patch.object(Changes, "_pages", hasty):
        yield


@contextmanager
def version_ignored() -> Iterator[None]:
    """An item is written whatever its version is by now."""
    update = mailbox.requests.update

    def always(*given: Any, **named: Any) -> Element:
        made = update(*given, **named)
        made.set("ConflictResolution", "AlwaysOverwrite")
        return made

    with patch.object(mailbox.requests, "update", always):
        yield


@contextmanager
def busy_means_gone() -> Iterator[None]:
    """Any refusal of an item is taken for "there is none"."""
    of_code = service.of_code

    def hasty(code: str, *, writes: bool, back_off: float | None = None) -> SyncError:
        return of_code(code, writes=writes, back_off=back_off) if writes else ItemMissing("item_missing", code)

    with patch.object(service, "of_code", hasty):
        yield


@contextmanager
def everybody_organizes() -> Iterator[None]:
    """Whoever is invited is taken for the organizer."""
    with patch.object(wire.people, "is_organizer", lambda _: True):
        yield


MUTANTS: dict[str, Mutant] = {
    mutant.__name__: mutant
    for mutant in (mark_not_read, state_before_pending, version_ignored, busy_means_gone, everybody_organizes)
}
"""By name."""
