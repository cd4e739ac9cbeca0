"""How activities change, whoever asks: series, their occurrences and exceptions, and everything else.

What a change of one date does to its series is the same change: a stale read goes back behind both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from . import series
from .model import Activity, Author, Participant, Series
from .state import CompanyState


def create(state: CompanyState, activity: Activity, author: Author | None) -> Activity:
    """Store a new activity, a series if it recurs. Raises SeveraError (400) for a recurrence that cannot be."""
    return state.put(series.settled(None, activity, state.clock_of(activity), keeps=False), author)


def change(state: CompanyState, before: Activity, after: Activity, author: Author | None) -> Activity:
    """Store a changed activity; a changed occurrence is an exception from then on.

    Raises SeveraError (400) for a recurrence that cannot be.
    """
    if before.original is not None:
        return _change_one(state, before, series.alone(after), author)
    if before.series is None and after.recurrence_type != "None" and after.recurrence is before.recurrence:
        return state.put(after, author)
    keeps = state.context.options.series_edit_keeps_exceptions
    settled = series.settled(before, after, state.clock_of(after), keeps=keeps)
    with state.one_change():
        stored = state.put(settled, author)
        if before.series is not None:
            kept = stored.series or Series()
            _drop(state, before, before.series.changed - kept.changed)
            if stored.owner != before.owner:
                _hand_over(state, stored, author)
    return stored


def cut(state: CompanyState, whole: Activity, day: date, author: Author | None) -> Activity:
    """Let a series end before one of its dates."""
    with state.one_change():
        stored = state.put(series.cut(whole, state.clock_of(whole), day), author)
        _drop(state, whole, (whole.series or Series()).changed - (stored.series or Series()).changed)
    return stored


def remove(state: CompanyState, activity: Activity, author: Author | None) -> None:
    """Delete for good: a series with its exceptions; an occurrence by cancelling its date."""
    with state.one_change():
        if activity.original is not None:
            _of_series(state, activity, author, cancelled=True)
        if activity.series is not None:
            _drop(state, activity, activity.series.changed)
        state.remove(activity.guid)


def reset(state: CompanyState, whole: Activity, author: Author | None) -> None:
    """Give a series all its dates back, as the rule has them."""
    with state.one_change():
        _drop(state, whole, (whole.series or Series()).changed)
        state.put(replace(whole, series=Series()), author)


def add_participant(state: CompanyState, participant: Participant, author: Author | None) -> Participant:
    """Let somebody take part; in one occurrence, by making it an exception."""
    joining = replace(participant, activity=_alone(state, participant.activity, author))
    state.add_participant(joining, author)
    return joining


def remove_participant(state: CompanyState, participant: Participant, author: Author | None) -> None:
    """Take somebody off; off one occurrence, by making it an exception."""
    guid = _alone(state, participant.activity, author)
    own = (p for p in state.participants_of(guid) if p.user == participant.user)
    state.remove_participant(next(own).guid, author)


def _alone(state: CompanyState, guid: str, author: Author | None) -> str:
    """Its guid then."""
    activity = state.activity(guid)
    if activity is not None and activity.original is not None and activity.recurrence_type == "Occurrence":
        return _change_one(state, activity, series.alone(activity), author).guid
    return guid


def _change_one(state: CompanyState, before: Activity, after: Activity, author: Author | None) -> Activity:
    with state.one_change():
        is_first = before.recurrence_type == "Occurrence"
        inherited = state.participants_of(before.guid) if is_first else []
        if is_first and state.context.options.exceptions_get_new_guids:
            after = replace(after, guid=state.context.new_guid())
        stored = state.put(after, author)
        state.inherit(stored.guid, inherited)
        _of_series(state, stored, author, cancelled=False)
    return stored


def _of_series(state: CompanyState, activity: Activity, author: Author | None, *, cancelled: bool) -> None:
    """Note in the series what became of one of its dates."""
    whole = state.activity(activity.recurrence_parent or "")
    if whole is None or whole.series is None or activity.original is None:
        return
    day, known = frozenset({activity.original}), whole.series
    noted = (
        Series(known.cancelled | day, known.changed - day)
        if cancelled
        else Series(known.cancelled, known.changed | day)
    )
    quietly = not state.context.options.exceptions_touch
    state.put(replace(whole, series=noted), author, quietly=quietly)


def _hand_over(state: CompanyState, whole: Activity, author: Author | None) -> None:
    """A series' new owner owns its exceptions, too."""
    for exception in state.activities():
        if exception.original is not None and exception.recurrence_parent == whole.guid:
            state.put(replace(exception, owner=whole.owner), author)


def _drop(state: CompanyState, whole: Activity, days: Iterable[date]) -> None:
    gone = frozenset(days)
    for one in state.activities():
        if one.recurrence_parent == whole.guid and one.original in gone:
            state.remove(one.guid)
