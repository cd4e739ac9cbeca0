"""One date of a series, changed by the guid of its occurrence (facts/severa.md 1.6, 1.7, occurrences [INF]).

That guid is looked up by when the occurrence takes place, and used at once: whether it is stable is unknown.
"""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from core.adapters.severa import exceptions, quirks
from core.adapters.severa.api import ACTIVITY, SeveraApi
from core.adapters.severa.drafts import build_date_patch
from core.adapters.severa.failures import understood
from core.adapters.severa.parsing import Malformed
from core.adapters.severa.people import People
from core.adapters.severa.quirks import PatchValues
from core.adapters.severa.reading import Reading
from core.adapters.severa.wire import parse_activity
from core.adapters.severa.zones import OwnerZones
from core.errors import ItemChanged, ItemRefused
from core.model.exceptions import DateChange, DateException
from core.model.ids import UserId
from core.model.sighting import Activity, Shape
from core.model.stretch import AllDay, Stretch, Window, near

_PATCH = f"PATCH {ACTIVITY}"


class Dates:
    """Changes of single dates, for `user`."""

    def __init__(self, api: SeveraApi, user: UserId, reading: Reading, zones: OwnerZones, values: PatchValues) -> None:
        self._api, self._user, self._reading, self._zones, self._values = api, user, reading, zones, values

    async def change(self, entry: str, seen: Activity | None, change: DateChange) -> DateException:
        """See Calendar.change_date. One listing around where the date is, then one write.

        The owner cancels a date for everybody; whoever else takes part is taken off it (R15), which costs a look at its
        participants. Work hours that are recorded on an occurrence would be lost with it: that is refused (R19).
        """
        held = _as_seen(seen, change)
        if held.when is None:
            if change.wanted.is_cancelled:
                return change.wanted
            raise ItemRefused("occurrence_cancelled", _PATCH)
        row = await self._row(entry, seen, held)
        if change.wanted.is_cancelled:
            return await self._cancel(row, change.wanted)
        return await self._edit(entry, row, held, change.wanted)

    async def _row(self, entry: str, seen: Activity | None, held: DateException) -> Activity:
        """The occurrence or exception that the date is. Raises ItemChanged where there is none, or another content."""
        when, is_exception = cast("Stretch", held.when), bool(seen and seen.essence.exception(held.day))
        place = near(when)
        around = Window(place.start - quirks.CLOCKS_APART, place.end + quirks.CLOCKS_APART)
        wanted = Shape.EXCEPTION if is_exception else Shape.OCCURRENCE
        found = []
        for row in await self._reading.dates_of(entry, around):
            is_there = row.essence.when == when or (not is_exception and self._is_by_other_clocks(row, when))
            is_as_seen = _content(row) == (held.subject, held.text, held.location) if seen else row.shape is wanted
            if is_there and is_as_seen:
                found.append(row)
        if not found:
            raise ItemChanged("occurrence_changed", _PATCH)
        # Another date may have been moved onto this one: of two at the same time, it is the one of the right shape.
        return min(found, key=lambda row: (row.shape is not wanted, _distance(row, when)))

    def _is_by_other_clocks(self, row: Activity, when: Stretch) -> bool:
        """Another owner's zone may put a date an hour or so beside where this user's clocks tell it."""
        return row.owner != self._user and _distance(row, when) <= quirks.CLOCKS_APART

    async def _cancel(self, row: Activity, wanted: DateException) -> DateException:
        if row.owner != self._user:
            await People(self._api).take_off(row.id, self._user)
            return wanted
        if row.has_hours:
            raise ItemRefused("work_hours", f"DELETE {ACTIVITY}")
        await self._api.delete(ACTIVITY, row.id)
        return wanted

    async def _edit(self, entry: str, row: Activity, held: DateException, wanted: DateException) -> DateException:
        """Only what differs is written; a date that stays where it is keeps its time to the second."""
        moved = wanted.when if wanted.when != held.when else None
        zone = await self._zones.of(row.owner) if isinstance(moved, AllDay) else self._zones.known(row.owner)
        operations = build_date_patch(row, wanted, moved, zone, self._values)
        if not operations:
            return exceptions.changed(held.day, row.essence)
        answer = await self._api.patch(ACTIVITY, row.id, operations)
        if answer is None:
            raise ItemChanged("occurrence_changed", _PATCH)
        with understood(_PATCH, writes=True):
            after = parse_activity(answer, zone)
            if after.series != entry:
                raise Malformed("recurrenceParentActivityGuid")
            return exceptions.changed(held.day, after.essence)


def _as_seen(seen: Activity | None, change: DateChange) -> DateException:
    """What takes place on the date; of an occurrence that was not seen, its time alone counts."""
    held = seen.essence.on(change.day) if seen else DateException(change.day, change.original)
    if held is None:
        raise ItemChanged("occurrence_changed", _PATCH)
    return held


def _content(row: Activity) -> tuple[str, str, str]:
    return row.essence.subject, row.essence.text, row.essence.location


def _distance(row: Activity, when: Stretch) -> timedelta:
    return abs(exceptions.start_of(cast("Stretch", row.essence.when)) - exceptions.start_of(when))
