"""What must hold of notifications in the end: every pair in Microsoft 365 is told, and what is told is written soon."""

from __future__ import annotations

import random
from datetime import date, datetime

from tests.simulation import outlook
from tests.simulation.exchange import ServerMailbox
from tests.simulation.stage import Person, Stage
from tests.simulation.writing import FIRST, fresh_words


async def check_soon(stage: Stage) -> None:
    """Everybody makes an event; no sweep comes, and yet Severa shows it two minutes later."""
    rng, asked = random.Random(f"soon {stage.plan.seed}"), dict[str, Person]()
    for person in stage.people:
        if isinstance(person.mailbox, ServerMailbox) or not _ticks_the_usual(person):
            continue
        if not _is_watched(stage, person):
            stage.problem("told", f"{person.name} has no subscription that lives")
            continue
        new = fresh_words(stage, person, rng)
        while _is_old(new["start"]):
            new = fresh_words(stage, person, rng)
        outlook.make_event(stage, person, new, private=False)
        asked[new["sign"]] = person
    for _ in range(2 if asked else 0):
        await stage.notices.minute()
    for sign, person in asked.items():
        if all(stage.shown(person, one).sign != sign for one in stage.activities(person)):
            stage.problem("told", f"{sign} of {person.name} is not in Severa")


def _is_old(start: date) -> bool:
    """Whether it may have ended too long ago to be synchronized (R7)."""
    return (start.date() if isinstance(start, datetime) else start) < FIRST.date()


def _is_watched(stage: Stage, person: Person) -> bool:
    row = stage.storage.subscriptions._rows.get((person.pair.company, person.pair.user))
    living = stage.graph.subscriptions.living()
    return row is not None and row.id in living and living[row.id].mailbox is person.mailbox


def _ticks_the_usual(person: Person) -> bool:
    """Whether the type that an event's activity would have was ticked all the time."""
    return person.company.types["CalendarEntry"].guid not in person.company.once_unticked
