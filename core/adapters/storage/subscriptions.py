"""Subscriptions in the `companies` table: what the timer stores and what is heard are properties of their own."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

from core.adapters.storage.codec import from_json, to_json
from core.adapters.storage.keys import range_of, safe
from core.adapters.storage.rows import Row, instant_of, instant_text
from core.adapters.storage.tables import How, Table, Write
from core.errors import StorageConflict
from core.model.ids import CompanyId, UserId
from core.model.subscription import Heard, Lifecycle, Subscription

PREFIX = "sub:"
_HEARD = frozenset({"heard"})
_ANY = "*"
"""As a tag: the row is there, whatever is in it (RFC 9110 section 13.1.1)."""


class TableSubscriptionStore:
    """SubscriptionStore (core/ports_live.py). Rows hold ids, times and a digest, so nothing of it is encrypted."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def of_company(self, company: CompanyId) -> tuple[Subscription, ...]:
        """See SubscriptionStore.of_company."""
        first, before = range_of(PREFIX)
        rows = self._table.between((safe(company), first), (safe(company), before))
        return tuple([_subscription(row) async for row in rows])

    async def find(self, company: CompanyId, user: UserId) -> Subscription | None:
        """See SubscriptionStore.find."""
        row = await self._table.read(safe(company), _key(user))
        return None if row is None else _subscription(row)

    async def put(self, company: CompanyId, subscription: Subscription) -> None:
        """See SubscriptionStore.put."""
        row = _row(company, subscription.user, subscription=to_json(subscription, without=_HEARD))
        await self._table.write(Write(row, How.MERGE))

    async def hear(self, company: CompanyId, user: UserId, heard: Heard) -> None:
        """See SubscriptionStore.hear."""
        given: Row = {
            "delivered": instant_text(heard.delivered),
            "event": heard.event.value if heard.event else "",
            "event_at": instant_text(heard.event_at),
            "suspected": instant_text(heard.suspected),
        }
        told = {name: value for name, value in given.items() if value}
        with contextlib.suppress(StorageConflict):  # It is not there any more, and neither is whom it would concern.
            await self._table.write(Write(_row(company, user, **told), How.MERGE, _ANY))

    async def remove(self, company: CompanyId, user: UserId) -> None:
        """See SubscriptionStore.remove."""
        await self._table.remove(safe(company), _key(user))


def _key(user: UserId) -> str:
    return f"{PREFIX}{safe(user)}"


def _row(company: CompanyId, user: UserId, **values: Any) -> Row:
    return {"PartitionKey": safe(company), "RowKey": _key(user), **values}


def _subscription(row: Any) -> Subscription:
    event = row.get("event")
    heard = Heard(
        instant_of(row.get("delivered")),
        Lifecycle(event) if event else None,
        instant_of(row.get("event_at")),
        instant_of(row.get("suspected")),
    )
    return replace(from_json(Subscription, row["subscription"]), heard=heard)
