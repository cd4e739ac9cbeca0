"""What people do in Severa."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from core.usecases.hints import note_activity_changed
from tests.simulation.stage import Person, Stage
from tests.simulation.writing import did, fresh_times, fresh_words, is_settled, other_words, pick
from tests.simulators.severa.model import Activity


def _own_activity(stage: Stage, person: Person, rng: random.Random) -> Activity | None:
    found = [a for a in stage.owned(person) if a.series is None and not is_meeting(stage, person, a)]
    picked: Activity | None = pick(found, rng)
    return picked


def is_meeting(stage: Stage, person: Person, activity: Activity) -> bool:
    """Whether it is one: what people do with those is in meetings.py."""
    return stage.shown(person, activity).sign in stage.ledger.meetings


def _change_activity(stage: Stage, person: Person, activity: Activity, what: str, **changes: Any) -> None:
    before = stage.shown(person, activity)
    after = stage.shown(person, stage.severa.people.edit_activity(activity.guid, **changes))
    stage.ledger.wrote(person.name, stage.loop.time(), "severa", activity.guid, after, before)
    did(stage, what, "severa", after)
    if before.sign and (before.subject != after.subject or before.span != after.span):
        _may_double(stage, person, activity, before.sign)
    stage.tell(f"{person.name} {what} activity {activity.guid[-6:]} {after}")


def _may_double(stage: Stage, person: Person, activity: Activity, sign: str) -> None:
    """Known small window: an activity whose create's answer was lost, edited before it was found again."""
    state = stage.severa.people.state_of(person.user)
    if activity.created_by == state.api and activity.guid not in stage.linked(person):
        stage.ledger.may_double.add(sign)


def make_activity(stage: Stage, person: Person, new: dict[str, Any], **details: Any) -> None:
    """An activity of these words."""
    made = stage.severa.people.add_activity(
        person.user, new["subject"], new["start"], new["end"], all_day=not isinstance(new["start"], datetime),
        notes=new["text"], location=new["place"] or None, **details,
    )  # fmt: skip
    shown = stage.shown(person, made)
    stage.ledger.wrote(person.name, stage.loop.time(), "severa", made.guid, shown, None)
    stage.ledger.made[new["sign"]] += 1
    did(stage, "create", "severa", shown)
    stage.tell(f"{person.name} creates activity {made.guid[-6:]} {shown}")


def _type(stage: Stage, person: Person, rng: random.Random) -> Any:
    names = ("CalendarEntry", "CalendarEntry", "CalendarEntry", "Personal", "Absences", "SalesEvent")
    return person.company.types[rng.choice([n for n in names if n in person.company.types])]


def severa_create(stage: Stage, person: Person, rng: random.Random) -> None:
    """A new activity of any type but a project task's."""
    make_activity(stage, person, fresh_words(stage, person, rng), type=_type(stage, person, rng))


def severa_task(stage: Stage, person: Person, rng: random.Random) -> None:
    """A project task: never synchronized."""
    make_activity(stage, person, fresh_words(stage, person, rng), type=person.company.types["Task"])


def severa_edit(stage: Stage, person: Person, rng: random.Random) -> None:
    """Other words."""
    if (activity := _own_activity(stage, person, rng)) is not None:
        changes = other_words(stage, person, stage.shown(person, activity), rng)
        names = {"subject": "name", "text": "notes", "place": "location"}
        _change_activity(stage, person, activity, "edits", **{names[k]: v for k, v in changes.items()})
        _word(stage, person, activity.guid, rng)


def severa_snatch(stage: Stage, person: Person, rng: random.Random) -> None:
    """Edits an activity of theirs right after the service read it."""

    def wants(guid: str) -> bool:
        mine = [a for a in stage.owned(person) if a.guid == guid and not is_meeting(stage, person, a)]
        activity = mine[0] if mine else None
        if activity is not None:
            changes = other_words(stage, person, stage.shown(person, activity), rng)
            names = {"subject": "name", "text": "notes", "place": "location"}
            _change_activity(stage, person, activity, "snatches", **{names[k]: v for k, v in changes.items()})
        return activity is not None

    stage.snatches.append(wants)


def severa_move(stage: Stage, person: Person, rng: random.Random) -> None:
    """Another time."""
    if (activity := _own_activity(stage, person, rng)) is not None:
        start, end = fresh_times(stage, rng)
        whole = not isinstance(start, datetime)
        _change_activity(stage, person, activity, "moves", start=start, end=end, all_day=whole, has_duration=True)
        _word(stage, person, activity.guid, rng)


def severa_retype(stage: Stage, person: Person, rng: random.Random) -> None:
    """Another type: private, not private, unticked."""
    if (activity := _own_activity(stage, person, rng)) is not None:
        _change_activity(stage, person, activity, "retypes", type=_type(stage, person, rng))


def severa_touch(stage: Stage, person: Person, rng: random.Random) -> None:
    """Closed, or with work hours: nothing that is synchronized."""
    if (activity := _own_activity(stage, person, rng)) is not None:
        _change_activity(stage, person, activity, "touches", **rng.choice(({"closed": True}, {"has_hours": True})))


def severa_delete(stage: Stage, person: Person, rng: random.Random) -> None:
    """For good; the front end says so more often than not."""
    if (activity := _own_activity(stage, person, rng)) is not None:
        delete_activity(stage, person, activity, rng)


def delete_activity(stage: Stage, person: Person, activity: Activity, rng: random.Random) -> None:
    """For good."""
    shown = stage.shown(person, activity)
    did(stage, "delete", "severa", shown, settled=is_settled(stage, person, activity, shown))
    stage.ledger.wrote_over(shown.words)
    stage.severa.people.remove_activity(activity.guid)
    stage.tell(f"{person.name} deletes activity {activity.guid[-6:]} {shown}")
    _word(stage, person, activity.guid, rng)


def _word(stage: Stage, person: Person, guid: str, rng: random.Random) -> None:
    """The front end's word that an activity was changed or removed."""
    if rng.random() < 0.6:
        pair = person.pair
        stage.host.call(lambda ports: note_activity_changed(ports, pair.company, pair.user, guid))


def severa_word(stage: Stage, person: Person, rng: random.Random) -> None:
    """The front end names an activity that was not changed."""
    if (activity := _own_activity(stage, person, rng)) is not None:
        pair = person.pair
        stage.host.call(lambda ports: note_activity_changed(ports, pair.company, pair.user, activity.guid))
