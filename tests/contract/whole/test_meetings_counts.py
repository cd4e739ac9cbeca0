"""What meetings cost in requests, and what Exchange mails because of us (R16, R21; peers.md P33 to P38, P53)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from tests.contract.whole.meeting import HOUR, NAMES, TEN, Company, company
from tests.contract.whole.recurring import TUESDAY, nth, on, weekly
from tests.contract.whole.settled import AGED, DAY, at_rest, one_of
from tests.simulators.common.counters import RequestLog
from tests.support.remote_stage import remote_stage

CROWD = (*NAMES, *(f"user{number:02}" for number in range(17)))
OUTSIDE = "olga@outside.example"
PEOPLE = "activityparticipants"


@asynccontextmanager
async def a_crowd() -> AsyncIterator[Company]:
    """Twenty mailboxes, every switch on."""
    async with remote_stage(names=CROWD) as stage:
        yield Company(stage)


def written(log: RequestLog) -> list[str]:
    """The requests that change something."""
    return [f"{one.method} {one.path}" for one in log.entries if one.method != "GET" and "token" not in one.path]


# --- requests ---------------------------------------------------------------------------------------------------------
@pytest.mark.timeout(120)
async def test_a_meeting_of_twenty_is_edited_once() -> None:
    """1 Severa write in all, none in Graph; the other nineteen look at what changed and write nothing."""
    async with a_crowd() as us:
        meeting = us.meet("anna", *CROWD[1:])
        await us.settle(*CROWD)
        assert us.people(await one_of(us)) == ("anna", set(CROWD[1:]))
        made = [one for one in written(us.stage.severa.requests) if one.endswith("/activities")]
        assert len(made) == 1
        us.stage.quiet()
        us.graph.edit_event(meeting, subject="Budget")
        await us.settle(*CROWD)
        assert [one.split("/")[0] for one in written(us.stage.severa.requests)] == ["PATCH "]
        assert written(us.stage.graph.requests) == []
        assert us.stage.severa.participant_calls() == 0
        await one_of(us, "Budget")


async def test_an_idle_run_with_meetings() -> None:
    """1 delta request, no Severa request, however many meetings there are."""
    async with company() as us:
        for hour in range(5):
            us.meet("anna", "bert", subject=f"Board {hour}", start=TEN + hour * HOUR)
        await us.settle()
        await us.settle()
        for name in NAMES:
            us.stage.quiet()
            await us.stage.run(name)
            assert (us.stage.graph.requests.count(), us.stage.severa.requests.count()) == (1, 0), name


async def test_the_organizers_edit_in_outlook_costs_a_read_and_a_write() -> None:
    """The organizer's pair: 1 delta, 1 read and 1 write in Severa. An attendee's pair: 1 delta, nothing in Severa."""
    async with company() as us:
        meeting = us.meet("anna", "bert")
        await at_rest(us)
        us.graph.edit_event(meeting, location="Room 7")
        us.stage.quiet()
        await us.stage.run("anna")
        assert [one.method for one in us.stage.severa.requests.entries] == ["GET", "PATCH"]
        assert us.stage.graph.requests.count() <= 2
        us.stage.quiet()
        await us.stage.run("bert")
        assert us.stage.severa.requests.count() == 0
        assert us.stage.graph.requests.count() <= 2


async def test_no_participant_call_but_before_a_participant_write() -> None:
    """Membership comes from listings: each look at participants is followed by a change of them."""
    async with company() as us:
        meeting = us.meet("anna", "bert")
        await us.settle()
        us.graph.add_attendees(meeting, "carl@example.org")
        us.graph.edit_event(meeting, subject="Budget")
        await us.settle()
        us.severa.edit_activity((await one_of(us, "Budget")).guid, by=us.stage.users["bert"], name="Party")
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.decline(us.event(meeting, "bert").immutable_id)
        await us.settle()
        us.severa.edit_activity((await one_of(us, "Budget")).guid, by=us.stage.users["anna"], location="Room 7")
        us.stage.clock.advance(DAY)
        await us.settle()
        calls = [one.method for one in us.stage.severa.requests.entries if PEOPLE in one.path]
        assert calls.count("GET") == 3  # Bert comes, Carl comes, Bert goes.
        assert all(after != "GET" for before, after in zip(calls, [*calls[1:], "GET"], strict=True) if before == "GET")


async def test_people_outside_cost_severa_nothing() -> None:
    """Who has no mailbox here is not asked for in Severa."""
    async with company() as us:
        us.meet("anna", OUTSIDE, "otto@outside.example")
        us.stage.quiet()
        await us.settle()
        assert us.stage.severa.requests.count(contains="email=") == 0
        assert us.people(await one_of(us)) == ("anna", set())


# --- mails ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("attendees", [("bert",), ("bert", "carl"), ("bert", "carl", OUTSIDE)])
async def test_p34_one_mail_to_each_attendee_for_one_edit(attendees: tuple[str, ...]) -> None:
    """What Exchange sends for that one edit, once: a further look sends nothing."""
    async with company() as us:
        us.meet("anna", *attendees)
        await us.settle()
        assert us.mails == 0
        us.severa.edit_activity((await one_of(us)).guid, name="Budget", location="Room 7")
        us.stage.mailed = True
        await at_rest(us)
        await one_of(us, "Budget", mails=len(attendees))


@pytest.mark.parametrize("attendees", [("bert",), ("bert", "carl", OUTSIDE)])
async def test_p36_one_mail_to_each_attendee_for_a_deletion(attendees: tuple[str, ...]) -> None:
    """The cancellation, once."""
    async with company() as us:
        us.meet("anna", *attendees)
        us.graph.add_event(us.stage.mailboxes["anna"], "Lunch", TEN + 3 * HOUR, TEN + 4 * HOUR)
        await us.settle()
        us.stage.clock.advance(AGED)
        us.severa.remove_activity((await one_of(us)).guid)
        us.stage.mailed = True
        us.stage.clock.advance(DAY - 2 * HOUR)
        us.stage.clock.advance(HOUR)
        await at_rest(us)
        assert us.mails == len(attendees)
        assert us.events("anna") == ["Lunch"]


async def test_p33_a_first_sync_of_old_and_new_meetings() -> None:
    """Past and coming ones, matched and new ones: nobody is invited again."""
    async with company() as us:
        for number, days in enumerate((-20, -3, 1, 9)):
            us.meet("anna", "bert", OUTSIDE, subject=f"Board {number}", start=TEN + timedelta(days=days))
        us.severa.add_activity(
            us.stage.users["anna"], "Board 2", TEN + timedelta(days=1), TEN + timedelta(days=1, hours=1)
        )
        await at_rest(us, "bert", "anna", "carl")
        assert sorted(one.name for one in us.activities()) == [f"Board {number}" for number in range(4)]
        assert us.mails == 0


async def test_p35_a_series_with_exceptions_sends_nothing() -> None:
    """Imported, edited by its organizer in Outlook, declined on a date: no mail is ours."""
    async with company() as us:
        recurs = {"pattern": weekly(), "range": {"type": "numbered", "numberOfOccurrences": 5}}
        box, start = us.stage.mailboxes["anna"], on(TUESDAY)
        invited = ["bert@example.org", OUTSIDE]
        meeting = us.graph.organize_meeting(box, "Board", start, start + HOUR, attendees=invited, recurrence=recurs)
        us.graph.edit_occurrence(meeting, nth(1), subject="Budget")
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.cancel_occurrence(meeting, nth(3))
        us.graph.decline(us.event(meeting, "bert").immutable_id, nth(2))
        await at_rest(us)
        assert us.mails == 0


async def test_p43_answers_of_attendees_write_nothing() -> None:
    """The organizer's event moves with every answer; nothing follows from it."""
    async with company() as us:
        meeting = us.meet("anna", "bert", "carl")
        await at_rest(us)
        us.graph.accept(us.event(meeting, "bert").immutable_id)
        us.graph.accept(us.event(meeting, "carl").immutable_id, tentatively=True)
        us.stage.quiet()
        await us.settle()
        assert written(us.stage.severa.requests) == []
        assert written(us.stage.graph.requests) == []
        assert us.mails == 0
