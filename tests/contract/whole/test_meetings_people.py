"""Who is in a meeting, and how it ends for each of them (R13 to R16; peers.md P02, P06, P25, P27, P31, P33 to P39)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.company import MeetingEdits
from core.usecases.settings import save_settings
from tests.contract.whole.meeting import HOUR, NAMES, TEN, Company, company
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


async def test_p42_an_organizer_is_not_asked_twice() -> None:
    """A meeting whose activity was deleted in Severa while its edits may not travel rests, however often it is seen."""
    async with company() as us:
        meeting = us.meet("anna", "bert")
        await _may_not_edit(us)
        await us.settle()
        us.stage.clock.advance(AGED)
        us.severa.add_activity(us.stage.users["anna"], "Other", TEN + 5 * HOUR, TEN + 6 * HOUR)
        us.severa.remove_activity((await one_of(us)).guid)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert [one.name for one in us.activities()] == ["Other"]
        us.graph.edit_event(meeting, location="Room 7")
        await at_rest(us)
        assert [one.name for one in us.activities()] == ["Other"]
        assert (has(us, "anna"), has(us, "bert"), us.mails) == (1, 1, 0)


async def _may_not_edit(us: Company) -> None:
    ports = us.stage.ports
    settings, tag = await ports.companies.settings(us.stage.company)
    await save_settings(ports, us.stage.company, replace(settings, meeting_edits=MeetingEdits.NEVER), tag)


# --- edits that do not travel -----------------------------------------------------------------------------------------
async def test_the_company_forbids_edits_of_meetings() -> None:
    """Setting `meeting_edits: never`: even the organizer's edit in Severa is set back."""
    async with company() as us:
        us.meet("anna", "bert")
        await _may_not_edit(us)
        await us.settle()
        us.severa.edit_activity((await one_of(us)).guid, name="Party")
        await at_rest(us)
        await one_of(us, "Board")
        assert "meeting_set_back" in await us.told("anna")


async def test_p33_a_meeting_of_the_past_is_edited_in_severa() -> None:
    """R16 is for meetings still to come: nobody is mailed about what is over; the edit is set back."""
    async with company() as us:
        past = TEN - timedelta(days=5)
        us.meet("anna", "bert", start=past)
        await us.settle()
        us.severa.edit_activity((await one_of(us)).guid, notes="minutes", name="Minutes")
        await at_rest(us)
        await one_of(us, "Board")
        assert "meeting_set_back" in await us.told("anna")


async def test_a_meeting_of_the_past_is_deleted_in_severa() -> None:
    """It stays in Outlook, and nobody is told that it was cancelled."""
    async with company() as us:
        us.meet("anna", "bert", start=TEN - timedelta(days=5))
        us.graph.add_event(us.stage.mailboxes["anna"], "Lunch", TEN + 3 * HOUR, TEN + 4 * HOUR)
        await us.settle()
        us.stage.clock.advance(AGED)
        us.severa.remove_activity((await one_of(us)).guid)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert [us.events(name) for name in NAMES] == [["Board", "Lunch"], ["Board"], []]
        assert us.mails == 0


async def test_p45_an_attendees_own_event_says_nothing() -> None:
    """Their subject and reminder are their own: neither Severa nor the organizer's event follows."""
    async with company() as us:
        meeting = us.meet("anna", "bert")
        await us.settle()
        us.graph.edit_event(us.event(meeting, "bert").immutable_id, subject="Boring", location="Bed")
        await at_rest(us)
        activity = await one_of(us)
        assert (activity.name, activity.location or "") == ("Board", "")
        assert us.event(meeting, "anna").subject == "Board"


async def test_both_edit_at_once() -> None:
    """The attendee's edit in Severa loses to the organizer's in Outlook, and is told."""
    async with company() as us:
        meeting = us.meet("anna", "bert")
        await us.settle()
        us.severa.edit_activity((await one_of(us)).guid, by=us.stage.users["bert"], name="Party", location="Bar")
        us.graph.edit_event(meeting, subject="Budget")
        await at_rest(us)
        activity = await one_of(us, "Budget")
        assert (activity.location or "") == ""
        lost = [one.note.values for one in await us.history("anna") if one.note.code == "meeting_set_back"]
        assert [dict(one) for one in lost] == [{"subject": "Party", "location": "Bar"}]


async def test_p62_an_online_meeting_is_edited_in_severa() -> None:
    """The link to join, and its block in the text, survive the organizer's edit: the text is not written."""
    async with company() as us:
        meeting = us.meet("anna", "bert", online=True, body="Agenda")
        await us.settle()
        before = us.event(meeting, "anna")
        us.severa.edit_activity((await one_of(us)).guid, name="Budget", notes="Agenda, second draft")
        await at_rest(us)
        after = us.event(meeting, "anna")
        assert (after.join_url, after.document) == (before.join_url, before.document)
        assert (after.subject, us.event(meeting, "bert").subject, us.mails) == ("Budget", "Budget", 1)


