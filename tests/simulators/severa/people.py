"""What people do in Severa, without HTTP: administrators set a company up, users keep their calendars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypedDict, Unpack
from zoneinfo import ZoneInfo

from .administration import Administration
from .fields import rewritten
from .model import CATEGORIES, Activity, ActivityType, Category, Participant, RecurrenceType, Reference, User
from .state import CompanyState


class Details(TypedDict, total=False):
    """What an activity may have beside its name and its time."""

    all_day: bool
    has_duration: bool
    type: ActivityType | Category
    notes: str | None
    location: str | None
    closed: bool
    has_hours: bool
    customer: Reference | None
    phase: Reference | None
    recurrence_type: RecurrenceType
    recurrence: Mapping[str, Any] | None
    recurrence_parent: str | None
    recurrence_rule: str | None


class Changes(Details, total=False):
    """What can be edited in an activity. Moments and dates as in `People`."""

    name: str
    start: date
    end: date | None
    owner: User


class People(Administration):
    """The people of every company of one simulator.

    A moment without a zone is meant in the owner's zone. A plain date (with `all_day=True`) is its midnight there;
    the end of an all-day activity is exclusive, and one day after its start when it is not given.

    Series: recurrence fields are stored and returned for activities given as Series, Occurrence or Exception, and
    listings filter by them; a series is not expanded into occurrences.
    """

    def add_activity(
        self,
        user: User,
        name: str,
        start: date,
        end: date | None = None,
        *,
        participants: Iterable[User] = (),
        **details: Unpack[Details],
    ) -> Activity:
        """A user makes an activity of their own.

        Its type is the user's default type, else the default of CalendarEntry, unless `type` names another or a
        category, whose default is meant. It has a duration when it has an end or is all-day, unless `has_duration`
        says otherwise. Raises LookupError where there is no such type.
        """
        state = self.state_of(user)
        now, author = state.context.now(), user.author
        changes: Changes = {"name": name, "start": start, "end": end, "has_duration": end is not None}
        changes["type"] = self._usual_type(state, user)
        blank = Activity(
            guid=state.context.new_guid(),
            owner=user.guid,
            type="",
            name="",
            start=now,
            end=None,
            all_day=False,
            has_duration=False,
            created=now,
            created_by=author,
            updated=now,
            updated_by=author,
        )
        stored = state.put(self._edited(state, blank, {**changes, **details}), author)
        for participant in participants:
            self.add_participant(stored.guid, participant, by=user)
        return self.activity(stored.guid)

    def edit_activity(self, guid: str, *, by: User | None = None, **changes: Unpack[Changes]) -> Activity:
        """Somebody (the owner, unless `by` says who) edits an activity. Raises LookupError where it is gone."""
        state, before = self._find(guid)
        author = (by or state.users[before.owner]).author
        return state.put(self._edited(state, before, changes), author)

    def remove_activity(self, guid: str) -> None:
        """Somebody deletes an activity. Raises LookupError where it is gone already."""
        state, _ = self._find(guid)
        state.remove(guid)

    def add_participant(self, guid: str, user: User, *, by: User | None = None) -> Participant:
        """Somebody (the owner, unless `by` says who) adds a participant to an activity."""
        state, activity = self._find(guid)
        participant = Participant(state.context.new_guid(), guid, user.guid)
        state.add_participant(participant, (by or state.users[activity.owner]).author)
        return participant

    def remove_participant(self, guid: str, user: User, *, by: User | None = None) -> None:
        """Somebody (the participant, unless `by` says who) takes a participant off. LookupError: was not there."""
        state, _ = self._find(guid)
        for participant in state.participants_of(guid):
            if participant.user == user.guid:
                state.remove_participant(participant.guid, (by or user).author)
                return
        raise LookupError(f"{user.author.name} does not take part in {guid}")

    def activity(self, guid: str) -> Activity:
        """As it is now. Raises LookupError where it is gone."""
        return self._find(guid)[1]

    def exists(self, guid: str) -> bool:
        """Whether there is such an activity."""
        return any(state.activity(guid) is not None for state in self.states.values())

    def activities_of(self, user: User, *, as_member: bool = False) -> list[Activity]:
        """What the user owns (and takes part in, where asked), by start."""
        state = self.state_of(user)
        shared = state.taking_part(frozenset({user.guid})) if as_member else frozenset()
        mine = [a for a in state.activities() if a.owner == user.guid or a.guid in shared]
        return sorted(mine, key=lambda a: (a.start, a.name, a.guid))

    def participants_of(self, guid: str) -> list[User]:
        """The users who take part in an activity, without its owner. Raises LookupError where it is gone."""
        state, _ = self._find(guid)
        return [state.users[participant.user] for participant in state.participants_of(guid)]

    def _find(self, guid: str) -> tuple[CompanyState, Activity]:
        for state in self.states.values():
            activity = state.activity(guid)
            if activity is not None:
                return state, activity
        raise LookupError(f"there is no activity {guid}")

    def _edited(self, state: CompanyState, before: Activity, changes: Changes) -> Activity:
        values: dict[str, Any] = dict(changes)
        owner = changes.get("owner")
        values["owner"] = before.owner if owner is None else owner.guid
        if "type" in changes:
            values["type"] = _type(state, changes["type"]).guid
        zone = state.users[values["owner"]].zone
        for bound in ("start", "end"):
            values[bound] = _moment(values.get(bound, getattr(before, bound)), zone)
        options = state.context.options
        kept: dict[str, Any] = {name: rewritten(options, name, value) for name, value in values.items()}
        after = replace(before, **kept)
        if not after.all_day:
            return after
        end = after.end or (after.start.astimezone(zone) + timedelta(days=1)).astimezone(UTC)
        return replace(after, end=end, has_duration=True)

    def _usual_type(self, state: CompanyState, user: User) -> ActivityType | Category:
        current = state.users[user.guid].default_type_guid
        return "CalendarEntry" if current is None else state.types[current]


def _type(state: CompanyState, wanted: ActivityType | Category) -> ActivityType:
    if isinstance(wanted, ActivityType):
        return state.types[wanted.guid]
    if wanted not in CATEGORIES:
        raise LookupError(f"{wanted} is no category")
    found = state.default_type(wanted)
    if found is None:
        raise LookupError(f"{state.company.name} has no active type of category {wanted}")
    return found


def _moment(value: date | None, zone: ZoneInfo) -> datetime | None:
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
