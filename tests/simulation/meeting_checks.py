"""Whose event says what a meeting is, by rules of the simulation: R13, told once more."""

from __future__ import annotations

from dataclasses import replace

from tests.simulation.seen import Shown
from tests.simulation.stage import Person, Stage
from tests.simulators.graph.event import Event


def as_said(stage: Stage, person: Person, event: Event, shown: Shown) -> Shown:
    """An event with the privacy that its meeting has: an attendee's own flag says nothing to the others.

    The organizer's event says it where the organizer is a colleague, else that of the attendee whose mailbox leads.
    """
    if event.is_organizer or shown.sign not in stage.ledger.meetings:
        return shown
    leading = _leading(stage, person, event, shown.sign)
    return shown if leading is None else replace(shown, private=stage.shown(person, leading).private)


def _leading(stage: Stage, person: Person, event: Event, sign: str) -> Event | None:
    meeting = stage.ledger.meetings[sign]
    if meeting.organizer:
        organizers: Event = stage.graph.people.event(meeting.event)
        return organizers
    keys = [link.claim for link in stage.links(person) if link.event == event.immutable_id]
    claim = stage.storage.companies._claims.get((person.company.id, keys[0])) if keys else None
    leads = [one for one in stage.people if claim is not None and one.user.guid == claim.lead]
    held = [e for one in leads for e in stage.events(one) if stage.shown(one, e).sign == sign and not e.is_cancelled]
    return held[0] if held else None
