"""The single dates of a series, whoever takes part in them, as its owner's listings show them (facts/severa.md 1.6).

An exception has participants of its own, and maybe another owner (core/usecases/own_dates.py): what no row of the
series' owner explains is looked for among its participants' rows. Any other date has the series' people. Whether a
participant that a series gets comes to its exceptions, too, is unknown: so these are looked at, and only what they lack
is written.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import cast

from core.adapters.severa import quirks
from core.adapters.severa.api import ACTIVITIES, ACTIVITY, SeveraApi
from core.adapters.severa.failures import understood
from core.adapters.severa.listings import Listings, Master, within
from core.adapters.severa.parsing import Json, Malformed
from core.adapters.severa.people import People
from core.adapters.severa.wire import owner_of, shape_of
from core.adapters.severa.zones import OwnerZones
from core.model.expand import occurrence_on
from core.model.sighting import Activity, Shape
from core.model.stretch import Stretch, near, over_at


class SingleDates:
    """The dates of a company's series."""

    def __init__(self, api: SeveraApi, zones: OwnerZones) -> None:
        self._api, self._zones = api, zones

    async def find(self, series: str, day: date) -> Activity | None:
        """The occurrence or exception that an original date is; None where it does not take place. Raises RetryLater.

        At most three requests: the series, and one listing or two; two more for a date that its owner is not in.
        """
        found = await self._master(series)
        if found is None:
            return None
        theirs, master = found
        if day in master.listed:
            rows = await self._changed_dates(theirs, master)
            found_row = master.row_of(day, rows)
            return found_row or master.row_of(day, [*rows, *await self._of_others(master)])
        when = occurrence_on(master.series, day)
        return None if when is None else await self._at(theirs, series, when)

    async def coming_exceptions(self, series: str, now: datetime) -> list[str]:
        """The guids of a series' exceptions that are not over at `now`. Raises RetryLater."""
        found = await self._master(series)
        if found is None or not found[1].listed:
            return []
        theirs, master = found
        rows = {one.id: one for one in await self._changed_dates(theirs, master)}
        if any(master.row_of(day, rows.values()) is None for day in master.listed):
            rows |= {one.id: one for one in await self._of_others(master)}
        mine = [(one.id, cast("Stretch", one.essence.when)) for one in rows.values() if one.series == series]
        return sorted(entry for entry, when in mine if over_at(when) > now)

    async def _changed_dates(self, theirs: Listings, master: Master) -> list[Activity]:
        rows, torn = await theirs.changed_dates([master])
        with understood(f"GET {ACTIVITIES}"):
            if master.bare.id in torn:
                raise Malformed("exception")
        return rows

    async def _of_others(self, master: Master) -> list[Activity]:
        """What the series' participants have of its exceptions. One request, and a listing for so many of them."""
        users = await People(self._api).of(master.bare.id)
        found = list[Activity]()
        for some in (users[at : at + quirks.USERS] for at in range(0, len(users), quirks.USERS)):
            found += await self._changed_dates(Listings(self._api, some[0], self._zones, some[1:]), master)
        return found

    async def _master(self, series: str) -> tuple[Listings, Master] | None:
        row = await self._api.one(ACTIVITY, series)
        if row is None:
            return None
        await self._zones.learn_for([row])
        with understood(f"GET {ACTIVITY}"):
            if shape_of(row) is not Shape.SERIES:
                return None
            theirs = Listings(self._api, owner_of(row), self._zones)
            return theirs, theirs.master(row)

    async def _at(self, theirs: Listings, series: str, when: Stretch) -> Activity | None:
        found = await theirs.rows(within(near(when)))
        rows: list[Json] = [row for row in found if row.get("recurrenceParentActivityGuid") == series]
        await self._zones.learn_for(rows)
        with understood(f"GET {ACTIVITIES}"):
            there = [one for one in map(theirs.parsed, rows) if one.essence.when == when]
        # Another date may have been moved onto this one.
        return min(there, key=lambda one: one.shape is not Shape.OCCURRENCE, default=None)
