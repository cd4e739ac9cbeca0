"""The data of one company inside the simulated Severa, and how it changes."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from .model import Activity, ActivityType, Author, Company, Participant, User
from .options import Options

Now = Callable[[], datetime]
TICK = timedelta(milliseconds=1)


class Version(NamedTuple):
    """What an activity became at a moment; None: deleted."""

    since: datetime
    activity: Activity | None


class Context:
    """What all companies of one simulator share: the clock, the guids and the switches."""

    def __init__(self, now: Now, options: Options, seed: int) -> None:
        self.options = options
        self._now = now
        self._random = random.Random(seed)

    def now(self) -> datetime:
        """The injected clock, in UTC."""
        return self._now().astimezone(UTC)

    def new_guid(self) -> str:
        """A fresh guid; the same sequence for the same seed."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


@dataclass(slots=True)
class CompanyState:
    """Everything that one company has. Only `put`, `remove` and the participant calls change it."""

    company: Company
    api: Author
    context: Context
    users: dict[str, User] = field(default_factory=dict)
    types: dict[str, ActivityType] = field(default_factory=dict)
    participants: dict[str, Participant] = field(default_factory=dict)
    _activities: dict[str, list[Version]] = field(default_factory=dict)
    _undo: tuple[str, Activity | None] | None = None

    def activity(self, guid: str, *, stale: bool = False) -> Activity | None:
        """By guid, as it is now (or, for a stale read, as it was before the last change)."""
        if stale and self._undo is not None and self._undo[0] == guid:
            return self._undo[1]
        versions = self._activities.get(guid)
        return versions[-1].activity if versions else None

    def activities(self) -> list[Activity]:
        """All that exist now, in the order of their creation."""
        return [last.activity for *_, last in self._activities.values() if last.activity is not None]

    def listing(self, *, stale: bool = False) -> list[Activity]:
        """All that a listing shows now: `Options.visible_after` behind, and one change behind for a stale read."""
        shown: list[Activity] = []
        for guid, versions in self._activities.items():
            activity = self._visible(versions)
            if stale and self._undo is not None and self._undo[0] == guid:
                activity = self._undo[1]
            if activity is not None:
                shown.append(activity)
        return shown

    def put(self, activity: Activity, author: Author) -> Activity:
        """Store a new or changed activity under the author's name; answers it as stored."""
        before = self.activity(activity.guid)
        now = self.context.now()
        # two changes within one reading of the clock are still two changes
        moved = now if before is None else max(now, before.updated + TICK)
        stored = replace(activity, updated=moved, updated_by=author)
        self._add_version(activity.guid, before, stored)
        return stored

    def remove(self, guid: str) -> bool:
        """Delete for good, participants too; False where there is nothing."""
        before = self.activity(guid)
        if before is None:
            return False
        for participant in self.participants_of(guid):
            del self.participants[participant.guid]
        self._add_version(guid, before, None)
        return True

    def participants_of(self, activity: str) -> list[Participant]:
        """The participants of one activity, in the order in which they were added."""
        return [participant for participant in self.participants.values() if participant.activity == activity]

    def add_participant(self, participant: Participant, author: Author) -> None:
        """Store a participant of an activity that exists."""
        self.participants[participant.guid] = participant
        self._touch(participant.activity, author)

    def remove_participant(self, guid: str, author: Author) -> None:
        """Take a participant that exists off."""
        self._touch(self.participants.pop(guid).activity, author)

    def taking_part(self, users: frozenset[str]) -> frozenset[str]:
        """The guids of the activities in which any of these users is a participant."""
        return frozenset(p.activity for p in self.participants.values() if p.user in users)

    def default_type(self, category: str) -> ActivityType | None:
        """The active default type of a category, else any active one of it."""
        active = [kind for kind in self.types.values() if kind.category == category and kind.is_active]
        return next((kind for kind in active if kind.is_default), active[0] if active else None)

    def _touch(self, guid: str, author: Author) -> None:
        activity = self.activity(guid)
        if activity is not None and self.context.options.participants_touch:
            self.put(activity, author)

    def _add_version(self, guid: str, before: Activity | None, after: Activity | None) -> None:
        self._undo = (guid, before)
        now = self.context.now()
        shown_at = now - self.context.options.visible_after
        versions = self._activities.setdefault(guid, [])
        # keep what listings show still, and all that comes after it
        first = max((i for i, version in enumerate(versions) if version.since <= shown_at), default=0)
        self._activities[guid] = [*versions[first:], Version(now, after)]

    def _visible(self, versions: list[Version]) -> Activity | None:
        shown_at = self.context.now() - self.context.options.visible_after
        visible = [version.activity for version in versions if version.since <= shown_at]
        return visible[-1] if visible else None
