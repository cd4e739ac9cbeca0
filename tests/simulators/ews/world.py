"""Everything that the operations and the people share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from tests.simulators.common.middleware import Sleep

from .errors import EwsError
from .ids import IdSource, ItemName
from .item import Item
from .mailbox import Mailbox
from .options import Options
from .troubles import Troubles


class Mail(NamedTuple):
    """One mail that Exchange sent because of a call; `uid` is the meeting's.

    `kind` is invitation, update or cancellation. Mails that people ask for themselves are not kept: promise 3 of the
    design is about the others.
    """

    kind: str
    organizer: str
    attendee: str
    uid: str
    subject: str


@dataclass(frozen=True, slots=True)
class Held:
    """An invitation that has not arrived: to whom, from whose calendar, to which item (its key)."""

    to: Mailbox
    organizer: Mailbox
    key: str


@dataclass(slots=True)
class World:
    """The state of the simulator. `lock` keeps the people's calls and the server's threads apart.

    `outside`: calendars elsewhere that invite ours, by address. `waiting`: invitations that are held back.
    `denied`: the addresses of mailboxes for which nobody may act; `shut`: of those whose calendar may not be read.
    `peak`: the most requests for mailboxes that were served at once. `throttle_for`: how long a throttled mailbox
    stays so after each request that comes too early.
    """

    now: Callable[[], datetime]
    sleep: Sleep
    ids: IdSource
    options: Options
    mailboxes: list[Mailbox] = field(default_factory=list)
    outside: dict[str, Mailbox] = field(default_factory=dict)
    waiting: list[Held] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    troubles: Troubles = field(default_factory=Troubles)
    denied: set[str] = field(default_factory=set)
    shut: set[str] = field(default_factory=set)
    throttle_for: timedelta = timedelta(0)
    peak: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)

    def primary(self, address: str) -> Mailbox | None:
        """The mailbox with this primary address."""
        wanted = address.strip().lower()
        return next((box for box in self.mailboxes if box.address.lower() == wanted), None)

    def any_address(self, address: str) -> Mailbox | None:
        """The mailbox with this primary or secondary address."""
        wanted = address.strip().lower()
        return self.primary(address) or next(
            (box for box in self.mailboxes if wanted in (alias.lower() for alias in box.aliases)), None
        )

    def by_guid(self, guid: str) -> Mailbox:
        """The mailbox with this guid. Raises EwsError (ErrorNonExistentMailbox)."""
        found = next((box for box in self.mailboxes if box.guid == guid), None)
        if found is None:
            raise EwsError("ErrorNonExistentMailbox")
        return found

    def locate(self, name: ItemName) -> tuple[Mailbox, Item]:
        """The mailbox and the single item or master that an id leads to or once led to. Raises KeyError."""
        elsewhere = (box for box in self.outside.values() if box.guid == name.mailbox)
        mailbox = next(elsewhere, None) or self.by_guid(name.mailbox)
        item = mailbox.ever(name.entry)
        if item is None:
            raise KeyError(name.text)
        return mailbox, item
