"""What the use cases need of the world, as Protocols. Every implementation passes the contract suite of its port.

Calendars raise only `core.errors`: RetryLater (throttled, unreachable), OutcomeUnknown (a write whose answer was lost),
ItemChanged (412), ItemRefused, CursorGone, Stop. Stores raise RetryLater, StorageConflict, LeaseLost. All instants are
aware and UTC.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from core.model.claim import Claim
from core.model.company import ActivityRow, CompanySettings, FeedState
from core.model.ids import CompanyId, MailboxId, Pair, Side, UserId
from core.model.link import Intent, Link
from core.model.rows import Commit, Due, Forgotten, Hold, LineKey, Member, Mentions, Record
from core.model.state import Head, Hint, Lease, Pending, Switch
from core.ports_calendars import (
    ActivityCalendar,
    Calendar,
    Gateways,
    Limiter,
    MailboxCalendar,
    MicrosoftCompany,
    SeveraCompany,
)

__all__ = [
    "ActivityCalendar",
    "Calendar",
    "Clock",
    "CompanyStore",
    "DueStore",
    "Executor",
    "Gateways",
    "HistoryStore",
    "HoldStore",
    "Keys",
    "Limiter",
    "MailboxCalendar",
    "MicrosoftCompany",
    "PairStore",
    "Ports",
    "Queues",
    "Randomness",
    "SeveraCompany",
    "Sleeper",
]

T = TypeVar("T")


# --- the undetermined -------------------------------------------------------------------------------------------------
class Clock(Protocol):
    """The time of day."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...


class Sleeper(Protocol):
    """Waiting."""

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""
        ...


class Randomness(Protocol):
    """Chance."""

    def token(self) -> str:
        """32 unguessable hexadecimal characters."""
        ...

    def fraction(self) -> float:
        """A number in [0, 1), for spreading work in time."""
        ...


class Executor(Protocol):
    """Where blocking calls run: threads in production, inline in the simulation."""

    async def run(self, call: Callable[..., T], *args: Any) -> T:
        """The call's result."""
        ...


# --- state ------------------------------------------------------------------------------------------------------------
class PairStore(Protocol):
    """The `pairs` table. Writes of a run are fenced by its lease; hints and pending rows come from anyone."""

    async def head(self, pair: Pair) -> Head:
        """State, cursor, switch, presence, hint and pending rows, in one read. An unknown pair has an empty head."""
        ...

    async def acquire(self, head: Head, now: datetime, until: datetime) -> Lease | None:
        """A new epoch for this run, taking the queued hint with it; None where another run holds the lease."""
        ...

    async def commit(self, lease: Lease, until: datetime, change: Commit) -> Lease:
        """One transaction, fenced by the lease, which it renews until `until`. Raises LeaseLost: nothing was written.

        A `settled` row that was noticed again since it was read stays.
        """
        ...

    async def release(self, lease: Lease, change: Commit) -> bool:
        """The last commit of a run, which gives the lease back; True where a hint came in since `acquire`."""
        ...

    async def links(self, pair: Pair) -> tuple[Link, ...]:
        """Every link of the pair, dead ones too."""
        ...

    async def link_of(self, pair: Pair, side: Side, entry: str) -> Link | None:
        """The link of one entry, from either end."""
        ...

    async def notice(self, pair: Pair, pending: Sequence[Pending]) -> None:
        """Put pending rows, unfenced; one that is there already is renewed."""
        ...

    async def set_hint(
        self, pair: Pair, hint: Hint, present_until: datetime | None = None, pending: Sequence[Pending] = ()
    ) -> bool:
        """Put the hint row if it is still as `hint.tag` says; False where somebody else was quicker.

        Presence and a few pending rows go into the same transaction: all of it is stored, or nothing.
        """
        ...

    async def set_switch(self, pair: Pair, switch: Switch) -> None:
        """Put the user's own switch."""
        ...

    async def forget(self, company: CompanyId, user: UserId | None = None) -> Forgotten:
        """Remove rows of one pair, or of all the company's, some thousand at most: `links`, `pending`."""
        ...


