"""What people do in Outlook with series, and with single dates of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from tests.simulation import outlook
from tests.simulation.patterns import Choice, choose, ends, pattern
from tests.simulation.seen import event_times
from tests.simulation.shown import changed_events
from tests.simulation.stage import Person, Stage
from tests.simulation.writing import FIRST, did, did_date, forget_dates, fresh_words, is_settled, other_words, pick
from tests.simulators.graph.errors import GraphError
from tests.simulators.graph.event import Event
from tests.simulators.graph.recurrence import rule_of

SPREAD = timedelta(days=150)
"""After the first date, how far people look for a date to change."""


def own_series(stage: Stage, person: Person, rng: random.Random) -> Event | None:
    """A series that a person may edit."""
    found = [e for e in stage.events(person) if e.recurrence is not None and not e.attendees and e.is_organizer]
    picked: Event | None = pick(found, rng)
    return picked


def dates_of(event: Event) -> list[date]:
    """Its first dates that are still to come, without those that are cancelled."""
    rule = rule_of(event.recurrence or {})
    begin = max(rule.first, FIRST.date())
    return [day for day in rule.between(begin, begin + SPREAD) if day not in event.cancelled][:8]


def change(stage: Stage, person: Person, event: Event, what: str, act: Callable[[], object]) -> bool:
    """Whether Exchange let it happen; then everything is noted."""
    before, name = stage.shown(person, event), event.immutable_id
    with suppress(GraphError):
        act()
        after = stage.shown(person, stage.graph.people.event(name))
        stage.ledger.wrote(person.name, stage.loop.time(), "microsoft", name, after, before)
        did(stage, what, "microsoft", after)
        stage.tell(f"{person.name} {what} series {name[-6:]} {after}")
        return True
    return False


# --- the whole --------------------------------------------------------------------------------------------------------
def outlook_series(stage: Stage, person: Person, rng: random.Random) -> None:
    """A new series."""
    made = choose(stage, person.zone, rng)
    new = {**fresh_words(stage, person, rng), "start": made.start, "end": made.end}
    outlook.make_event(stage, person, new, private=rng.random() < 0.1, recurrence=made.graph)


def outlook_series_edit(stage: Stage, person: Person, rng: random.Random) -> None:
    """Other words for the whole."""
    if (event := own_series(stage, person, rng)) is not None:
        changes = as_event_fields(other_words(stage, person, stage.shown(person, event), rng))
        change(stage, person, event, "edits", lambda: stage.graph.people.edit_event(event.immutable_id, **changes))


def outlook_series_move(stage: Stage, person: Person, rng: random.Random) -> None:
    """Another time of day, another first date, another pattern, or all of it: Exchange forgets what was changed."""
    if (event := own_series(stage, person, rng)) is not None:
        made, named = choose(stage, person.zone, rng), event.immutable_id
        changes: dict[str, Any] = {"start": made.start, "end": made.end}
        if rng.random() < 0.6 or not _fits(event, made) or event.all_day is isinstance(made.start, datetime):
            changes["recurrence"] = made.graph
        if change(stage, person, event, "moves", lambda: stage.graph.people.edit_event(named, **changes)):
            forget_dates(stage, person, stage.shown(person, event).sign)


def _fits(event: Event, made: Choice) -> bool:
    """Whether the pattern that it has goes on from another first date."""
    last = rule_of(event.recurrence or {}).last()
    return made.length <= timedelta(days=1) and (last is None or last > made.day + timedelta(days=40))


def outlook_series_ends(stage: Stage, person: Person, rng: random.Random) -> None:
    """Another last date."""
    if (event := own_series(stage, person, rng)) is not None and event.recurrence is not None:
        rule, named = rule_of(event.recurrence), event.immutable_id
        limits, _ = ends(max(rule.first, FIRST.date()), rng, may_be_endless=rule.frequency != "daily")
        changed = {"pattern": event.recurrence["pattern"], "range": limits}
        if change(stage, person, event, "ends", lambda: stage.graph.people.edit_event(named, recurrence=changed)):
            forget_dates(stage, person, stage.shown(person, event).sign)


def outlook_series_split(stage: Stage, person: Person, rng: random.Random) -> None:
    """Another subject, and maybe another time, for "this and following"."""
    event = own_series(stage, person, rng)
    if event is None or len(days := dates_of(event)) < 3:
        return
    day, made = rng.choice([one for one in days if one != rule_of(event.recurrence or {}).first]), list[str]()
    changes: dict[str, Any] = {"subject": stage.ledger.word(person.name, "s")}
    begins = event_times(event)[0]
    if rng.random() < 0.5 and isinstance(begins, datetime):
        start = datetime.combine(day, begins.time(), person.zone)
        changes |= {"start": start + timedelta(minutes=17), "end": start + timedelta(minutes=48)}

    def act() -> None:
        made.append(stage.graph.people.split_series(event.immutable_id, day, **changes))

    if change(stage, person, event, "splits", act):
        shown = stage.shown(person, stage.graph.people.event(made[0]))
        stage.ledger.wrote(person.name, stage.loop.time(), "microsoft", made[0], shown, None)
        stage.ledger.made[shown.sign] += 1
        forget_dates(stage, person, shown.sign)
        stage.tell(f"{person.name} has the rest in {made[0][-6:]} {shown}")


def outlook_series_private(stage: Stage, person: Person, rng: random.Random) -> None:
    """Private, or not any more."""
    if (event := own_series(stage, person, rng)) is not None:
        private = event.sensitivity != "normal" or any(e.sensitivity != "normal" for e in changed_events(stage, event))
        outlook.make_private(stage, person, event, "normal" if private else "private")


def outlook_series_delete(stage: Stage, person: Person, rng: random.Random) -> None:
    """To Deleted Items."""
    if (event := own_series(stage, person, rng)) is not None:
        outlook.delete_event(stage, person, event)


def outlook_series_copy(stage: Stage, person: Person, rng: random.Random) -> None:
    """A copy, without what was changed on single dates."""
    if (event := own_series(stage, person, rng)) is not None:
        outlook.copy_event(stage, person, event)


def outlook_series_rehome(stage: Stage, person: Person, rng: random.Random) -> None:
    """Through another store and back: other ids."""
    if (event := own_series(stage, person, rng)) is not None:
        outlook.rehome_event(stage, person, event)


def outlook_recurs(stage: Stage, person: Person, rng: random.Random) -> None:
    """A single entry recurs from now on, or a series does no more."""
    event = own_series(stage, person, rng) if rng.random() < 0.4 else outlook._own_event(stage, person, rng)
    if event is None:
        return
    made = choose(stage, person.zone, rng)
    recurs = None if event.recurrence is not None else pattern(made.day, rng, longer=True)[0]
    changes: dict[str, Any] = {"start": made.start, "end": made.end, "recurrence": recurs}
    if change(stage, person, event, "turns", lambda: stage.graph.people.edit_event(event.immutable_id, **changes)):
        forget_dates(stage, person, stage.shown(person, event).sign)


# --- one date ---------------------------------------------------------------------------------------------------------
def _date(stage: Stage, person: Person, rng: random.Random) -> tuple[Event, date] | None:
    event = own_series(stage, person, rng)
    days = dates_of(event) if event is not None else []
    return (event, rng.choice(days)) if event is not None and days else None


def _change_date(
    stage: Stage, person: Person, event: Event, day: date, what: str, act: Callable[[], object], *, settled: bool
) -> None:
    if change(stage, person, event, f"{what} a date of", act):
        did_date(stage, what, "microsoft", stage.shown(person, event).sign, day, settled=settled)


def outlook_date_edit(stage: Stage, person: Person, rng: random.Random) -> None:
    """Other words for one date."""
    if (found := _date(stage, person, rng)) is not None:
        event, day = found
        changes = as_event_fields(other_words(stage, person, stage.shown(person, event), rng))
        people, named = stage.graph.people, event.immutable_id
        _change_date(
            stage, person, event, day, "edits", lambda: people.edit_occurrence(named, day, **changes), settled=False
        )


def outlook_date_move(stage: Stage, person: Person, rng: random.Random) -> None:
    """Another time for one date, before that of the next and after that of the one before."""
    if (found := _date(stage, person, rng)) is not None:
        event, day = found
        people, named = stage.graph.people, event.immutable_id
        start, end = moved(stage, day, rule_of(event.recurrence or {}).frequency, person, rng, all_day=event.all_day)
        _change_date(
            stage, person, event, day, "moves", lambda: people.edit_occurrence(named, day, start=start, end=end),
            settled=False,
        )  # fmt: skip


def outlook_date_cancel(stage: Stage, person: Person, rng: random.Random) -> None:
    """One date is off."""
    if (found := _date(stage, person, rng)) is not None:
        event, day = found
        shown = stage.shown(person, event)
        # Who only takes part is off that date alone (R15).
        settled = outlook.owns(stage, person, event, shown) and is_settled(stage, person, event, shown)
        people, named = stage.graph.people, event.immutable_id
        _change_date(
            stage, person, event, day, "cancels", lambda: people.cancel_occurrence(named, day), settled=settled
        )


def moved(
    stage: Stage, day: date, frequency: str, person: Person, rng: random.Random, *, all_day: bool
) -> tuple[datetime | date, datetime | date]:
    """Where one date of a series goes, so that it meets no other."""
    number = stage.ledger.days()
    days = timedelta(days=rng.choice((0, 0, 1)) if frequency == "monthly" else 0)
    if all_day:
        return day + days, day + days + timedelta(days=1)
    start = datetime.combine(day, datetime.min.time(), person.zone) + days + timedelta(hours=7, minutes=number % 500)
    return start, start + timedelta(minutes=5 + number)


def as_event_fields(words: dict[str, str]) -> dict[str, Any]:
    """What people wrote, by the names of an event's fields."""
    return {{"subject": "subject", "text": "body", "place": "location"}[k]: v for k, v in words.items()}
