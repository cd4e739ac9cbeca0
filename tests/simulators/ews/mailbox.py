"""One mailbox: its directory entry, and its calendar with all versions of its items."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from .ids import ItemName
from .item import Folder, Item


class MailboxState(StrEnum):
    """What calls for a mailbox meet (facts/microsoft.md G1, G2, G6)."""

    OK = "ok"
    MOVING = "ErrorMailboxMoveInProgress"
    """It is on its way to another database."""
    IN_THE_CLOUD = "ErrorNonExistentMailbox"
    """It has moved to Microsoft 365: its address leads to a mail user."""
    STORE_DOWN = "ErrorMailboxStoreUnavailable"
    FAILING_OVER = "ErrorMailboxFailover"
    OLDER_SERVER = "ErrorInvalidSchemaVersionForMailboxVersion"
    """It lives on an older server than the one that was asked."""


@dataclass(slots=True)
class Mailbox:
    """A user and the user's default calendar.

    `guid` stays for ever. `zone` is the Windows name of the owner's zone. `generation` counts how often all sync
    states were lost. `peak` is the highest number of requests for it that were served at once. `busy_until`: it is
    throttled.
    """

    guid: str
    address: str
    aliases: list[str]
    display_name: str
    calendar: ItemName
    deleted_items: ItemName
    zone: str = "W. Europe Standard Time"
    principal_name: str = ""
    state: MailboxState = MailboxState.OK
    generation: int = 0
    in_flight: int = 0
    peak: int = 0
    busy_until: datetime | None = None
    versions: dict[str, Item] = field(default_factory=dict)
    """Every version of every item, by its change key."""
    _current: dict[str, Item] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _keys: dict[bytes, str] = field(default_factory=dict)
    _exceptions: dict[str, set[str]] = field(default_factory=dict)

    def has(self, address: str) -> bool:
        """Whether this is one of its addresses."""
        return address.lower() in (self.address.lower(), *(alias.lower() for alias in self.aliases))

    def commit(self, item: Item, *, silent: bool = False) -> Item:
        """Make this version the current one; returns it. `silent`: it is the same version to synchronization."""
        self.versions[item.change_key] = item
        self._current[item.key] = item
        if not silent:
            self._numbers[item.key] = self._numbers.get(item.key, 0) + 1
        if item.slot is None:
            self._keys[item.name.entry] = item.key
        else:
            self._exceptions.setdefault(item.slot.series, set()).add(item.key)
        return item

    def current(self, key: str) -> Item:
        """The present version of an item."""
        return self._current[key]

    def number(self, key: str) -> int:
        """How many versions an item has had, as synchronization counts them."""
        return self._numbers[key]

    def listed(self, folder: Folder = Folder.CALENDAR) -> list[Item]:
        """The single items and masters of a folder, in the order of their making."""
        return [item for item in self._current.values() if item.folder is folder and item.slot is None]

    def exceptions(self, series: str) -> Iterable[Item]:
        """All exceptions that a series, named by its master's key, ever had, as they are now."""
        return (self._current[key] for key in self._exceptions.get(series, ()))

    def find(self, entry: bytes) -> Item | None:
        """The single item or master that an entry leads to now: none for one that has moved on or is purged."""
        item = self._current.get(self._keys.get(entry, ""))
        return item if item is not None and item.name.entry == entry and item.folder is not Folder.PURGED else None

    def ever(self, entry: bytes) -> Item | None:
        """The single item or master that an entry leads to or once led to."""
        return self._current.get(self._keys.get(entry, ""))