class CompanyStore(Protocol):
    """The `companies` table."""

    async def settings(self, company: CompanyId) -> tuple[CompanySettings, str] | None:
        """The settings and their ETag."""
        ...

    async def put_settings(self, company: CompanyId, settings: CompanySettings, tag: str) -> str:
        """Store them if they are still as `tag` says (empty: not there yet); the new ETag. Raises StorageConflict."""
        ...

    async def members(self, company: CompanyId) -> tuple[Member, ...]:
        """Everybody who has, or had, the sync on."""
        ...

    async def put_member(self, company: CompanyId, member: Member) -> None:
        """Store a member."""
        ...

    async def remove_member(self, company: CompanyId, user: UserId) -> None:
        """Forget a member."""
        ...

    async def bind_mailbox(self, company: CompanyId, mailbox: MailboxId, user: UserId) -> UserId:
        """Give the mailbox to the user if nobody of the company has it; whoever has it now (R1)."""
        ...

    async def unbind_mailbox(self, company: CompanyId, mailbox: MailboxId) -> None:
        """Let the mailbox be nobody's."""
        ...

    async def mentions(self, company: CompanyId, user: UserId) -> Mentions:
        """Which rows name the user, beside their own. It reads the company's rows of activities and claims, all."""
        ...

    async def begin(self, intent: Intent) -> Intent | None:
        """Insert the intent once for the whole company; the earlier one where it is there already."""
        ...

    async def intents(self, pair: Pair) -> tuple[Intent, ...]:
        """Every intent of the pair that has not ended, in one read."""
        ...

    async def end(self, company: CompanyId, intent: str) -> None:
        """Forget an intent whose link is recorded."""
        ...

    async def activity(self, company: CompanyId, activity: str) -> ActivityRow:
        """The company's row of an activity; an unknown one is an empty row without a tag."""
        ...

    async def put_activity(self, company: CompanyId, row: ActivityRow) -> ActivityRow:
        """Store it if it is still as `row.tag` says; the row with its new tag. Raises StorageConflict."""
        ...

    async def put_holders(self, company: CompanyId, rows: Sequence[ActivityRow]) -> None:
        """Store origin and claim of many activities and add these holders, whatever their tags.

        Holders who are there already stay, and so does a lock that is held. An empty claim changes none.
        """
        ...

    async def drop_holder(self, company: CompanyId, activity: str, user: UserId) -> None:
        """This user's pair holds the activity no more."""
        ...

    async def claim(self, company: CompanyId, key: str) -> Claim:
        """The claim on a meeting; an unknown one is an empty row without a tag."""
        ...

    async def put_claim(self, company: CompanyId, claim: Claim) -> Claim:
        """Store it if it is still as `claim.tag` says (empty: not there yet). Raises StorageConflict."""
        ...

    async def drop_claim(self, company: CompanyId, key: str) -> None:
        """Forget the claim on a meeting that is no more."""
        ...

    async def feed(self, company: CompanyId) -> FeedState:
        """The feed's row; an unknown company has an empty one."""
        ...

    async def put_feed(self, company: CompanyId, state: FeedState) -> FeedState:
        """Store it if it is still as `state.tag` says; with its new tag. Raises StorageConflict."""
        ...

    async def counter(self, company: CompanyId, name: str) -> tuple[float, str]:
        """A number that a whole company shares (limiter, guard) and its ETag; 0 and no tag where it is not there."""
        ...

    async def put_counter(self, company: CompanyId, name: str, value: float, tag: str) -> None:
        """Store it if it is still as `tag` says. Raises StorageConflict."""
        ...

    async def forget(self, company: CompanyId) -> Forgotten:
        """Remove rows, some thousand at most, all but the settings.

        They are counted as `users`, `mailboxes`, `activities`, `intents`, `claims`.
        """
        ...

    async def remove_settings(self, company: CompanyId, tag: str) -> None:
        """Remove the settings if they are still as `tag` says. Raises StorageConflict."""
        ...


class DueStore(Protocol):
    """The `due` table: shard and minute are its partitions, so a sweep reads a few of them, never the whole table."""

    async def put(self, due: Due) -> None:
        """Put it in the book; the same thing in the same minute is one row."""
        ...

    def until(self, now: datetime) -> AsyncIterator[Due]:
        """Everything that is due by `now`."""
        ...

    async def done(self, due: Due) -> None:
        """Take it out of the book."""
        ...

    async def forget(self, company: CompanyId, user: UserId | None = None) -> Forgotten:
        """Take out what is the company's, or one pair's, some thousand at most: `due`."""
        ...


class HistoryStore(Protocol):
    """The `history` table: readable by that user only, 90 days."""

    async def append(self, pair: Pair, records: Sequence[Record]) -> None:
        """Store the lines."""
        ...

    async def read(
        self, pair: Pair, since: datetime, limit: int = 100, *, after: LineKey | None = None
    ) -> tuple[Record, ...]:
        """The newest lines first; with `after`, those that follow that line, be it still there or not."""
        ...

    async def find(self, pair: Pair, key: LineKey) -> Record | None:
        """One line, in one read."""
        ...

    async def forget(self, company: CompanyId, user: UserId | None = None) -> Forgotten:
        """Remove lines of one pair, or of all the company's, some thousand at most: `history`."""
        ...


class HoldStore(Protocol):
    """The `holds` table."""

    async def put(self, hold: Hold) -> None:
        """Store a hold; the same id again replaces it."""
        ...

    async def of_company(self, company: CompanyId) -> tuple[Hold, ...]:
        """Every hold of a company."""
        ...

    async def find(self, company: CompanyId, hold: str) -> Hold | None:
        """One hold, in one read."""
        ...

    async def remove(self, company: CompanyId, hold: str) -> None:
        """Forget a hold."""
        ...

    async def forget(self, company: CompanyId) -> Forgotten:
        """Remove holds of the company, some thousand at most: `holds`."""
        ...


class Queues(Protocol):
    """The queues `pairs`, `pairs-first` and `feeds`. Messages carry ids only and live until they are handled."""

    async def put(self, queue: str, message: Mapping[str, str | int], delay: float = 0.0) -> None:
        """Send a message that shows after `delay` seconds (at most seven days)."""
        ...


class Keys(Protocol):
    """Keys that are derived for one company."""

    def digest_key(self, company: CompanyId) -> bytes:
        """The key of the company's digests and marks."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that the use cases are given."""

    clock: Clock
    sleeper: Sleeper
    randomness: Randomness
    gateways: Gateways
    pairs: PairStore
    companies: CompanyStore
    due: DueStore
    history: HistoryStore
    holds: HoldStore
    queues: Queues
    keys: Keys
