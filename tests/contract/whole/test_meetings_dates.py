"""Somebody invited to a single date of a series, and people who come to a series that has exceptions (R13, R15)."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import pytest

from tests.contract.whole.meeting import HOUR, NAMES, Company, company
from tests.contract.whole.recurring import TUESDAY, nth, on
from tests.contract.whole.settled import AGED, DAY, at_rest, has, one_of
from tests.contract.whole.test_meetings_series import ALL, SERIES, THIRD, in_outlook, in_severa, meets

ONLY_THIRD = {THIRD: "Board"}
CARL = "carl@example.org"


def by_themselves(us: Company) -> int:
    """How many series and single activities there are in Severa, but for lunch."""
    return len([one for one in us.activities() if one.name != "Lunch" and one.recurrence_type in ("None", "Series")])


def in_the_date(us: Company, day: date = THIRD) -> list[str]:
    """Who takes part in that date, as often as they are there."""
    [series] = [one for one in us.activities() if one.recurrence_type == "Series"]
    names = {user.guid: name for name, user in us.stage.users.items()}
    return sorted(names[one.guid] for one in us.severa.participants_of(us.severa.occurrence(series.guid, day).guid))


@asynccontextmanager
async def carl_on_the_third() -> AsyncIterator[tuple[Company, str]]:
    """Anna meets Bert every week; Carl is invited to the third date alone, and it has settled."""
    async with company() as us:
        us.graph.add_event(us.stage.mailboxes["carl"], "Lunch", on(TUESDAY, 8), on(TUESDAY, 9))
        meeting = meets(us, "anna", "bert")
        await us.settle()
        us.graph.add_attendees(meeting, CARL, day=THIRD)
        await at_rest(us)
        us.stage.clock.advance(AGED)
        assert in_the_date(us) == ["bert", "carl"]
        yield us, meeting


async def invited_to_one_date(us: Company, order: tuple[str, ...], *, together: bool) -> None:
    """Anna meets Bert, and Carl on the third date alone, from the beginning or later; a day goes by."""
    meeting = meets(us, "anna", "bert")
    if not together:
        await us.settle(*order)
    us.graph.add_attendees(meeting, CARL, day=THIRD)
    await at_rest(us, *order)
    us.stage.clock.advance(DAY)
    await at_rest(us, *order)


# --- invited to one date ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("order", list(itertools.permutations(NAMES)))
async def test_somebody_is_invited_to_a_single_date(order: tuple[str, ...], together: bool) -> None:  # noqa: FBT001
    """They take part in that date in Severa, once, and in no other; no activity is made of it, whoever runs first."""
    async with company() as us:
        await invited_to_one_date(us, order, together=together)
        assert us.people(await one_of(us)) == ("anna", {"bert"})
        assert by_themselves(us) == 1
        assert in_severa(us, "carl") == ONLY_THIRD
        assert in_the_date(us) == ["bert", "carl"]
        assert in_severa(us) == in_severa(us, "bert") == ALL
        assert has(us, "carl") == 1


async def test_two_are_invited_to_a_single_date() -> None:
    """Anna meets nobody else every week: both take part in that date."""
    async with company() as us:
        meeting = meets(us, "anna", "olga@outside.example")
        await us.settle()
        us.graph.add_attendees(meeting, CARL, "bert@example.org", day=THIRD)
        await at_rest(us)
        assert in_the_date(us) == ["bert", "carl"]
        assert by_themselves(us) == 1


async def test_somebody_outside_invites_to_a_single_date() -> None:
    """Nobody here has the series: the date is a meeting by itself."""
    async with company() as us:
        start = on(TUESDAY)
        meeting = us.graph.receive_invitation([], "olga@outside.example", "Board", start, start + HOUR, **SERIES)
        us.graph.add_attendees(meeting, "bert@example.org", CARL, day=THIRD)
        for _ in range(4):
            await us.settle("bert", "carl", "anna")
            us.stage.clock.advance(AGED)
        await at_rest(us, "bert", "carl", "anna")
        assert us.people(await one_of(us)) == ("bert", {"carl"})


async def test_a_series_from_outside_with_a_guest_on_one_date() -> None:
    """Bert is in the series, Carl in one date: one activity, though Carl's run comes first."""
    async with company() as us:
        start = on(TUESDAY)
        boxes = [us.stage.mailboxes["bert"]]
        meeting = us.graph.receive_invitation(boxes, "olga@outside.example", "Board", start, start + HOUR, **SERIES)
        us.graph.add_attendees(meeting, CARL, day=THIRD)
        await at_rest(us, "carl", "bert", "anna")
        us.stage.clock.advance(DAY)
        await at_rest(us, "carl", "bert", "anna")
        assert us.people(await one_of(us)) == ("bert", set())
        assert in_severa(us, "carl") == ONLY_THIRD
        assert by_themselves(us) == 1


