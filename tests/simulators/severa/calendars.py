"""What users do with activities and series in Severa, without HTTP; who takes part in them is in members.py."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypedDict, Unpack
from zoneinfo import ZoneInfo

from . import writes
from .administration import Administration
from .fields import rewritten
from .model import CATEGORIES, Activity, ActivityType, Author, Category, Participant, RecurrenceType, Reference, User
from .series import placed_on, rest_of
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
    """What can be edited in an activity. Moments and dates as in `Calendars`."""

    name: str
    start: date
    end: date | None
    owner: User


class Calendars(Administration):
    """The users of every company of one simulator, and their activities.

    A moment without a zone is meant in the owner's zone. A plain date (with `all_day=True`) is its midnight there;
    the end of an all-day activity is exclusive, and one day after its start when it is not given.

    Series: an activity with a `recurrence`, which is the API's own JSON, is one. Its dates are original dates in its
    owner's zone. An activity that is given a `recurrence_type` is only stored, listed and returned as that, with
    whatever recurrence is given; nothing is expanded.
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
        says otherwise. Raises LookupError where there is no such type, SeveraError for a recurrence that cannot be.
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
        made = self._edited(state, blank, {**changes, **details})
        stored = state.put(made, author) if "recurrence_type" in details else writes.create(state, made, author)
        for participant in participants:
            joining = Participant(state.context.new_guid(), stored.guid, participant.guid)
            writes.add_participant(state, joining, author)
        return self.activity(stored.guid)

    def edit_activity(self, guid: str, *, by: User | None = None, **changes: Unpack[Changes]) -> Activity:
        """Somebody (the owner, unless `by` says who) edits an activity; an occurrence becomes an exception.

        Raises LookupError where it is gone, SeveraError for a recurrence that cannot be.
        """
        state, before = self._find(guid)
        author = _author(state, before, by)
        after = self._edited(state, before, changes)
        return state.put(after, author) if "recurrence_type" in changes else writes.change(state, before, after, author)

    def remove_activity(self, guid: str, *, by: User | None = None) -> None:
        """Somebody deletes an activity, a series with all its dates, or one date. Raises LookupError: it is gone."""
        state, activity = self._find(guid)
        writes.remove(state, activity, _author(state, activity, by))

    def edit_occurrence(
        self, series_guid: str, day: date, *, by: User | None = None, **changes: Unpack[Changes]
    ) -> Activity:
        """Somebody edits the occurrence of an original date; answers the exception.

        Raises LookupError where the series is gone or has no such date (any more).
        """
        return self.edit_activity(self.occurrence(series_guid, day).guid, by=by, **changes)

    def cancel_occurrence(self, series_guid: str, day: date, *, by: User | None = None) -> None:
        """Somebody deletes one date of a series. Raises LookupError as `edit_occurrence`."""
        self.remove_activity(self.occurrence(series_guid, day).guid, by=by)

    def reset_exceptions(self, series_guid: str, *, by: User | None = None) -> None:
        """Somebody gives a series all its dates back. Raises LookupError where it is gone or none."""
        state, whole = self._series(series_guid)
        writes.reset(state, whole, _author(state, whole, by))

    def occurrence(self, series_guid: str, day: date) -> Activity:
        """The occurrence or exception of an original date. Raises LookupError as `edit_occurrence`."""
        state, whole = self._series(series_guid)
        found = state.occurrence(whole, day)
        if found is None:
            raise LookupError(f"{series_guid} has no {day}")
        return found

    def occurrences_of(self, series_guid: str, first: date, last: date) -> list[Activity]:
        """The occurrences and exceptions from one date to another in the owner's zone, inclusive, by start."""
        state, whole = self._series(series_guid)
        begin, end = (_moment(day, state.clock_of(whole)) for day in (first, last + timedelta(days=1)))
        if begin is None or end is None:
            raise ValueError("dates are required")
        found = [a for a in state.activities() if a.original is not None and a.recurrence_parent == series_guid]
        found += state.occurrences(whole, begin, end)
        return sorted((a for a in found if begin <= a.start < end), key=lambda a: a.start)

    def split_series(
        self, series_guid: str, day: date, *, by: User | None = None, **changes: Unpack[Changes]
    ) -> Activity:
        """Somebody changes "this and following": the series ends before an original date; answers the new series.

        The new one has the rule from that date on, or the `recurrence` given; what is left of a number of times; the
        same participants. What was changed or cancelled before the date stays in the old one, what was so after it is
        forgotten. Raises LookupError as `edit_occurrence`, ValueError for the first date.
        """
        state, whole = self._series(series_guid)
        self.occurrence(series_guid, day)
        author, zone, now = _author(state, whole, by), state.clock_of(whole), state.context.now()
        rest: Changes = {"recurrence": rest_of(whole, zone, day), **changes}
        start, end = placed_on(whole, zone, day)
        blank = replace(whole, guid=state.context.new_guid(), series=None, created=now, created_by=author, updated=now)
        moved = replace(blank, start=start, end=None if whole.end is None else end, has_hours=False)
        made = self._edited(state, moved, rest)
        joining = state.participants_of(series_guid)
        writes.cut(state, whole, day, author)
        new = writes.create(state, made, author)
        for participant in joining:
            again = replace(participant, guid=state.context.new_guid(), activity=new.guid)
            writes.add_participant(state, again, author)
        return self.activity(new.guid)

    def activity(self, guid: str) -> Activity:
        """As it is now. Raises LookupError where it is gone."""
        return self._find(guid)[1]

    def exists(self, guid: str) -> bool:
        """Whether there is such an activity."""
        return any(state.activity(guid) is not None for state in self.states.values())

    def activities_of(self, user: User, *, as_member: bool = False) -> list[Activity]:
        """What the user owns (and takes part in, where asked), by start; `occurrences_of` has the dates of series."""
        state = self.state_of(user)
        shared = state.taking_part(frozenset({user.guid})) if as_member else frozenset()
        kept = [activity for activity in state.activities() if activity.original is None]
        mine = [a for a in kept if a.owner == user.guid or a.guid in shared]
        return sorted(mine, key=lambda a: (a.start, a.name, a.guid))

    def _find(self, guid: str) -> tuple[CompanyState, Activity]:
        for state in self.states.values():
            activity = state.activity(guid)
            if activity is not None:
                return state, activity
        raise LookupError(f"there is no activity {guid}")

    def _series(self, guid: str) -> tuple[CompanyState, Activity]:
        state, whole = self._find(guid)
        if whole.series is None:
            raise LookupError(f"{guid} is no series")
        return state, whole

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


def _author(state: CompanyState, activity: Activity, by: User | None) -> Author:
    return (by or state.users[activity.owner]).author


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
