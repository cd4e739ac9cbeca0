"""GET /v1/activities: which activities a listing holds (facts/severa.md 1.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import get_args

from starlette.responses import Response

from .auth import Call
from .model import CATEGORIES, Activity, RecurrenceType
from .query import Query, page_response
from .series import span_end
from .state import CompanyState
from .wire import activity_json

SERVED = frozenset(
    {
        "closed",
        "activityCategories",
        "userGuids",
        "includeAsMember",
        "startDateTime",
        "endDateTime",
        "hasDuration",
        "hasHours",
        "isUnassigned",
        "changedSince",
        "useStrictStartAndEndDateTime",
        "activityTypeGuids",
        "recurrenceType",
    }
)
"""Of the documented filters, those by customer, project, phase, contact and keyword are refused."""
WITHOUT_SERIES = frozenset({"None", "Occurrence", "Exception"})
EVER = datetime.min.replace(tzinfo=UTC)
Test = Callable[[Activity], bool]


async def list_activities(call: Call) -> Response:
    """One page, in the order of creation (the real order is unknown)."""
    query = Query(call.request.query_params, SERVED)
    tests = list(_tests(query, call.state))
    expansion = _expansion(query, call.state)
    found = [a for kept in call.state.listing(stale=call.stale) for a in expansion(kept) if all(t(a) for t in tests)]
    rows, token = query.page(found)
    return page_response([activity_json(call.state, activity) for activity in rows], token)


def _tests(query: Query, state: CompanyState) -> Iterator[Test]:
    query.one_of("activityCategories", CATEGORIES)
    query.one_of("recurrenceType", get_args(RecurrenceType))
    recurrence = query.texts("recurrenceType") or WITHOUT_SERIES
    yield lambda a: a.recurrence_type in recurrence
    if (kinds := query.texts("activityTypeGuids")) is not None:
        yield lambda a: a.type in kinds
    if (categories := query.texts("activityCategories")) is not None:
        yield lambda a: state.types[a.type].category in categories
    if (users := query.texts("userGuids")) is not None:
        shared = state.listed_with(users) if query.flag("includeAsMember") else frozenset()
        yield lambda a: a.owner in users or _in_all_dates(a) in shared
    if (since := query.moment("changedSince")) is not None:
        yield lambda a: a.updated >= since
    yield from _flags(query)
    yield from _window(query, state)


def _expansion(query: Query, state: CompanyState) -> Callable[[Activity], list[Activity]]:
    """From what is kept to what is listed: a series is followed by its occurrences in the window."""
    start, end = query.moment("startDateTime"), query.moment("endDateTime")
    horizon = state.context.options.unwindowed_horizon
    wanted = "Occurrence" in (query.texts("recurrenceType") or WITHOUT_SERIES)
    if horizon is not None:
        start, end = start or EVER, end or state.context.now() + horizon
    if not wanted or start is None or end is None:
        return lambda kept: [kept]
    begin, until = start, end
    return lambda kept: [kept, *state.occurrences(kept, begin, until)] if kept.series is not None else [kept]


def _in_all_dates(activity: Activity) -> str | None:
    """The guid that participants are kept under: an occurrence has those of its series."""
    occurs = activity.recurrence_type == "Occurrence" and activity.original is not None
    return activity.recurrence_parent if occurs else activity.guid


def _flags(query: Query) -> Iterator[Test]:
    if (closed := query.flag("closed")) is not None:
        yield lambda a: a.closed is closed
    if (duration := query.flag("hasDuration")) is not None:
        yield lambda a: a.has_duration is duration
    if (hours := query.flag("hasHours")) is not None:
        yield lambda a: a.has_hours is hours
    if (unassigned := query.flag("isUnassigned")) is not None:
        yield lambda a: a.unassigned is unassigned


def _window(query: Query, state: CompanyState) -> Iterator[Test]:
    start, end = query.moment("startDateTime"), query.moment("endDateTime")
    strict = query.flag("useStrictStartAndEndDateTime") is True

    def ends(activity: Activity) -> datetime:
        spans = activity.series is not None and state.context.options.series_window == "span"
        return span_end(activity, state.clock_of(activity)) if spans else activity.ends

    if start is not None:
        yield (lambda a: a.start >= start) if strict else (lambda a: ends(a) > start)
    if end is not None:
        yield (lambda a: ends(a) <= end) if strict else (lambda a: a.start <= end)
