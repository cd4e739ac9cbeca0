"""What people do with meetings: who organizes them, whom they invite, and everybody in Severa."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.simulation import severa
from tests.simulation.patterns import choose
from tests.simulation.recurring_outlook import as_event_fields, dates_of
from tests.simulation.recurring_severa import SIDES, as_activity_fields
from tests.simulation.recurring_severa import dates_of as severa_dates
from tests.simulation.sharing import colleague
from tests.simulation.stage import Person, Stage
from tests.simulation.writing import FIRST, did, fresh_times, fresh_words, other_words, pick
from tests.simulators.graph.errors import GraphError
from tests.simulators.graph.event import Event
from tests.simulators.severa.model import Activity

OUTSIDE, GUEST = "boss@elsewhere.example", "guest@elsewhere.example"


@dataclass(slots=True)
class Meeting:
    """One meeting: its organizer's event; who organizes it, empty where somebody outside does.

    `edits`: how often its organizer edited it in Severa, or deleted it there: for these Exchange tells the attendees
    (R16). `late`: how often when it was over; nobody is told, unless it was put off since.
    """

    sign: str
    event: str
    organizer: str
    edits: int = 0
    late: int = 0
    is_cancelled: bool = False

    def edited(self, stage: Stage, person: Person) -> None:
        """Its organizer edits or deletes it in Severa."""
        event = stage.graph.people.event(self.event)
        if self.organizer == person.name and (event.recurrence is not None or event.end > stage.clock.now()):
            self.edits += 1
        elif self.organizer == person.name:
            self.late += 1

    def put_off(self) -> None:
        """Its organizer gives it another time in Outlook."""
        self.edits, self.late = self.edits + self.late, 0


def _meets(stage: Stage, person: Person, rng: random.Random) -> Person | None:
    """Somebody to invite; nobody whose address leads elsewhere just now, where the invitation would go."""
    other = colleague(stage, person, rng)
    return other if other is not None and is_reached(stage, person) and is_reached(stage, other) else None


def is_reached(stage: Stage, person: Person) -> bool:
    """Whether what is mailed to somebody arrives in their own mailbox just now."""
    return bool(stage.graph.people.leads_to(person.user.email, person.mailbox))


def _times(stage: Stage, rng: random.Random) -> tuple[Any, Any]:
    """A span that is to come: what is over is archived, and nobody's edit reaches anybody."""
    while True:
        start, end = fresh_times(stage, rng)
        if (start.date() if isinstance(start, datetime) else start) >= FIRST.date():
            return start, end


def organize(stage: Stage, person: Person, rng: random.Random) -> None:
    """A meeting, or a series of them, with somebody of the company, somebody outside, or both."""
    hold(stage, person, rng, _times, recurs=0.3)


def hold(
    stage: Stage,
    person: Person,
    rng: random.Random,
    times: Callable[[Stage, random.Random], tuple[Any, Any]],
    *,
    recurs: float,
) -> None:
    """A new meeting at such times, that often a series."""
    if (other := _meets(stage, person, rng)) is None:
        return
    new = fresh_words(stage, person, rng)
    new["start"], new["end"] = times(stage, rng)
    details: dict[str, Any] = {"body": new["text"], "location": new["place"]}
    if rng.random() < recurs:
        made = choose(stage, person.zone, rng)
        new |= {"start": made.start, "end": made.end}
        details["recurrence"] = made.graph
    guests = [other.user.email, *([GUEST] if rng.random() < 0.4 else [])]
    people, invited = stage.graph.people, {person.name, other.name}
    if rng.random() < 0.3:  # Somebody outside has the say.
        boxes = [person.mailbox, other.mailbox]
        organizer, event = (
            "",
            people.receive_invitation(boxes, OUTSIDE, new["subject"], new["start"], new["end"], **details),
        )
    else:
        what = [person.mailbox, new["subject"], new["start"], new["end"]]
        organizer, event = person.name, people.organize_meeting(*what, attendees=guests, **details)
    stage.ledger.meetings[new["sign"]] = Meeting(new["sign"], event, organizer)
    stage.ledger.holders[new["sign"]] |= invited
    stage.ledger.made[new["sign"]] += 1
    if organizer:
        shown = stage.shown(person, people.event(event))
        stage.ledger.wrote(person.name, stage.loop.time(), "microsoft", event, shown, None)
    stage.tell(f"{organizer or 'somebody outside'} invites {sorted(invited)} to {new['sign']} {event[-6:]}")


