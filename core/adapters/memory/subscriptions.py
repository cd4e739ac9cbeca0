"""Subscriptions in memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from core.adapters.memory.effects import Effects
from core.model.ids import CompanyId, UserId
from core.model.subscription import Heard, Subscription


class MemorySubscriptionStore:
    """SubscriptionStore (core/ports_live.py) in memory."""

    def __init__(self, effects: Effects | None = None) -> None:
        self._effects = effects or Effects()
        self._rows: dict[tuple[CompanyId, UserId], Subscription] = {}

    async def of_company(self, company: CompanyId) -> tuple[Subscription, ...]:
        """See SubscriptionStore.of_company."""
        await asyncio.sleep(0)
        return tuple(
            row for (owner, _), row in sorted(self._rows.items(), key=lambda item: item[0]) if owner == company
        )

    async def find(self, company: CompanyId, user: UserId) -> Subscription | None:
        """See SubscriptionStore.find."""
        await asyncio.sleep(0)
        return self._rows.get((company, user))

    async def put(self, company: CompanyId, subscription: Subscription) -> None:
        """See SubscriptionStore.put."""
        await asyncio.sleep(0)
        with self._effects.around("subscriptions.put"):
            held = self._rows.get((company, subscription.user))
            self._rows[company, subscription.user] = replace(subscription, heard=held.heard if held else Heard())

    async def hear(self, company: CompanyId, user: UserId, heard: Heard) -> None:
        """See SubscriptionStore.hear."""
        await asyncio.sleep(0)
        with self._effects.around("subscriptions.hear"):
            held = self._rows.get((company, user))
            if held is not None:
                told = Heard(
                    heard.delivered or held.heard.delivered,
                    heard.event or held.heard.event,
                    heard.event_at or held.heard.event_at,
                    heard.suspected or held.heard.suspected,
                )
                self._rows[company, user] = replace(held, heard=told)

    async def remove(self, company: CompanyId, user: UserId) -> None:
        """See SubscriptionStore.remove."""
        await asyncio.sleep(0)
        with self._effects.around("subscriptions.remove"):
            self._rows.pop((company, user), None)
