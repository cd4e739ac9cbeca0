"""A company's Severa in memory: what people can do in it, and the port."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from core.adapters.memory.effects import Effects
from core.adapters.memory.windows import (
    begins_at,
    echo_of,
    shape_of,
    shows,
    with_change,
    with_fields,
    without_exceptions,
)
from core.errors import ItemChanged, ItemRefused, RetryLater
from core.model.company import SeveraUser
from core.model.essence import Essence, Field
from core.model.exceptions import DateChange, DateException
from core.model.ids import UserId
from core.model.operation import Draft
from core.model.policy import ActivityType
from core.model.rows import Stamp
from core.model.sighting import PRIVATE_CATEGORIES, Activity, Category, Role, Shape, Snapshot
from core.model.when import Window
from core.ports import Clock

STANDARD_TYPES = (
    ActivityType("type-meeting", "Meeting", Category.CALENDAR_ENTRY, is_default=True),
    ActivityType("type-call", "Call", Category.CALENDAR_ENTRY),
    ActivityType("type-personal", "Personal", Category.PERSONAL, is_default=True),
    ActivityType("type-absence", "Absence", Category.ABSENCES, is_default=True),
    ActivityType("type-visit", "Sales visit", Category.SALES_EVENT, is_default=True),
    ActivityType("type-task", "Project task", Category.TASK, is_default=True),
)
"""A company with every category; the default type is `type-meeting`."""

Rewrite = Callable[[Essence], Essence]


class MemorySevera:
    """SeveraCompany (core/ports.py) in memory. `rewrite` is what the service makes of what we write.

    Privacy is the type's category, as in Severa (R10, R11). There is no conditional write (facts/severa.md 1.5).
    """

    def __init__(
        self,
        clock: Clock,
        users: Iterable[SeveraUser] = (),
        types: Iterable[ActivityType] = STANDARD_TYPES,
        *,
        effects: Effects | None = None,
        rewrite: Rewrite | None = None,
        page_size: int = 100,
    ) -> None:
        self.effects = effects or Effects()
        self.rewrite = rewrite
        self.users_by_id = {user.id: user for user in users}
        self.types = {kind.id: kind for kind in types}
        self._clock = clock
        self._page_size = page_size
        self.participants: dict[str, set[UserId]] = {}
        self._held: dict[str, Activity] = {}
        self._made = 0
        self._latest: datetime | None = None

    # --- people -------------------------------------------------------------------------------------------------------
    def add(
        self,
        owner: UserId,
        essence: Essence,
        type_id: str = "",
        *,
        shape: Shape | None = None,
        has_hours: bool = False,
    ) -> Activity:
        """A person makes an activity; without a type it is of the first one that fits its privacy."""
        wanted = Category.PERSONAL if essence.private else Category.CALENDAR_ENTRY
        fitting = (kind.id for kind in self.types.values() if kind.category is wanted)
        kind = self._type(type_id or next(fitting, ""))
        made = self._instant()
        self._made += 1
        activity = Activity(
            str(uuid.uuid5(uuid.NAMESPACE_OID, f"{owner}/{self._made}")),
            made.isoformat(),
            _private_by(kind.category, essence),
            kind.id,
            kind.category,
            owner,
            made,
            made,
            shape or shape_of(essence),
            has_hours,
        )
        self._held[activity.id] = activity
        return activity

    def edit(
        self, activity: str, essence: Essence | None = None, *, type_id: str = "", owner: UserId | None = None
    ) -> Activity:
        """A person changes an activity; what is not given stays. KeyError where there is none."""
        held = self._held[activity]
        kind = self._type(type_id or held.type_id)
        now = self._instant()
        self._held[activity] = replace(
            held,
            version=now.isoformat(),
            modified=now,
            essence=_private_by(kind.category, essence or held.essence),
            shape=shape_of(essence or held.essence),
            type_id=kind.id,
            category=kind.category,
            owner=owner or held.owner,
        )
        return self._held[activity]

    def remove(self, activity: str) -> None:
        """A person deletes an activity. KeyError where there is none."""
        del self._held[activity]

    def get(self, activity: str) -> Activity | None:
        """An activity as it is now."""
        return self._held.get(activity)

    def activities(self, owner: UserId | None = None) -> tuple[Activity, ...]:
        """Every activity, or every one of an owner, in the order in which they were made."""
        return tuple(activity for activity in self._held.values() if owner in {None, activity.owner})

    def role(self, activity: Activity, user: UserId) -> Role:
        """What a user has to do with it."""
        if activity.owner == user:
            return Role.OWNER
        return Role.PARTICIPANT if user in self.participants.get(activity.id, ()) else Role.NONE

    # --- the port -----------------------------------------------------------------------------------------------------
    async def change_people(
        self,
        activity: str,
        add: frozenset[UserId],
        remove: frozenset[UserId],
        *,
        dates: bool = False,  # noqa: ARG002 - no date has people of its own here
        spared: frozenset[str] = frozenset(),  # noqa: ARG002 - nor here
    ) -> None:
        """See SeveraCompany.change_people."""
        await asyncio.sleep(0)
        with self.effects.around("severa.people"):
            held = self.participants.get(activity, set())
            self.participants[activity] = (held | add) - remove

    async def change_owner(self, activity: str, owner: UserId) -> None:
        """See SeveraCompany.change_owner."""
        await asyncio.sleep(0)
        with self.effects.around("severa.owner"):
            if activity in self._held:
                self.edit(activity, owner=owner)

    async def users(self) -> tuple[SeveraUser, ...]:
        """See SeveraCompany.users."""
        await asyncio.sleep(0)
        return tuple(user for user in self.users_by_id.values() if user.is_active)

    def calendar(self, user: SeveraUser, zone: str) -> MemorySeveraCalendar:
        """See SeveraCompany.calendar."""
        return MemorySeveraCalendar(self, user, zone)

    async def changes(self, since: datetime | None, window: Window) -> AsyncIterator[tuple[Activity, ...]]:
        """See SeveraCompany.changes."""
        await asyncio.sleep(0)
        found = [
            activity
            for activity in sorted(self._held.values(), key=lambda activity: activity.version)
            if (since is None or activity.modified is None or activity.modified >= since)
            and shows(window, activity.essence, self._zone(activity.owner))
        ]
        for start in range(0, max(len(found), 1), self._page_size):
            yield tuple(found[start : start + self._page_size])
            await asyncio.sleep(0)

    async def activity_types(self) -> tuple[ActivityType, ...]:
        """See SeveraCompany.activity_types."""
        await asyncio.sleep(0)
        return tuple(self.types.values())

    async def user(self, user: UserId) -> SeveraUser | None:
        """See SeveraCompany.user."""
        await asyncio.sleep(0)
        return self.users_by_id.get(user)

    async def find_user(self, address: str) -> SeveraUser | None:
        """See SeveraCompany.find_user."""
        await asyncio.sleep(0)
        wanted = address.casefold()
        found = [
            user
            for user in self.users_by_id.values()
            if user.is_active and wanted in {address.casefold() for address in user.addresses}
        ]
        return found[0] if found else None

    # --- what the calendars below do ----------------------------------------------------------------------------------
    def api_create(self, owner: UserId, draft: Draft) -> Activity:
        """What POST does."""
        with self.effects.around("severa.create"):
            return self.add(owner, self._rewritten(without_exceptions(draft.essence)), draft.type_id)

    def api_update(self, activity: str, draft: Draft, fields: frozenset[str]) -> Activity:
        """What PATCH does."""
        with self.effects.around("severa.update"):
            held = self._held.get(activity)
            if held is None:
                raise ItemChanged("item_gone", activity)
            wanted = with_fields(held.essence, draft.essence, fields)
            essence = with_fields(held.essence, self._rewritten(wanted), fields)
            if Field.TIME in fields:  # Kept, but for what had to be reset.
                reset = any(draft.essence.exception(one.day) is None for one in essence.exceptions)
                essence = without_exceptions(essence) if reset else essence
            return self.edit(activity, essence, type_id=draft.type_id)

    def api_delete(self, seen: Activity) -> None:
        """What a fresh read and DELETE do."""
        with self.effects.around("severa.delete"):
            held = self._held.get(seen.id)
            if held is not None and held.version != seen.version:
                raise ItemChanged("item_changed", seen.id)
            self._held.pop(seen.id, None)

    def api_change_date(self, activity: str, seen: Activity | None, change: DateChange) -> DateException:
        """What a look at that date and a write of it do."""
        with self.effects.around("severa.date"):
            held = self._held.get(activity)
            if held is None:
                raise ItemChanged("item_gone", activity)
            essence = with_change(held.essence, change, seen)
            self.edit(activity, essence)
            return echo_of(essence, change)

    def _rewritten(self, essence: Essence) -> Essence:
        return self.rewrite(essence) if self.rewrite else essence

    def _type(self, type_id: str) -> ActivityType:
        if type_id not in self.types:
            raise ItemRefused("unknown_activity_type", type_id)
        return self.types[type_id]

    def _zone(self, owner: UserId) -> str:
        return (self.users_by_id[owner].zone if owner in self.users_by_id else "") or "UTC"

    def _instant(self) -> datetime:
        """Now, but later than every instant before: two writes never make the same version."""
        now = self._clock.now()
        if self._latest is not None:
            now = max(now, self._latest + timedelta(milliseconds=1))
        self._latest = now
        return now


class MemorySeveraCalendar:
    """Calendar[Activity] (core/ports.py): the activities that one user owns."""

    def __init__(self, severa: MemorySevera, user: SeveraUser, zone: str) -> None:
        self._severa = severa
        self._user = user
        self._zone = zone

    async def view(self, window: Window, *, series: bool = True) -> Snapshot[Activity]:
        """See Calendar.view."""
        await asyncio.sleep(0)
        shown = (one for one in self._mine() if shows(window, one.essence, self._zone))
        return Snapshot(window, tuple(one for one in shown if series or one.shape is not Shape.SERIES))

    async def later(self, after: datetime) -> Snapshot[Activity]:
        """See Calendar.later."""
        await asyncio.sleep(0)
        mine = self._mine()
        return Snapshot(Window(after, after), tuple(one for one in mine if begins_at(one.essence.when) > after))

    def _mine(self) -> list[Activity]:
        """What the user owns or takes part in."""
        held = (self._as_mine(one) for one in self._severa.activities())
        return [one for one in held if one.role is not Role.NONE]

    def _as_mine(self, activity: Activity) -> Activity:
        return replace(activity, role=self._severa.role(activity, self._user.id))

    async def read(self, entry: str) -> Activity | None:
        """See Calendar.read."""
        await asyncio.sleep(0)
        held = self._severa.get(entry)
        return held and self._as_mine(held)

    async def verify(self, entry: str, witness: str) -> Activity | None:
        """See Calendar.verify. A witness that is gone as well shows nothing: it may be the permission that is lost."""
        await asyncio.sleep(0)
        held = self._severa.get(entry)
        if held is None and witness and self._severa.get(witness) is None:
            raise RetryLater("deletion_unproven", entry)
        return held and self._as_mine(held)

    async def create(self, draft: Draft, stamp: Stamp) -> Activity:  # noqa: ARG002 - Severa can hold no stamp
        """See Calendar.create."""
        await asyncio.sleep(0)
        return self._severa.api_create(self._user.id, draft)

    async def update(self, seen: Activity, draft: Draft, fields: frozenset[str]) -> Activity:
        """See Calendar.update. Severa cannot tell that an activity is no longer as it was seen."""
        await asyncio.sleep(0)
        return self._as_mine(self._severa.api_update(seen.id, draft, fields))

    async def leave(self, seen: Activity) -> None:
        """See ActivityCalendar.leave."""
        await self._severa.change_people(seen.id, frozenset(), frozenset({self._user.id}))

    async def listed(self, series: str) -> Activity | None:
        """See ActivityCalendar.listed."""
        return await self.read(series)

    async def read_date(self, series: str, day: date) -> Activity | None:  # noqa: ARG002 - only whole series here
        """See ActivityCalendar.read_date."""
        await asyncio.sleep(0)
        return None

    async def change_date(
        self,
        entry: str,
        seen: Activity | None,
        change: DateChange,
        *,
        announces: bool = False,  # noqa: ARG002 - nobody reads mail here
    ) -> DateException:
        """See Calendar.change_date."""
        await asyncio.sleep(0)
        return self._severa.api_change_date(entry, seen, change)

    async def delete(self, seen: Activity, *, announces: bool = False) -> None:  # noqa: ARG002 - nobody reads mail here
        """See Calendar.delete."""
        await asyncio.sleep(0)
        self._severa.api_delete(seen)


def _private_by(category: Category, essence: Essence) -> Essence:
    return replace(essence, private=category in PRIVATE_CATEGORIES)
