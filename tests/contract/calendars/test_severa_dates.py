"""One date of a series in Severa, changed: cancelled, edited, moved, put back, by its owner and by who takes part."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest

from core.adapters.severa.quirks import PatchValues
from core.errors import ItemChanged, ItemRefused, OutcomeUnknown
from core.model.exceptions import DateChange, DateException
from core.model.expand import occurrence_on
from core.model.pattern import Daily
from core.model.recurrence import Series, WholeDays
from core.model.sighting import Role
from core.model.stretch import AllDay
from tests.contract.calendars.severa_stage import SeveraStage, severa_stage
from tests.contract.calendars.test_severa_series import DAILY, at, made, on, seen
from tests.simulators.common.faults import Action, Fault

CANCEL = ["GET /activities", "DELETE /activities/{guid}"]
EDIT = ["GET /activities", "PATCH /activities/{guid}"]
LEAVE = [
    "GET /activities",
    "GET /activities/{activityGuid}/activityparticipants",
    "DELETE /activities/{activityGuid}/activityparticipants/{activityParticipantGuid}",
]
DAY = date(2026, 3, 25)


@pytest.fixture
async def stage() -> AsyncIterator[SeveraStage]:
    """Anna's calendar."""
    async with severa_stage() as stage:
        yield stage


def change(wanted: DateException, known: Series = DAILY) -> DateChange:
    """The change of that date."""
    original = occurrence_on(known, wanted.day)
    assert original is not None
    return DateChange(original, wanted)


async def foreign(stage: SeveraStage, when: Series = DAILY) -> str:
    """A series of Ben's in which Anna takes part."""
    entry = await stage.put("Standup", when)
    stage.people.change_owner(entry, stage.ben, stays=True)
    return entry


async def after(stage: SeveraStage, entry: str) -> tuple[DateException, ...]:
    """The exceptions that a view and a read show now."""
    return (await seen(stage, entry)).essence.exceptions


# --- cancelled --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("looked", [False, True])
@pytest.mark.parametrize("day", [date(2026, 3, 23), DAY, date(2026, 3, 30), date(2026, 4, 11)])
async def test_cancelling_a_date(stage: SeveraStage, day: date, *, looked: bool) -> None:
    """One read and one write, whether or not the series was seen, the first and the last date too."""
    entry = await stage.put("Standup", DAILY)
    known = await seen(stage, entry) if looked else None
    assert await stage.calendar.change_date(entry, known, change(DateException(day))) == DateException(day)
    assert stage.asked() == CANCEL
    assert await after(stage, entry) == (DateException(day),)


async def test_cancelling_one_date_of_a_series_of_500(stage: SeveraStage) -> None:
    """It costs what one of twenty costs."""
    entry = await stage.put("Standup", made("2026-01-01", times=500))
    stage.severa.requests.reset()
    known = made("2026-01-01", times=500)
    await stage.calendar.change_date(entry, None, change(DateException(date(2026, 12, 31)), known))
    assert stage.asked() == CANCEL


async def test_cancelling_a_date_that_was_moved(stage: SeveraStage) -> None:
    """It is looked for where it was seen."""
    entry = await stage.put("Standup", DAILY)
    stage.people.edit_occurrence(entry, DAY, start=at(28, 11).start, end=at(28, 11).end)
    known = await seen(stage, entry)
    await stage.calendar.change_date(entry, known, change(DateException(DAY)))
    assert stage.asked() == CANCEL
    assert await after(stage, entry) == (on(25),)


async def test_a_date_that_is_cancelled_already(stage: SeveraStage) -> None:
    """Nothing is sent; it cannot be brought back, which is refused in words."""
    entry = await stage.put("Standup", DAILY)
    stage.people.cancel_occurrence(entry, DAY)
    known = await seen(stage, entry)
    assert await stage.calendar.change_date(entry, known, change(on(25))) == on(25)
    with pytest.raises(ItemRefused, match="occurrence_cancelled"):
        await stage.calendar.change_date(entry, known, change(on(25, at(25, 7))))
    assert stage.asked() == []


async def test_cancelling_a_date_with_work_hours(stage: SeveraStage) -> None:
    """They would be lost with it (R19)."""
    entry = await stage.put("Standup", DAILY)
    stage.people.edit_occurrence(entry, DAY, name="Standup", has_hours=True)
    known = await seen(stage, entry)
    with pytest.raises(ItemRefused, match="work_hours"):
        await stage.calendar.change_date(entry, known, change(on(25)))
    assert stage.asked() == ["GET /activities"]


