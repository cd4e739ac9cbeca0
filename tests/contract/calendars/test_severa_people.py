"""Who owns and who takes part: roles from listings, participants only where they are written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from core.adapters.severa.quirks import PatchValues
from core.errors import ItemRefused, OutcomeUnknown
from core.model.essence import Field
from core.model.ids import UserId
from core.model.operation import Draft
from core.model.sighting import Role, Shape
from tests.contract.calendars.content import an_hour, wanted
from tests.contract.calendars.severa_stage import SeveraStage, severa_stage
from tests.contract.calendars.test_severa_series import DAILY, seen
from tests.simulators.common.faults import Action, Fault
from tests.unit.recurrence.made import made

PEOPLE = "GET /activities/{activityGuid}/activityparticipants"
ADD = "POST /activityparticipants"
REMOVE = "DELETE /activities/{activityGuid}/activityparticipants/{activityParticipantGuid}"
NOBODY: frozenset[UserId] = frozenset()


@pytest.fixture
async def stage() -> AsyncIterator[SeveraStage]:
    """Anna's calendar; Cleo is there, too."""
    async with severa_stage() as stage:
        yield stage


def user(of: Any) -> UserId:
    """The id of a user of the simulator."""
    return UserId(of.guid)


def cleo(stage: SeveraStage) -> Any:
    """A third user."""
    return stage.people.add_user(stage.company, "Cleo Cruz", "cleo@acme.example")


async def shared(stage: SeveraStage, when: Any = None, *others: Any) -> str:
    """An activity of Ben's in which Anna and others take part."""
    entry = await stage.put("shared", when or an_hour(stage), owner=stage.ben, participants=[stage.anna, *others])
    stage.severa.requests.reset()
    return entry


def taking_part(stage: SeveraStage, entry: str) -> set[str]:
    """Their first names."""
    return {one.first_name for one in stage.people.participants_of(entry)}


# --- roles ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("when", [None, DAILY])
async def test_roles(stage: SeveraStage, when: Any) -> None:
    """A view and a read tell whether the user owns it, takes part in it, or has nothing to do with it."""
    mine = await stage.put("mine", when or an_hour(stage))
    theirs = await shared(stage, when)
    others = await stage.put("others", when or an_hour(stage), owner=stage.ben)
    view = {one.id: one.role for one in (await stage.calendar.view(stage.window)).sightings}
    assert view == {mine: Role.OWNER, theirs: Role.PARTICIPANT}
    stage.asked()
    for entry, role, cost in ((mine, Role.OWNER, 1), (theirs, Role.PARTICIPANT, 2), (others, Role.NONE, 2)):
        found = await stage.calendar.read(entry)
        assert found is not None
        assert found.role is role
        assert len(stage.asked()) == cost


async def test_a_participant_of_one_date_alone(stage: SeveraStage) -> None:
    """They see that date as the row that it is, not the series."""
    entry = await stage.put("Standup", DAILY, owner=stage.ben)
    row = stage.people.occurrence(entry, date(2026, 3, 25))
    stage.people.add_participant(row.guid, stage.anna, by=stage.ben)
    stage.people.cancel_occurrence(entry, date(2026, 3, 27))
    view = await stage.calendar.view(stage.window)
    assert [(one.id, one.shape, one.series, one.role) for one in view.sightings] == [
        (row.guid, Shape.EXCEPTION, entry, Role.PARTICIPANT)
    ]
    assert await stage.calendar.read(row.guid) == view.sightings[0]
    whole = await stage.calendar.read(entry)
    assert whole is not None
    assert (whole.role, whole.essence.exceptions) == (Role.NONE, ())


async def test_somebody_who_was_taken_off_one_date(stage: SeveraStage) -> None:
    """For them it is cancelled."""
    entry = await shared(stage, DAILY)
    stage.people.remove_participant(stage.people.occurrence(entry, date(2026, 3, 25)).guid, stage.anna, by=stage.ben)
    found = await seen(stage, entry)
    assert [(one.day, one.is_cancelled) for one in found.essence.exceptions] == [(date(2026, 3, 25), True)]


