"""The listings of one user's activities (facts/severa.md 1.6), and rows that can be read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar, cast

from core.adapters.severa import exceptions, quirks
from core.adapters.severa.api import ACTIVITIES, SeveraApi
from core.adapters.severa.drafts import instant
from core.adapters.severa.exchange import Params
from core.adapters.severa.parsing import Json, Malformed, is_guid
from core.adapters.severa.recurrence import exception_dates
from core.adapters.severa.wire import KINDS, owner_of, parse_activity
from core.adapters.severa.zones import OwnerZones
from core.model.ids import UserId
from core.model.sighting import Activity, Role, Shape
from core.model.stretch import Window
from core.model.when import Series

_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Master:
    """A series without its exceptions, by its owner's clocks; `listed` are their original dates."""

    bare: Activity
    listed: frozenset[date]

    @property
    def series(self) -> Series:
        """When it takes place."""
        return cast("Series", self.bare.essence.when)

    def with_rows(self, dates: Iterable[Activity]) -> Activity:
        """The series with its exceptions, of which those that are changed are among these rows."""
        mine = (one.essence for one in dates if one.series == self.bare.id)
        return replace(self.bare, essence=exceptions.with_rows(self.bare.essence, self.listed, mine))

    def row_of(self, day: date, dates: Iterable[Activity]) -> Activity | None:
        """Which of these rows a listed date is; None where it is cancelled."""
        mine = [one for one in dates if one.series == self.bare.id]
        found = exceptions.by_date(self.bare.essence, self.listed, (one.essence for one in mine)).get(day)
        return next((one for one in mine if one.essence is found), None)


class Listings:
    """What `user`, or one of the `others`, owns or takes part in.

    An occurrence has the participants of its series, an exception its own.
    """

    def __init__(self, api: SeveraApi, user: UserId, zones: OwnerZones, others: Iterable[UserId] = ()) -> None:
        self._api, self._user, self._zones, self._others = api, user, zones, tuple(others)

    async def rows(self, filters: Params) -> list[Json]:
        """Every row. One that moves from page to page while we read counts once, as it was seen last."""
        seen: dict[str, Json] = {}
        theirs = (*(("userGuids", user) for user in (self._user, *self._others)), ("includeAsMember", "true"))
        async for page in self._api.pages(ACTIVITIES, (*theirs, *filters)):
            seen |= {str(row.get("guid")): row for row in page}
        return list(seen.values())

    async def singles(self, bounds: Params) -> tuple[list[Activity], list[Json]]:
        """Single activities, and rows that cannot be read."""
        return readable(await self._kept(quirks.SINGLES, bounds), self.parsed)

    async def masters(self) -> tuple[list[Master], list[Json]]:
        """Every series, however long ago it was, and rows that cannot be read."""
        return readable(await self._kept(quirks.MASTERS), self.master)

    async def changed_dates(
        self, masters: Sequence[Master], windows: Sequence[Window] = ()
    ) -> tuple[list[Activity], set[str]]:
        """Exception rows of these series, and all those in the windows; the series of those that cannot be read."""
        spreads = [spread for one in masters if (spread := exceptions.spread(one.listed)) is not None]
        if not (spreads or windows):
            return [], set()
        bounds = within(_hull([*spreads, *windows]))
        found, unread = readable(await self._kept(quirks.CHANGED_DATES, bounds), self.parsed)
        torn = {str(row.get("recurrenceParentActivityGuid")) for row in unread}
        nobodys = not all(map(is_guid, torn)) or "None" in torn
        return found, torn | ({one.bare.id for one in masters if one.listed} if nobodys else set())

    def parsed(self, row: Json) -> Activity:
        """A listed row by its owner's clocks, as far as they are known. Raises Malformed."""
        owner = owner_of(row)
        return parse_activity(row, self._zones.known(owner), Role.OWNER if owner == self._user else Role.PARTICIPANT)

    def master(self, row: Json) -> Master:
        """A series' row. Raises Malformed."""
        bare = self.parsed(row)
        known = cast("Series", bare.essence.when)
        listed = exception_dates(row, known, self._zones.known(bare.owner))
        return Master(bare, exceptions.of_series(known, listed))

    async def _kept(self, kind: tuple[str, str], bounds: Params = ()) -> list[Json]:
        """The rows of one kind, should Severa list others besides; a kind that nobody knows is left to the parser."""
        others = [other for other in KINDS.values() if other != kind[1]]
        found = await self.rows((kind, *bounds))
        kept = [row for row in found if (row.get("recurrenceType") or KINDS[Shape.SINGLE]) not in others]
        await self._zones.learn_for(kept)
        return kept


def within(window: Window) -> Params:
    """Activities that end after the start and start before or at the end."""
    return (*since(window.start), ("endDateTime", instant(window.end)))


def since(start: datetime) -> Params:
    """Activities that end after the start."""
    return (("startDateTime", instant(start)),)


def readable(rows: Iterable[Json], parse: Callable[[Json], T]) -> tuple[list[T], list[Json]]:
    """The rows that can be read, and those that cannot: each is logged by the field that is wrong (P49)."""
    found: list[T] = []
    unread: list[Json] = []
    for row in rows:
        try:
            found.append(parse(row))
        except Malformed as error:
            _log.warning("left out an activity that cannot be read: %s", error)
            unread.append(row)
    return found, unread


def _hull(windows: Sequence[Window]) -> Window:
    return Window(min(window.start for window in windows), max(window.end for window in windows))
