"""What people do in Severa with series, and with single dates of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from tests.simulation import severa
from tests.simulation.patterns import choose, ends
from tests.simulation.recurring_outlook import SPREAD, moved
from tests.simulation.seen import activity_times
from tests.simulation.stage import Person, Stage
from tests.simulation.writing import FIRST, did, did_date, forget_dates, fresh_words, is_settled, other_words, pick
from tests.simulators.common.recurrence import Rule
from tests.simulators.severa import series
from tests.simulators.severa.errors import SeveraError
from tests.simulators.severa.model import Activity

SIDES = ("severa", "microsoft")


def own_series(stage: Stage, person: Person, rng: random.Random) -> Activity | None:
    """A series that a person owns."""
    found = [a for a in stage.owned(person) if a.series is not None and not severa.is_meeting(stage, person, a)]
    picked: Activity | None = pick(found, rng)
    return picked


def rule_of(person: Person, activity: Activity) -> Rule:
    """Its rule, by the owner's clocks."""
    return series.rule(activity, person.zone)


def dates_of(person: Person, activity: Activity) -> list[date]:
    """Its first dates that are still to come, without those that are cancelled."""
    rule, known = rule_of(person, activity), activity.series
    begin = max(rule.first, FIRST.date())
    return [day for day in rule.between(begin, begin + SPREAD) if known and day not in known.cancelled][:8]


def change(
    stage: Stage, person: Person, activity: Activity, what: str, act: Callable[[], object], rng: random.Random
) -> bool:
    """Whether Severa let it happen; then everything is noted."""
    before = stage.shown(person, activity)
    with suppress(SeveraError):
        act()
        after = stage.shown(person, stage.severa.people.activity(activity.guid))
        stage.ledger.wrote(person.name, stage.loop.time(), "severa", activity.guid, after, before)
        did(stage, what, "severa", after)
        if before.sign and (before.subject, before.span, before.dates) != (after.subject, after.span, after.dates):
            severa._may_double(stage, person, activity, before.sign)
        stage.tell(f"{person.name} {what} series {activity.guid[-6:]} {after}")
        severa._word(stage, person, activity.guid, rng)
        return True
    return False


# --- the whole --------------------------------------------------------------------------------------------------------
def severa_series(stage: Stage, person: Person, rng: random.Random) -> None:
    """A new series."""
    made = choose(stage, person.zone, rng)
    new = {**fresh_words(stage, person, rng), "start": made.start, "end": made.end}
    severa.make_activity(stage, person, new, type=severa._type(stage, person, rng), recurrence=made.severa)


def severa_series_edit(stage: Stage, person: Person, rng: random.Random) -> None:
    """Other words for the whole."""
    if (activity := own_series(stage, person, rng)) is not None:
        changes = as_activity_fields(other_words(stage, person, stage.shown(person, activity), rng))
        edit = stage.severa.people.edit_activity
        change(stage, person, activity, "edits", lambda: edit(activity.guid, **changes), rng)


def severa_series_move(stage: Stage, person: Person, rng: random.Random) -> None:
    """Another time of day, first date and pattern: Severa forgets what was changed, or does not (an option)."""
    if (activity := own_series(stage, person, rng)) is not None:
        made, edit = choose(stage, person.zone, rng), stage.severa.people.edit_activity
        whole = not isinstance(made.start, datetime)
        changes: dict[str, Any] = {"start": made.start, "end": made.end, "all_day": whole, "recurrence": made.severa}
        if change(stage, person, activity, "moves", lambda: edit(activity.guid, **changes), rng):
            forget_dates(stage, person, stage.shown(person, activity).sign)


def severa_series_ends(stage: Stage, person: Person, rng: random.Random) -> None:
    """Another last date."""
    if (activity := own_series(stage, person, rng)) is not None and activity.recurrence is not None:
        rule, edit = rule_of(person, activity), stage.severa.people.edit_activity
        _, limits = ends(max(rule.first, FIRST.date()), rng, may_be_endless=rule.frequency != "daily")
        changed = {**activity.recurrence, "range": limits}
        if change(stage, person, activity, "ends", lambda: edit(activity.guid, recurrence=changed), rng):
            forget_dates(stage, person, stage.shown(person, activity).sign)


