"""The simulated Severa: listings, their filters and their pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.simulators.common.faults import Fault

from .severa_stage import HOUR, NINE, Stage, refusal, stage

__all__ = ["stage"]


@pytest.fixture
async def filled(stage: Stage) -> Stage:
    """Anna has one of each kind; Ben owns one in which she takes part."""
    ben = stage.people.add_user(stage.company, "Ben Berg", "ben@acme.example")
    add = stage.people.add_activity
    add(stage.anna, "meeting", NINE, NINE + HOUR)
    add(stage.anna, "to-do", NINE + 3 * HOUR, type="SalesEvent", closed=True)
    add(stage.anna, "task", NINE + 5 * HOUR, NINE + 6 * HOUR, type="Task")
    add(stage.anna, "series", NINE, NINE + HOUR, recurrence_type="Series", recurrence={"frequency": "Daily"})
    add(stage.anna, "exception", NINE + 24 * HOUR, NINE + 25 * HOUR, recurrence_type="Exception")
    stage.clock += HOUR / 2
    add(ben, "shared", NINE + 7 * HOUR, NINE + 8 * HOUR, participants=[stage.anna])
    return stage


EVERYTHING = ["meeting", "to-do", "task", "exception", "shared"]


def at(hours: int) -> str:
    """A moment so many hours after nine."""
    return (NINE + hours * HOUR).isoformat()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, EVERYTHING),
        ({"recurrenceType": "Series"}, ["series"]),
        ({"recurrenceType": "Exception"}, ["exception"]),
        ({"activityCategories": ["SalesEvent", "Task"]}, ["to-do", "task"]),
        ({"closed": "true"}, ["to-do"]),
        ({"hasDuration": "false"}, ["to-do"]),
        ({"startDateTime": at(1)}, ["to-do", "task", "exception", "shared"]),
        ({"endDateTime": at(3)}, ["meeting", "to-do"]),
        ({"startDateTime": at(0), "endDateTime": at(1), "useStrictStartAndEndDateTime": "true"}, ["meeting"]),
        ({"changedSince": "2026-03-02T08:30:00Z"}, ["shared"]),
        ({"changedSince": "2026-03-02T08:00:00+00:00"}, EVERYTHING),
    ],
)
async def test_a_filter(filled: Stage, query: dict[str, Any], found: list[str]) -> None:
    """The window bounds overlap (ends after, starts on or before), changedSince includes, series only when asked."""
    assert await filled.names(**query) == found


async def test_filters_by_user_and_type(filled: Stage) -> None:
    """`userGuids` means owners, and members where asked; keys repeat."""
    anna = filled.anna.guid
    assert "shared" not in await filled.names(userGuids=[anna])
    assert "shared" in await filled.names(userGuids=[anna], includeAsMember="true")
    assert await filled.names(activityTypeGuids=[filled.types["Task"]]) == ["task"]


@pytest.mark.parametrize(
    "query",
    [
        {"changedSince": "2026-03-02T09:00:00 02:00"},
        {"startDateTime": "2026-03-02T09:00:00"},
        {"closed": "yes"},
        {"activityCategories": "Meeting"},
        {"rowCount": "101"},
        {"pageToken": "rubbish"},
        {"phaseGuids": "x"},
        {"userguid": "x"},
    ],
)
async def test_a_bad_filter(filled: Stage, query: dict[str, str]) -> None:
    """400, also for a plus sign that was not encoded, and for filters that are unknown or not simulated."""
    assert refusal(await filled.client.get("/activities", params=query)) == (400, "InvalidParameter")


async def test_pages(stage: Stage) -> None:
    """Twenty rows unless more are asked; the token of the next page is a header, absent on the last page."""
    for number in range(45):
        stage.people.add_activity(stage.anna, f"n{number}", NINE)
    sizes, query = [], {"userGuids": stage.anna.guid}
    while True:
        page = await stage.client.get("/activities", params=query)
        sizes.append(len(page.json()))
        if "NextPageToken" not in page.headers:
            break
        query["pageToken"] = page.headers["NextPageToken"]
    assert sizes == [20, 20, 5]
    assert len(await stage.names(rowCount=100)) == 45


async def test_a_page_token_with_other_filters(stage: Stage) -> None:
    """The same filters must be sent again."""
    for number in range(3):
        stage.people.add_activity(stage.anna, f"n{number}", NINE)
    token = (await stage.client.get("/activities", params={"rowCount": 2})).headers["NextPageToken"]
    assert await stage.names(rowCount=2, pageToken=token) == ["n2"]
    assert (await stage.client.get("/activities", params={"pageToken": token, "closed": "false"})).status_code == 400


async def test_listings_that_lag(stage: Stage) -> None:
    """Reads by guid see a change at once, listings only later: with its stamp of then."""
    stage.severa.delay_listings(30)
    guid = stage.people.add_activity(stage.anna, "one", NINE).guid
    assert await stage.names() == []
    assert (await stage.client.get(f"/activities/{guid}")).json()["name"] == "one"
    stage.clock += timedelta(seconds=30)
    stage.people.edit_activity(guid, name="two")
    assert await stage.names() == ["one"]
    stage.clock += timedelta(seconds=20)
    stage.people.remove_activity(guid)
    stage.clock += timedelta(seconds=10)
    assert await stage.names(changedSince="2026-03-02T08:00:30Z") == ["two"]
    stage.clock += timedelta(seconds=20)
    assert await stage.names() == []


async def test_a_stale_listing_after_a_removal(stage: Stage) -> None:
    """It still shows what has just been deleted."""
    guid = stage.people.add_activity(stage.anna, "one", NINE).guid
    stage.people.remove_activity(guid)
    stage.severa.faults.add(Fault("stale_read", times=2))
    assert await stage.names() == ["one"]
    assert (await stage.client.get(f"/activities/{guid}")).status_code == 200
    assert (await stage.client.get(f"/activities/{guid}")).status_code == 404


async def test_users(stage: Stage) -> None:
    """The mail filter is loose; inactive users are left out only where asked."""
    stage.people.add_user(stage.company, "Joanna Ek", "joANNA@acme.example", is_active=False)
    found = (await stage.client.get("/users", params={"email": "anna@acme.example"})).json()
    assert [user["firstName"] for user in found] == ["Anna", "Joanna"]
    active = (await stage.client.get("/users", params={"isActive": "true"})).json()
    assert [(user["email"], user["timezone"]["ianaName"]) for user in active] == [
        ("anna@acme.example", "Europe/Helsinki")
    ]
    one = (await stage.client.get(f"/users/{stage.anna.guid}")).json()
    assert (one["defaultActivityType"], one["isActive"]) == (None, True)


async def test_activity_types(stage: Stage) -> None:
    """One default for each of the five categories."""
    kinds = (await stage.client.get("/activitytypes", params={"active": "true"})).json()
    assert sorted(kind["category"] for kind in kinds if kind["isDefault"]) == sorted(stage.types)
    personal = (await stage.client.get("/activitytypes", params={"category": "Personal"})).json()
    assert [kind["guid"] for kind in personal] == [stage.types["Personal"]]
    assert (await stage.client.get(f"/activitytypes/{stage.types['Task']}")).json()["name"] == "Project task"


async def test_the_request_log(stage: Stage) -> None:
    """It keeps templates, so that calls can be counted whatever the guid."""
    guid = stage.people.add_activity(stage.anna, "one", NINE).guid
    stage.severa.requests.reset()
    await stage.client.get(f"/activities/{guid}")
    await stage.names()
    assert [entry[:3] for entry in stage.severa.requests.entries] == [
        ("GET", "/v1/activities/{guid}", 200),
        ("GET", "/v1/activities", 200),
    ]
