"""Meetings that recur, and what happens on single dates of them (R12 to R16; peers.md P10 to P16, P35, P64)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.contract.whole.meeting import HOUR, Company, company
from tests.contract.whole.recurring import FAR, TUESDAY, nth, on, weekly, weekly_in_severa
from tests.contract.whole.settled import AGED, DAY, at_rest, one_of

TIMES = 5
SERIES: dict[str, Any] = {
    "recurrence": {"pattern": weekly(), "range": {"type": "numbered", "numberOfOccurrences": TIMES}}
}
FIRST, THIRD = nth(0), nth(2)


def meets(us: Company, organizer: str, *attendees: str) -> str:
    """A weekly meeting of five dates."""
    start = on(TUESDAY)
    invited = [us.address(name) for name in attendees]
    box = us.stage.mailboxes[organizer]
    return us.graph.organize_meeting(box, "Board", start, start + HOUR, attendees=invited, **SERIES)


def in_outlook(us: Company, meeting: str, name: str) -> dict[date, str]:
    """The dates on which it takes place in somebody's mailbox, each with its subject."""
    event = us.event(meeting, name)
    found = us.graph.occurrences_of(event.immutable_id, TUESDAY, FAR) if event is not None else []
    return {one.start.date(): one.subject for one in found if not one.is_cancelled}


def in_severa(us: Company, name: str = "") -> dict[date, str]:
    """The dates on which it takes place in Severa, of those that somebody is in where one is named."""
    [series] = [one for one in us.activities() if one.recurrence_type == "Series"]
    found = us.severa.occurrences_of(series.guid, TUESDAY, FAR)
    owner, _ = us.people(series)
    inside = [one for one in found if name in ("", owner) or name in us.people(one)[1]]
    return {one.start.date(): one.name for one in inside}


ALL = {nth(number): "Board" for number in range(TIMES)}


# --- the whole --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("order", [("anna", "bert", "carl"), ("bert", "carl", "anna")])
async def test_p64_a_weekly_meeting(order: tuple[str, ...], shared: bool) -> None:  # noqa: FBT001
    """One series in Severa, whether each occurrence has an iCalUId of its own or the master's."""
    async with company() as us:
        us.stage.graph.options.shared_ical_uid = shared
        meeting = meets(us, "anna", "bert", "carl")
        await at_rest(us, *order)
        activity = await one_of(us)
        assert us.people(activity) == ("anna", {"bert", "carl"})
        assert in_severa(us) == in_outlook(us, meeting, "bert") == ALL
        assert len(us.activities()) == 1


async def test_p35_a_weekly_meeting_with_exceptions_at_first_sync() -> None:
    """What was moved and cancelled before is so in Severa; nobody is mailed about it."""
    async with company() as us:
        meeting = meets(us, "anna", "bert")
        us.graph.edit_occurrence(meeting, nth(1), subject="Budget")
        us.graph.cancel_occurrence(meeting, nth(3))
        await at_rest(us, "bert", "anna", "carl")
        await one_of(us)
        wanted = {**ALL, nth(1): "Budget"}
        del wanted[nth(3)]
        assert in_severa(us) == wanted


# --- the organizer ----------------------------------------------------------------------------------------------------
async def test_the_organizer_changes_dates_in_outlook() -> None:
    """One is moved, one is cancelled, the first and the last one among them."""
    async with company() as us:
        meeting = meets(us, "anna", "bert")
        await us.settle()
        moved = on(FIRST + timedelta(days=1), 14)
        us.graph.edit_occurrence(meeting, FIRST, start=moved, end=moved + HOUR)
        us.graph.cancel_occurrence(meeting, nth(4))
        await at_rest(us)
        await one_of(us)
        wanted = dict.fromkeys((FIRST + timedelta(days=1), nth(1), nth(2), nth(3)), "Board")
        assert in_severa(us) == wanted == in_outlook(us, meeting, "bert")
        assert in_severa(us, "bert") == wanted


