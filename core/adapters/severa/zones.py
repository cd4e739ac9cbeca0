"""The zones of activities' owners (R23): Severa tells none with an activity (facts/severa.md 1.7)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

from core.adapters.severa.api import USER, SeveraApi
from core.adapters.severa.failures import understood
from core.adapters.severa.parsing import Json, Malformed, is_guid, zone_or_none
from core.adapters.severa.registry import parse_user
from core.adapters.severa.wire import needs_zone, owner_of
from core.model.essence import Essence, with_exceptions
from core.model.ids import UserId
from core.model.rezone import in_zone
from core.model.when import Series, Timed


class OwnerZones:
    """What a company's users have their clocks at; `company` is the zone of whoever has none that is known (R23)."""

    def __init__(self, api: SeveraApi, company: ZoneInfo) -> None:
        self._api, self._company = api, company
        self._known: dict[UserId, ZoneInfo] = {}

    def learn(self, user: UserId, zone: str) -> ZoneInfo:
        """Remember a user's zone (IANA); the company's where the zone database does not know it."""
        self._known[user] = zone_or_none(zone) or self._company
        return self._known[user]

    def known(self, owner: UserId) -> ZoneInfo:
        """The owner's zone as far as it was told."""
        return self._known.get(owner, self._company)

    async def of(self, owner: UserId) -> ZoneInfo:
        """The owner's zone, asked for once. A user who is gone has the company's. Raises RetryLater."""
        if owner in self._known or not is_guid(owner):
            return self.known(owner)
        row = await self._api.one(USER, owner)
        with understood(f"GET {USER}"):
            return self.learn(owner, parse_user(row).zone if row is not None else "")

    async def learn_for(self, rows: Iterable[Json]) -> None:
        """Ask for the zones without which these activities cannot be read; `known` has them then."""
        for row in rows:
            with contextlib.suppress(Malformed):  # It is left out when it is parsed, and says why.
                if needs_zone(row):
                    await self.of(owner_of(row))


def by_clocks(content: Essence, zone: str) -> Essence:
    """The same content as clocks in that zone (IANA) tell it; a series' exceptions move along with its dates.

    A series that would be on dates there that no pattern has stays as its owner's clocks tell it.
    """
    when = content.when
    if isinstance(when, Timed):
        return replace(content, when=replace(when, zone=zone))
    there = in_zone(when, zone) if isinstance(when, Series) else None
    if not isinstance(when, Series) or there is None:
        return content
    later = there.series.first - when.first
    moved = [replace(one, day=one.day + later) for one in content.exceptions]
    return with_exceptions(replace(content, when=there.series, exceptions=()), moved)
