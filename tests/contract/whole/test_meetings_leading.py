"""Who has the say of a meeting from outside, when whoever had it is out of it (R13, R15)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.usecases.erasing import erase_user
from tests.contract.whole.meeting import TEN, Company, company
from tests.contract.whole.settled import AGED, DAY, at_rest, has, one_of
from tests.support.live_stage import live_ports

LATER = TEN + timedelta(days=9)


async def _led_by_bert(us: Company) -> str:
    """Olga, outside, invites Bert and Carl, and Bert's pair is first."""
    meeting = us.invited("bert", "carl")
    await us.settle("bert")
    await us.settle("bert", "carl", "anna")
    us.stage.clock.advance(AGED)
    return meeting


# --- an edit that only those had seen who follow ----------------------------------------------------------------------
@pytest.mark.parametrize("how", ["declines", "deletes", "is taken off"])
async def test_who_leads_leaves_before_looking(how: str) -> None:
    """Who takes the say over compares all of it, though their own pair had seen and agreed to that edit before."""
    async with company() as us:
        meeting = await _led_by_bert(us)
        us.graph.edit_event(meeting, subject="Budget")
        await us.settle("carl", "anna")
        event = us.event(meeting, "bert").immutable_id
        match how:
            case "declines":
                us.graph.decline(event)
            case "deletes":
                us.graph.delete_event(event)
            case _:
                us.graph.remove_attendees(meeting, "bert@example.org")
        await at_rest(us)
        assert us.people(await one_of(us, "Budget")) == ("carl", set())
        assert "meeting_set_back" not in await us.told("carl")


async def test_who_leads_switches_off_before_looking() -> None:
    """Their mailbox still has the say: the daily look of a pair that is not scanned brings the edit."""
    async with company() as us:
        meeting = await _led_by_bert(us)
        us.graph.edit_event(meeting, subject="Budget")
        await us.settle("carl", "anna")
        await us.switch("bert", on=False)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert us.people(await one_of(us, "Budget")) == ("bert", {"carl"})


async def test_who_leads_is_erased_before_looking() -> None:
    """The say passes on at once."""
    async with company() as us:
        meeting = await _led_by_bert(us)
        us.graph.edit_event(meeting, subject="Budget")
        await us.settle("carl", "anna")
        await erase_user(live_ports(us.stage), us.stage.pair("bert"))
        await at_rest(us, "carl", "anna")
        await one_of(us, "Budget")


# --- lists that are old -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("removes", [True, False])
async def test_who_leads_is_taken_off_and_nobody_else_is_told(removes: bool) -> None:  # noqa: FBT001
    """The list of whoever leads from then on still names them: they are not brought again."""
    async with company() as us:
        us.stage.graph.options.cancellations_remove = removes
        meeting = await _led_by_bert(us)
        us.graph.remove_attendees(meeting, "bert@example.org")
        await at_rest(us)
        assert us.people(await one_of(us)) == ("carl", set())
        us.graph.add_attendees(meeting, "anna@example.org", everyone=True)
        await at_rest(us)
        assert us.people(await one_of(us)) == ("carl", {"anna"})


@pytest.mark.parametrize("order", [("carl", "bert"), ("bert", "carl")])
async def test_who_led_is_invited_once_more(order: tuple[str, ...]) -> None:
    """With their switch off, it is the list of whoever leads by now that brings them."""
    async with company() as us:
        meeting = await _led_by_bert(us)
        await us.switch("bert", on=False)
        us.graph.remove_attendees(meeting, "bert@example.org", everyone=True)
        await us.settle(*order)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert us.people(await one_of(us)) == ("carl", set())
        us.graph.add_attendees(meeting, "bert@example.org", everyone=True)
        await at_rest(us)
        assert us.people(await one_of(us)) == ("carl", {"bert"})


# --- who declined before there was an activity ------------------------------------------------------------------------
async def test_somebody_passive_declined_first_and_accepts() -> None:
    """Who declined is not brought; the organizer's list tells when they come after all, as no scan of theirs does."""
    async with company("anna", "carl") as us:
        meeting = us.meet("anna", "bert", "carl", start=LATER)
        us.graph.decline(us.event(meeting, "bert").immutable_id)
        await at_rest(us)
        us.graph.edit_event(meeting, location="Room 7")
        await at_rest(us)
        assert has(us, "bert") == 1
        assert us.people(await one_of(us)) == ("anna", {"carl"})
        us.graph.accept(us.event(meeting, "bert").immutable_id)
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", {"bert", "carl"})
        us.graph.decline(us.event(meeting, "bert").immutable_id)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", {"carl"})