def severa_series_split(stage: Stage, person: Person, rng: random.Random) -> None:
    """Another subject, and maybe another time, for "this and following"."""
    activity = own_series(stage, person, rng)
    if activity is None or len(days := dates_of(person, activity)) < 3:
        return
    day, made = rng.choice([one for one in days if one != rule_of(person, activity).first]), list[Activity]()
    changes: dict[str, Any] = {"name": stage.ledger.word(person.name, "s")}
    begins = activity_times(activity, person.zone)[0]
    if rng.random() < 0.5 and isinstance(begins, datetime):
        start = datetime.combine(day, begins.time(), person.zone)
        changes |= {"start": start + timedelta(minutes=17), "end": start + timedelta(minutes=48)}

    def act() -> None:
        made.append(stage.severa.people.split_series(activity.guid, day, **changes))

    if change(stage, person, activity, "splits", act, rng):
        shown = stage.shown(person, made[0])
        stage.ledger.wrote(person.name, stage.loop.time(), "severa", made[0].guid, shown, None)
        stage.ledger.made[shown.sign] += 1
        forget_dates(stage, person, shown.sign)
        stage.tell(f"{person.name} has the rest in {made[0].guid[-6:]} {shown}")


def severa_series_retype(stage: Stage, person: Person, rng: random.Random) -> None:
    """Another type: private, not private, unticked."""
    if (activity := own_series(stage, person, rng)) is not None:
        kind, edit = severa._type(stage, person, rng), stage.severa.people.edit_activity
        change(stage, person, activity, "retypes", lambda: edit(activity.guid, type=kind), rng)


def severa_series_delete(stage: Stage, person: Person, rng: random.Random) -> None:
    """For good."""
    if (activity := own_series(stage, person, rng)) is not None:
        severa.delete_activity(stage, person, activity, rng)


def severa_series_reset(stage: Stage, person: Person, rng: random.Random) -> None:
    """All dates are as the series says again."""
    if (activity := own_series(stage, person, rng)) is not None:
        reset, shown = stage.severa.people.reset_exceptions, stage.shown(person, activity)
        if change(stage, person, activity, "resets", lambda: reset(activity.guid), rng):
            forget_dates(stage, person, shown.sign)
            # Exchange brings none back that is cancelled: as if somebody had cancelled it there.
            stage.ledger.touched |= {(shown.sign, day, side) for day, _ in shown.dates for side in SIDES}


def severa_recurs(stage: Stage, person: Person, rng: random.Random) -> None:
    """A single entry recurs from now on, or a series does no more."""
    is_series = rng.random() < 0.4
    activity = own_series(stage, person, rng) if is_series else severa._own_activity(stage, person, rng)
    if activity is None:
        return
    made, edit = choose(stage, person.zone, rng), stage.severa.people.edit_activity
    whole = not isinstance(made.start, datetime)
    changes: dict[str, Any] = {"start": made.start, "end": made.end, "all_day": whole, "has_duration": True}
    changes["recurrence"] = None if is_series else made.severa
    if change(stage, person, activity, "turns", lambda: edit(activity.guid, **changes), rng):
        forget_dates(stage, person, stage.shown(person, activity).sign)


# --- one date ---------------------------------------------------------------------------------------------------------
def _date(stage: Stage, person: Person, rng: random.Random) -> tuple[Activity, date] | None:
    activity = own_series(stage, person, rng)
    days = dates_of(person, activity) if activity is not None else []
    return (activity, rng.choice(days)) if activity is not None and days else None


def severa_date_edit(stage: Stage, person: Person, rng: random.Random) -> None:
    """Other words for one date."""
    if (found := _date(stage, person, rng)) is not None:
        activity, day = found
        changes = as_activity_fields(other_words(stage, person, stage.shown(person, activity), rng))
        edit = stage.severa.people.edit_occurrence
        if change(stage, person, activity, "edits a date of", lambda: edit(activity.guid, day, **changes), rng):
            did_date(stage, "edits", "severa", stage.shown(person, activity).sign, day)


def severa_date_move(stage: Stage, person: Person, rng: random.Random) -> None:
    """Another time for one date."""
    if (found := _date(stage, person, rng)) is not None:
        activity, day = found
        edit = stage.severa.people.edit_occurrence
        start, end = moved(stage, day, rule_of(person, activity).frequency, person, rng, all_day=activity.all_day)
        changes: dict[str, Any] = {"start": start, "end": end}
        if change(stage, person, activity, "moves a date of", lambda: edit(activity.guid, day, **changes), rng):
            did_date(stage, "moves", "severa", stage.shown(person, activity).sign, day)


def severa_date_cancel(stage: Stage, person: Person, rng: random.Random) -> None:
    """One date is off."""
    if (found := _date(stage, person, rng)) is not None:
        activity, day = found
        settled = is_settled(stage, person, activity, stage.shown(person, activity))
        cancel = stage.severa.people.cancel_occurrence
        if change(stage, person, activity, "cancels a date of", lambda: cancel(activity.guid, day), rng):
            did_date(stage, "cancels", "severa", stage.shown(person, activity).sign, day, settled=settled)


def as_activity_fields(words: dict[str, str]) -> dict[str, Any]:
    """What people wrote, by the names of an activity's fields."""
    return {{"subject": "name", "text": "notes", "place": "location"}[k]: v for k, v in words.items()}
