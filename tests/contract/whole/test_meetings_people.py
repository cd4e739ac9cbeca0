"""Who is in a meeting, and how it ends for each of them (R13 to R16; peers.md P02, P06, P25, P27, P31, P33 to P39)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.usecases.hints import note_activity_changed
from tests.contract.whole.meeting import HOUR, NAMES, TEN, company
from tests.contract.whole.settled import AGED, DAY, at_rest, has, one_of

GROUP = "everybody@example.org"


# --- whom an invitation means -----------------------------------------------------------------------------------------
async def test_an_attendee_is_invited_by_a_secondary_address() -> None:
    """R1: any address of their mailbox means that user."""
    async with company() as us:
        us.graph.change_mailbox_of_address("b.smith@example.org", us.stage.mailboxes["bert"])
        us.meet("anna", "b.smith@example.org")
        await at_rest(us, "anna", "bert", "carl")
        activity = await one_of(us)
        assert us.people(activity) == ("anna", {"bert"})
        assert [has(us, name) for name in NAMES] == [1, 1, 0]


async def test_an_organizer_is_known_by_a_secondary_address() -> None:
    """An attendee who is synchronized first finds the owner all the same."""
    async with company("bert") as us:
        us.graph.change_mailbox_of_address("anna@old.example.org", us.stage.mailboxes["anna"])
        event = us.graph.event_of_meeting(us.meet("anna", "bert"), us.stage.mailboxes["bert"])
        us.graph.edit_event(event.immutable_id, organizer="anna@old.example.org")
        await us.settle("bert", "anna")
        await at_rest(us, "bert", "anna")
        assert us.people(await one_of(us)) == ("anna", {"bert"})


async def test_an_attendee_who_is_no_user() -> None:
    """Rooms, people outside and users of no mailbox are no participants (R22)."""
    async with company() as us:
        us.stage.severa.people.add_user(us.stage.severa_company, "Dora", "dora@example.org")
        us.meet("anna", "bert", "dora@example.org", "olga@outside.example", "room7@example.org")
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", {"bert"})


async def test_an_attendee_of_another_company_of_severa() -> None:
    """One company never reaches another's people: they are known only where they are users."""
    async with company() as us:
        other = us.stage.severa.people.add_company("Other", client_id="other", client_secret="x")
        us.stage.severa.people.add_user(other, "Erik", "erik@example.org")
        us.graph.add_mailbox(us.stage.tenant, "erik@example.org")
        us.meet("anna", "bert", "erik@example.org")
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", {"bert"})


@pytest.mark.parametrize("order", [("anna", "bert", "carl"), ("carl", "anna", "bert")])
async def test_an_attendee_is_invited_by_a_distribution_list(order: tuple[str, ...]) -> None:
    """No list names them, but their own mailbox holds the meeting: they take part, and stay in it."""
    async with company() as us:
        meeting = us.meet("anna", "bert", GROUP)
        of_anna = us.event(meeting, "anna")
        more = {"ical_uid": of_anna.ical_uid, "organizer": "anna@example.org", "attendees": ["bert@example.org", GROUP]}
        us.graph.add_event(us.stage.mailboxes["carl"], "Board", TEN, TEN + HOUR, **more)
        await at_rest(us, *order)
        assert us.people(await one_of(us)) == ("anna", {"bert", "carl"})
        us.graph.remove_attendees(meeting, "bert@example.org")
        us.stage.clock.advance(AGED)
        await at_rest(us, *order)
        assert us.people(await one_of(us)) == ("anna", {"carl"})
        us.graph.edit_event(meeting, location="Room 7")
        await at_rest(us, *order)
        assert [has(us, name) for name in NAMES] == [1, 0, 1]


# --- recognized -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("order", [("anna", "bert", "carl"), ("bert", "anna", "carl")])
async def test_severa_has_the_organizers_activity_already(order: tuple[str, ...]) -> None:
    """R6: whoever is synchronized first, the meeting is that activity; nothing is made or doubled."""
    async with company() as us:
        made = us.severa.add_activity(us.stage.users["anna"], "Board", TEN, TEN + HOUR)
        us.meet("anna", "bert")
        await at_rest(us, *order)
        activity = await one_of(us)
        assert activity.guid == made.guid
        assert us.people(activity) == ("anna", {"bert"})
        assert [has(us, name) for name in NAMES] == [1, 1, 0]


async def test_severa_has_an_attendees_activity_already() -> None:
    """The same, where the attendee comes first; it becomes the organizer's."""
    async with company() as us:
        made = us.severa.add_activity(us.stage.users["bert"], "Board", TEN, TEN + HOUR)
        us.meet("anna", "bert")
        await at_rest(us, "bert", "anna", "carl")
        activity = await one_of(us)
        assert (activity.guid, us.people(activity)) == (made.guid, ("anna", {"bert"}))
        assert [has(us, name) for name in NAMES] == [1, 1, 0]


