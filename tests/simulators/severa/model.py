"""What the simulated Severa keeps, as frozen values. Moments are aware datetimes in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

Category = Literal["CalendarEntry", "SalesEvent", "Task", "Personal", "Absences"]
CATEGORIES: tuple[Category, ...] = ("CalendarEntry", "SalesEvent", "Task", "Personal", "Absences")
RecurrenceType = Literal["None", "Occurrence", "Exception", "Series"]
GuestKind = Literal["Contact", "Resource", "Other"]
MemberStatus = Literal["Unknown", "Invited", "Accepted", "Tentative", "Declined"]


@dataclass(frozen=True, slots=True)
class Reference:
    """Something named elsewhere in Severa: a customer, a phase."""

    guid: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """Who created or changed something: a user, or the contact of an API credential."""

    guid: str
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Company:
    """One Severa organization with the API credential that its administrator made (facts/severa.md 1.1)."""

    guid: str
    name: str
    timezone: str
    client_id: str
    client_secret: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class User:
    """A user of one company; `timezone` is an IANA name."""

    guid: str
    company_guid: str
    first_name: str
    last_name: str
    email: str | None
    timezone: str
    default_type_guid: str | None
    is_active: bool
    mailed_on_new_activity: bool
    created: datetime
    updated: datetime

    @property
    def author(self) -> Author:
        """This user as the one who changed something."""
        return Author(self.guid, self.first_name, self.last_name)

    @property
    def zone(self) -> ZoneInfo:
        """The user's time zone. Raises ZoneInfoNotFoundError for a name that the zone database lacks."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class ActivityType:
    """A configurable name inside one category; at most one default per category (facts/severa.md 1.8)."""

    guid: str
    company_guid: str
    name: str
    category: Category
    is_default: bool
    is_active: bool
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Series:
    """Which dates of a series are not what its rule says: original dates in its owner's zone."""

    cancelled: frozenset[date] = frozenset()
    changed: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Activity:
    """One calendar or task item (facts/severa.md 1.7).

    An all-day activity starts and ends at midnight of its owner's zone; the end is exclusive. Without an end it is a
    to-do at one moment. `recurrence` is the API's own JSON object. A `series` has occurrences, made when they are asked
    for, and exceptions, kept; both have an `original` date, in the owner's zone. An activity without either that is
    called Series, Occurrence or Exception is only that: somebody gave it the name.
    """

    guid: str
    owner: str
    type: str
    name: str
    start: datetime
    end: datetime | None
    all_day: bool
    has_duration: bool
    created: datetime
    created_by: Author | None
    updated: datetime
    updated_by: Author | None
    notes: str | None = None
    location: str | None = None
    closed: bool = False
    unassigned: bool = False
    has_hours: bool = False
    customer: Reference | None = None
    phase: Reference | None = None
    recurrence_type: RecurrenceType = "None"
    recurrence: Mapping[str, Any] | None = None
    recurrence_parent: str | None = None
    recurrence_rule: str | None = None
    series: Series | None = None
    original: date | None = None

    @property
    def ends(self) -> datetime:
        """The end, or the start of an activity that has none."""
        return self.end if self.end is not None else self.start


@dataclass(frozen=True, slots=True)
class Guest:
    """Who takes part in an activity and is no user (facts/severa.md 1.7)."""

    guid: str
    name: str
    email: str | None
    kind: GuestKind


@dataclass(frozen=True, slots=True)
class Participant:
    """A user, or the guest with that guid, who takes part in an activity that somebody owns."""

    guid: str
    activity: str
    user: str
    status: MemberStatus = "Unknown"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that Severa itself sent about a new activity."""

    to: str
    subject: str
