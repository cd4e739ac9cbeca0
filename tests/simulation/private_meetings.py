"""What people do with the privacy of meetings: their organizers, and each attendee for themselves."""

from __future__ import annotations

import random
from contextlib import suppress

from tests.simulation.meetings import _organized
from tests.simulation.recurring_outlook import dates_of
from tests.simulation.shown import changed_events
from tests.simulation.stage import Person, Stage
from tests.simulation.writing import did, pick
from tests.simulators.graph.errors import GraphError
from tests.simulators.graph.event import Event


def _is_private(stage: Stage, event: Event) -> bool:
    dates = changed_events(stage, event) if event.recurrence is not None else []
    return any(one.sensitivity != "normal" for one in (event, *dates))


def organizer_private(stage: Stage, person: Person, rng: random.Random) -> None:
    """The organizer makes it private, or not any more; the attendees' events follow. Of a series also one date."""
    if (found := _organized(stage, person, rng)) is None:
        return
    meeting, event = found
    to = "normal" if _is_private(stage, event) else rng.choice(("private", "private", "confidential"))
    days = dates_of(event) if event.recurrence is not None else []
    people = stage.graph.people
    with suppress(GraphError):
        if days and to != "normal" and rng.random() < 0.3:
            people.edit_occurrence(meeting.event, rng.choice(days), sensitivity=to)
        else:
            people.edit_event(meeting.event, sensitivity=to)
    shown = stage.shown(person, people.event(meeting.event))
    did(stage, f"makes {to}", "microsoft", shown)
    stage.tell(f"the organizer makes {meeting.sign} {to}: {shown}")


def own_private(stage: Stage, person: Person, rng: random.Random) -> None:
    """An attendee makes their own event private, or not any more: nobody else's event follows."""
    mine = [e for e in stage.events(person) if not e.is_organizer and not e.is_cancelled]
    event: Event | None = pick(mine, rng)
    if event is None:
        return
    to = "normal" if event.sensitivity != "normal" else "private"
    shown = stage.shown(person, stage.graph.people.edit_event(event.immutable_id, sensitivity=to))
    did(stage, f"makes {to}", "microsoft", shown)
    stage.tell(f"{person.name} makes their event {event.immutable_id[-6:]} of {shown.sign} {to}")
