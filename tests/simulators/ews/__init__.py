"""A stateful stand-in for an Exchange Server's EWS, from 2007 SP1 to Subscription Edition."""

from __future__ import annotations

from .errors import EwsError
from .item import Attendee, Folder, Item, Property
from .mailbox import Mailbox, MailboxState
from .options import Options
from .people import People
from .releases import RELEASES, SCHEMAS, Release
from .schemas import Schemas
from .simulator import EwsSimulator, Exchanged
from .troubles import Trouble, Where
from .world import Mail

__all__ = [
    "RELEASES",
    "SCHEMAS",
    "Attendee",
    "EwsError",
    "EwsSimulator",
    "Exchanged",
    "Folder",
    "Item",
    "Mail",
    "Mailbox",
    "MailboxState",
    "Options",
    "People",
    "Property",
    "Release",
    "Schemas",
    "Trouble",
    "Where",
]
