"""What subscriptions, notifications and housekeeping need of the world beside core/ports.py.

Stores raise RetryLater and StorageConflict. Graph's part raises RetryLater, OutcomeUnknown and Stop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.model.ids import CompanyId, MailboxId, Pair, UserId
from core.model.rows import Forgotten
from core.model.subscription import Existing, Granted, Heard, OldIntent, Place, Request, Subscription, Taken
from core.ports import Ports
from core.ports_consent import ConsentStore


class SubscriptionStore(Protocol):
    """Rows `sub:<user>` of the `companies` table: one for each pair that has, or is to have, a subscription."""

    async def of_company(self, company: CompanyId) -> tuple[Subscription, ...]:
        """Every row of the company, by user, in one query."""
        ...

    async def find(self, company: CompanyId, user: UserId) -> Subscription | None:
        """A pair's row, in one read."""
        ...

    async def put(self, company: CompanyId, subscription: Subscription) -> None:
        """Store all of it but what was heard, which stays as it is."""
        ...

    async def hear(self, company: CompanyId, user: UserId, heard: Heard) -> None:
        """Store those parts of what was heard that are given, where there is a row; all else stays."""
        ...

    async def remove(self, company: CompanyId, user: UserId) -> None:
        """Forget the row."""
        ...


class GraphSubscriptions(Protocol):
    """The subscriptions of this application in one Microsoft organization (facts/microsoft.md E)."""

    async def create(self, request: Request) -> Granted | Taken:
        """Ask for one. Graph calls both addresses before it answers.

        Raises Stop: `subscription_quota`, `notifications_not_reached`, and what any call to a mailbox raises.
        """
        ...

    async def renew(self, subscription: str, until: datetime) -> datetime | None:
        """Let it live and be authorized further; until when it lives now, None where there is none such."""
        ...

    async def read(self, subscription: str) -> Existing | None:
        """It as Graph has it, None where there is none such."""
        ...

    async def of_mailbox(self, mailbox: MailboxId) -> tuple[Existing, ...]:
        """All that watch a mailbox's events. It lists those of the whole organization."""
        ...

    async def delete(self, subscription: str) -> None:
        """End it; one that is not there has ended."""
        ...


class Directory(Protocol):
    """Walks over all that is stored, so that nobody has to keep a list of companies or pairs."""

    async def company_after(self, company: str) -> CompanyId | None:
        """The next company with rows in `companies`, in the order of ids; None after the last one."""
        ...

    async def user_after(self, company: CompanyId, user: str) -> UserId | None:
        """The next user with rows in `pairs` of that company, in the order of ids."""
        ...

    async def place(self, name: str) -> Place:
        """Where the round of that name stands; an empty place where it never began."""
        ...

    async def put_place(self, name: str, standing: Place) -> Place:
        """Store it if it is still as `standing.tag` says; with its new tag. Raises StorageConflict."""
        ...


class Attic(Protocol):
    """What is old enough to go. Each call removes a thousand rows at most; repeating it is harmless."""

    async def purge_history(self, pair: Pair, before: datetime) -> Forgotten:
        """Remove lines from before that instant: `history`."""
        ...

    async def purge_links(self, pair: Pair, before: datetime) -> Forgotten:
        """Remove dead links that were recorded last before that instant: `links`."""
        ...

    async def old_intents(self, company: CompanyId, before: datetime) -> tuple[OldIntent, ...]:
        """Intents that could not take effect any more from before that instant."""
        ...


@dataclass(frozen=True, slots=True)
class LivePorts:
    """Everything that these use cases are given.

    `graph` reaches an organization by its tenant id. `address` is where Graph reaches this service, without a slash at
    its end; it is empty where Graph does not: then no subscription is made, and looking regularly serves alone.
    """

    ports: Ports
    subscriptions: SubscriptionStore
    graph: Callable[[str], GraphSubscriptions]
    directory: Directory
    attic: Attic
    consents: ConsentStore
    address: str = ""
