"""A company's Severa: the port `SeveraCompany`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx

from core.adapters.severa import quirks
from core.adapters.severa.api import ACTIVITIES, TYPES, USERS, SeveraApi
from core.adapters.severa.calendar import SeveraCalendar, readable, window_filters
from core.adapters.severa.exchange import TIMEOUTS, Exchange, Timeouts
from core.adapters.severa.failures import understood
from core.adapters.severa.parsing import zone_or_none
from core.adapters.severa.quirks import PatchValues
from core.adapters.severa.registry import parse_type, parse_user
from core.adapters.severa.tokens import Credentials, Tokens
from core.adapters.severa.wire import instant, owner_of
from core.model.company import SeveraUser
from core.model.ids import UserId
from core.model.policy import ActivityType
from core.model.sighting import Activity
from core.model.when import Window
from core.ports import Clock, Limiter

_UTC = ZoneInfo("UTC")


class SeveraGateway:
    """Keeps the company's token in memory, so it is made once per company and process.

    `zone` (IANA) is the company's: whole days of owners whose own is not known here begin in it. `client` is shared
    and closed by whoever made it.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        base_url: str,
        credentials: Credentials,
        limiter: Limiter,
        clock: Clock,
        zone: str,
        *,
        timeouts: Timeouts = TIMEOUTS,
        values: PatchValues = quirks.PATCH_VALUES,
    ) -> None:
        exchange = Exchange(client, base_url, limiter, clock, timeouts)
        self._api = SeveraApi(exchange, Tokens(exchange, credentials, clock))
        self._zone = zone_or_none(zone) or _UTC
        self._zones: dict[UserId, ZoneInfo] = {}
        self._values = values

    def calendar(self, user: SeveraUser, zone: str) -> SeveraCalendar:
        """See the port. An unknown zone is the company's."""
        self._zones[user.id] = zone_or_none(zone) or self._zone
        return SeveraCalendar(self._api, user.id, self._zones[user.id], self._values)

    async def changes(self, since: datetime | None, window: Window) -> AsyncIterator[tuple[Activity, ...]]:
        """See the port. Singles, occurrences and exceptions, each with its shape; series only as their occurrences.

        A row that cannot be read is left out: everybody's daily listing comes back to it.
        """
        filters = window_filters(window)
        if since is not None:
            filters += (("changedSince", instant(since)),)
        async for page in self._api.pages(ACTIVITIES, filters):
            yield readable(page, lambda row: self._zones.get(owner_of(row), self._zone))

    async def activity_types(self) -> tuple[ActivityType, ...]:
        """See the port."""
        found: dict[str, ActivityType] = {}
        async for page in self._api.pages(TYPES, ()):
            with understood(f"GET {TYPES}"):
                found |= {kind.id: kind for kind in map(parse_type, page)}
        return tuple(found.values())

    async def user(self, user: UserId) -> SeveraUser | None:
        """See the port."""
        row = await self._api.one(USERS, user)
        if row is None:
            return None
        with understood(f"GET {USERS}/{{guid}}"):
            return parse_user(row)

    async def find_user(self, address: str) -> SeveraUser | None:
        """See the port. The filter is loose, so every hit is compared again; two that fit are nobody (1.9)."""
        wanted = address.strip().casefold()
        fitting: dict[UserId, SeveraUser] = {}
        async for page in self._api.pages(USERS, (("email", address.strip()), ("isActive", "true"))):
            with understood(f"GET {USERS}"):
                hits = [parse_user(row) for row in page]
            same = (hit for hit in hits if hit.is_active and wanted in (a.casefold() for a in hit.addresses))
            fitting |= {hit.id: hit for hit in same}
        return next(iter(fitting.values())) if len(fitting) == 1 else None
