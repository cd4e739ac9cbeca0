"""What the calendar contract needs of a side: a calendar, and a person who uses the same calendar."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from core.model.essence import Essence
from core.model.operation import Draft
from core.model.rows import Stamp
from core.model.when import When, Window
from core.ports import Calendar


class FaultKind(StrEnum):
    """How the service fails."""

    THROTTLED = "throttled"
    """429 before anything has an effect."""
    UNAVAILABLE = "unavailable"
    """503 before anything has an effect."""
    DROPPED = "dropped"
    """The effect happens, then the connection ends without an answer."""
    TRUNCATED = "truncated"
    """The effect happens, then half of the answer's body comes."""
    HANGING = "hanging"
    """No answer within the adapter's hard time-out (give the adapter short ones), and no effect within it."""


class Harness(Protocol):
    """One fresh calendar under test, warmed up (tokens are there), and a person's hand on the same calendar.

    A class with these attributes and methods is enough; it need not inherit.
    """

    window: Window
    """Some weeks around `now`, starting and ending at midnight UTC; entries at its edges may be made."""
    page: int
    """How many entries fit into one page of a view; 0 where a view has no pages."""
    stamps: bool
    """Whether a create with the same stamp again makes no second entry (Microsoft)."""
    detects_stale: bool
    """Whether an update can tell that the entry is no longer as seen (ETags). A delete must, on every side."""
    faults: frozenset[FaultKind]
    """The faults that `fault` can bring about."""
    subject_limit: int
    """The longest subject, in characters, that the side is known to take."""
    location_limit: int
    """The longest location."""
    zone: str
    """Where the owner lives, with the daylight saving of Europe or America (IANA): series are made by its clocks."""
    refuses_crossing: bool
    """Whether a date cannot be moved to the day of the next one."""

    @property
    def calendar(self) -> Calendar[Any]:
        """The calendar as a run of its own meets it: what an earlier run read is forgotten."""
        ...

    def now(self) -> datetime:
        """The side's own present moment, UTC."""
        ...

    def draft(self, essence: Essence) -> Draft:
        """A complete draft of that content for this side: with the activity type that its privacy needs, or `busy`."""
        ...

    def stamp(self) -> Stamp:
        """A fresh stamp whose mark belongs to this calendar."""
        ...

    async def put(self, subject: str, when: When, **kw: Any) -> str:
        """A person makes an entry or a series; its id.

        Keywords: `text`, `location` (as typed, not normalized), `private`.
        """
        ...

    async def edit(self, entry: str, **kw: Any) -> None:
        """A person changes the entry. Keywords: `subject`, `text`, `location`, `when` (of the same kind)."""
        ...

    async def change(self, entry: str, day: date, **kw: Any) -> None:
        """A person changes one date of a series, named by its original date. Keywords as those of `edit`."""
        ...

    async def cancel(self, entry: str, day: date) -> None:
        """A person cancels one date of a series."""
        ...

    async def remove(self, entry: str) -> None:
        """A person deletes the entry."""
        ...

    def fault(self, kind: FaultKind) -> None:
        """From now on every request of the adapter meets this fault, until `heal`."""
        ...

    def heal(self) -> None:
        """The service works again."""
        ...