async def test_the_organizer_edits_a_date_in_severa() -> None:
    """R16: it is written, and Exchange tells the attendees, as if it had been done in Outlook."""
    async with company() as us:
        meeting = meets(us, "anna", "bert")
        await us.settle()
        us.severa.edit_occurrence((await one_of(us)).guid, THIRD, by=us.stage.users["anna"], name="Budget")
        us.stage.mailed = True
        await at_rest(us)
        await one_of(us, mails=1)
        assert in_outlook(us, meeting, "anna")[THIRD] == in_outlook(us, meeting, "bert")[THIRD] == "Budget"
        assert in_severa(us)[THIRD] == "Budget"


async def test_the_organizer_cancels_a_date_in_severa() -> None:
    """R16: that date is cancelled for everybody, with one mail to each attendee."""
    async with company() as us:
        meeting = meets(us, "anna", "bert", "carl")
        await us.settle()
        us.severa.cancel_occurrence((await one_of(us)).guid, THIRD, by=us.stage.users["anna"])
        us.stage.mailed = True
        await at_rest(us)
        assert us.mails == 2
        assert THIRD not in in_outlook(us, meeting, "anna")
        assert THIRD not in in_outlook(us, meeting, "bert")


async def test_an_attendee_edits_a_date_in_severa() -> None:
    """It is set back, and told; nothing is written to the meeting."""
    async with company() as us:
        meeting = meets(us, "anna", "bert")
        await us.settle()
        us.severa.edit_occurrence((await one_of(us)).guid, THIRD, by=us.stage.users["bert"], name="Party")
        await at_rest(us)
        await one_of(us)
        assert in_severa(us) == ALL == in_outlook(us, meeting, "anna")
        assert "meeting_set_back" in await us.told("anna")


async def test_the_organizer_moves_the_whole_series() -> None:
    """The new time is everybody's."""
    async with company() as us:
        meeting = meets(us, "anna", "bert")
        await us.settle()
        start = on(TUESDAY, 15)
        us.graph.move_event(meeting, start, start + HOUR)
        await at_rest(us)
        assert (await one_of(us)).start == start
        assert in_severa(us) == ALL


async def test_p12_the_organizer_changes_this_and_following() -> None:
    """Two meetings then, two series in Severa, with the same people."""
    async with company() as us:
        meeting = meets(us, "anna", "bert")
        await us.settle()
        us.graph.split_series(meeting, THIRD, subject="Budget")
        await at_rest(us)
        assert {one.name: us.people(one) for one in us.activities()} == {
            "Board": ("anna", {"bert"}),
            "Budget": ("anna", {"bert"}),
        }
        assert us.mails == 0


# --- the attendee -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("how", ["decline", "delete"])
async def test_p16_an_attendee_goes_on_one_date(how: str) -> None:
    """R15: they are taken off that date alone; it goes on for everybody else."""
    async with company() as us:
        meeting = meets(us, "anna", "bert", "carl")
        await us.settle()
        us.stage.clock.advance(AGED)
        event = us.event(meeting, "bert").immutable_id
        us.graph.decline(event, THIRD) if how == "decline" else us.graph.cancel_occurrence(event, THIRD)
        await at_rest(us)
        await one_of(us)
        assert in_severa(us) == ALL
        assert in_severa(us, "bert") == {day: "Board" for day in ALL if day != THIRD}
        assert in_severa(us, "carl") == ALL
        us.graph.edit_event(meeting, location="Room 7")
        await at_rest(us)
        assert in_severa(us, "bert") == {day: "Board" for day in ALL if day != THIRD}


async def test_an_attendee_declines_all_of_it() -> None:
    """They are out of the series; nobody else is."""
    async with company() as us:
        meeting = meets(us, "anna", "bert", "carl")
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.decline(us.event(meeting, "bert").immutable_id)
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", {"carl"})


