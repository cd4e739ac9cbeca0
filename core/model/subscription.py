"""A pair's Graph subscription and what was heard of it: one row of the `companies` table, as data. Times in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.model.ids import MailboxId, UserId


class Lifecycle(StrEnum):
    """What Graph says of a subscription itself (facts/microsoft.md E, "Lifecycle")."""

    REAUTHORIZE = "reauthorizationRequired"
    REMOVED = "subscriptionRemoved"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of a subscription: written by whoever hears it, each part on its own, whatever else happens.

    `delivered`: when a notification of it last came, to the hour. `event` came at `event_at`. `suspected`: when a look
    that nobody had asked for found a change that no notification had told of.
    """

    delivered: datetime | None = None
    event: Lifecycle | None = None
    event_at: datetime | None = None
    suspected: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A pair's subscription as the timer last left it. `id` is empty where there is none (any more).

    `tenant` and `mailbox`: what it watches; `address`: where it delivers to. `digest` is the keyed digest of its
    `clientState`, which is kept nowhere. `authorized`: the last call that authorized it, a creation or a renewal;
    `renew_at`: when the next one is due. `handled` is the `event_at` up to which events are dealt with. `full`: changes
    may have been lost with an earlier one, so the pair is to be read in full. `code`, `failures` and `not_before`: how
    the last attempt ended, and when the next one may come.
    """

    user: UserId
    id: str = ""
    tenant: str = ""
    mailbox: MailboxId = MailboxId("")
    address: str = ""
    digest: str = ""
    created: datetime | None = None
    expires: datetime | None = None
    authorized: datetime | None = None
    renew_at: datetime | None = None
    handled: datetime | None = None
    full: bool = False
    code: str = "ok"
    failures: int = 0
    not_before: datetime | None = None
    heard: Heard = field(default_factory=Heard)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of Graph: a subscription to a mailbox's events, with immutable ids, until an instant.

    `notifications` and `lifecycle` are addresses of ours. `client_state` comes back with every notification.
    """

    mailbox: MailboxId
    notifications: str
    lifecycle: str
    client_state: str = field(repr=False)
    until: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Granted:
    """A subscription that Graph has just made."""

    id: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """Graph made none, for this application watches the mailbox already; `id` is empty where Graph does not name it."""

    id: str = ""


@dataclass(frozen=True, slots=True)
class Existing:
    """A subscription as Graph has it."""

    id: str
    mailbox: MailboxId
    notifications: str
    lifecycle: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a round that goes through everything stopped: the last company and user that were dealt with.

    `begun`: when the round began; None where the last one came to its end at `ended`.
    """

    company: str = ""
    user: str = ""
    begun: datetime | None = None
    ended: datetime | None = None
    tag: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class OldIntent:
    """An intent that can no longer take effect: its id, the user of its pair, and the entry that it was made from."""

    id: str
    user: UserId
    side: str
    source: str
