"""One entry as it was seen on one side."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeVar

from core.model.essence import Essence
from core.model.ids import CompanyId, MailboxId, Side, UserId
from core.model.when import Window


class Category(StrEnum):
    """Severa's five groups of activities (facts/severa.md part 3)."""

    PERSONAL = "Personal"
    ABSENCES = "Absences"
    CALENDAR_ENTRY = "CalendarEntry"
    SALES_EVENT = "SalesEvent"
    TASK = "Task"


PRIVATE_CATEGORIES = frozenset({Category.PERSONAL, Category.ABSENCES})
"""Activities that are nobody else's business (R11)."""


class Shape(StrEnum):
    """Whether an entry stands alone or belongs to a recurring one."""

    SINGLE = "single"
    SERIES = "series"
    OCCURRENCE = "occurrence"
    EXCEPTION = "exception"


class Role(StrEnum):
    """What the user whose calendar is read has to do with an activity."""

    OWNER = "owner"
    PARTICIPANT = "participant"
    NONE = "none"


class Response(StrEnum):
    """What somebody answered to an invitation."""

    NONE = "none"
    ORGANIZER = "organizer"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody invited to a meeting; the address is without case. Rooms and other resources are among them."""

    address: str
    response: Response = Response.NONE


@dataclass(frozen=True, slots=True)
class Mark:
    """Our stamp inside an event that we made. A mark of another company, mailbox or generation is no mark (P04)."""

    company: CompanyId
    mailbox: MailboxId
    activity: str
    generation: int
    digest: str


@dataclass(frozen=True, slots=True)
class Activity:
    """A sighting on Severa's side. Times in UTC; `version` is `lastUpdatedDateTime` as Severa spelt it.

    A series is one sighting with all its exceptions. The feed alone shows single dates too: `series` is then the id of
    the series that they are of, and `role` is not known there. `updated_by`: who Severa says made the last change.
    """

    id: str
    version: str
    essence: Essence
    type_id: str
    category: Category
    owner: UserId
    created: datetime | None = None
    modified: datetime | None = None
    shape: Shape = Shape.SINGLE
    has_hours: bool = False
    series: str = ""
    role: Role = Role.OWNER
    updated_by: str = ""

    @property
    def side(self) -> Side:
        """Severa."""
        return Side.SEVERA


@dataclass(frozen=True, slots=True)
class Event:
    """A sighting on Microsoft's side. Times in UTC; `version` is the ETag that a conditional write needs.

    `mark` says nothing where `mark_read` is false: delta pages do not carry it (facts/microsoft.md A4). `remarks` are
    oddities, in stable codes, that history is told of when an activity is made of it (an unknown zone, R23).

    A series is told by its owner's clocks, with all its exceptions; `days_apart` is how many days later its dates are
    by its own. `not_held` names the rule by which Severa can hold no likeness of it (R22).

    Of a meeting: `is_organizer` says whether this mailbox's owner organized it, `organizer` is the organizer's address,
    `response` what this mailbox's owner answered. `uid` is the same in every mailbox that holds it. `guests` are in
    single dates of a series alone, and did not decline: original dates and addresses; no part of what a series holds.
    """

    id: str
    version: str
    essence: Essence
    uid: str = ""
    created: datetime | None = None
    modified: datetime | None = None
    shape: Shape = Shape.SINGLE
    is_meeting: bool = False
    is_cancelled: bool = False
    is_online: bool = False
    transaction: str | None = None
    mark: Mark | None = None
    mark_read: bool = False
    remarks: tuple[str, ...] = ()
    is_organizer: bool = True
    organizer: str = ""
    attendees: tuple[Attendee, ...] = ()
    guests: tuple[tuple[date, str], ...] = ()
    response: Response = Response.NONE
    days_apart: int = 0
    not_held: str = ""

    @property
    def side(self) -> Side:
        """Microsoft."""
        return Side.MICROSOFT


Sighting = Activity | Event
S = TypeVar("S", Activity, Event)


@dataclass(frozen=True, slots=True)
class Unseen:
    """No news of a linked end: it is taken to be as the link remembers it, until it is read."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A linked end whose deletion is proven (R19)."""


UNSEEN = Unseen()
GONE = Gone()


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[S]):
    """Everything that one side showed through a window. Absence is evidence only where `complete` is true."""

    window: Window
    sightings: tuple[S, ...] = field(default=())
    complete: bool = True
