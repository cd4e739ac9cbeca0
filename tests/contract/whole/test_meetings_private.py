"""Private meetings: whose flag counts, and what becomes of it when somebody else's mailbox has the say (R10, R13)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.contract.whole.meeting import Company, company
from tests.contract.whole.settled import AGED, at_rest, one_of

SECRET = {"body": "Secret", "location": "Room 7"}


def without_personal(us: Company) -> None:
    """The company can keep nothing private in Severa."""
    [personal] = [k for k in us.severa.types_of(us.stage.severa_company) if k.category == "Personal"]
    us.severa.edit_activity_type(personal, is_active=False)


def category(us: Company, activity: Any) -> str:
    """The category of an activity's type."""
    kinds = {kind.guid: str(kind.category) for kind in us.severa.types_of(us.stage.severa_company)}
    return kinds[activity.type]


def mark(us: Company, meeting: str, name: str, sensitivity: str) -> None:
    """Somebody marks their own event of it."""
    us.graph.edit_event(us.event(meeting, name).immutable_id, sensitivity=sensitivity)


async def test_an_attendee_marks_their_own_event() -> None:
    """It says nothing to the others: the organizer's event has the say."""
    async with company() as us:
        meeting = us.meet("anna", "bert", **SECRET)
        await us.settle()
        us.stage.clock.advance(AGED)
        mark(us, meeting, "bert", "private")
        await at_rest(us)
        activity = await one_of(us)
        assert (category(us, activity), activity.location) == ("CalendarEntry", "Room 7")
        mark(us, meeting, "bert", "normal")
        mark(us, meeting, "anna", "private")
        await at_rest(us)
        mark(us, meeting, "bert", "normal")
        await at_rest(us)
        assert category(us, await one_of(us)) == "Personal"


@asynccontextmanager
async def led_by_anna(*, masks: bool, private: str) -> AsyncIterator[tuple[Company, str]]:
    """A meeting from outside that Anna's mailbox leads, and that `private` marks private; Bert is invited, too.

    `masks`: the company has no Personal type.
    """
    async with company() as us:
        if masks:
            without_personal(us)
        meeting = us.invited("anna", "bert", **SECRET)
        await us.settle()
        us.stage.clock.advance(AGED)
        mark(us, meeting, private, "private")
        await at_rest(us)
        yield us, meeting


async def led_by_bert(us: Company, meeting: str, name: str) -> Any:
    """Anna declines it, so Bert's mailbox has the say: the activity of that name, which is his."""
    us.graph.decline(us.event(meeting, "anna").immutable_id)
    await at_rest(us)
    activity = await one_of(us, name)
    assert us.people(activity) == ("bert", set())
    return activity


@pytest.mark.parametrize("masks", [False, True])
async def test_a_private_event_gets_the_say(masks: bool) -> None:  # noqa: FBT001
    """Promise 4: when the mailbox that led leaves, the activity is as private as the event of who leads now."""
    async with led_by_anna(masks=masks, private="bert") as (us, meeting):
        assert (await one_of(us)).location == "Room 7"
        activity = await led_by_bert(us, meeting, "Private" if masks else "Board")
        assert category(us, activity) == ("CalendarEntry" if masks else "Personal")
        assert (activity.location or "") == ("" if masks else "Room 7")


@pytest.mark.parametrize("masks", [False, True])
async def test_a_plain_event_gets_the_say(masks: bool) -> None:  # noqa: FBT001
    """What was hidden shows again, as in the mailbox of who leads now; a private type that it has stays."""
    async with led_by_anna(masks=masks, private="anna") as (us, meeting):
        await one_of(us, "Private" if masks else "Board")
        activity = await led_by_bert(us, meeting, "Board")
        assert category(us, activity) == ("CalendarEntry" if masks else "Personal")
        assert activity.location == "Room 7"
