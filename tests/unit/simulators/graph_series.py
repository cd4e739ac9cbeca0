"""Series for the tests of the simulated Graph."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .graph_stage import Stage, event, moment

HELSINKI = ZoneInfo("Europe/Helsinki")
MONDAY = date(2026, 3, 9)
WEEK = timedelta(days=7)
WEEKLY = {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "monday"}


def recurs(pattern: dict[str, Any], start: str = "2026-03-10", **limits: Any) -> dict[str, Any]:
    """A recurrence; endless unless told otherwise."""
    kind = "endDate" if "endDate" in limits else "numbered" if "numberOfOccurrences" in limits else "noEnd"
    return {"pattern": pattern, "range": {"type": kind, "startDate": start, **limits}}


def weekly_event(count: int = 10, zone: str = "Europe/Helsinki", **changes: Any) -> dict[str, Any]:
    """A body for POST: an hour at nine on so many Mondays from 9 March 2026 on; the clocks change on the 29th."""
    times = {"start": moment("2026-03-09T09:00:00", zone), "end": moment("2026-03-09T10:00:00", zone)}
    return event(**{**times, "recurrence": recurs(WEEKLY, "2026-03-09", numberOfOccurrences=count), **changes})


def add_weekly(stage: Stage, count: int = 10, **details: Any) -> str:
    """The same, by its owner; answers the master's immutable id."""
    start = datetime(2026, 3, 9, 9, tzinfo=HELSINKI)
    recurrence = {"pattern": WEEKLY, "range": {"type": "numbered", "numberOfOccurrences": count}}
    return stage.people.add_event(
        stage.anna, "Weekly", start, start + timedelta(hours=1), recurrence=recurrence, **details
    )


def nine(day: date, hour: int = 9) -> datetime:
    """Nine o'clock there on that day."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=HELSINKI)


def days(items: list[dict[str, Any]]) -> list[str]:
    """The dates on which items start, as they are shown."""
    return [item["start"]["dateTime"][:10] for item in items]
