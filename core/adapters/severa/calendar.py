"""One user's Severa calendar: the port `Calendar`, kept by Severa's REST API."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from core.adapters.severa import quirks
from core.adapters.severa.api import ACTIVITIES, SeveraApi
from core.adapters.severa.exchange import Params
from core.adapters.severa.failures import understood
from core.adapters.severa.parsing import Json, Malformed, guid
from core.adapters.severa.quirks import PatchValues
from core.adapters.severa.wire import build_activity, build_patch, instant, parse_activity
from core.errors import ItemChanged, RetryLater
from core.model.essence import Field
from core.model.ids import UserId
from core.model.operation import Draft
from core.model.rows import Stamp
from core.model.sighting import Activity, Snapshot
from core.model.when import Window

_log = logging.getLogger(__name__)
_ONE = f"{ACTIVITIES}/{{guid}}"


class SeveraCalendar:
    """The activities that `user` owns; `zone` is where their whole days begin.

    Severa keeps no ETag and no stamp (facts/severa.md 1.5, 1.7): who updates reads just before, and who lost a
    create's answer looks for its twin. Project tasks are shown like all else: the core leaves them out (R9).
    """

    def __init__(self, api: SeveraApi, user: UserId, zone: ZoneInfo, values: PatchValues = quirks.PATCH_VALUES) -> None:
        self._api, self._user, self._zone, self._values = api, user, zone, values

    async def view(self, window: Window) -> Snapshot[Activity]:
        """See the port. What the company's other users own is left out, should Severa list it.

        A row that cannot be read is left out too, and then the view says that it is not complete.
        """
        filters = (("userGuids", self._user), *window_filters(window))
        seen: dict[str, Activity] = {}
        complete = True
        async for page in self._api.pages(ACTIVITIES, filters):
            found = readable(page, lambda _: self._zone)
            complete = complete and len(found) == len(page)
            # one that moves from page to page while we read counts once, as it was seen last
            seen |= {activity.id: activity for activity in found if activity.owner == self._user}
        return Snapshot(window, tuple(seen.values()), complete)

    async def read(self, entry: str) -> Activity | None:
        """See the port. Whoever owns it now is in the answer."""
        row = await self._api.one(ACTIVITIES, entry)
        return None if row is None else self._parsed(row, f"GET {_ONE}")

    async def verify(self, entry: str, witness: str) -> Activity | None:
        """See the port: 404 by id proves a deletion only while another activity still answers by id (R19).

        That the entry was missing from a complete listing, or named by the front end, is the caller's part of it.
        """
        alive = await self.read(entry)
        if alive is None:
            await self._still_answers(entry, witness)
        return alive

    async def create(self, draft: Draft, stamp: Stamp) -> Activity:
        """See the port. The stamp is not written: Severa has no place for it."""
        del stamp
        row = await self._api.create(ACTIVITIES, build_activity(draft, self._user, self._zone))
        return self._parsed(row, f"POST {ACTIVITIES}", writes=True)

    async def update(self, seen: Activity, draft: Draft, fields: frozenset[Field]) -> Activity:
        """See the port. Changes made since `seen` are noticed only where the activity is gone."""
        operations = build_patch(seen, draft, fields, self._zone, self._values)
        if not operations:
            return seen
        row = await self._api.patch(ACTIVITIES, seen.id, operations)
        if row is None:
            raise ItemChanged("severa_activity_gone", f"PATCH {_ONE}")
        return self._parsed(row, f"PATCH {_ONE}", writes=True)

    async def delete(self, seen: Activity) -> None:
        """See the port. Severa deletes for good and without conditions, so it is read just before."""
        now = await self.read(seen.id)
        if now is None:
            return
        if now.version != seen.version:
            raise ItemChanged("severa_activity_changed", f"DELETE {_ONE}")
        await self._api.delete(ACTIVITIES, seen.id)

    async def _still_answers(self, entry: str, witness: str) -> None:
        """Return where another activity is answered by id, or the company has none and Severa answers us."""
        if witness not in ("", entry) and await self.read(witness) is not None:
            return
        # two rows, since the listing may lag behind and still show the entry itself
        rows = await self._api.some(ACTIVITIES, tuple(quirks.SINGLES_ONLY.items()), 2)
        with understood(f"GET {ACTIVITIES}"):
            others = [other for other in map(guid, rows) if other != entry]
        if not others:
            await self._api.alive()
        elif await self.read(others[0]) is None:
            raise RetryLater("severa_deletion_unproven", f"GET {_ONE}")

    def _parsed(self, row: Json, where: str, *, writes: bool = False) -> Activity:
        with understood(where, writes=writes):
            return parse_activity(row, self._zone)


def readable(page: Sequence[Json], zone_of: Callable[[Json], ZoneInfo]) -> tuple[Activity, ...]:
    """The rows that can be read: one that cannot is logged, by the field that is wrong, and stops nobody (P49)."""
    found = []
    for row in page:
        try:
            found.append(parse_activity(row, zone_of(row)))
        except Malformed as error:
            _log.warning("left out an activity that cannot be read: %s", error)
    return tuple(found)


def window_filters(window: Window) -> Params:
    """Activities that end after the start and start before or at the end (facts/severa.md 1.6)."""
    return (("startDateTime", instant(window.start)), ("endDateTime", instant(window.end)))
