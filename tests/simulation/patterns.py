"""Recurrences that people choose, as both services spell them: one that nobody else has, by clocks of the person's."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.simulation.stage import Stage
from tests.simulation.writing import FIRST

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ORDINALS = ("first", "second", "third", "fourth", "last")


@dataclass(frozen=True, slots=True)
class Choice:
    """Start and end of the first date, and how it goes on: in Graph's words and in Severa's."""

    start: datetime | date
    end: datetime | date
    graph: dict[str, Any]
    severa: dict[str, Any]

    @property
    def length(self) -> timedelta:
        """How long each date takes."""
        if isinstance(self.start, datetime) and isinstance(self.end, datetime):
            return self.end - self.start
        return timedelta(days=self.end.toordinal() - self.start.toordinal())

    @property
    def day(self) -> date:
        """The first date."""
        return self.start.date() if isinstance(self.start, datetime) else self.start


def choose(stage: Stage, zone: ZoneInfo, rng: random.Random) -> Choice:
    """Times and a pattern; now and then it began weeks ago."""
    number = stage.ledger.days()
    day = FIRST.date() + timedelta(days=number % 40)
    start: datetime | date
    end: datetime | date
    if rng.random() < 0.15:
        start, end = (
            FIRST.date() + timedelta(days=number),
            FIRST.date() + timedelta(days=number + rng.choice((1, 1, 2))),
        )
        day = start
    else:
        if rng.random() < 0.15:
            day -= timedelta(days=rng.choice((21, 70)))
        minute = 360 + 7 * number % 600
        start = datetime.combine(day, time(minute // 60, minute % 60), zone)
        end = start + timedelta(minutes=5 + number)
    graph, severa = pattern(day, rng, longer=(end - start) > timedelta(days=1))
    return Choice(start, end, graph, severa)


def pattern(day: date, rng: random.Random, *, longer: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
    """A pattern with a date on that day, and where it ends. `longer`: it takes more than a day each time."""
    kind = rng.choice(("weekly", "weekly", "weekly", "monthly", "monthly_by_weekday", *(() if longer else ("daily",))))
    interval = rng.choice((1, 1, 1, 2))
    graph: dict[str, Any]
    severa: dict[str, Any]
    if kind == "daily":
        graph, name, severa = {"type": "daily"}, "daily", {"interval": interval}
    elif kind == "weekly":
        others = [] if longer else rng.sample(DAYS, rng.choice((0, 0, 1, 2)))
        days = sorted({DAYS[day.weekday()], *others}, key=DAYS.index)
        graph = {"type": "weekly", "daysOfWeek": days, "firstDayOfWeek": "monday"}
        name, severa = "weekly", {"interval": interval, **dict.fromkeys(days, True)}
    elif kind == "monthly":
        graph = {"type": "absoluteMonthly", "dayOfMonth": day.day}
        name, severa = "monthly", {"interval": interval, "dayOfMonth": day.day}
    else:
        ordinal = _ORDINALS[min(4, (day.day - 1) // 7)]
        graph = {"type": "relativeMonthly", "daysOfWeek": [DAYS[day.weekday()]], "index": ordinal}
        option = {"dayOrdinal": ordinal.capitalize(), "dayOrdinalOption": DAYS[day.weekday()].capitalize()}
        name, severa = "monthly", {"interval": interval, **option}
    graph["interval"] = interval
    graph_range, severa_range = ends(day, rng, may_be_endless=kind != "daily")
    whole = {"frequency": name.capitalize(), "pattern": {name: severa}, "range": severa_range}
    return {"pattern": graph, "range": graph_range}, whole


def ends(day: date, rng: random.Random, *, may_be_endless: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Where a series of that first date ends."""
    chance = rng.random()
    if may_be_endless and chance < 0.25:
        return {"type": "noEnd"}, {"maxOccurrences": None, "recursUntilDate": None}
    if chance < 0.6:
        times = rng.randrange(3, 12)
        return {"type": "numbered", "numberOfOccurrences": times}, {"maxOccurrences": times, "recursUntilDate": None}
    until = (day + timedelta(days=rng.randrange(14, 120))).isoformat()
    return {"type": "endDate", "endDate": until}, {"maxOccurrences": None, "recursUntilDate": until}