# --- and out of it again ----------------------------------------------------------------------------------------------
async def test_p27_who_is_invited_to_a_date_declines() -> None:
    """They are taken off it, and off nothing else; invited once more, they are back."""
    async with carl_on_the_third() as (us, meeting):
        us.graph.decline(_event(us))
        await at_rest(us)
        assert in_the_date(us) == ["bert"]
        assert in_severa(us) == in_severa(us, "bert") == ALL
        us.stage.clock.advance(AGED)
        us.graph.remove_attendees(meeting, CARL, day=THIRD)
        us.graph.add_attendees(meeting, CARL, day=THIRD)
        await at_rest(us)
        assert in_the_date(us) == ["bert", "carl"]
        assert by_themselves(us) == 1
        assert us.mails == 0


@pytest.mark.parametrize("removes", [True, False])
async def test_who_is_invited_to_a_date_is_taken_off_it(removes: bool) -> None:  # noqa: FBT001
    """Whether the cancellation takes the event along or marks it."""
    async with carl_on_the_third() as (us, meeting):
        us.stage.graph.options.cancellations_remove = removes
        us.graph.remove_attendees(meeting, CARL, day=THIRD)
        await at_rest(us)
        assert in_the_date(us) == ["bert"]
        assert in_severa(us) == ALL


async def test_who_is_invited_to_a_date_is_taken_off_it_in_severa() -> None:
    """A person's word: they are not brought back, and their event stays."""
    async with carl_on_the_third() as (us, meeting):
        [series] = [one for one in us.activities() if one.recurrence_type == "Series"]
        us.severa.remove_participant(us.severa.occurrence(series.guid, THIRD).guid, us.stage.users["carl"])
        us.stage.clock.advance(DAY)
        await at_rest(us)
        us.graph.edit_occurrence(meeting, THIRD, location="Room 7")
        await at_rest(us)
        assert in_the_date(us) == ["bert"]
        assert has(us, "carl") == 1


async def test_the_date_is_cancelled() -> None:
    """For everybody."""
    async with carl_on_the_third() as (us, meeting):
        us.graph.cancel_occurrence(meeting, THIRD)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert in_severa(us) == {day: "Board" for day in ALL if day != THIRD}
        assert by_themselves(us) == 1


# --- what becomes of the series ---------------------------------------------------------------------------------------
async def test_the_date_is_edited_and_moved() -> None:
    """What the organizer does in Outlook arrives, and they are still in it."""
    async with carl_on_the_third() as (us, meeting):
        moved = on(THIRD, 16)
        us.graph.edit_occurrence(meeting, THIRD, subject="Budget", start=moved, end=moved + HOUR)
        await at_rest(us)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert in_severa(us, "carl") == {THIRD: "Budget"}
        assert in_severa(us) == {**ALL, THIRD: "Budget"}
        assert by_themselves(us) == 1


