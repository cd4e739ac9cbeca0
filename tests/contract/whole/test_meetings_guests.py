"""Somebody whose own switch is off, invited to a single date of a series (R4, R13)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.whole.meeting import NAMES, company
from tests.contract.whole.recurring import nth, on
from tests.contract.whole.settled import AGED, DAY, at_rest, has, one_of
from tests.contract.whole.test_meetings_dates import CARL, ONLY_THIRD, by_themselves, in_the_date, invited_to_one_date
from tests.contract.whole.test_meetings_series import ALL, THIRD, in_severa, meets


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("order", [NAMES, ("carl", "bert", "anna")])
async def test_somebody_passive_is_invited_to_a_single_date(order: tuple[str, ...], together: bool) -> None:  # noqa: FBT001
    """Whoever leads the meeting lets them take part in that date, and in no other; they get no copy of it."""
    async with company("anna", "bert") as us:
        await invited_to_one_date(us, order, together=together)
        assert us.people(await one_of(us)) == ("anna", {"bert"})
        assert in_severa(us, "carl") == ONLY_THIRD
        assert in_the_date(us) == ["bert", "carl"]
        assert (by_themselves(us), has(us, "carl")) == (1, 1)


@pytest.mark.parametrize("how", ["declined", "taken off"])
async def test_a_passive_guest_is_out_of_the_date(how: str) -> None:
    """They are taken off it, and off nothing else; invited once more, they are back."""
    async with company("anna", "bert") as us:
        meeting = meets(us, "anna", "bert")
        us.graph.add_attendees(meeting, CARL, day=THIRD)
        await at_rest(us)
        us.stage.clock.advance(AGED)
        if how == "declined":
            us.graph.decline(_event(us))
            await at_rest(us)
            assert in_the_date(us) == ["bert"]
        us.graph.remove_attendees(meeting, CARL, day=THIRD)
        await at_rest(us)
        assert in_the_date(us) == ["bert"]
        assert in_severa(us) == in_severa(us, "bert") == ALL
        us.graph.add_attendees(meeting, CARL, day=THIRD)
        await at_rest(us)
        assert in_the_date(us) == ["bert", "carl"]
        assert us.mails == 0


async def test_a_passive_guest_is_taken_off_the_date_in_severa() -> None:
    """A person's word: whatever else becomes of the meeting's people, they are not brought back."""
    async with company("anna", "bert") as us:
        meeting = meets(us, "anna", "bert")
        us.graph.add_attendees(meeting, CARL, day=THIRD)
        await at_rest(us)
        [series] = [one for one in us.activities() if one.recurrence_type == "Series"]
        us.severa.remove_participant(us.severa.occurrence(series.guid, THIRD).guid, us.stage.users["carl"])
        us.graph.add_attendees(meeting, "olga@outside.example")
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert in_the_date(us) == ["bert"]
        assert has(us, "carl") == 1


async def test_a_passive_guest_comes_to_all_of_it() -> None:
    """And is off the series again, still invited to that date."""
    async with company("anna", "bert") as us:
        us.stage.graph.options.cancellations_remove = True
        meeting = meets(us, "anna", "bert")
        us.graph.add_attendees(meeting, CARL, day=THIRD)
        await at_rest(us)
        us.graph.add_attendees(meeting, CARL)
        await at_rest(us)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", {"bert", "carl"})
        assert in_severa(us, "carl") == ALL
        us.graph.remove_attendees(meeting, CARL)
        us.graph.add_attendees(meeting, CARL, day=THIRD)
        await at_rest(us)
        assert in_severa(us, "carl") == ONLY_THIRD


async def test_a_passive_guest_switches_on() -> None:
    """Their own pair has the date from then on: nothing is doubled, and declining it takes them off it."""
    async with company("anna", "bert") as us:
        meeting = meets(us, "anna", "bert")
        us.graph.add_event(us.stage.mailboxes["carl"], "Lunch", on(nth(0), 8), on(nth(0), 9))
        us.graph.add_attendees(meeting, CARL, day=THIRD)
        await at_rest(us)
        await us.switch("carl", on=True)
        await at_rest(us)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert in_severa(us, "carl") == ONLY_THIRD
        assert (by_themselves(us), has(us, "carl")) == (1, 1)
        us.graph.decline(_event(us))
        await at_rest(us)
        assert in_the_date(us) == ["bert"]
        assert in_severa(us) == ALL


def _event(us: Any) -> Any:
    [event] = [one for one in us.graph.events_of(us.stage.mailboxes["carl"]) if one.subject == "Board"]
    return event.immutable_id
