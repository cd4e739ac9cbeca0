"""Single dates of a series in Severa, and their people: an exception has people of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from core.model.expand import occurrence_on
from core.model.sighting import Role, Shape
from tests.contract.calendars.content import an_hour
from tests.contract.calendars.severa_stage import SeveraStage, severa_stage
from tests.contract.calendars.test_severa_people import ADD, NOBODY, PEOPLE, REMOVE, cleo, taking_part, user
from tests.contract.calendars.test_severa_series import DAILY

ONE, LISTING = "GET /activities/{guid}", "GET /activities"
DAY, OTHER, PAST = date(2026, 3, 27), date(2026, 3, 28), date(2026, 3, 24)


@pytest.fixture
async def stage() -> AsyncIterator[SeveraStage]:
    """Anna's calendar."""
    async with severa_stage() as stage:
        yield stage


async def bens(stage: SeveraStage, *others: Any) -> str:
    """A daily series of Ben's, in which Anna takes no part."""
    entry = await stage.put("Standup", DAILY, owner=stage.ben, participants=others)
    stage.severa.requests.reset()
    return entry


def guid(stage: SeveraStage, entry: str, day: date) -> str:
    """The date's own guid."""
    return str(stage.people.occurrence(entry, day).guid)


def asked_of(stage: SeveraStage) -> list[str]:
    """What was asked since, but for the owner's zone, which is asked for once."""
    return [one for one in stage.asked() if one != "GET /users/{guid}"]


# --- which date it is -------------------------------------------------------------------------------------------------
async def test_a_date_that_is_as_the_series_says(stage: SeveraStage) -> None:
    """Seen by somebody who takes no part; a look at the series, one listing, and one for the role."""
    entry = await bens(stage)
    found = await stage.calendar.read_date(entry, DAY)
    assert asked_of(stage) == [ONE, LISTING, LISTING]
    assert found is not None
    assert (found.id, found.shape, found.series) == (guid(stage, entry, DAY), Shape.OCCURRENCE, entry)
    assert (found.essence.when, found.role) == (occurrence_on(DAILY, DAY), Role.NONE)


async def test_a_date_that_was_moved(stage: SeveraStage) -> None:
    """By its original date; somebody in that date alone takes part in it."""
    entry = await bens(stage)
    at = stage.people.occurrence(entry, DAY).start + timedelta(hours=3)
    stage.people.edit_occurrence(entry, DAY, start=at, end=at + timedelta(hours=1))
    stage.people.add_participant(guid(stage, entry, DAY), stage.anna)
    found = await stage.calendar.read_date(entry, DAY)
    assert found is not None
    assert (found.id, found.shape, found.role) == (guid(stage, entry, DAY), Shape.EXCEPTION, Role.PARTICIPANT)


async def test_a_date_onto_which_another_was_moved(stage: SeveraStage) -> None:
    """Of two at the same time, each is found by its own date."""
    entry = await bens(stage)
    at = stage.people.occurrence(entry, DAY).start
    stage.people.edit_occurrence(entry, OTHER, start=at, end=stage.people.occurrence(entry, DAY).end)
    for day in (DAY, OTHER):
        found = await stage.calendar.read_date(entry, day)
        assert found is not None
        assert found.id == guid(stage, entry, day)


async def test_dates_that_do_not_take_place(stage: SeveraStage) -> None:
    """Cancelled, none of the series, of what is no series, of what is gone."""
    entry, single = await bens(stage), await stage.put("single", an_hour(stage))
    stage.people.cancel_occurrence(entry, DAY)
    assert await stage.calendar.read_date(entry, DAY) is None
    assert await stage.calendar.read_date(entry, date(2020, 1, 1)) is None
    assert await stage.calendar.read_date(single, DAY) is None
    await stage.remove(entry)
    assert await stage.calendar.read_date(entry, OTHER) is None


async def test_dates_that_their_series_owner_is_not_in(stage: SeveraStage) -> None:
    """Somebody else owns one, or is in it alone: it is found among what the series' participants have (R15)."""
    third = cleo(stage)
    entry = await bens(stage, stage.anna, third)
    for day, owner in ((DAY, stage.anna), (OTHER, third)):
        stage.people.change_owner(guid(stage, entry, day), owner)
    stage.severa.requests.reset()
    for day, role in ((DAY, Role.OWNER), (OTHER, Role.PARTICIPANT)):
        found = await stage.calendar.read_date(entry, day)
        assert found is not None
        assert (found.id, found.role) == (guid(stage, entry, day), role)
    await stage.gateway.change_people(entry, NOBODY, frozenset({user(third)}), dates=True)
    assert "Cleo" not in taking_part(stage, guid(stage, entry, DAY)) | taking_part(stage, entry)


# --- people -----------------------------------------------------------------------------------------------------------
async def test_people_of_all_dates(stage: SeveraStage) -> None:
    """Coming exceptions first, each read and given only what it lacks; what is over keeps who was there."""
    entry, third = await bens(stage, stage.anna), cleo(stage)
    for day in (DAY, OTHER, PAST):
        stage.people.edit_occurrence(entry, day, name="Other")
    stage.people.add_participant(guid(stage, entry, DAY), third)
    stage.severa.requests.reset()
    await stage.gateway.change_people(entry, frozenset({user(third)}), frozenset({user(stage.anna)}), dates=True)
    asked = asked_of(stage)
    assert asked[:2] == [ONE, LISTING]
    assert sorted(asked[2:]) == sorted([PEOPLE, REMOVE, PEOPLE, ADD, REMOVE, PEOPLE, ADD, REMOVE])
    assert asked[-3:] == [PEOPLE, ADD, REMOVE]
    assert [taking_part(stage, one) for one in (entry, *(guid(stage, entry, d) for d in (DAY, OTHER)))] == [
        {"Cleo"}
    ] * 3
    assert taking_part(stage, guid(stage, entry, PAST)) == {"Anna"}


async def test_people_of_a_series_without_exceptions(stage: SeveraStage) -> None:
    """One look more than without."""
    entry = await bens(stage)
    await stage.gateway.change_people(entry, frozenset({user(stage.anna)}), NOBODY, dates=True)
    assert asked_of(stage) == [ONE, PEOPLE, ADD]
    await stage.gateway.change_people(entry, NOBODY, NOBODY, dates=True)
    assert asked_of(stage) == []


async def test_people_of_a_series_that_is_gone(stage: SeveraStage) -> None:
    """There is nobody to change."""
    entry = await bens(stage)
    await stage.remove(entry)
    await stage.gateway.change_people(entry, frozenset({user(stage.anna)}), NOBODY, dates=True)
    assert asked_of(stage) == [ONE, PEOPLE]