async def test_who_made_the_last_change(stage: SeveraStage) -> None:
    """Severa says so; whom it names for our own writes is its own affair."""
    entry = await shared(stage)
    stage.people.edit_activity(entry, by=stage.anna, name="edited")
    assert (await seen(stage, entry)).updated_by == stage.anna.guid
    stage.severa.options.api_author = None
    found = await stage.calendar.update(
        await seen(stage, entry), Draft(wanted("ours", an_hour(stage))), frozenset({Field.SUBJECT})
    )
    assert found.updated_by == ""
    told = [one async for page in stage.gateway.changes(None, stage.window) for one in page]
    assert [one.updated_by for one in told] == [""]


async def test_an_update_by_who_takes_part(stage: SeveraStage) -> None:
    """The echo says so; it costs one request."""
    entry = await shared(stage)
    before = await seen(stage, entry)
    echo = await stage.calendar.update(before, Draft(wanted("ours", an_hour(stage))), frozenset({Field.SUBJECT}))
    assert stage.asked() == ["PATCH /activities/{guid}"]
    assert (echo.role, echo.owner) == (Role.PARTICIPANT, user(stage.ben))


async def test_a_new_pattern_by_who_takes_part(stage: SeveraStage) -> None:
    """A date that they left may stay left: the exceptions are everybody's, and are not reset."""
    stage.severa.options.series_edit_keeps_exceptions = True
    entry = await shared(stage, DAILY)
    row = stage.people.occurrence(entry, date(2026, 3, 25)).guid
    stage.people.remove_participant(row, stage.anna, by=stage.ben)
    stage.people.edit_occurrence(entry, date(2026, 3, 26), name="Retro")
    before = await seen(stage, entry)
    longer = wanted("shared", made("2026-03-23", times=30))
    echo = await stage.calendar.update(before, Draft(longer), frozenset({Field.TIME}))
    assert stage.asked() == ["PATCH /activities/{guid}", "GET /activities"]
    assert (echo.essence.when, echo.essence.exceptions) == (longer.when, before.essence.exceptions)


async def test_an_activity_that_changes_hands_meanwhile(stage: SeveraStage) -> None:
    """The echo says what the user has to do with it now."""
    entry = await stage.put("mine", an_hour(stage))
    before = await seen(stage, entry)
    stage.people.change_owner(entry, stage.ben)
    echo = await stage.calendar.update(before, Draft(wanted("ours", an_hour(stage))), frozenset({Field.SUBJECT}))
    assert (echo.role, echo.owner) == (Role.NONE, user(stage.ben))


async def test_no_look_at_participants_but_before_they_are_written(stage: SeveraStage) -> None:
    """Views, reads, the feed, creates, updates and deletes do without (R14)."""
    entries = [await shared(stage), await shared(stage, DAILY), await stage.put("mine", DAILY)]
    await stage.calendar.view(stage.window)
    await stage.calendar.later(stage.now())
    _ = [page async for page in stage.gateway.changes(None, stage.window)]
    await stage.gateway.users()
    for entry in entries:
        found = await seen(stage, entry)
        await stage.calendar.verify(entry, entries[0])
        found = await stage.calendar.update(found, Draft(wanted("new", an_hour(stage))), frozenset({Field.SUBJECT}))
        await stage.calendar.delete(found)
    ours = await stage.calendar.create(stage.draft(wanted("new", DAILY)), stage.stamp())
    await stage.calendar.delete(ours)
    assert stage.severa.requests.count(contains="participants") == 0


# --- leaving ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("when", [None, DAILY])
async def test_leaving(stage: SeveraStage, when: Any) -> None:
    """One look and one write; others stay, and so does the activity."""
    entry = await shared(stage, when, cleo(stage))
    found = await seen(stage, entry)
    await stage.calendar.leave(found)
    assert stage.asked() == [PEOPLE, REMOVE]
    assert taking_part(stage, entry) == {"Cleo"}
    again = await stage.calendar.read(entry)
    assert again is not None
    assert again.role is Role.NONE
    await stage.calendar.leave(found)
    assert stage.asked()[-1] == PEOPLE


