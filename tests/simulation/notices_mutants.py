"""Bugs to be planted in what Graph's notifications become; see mutants.py."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from core.errors import RetryLater
from core.model.ids import Pair
from core.usecases.notifications import Inbox
from tests.simulation.mutants import Mutant


@contextmanager
def hint_dropped() -> Iterator[None]:
    """A hint that cannot be stored is forgotten, and 202 is answered all the same."""
    hint = Inbox._hint

    async def careless(self: Inbox, pair: Pair) -> str:
        try:
            return await hint(self, pair)
        except RetryLater:
            return "queued"

    with patch.object(Inbox, "_hint", careless):
        yield


@contextmanager
def stranger_to_itself() -> Iterator[None]:
    """The digest that is kept is of another `clientState` than Graph was told."""
    with patch("core.usecases.subscribing.digest_of", lambda *_: "0" * 64):
        yield


MUTANTS: dict[str, Mutant] = {mutant.__name__: mutant for mutant in (hint_dropped, stranger_to_itself)}
"""By name."""
