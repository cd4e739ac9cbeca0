"""What a request is about, and what the calendars show: read from the simulators, never through the engine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx

from tests.simulation.seen import Shown, activity_shown, event_shown
from tests.simulators.graph.event import Event
from tests.simulators.severa.model import Activity

if TYPE_CHECKING:
    from tests.simulation.stage import Stage

GRAPH_HOST, SEVERA_HOST = "graph.simulated", "severa.simulated"
_ENTRY = re.compile(r"/(?:events|activities)/([^/?]+)")
_MAILBOX = re.compile(r"/users/([^/?]+)/")
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_READS = frozenset({"/v1/token", "/v1/refreshtoken"})


@dataclass(frozen=True, slots=True)
class Target:
    """One request: method and kind of path; whose mailbox and which entry, where it names them."""

    name: str
    is_graph: bool
    mailbox: str
    entry: str
    writes: bool
    is_conditional: bool


def target_of(request: httpx.Request) -> Target:
    """What the request is about."""
    path, is_graph = request.url.path, request.url.host == GRAPH_HOST
    entry, mailbox = _ENTRY.search(path), _MAILBOX.search(path)
    kind = _GUID.sub("one", path).rsplit("/", 1)[-1] if entry is None else ("event" if is_graph else "activity")
    kind = "subscription" if "/subscriptions" in path else kind
    writes = request.method != "GET" and path not in _READS
    named = "" if entry is None else entry.group(1)
    return Target(
        f"{request.method} {'graph' if is_graph else 'severa'} {kind}",
        is_graph,
        mailbox.group(1) if mailbox else "",
        named,
        writes,
        "if-match" in request.headers,
    )


def state_of(stage: Stage, target: Target) -> Shown | None:
    """What the target's entry shows now; None where it is not there, or the request names none."""
    if not target.entry or not target.writes:
        return None
    return shown_event(stage, target.entry) if target.is_graph else shown_activity(stage, target.entry)


def shown_event(stage: Stage, entry: str) -> Shown | None:
    """An event in a calendar, or one date of a series."""
    try:
        event = stage.graph.people.event(entry)
    except KeyError:
        return None
    return as_event(stage, event) if event.live else None


def as_event(stage: Stage, event: Event) -> Shown:
    """An event as its mailbox shows it."""
    return event_shown(event, changed_events(stage, event) if event.recurrence is not None else ())


def changed_events(stage: Stage, event: Event) -> list[Event]:
    """The exceptions of a series in Microsoft."""
    found: list[Event] = stage.graph.people.exceptions_of(event)
    return found


def shown_activity(stage: Stage, guid: str) -> Shown | None:
    """An activity, or one date of a series."""
    for state in stage.severa.people.states.values():
        activity = state.activity(guid)
        if activity is not None:
            return as_activity(stage, activity, state)
    return None


def is_date(stage: Stage, guid: str) -> bool:
    """Whether that is one date of a series in Severa, or was."""
    return any(guid in state._occurrences for state in stage.severa.people.states.values())


def as_activity(stage: Stage, activity: Activity, state: Any) -> Shown:
    """An activity as its owner sees it."""
    zone = ZoneInfo(state.users[activity.owner].timezone)
    return activity_shown(activity, zone, state.types, changed_activities(activity, state))


def changed_activities(activity: Activity, state: Any) -> list[Activity]:
    """The exceptions of a series in Severa."""
    if activity.series is None or not activity.series.changed:
        return []
    rows = state.activities()
    return [one for one in rows if one.original is not None and one.recurrence_parent == activity.guid]


def overwritten(before: Any, after: Any) -> frozenset[str]:
    """The words that a write took away."""
    if before is None:
        return frozenset()
    return before.words - (after.words if after is not None else frozenset())