async def test_the_date_was_moved_before() -> None:
    """An exception already, at another time."""
    async with company() as us:
        meeting = meets(us, "anna", "bert")
        moved = on(THIRD, 16)
        us.graph.edit_occurrence(meeting, THIRD, start=moved, end=moved + HOUR)
        us.graph.add_attendees(meeting, CARL, day=THIRD)
        await at_rest(us, "carl", "anna", "bert")
        assert in_the_date(us) == ["bert", "carl"]
        assert by_themselves(us) == 1


async def test_a_changed_date_gets_another_id_in_severa() -> None:
    """Nobody knows whether it does: it is found again; they are in it once, and out of it when they decline."""
    async with company() as us:
        us.stage.severa.options.exceptions_get_new_guids = True
        meeting = meets(us, "anna", "bert")
        await us.settle()
        us.graph.add_attendees(meeting, CARL, day=THIRD)
        await us.settle()
        us.stage.clock.advance(AGED)
        await at_rest(us)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert in_the_date(us) == ["bert", "carl"]
        us.graph.decline(_event(us))
        await at_rest(us)
        assert in_the_date(us) == ["bert"]
        assert by_themselves(us) == 1


async def test_p25_the_series_goes_to_other_days() -> None:
    """Their date is none of the series any more in Severa: nothing is made of it, and it is told once."""
    async with carl_on_the_third() as (us, meeting):
        us.severa.edit_activity(
            (await one_of(us)).guid, by=us.stage.users["bert"], start=on(TUESDAY + timedelta(days=1))
        )
        us.stage.clock.advance(DAY)
        await us.stage.run("carl")
        await at_rest(us)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert by_themselves(us) == 1
        assert in_severa(us, "bert") == in_outlook(us, meeting, "bert") == ALL


@pytest.mark.parametrize("keeps", [True, False])
async def test_p13_the_series_gets_another_time(keeps: bool) -> None:  # noqa: FBT001
    """Whether Severa keeps its exceptions then or forgets them: they are in the date as long as they are invited."""
    async with carl_on_the_third() as (us, meeting):
        us.stage.severa.options.series_edit_keeps_exceptions = keeps
        us.graph.move_event(meeting, on(TUESDAY, 15), on(TUESDAY, 16))
        await at_rest(us)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        invited = us.graph.event_of_meeting(meeting, us.stage.mailboxes["carl"], THIRD)
        assert in_the_date(us) == ["bert", *(["carl"] if invited is not None and not invited.is_cancelled else [])]
        assert by_themselves(us) == 1
        assert in_severa(us, "bert") == in_outlook(us, meeting, "bert")


async def test_somebody_invited_to_a_date_is_invited_to_all() -> None:
    """Then they are in the series like everybody else, on every date."""
    async with carl_on_the_third() as (us, meeting):
        us.graph.add_attendees(meeting, CARL)
        await at_rest(us)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", {"bert", "carl"})
        assert [has(us, name) for name in NAMES] == [1, 1, 1]
        assert in_severa(us, "carl") == ALL


async def test_severa_has_no_such_date() -> None:
    """It was cancelled there: the date stays in Outlook alone, told once by name."""
    async with company() as us:
        meeting = meets(us, "anna", "bert")
        await us.settle()
        us.severa.cancel_occurrence((await one_of(us)).guid, THIRD, by=us.stage.users["bert"])
        us.graph.add_attendees(meeting, CARL, day=THIRD)
        await us.stage.run("carl")
        await at_rest(us)
        us.stage.clock.advance(DAY * 7)
        await at_rest(us)
        assert (await us.told("carl")).count("single_date_of_meeting") == 1
        assert by_themselves(us) == 1
        assert has(us, "carl") == 1


