"""One user's calendar as Severa tells it: what they own and what they take part in, series with their exceptions.

A series comes out the same from `view`, `later` and `whole`, or a sync would see edits that nobody made. It is made of
its own row, and of exception rows from a stretch of time that this row alone determines: a year around the dates that
it lists as exceptions (exceptions.py). `whole` lists that stretch, and nothing where no date is listed. `view` and
`later` list one stretch that covers those of all series concerned, and leave aside what is outside a series' own. So a
view costs three listings (single entries, series, exceptions) however many series there are, and reading a series one
beside its row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

from core.adapters.severa import exceptions, quirks
from core.adapters.severa.api import ACTIVITIES
from core.adapters.severa.failures import understood
from core.adapters.severa.listings import Listings, Master, since, within
from core.adapters.severa.parsing import Json, Malformed
from core.adapters.severa.wire import KINDS
from core.adapters.severa.zones import OwnerZones, by_clocks
from core.model.expand import first_occurrences, occurrences
from core.model.ids import UserId
from core.model.sighting import Activity, Role, Shape, Snapshot
from core.model.stretch import AllDay, Stretch, Timed, Window, near
from core.model.when import Series

_LIST = f"GET {ACTIVITIES}"
_EVER = datetime.max.replace(tzinfo=UTC)


class Reading:
    """What there is to see for `user`, told by the clocks of `zone` (IANA)."""

    def __init__(self, listings: Listings, user: UserId, zone: str, zones: OwnerZones) -> None:
        self._listings, self._user, self._zone, self._zones = listings, user, zone, zones

    # --- many ---------------------------------------------------------------------------------------------------------
    async def view(self, window: Window, *, series: bool) -> Snapshot[Activity]:
        """See the port. A row that cannot be read is left out, a series too if it is of one: then the view says so.

        An exception of a series that the user has nothing else to do with is shown as the row that it is: they take
        part in that date alone.
        """
        singles, unread = await self._listings.singles(within(window))
        if not series:
            return self._snapshot(window, singles, complete=not unread)
        masters, broken = await self._listings.masters()
        reach = Window(window.start - quirks.FARTHEST_MOVE, window.end + quirks.FARTHEST_MOVE)
        near_it = [one for one in masters if _touches(reach, one.series)]
        dates, torn = await self._listings.changed_dates(near_it, [window])
        inside = [one for one in dates if _overlaps(window, cast("Stretch", one.essence.when))]
        moved_in = {one.series for one in inside}
        shown = [one for one in near_it if one.bare.id in moved_in or _touches(window, one.series)]
        whole = [one.with_rows(dates) for one in shown if one.bare.id not in torn]
        known = {one.bare.id for one in masters} | {row.get("guid") for row in broken}
        alone = [one for one in inside if one.series not in known]
        return self._snapshot(window, [*singles, *whole, *alone], complete=not (unread or broken or torn))

    async def later(self, after: datetime) -> Snapshot[Activity]:
        """See the port. Whole days are in no zone here: some may be shown that began within the day before."""
        singles, unread = await self._listings.singles(since(after))
        masters, broken = await self._listings.masters()
        coming = [one for one in masters if _begins_after(after, next(first_occurrences(one.series))[1])]
        dates, torn = await self._listings.changed_dates(coming)
        whole = [one.with_rows(dates) for one in coming if one.bare.id not in torn]
        alone = [one for one in singles if _begins_after(after, cast("Stretch", one.essence.when))]
        return self._snapshot(Window(after, _EVER), [*alone, *whole], complete=not (unread or broken or torn))

    # --- one ----------------------------------------------------------------------------------------------------------
    async def whole(self, row: Json, where: str, *, role: Role | None = None, writes: bool = False) -> Activity:
        """The activity of a row, with its exceptions; what the user has to do with it is looked up unless it is given.

        A series in which the user takes no part has no exceptions here, since none of it takes place for them. Raises
        RetryLater; OutcomeUnknown where the row is the answer to a write and cannot be understood.
        """
        await self._zones.learn_for([row])
        with understood(where, writes=writes):
            bare = self._listings.parsed(row)
            master = self._listings.master(row) if bare.shape is Shape.SERIES else None
        bare = replace(bare, role=role or await self._role(bare))
        if master is None or not master.listed or bare.role is Role.NONE:
            return self._told(bare)
        dates, torn = await self._listings.changed_dates([master])
        with understood(_LIST):
            if bare.id in torn:
                raise Malformed("exception")
        return self._told(replace(master, bare=bare).with_rows(dates))

    async def listed(self, series: str) -> Activity | None:
        """The series as listings alone show it. Raises RetryLater.

        Its row is listed before its dates: what it names as an exception by then is on a row that the second listing
        shows, unless it is cancelled. That holds as long as listings do not go back in time.
        """
        masters, _ = await self._listings.masters()
        found = next((one for one in masters if one.bare.id == series), None)
        if found is None:
            return None
        dates, torn = await self._listings.changed_dates([found])
        with understood(_LIST):
            if series in torn:
                raise Malformed("exception")
        return self._told(found.with_rows(dates))

    async def changed_rows(self, seen: Activity) -> list[Activity]:
        """The rows of a series' changed dates. Raises RetryLater."""
        days = frozenset(one.day for one in seen.essence.exceptions)
        dates, torn = await self._listings.changed_dates([Master(seen, days)])
        with understood(_LIST):
            if seen.id in torn:
                raise Malformed("exception")
        return [one for one in dates if one.series == seen.id]

    async def dates_of(self, series: str, window: Window) -> list[Activity]:
        """The user's occurrences and exceptions of a series in the window, by its owner's clocks. Raises RetryLater."""
        found = await self._listings.rows(within(window))
        rows = [row for row in found if row.get("recurrenceParentActivityGuid") == series]
        await self._zones.learn_for(rows)
        with understood(_LIST):
            return [self._listings.parsed(row) for row in rows]

    async def mine(self, row: Activity) -> Activity:
        """A row as this user's clocks tell it, with what they have to do with it. Raises RetryLater."""
        return self._told(replace(row, role=await self._role(row)))

    async def _role(self, activity: Activity) -> Role:
        """Membership is told by listings alone; participants are read only before they are written."""
        if activity.owner == self._user:
            return Role.OWNER
        kind, when = (("recurrenceType", KINDS[activity.shape]),), activity.essence.when
        found = await self._listings.rows(kind if isinstance(when, Series) else (*kind, *within(near(when))))
        return Role.PARTICIPANT if any(row.get("guid") == activity.id for row in found) else Role.NONE

    # --- telling ------------------------------------------------------------------------------------------------------
    def _told(self, activity: Activity) -> Activity:
        return replace(activity, essence=by_clocks(activity.essence, self._zone))

    def _snapshot(self, window: Window, found: Iterable[Activity], *, complete: bool) -> Snapshot[Activity]:
        return Snapshot(window, tuple(map(self._told, found)), complete)


def _touches(window: Window, series: Series) -> bool:
    return any(True for _ in occurrences(series, window))


def _overlaps(window: Window, when: Stretch) -> bool:
    """Whether a listing of that window shows it."""
    inner = Window(when.start, when.end) if isinstance(when, Timed) else near(when)
    return inner.end > window.start and inner.start <= window.end


def _begins_after(after: datetime, when: Stretch) -> bool:
    anywhere = timedelta(days=1) if isinstance(when, AllDay) else timedelta()
    return exceptions.start_of(when) + anywhere > after