async def test_an_attendees_activity_is_like_the_organizers_meeting() -> None:
    """The meeting is an activity already when the attendee comes: theirs stays in Severa, without an event beside."""
    async with company() as us:
        us.severa.add_activity(us.stage.users["bert"], "Board", TEN, TEN + HOUR)
        us.meet("anna", "bert")
        await at_rest(us, "anna", "bert", "carl")
        assert sorted(us.people(one)[0] for one in us.activities()) == ["anna", "bert"]
        assert [has(us, name) for name in NAMES] == [1, 1, 0]
        assert us.mails == 0


async def test_severa_has_the_same_shared_activity_already() -> None:
    """The same, where both are in it before anybody synchronizes."""
    async with company() as us:
        anna, bert, carl = (us.stage.users[name] for name in NAMES)
        us.severa.add_activity(anna, "Board", TEN, TEN + HOUR, participants=[bert, carl])
        us.meet("anna", "bert")
        await at_rest(us)
        activity = await one_of(us)
        assert us.people(activity) == ("anna", {"bert", "carl"})
        assert [has(us, name) for name in NAMES] == [1, 1, 1]


async def test_p02_everybody_has_an_activity_of_their_own_already() -> None:
    """Earlier syncs may have left one each: those that are nobody's meeting stay as they are, and are not doubled."""
    async with company() as us:
        for name in ("anna", "bert"):
            us.severa.add_activity(us.stage.users[name], "Board", TEN, TEN + HOUR)
        us.meet("anna", "bert")
        await at_rest(us)
        assert sum(one.name == "Board" for one in us.activities()) == 2
        assert [has(us, name) for name in NAMES] == [1, 1, 0]
        assert us.mails == 0


# --- somebody goes ----------------------------------------------------------------------------------------------------
async def test_p25_an_attendee_is_not_invited_any_more() -> None:
    """Their event stays as "Canceled: ..."; the activity stays for the others."""
    async with company() as us:
        meeting = us.meet("anna", "bert", "carl")
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.remove_attendees(meeting, "bert@example.org")
        await at_rest(us, "bert", "anna", "carl")
        assert us.people(await one_of(us)) == ("anna", {"carl"})


async def test_an_attendee_goes_and_is_invited_again() -> None:
    """They are in it again, by their own event; nothing is made beside it."""
    async with company() as us:
        meeting = us.meet("anna", "bert", "carl")
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.decline(us.event(meeting, "bert").immutable_id)
        await us.settle()
        assert us.people(await one_of(us)) == ("anna", {"carl"})
        us.stage.clock.advance(AGED)
        us.graph.remove_attendees(meeting, "bert@example.org")
        await us.settle()
        us.graph.add_attendees(meeting, "bert@example.org")
        us.stage.clock.advance(AGED)
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", {"bert", "carl"})
        assert [has(us, name) for name in NAMES] == [1, 1, 1]


@pytest.mark.parametrize("stays", [True, False])
async def test_p26_a_meeting_of_somebody_outside_is_cancelled(stays: bool) -> None:  # noqa: FBT001
    """Whether its event stays marked as cancelled or goes: the last mailbox takes the activity along."""
    async with company() as us:
        us.stage.graph.options.cancellations_remove = not stays
        meeting = us.invited("bert", "carl")
        us.graph.add_event(us.stage.mailboxes["bert"], "Lunch", TEN + 3 * HOUR, TEN + 4 * HOUR)
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.cancel_meeting(meeting)
        await at_rest(us)
        assert [one.name for one in us.activities()] == ["Lunch"]
        assert us.mails == 0


async def test_the_lead_of_a_meeting_from_outside_goes() -> None:
    """R13: the say is passed on with the ownership, so a later change of the meeting still arrives."""
    async with company() as us:
        meeting = us.invited("bert", "carl")
        await us.settle("bert", "carl", "anna")
        us.stage.clock.advance(AGED)
        us.graph.decline(us.event(meeting, "bert").immutable_id)
        await us.settle()
        us.graph.edit_event(meeting, subject="Budget")
        await at_rest(us)
        # Exchange sends who has declined the update: it is in that mailbox again, unanswered.
        assert us.people(await one_of(us, "Budget")) == ("carl", {"bert"})
        assert [has(us, name, "Budget") for name in NAMES] == [0, 1, 1]


async def test_the_lead_and_another_decline_in_one_moment() -> None:
    """Whoever is last takes the activity along."""
    async with company() as us:
        meeting = us.invited("bert", "carl")
        us.graph.add_event(us.stage.mailboxes["bert"], "Lunch", TEN + 3 * HOUR, TEN + 4 * HOUR)
        await us.settle()
        us.stage.clock.advance(AGED)
        for name in ("bert", "carl"):
            us.graph.decline(us.event(meeting, name).immutable_id)
        await at_rest(us)
        assert [one.name for one in us.activities()] == ["Lunch"]