# --- people who come to a series with exceptions ----------------------------------------------------------------------
@pytest.mark.parametrize("order", [NAMES, ("carl", "bert", "anna")])
async def test_somebody_is_invited_to_a_series_with_exceptions(order: tuple[str, ...]) -> None:
    """An exception has people of its own in Severa: they are added there, too. Who declined that date stays off it."""
    async with company() as us:
        meeting = meets(us, "anna", "bert")
        us.graph.edit_occurrence(meeting, nth(1), subject="Budget")
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.decline(us.event(meeting, "bert").immutable_id, THIRD)
        await us.settle()
        us.graph.add_attendees(meeting, CARL)
        for day in (nth(1), THIRD):
            us.graph.add_attendees(meeting, CARL, day=day)
        await at_rest(us, *order)
        assert in_severa(us, "carl") == {**ALL, nth(1): "Budget"}
        assert (in_the_date(us), in_the_date(us, nth(1))) == (["carl"], ["bert", "carl"])


async def test_an_attendee_of_a_series_with_exceptions_is_taken_off() -> None:
    """Off its exceptions, too."""
    async with company() as us:
        meeting = meets(us, "anna", "bert", "carl")
        us.graph.edit_occurrence(meeting, nth(1), subject="Budget")
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.remove_attendees(meeting, "bert@example.org")
        us.graph.remove_attendees(meeting, "bert@example.org", day=nth(1))
        await at_rest(us)
        assert in_severa(us, "bert") == {}
        assert in_severa(us, "carl") == {**ALL, nth(1): "Budget"}


async def test_an_attendee_declines_a_series_with_exceptions() -> None:
    """Off its exceptions, too."""
    async with company() as us:
        meeting = meets(us, "anna", "bert", "carl")
        us.graph.edit_occurrence(meeting, nth(1), subject="Budget")
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.decline(us.event(meeting, "bert").immutable_id)
        await at_rest(us)
        assert in_severa(us, "bert") == {}
        assert in_severa(us, "carl") == {**ALL, nth(1): "Budget"}


def _event(us: Company) -> Any:
    [event] = [one for one in us.graph.events_of(us.stage.mailboxes["carl"]) if one.subject == "Board"]
    return event.immutable_id


async def test_a_guest_of_one_date_whose_organizer_was_away() -> None:
    """Who takes them off the series comes long after they came to that date, and leaves that alone."""
    async with company() as us:
        us.stage.graph.options.cancellations_remove = True
        us.graph.add_event(us.stage.mailboxes["carl"], "Lunch", on(TUESDAY, 8), on(TUESDAY, 9))
        meeting = meets(us, "anna", "bert", "carl")
        us.graph.edit_occurrence(meeting, nth(1), subject="Budget")
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.remove_attendees(meeting, CARL)
        us.graph.add_attendees(meeting, CARL, day=THIRD)
        await us.settle("carl", "bert")
        us.stage.clock.advance(AGED)
        await us.settle("carl", "bert")
        assert in_severa(us, "carl") == ONLY_THIRD
        us.stage.clock.advance(AGED)
        await at_rest(us)
        assert in_severa(us, "carl") == ONLY_THIRD


@pytest.mark.parametrize("order", [NAMES, ("carl", "bert", "anna")])
async def test_somebody_is_in_one_date_alone_from_now_on(order: tuple[str, ...]) -> None:
    """Off the series, but not off that date: the one comes before the other, whoever runs first."""
    async with company() as us:
        us.stage.graph.options.cancellations_remove = True
        us.graph.add_event(us.stage.mailboxes["carl"], "Lunch", on(TUESDAY, 8), on(TUESDAY, 9))
        meeting = meets(us, "anna", "bert", "carl")
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.remove_attendees(meeting, CARL)
        us.graph.add_attendees(meeting, CARL, day=THIRD)
        await at_rest(us, *order)
        us.stage.clock.advance(DAY)
        await at_rest(us, *order)
        assert in_severa(us, "carl") == ONLY_THIRD
        assert in_severa(us) == in_severa(us, "bert") == ALL
        assert by_themselves(us) == 1