# --- private ----------------------------------------------------------------------------------------------------------
async def test_p59_a_private_meeting() -> None:
    """R10: of type Personal; its people are in it, since Exchange invited them."""
    async with company() as us:
        meeting = us.meet("anna", "bert", sensitivity="private")
        await at_rest(us)
        activity = await one_of(us)
        kinds = {kind.guid: kind.category for kind in us.severa.types_of(us.stage.severa_company)}
        assert kinds[activity.type] == "Personal"
        assert us.people(activity) == ("anna", {"bert"})
        us.graph.edit_event(meeting, sensitivity="normal")
        await at_rest(us)
        assert kinds[(await one_of(us)).type] == "CalendarEntry"


async def test_p60_a_private_meeting_without_a_personal_type() -> None:
    """It is masked, for the organizer and the attendee alike, and no edit of the mask reaches anybody."""
    async with company() as us:
        [personal] = [k for k in us.severa.types_of(us.stage.severa_company) if k.category == "Personal"]
        us.severa.edit_activity_type(personal, is_active=False)
        meeting = us.meet("anna", "bert", sensitivity="private", body="Secret", location="Room 7")
        await at_rest(us)
        activity = await one_of(us, "Private")
        assert (activity.notes or "", activity.location or "") == ("", "")
        us.severa.edit_activity(activity.guid, name="What is it?")
        await at_rest(us)
        assert us.event(meeting, "anna").subject == us.event(meeting, "bert").subject == "Board"
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


# --- people added in Severa, and copies -------------------------------------------------------------------------------
async def _with_carl(us: Company) -> str:
    """Anna meets Bert; in Severa somebody adds Carl, who gets a copy. The meeting."""
    meeting = us.meet("anna", "bert")
    us.graph.add_event(us.stage.mailboxes["carl"], "Lunch", TEN + 3 * HOUR, TEN + 4 * HOUR)
    await us.settle()
    us.severa.add_participant((await one_of(us)).guid, us.stage.users["carl"])
    us.stage.clock.advance(DAY)
    await us.settle()
    assert has(us, "carl") == 1
    us.stage.clock.advance(AGED)
    return meeting


def _copy_of(us: Company, name: str, subject: str = "Board") -> str:
    [copy] = [one for one in us.graph.events_of(us.stage.mailboxes[name]) if one.subject == subject]
    return str(copy.immutable_id)


async def test_a_person_added_in_severa_deletes_their_copy() -> None:
    """R15: it takes them off; meeting, activity and everybody else's events stay."""
    async with company() as us:
        await _with_carl(us)
        us.graph.delete_event(_copy_of(us, "carl"))
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", {"bert"})
        assert [has(us, name) for name in NAMES] == [1, 1, 0]


async def test_a_person_added_in_severa_edits_their_copy() -> None:
    """R16: everybody else's edit is set back, in Severa and so in the copy; it is told. The meeting is not written."""
    async with company() as us:
        meeting = await _with_carl(us)
        us.graph.edit_event(_copy_of(us, "carl"), subject="Party")
        await at_rest(us)
        await one_of(us, "Board")
        assert us.event(meeting, "anna").subject == "Board"
        assert [has(us, name) for name in NAMES] == [1, 1, 1]
        assert {"meeting_set_back", "conflict_subject"} & {*await us.told("anna"), *await us.told("carl")}


async def test_a_person_added_in_severa_is_invited() -> None:
    """The invitation takes the place of the copy: one event in their mailbox."""
    async with company() as us:
        meeting = await _with_carl(us)
        us.graph.add_attendees(meeting, "carl@example.org")
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", {"bert", "carl"})
        assert [has(us, name) for name in NAMES] == [1, 1, 1]


async def test_the_organizer_cancels_a_meeting_with_somebody_added_in_severa() -> None:
    """Their copy goes with the activity."""
    async with company() as us:
        meeting = await _with_carl(us)
        us.stage.graph.options.cancellations_remove = True
        us.graph.cancel_meeting(meeting)
        us.stage.clock.advance(AGED)
        await at_rest(us)
        assert [us.events(name) for name in NAMES] == [[], [], ["Lunch"]]
        assert [one.name for one in us.activities()] == ["Lunch"]


async def test_p39_the_owner_of_a_copy_invites_people_to_it() -> None:
    """Our copy becomes a meeting: still one activity; who is invited takes part, and gets no copy beside."""
    async with company() as us:
        us.severa.add_activity(us.stage.users["anna"], "Visit", TEN, TEN + HOUR, location="Turku")
        await us.settle()
        us.stage.clock.advance(AGED)
        copy = _copy_of(us, "anna", "Visit")
        us.graph.add_attendees(copy, "bert@example.org", "olga@outside.example")
        await at_rest(us)
        assert us.people(await one_of(us, "Visit")) == ("anna", {"bert"})
        assert [has(us, name, "Visit") for name in NAMES] == [1, 1, 0]
        us.graph.edit_event(copy, subject="Site visit")
        await at_rest(us)
        await one_of(us, "Site visit")
        assert [has(us, name, "Site visit") for name in NAMES] == [1, 1, 0]


