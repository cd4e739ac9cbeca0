"""What people do with activities that several of them hold."""

from __future__ import annotations

import random

from tests.simulation import severa
from tests.simulation.patterns import choose
from tests.simulation.recurring_severa import as_activity_fields
from tests.simulation.stage import Person, Stage
from tests.simulation.writing import fresh_words, other_words, pick
from tests.simulators.severa.model import Activity


def owned(stage: Stage, person: Person, rng: random.Random) -> Activity | None:
    """An activity of a person's own, a series too, that is no meeting."""
    picked: Activity | None = pick([a for a in stage.owned(person) if is_free(stage, person, a)], rng)
    return picked


def is_free(stage: Stage, person: Person, activity: Activity) -> bool:
    """Whether it may be shared like any other: a meeting's people are its organizer's affair."""
    sign = stage.shown(person, activity).sign
    return bool(sign) and sign not in stage.ledger.meetings


def colleague(stage: Stage, person: Person, rng: random.Random) -> Person | None:
    """Somebody else of the company."""
    others = [one for one in stage.people if one.company is person.company and one is not person]
    picked: Person | None = pick(others, rng)
    return picked


def share(stage: Stage, person: Person, activity: Activity, other: Person, rng: random.Random) -> None:
    """Let somebody take part."""
    sign = stage.shown(person, activity).sign
    if other.user.guid in {user.guid for user in stage.severa.people.participants_of(activity.guid)}:
        return
    if other.user.guid == activity.owner:
        return
    stage.severa.people.add_participant(activity.guid, other.user, by=person.user)
    stage.ledger.holders[sign] |= {sign.split(".")[0], other.name}
    stage.ledger.left.pop((sign, other.name), None)
    stage.tell(f"{person.name} shares activity {activity.guid[-6:]} {sign} with {other.name}")
    severa._word(stage, person, activity.guid, rng)


def shared_create(stage: Stage, person: Person, rng: random.Random) -> None:
    """A new activity, or series, of two people."""
    new, kind = fresh_words(stage, person, rng), severa._type(stage, person, rng)
    if rng.random() < 0.3:
        made = choose(stage, person.zone, rng)
        new |= {"start": made.start, "end": made.end}
        severa.make_activity(stage, person, new, type=kind, recurrence=made.severa)
    else:
        severa.make_activity(stage, person, new, type=kind)
    activity = next(a for a in stage.owned(person) if stage.shown(person, a).sign == new["sign"])
    if (other := colleague(stage, person, rng)) is not None:
        share(stage, person, activity, other, rng)


def share_add(stage: Stage, person: Person, rng: random.Random) -> None:
    """Somebody more takes part."""
    activity, other = owned(stage, person, rng), colleague(stage, person, rng)
    if activity is not None and other is not None:
        share(stage, person, activity, other, rng)


def share_remove(stage: Stage, person: Person, rng: random.Random) -> None:
    """Somebody takes part no more: the owner says so, or they do."""
    activity = owned(stage, person, rng)
    if activity is None:
        return
    found = stage.severa.people.participants_of(activity.guid)
    gone = pick(sorted(found, key=lambda user: user.guid), rng)
    if gone is not None:
        by = person.user if rng.random() < 0.5 else gone
        stage.severa.people.remove_participant(activity.guid, gone, by=by)
        stage.tell(f"{person.name} has activity {activity.guid[-6:]} without {gone.first_name}")
        severa._word(stage, person, activity.guid, rng)


def share_hand_over(stage: Stage, person: Person, rng: random.Random) -> None:
    """Somebody else owns it."""
    activity, other = owned(stage, person, rng), colleague(stage, person, rng)
    if activity is not None and other is not None:
        sign = stage.shown(person, activity).sign
        stage.severa.people.change_owner(activity.guid, other.user, stays=rng.random() < 0.5)
        stage.ledger.holders[sign] |= {sign.split(".")[0], other.name}
        stage.tell(f"{person.name} hands activity {activity.guid[-6:]} {sign} over to {other.name}")
        severa._word(stage, person, activity.guid, rng)


def share_edit(stage: Stage, person: Person, rng: random.Random) -> None:
    """Who only takes part edits it in Severa."""
    mine = person.user.guid
    found = [a for a in stage.activities(person) if a.owner != mine and is_free(stage, person, a)]
    activity: Activity | None = pick(found, rng)
    if activity is not None:
        changes = as_activity_fields(other_words(stage, person, stage.shown(person, activity), rng))
        severa._change_activity(stage, person, activity, "edits as a participant", by=person.user, **changes)
        severa._word(stage, person, activity.guid, rng)
