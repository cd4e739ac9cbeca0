"""All dates of a series as people see them, expanded by the simulators: python-dateutil, and nothing of the service."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

from tests.simulation.seen import Shown, Span, activity_shown, event_shown
from tests.simulation.stage import Person, Stage
from tests.simulation.writing import FIRST
from tests.simulators.common.recurrence import Rule
from tests.simulators.graph import recurrence
from tests.simulators.graph.event import Event
from tests.simulators.severa import series
from tests.simulators.severa.model import Activity

BEGIN, END = FIRST.date() - timedelta(days=80), FIRST.date() + timedelta(days=400)
"""Where dates are compared. Of a series without end the rest is known by its last date, which is none."""
On = tuple[str, str, str, Span]
"""What takes place: subject, text, place and when."""


def is_series(entry: Event | Activity) -> bool:
    """Whether it recurs."""
    return (entry.recurrence if isinstance(entry, Event) else entry.series) is not None


def rule_of(person: Person, entry: Event | Activity) -> Rule:
    """Of a series."""
    if isinstance(entry, Event):
        return recurrence.rule_of(entry.recurrence or {})
    return series.rule(entry, person.zone)


def takes_place(stage: Stage, person: Person, entry: Event | Activity) -> dict[date, On]:
    """Every date of a series that takes place, by its original date."""
    found: dict[date, Shown] = {}
    if isinstance(entry, Event):
        for event in stage.graph.people.occurrences_of(entry.immutable_id, BEGIN, END):
            if event.slot is not None and not event.is_cancelled:
                found[event.slot.day] = event_shown(event)
    else:
        state = stage.severa.people.state_of(person.user)
        for one in stage.severa.people.occurrences_of(entry.guid, BEGIN, END):
            members = {one.owner, *(p.user for p in state.participants_of(one.guid))}
            mine = one.recurrence_type == "Occurrence" or person.user.guid in members
            if one.original is not None and mine:
                found[one.original] = activity_shown(one, person.zone, state.types)
    return {
        day: (one.subject.strip(), " ".join(one.text.split()), one.place.strip(), one.span)
        for day, one in found.items()
    }


def ended(person: Person, entry: Event | Activity) -> datetime:
    """When it is over, the last date of a series, too."""
    end = entry.end or entry.start
    if not is_series(entry):
        return end
    last = rule_of(person, entry).last()
    return end + ((last - entry.start.date()) if last else timedelta(days=9999))


def off(shown: Shown) -> set[date]:
    """The dates on which a series does not take place."""
    return {day for day, on in shown.dates if on is None}


def crosses(person: Person, entry: Activity, shown: Shown) -> bool:
    """Whether a date was moved to the day of its neighbour, or beyond: Exchange refuses that (A3)."""
    rule = rule_of(person, entry)
    days = {day: day for day in rule.between(BEGIN, END)}
    for day, on in shown.dates:
        if on is not None and on.span[0]:
            begins = on.span[0]
            moved = datetime.fromisoformat(begins).astimezone(person.zone).date() if "T" in begins else None
            days[day] = moved or date.fromisoformat(begins)
    return any(days[one] >= days[other] for one, other in pairwise(sorted(days)))