async def test_work_hours_keep_an_activity() -> None:
    """R19: an activity with work hours is never deleted, though its organizer cancels."""
    async with company() as us:
        meeting = us.meet("anna", "bert")
        await us.settle()
        us.severa.edit_activity((await one_of(us)).guid, has_hours=True)
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.cancel_meeting(meeting)
        await at_rest(us)
        await one_of(us)


@pytest.mark.parametrize("order", [("anna", "bert", "carl"), ("bert", "carl", "anna")])
async def test_somebody_else_takes_a_meeting_over(order: tuple[str, ...]) -> None:
    """Exchange cancels the old meeting and makes a new one: so do we. No copy, no mail of ours."""
    async with company() as us:
        meeting = us.meet("anna", "bert", "carl")
        us.graph.add_event(us.stage.mailboxes["anna"], "Lunch", TEN + 3 * HOUR, TEN + 4 * HOUR)
        await us.settle()
        us.stage.clock.advance(AGED)
        us.stage.graph.options.cancellations_remove = True
        us.graph.change_organizer(meeting, us.stage.mailboxes["bert"])
        await at_rest(us, *order)
        assert us.people(await one_of(us)) == ("bert", {"anna", "carl"})
        assert [has(us, name) for name in NAMES] == [1, 1, 1]


async def test_p26_an_old_meeting_leaves_the_mailbox() -> None:
    """Archiving is not deleting: what ended more than a week ago stays in Severa, whoever's event goes."""
    async with company() as us:
        old = TEN - timedelta(days=20)
        meeting = us.meet("anna", "bert", start=old)
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.delete_event(us.event(meeting, "bert").immutable_id)
        await us.settle()
        us.graph.delete_event(us.event(meeting, "anna").immutable_id)
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", {"bert"})


async def test_the_one_who_has_the_say_is_taken_off_in_severa() -> None:
    """R13: somebody outside organizes it, so the say is passed on, and later changes still arrive."""
    async with company() as us:
        meeting = us.invited("bert", "carl")
        await us.settle("bert", "carl", "anna")
        us.stage.clock.advance(AGED)
        us.severa.change_owner((await one_of(us)).guid, us.stage.users["carl"])
        us.stage.clock.advance(DAY)
        await us.settle()
        us.graph.edit_event(meeting, subject="Budget")
        await at_rest(us)
        assert us.people(await one_of(us, "Budget")) == ("carl", set())


@pytest.mark.parametrize("removes", [True, False])
async def test_a_passive_attendee_is_taken_off_before_the_cancellation_arrives(removes: bool) -> None:  # noqa: FBT001
    """Off the activity while the event is still there; invited once more, they are in it, and may decline."""
    async with company("anna", "carl") as us:
        us.stage.graph.options.cancellations_remove = removes
        meeting = us.meet("anna", "bert", start=TEN + timedelta(days=9))
        await us.settle()
        us.stage.clock.advance(AGED)
        us.severa.remove_participant((await one_of(us)).guid, us.stage.users["bert"])
        us.stage.clock.advance(DAY)
        await us.settle()
        us.graph.remove_attendees(meeting, "bert@example.org")
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", set())
        us.stage.clock.advance(AGED)
        us.graph.add_attendees(meeting, "bert@example.org")
        us.stage.clock.advance(AGED)
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", {"bert"})
        us.graph.decline(us.event(meeting, "bert").immutable_id)
        await note_activity_changed(us.stage.ports, us.stage.company, us.user("anna"), (await one_of(us)).guid)
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", set())


async def test_the_write_lock_after_somebody_left() -> None:
    """It is given back, though their leaving changed the activity's row: nobody else has to wait."""
    async with company() as us:
        meeting = us.meet("anna", "bert")
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.decline(us.event(meeting, "bert").immutable_id)
        await us.stage.run("bert")
        found = await one_of(us)
        assert us.people(found) == ("anna", set())
        row = await us.stage.ports.companies.activity(us.stage.company, found.guid)
        assert (row.locked_by, row.locked_until) == ("", None)


async def test_p27_somebody_passive_declines() -> None:
    """No scan shows it and nothing else moves: the daily look at what they share sees it, and writes once (R15)."""
    async with company("anna", "carl") as us:
        meeting = us.meet("anna", "bert", start=TEN + timedelta(days=9))
        await us.settle()
        us.stage.clock.advance(DAY)
        us.stage.quiet()
        await at_rest(us)
        us.graph.decline(us.event(meeting, "bert").immutable_id)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", set())


async def test_p46_only_the_attendees_change() -> None:
    """Nothing else of the meeting does: somebody whose mailbox is not scanned is in it, and out of it, all the same."""
    async with company("anna", "carl") as us:
        meeting = us.meet("anna", "carl")
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.add_attendees(meeting, "bert@example.org")
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", {"bert", "carl"})
        us.stage.clock.advance(AGED)
        us.graph.remove_attendees(meeting, "bert@example.org")
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", {"carl"})