async def test_the_owner_of_a_shared_activity_invites_its_participants() -> None:
    """Bert had a copy, and gets an invitation: it takes the copy's place."""
    async with company() as us:
        made = us.severa.add_activity(
            us.stage.users["anna"], "Visit", TEN, TEN + HOUR, participants=[us.stage.users["bert"]]
        )
        us.stage.clock.advance(DAY)
        await us.settle()
        assert has(us, "bert", "Visit") == 1
        us.stage.clock.advance(AGED)
        us.graph.add_attendees(_copy_of(us, "anna", "Visit"), "bert@example.org")
        await at_rest(us)
        assert us.people(us.severa.activity(made.guid)) == ("anna", {"bert"})
        await one_of(us, "Visit")
        assert [has(us, name, "Visit") for name in NAMES] == [1, 1, 0]


async def test_p38_a_participant_invites_people_to_their_copy() -> None:
    """Bert's copy of Anna's activity becomes his meeting: the activity stays Anna's, nobody is mailed by us."""
    async with company() as us:
        us.severa.add_activity(us.stage.users["anna"], "Visit", TEN, TEN + HOUR, participants=[us.stage.users["bert"]])
        us.stage.clock.advance(DAY)
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.add_attendees(_copy_of(us, "bert", "Visit"), "carl@example.org")
        await at_rest(us)
        activity = await one_of(us, "Visit")
        assert [has(us, name, "Visit") for name in NAMES] == [1, 1, 1]
        assert {us.people(activity)[0], *us.people(activity)[1]} == {"anna", "bert", "carl"}


async def test_the_owner_deletes_their_copy_of_a_shared_activity() -> None:
    """R15: for Severa's own activities the owner's copy is the activity: it goes for everybody."""
    async with company() as us:
        us.severa.add_activity(us.stage.users["anna"], "Visit", TEN, TEN + HOUR, participants=[us.stage.users["bert"]])
        us.graph.add_event(us.stage.mailboxes["bert"], "Lunch", TEN + 3 * HOUR, TEN + 4 * HOUR)
        us.stage.clock.advance(DAY)
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.delete_event(_copy_of(us, "anna", "Visit"))
        await at_rest(us)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert [us.events(name) for name in NAMES] == [[], ["Lunch"], []]
        assert [one.name for one in us.activities()] == ["Lunch"]


async def test_a_shared_activity_gets_another_owner() -> None:
    """Both keep their copies, and each edit still reaches both."""
    async with company() as us:
        anna, bert = us.stage.users["anna"], us.stage.users["bert"]
        made = us.severa.add_activity(anna, "Visit", TEN, TEN + HOUR, participants=[bert])
        us.stage.clock.advance(DAY)
        await us.settle()
        us.severa.change_owner(made.guid, bert, stays=True)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        us.graph.edit_event(_copy_of(us, "anna", "Visit"), subject="Site visit")
        await at_rest(us)
        await one_of(us, "Site visit")
        assert [has(us, name, "Site visit") for name in NAMES] == [1, 1, 0]


async def test_a_holder_of_a_shared_activity_leaves_it_in_severa() -> None:
    """Who leaves loses our copy; the others keep theirs."""
    async with company() as us:
        bert, carl = us.stage.users["bert"], us.stage.users["carl"]
        made = us.severa.add_activity(us.stage.users["anna"], "Visit", TEN, TEN + HOUR, participants=[bert, carl])
        us.graph.add_event(us.stage.mailboxes["bert"], "Lunch", TEN + 3 * HOUR, TEN + 4 * HOUR)
        us.stage.clock.advance(DAY)
        await us.settle()
        us.stage.clock.advance(AGED)
        us.severa.remove_participant(made.guid, bert)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert [us.events(name) for name in NAMES] == [["Visit"], ["Lunch"], ["Visit"]]
        us.severa.add_participant(made.guid, bert)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert [us.events(name) for name in NAMES] == [["Visit"], ["Lunch", "Visit"], ["Visit"]]


async def test_an_attendee_is_taken_off_in_severa() -> None:
    """Their own event stays (it is Exchange's), and does not bring them back by itself."""
    async with company() as us:
        meeting = us.meet("anna", "bert", "carl")
        await us.settle()
        us.stage.clock.advance(AGED)
        us.severa.remove_participant((await one_of(us)).guid, us.stage.users["bert"])
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", {"carl"})
        us.graph.edit_event(meeting, location="Room 7")
        await at_rest(us)
        assert us.people(await one_of(us)) == ("anna", {"carl"})
        assert has(us, "bert") == 1