async def test_an_attendee_goes_on_a_date_of_a_series_from_outside() -> None:
    """Owner is the first of them: on a date that the owner declines, the other one goes on."""
    async with company() as us:
        start = on(TUESDAY)
        boxes = [us.stage.mailboxes[name] for name in ("bert", "carl")]
        meeting = us.graph.receive_invitation(boxes, "olga@outside.example", "Board", start, start + HOUR, **SERIES)
        await us.settle("bert", "carl", "anna")
        us.stage.clock.advance(AGED)
        us.graph.decline(us.event(meeting, "carl").immutable_id, THIRD)
        await at_rest(us, "bert", "carl", "anna")
        await one_of(us)
        assert in_severa(us) == ALL
        assert in_severa(us, "carl") == {day: "Board" for day in ALL if day != THIRD}


async def test_a_date_is_moved_and_then_declined() -> None:
    """P14: of one date only the last word counts, for each of them."""
    async with company() as us:
        meeting = meets(us, "anna", "bert")
        await us.settle()
        us.stage.clock.advance(AGED)
        moved = on(THIRD, 16)
        us.graph.edit_occurrence(meeting, THIRD, start=moved, end=moved + HOUR)
        await us.settle()
        us.graph.decline(us.event(meeting, "bert").immutable_id, THIRD)
        await at_rest(us)
        await one_of(us)
        assert in_severa(us) == ALL
        assert in_severa(us, "bert") == {day: "Board" for day in ALL if day != THIRD}


async def test_an_attendee_is_not_invited_on_one_date() -> None:
    """The organizer takes them off that date: so they are in Severa."""
    async with company() as us:
        meeting = meets(us, "anna", "bert", "carl")
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.remove_attendees(meeting, "bert@example.org", day=THIRD)
        await at_rest(us)
        await one_of(us)
        assert in_severa(us) == ALL
        assert in_severa(us, "bert") == {day: "Board" for day in ALL if day != THIRD}


# --- shared series of Severa ------------------------------------------------------------------------------------------
async def _shared(us: Company) -> str:
    recurs = {
        "frequency": "Weekly",
        "pattern": {"weekly": weekly_in_severa()},
        "range": {"maxOccurrences": TIMES},
    }
    anna, bert = us.stage.users["anna"], us.stage.users["bert"]
    start = on(TUESDAY)
    made = us.severa.add_activity(anna, "Board", start, start + HOUR, recurrence=recurs, participants=[bert])
    us.stage.clock.advance(DAY)
    await us.settle()
    us.stage.clock.advance(AGED)
    return str(made.guid)


def _of_copy(us: Company, name: str) -> str:
    [copy] = us.graph.events_of(us.stage.mailboxes[name])
    return str(copy.immutable_id)


async def test_a_shared_series() -> None:
    """Each holder's mailbox gets it, and a date that one of them moves is moved for both."""
    async with company() as us:
        await _shared(us)
        moved = on(THIRD, 16)
        us.graph.edit_occurrence(_of_copy(us, "bert"), THIRD, start=moved, end=moved + HOUR)
        await at_rest(us)
        for name in ("anna", "bert"):
            found = us.graph.occurrences_of(_of_copy(us, name), THIRD, THIRD)
            assert [one.start for one in found] == [moved]
        assert us.mails == 0


async def test_a_participant_deletes_one_date_of_a_shared_series() -> None:
    """R15: they are taken off it; the owner's copy keeps that date."""
    async with company() as us:
        await _shared(us)
        us.graph.cancel_occurrence(_of_copy(us, "bert"), THIRD)
        await at_rest(us)
        assert in_severa(us) == ALL
        assert in_severa(us, "bert") == {day: "Board" for day in ALL if day != THIRD}
        assert len(us.graph.occurrences_of(_of_copy(us, "anna"), TUESDAY, FAR)) == TIMES
        assert len(us.graph.occurrences_of(_of_copy(us, "bert"), TUESDAY, FAR)) == TIMES - 1


async def test_the_owner_deletes_one_date_of_a_shared_series() -> None:
    """It is cancelled for both."""
    async with company() as us:
        await _shared(us)
        us.graph.cancel_occurrence(_of_copy(us, "anna"), THIRD)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert THIRD not in in_severa(us)
        assert len(us.graph.occurrences_of(_of_copy(us, "bert"), TUESDAY, FAR)) == TIMES - 1
