"""The Severa adapter as a company's Severa (port `SeveraCompany`), on the simulator in-process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from core.errors import RetryLater, Stop
from core.model.ids import UserId
from core.model.sighting import Activity, Category, Shape
from core.model.when import all_day
from core.ports import SeveraCompany
from tests.contract.calendars.content import an_hour, soon, wanted
from tests.contract.calendars.severa_stage import NOW, SeveraStage, severa_stage
from tests.simulators.common.faults import Action, Fault
from tests.unit.recurrence.made import made

NOBODY = UserId("00000000-0000-0000-0000-000000000000")


@pytest.fixture
async def stage() -> AsyncIterator[SeveraStage]:
    """A company with two users."""
    async with severa_stage() as stage:
        yield stage


async def feed(stage: SeveraStage, since: datetime | None = None) -> list[Activity]:
    """What the feed tells."""
    gateway: SeveraCompany = stage.gateway
    return [activity async for page in gateway.changes(since, stage.window) for activity in page]


def add(stage: SeveraStage, name: str = "a", **more: Any) -> str:
    """An activity of Ben's tomorrow."""
    return stage.people.add_activity(stage.ben, name, soon(stage), soon(stage) + timedelta(hours=1), **more).guid


# --- the feed ---------------------------------------------------------------------------------------------------------
async def test_a_first_round_of_the_feed(stage: SeveraStage) -> None:
    """It tells of everybody's activities in the window, of every category."""
    mine, task = await stage.put("mine", an_hour(stage)), add(stage, type="Task")
    stage.people.add_activity(stage.ben, "long ago", NOW - timedelta(days=90), NOW - timedelta(days=89))
    told = await feed(stage)
    assert {activity.id: activity.owner for activity in told} == {mine: stage.anna.guid, task: stage.ben.guid}
    assert {activity.category for activity in told} == {Category.CALENDAR_ENTRY, Category.TASK}


async def test_what_changed_since(stage: SeveraStage) -> None:
    """Only what was changed at that moment or later is told, with its new version."""
    old = add(stage, "old")
    stage.clock.advance(minutes=5)
    since = stage.clock.now()
    new = add(stage, "new")
    stage.clock.advance(minutes=5)
    assert [activity.id for activity in await feed(stage, since)] == [new]
    stage.people.edit_activity(old, name="edited")
    assert {activity.id: activity.essence.subject for activity in await feed(stage, since)} == {
        new: "new",
        old: "edited",
    }


async def test_a_feed_of_many_pages(stage: SeveraStage) -> None:
    """It comes page by page, complete, and each page is told before the next is asked for; series come last."""
    ids = {add(stage, f"n {n}") for n in range(250)}
    pages: list[tuple[int, int]] = []
    told: set[str] = set()
    async for page in stage.gateway.changes(None, stage.window):
        told |= {activity.id for activity in page}
        pages.append((len(page), stage.severa.requests.count("GET", "/v1/activities")))
    assert pages == [(100, 1), (100, 2), (50, 3), (0, 4)]
    assert told == ids


async def test_a_feed_that_breaks_off(stage: SeveraStage) -> None:
    """It fails on the page that fails: it never ends as if that were all."""
    for n in range(250):
        add(stage, f"n {n}")
    stage.severa.faults.add(Fault(Action.TRUNCATE, path="/activities", after=2))
    pages = aiter(stage.gateway.changes(None, stage.window))
    assert [len(await anext(pages)), len(await anext(pages))] == [100, 100]
    with pytest.raises(RetryLater):
        await anext(pages)


async def test_an_idle_poll(stage: SeveraStage) -> None:
    """Two requests, whatever there is: one for what is kept or moved in the window, one for series."""
    await stage.put("single", an_hour(stage))
    await stage.put("endless", made("2019-01-07"))
    stage.clock.advance(minutes=5)
    stage.severa.requests.reset()
    assert await feed(stage, stage.now()) == []
    assert stage.asked() == ["GET /activities", "GET /activities"]


async def test_what_recurs_in_the_feed(stage: SeveraStage) -> None:
    """A series is told once, however many dates it has; exceptions are told with the series that they are of."""
    entry = await stage.put("series", made("2026-03-23"))
    moved = stage.people.edit_occurrence(entry, date(2026, 3, 25), name="edited").guid
    stage.people.cancel_occurrence(entry, date(2026, 3, 26))
    told = {activity.id: activity for activity in await feed(stage)}
    assert {one.id: (one.shape, one.series) for one in told.values()} == {
        entry: (Shape.SERIES, ""),
        moved: (Shape.EXCEPTION, entry),
    }
    assert told[entry].essence == wanted("series", made("2026-03-23"))
    assert told[moved].essence.subject == "edited"


