"""The calendars and companies that the use cases need, as Protocols. core/ports.py says what they raise."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Protocol, TypeVar

from core.model.company import CompanySettings, Mailbox, SeveraUser
from core.model.exceptions import DateChange, DateException
from core.model.ids import CompanyId, MailboxId, UserId
from core.model.operation import Draft
from core.model.policy import ActivityType
from core.model.rows import Page, Stamp
from core.model.sighting import Activity, Event, Snapshot
from core.model.when import Window

S = TypeVar("S", Activity, Event)


class Calendar(Protocol[S]):
    """One calendar of one user, on either side."""

    async def view(self, window: Window, *, series: bool = True) -> Snapshot[S]:
        """Every single entry that overlaps the window, and every series with an occurrence in it, whole.

        It is complete, or the call fails, but for entries that cannot be read: then the snapshot says so. Events come
        with their mark read. More series may be shown, and, without `series`, fewer or none.
        """
        ...

    async def later(self, after: datetime) -> Snapshot[S]:
        """Every single entry and every series that begins after that instant, however far ahead."""
        ...

    async def read(self, entry: str) -> S | None:
        """The entry as it is now, mark read; None where the service answers that this very entry is not there."""
        ...

    async def verify(self, entry: str, witness: str) -> S | None:
        """None only where the deletion is proven (R19); the entry where it is alive. `witness` is another id, or empty.

        Raises RetryLater where neither can be shown now.
        """
        ...

    async def create(self, draft: Draft, stamp: Stamp) -> S:
        """Make the entry; the answer is what the side now holds (its echo). OutcomeUnknown if the answer was lost.

        A series is made without its exceptions: `change_date` makes those. A second create with the same stamp makes
        no second event on Microsoft's side.
        """
        ...

    async def update(self, seen: S, draft: Draft, fields: frozenset[str]) -> S:
        """Write only `fields` (and the type or nothing else that the draft names); the answer is the echo.

        Dates of a series are not among them. A new time may cost a series its exceptions: the echo has what is left,
        and no cancelled date that the draft's essence does not have. Raises ItemChanged where the side can tell that
        the entry is no longer as `seen`.
        """
        ...

    async def change_date(
        self, entry: str, seen: S | None, change: DateChange, *, announces: bool = False
    ) -> DateException:
        """Make one date of a series as wanted; the answer is what takes place then now (the echo).

        `announces`: attendees of a meeting are told (R16). Without `seen` the date has to be an ordinary occurrence.
        Raises ItemChanged where it is not as seen, ItemRefused for what the side does not allow: `occurrence_crosses`,
        `occurrence_cancelled` (it cannot be brought back).
        """
        ...

    async def delete(self, seen: S, *, announces: bool = False) -> None:
        """Remove the entry, unless it is no longer as `seen` (ItemChanged). An entry that is not there is success.

        `announces`: attendees of a meeting are told (R16).
        """
        ...


class ActivityCalendar(Calendar[Activity], Protocol):
    """A user's Severa calendar: what they own and what they take part in (`Activity.role`).

    What they cancel on one date of a series that they only take part in takes them off that date (R15).
    """

    async def leave(self, seen: Activity) -> None:
        """Take the user off an activity that they take part in. One that they are not in is success."""
        ...

    async def listed(self, series: str) -> Activity | None:
        """A series as listings show it: first its own row, then its dates. None where they do not show it (yet).

        So what is cancelled there is (R19). Beside a row that was read by its id, the dates may lag: one that is on no
        row then may have been changed just now.
        """
        ...

    async def read_date(self, series: str, day: date) -> Activity | None:
        """The occurrence or exception that an original date of a series is, be the user in it or not.

        None where it does not take place there, or where the side keeps no single dates.
        """
        ...


class MailboxCalendar(Calendar[Event], Protocol):
    """A mailbox's default calendar, which also tells what changed.

    An event with attendees is written and deleted only by a draft that `announces` it (R16); else ItemRefused
    (`meeting`).
    """

    async def find_meeting(self, uid: str) -> Event | None:
        """The event of a meeting that this mailbox holds, by its uid (`core/model/uid.py`), mark read."""
        ...

    def changes(self, cursor: str | None, window: Window) -> AsyncIterator[Page]:
        """One round: what changed since the cursor, or everything in the window. Raises CursorGone."""
        ...


class MicrosoftCompany(Protocol):
    """A company's mailboxes."""

    async def find_mailbox(self, addresses: Sequence[str]) -> Mailbox | None:
        """The one mailbox that answers to one of these addresses, primary or secondary, compared without case (R1)."""
        ...

    def calendar(self, mailbox: MailboxId, zone: str = "") -> MailboxCalendar:
        """That mailbox's default calendar; `zone` (IANA) is its owner's, needed for writing whole days alone."""
        ...


class SeveraCompany(Protocol):
    """A company's Severa."""

    def calendar(self, user: SeveraUser, zone: str) -> ActivityCalendar:
        """This user's calendar; `zone` (IANA) is where their whole days begin, and whose clocks tell their series."""
        ...

    async def change_people(
        self,
        activity: str,
        add: frozenset[UserId],
        remove: frozenset[UserId],
        *,
        dates: bool = False,
        spared: frozenset[str] = frozenset(),
    ) -> None:
        """Add participants who are not there yet, remove those who are. Other participants stay.

        `dates`: of a series, first on each coming date that has people of its own, but those `spared`, by their
        activities' ids; then on all others.
        """
        ...

    async def change_owner(self, activity: str, owner: UserId) -> None:
        """Give the activity to another user. One that is not there is success."""
        ...

    async def users(self) -> tuple[SeveraUser, ...]:
        """Every active user of the company."""
        ...

    def changes(self, since: datetime | None, window: Window) -> AsyncIterator[tuple[Activity, ...]]:
        """The feed: the company's activities in the window changed at or after `since`, page by page."""
        ...

    async def activity_types(self) -> tuple[ActivityType, ...]:
        """Every activity type of the company, inactive ones too."""
        ...

    async def user(self, user: UserId) -> SeveraUser | None:
        """The user, or None where Severa knows none."""
        ...

    async def find_user(self, address: str) -> SeveraUser | None:
        """The active user with this address, compared without case."""
        ...


class Gateways(Protocol):
    """Where a company's two calendars are reached, by its settings. Raises Stop where it cannot be connected."""

    async def severa(self, company: CompanyId, settings: CompanySettings, *, first_sync: bool = False) -> SeveraCompany:
        """The company's Severa. A first sync's requests leave a part of the budget to live changes."""
        ...

    async def microsoft(self, company: CompanyId, settings: CompanySettings) -> MicrosoftCompany:
        """The company's mailboxes."""
        ...


class Limiter(Protocol):
    """The one budget of requests that a company's Severa calls share (facts/severa.md 1.3)."""

    async def slot(self) -> None:
        """Return when a request may be sent. Raises RetryLater where the wait would be longer than five seconds."""
        ...

    async def paused(self, seconds: float) -> None:
        """The service answered 429: nobody sends for that long."""
        ...