# --- by who takes part (R15) ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("looked", [False, True])
async def test_a_participant_cancels_a_date(stage: SeveraStage, *, looked: bool) -> None:
    """They are taken off that date; for its owner it takes place as before."""
    entry = await foreign(stage)
    stage.people.add_participant(entry, stage.people.add_user(stage.company, "Cleo Cruz", "cleo@acme.example"))
    known = await seen(stage, entry) if looked else None
    stage.severa.requests.reset()
    assert await stage.calendar.change_date(entry, known, change(on(25))) == on(25)
    assert stage.asked() == LEAVE
    mine = await seen(stage, entry)
    assert (mine.role, mine.essence.exceptions) == (Role.PARTICIPANT, (on(25),))
    theirs = await stage.gateway.calendar(stage.user(stage.ben), "Europe/Helsinki").read(entry)
    assert theirs is not None
    assert theirs.essence.exceptions == ()
    assert [user.first_name for user in stage.people.participants_of(stage.people.occurrence(entry, DAY).guid)] == [
        "Cleo"
    ]
    assert [user.first_name for user in stage.people.participants_of(entry)] == ["Anna", "Cleo"]


async def test_a_participant_leaves_a_date_that_was_moved(stage: SeveraStage) -> None:
    """The exception has participants of its own."""
    entry = await foreign(stage)
    stage.people.edit_occurrence(entry, DAY, start=at(25, 11).start, end=at(25, 11).end)
    known = await seen(stage, entry)
    await stage.calendar.change_date(entry, known, change(on(25)))
    assert stage.asked() == LEAVE
    assert await after(stage, entry) == (on(25),)


async def test_a_participant_edits_a_date(stage: SeveraStage) -> None:
    """For everybody."""
    entry = await foreign(stage)
    wanted = DateException(DAY, at(25, 7), "Retro")
    assert await stage.calendar.change_date(entry, None, change(wanted)) == wanted
    assert stage.asked() == EDIT
    assert stage.people.occurrence(entry, DAY).name == "Retro"
    assert await after(stage, entry) == (wanted,)


# --- edited, moved, put back ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("values", PatchValues)
@pytest.mark.parametrize("looked", [False, True])
@pytest.mark.parametrize(
    "wanted",
    [
        DateException(DAY, at(25, 7), "Retro"),
        DateException(DAY, at(25, 7), "Standup", "text", "room"),
        DateException(DAY, at(25, 13, 30), "Standup"),
        DateException(DAY, at(24, 13, 30), "Retro", "text"),
        DateException(DAY, AllDay(DAY, date(2026, 3, 26)), "Standup"),
    ],
)
async def test_changing_a_date(wanted: DateException, values: PatchValues, *, looked: bool) -> None:
    """One read and one write; the echo is what a view then shows; only what differs is sent."""
    async with severa_stage(values=values) as stage:
        entry = await stage.put("Standup", DAILY)
        known = await seen(stage, entry) if looked else None
        assert await stage.calendar.change_date(entry, known, change(wanted)) == wanted
        assert stage.asked() == EDIT
        assert await after(stage, entry) == (wanted,)


async def test_changing_a_date_again_and_back(stage: SeveraStage) -> None:
    """An exception may be changed again, and be made what the series says: then it is none."""
    entry = await stage.put("Standup", DAILY)
    for wanted in (on(25, at(25, 11)), on(25, at(26, 12), "Retro"), on(25, at(26, 12)), on(25, at(25, 7))):
        known = await seen(stage, entry)
        assert await stage.calendar.change_date(entry, known, change(wanted)) == wanted
        assert stage.asked() == EDIT
    assert await after(stage, entry) == ()


async def test_a_date_that_is_as_wanted(stage: SeveraStage) -> None:
    """Nothing is written (R21)."""
    entry = await stage.put("Standup", DAILY)
    assert await stage.calendar.change_date(entry, None, change(on(25, at(25, 7)))) == on(25, at(25, 7))
    assert stage.asked() == ["GET /activities"]


async def test_a_date_of_whole_days(stage: SeveraStage) -> None:
    """They are dates in the owner's zone."""
    days = made("2026-03-22", Daily(3), WholeDays(), times=10)
    entry = await stage.put("Days", days)
    moved = DateException(date(2026, 3, 28), AllDay(date(2026, 3, 29), date(2026, 3, 31)), "Days")
    assert await stage.calendar.change_date(entry, None, change(moved, days)) == moved
    cancelled = DateException(date(2026, 4, 9))
    await stage.calendar.change_date(entry, await seen(stage, entry), change(cancelled, days))
    assert await after(stage, entry) == (moved, cancelled)


