"""A company's Severa: the port `SeveraCompany`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx

from core.adapters.severa import quirks
from core.adapters.severa.api import ACTIVITIES, TYPES, USER, USERS, SeveraApi
from core.adapters.severa.calendar import SeveraCalendar
from core.adapters.severa.drafts import instant
from core.adapters.severa.exchange import TIMEOUTS, Exchange, Params, Timeouts
from core.adapters.severa.failures import understood
from core.adapters.severa.listings import readable, within
from core.adapters.severa.parsing import Json, zone_or_none
from core.adapters.severa.people import People
from core.adapters.severa.quirks import PatchValues
from core.adapters.severa.registry import parse_type, parse_user
from core.adapters.severa.single_dates import SingleDates
from core.adapters.severa.tokens import Credentials, Tokens
from core.adapters.severa.wire import KINDS, owner_of, parse_activity
from core.adapters.severa.zones import OwnerZones
from core.model.company import SeveraUser
from core.model.ids import UserId
from core.model.policy import ActivityType
from core.model.sighting import Activity, Shape
from core.model.when import Window
from core.ports import Clock, Limiter

_UTC = ZoneInfo("UTC")


class SeveraGateway:
    """Keeps the company's token in memory, so it is made once per company and process; the zones of its users, too.

    `zone` (IANA) is the company's: it serves owners who have none. `client` is shared and closed by whoever made it.
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
        self._zones = OwnerZones(self._api, zone_or_none(zone) or _UTC)
        self._people, self._values, self._clock = People(self._api), values, clock

    def calendar(self, user: SeveraUser, zone: str) -> SeveraCalendar:
        """See the port. An unknown zone is the company's."""
        return SeveraCalendar(self._api, user.id, self._zones.learn(user.id, zone), self._zones, self._values)

    # --- the feed -----------------------------------------------------------------------------------------------------
    async def changes(self, since: datetime | None, window: Window) -> AsyncIterator[tuple[Activity, ...]]:
        """See the port. Two listings: single activities and exceptions in the window, and series at any time.

        Plain occurrences are left out, since their series is told. A row that cannot be read is left out, too:
        everybody's daily listing comes back to it. A series comes without its exceptions.
        """
        changed = (("changedSince", instant(since)),) if since is not None else ()
        async for page in self._dated((*within(window), *changed)):
            yield await self._told(page)
        async for page in self._api.pages(ACTIVITIES, (quirks.MASTERS, *changed)):
            yield await self._told(page)

    async def _dated(self, filters: Params) -> AsyncIterator[list[Json]]:
        """Single activities and exceptions, some of them maybe twice.

        A long series that changed fills page after page with its occurrences (P16d): then these are not read on, and
        two listings that have none take their place.
        """
        async with aclosing(self._api.pages(ACTIVITIES, filters)) as pages:
            async for page in pages:
                if len(page) >= quirks.ROWS and any(map(_is_occurrence, page)):
                    break
                yield page
            else:
                return
        for kind in (quirks.SINGLES, quirks.CHANGED_DATES):
            async for page in self._api.pages(ACTIVITIES, (kind, *filters)):
                yield page

    async def _told(self, page: list[Json]) -> tuple[Activity, ...]:
        rows = [row for row in page if not _is_occurrence(row)]
        await self._zones.learn_for(rows)
        return tuple(readable(rows, lambda row: parse_activity(row, self._zones.known(owner_of(row))))[0])

    # --- people -------------------------------------------------------------------------------------------------------
    async def change_people(
        self,
        activity: str,
        add: frozenset[UserId],
        remove: frozenset[UserId],
        *,
        dates: bool = False,
        spared: frozenset[str] = frozenset(),
    ) -> None:
        """See the port. The series comes last: as long as somebody is not in it, all of it is done again (P31)."""
        if dates and (add or remove):
            for one in await SingleDates(self._api, self._zones).coming_exceptions(activity, self._clock.now()):
                if one not in spared:
                    await self._people.change(one, add, remove)
        await self._people.change(activity, add, remove)

    async def change_owner(self, activity: str, owner: UserId) -> None:
        """See the port."""
        await self._people.change_owner(activity, owner)

    async def users(self) -> tuple[SeveraUser, ...]:
        """See the port. Their zones are known from then on."""
        found: dict[UserId, SeveraUser] = {}
        async for page in self._api.pages(USERS, (("isActive", "true"),)):
            with understood(f"GET {USERS}"):
                found |= {user.id: user for user in map(parse_user, page) if user.is_active}
        for user in found.values():
            self._zones.learn(user.id, user.zone)
        return tuple(found.values())

    async def user(self, user: UserId) -> SeveraUser | None:
        """See the port."""
        row = await self._api.one(USER, user)
        if row is None:
            return None
        with understood(f"GET {USER}"):
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

    # --- types --------------------------------------------------------------------------------------------------------
    async def activity_types(self) -> tuple[ActivityType, ...]:
        """See the port."""
        found: dict[str, ActivityType] = {}
        async for page in self._api.pages(TYPES, ()):
            with understood(f"GET {TYPES}"):
                found |= {kind.id: kind for kind in map(parse_type, page)}
        return tuple(found.values())


def _is_occurrence(row: Json) -> bool:
    return row.get("recurrenceType") == KINDS[Shape.OCCURRENCE]
