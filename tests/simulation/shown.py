"""What a request is about, and what the calendars show: read from the simulators, never through the engine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx

from tests.simulation.ledger import Shown, activity_shown, event_shown

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
    """An event in a calendar."""
    try:
        event = stage.graph.people.event(entry)
    except KeyError:
        return None
    return event_shown(event) if event.live else None


def shown_activity(stage: Stage, guid: str) -> Shown | None:
    """An activity."""
    for state in stage.severa.people.states.values():
        activity = state.activity(guid)
        if activity is not None:
            owner = state.users[activity.owner]
            return activity_shown(activity, ZoneInfo(owner.timezone), state.types[activity.type].category)
    return None


def overwritten(before: Any, after: Any) -> frozenset[str]:
    """The words that a write took away."""
    if before is None:
        return frozenset()
    return before.words - (after.words if after is not None else frozenset())