async def test_a_date_that_was_moved_onto_another_one(stage: SeveraStage) -> None:
    """At the same time are an exception and an occurrence: each is found for what it is."""
    entry = await stage.put("Standup", DAILY)
    stage.people.edit_occurrence(entry, date(2026, 3, 24), start=at(25, 7).start, end=at(25, 7).end)
    known = await seen(stage, entry)
    assert known.essence.exceptions == (on(24, at(25, 7)),)
    await stage.calendar.change_date(entry, known, change(on(25, at(25, 9))))
    await stage.calendar.change_date(entry, known, change(on(24, at(24, 9))))
    assert await after(stage, entry) == (on(24, at(24, 9)), on(25, at(25, 9)))


async def test_a_date_that_was_moved_to_a_cancelled_one(stage: SeveraStage) -> None:
    """Nothing tells the two apart, so it is taken for the nearer one: what takes place, and when, is the same [INF]."""
    entry = await stage.put("Standup", DAILY)
    stage.people.cancel_occurrence(entry, DAY)
    stage.people.edit_occurrence(entry, date(2026, 3, 24), start=at(25, 8).start, end=at(25, 8).end)
    assert await after(stage, entry) == (on(24), on(25, at(25, 8)))


# --- meanwhile --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("looked", [False, True])
@pytest.mark.parametrize("meanwhile", ["edited", "moved", "cancelled", "deleted"])
async def test_a_date_that_a_person_changed_meanwhile(stage: SeveraStage, meanwhile: str, *, looked: bool) -> None:
    """It is not overwritten: it was seen otherwise, or was to be an ordinary occurrence."""
    entry = await stage.put("Standup", DAILY)
    known = await seen(stage, entry) if looked else None
    if meanwhile == "edited":
        stage.people.edit_occurrence(entry, DAY, name="Retro")
    elif meanwhile == "moved":
        stage.people.edit_occurrence(entry, DAY, start=at(25, 11).start, end=at(25, 11).end)
    elif meanwhile == "cancelled":
        stage.people.cancel_occurrence(entry, DAY)
    else:
        stage.people.remove_activity(entry)
    for wanted in (on(25), on(25, at(25, 8))):
        with pytest.raises(ItemChanged, match="occurrence_changed"):
            await stage.calendar.change_date(entry, known, change(wanted))
    assert {request.partition(" ")[0] for request in stage.asked()} == {"GET"}


async def test_an_exception_that_was_changed_again_meanwhile(stage: SeveraStage) -> None:
    """The same."""
    entry = await stage.put("Standup", DAILY)
    stage.people.edit_occurrence(entry, DAY, name="Retro")
    known = await seen(stage, entry)
    stage.people.edit_activity(stage.people.occurrence(entry, DAY).guid, notes="more")
    with pytest.raises(ItemChanged, match="occurrence_changed"):
        await stage.calendar.change_date(entry, known, change(on(25)))


async def test_a_date_that_the_series_does_not_have(stage: SeveraStage) -> None:
    """Nothing is sent."""
    entry = await stage.put("Standup", DAILY)
    known = await seen(stage, entry)
    with pytest.raises(ItemChanged, match="occurrence_changed"):
        await stage.calendar.change_date(entry, known, DateChange(at(21, 7), on(21)))
    assert stage.asked() == []


async def test_a_date_that_is_deleted_between_look_and_write(stage: SeveraStage) -> None:
    """404 on the write is a change, not a success."""
    entry = await stage.put("Standup", DAILY)
    stage.severa.faults.add(Fault(Action.STATUS, method="PATCH", status=404))
    with pytest.raises(ItemChanged, match="occurrence_changed"):
        await stage.calendar.change_date(entry, None, change(on(25, at(25, 8))))


async def test_an_answer_that_is_lost(stage: SeveraStage) -> None:
    """It may have been done: who looks again finds out."""
    entry = await stage.put("Standup", DAILY)
    stage.severa.faults.add(Fault(Action.DROP_AFTER_COMMIT, method="PATCH"))
    with pytest.raises(OutcomeUnknown):
        await stage.calendar.change_date(entry, None, change(on(25, at(25, 8))))
    assert await after(stage, entry) == (on(25, at(25, 8)),)