@pytest.mark.parametrize("touch", [True, False])
async def test_one_date_that_changed(stage: SeveraStage, *, touch: bool) -> None:
    """It is told by its own row, and by its series where Severa moves that, too; a long series makes it no longer."""
    stage.severa.options.exceptions_touch = touch
    entry = await stage.put("series", made("2019-01-07"))
    stage.clock.advance(minutes=5)
    since = stage.now()
    moved = stage.people.edit_occurrence(entry, date(2026, 3, 25), name="edited").guid
    stage.severa.requests.reset()
    assert {one.id for one in await feed(stage, since)} == ({moved, entry} if touch else {moved})
    assert len(stage.asked()) == 2


async def test_a_series_that_is_long_over(stage: SeveraStage) -> None:
    """Its change is told, although none of it is in the window: it may go on."""
    entry = await stage.put("series", made("2019-01-07", times=5))
    assert [one.id for one in await feed(stage)] == [entry]


# --- types and users --------------------------------------------------------------------------------------------------
async def test_activity_types(stage: SeveraStage) -> None:
    """Every type is told, inactive ones too, with what it is the default of."""
    retired = stage.people.add_activity_type(stage.company, "Fax", "CalendarEntry", is_active=False)
    told = {kind.id: kind for kind in await stage.gateway.activity_types()}
    assert set(told) == {kind.guid for kind in stage.people.types_of(stage.company)}
    assert not told[retired.guid].is_active
    personal = told[stage.types["Personal"].guid]
    assert (personal.name, personal.category, personal.is_default) == ("Personal", Category.PERSONAL, True)


async def test_a_user(stage: SeveraStage) -> None:
    """A user comes with address, zone, default type."""
    kind = stage.people.add_activity_type(stage.company, "Visit", "CalendarEntry")
    stage.people.edit_user(stage.anna, default_type_guid=kind.guid)
    user = await stage.gateway.user(UserId(stage.anna.guid))
    assert user is not None
    assert (user.addresses, user.zone) == (("anna@acme.example",), "Europe/Helsinki")
    assert (user.default_type, user.is_active) == (kind.guid, True)
    assert await stage.gateway.user(NOBODY) is None


async def test_a_user_without_address_in_a_zone_that_nobody_knows(stage: SeveraStage) -> None:
    """What is not known is empty (P19)."""
    stage.people.edit_user(stage.ben, email=None, timezone="tzone://Microsoft/Custom", is_active=False)
    user = await stage.gateway.user(UserId(stage.ben.guid))
    assert user is not None
    assert (user.addresses, user.zone, user.is_active) == ((), "", False)


async def test_a_calendar_in_a_zone_that_nobody_knows(stage: SeveraStage) -> None:
    """The company's zone serves (R23)."""
    day = all_day(date(2026, 4, 1), date(2026, 4, 2))
    entry = await stage.put("day", day)
    seen = await stage.gateway.calendar(stage.user(stage.anna), "Customized Time Zone").read(entry)
    assert seen is not None
    assert seen.essence.when == day


async def test_finding_a_user_by_address(stage: SeveraStage) -> None:
    """The address is compared whole and without case, whatever the filter lets through."""
    stage.people.add_user(stage.company, "Joanna Aalto", "joanna@acme.example")
    found = await stage.gateway.find_user(" Anna@ACME.example ")
    assert found is not None
    assert found.id == stage.anna.guid
    assert await stage.gateway.find_user("anna@acme") is None


async def test_an_address_of_two_users(stage: SeveraStage) -> None:
    """Two active users with one address are nobody; an inactive one does not count (1.9)."""
    second = stage.people.add_user(stage.company, "Anna Another", "ANNA@acme.example")
    assert await stage.gateway.find_user("anna@acme.example") is None
    stage.people.edit_user(second, is_active=False)
    found = await stage.gateway.find_user("anna@acme.example")
    assert found is not None
    assert found.id == stage.anna.guid


async def test_a_missing_scope(stage: SeveraStage) -> None:
    """The company stops and says which kind of thing is missing."""
    stage.people.states["acme"].company = replace(stage.company, scopes=frozenset({"activities:read"}))
    stage.severa.invalidate_tokens()
    assert await feed(stage) == []
    with pytest.raises(Stop) as stop:
        await stage.gateway.activity_types()
    assert (stop.value.code, stop.value.whole_company) == ("severa_scope_missing", True)


async def test_tokens_that_severa_forgets(stage: SeveraStage) -> None:
    """Access and refresh tokens may vanish at any time."""
    add(stage)
    stage.severa.invalidate_tokens(refresh_tokens=True)
    assert len(await feed(stage)) == 1
    stage.clock.advance(minutes=58)
    stage.severa.invalidate_tokens(refresh_tokens=True)
    assert len(await feed(stage)) == 1
    assert set(stage.severa.client_ids_seen) == {"acme"}