# --- the organizer ----------------------------------------------------------------------------------------------------
def _organized(stage: Stage, person: Person, rng: random.Random) -> tuple[Meeting, Event] | None:
    """A meeting that this person organizes, or that somebody outside does who knows them."""
    found = []
    if not all(is_reached(stage, one) for one in stage.people):
        return None  # What is told would arrive elsewhere.
    for meeting in stage.ledger.meetings.values():
        knows = person.name in stage.ledger.holders[meeting.sign]
        if not meeting.is_cancelled and knows and meeting.organizer in ("", person.name):
            event = stage.graph.people.event(meeting.event)
            if event.live:
                found.append((meeting, event))
    picked: tuple[Meeting, Event] | None = pick(found, rng)
    return picked


def edit(stage: Stage, person: Person, rng: random.Random) -> None:
    """Other words, or another time; of a series now and then of one date only."""
    if (found := _organized(stage, person, rng)) is None:
        return
    meeting, event = found
    words = as_event_fields(other_words(stage, person, stage.shown(person, event), rng))
    changes: dict[str, Any] = words
    days = dates_of(event) if event.recurrence is not None else []
    people, before = stage.graph.people, stage.shown(person, event)
    with suppress(GraphError):
        if days and rng.random() < 0.6:
            people.edit_occurrence(meeting.event, rng.choice(days), **words)
        else:
            if event.recurrence is None and rng.random() < 0.4:
                start, end = _times(stage, rng)
                changes = {"start": start, "end": end}
                meeting.put_off()
            people.edit_event(meeting.event, **changes)
    after = stage.shown(person, people.event(meeting.event))
    if meeting.organizer:
        stage.ledger.wrote(person.name, stage.loop.time(), "microsoft", meeting.event, after, before)
    stage.tell(f"the organizer edits {meeting.sign}: {after}")


def add(stage: Stage, person: Person, rng: random.Random) -> None:
    """The organizer invites somebody more."""
    found, other = _organized(stage, person, rng), _meets(stage, person, rng)
    if found is None or other is None or other.name == found[0].organizer:
        return
    if other.user.email not in {one["emailAddress"]["address"] for one in found[1].attendees}:
        stage.graph.people.add_attendees(found[0].event, other.user.email)
        stage.ledger.holders[found[0].sign].add(other.name)
        stage.tell(f"the organizer invites {other.name} to {found[0].sign}")


def remove(stage: Stage, person: Person, rng: random.Random) -> None:
    """The organizer takes somebody off."""
    found, other = _organized(stage, person, rng), colleague(stage, person, rng)
    if found is not None and other is not None and len(found[1].attendees) > 1:
        stage.graph.people.remove_attendees(found[0].event, other.user.email)
        stage.ledger.declined.setdefault((found[0].sign, other.name, None), stage.clock.now())
        stage.tell(f"the organizer takes {other.name} off {found[0].sign}")


def cancel(stage: Stage, person: Person, rng: random.Random) -> None:
    """The organizer cancels it, or one date of it."""
    if (found := _organized(stage, person, rng)) is None:
        return
    meeting, event = found
    stage.ledger.wrote_over(_all_words(stage, meeting))
    days = dates_of(event) if event.recurrence is not None else []
    if len(days) > 2 and rng.random() < 0.6:
        stage.graph.people.cancel_meeting(meeting.event, rng.choice(days))
        stage.tell(f"the organizer cancels a date of {meeting.sign}")
    else:
        stage.graph.people.cancel_meeting(meeting.event)
        meeting.is_cancelled = True
        stage.tell(f"the organizer cancels {meeting.sign}")


def _all_words(stage: Stage, meeting: Meeting) -> list[str]:
    """What anybody wrote into it: with the meeting, it goes."""
    return [name for name, word in stage.ledger.words.items() if word.sign == meeting.sign]


# --- attendees --------------------------------------------------------------------------------------------------------
def answer(stage: Stage, person: Person, rng: random.Random) -> None:
    """An attendee accepts, declines, declines a date, or deletes it without a word."""
    mine = [e for e in stage.events(person) if not e.is_organizer]
    event: Event | None = pick([e for e in mine if not e.is_cancelled], rng)
    if event is None:
        return
    people, what = stage.graph.people, rng.choice(("accept", "accept", "decline", "decline a date of", "delete"))
    days = dates_of(event) if event.recurrence is not None else []
    if what == "decline a date of" and len(days) < 2:
        what = "decline"
    shown, day = stage.shown(person, event), rng.choice(days) if days else None
    stage.tell(f"{person.name} chooses to {what} {shown}")
    is_known = any(link.event == event.immutable_id and link.agreed for link in stage.links(person))
    if what == "accept":
        people.accept(event.immutable_id)
    elif what == "decline a date of":
        people.decline(event.immutable_id, day)
        stage.ledger.declined[shown.sign, person.name, day] = stage.clock.now() if is_known else None
    else:
        stage.ledger.declined[shown.sign, person.name, None] = stage.clock.now() if is_known else None
        people.decline(event.immutable_id) if what == "decline" else people.delete_event(event.immutable_id)


