"""What people do with meetings besides: they invite to an event that was none, and meet today, or did before."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from tests.simulation.meetings import GUEST, Meeting, _meets, hold
from tests.simulation.stage import Person, Stage
from tests.simulation.writing import did, pick
from tests.simulators.graph.event import Event


def invite_to_copy(stage: Stage, person: Person, rng: random.Random) -> None:
    """Somebody invites people to an event of theirs: the copy of an activity, or what they made themselves."""
    event, other = _may_become_one(stage, person, rng), _meets(stage, person, rng)
    if event is None or other is None:
        return
    shown, sign = stage.shown(person, event), stage.shown(person, event).sign
    guests = rng.choice(((other.user.email,), (other.user.email, GUEST), (GUEST,)))
    invited = {other.name} if other.user.email in guests else set()
    stage.graph.people.add_attendees(event.immutable_id, *guests)
    stage.ledger.meetings[sign] = Meeting(sign, event.immutable_id, person.name)
    stage.ledger.holders[sign] |= {sign.split(".")[0], person.name} | invited
    did(stage, "invites", "microsoft", shown)
    stage.tell(f"{person.name} invites {sorted(invited)} of {len(guests)} to event {event.immutable_id[-6:]} {shown}")


def _may_become_one(stage: Stage, person: Person, rng: random.Random) -> Event | None:
    """Not a second copy, nor a second meeting of the same activity: who has the say of these is told in Outlook."""
    ledger, found = stage.ledger, []
    for event in stage.events(person):
        sign = stage.shown(person, event).sign
        is_free = event.is_organizer and not event.attendees and ledger.made[sign] == 1 and sign not in ledger.meetings
        if is_free and event.end > stage.clock.now():
            found.append(event)
    picked: Event | None = pick(found, rng)
    return picked


def organize_now(stage: Stage, person: Person, rng: random.Random) -> None:
    """A meeting that began already, or will be over while everybody is still at it."""
    hold(stage, person, rng, _soon, recurs=0.0)


def _soon(stage: Stage, rng: random.Random) -> tuple[Any, Any]:
    number = stage.ledger.days()
    minutes = rng.choice((-12 * 24 * 60, -20 * 60, -30, 2, 5, 10)) + number % 5
    start = stage.clock.now().replace(second=0, microsecond=0) + timedelta(minutes=minutes)
    return start, start + timedelta(minutes=rng.choice((5, 15)), seconds=number)
