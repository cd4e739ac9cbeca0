"""One mailbox: its directory entry, and its calendar as the list of all that ever happened to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from . import zones
from .event import Event
from .ids import clean_uid


class MailboxState(StrEnum):
    """What calendar calls meet (facts/microsoft.md A5)."""

    OK = "ok"
    ON_PREMISES = "on_premises"
    """404 MailboxNotEnabledForRESTAPI."""
    UNLICENSED = "unlicensed"
    """404 ResourceNotFound: a user without a mailbox."""
    DENIED = "denied"
    """403 ErrorAccessDenied: outside the application's scope."""


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the journal. `internal`: Exchange's own follow-up write."""

    at: datetime
    event: Event
    internal: bool = False


@dataclass(slots=True)
class Mailbox:
    """A user and the user's default calendar.

    `proxy_addresses` are in Entra's form: `SMTP:` before the primary address, `smtp:` before the others. `journal`
    keeps every version of every item in the order of the changes; a position in it is a state of the calendar.
    `peak` is the highest number of calendar requests served at once. `wedged`: delta rounds never end.
    """

    tenant_id: str
    object_id: str
    user_principal_name: str
    mail: str | None
    display_name: str
    proxy_addresses: list[str] = field(default_factory=list)
    account_enabled: bool = True
    state: MailboxState = MailboxState.OK
    time_zone: str = "UTC"
    wedged: bool = False
    in_flight: int = 0
    peak: int = 0
    journal: list[Change] = field(default_factory=list)
    follow_ups: list[tuple[datetime, str]] = field(default_factory=list)
    _current: dict[str, Event] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)
    _exceptions: dict[str, set[str]] = field(default_factory=dict)
    _of_uid: dict[str, set[str]] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        """Where its all-day dates live."""
        return zones.zone(self.time_zone) or ZoneInfo("UTC")

    @property
    def address(self) -> str:
        """Whom Exchange names as the organizer."""
        return self.mail or self.user_principal_name

    def commit(self, event: Event, at: datetime, *, internal: bool = False) -> Event:
        """Make this version the current one; returns it."""
        self.journal.append(Change(at, event, internal))
        self._current[event.key] = event
        self._keys[event.rest_id] = self._keys[event.immutable_id] = event.key
        if event.slot is None:
            self._of_uid.setdefault(clean_uid(event.ical_uid), set()).add(event.key)
        else:
            self._exceptions.setdefault(event.slot.series, set()).add(event.key)
        return event

    def current(self, key: str) -> Event:
        """The present version of an item."""
        return self._current[key]

    def items(self, position: int | None = None) -> dict[str, Event]:
        """All items by key, purged ones too; at a position of the journal, or now."""
        if position is None or position == len(self.journal):
            return dict(self._current)
        return {change.event.key: change.event for change in self.journal[:position]}

    def exception_keys(self, series: str) -> frozenset[str]:
        """The keys of all exceptions that a series, named by its master's key, ever had."""
        return frozenset(self._exceptions.get(series, ()))

    def of_meeting(self, uid: str) -> list[Event]:
        """The single events and masters that ever had this iCalUId, its instance date aside; deleted ones too."""
        return [self._current[key] for key in sorted(self._of_uid.get(clean_uid(uid), ()))]

    def owns(self, address: str) -> bool:
        """Whether this is one of its addresses."""
        wanted = address.lower()
        known = (self.address, self.user_principal_name, *(entry[5:] for entry in self.proxy_addresses))
        return wanted in (name.lower() for name in known)

    def find(self, item_id: str, position: int | None = None) -> Event | None:
        """The item that either form of id leads to; purged ones are not found, nor ids that an item no longer has."""
        key = self._keys.get(item_id)
        if key is None:
            return None
        event = self._current[key] if position is None else self.items(position).get(key)
        known = event is not None and item_id in (event.rest_id, event.immutable_id)
        return event if known and event is not None and event.folder != "purged" else None

    def position_at(self, moment: datetime) -> int:
        """The journal's position that a view sees which shows only what had happened by this moment."""
        return sum(1 for change in self.journal if change.at <= moment)

    def position_before_last(self) -> int:
        """The position before the last change, Exchange's own follow-ups left aside."""
        for position in range(len(self.journal) - 1, -1, -1):
            if not self.journal[position].internal:
                return position
        return 0