# --- in Severa --------------------------------------------------------------------------------------------------------
def _activity(stage: Stage, person: Person, rng: random.Random) -> tuple[Meeting, Activity] | None:
    found = []
    for activity in stage.activities(person):
        meeting = stage.ledger.meetings.get(stage.shown(person, activity).sign)
        if meeting is not None and activity.original is None:
            found.append((meeting, activity))
    picked: tuple[Meeting, Activity] | None = pick(found, rng)
    return picked


def severa_edit(stage: Stage, person: Person, rng: random.Random) -> None:
    """Somebody who is in it edits it: its organizer's edit reaches everybody, anybody else's is set back (R16)."""
    if (found := _activity(stage, person, rng)) is None:
        return
    meeting, activity = found
    before = stage.shown(person, activity)
    changes = as_activity_fields(other_words(stage, person, before, rng))
    if not before.place:
        changes.pop("location", None)  # What a meeting lacks is not emptied in Severa at a first match.
    if activity.series is None and rng.random() < 0.3:
        start, end = _times(stage, rng)
        changes = {"start": start, "end": end, "all_day": not isinstance(start, datetime)}
    meeting.edited(stage, person)
    after = stage.shown(person, stage.severa.people.edit_activity(activity.guid, by=person.user, **changes))
    did(stage, "edits", "severa", after)
    stage.ledger.wrote(person.name, stage.loop.time(), "severa", activity.guid, after, before)
    stage.tell(f"{person.name} edits the meeting's activity {activity.guid[-6:]} {after}")
    severa._word(stage, person, activity.guid, rng)


def severa_people(stage: Stage, person: Person, rng: random.Random) -> None:
    """Somebody is added in Severa, or leaves there."""
    found, other = _activity(stage, person, rng), colleague(stage, person, rng)
    if found is None or other is None:
        return
    meeting, activity = found
    people = stage.severa.people
    taking_part = {user.guid for user in people.participants_of(activity.guid)}
    if other.user.guid not in taking_part | {activity.owner}:
        people.add_participant(activity.guid, other.user, by=person.user)
        stage.ledger.holders[meeting.sign].add(other.name)
        if (meeting.sign, other.name, None) in stage.ledger.declined:  # Invited once: that gets no copy (R14).
            stage.ledger.declined[meeting.sign, other.name, None] = None
        stage.tell(f"{person.name} adds {other.name} to {meeting.sign} in Severa")
    elif person.user.guid in taking_part:
        people.remove_participant(activity.guid, person.user)
        stage.tell(f"{person.name} leaves {meeting.sign} in Severa")
    severa._word(stage, person, activity.guid, rng)


def severa_delete(stage: Stage, person: Person, rng: random.Random) -> None:
    """Its owner deletes it in Severa: its organizer's deletion cancels it."""
    if (found := _activity(stage, person, rng)) is not None and found[1].owner == person.user.guid:
        meeting, activity = found
        meeting.edited(stage, person)
        did(stage, "delete", "severa", stage.shown(person, activity))
        stage.ledger.wrote_over(_all_words(stage, meeting))
        stage.severa.people.remove_activity(activity.guid)
        stage.tell(f"{person.name} deletes the meeting's activity {activity.guid[-6:]} {meeting.sign}")
        severa._word(stage, person, activity.guid, rng)


def severa_cancel_date(stage: Stage, person: Person, rng: random.Random) -> None:
    """Its owner cancels one date in Severa."""
    found = _activity(stage, person, rng)
    if found is None or found[1].series is None or found[1].owner != person.user.guid:
        return
    meeting, activity = found
    days = severa_dates(person, activity)
    if len(days) > 2:
        meeting.edited(stage, person)
        stage.ledger.wrote_over(_all_words(stage, meeting))
        day = rng.choice(days)
        stage.severa.people.cancel_occurrence(activity.guid, day)
        # Severa brings none back: where it is not taken for the organizer's edit, the date stays in Outlook alone.
        stage.ledger.touched |= {(meeting.sign, day, side) for side in SIDES}
        stage.tell(f"{person.name} cancels a date of {meeting.sign} in Severa")
        severa._word(stage, person, activity.guid, rng)
