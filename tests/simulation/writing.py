"""What people write: words and times that nobody else has, and what the ledger is told of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from tests.simulation.ledger import Deed
from tests.simulation.seen import Shown
from tests.simulation.stage import Person, Stage
from tests.simulators.graph.event import Event
from tests.simulators.severa.model import Activity
from tests.support.stage import MONDAY

FIRST = MONDAY + timedelta(days=14)
"""From here on entries take place: none of them ends while a simulation runs."""


def fresh_times(stage: Stage, rng: random.Random) -> tuple[datetime | date, datetime | date]:
    """A span that nobody else has: mostly hours, sometimes days, sometimes long ago."""
    if rng.random() < 0.15:
        day = FIRST.date() + timedelta(days=stage.ledger.days())
        return day, day + timedelta(days=rng.choice((1, 1, 2)))
    start = FIRST + stage.ledger.minutes()
    if rng.random() < 0.08:
        start -= timedelta(days=rng.choice((16, 20, 25, 60)))
    return start, start + timedelta(minutes=rng.choice((5, 30, 60, 1500)))


def fresh_words(stage: Stage, person: Person, rng: random.Random) -> dict[str, Any]:
    """A new entry's words."""
    sign, text = stage.ledger.word(person.name, "e"), stage.ledger.word(person.name, "t")
    start, end = fresh_times(stage, rng)
    place = stage.ledger.word(person.name, "l") if rng.random() < 0.4 else ""
    return {
        "subject": stage.ledger.word(person.name, "s"),
        "text": f"[{sign}] {text}",
        "place": place,
        "start": start,
        "end": end,
        "sign": sign,
    }


def other_words(stage: Stage, person: Person, shown: Shown, rng: random.Random) -> dict[str, str]:
    """New words for one or two of the fields of an entry; its sign stays."""
    changes = {}
    for name in rng.sample(("subject", "text", "place"), rng.choice((1, 1, 2))):
        if name == "text":
            sign = f"[{shown.sign}] " if shown.sign else ""
            changes["text"] = f"{sign}{stage.ledger.word(person.name, 't')}"
        elif name == "place":
            changes["place"] = stage.ledger.word(person.name, "l") if rng.random() < 0.8 else ""
        else:
            changes["subject"] = stage.ledger.word(person.name, "s")
    return changes


def did(stage: Stage, what: str, side: str, shown: Shown, *, settled: bool = False) -> None:
    """Note what was done to an entry last; `settled`: both sides showed the same."""
    before = stage.ledger.last.get(shown.sign)
    if before is not None and before.what.startswith("makes"):
        settled = False  # Privacy may be on its way, although both sides show the same words.
    if shown.sign:
        stage.ledger.last[shown.sign] = Deed(stage.loop.time(), what, side, settled)


def did_date(stage: Stage, what: str, side: str, sign: str, day: date, *, settled: bool = False) -> None:
    """The same of one date of a series."""
    if sign:
        stage.ledger.dates[sign, day] = Deed(stage.loop.time(), what, side, settled)
        stage.ledger.touched.add((sign, day, side))


def forget_dates(stage: Stage, person: Person, sign: str) -> None:
    """A series has other times on one side: what was cancelled is on again there, as if somebody had put it back."""
    # Also while its cancellation is on its way to the other side, which cannot take it back.
    off = {day for (one, day), deed in stage.ledger.dates.items() if one == sign and deed.what == "cancels"}
    stage.ledger.touched |= {(sign, day, side) for day in off for side in ("severa", "microsoft")}
    stage.ledger.forget_dates(sign)
    entries: list[Event | Activity] = [*stage.events(person), *stage.activities(person)]
    for shown in (stage.shown(person, entry) for entry in entries):
        if sign and shown.sign == sign:
            stage.ledger.touched |= {(sign, day, side) for day in _off(shown) for side in ("severa", "microsoft")}


def pick(found: Sequence[Any], rng: random.Random) -> Any:
    """One of them, None where there is none."""
    return rng.choice(found) if found else None


def is_settled(stage: Stage, person: Person, entry: Event | Activity, shown: Shown) -> bool:
    """Whether the other side shows the same, linked: then nothing but the deletion is on its way."""
    other = stage.partner(person, entry)
    if other is None or not _all_alike(stage, shown):
        return False
    same = stage.shown(person, other)
    return same.words == shown.words and same.private == shown.private and _off(same) == _off(shown)


def _all_alike(stage: Stage, shown: Shown) -> bool:
    """Whether everybody who holds it sees the same of it."""
    names = stage.ledger.holders.get(shown.sign, set())
    for one in [one for one in stage.people if one.name in names]:
        entries: list[Event | Activity] = [*stage.events(one), *stage.activities(one)]
        for entry in entries:
            theirs = stage.shown(one, entry)
            if theirs.sign == shown.sign and (theirs.words, theirs.private) != (shown.words, shown.private):
                return False
    return True


def _off(shown: Shown) -> set[date]:
    """The dates of a series that are cancelled."""
    return {day for day, on in shown.dates if on is None}
