"""Series for the tests of the simulated Severa."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from tests.simulators.severa import Activity

from .severa_stage import Stage, refusal

HELSINKI = ZoneInfo("Europe/Helsinki")
MONDAY = date(2026, 3, 9)
WEEK = timedelta(days=7)
LAST = date(2028, 12, 31)
WINDOW = {"startDateTime": "2026-03-01T00:00:00Z", "endDateTime": "2026-04-01T00:00:00Z", "rowCount": "100"}
WEEKLY = {"interval": 1, "monday": True}


def recurs(name: str = "weekly", pattern: dict[str, Any] | None = None, **limits: Any) -> dict[str, Any]:
    """A recurrence of that frequency; weekly on Mondays and endless unless told otherwise."""
    return {"frequency": name.capitalize(), "pattern": {name: WEEKLY if pattern is None else pattern}, "range": limits}


def nine(day: date, hour: int = 9) -> datetime:
    """Nine o'clock in Helsinki on that day."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=HELSINKI)


def add_weekly(stage: Stage, count: int | None = 10, **details: Any) -> Activity:
    """An hour at nine on so many Mondays from 9 March 2026 on; the clocks change on the 29th."""
    recurrence = recurs(maxOccurrences=count)
    return stage.people.add_activity(
        stage.anna, "Weekly", nine(MONDAY), nine(MONDAY, 10), recurrence=recurrence, **details
    )


def weekly_body(stage: Stage, **changes: Any) -> dict[str, Any]:
    """The same for POST."""
    times = {"startDateTime": nine(MONDAY).isoformat(), "endDateTime": nine(MONDAY, 10).isoformat()}
    return stage.body(**{**times, "recurrence": recurs(maxOccurrences=10), **changes})


async def make(stage: Stage, **changes: Any) -> dict[str, Any]:
    """A series made by the API."""
    answer = await stage.client.post("/activities", json=weekly_body(stage, **changes))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def get(stage: Stage, guid: str) -> dict[str, Any]:
    """One activity."""
    answer = await stage.client.get(f"/activities/{guid}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def patched(stage: Stage, guid: str, path: str, value: object) -> dict[str, Any]:
    """The activity after one operation."""
    answer = await stage.patch(guid, path, value)
    assert answer.status_code == 200, answer.text
    (changed,) = answer.json()
    return dict(changed)


def field_of(answer: httpx.Response) -> str:
    """The field that a refusal names."""
    assert refusal(answer) == (400, "InvalidParameter")
    return str(answer.json()["error"]["details"][0]["location"]["name"])


async def listed(stage: Stage, **query: str) -> list[dict[str, Any]]:
    """A listing of March."""
    answer = await stage.client.get("/activities", params={**WINDOW, **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def days(found: list[dict[str, Any]]) -> list[str]:
    """The dates on which activities start, in UTC."""
    return [activity["startDateTime"][:10] for activity in found]
