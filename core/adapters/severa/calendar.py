"""One user's Severa calendar: the port `ActivityCalendar`, kept by Severa's REST API."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from core.adapters.severa import exceptions, quirks
from core.adapters.severa.api import ACTIVITIES, ACTIVITY, THEIR_EXCEPTIONS, SeveraApi
from core.adapters.severa.dates import Dates
from core.adapters.severa.drafts import build_activity, build_patch, build_type_patch
from core.adapters.severa.failures import understood
from core.adapters.severa.listings import Listings
from core.adapters.severa.parsing import Malformed, guid
from core.adapters.severa.people import People
from core.adapters.severa.quirks import PatchValues
from core.adapters.severa.reading import Reading
from core.adapters.severa.single_dates import SingleDates
from core.adapters.severa.wire import owner_of
from core.adapters.severa.zones import OwnerZones
from core.errors import ItemChanged, RetryLater
from core.model.essence import Field
from core.model.exceptions import DateChange, DateException
from core.model.ids import UserId
from core.model.operation import Draft
from core.model.rows import Stamp
from core.model.sighting import Activity, Role, Snapshot
from core.model.when import Window

_GET, _PATCH, _DELETE = f"GET {ACTIVITY}", f"PATCH {ACTIVITY}", f"DELETE {ACTIVITY}"


class SeveraCalendar:
    """The activities that `user` owns or takes part in; `zone` is where their whole days begin and their clocks are.

    Severa keeps no ETag and no stamp (facts/severa.md 1.5, 1.7): who updates reads just before, and who lost a
    create's answer looks for its twin. Project tasks are shown like all else: the core leaves them out (R9).
    """

    def __init__(
        self,
        api: SeveraApi,
        user: UserId,
        zone: ZoneInfo,
        zones: OwnerZones,
        values: PatchValues = quirks.PATCH_VALUES,
    ) -> None:
        self._api, self._user, self._zone, self._zones, self._values = api, user, zone, zones, values
        self._reading = Reading(Listings(api, user, zones), user, zone.key, zones)

    # --- reading ------------------------------------------------------------------------------------------------------
    async def view(self, window: Window, *, series: bool = True) -> Snapshot[Activity]:
        """See the port. Three listings; without `series` one."""
        return await self._reading.view(window, series=series)

    async def later(self, after: datetime) -> Snapshot[Activity]:
        """See the port. Two listings, and one more where a series has exceptions."""
        return await self._reading.later(after)

    async def read(self, entry: str) -> Activity | None:
        """See the port. Whoever owns it now is in the answer. By an occurrence's guid it is that one date."""
        row = await self._api.one(ACTIVITY, entry)
        return None if row is None else await self._reading.whole(row, _GET)

    async def verify(self, entry: str, witness: str) -> Activity | None:
        """See the port: 404 by id proves a deletion only while another activity still answers by id (R19).

        That the entry was missing from a complete listing, or named by the front end, is the caller's part of it.
        """
        alive = await self.read(entry)
        if alive is None:
            await self._still_answers(entry, witness)
        return alive

    # --- writing ------------------------------------------------------------------------------------------------------
    async def create(self, draft: Draft, stamp: Stamp) -> Activity:
        """See the port. The stamp is not written: Severa has no place for it."""
        del stamp
        row = await self._api.create(ACTIVITIES, build_activity(draft, self._user, self._zone))
        return await self._reading.whole(row, f"POST {ACTIVITIES}", role=Role.OWNER, writes=True)

    async def update(self, seen: Activity, draft: Draft, fields: frozenset[str]) -> Activity:
        """See the port. Changes made since `seen` are noticed only where the activity is gone."""
        zone = await self._zones.of(seen.owner) if Field.TIME in fields else self._zones.known(seen.owner)
        operations = build_patch(seen, draft, fields, zone, self._values)
        if not operations:
            return seen
        if draft.type_id:
            await self._change_types_of_dates(seen, draft)
        row = await self._api.patch(ACTIVITY, seen.id, operations)
        if row is None:
            raise ItemChanged("severa_activity_gone", _PATCH)
        with understood(_PATCH, writes=True):
            if guid(row) != seen.id:
                raise Malformed("guid")
            role = seen.role if owner_of(row) == seen.owner else None
        written = await self._reading.whole(row, _PATCH, role=role, writes=True)
        return await self._without_leftovers(written, draft) if Field.TIME in fields else written

    async def change_date(
        self, entry: str, seen: Activity | None, change: DateChange, *, announces: bool = False
    ) -> DateException:
        """See the port."""
        del announces
        return await Dates(self._api, self._user, self._reading, self._zones, self._values).change(entry, seen, change)

    async def delete(self, seen: Activity, *, announces: bool = False) -> None:
        """See the port. Severa deletes for good and without conditions, so all of it is read just before."""
        del announces
        row = await self._api.one(ACTIVITY, seen.id)
        if row is None:
            return
        now = await self._reading.whole(row, _GET, role=seen.role)
        if now.version != seen.version or not exceptions.alike(now.essence, seen.essence):
            raise ItemChanged("severa_activity_changed", _DELETE)
        await self._api.delete(ACTIVITY, seen.id)

    async def leave(self, seen: Activity) -> None:
        """See the port."""
        await People(self._api).take_off(seen.id, self._user)

    async def listed(self, series: str) -> Activity | None:
        """See the port. Two listings."""
        return await self._reading.listed(series)

    async def read_date(self, series: str, day: date) -> Activity | None:
        """See the port."""
        row = await SingleDates(self._api, self._zones).find(series, day)
        return row and await self._reading.mine(row)

    async def _change_types_of_dates(self, seen: Activity, draft: Draft) -> None:
        """A changed date is a row with a type of its own: what is private must not show there (P59).

        They come before the series: as long as that has its old type, all of it is written again after a crash.
        """
        if all(one.is_cancelled for one in seen.essence.exceptions):
            return
        for row in await self._reading.changed_rows(seen):
            if row.essence.private is not draft.essence.private:
                await self._api.patch(ACTIVITY, row.id, build_type_patch(draft.type_id, self._values))

    async def _without_leftovers(self, written: Activity, draft: Draft) -> Activity:
        """A cancelled date cannot be brought back one by one, so where one must not stay, all exceptions go (1.6).

        What Severa makes of exceptions when a series' times change is unknown. Those that were to stay are then missing
        from the echo, and are written again. Who only takes part resets nothing: the exceptions are everybody's (R15).
        """
        cancelled = (one.day for one in written.essence.exceptions if one.is_cancelled)
        wanted = (draft.essence.exception(day) for day in cancelled)
        if written.role is not Role.OWNER or all(one is not None and one.is_cancelled for one in wanted):
            return written
        await self._api.delete(THEIR_EXCEPTIONS, written.id)
        left = await self.read(written.id)
        if left is None:
            raise ItemChanged("severa_activity_gone", _PATCH)
        return left

    # --- proof --------------------------------------------------------------------------------------------------------
    async def _still_answers(self, entry: str, witness: str) -> None:
        """Return where another activity is answered by id, or the company has none and Severa answers us."""
        if witness not in ("", entry) and await self._answers(witness):
            return
        # two rows, since the listing may lag behind and still show the entry itself
        rows = await self._api.some(ACTIVITIES, (quirks.SINGLES,), 2)
        with understood(f"GET {ACTIVITIES}"):
            others = [other for other in map(guid, rows) if other != entry]
        if not others:
            await self._api.alive()
        elif not await self._answers(others[0]):
            raise RetryLater("severa_deletion_unproven", _GET)

    async def _answers(self, entry: str) -> bool:
        row = await self._api.one(ACTIVITY, entry)
        with understood(_GET):
            return row is not None and guid(row) == entry
