"""Everything that the two applications (Graph, Entra) and the people share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from tests.simulators.common.middleware import Sleep

from . import series
from .delta import DeltaStreams
from .directory import Bearer, Tenant
from .event import Event
from .ids import IdSource
from .mailbox import Mailbox
from .options import Options


class Mail(NamedTuple):
    """One mail that Exchange sent because of a call of the API; `event_id` is the immutable id.

    `kind` is invitation, update or cancellation. Mails that people ask for themselves are not kept: promise 3 of the
    design is about the others.
    """

    kind: str
    organizer: str
    attendee: str
    event_id: str


class Invitation(NamedTuple):
    """An invitation on its way to a mailbox, from the organizer's event with this key; to one `day` of it, or whole.

    It arrives when it is `due`; None: somebody holds it back.
    """

    to: Mailbox
    organizer: Mailbox
    key: str
    day: date | None
    due: datetime | None


@dataclass(slots=True)
class World:
    """The state of the simulator. `lock` keeps the people's calls and the servers' threads apart.

    `outside` are the calendars of organizers elsewhere, by address in lower case: nobody can ask for them.
    """

    now: Callable[[], datetime]
    sleep: Sleep
    ids: IdSource
    options: Options
    tenants: dict[str, Tenant] = field(default_factory=dict)
    bearers: dict[str, Bearer] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    outside: dict[str, Mailbox] = field(default_factory=dict)
    waiting: list[Invitation] = field(default_factory=list)
    streams: DeltaStreams = field(default_factory=DeltaStreams)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def mailboxes(self) -> Iterator[Mailbox]:
        """All calendars, those of outside organizers last."""
        for tenant in self.tenants.values():
            yield from tenant.mailboxes.values()
        yield from self.outside.values()

    def mailbox_of(self, address: str) -> Mailbox | None:
        """Who is mailed at an address, secondary ones included; None for somebody outside."""
        found = (tenant.mailbox(address) for tenant in self.tenants.values())
        return next((mailbox for mailbox in found if mailbox is not None), None)

    def locate(self, event_id: str) -> tuple[Mailbox, Event]:
        """The mailbox and the item of any form of id, in Deleted Items too. Raises KeyError."""
        for mailbox in self.mailboxes():
            event = series.find(mailbox, event_id, self.options)
            if event is not None:
                return mailbox, event
        raise KeyError(event_id)
