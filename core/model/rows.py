"""What goes in and out of the ports beside entries: pages, commits, and rows of several tables. Times in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.model.ids import CompanyId, MailboxId, Side, UserId
from core.model.link import Link, LinkState
from core.model.operation import Note
from core.model.sighting import Event, Mark
from core.model.state import PairState, Pending

MOST_ROWS = 98
"""A transaction holds 100 rows (facts/microsoft.md J6); the state row and the hint row are two of them."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What makes a create recognizable: the intent's id (Graph's transactionId), our mark. Severa can hold neither."""

    transaction: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a mailbox's changes. `cursor` is given where it may be stored: after everything before it is stored.

    `full`: the round shows everything in the window, not only changes. `removed` are ids that the service calls
    removed, which proves nothing. `unread` is when series changed that the round told of and that answer that they are
    not there: they were deleted since, or reads lag. `last`: the round is over; `cursor` None then means that the next
    round is full.
    """

    sightings: tuple[Event, ...]
    removed: tuple[str, ...] = ()
    unread: tuple[datetime, ...] = ()
    cursor: str | None = None
    full: bool = False
    last: bool = False


@dataclass(frozen=True, slots=True)
class Commit:
    """One transaction of a run: all of it happens, or none. At most 98 rows (a link is two)."""

    links: tuple[Link, ...] = ()
    settled: tuple[Pending, ...] = ()
    pending: tuple[Pending, ...] = ()
    cursor: str | None = None
    drop_cursor: bool = False
    state: PairState | None = None

    @property
    def moves_cursor(self) -> bool:
        """Whether the cursor is written or dropped."""
        return self.cursor is not None or self.drop_cursor

    def check(self) -> None:
        """Raise ValueError for what no transaction can hold, a mistake of the caller's: too many rows, or one twice."""
        count = 2 * len(self.links) + len(self.settled) + len(self.pending) + self.moves_cursor
        if count > MOST_ROWS:
            raise ValueError(f"a commit of {count} rows does not fit into one transaction")
        for dead in (False, True):
            links = [link for link in self.links if (link.state is LinkState.DEAD) is dead]
            if any(len({link.id_on(side) for link in links}) < len(links) for side in Side):
                raise ValueError("a commit links one entry twice")
        if any(not link.activity or not link.event for link in self.links):
            raise ValueError("a link needs both its ends")
        if {(row.side, row.id) for row in self.settled} & {(row.side, row.id) for row in self.pending}:
            raise ValueError("a commit both settles and keeps a pending row")


@dataclass(frozen=True, slots=True)
class Member:
    """A user of the company who has, or had, the sync on."""

    user: UserId
    on: bool


@dataclass(frozen=True, slots=True)
class Due:
    """Something to look at at a time: a pair, or a company's feed where `user` is None.

    `late`: only whether the message that the pair's hint row tells of has come by then.
    """

    at: datetime
    company: CompanyId
    user: UserId | None = None
    late: bool = False
    tag: str = field(default="", compare=False)


LineKey = tuple[datetime, str]
"""What tells one line of a pair's history from all others: its time and its id."""


@dataclass(frozen=True, slots=True)
class Record:
    """One line of history: `id` makes writing it twice harmless. Values are encrypted at rest.

    `is_cut`: values were too long to be kept whole. `undone`: when its user took it back.
    """

    id: str
    at: datetime
    note: Note
    activity: str = ""
    event: str = ""
    is_cut: bool = False
    undone: datetime | None = None

    @property
    def key(self) -> LineKey:
        """Where it stands in its pair's history."""
        return self.at, self.id


@dataclass(frozen=True, slots=True)
class Hold:
    """What the guard holds: ids that wait for a person (R20)."""

    id: str
    company: CompanyId
    user: UserId
    kind: str
    reason: str
    since: datetime
    entries: tuple[tuple[Side, str], ...]


@dataclass(frozen=True, slots=True)
class Mentions:
    """Rows of a company that name one of its users: as holder or writer of activities, in claims, as a mailbox's owner.

    They are named by activity, by key, and by mailbox.
    """

    activities: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    mailboxes: tuple[MailboxId, ...] = ()


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What one step of forgetting a company removed, as rows by kind; `more`: there may be others left."""

    counts: Mapping[str, int]
    more: bool = False