async def test_leaving_what_is_gone(stage: SeveraStage) -> None:
    """That is success."""
    entry = await shared(stage)
    found = await seen(stage, entry)
    await stage.remove(entry)
    await stage.calendar.leave(found)
    assert stage.asked() == [PEOPLE]


async def test_leaving_when_the_answer_is_lost(stage: SeveraStage) -> None:
    """It can be done again."""
    entry = await shared(stage)
    found = await seen(stage, entry)
    stage.severa.faults.add(Fault(Action.DROP_AFTER_COMMIT, method="DELETE"))
    with pytest.raises(OutcomeUnknown):
        await stage.calendar.leave(found)
    await stage.calendar.leave(found)
    assert taking_part(stage, entry) == set()


# --- people and owners ------------------------------------------------------------------------------------------------
async def test_changing_people(stage: SeveraStage) -> None:
    """One look, then one write for each who is to come or to go; guests and all others stay."""
    third, fourth = cleo(stage), stage.people.add_user(stage.company, "Dora Dahl", "dora@acme.example")
    entry = await shared(stage, None, third)
    stage.people.add_guest(entry, "Guest", "guest@elsewhere.example")
    await stage.gateway.change_people(entry, frozenset({user(fourth), user(third)}), frozenset({user(stage.anna)}))
    assert stage.asked() == [PEOPLE, ADD, REMOVE]
    assert taking_part(stage, entry) == {"Cleo", "Dora"}
    await stage.gateway.change_people(entry, frozenset({user(fourth)}), frozenset({user(stage.anna)}))
    assert stage.asked() == [PEOPLE]
    await stage.gateway.change_people(entry, NOBODY, NOBODY)
    assert stage.asked() == []


async def test_changing_people_of_what_is_gone(stage: SeveraStage) -> None:
    """There is nobody to change."""
    entry = await shared(stage)
    await stage.remove(entry)
    await stage.gateway.change_people(entry, frozenset({user(cleo(stage))}), NOBODY)
    assert stage.asked() == [PEOPLE]


async def test_adding_who_is_no_user(stage: SeveraStage) -> None:
    """Severa refuses it."""
    entry = await shared(stage)
    with pytest.raises(ItemRefused):
        await stage.gateway.change_people(entry, frozenset({UserId("nobody")}), NOBODY)


@pytest.mark.parametrize("values", PatchValues)
async def test_another_owner(values: PatchValues) -> None:
    """One request; who owns it is seen at once, and an activity that is gone is success."""
    async with severa_stage(values=values) as stage:
        entry = await stage.put("mine", an_hour(stage))
        await stage.gateway.change_owner(entry, user(stage.ben))
        assert stage.asked() == ["PATCH /activities/{guid}"]
        assert stage.people.activity(entry).owner == stage.ben.guid
        await stage.remove(entry)
        await stage.gateway.change_owner(entry, user(stage.anna))


async def test_an_owner_who_is_no_user(stage: SeveraStage) -> None:
    """Severa refuses it."""
    entry = await stage.put("mine", an_hour(stage))
    with pytest.raises(ItemRefused):
        await stage.gateway.change_owner(entry, UserId("nobody"))


async def test_every_user(stage: SeveraStage) -> None:
    """The active ones, page by page, with address and zone."""
    names = [f"N{n} Many" for n in range(150)]
    for name in names:
        stage.people.add_user(stage.company, name, f"{name.split()[0]}@acme.example", timezone="Europe/Berlin")
    stage.people.edit_user(stage.ben, is_active=False)
    told = {one.id: one for one in await stage.gateway.users()}
    assert stage.asked() == ["GET /users"] * 2
    assert len(told) == 151
    assert told[user(stage.anna)].addresses == ("anna@acme.example",)
    assert user(stage.ben) not in told
    assert {one.zone for one in told.values()} == {"Europe/Helsinki", "Europe/Berlin"}
