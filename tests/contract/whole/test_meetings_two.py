"""Two holders of one activity both invite people, each to their own copy: two meetings, one activity (R13, R14)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.whole.meeting import HOUR, NAMES, TEN, Company, company
from tests.contract.whole.settled import AGED, DAY, at_rest, has

CARL, OLGA = "carl@example.org", "olga@outside.example"
SOON = TEN + timedelta(days=5)


def own(us: Company, name: str) -> Any:
    """The event that somebody organizes."""
    [event] = [
        one for one in us.graph.events_of(us.stage.mailboxes[name]) if one.subject != "Lunch" and one.is_organizer
    ]
    return event


def visit(us: Company) -> Any:
    """The one activity."""
    [found] = [one for one in us.activities() if one.name != "Lunch"]
    return found


@asynccontextmanager
async def shared() -> AsyncIterator[Company]:
    """Anna's activity, in which Bert takes part: each of them has a copy."""
    async with company() as us:
        for name in NAMES:
            us.graph.add_event(us.stage.mailboxes[name], "Lunch", TEN + 3 * HOUR, TEN + 4 * HOUR)
        bert = us.stage.users["bert"]
        us.severa.add_activity(us.stage.users["anna"], "Visit", SOON, SOON + HOUR, participants=[bert])
        us.stage.clock.advance(DAY)
        await us.settle()
        us.stage.clock.advance(AGED)
        yield us


@asynccontextmanager
async def two(first: str = "anna", *, together: bool = False) -> AsyncIterator[Company]:
    """Anna invites Olga, Bert invites Carl."""
    async with shared() as us:
        invited = {"anna": OLGA, "bert": CARL}
        for name in (first, *({"anna", "bert"} - {first})):
            us.graph.add_attendees(own(us, name).immutable_id, invited[name])
            if not together:
                await us.settle(name)
        if together:
            for _ in range(4):
                us.stage.clock.advance(timedelta(minutes=3))
                await us.stage.poll()
                await asyncio.gather(*(us.stage.run(name) for name in ("anna", "bert")))
        await at_rest(us)
        us.stage.clock.advance(AGED)
        yield us


HOW = [("anna", False), ("bert", False), ("anna", True), ("bert", True)]


@pytest.mark.parametrize(("first", "together"), HOW)
async def test_two_invite_to_their_copies(first: str, together: bool) -> None:  # noqa: FBT001
    """One activity with everybody in it, nobody mailed; the one who takes part is told once what can be done."""
    async with two(first, together=together) as us:
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert us.people(visit(us)) == ("anna", {"bert", "carl"})
        assert [has(us, name, "Visit") for name in NAMES] == [1, 1, 1]
        assert us.mails == 0
        assert ((await us.told("anna")) + (await us.told("bert"))).count("second_meeting") == 1
        assert "second_meeting" in await us.told("bert")


@pytest.mark.parametrize(("first", "together"), HOW)
async def test_p45_both_edit_their_meetings(first: str, together: bool) -> None:  # noqa: FBT001
    """The owner's meeting has the say; the other's edit stays in Outlook, and neither is written."""
    async with two(first, together=together) as us:
        us.graph.edit_event(own(us, "bert").immutable_id, location="Room 7")
        us.graph.edit_event(own(us, "anna").immutable_id, subject="Site visit")
        await at_rest(us)
        assert (visit(us).name, visit(us).location or "") == ("Site visit", "")
        assert (own(us, "anna").subject, own(us, "anna").place) == ("Site visit", "")
        assert (own(us, "bert").subject, own(us, "bert").place) == ("Visit", "Room 7")
        assert us.mails == 0


@pytest.mark.parametrize("who", ["anna", "bert"])
async def test_somebody_edits_the_activity_in_severa(who: str) -> None:
    """R16: the leading meeting's organizer is heard, all others are set back; the second meeting is never written."""
    async with two() as us:
        us.severa.edit_activity(visit(us).guid, by=us.stage.users[who], location="Room 8")
        await at_rest(us)
        heard = who == "anna"
        assert (visit(us).location == "Room 8") is heard
        assert (own(us, "anna").place == "Room 8") is heard
        assert own(us, "bert").place == ""
        us.stage.mailed = heard
        assert us.mails == heard


async def test_both_invite_the_same_person_and_each_other() -> None:
    """Outlook shows both meetings, as people made them; Severa has one activity, and everybody in it once."""
    async with shared() as us:
        us.graph.add_attendees(own(us, "anna").immutable_id, CARL)
        us.graph.add_attendees(own(us, "bert").immutable_id, CARL)
        await at_rest(us)
        us.graph.add_attendees(own(us, "anna").immutable_id, "bert@example.org")
        us.graph.add_attendees(own(us, "bert").immutable_id, "anna@example.org")
        await at_rest(us)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert us.people(visit(us)) == ("anna", {"bert", "carl"})
        assert len(us.severa.participants_of(visit(us).guid)) == 2
        assert [has(us, name, "Visit") for name in NAMES] == [2, 2, 2]
        assert us.mails == 0


@pytest.mark.parametrize("removes", [True, False])
async def test_the_second_meeting_is_cancelled(removes: bool) -> None:  # noqa: FBT001
    """The remedy: whoever is invited to the other one stays in the activity; who is not, leaves it."""
    async with two() as us:
        us.stage.graph.options.cancellations_remove = removes
        us.graph.add_attendees(own(us, "anna").immutable_id, "bert@example.org")
        await at_rest(us)
        us.stage.clock.advance(AGED)
        us.graph.cancel_meeting(own(us, "bert").immutable_id)
        await at_rest(us)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert us.people(visit(us)) == ("anna", {"bert"})
        us.graph.edit_event(own(us, "anna").immutable_id, subject="Site visit")
        await at_rest(us)
        assert visit(us).name == "Site visit"
        assert us.mails == 0


async def test_the_leading_meeting_is_cancelled() -> None:
    """R15: the owner's copy is the activity, which goes; the other meeting stays in Outlook; nothing is made anew."""
    async with two() as us:
        us.graph.cancel_meeting(own(us, "anna").immutable_id)
        await at_rest(us)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert [one.name for one in us.activities() if one.name != "Lunch"] == []
        assert own(us, "bert").subject == "Visit"
        assert us.mails == 0
