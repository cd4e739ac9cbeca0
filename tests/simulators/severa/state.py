"""The data of one company inside the simulated Severa, and how it changes."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from . import series
from .model import Activity, ActivityType, Author, Company, Guest, Participant, User
from .options import Options

Now = Callable[[], datetime]
TICK = timedelta(milliseconds=1)


class Version(NamedTuple):
    """What an activity became at a moment; None: deleted."""

    since: datetime
    activity: Activity | None


@dataclass(slots=True)
class Membership:
    """When somebody began to take part in an activity, and when that was over."""

    participant: Participant
    since: datetime
    until: datetime | None = None


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
    guests: dict[str, Guest] = field(default_factory=dict)
    _activities: dict[str, list[Version]] = field(default_factory=dict)
    _occurrences: dict[str, tuple[str, date]] = field(default_factory=dict)
    _undo: dict[str, Activity | None] = field(default_factory=dict)
    _joined: bool = False
    _memberships: list[Membership] = field(default_factory=list)

    @property
    def author(self) -> Author | None:
        """Under whose name the API writes (`Options.api_author`)."""
        chosen = self.context.options.api_author
        return self.api if chosen == "credential" else chosen

    def activity(self, guid: str, *, stale: bool = False) -> Activity | None:
        """By guid, as it is now (or, for a stale read, as it was before the last change); an occurrence, too."""
        if stale and guid in self._undo:
            return self._undo[guid]
        versions = self._activities.get(guid)
        stored = versions[-1].activity if versions else None
        if stored is not None or guid not in self._occurrences:
            return stored
        parent, day = self._occurrences[guid]
        whole = self.activity(parent, stale=stale)
        if whole is None or not series.holds(whole, self.clock_of(whole), day):
            return None
        return series.occurrence(whole, self.clock_of(whole), day)

    def clock_of(self, activity: Activity) -> ZoneInfo:
        """The zone of an activity's owner; the company's for one that nobody knows."""
        for name in (self.users[activity.owner].timezone, self.company.timezone):
            try:
                return ZoneInfo(name)
            except (ZoneInfoNotFoundError, ValueError):
                continue
        return ZoneInfo("UTC")

    def occurrences(self, whole: Activity, begin: datetime, end: datetime) -> list[Activity]:
        """The occurrences of a series that might touch the time; from then on they are known by guid."""
        found = list(series.occurrences(whole, self.clock_of(whole), begin, end))
        self._occurrences |= {one.guid: (whole.guid, one.original) for one in found if one.original is not None}
        return found

    def occurrence(self, whole: Activity, day: date) -> Activity | None:
        """The occurrence or exception of an original date."""
        for kept in self.activities():
            if kept.recurrence_parent == whole.guid and kept.original == day:
                return kept
        one = series.occurrence(whole, self.clock_of(whole), day)
        self._occurrences[one.guid] = (whole.guid, day)
        return self.activity(one.guid)

    def activities(self) -> list[Activity]:
        """All that are kept now, in the order of their creation: series, but not their occurrences."""
        return [last.activity for *_, last in self._activities.values() if last.activity is not None]

    def listing(self, *, stale: bool = False) -> list[Activity]:
        """All that a listing shows now: `Options.visible_after` behind, and one change behind for a stale read.

        Of series what is kept, not their occurrences.
        """
        shown: list[Activity] = []
        for guid, versions in self._activities.items():
            activity = self._visible(versions)
            if stale and guid in self._undo:
                activity = self._undo[guid]
            if activity is not None and activity.recurrence_type == "Occurrence" and activity.original is not None:
                continue  # what an exception was before: its series has it
            if activity is not None:
                shown.append(activity)
        return shown

    @contextmanager
    def one_change(self) -> Iterator[None]:
        """What is stored and removed meanwhile is one change, for stale reads."""
        self._undo, self._joined = {}, True
        try:
            yield
        finally:
            self._joined = False

    def put(self, activity: Activity, author: Author | None, *, quietly: bool = False) -> Activity:
        """Store a new or changed activity under the author's name (`quietly`: no stamp moves); answers it as stored."""
        before = self.activity(activity.guid)
        now = self.context.now()
        # two changes within one reading of the clock are still two changes
        moved = now if before is None else max(now, before.updated + TICK)
        stored = activity if quietly else replace(activity, updated=moved, updated_by=author)
        self._add_version(activity.guid, before, stored)
        return stored

    def remove(self, guid: str) -> bool:
        """Delete for good, participants too; False where there is nothing."""
        versions = self._activities.get(guid)
        before = versions[-1].activity if versions else None
        if before is None:
            return False
        for participant in self.participants_of(guid):
            self._end(participant.guid)
        self._add_version(guid, before, None)
        return True

    def participants_of(self, activity: str) -> list[Participant]:
        """The participants of one activity, in the order in which they were added; an occurrence has its series'."""
        found = [participant for participant in self.participants.values() if participant.activity == activity]
        current = self.activity(activity) if activity in self._occurrences else None
        if current is None or current.recurrence_type != "Occurrence":
            return found
        return [replace(p, activity=activity) for p in self.participants_of(current.recurrence_parent or "")]

    def inherit(self, activity: str, participants: Iterable[Participant]) -> None:
        """Give an exception the participants of its series as its own."""
        for participant in participants:
            own = replace(participant, guid=self.context.new_guid(), activity=activity)
            self._begin(own)

    def add_participant(self, participant: Participant, author: Author | None) -> None:
        """Store a participant of an activity that exists."""
        self._begin(participant)
        self._touch(participant.activity, author)

    def remove_participant(self, guid: str, author: Author | None) -> None:
        """Take a participant that exists off."""
        self._touch(self._end(guid).activity, author)

    def taking_part(self, users: frozenset[str]) -> frozenset[str]:
        """The guids of the activities in which any of these users is a participant."""
        return frozenset(p.activity for p in self.participants.values() if p.user in users)

    def listed_with(self, users: frozenset[str]) -> frozenset[str]:
        """The same as listings show it: `Options.visible_after` behind."""
        shown_at = self.context.now() - self.context.options.visible_after
        self._memberships = [m for m in self._memberships if m.until is None or m.until > shown_at]
        shown = (m.participant for m in self._memberships if m.since <= shown_at)
        return frozenset(participant.activity for participant in shown if participant.user in users)

    def default_type(self, category: str) -> ActivityType | None:
        """The active default type of a category, else any active one of it."""
        active = [kind for kind in self.types.values() if kind.category == category and kind.is_active]
        return next((kind for kind in active if kind.is_default), active[0] if active else None)

    def _begin(self, participant: Participant) -> None:
        self.participants[participant.guid] = participant
        self._memberships.append(Membership(participant, self.context.now()))

    def _end(self, guid: str) -> Participant:
        for membership in self._memberships:
            if membership.participant.guid == guid and membership.until is None:
                membership.until = self.context.now()
        return self.participants.pop(guid)

    def _touch(self, guid: str, author: Author | None) -> None:
        activity = self.activity(guid)
        if activity is not None and self.context.options.participants_touch:
            self.put(activity, author)

    def _add_version(self, guid: str, before: Activity | None, after: Activity | None) -> None:
        if not self._joined:
            self._undo = {}
        self._undo.setdefault(guid, before)
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
