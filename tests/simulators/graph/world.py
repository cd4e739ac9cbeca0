"""Everything that the two applications (Graph, Entra) and the people share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
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


@dataclass(slots=True)
class World:
    """The state of the simulator. `lock` keeps the people's calls and the servers' threads apart."""

    now: Callable[[], datetime]
    sleep: Sleep
    ids: IdSource
    options: Options
    tenants: dict[str, Tenant] = field(default_factory=dict)
    bearers: dict[str, Bearer] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    streams: DeltaStreams = field(default_factory=DeltaStreams)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def locate(self, event_id: str) -> tuple[Mailbox, Event]:
        """The mailbox and the item of any form of id, in Deleted Items too. Raises KeyError."""
        for tenant in self.tenants.values():
            for mailbox in tenant.mailboxes.values():
                event = series.find(mailbox, event_id, self.options)
                if event is not None:
                    return mailbox, event
        raise KeyError(event_id)
