"""One meeting is one activity, however many mailboxes hold it (R13 to R16), with real adapters on the simulators."""

from datetime import timedelta

import pytest

from tests.contract.whole.meeting import HOUR, NAMES, TEN, company


# --- one meeting, one activity ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("order", [("anna", "bert", "carl"), ("carl", "bert", "anna"), ("bert", "anna", "carl")])
async def test_p31_a_meeting_of_three(order: tuple[str, ...]) -> None:
    """Whoever is synchronized first: one activity of the organizer's, the others take part; nobody is mailed."""
    async with company() as us:
        us.meet("anna", "bert", "carl")
        await us.settle(*order)
        [activity] = us.activities()
        assert us.people(activity) == ("anna", {"bert", "carl"})
        assert [us.events(name) for name in NAMES] == [["Board"]] * 3
        assert us.mails == 0
        await us.stage.settle(*order)
        us.stage.quiet()
        await us.settle(*order)
        assert us.stage.severa.requests.count("POST", "/activities") == 0


async def test_a_meeting_of_somebody_outside() -> None:
    """Owner is the first synced attendee, the other one takes part."""
    async with company() as us:
        us.invited("bert", "carl")
        await us.settle("bert", "carl", "anna")
        [activity] = us.activities()
        assert us.people(activity) == ("bert", {"carl"})
        assert us.mails == 0


async def test_only_the_organizer_has_the_sync_on() -> None:
    """R4: the attendees' passive pairs are linked to their own events; they get no copies."""
    async with company("anna") as us:
        us.meet("anna", "bert", "carl")
        await us.settle("anna")
        await us.settle("anna", "bert", "carl")
        [activity] = us.activities()
        assert us.people(activity) == ("anna", {"bert", "carl"})
        assert [us.events(name) for name in NAMES] == [["Board"]] * 3


async def test_only_an_attendee_has_the_sync_on() -> None:
    """The organizer is a user, so the activity is theirs, and their event, not scanned, has the say."""
    async with company("carl") as us:
        meeting = us.meet("anna", "bert", "carl")
        await us.settle("carl")
        await us.settle("carl", "anna", "bert")
        [activity] = us.activities()
        assert us.people(activity) == ("anna", {"bert", "carl"})
        us.graph.edit_event(meeting, subject="Budget")
        await us.settle("carl", "anna")
        assert [one.name for one in us.activities()] == ["Budget"]
        assert us.mails == 0


# --- edits ------------------------------------------------------------------------------------------------------------
async def test_the_organizer_edits_in_outlook() -> None:
    """The activity follows; attendees' own events write nothing."""
    async with company() as us:
        meeting = us.meet("anna", "bert")
        await us.settle()
        us.graph.edit_event(meeting, subject="Budget", location="Room 7")
        us.graph.move_event(meeting, TEN + HOUR, TEN + 2 * HOUR)
        await us.settle()
        [activity] = us.activities()
        assert (activity.name, activity.location) == ("Budget", "Room 7")
        assert activity.start == TEN + HOUR
        assert us.mails == 0


async def test_the_organizer_edits_in_severa() -> None:
    """R16: Exchange tells the attendees, as if the edit had been made in Outlook."""
    async with company() as us:
        meeting = us.meet("anna", "bert", "carl")
        await us.settle()
        us.stage.mailed = True
        us.severa.edit_activity(us.activities()[0].guid, by=us.stage.users["anna"], name="Budget")
        await us.settle()
        assert [us.event(meeting, name).subject for name in NAMES] == ["Budget"] * 3
        assert us.mails == 2
        await us.settle()
        assert us.mails == 2


async def test_an_attendee_edits_in_severa() -> None:
    """Everybody else's edit is set back in Severa and kept in history; nothing is written to the meeting."""
    async with company() as us:
        meeting = us.meet("anna", "bert")
        await us.settle()
        us.severa.edit_activity(us.activities()[0].guid, by=us.stage.users["bert"], name="Party")
        await us.settle()
        assert us.activities()[0].name == "Board"
        assert us.event(meeting, "anna").subject == "Board"
        assert "meeting_set_back" in await us.told("anna")
        assert us.mails == 0


async def test_an_edit_of_a_meeting_organized_elsewhere() -> None:
    """It is set back, whoever made it."""
    async with company() as us:
        us.invited("bert")
        await us.settle()
        us.severa.edit_activity(us.activities()[0].guid, by=us.stage.users["bert"], name="Party")
        await us.settle()
        assert us.activities()[0].name == "Board"
        assert await us.told("bert") == ["meeting_set_back"]


# --- people -----------------------------------------------------------------------------------------------------------
async def test_p46_attendees_come_and_go() -> None:
    """Who is invited takes part, who is invited no more does not; a person added in Severa stays and gets a copy."""
    async with company() as us:
        meeting = us.meet("anna", "bert")
        await us.settle()
        us.graph.add_attendees(meeting, "carl@example.org")
        await us.settle()
        [activity] = us.activities()
        assert us.people(activity) == ("anna", {"bert", "carl"})
        us.graph.remove_attendees(meeting, "bert@example.org")
        us.stage.clock.advance(timedelta(minutes=30))
        await us.settle()
        assert us.people(us.activities()[0]) == ("anna", {"carl"})
        assert us.mails == 0


async def test_a_person_added_in_severa() -> None:
    """R14: nobody invited them, so they get a copy; it follows, and goes with them."""
    async with company() as us:
        meeting = us.meet("anna", "bert")
        await us.settle()
        [activity] = us.activities()
        us.severa.add_participant(activity.guid, us.stage.users["carl"])
        us.severa.add_activity(us.stage.users["carl"], "Lunch", TEN + 3 * HOUR, TEN + 4 * HOUR)
        us.stage.clock.advance(timedelta(hours=25))
        await us.settle()
        assert us.events("carl") == ["Board", "Lunch"]
        us.graph.edit_event(meeting, subject="Budget")
        await us.settle()
        assert us.events("carl") == ["Budget", "Lunch"]
        assert us.people(us.severa.activity(activity.guid)) == ("anna", {"bert", "carl"})
        us.stage.clock.advance(timedelta(minutes=30))
        us.severa.remove_participant(activity.guid, us.stage.users["carl"])
        us.stage.clock.advance(timedelta(hours=25))
        await us.settle()
        assert us.events("carl") == ["Lunch"]
        assert us.mails == 0


async def test_an_invitation_that_has_not_arrived() -> None:
    """R14: who is invited gets no copy meanwhile; when it comes, it is linked."""
    async with company() as us:
        us.meet("anna", "bert", held=["bert@example.org"])
        await us.settle()
        us.stage.clock.advance(timedelta(hours=25))
        await us.settle()
        assert us.events("bert") == []
        us.graph.deliver_invitations(us.stage.mailboxes["bert"])
        us.stage.clock.advance(timedelta(hours=1))
        await us.settle()
        assert us.events("bert") == ["Board"]
        assert len(us.activities()) == 1


# --- going ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("how", ["decline", "delete"])
async def test_p27_an_attendee_goes(how: str) -> None:
    """R15: it concerns that person alone."""
    async with company() as us:
        meeting = us.meet("anna", "bert", "carl")
        await us.settle()
        us.stage.clock.advance(timedelta(minutes=30))
        event = us.event(meeting, "bert").immutable_id
        us.graph.decline(event) if how == "decline" else us.graph.delete_event(event)
        await us.settle()
        assert us.people(us.activities()[0]) == ("anna", {"carl"})
        assert us.mails == 0


async def test_the_organizer_cancels() -> None:
    """The activity goes for everybody."""
    async with company() as us:
        meeting = us.meet("anna", "bert")
        us.graph.add_event(us.stage.mailboxes["anna"], "Lunch", TEN + 3 * HOUR, TEN + 4 * HOUR)
        await us.settle()
        us.stage.clock.advance(timedelta(minutes=30))
        us.graph.cancel_meeting(meeting)
        await us.settle()
        assert [one.name for one in us.activities()] == ["Lunch"]
        assert us.mails == 0


@pytest.mark.parametrize("order", [("anna", "bert", "carl"), ("bert", "carl", "anna")])
@pytest.mark.parametrize("names", [("anna", "bert", "carl"), ("anna", "carl")])
async def test_somebody_declined_before_anybody_looked(names: tuple[str, ...], order: tuple[str, ...]) -> None:
    """They are not brought into the activity, whether or not their switch is on."""
    async with company(*names) as us:
        meeting = us.meet("anna", "bert", "carl")
        us.graph.decline(us.event(meeting, "bert").immutable_id)
        await us.settle(*order)
        assert [us.people(one) for one in us.activities()] == [("anna", {"carl"})]
        us.stage.clock.advance(timedelta(hours=25))
        await us.settle(*order)
        assert [us.people(one) for one in us.activities()] == [("anna", {"carl"})]
        assert us.mails == 0


async def test_the_last_one_invited_by_somebody_outside_declines() -> None:
    """First the ownership passes on, then the activity goes."""
    async with company() as us:
        meeting = us.invited("bert", "carl")
        await us.settle("bert", "carl", "anna")
        us.stage.clock.advance(timedelta(minutes=30))
        us.graph.decline(us.event(meeting, "bert").immutable_id)
        await us.settle()
        assert us.people(us.activities()[0]) == ("carl", set())
        us.graph.decline(us.event(meeting, "carl").immutable_id)
        us.stage.clock.advance(timedelta(minutes=30))
        await us.settle()
        assert us.activities() == []


async def test_p36_the_organizer_deletes_in_severa() -> None:
    """R16, P36: a coming meeting is cancelled, and Exchange tells the attendees, once: not again weeks later."""
    async with company() as us:
        us.meet("anna", "bert", "carl")
        us.graph.add_event(us.stage.mailboxes["anna"], "Lunch", TEN + 3 * HOUR, TEN + 4 * HOUR)
        await us.settle()
        us.stage.clock.advance(timedelta(minutes=30))
        [activity] = [one for one in us.activities() if one.name == "Board"]
        us.stage.mailed = True
        us.severa.remove_activity(activity.guid)
        us.stage.clock.advance(timedelta(hours=25))
        await us.settle()
        assert [us.events(name) for name in NAMES] == [["Lunch"], ["Canceled: Board"], ["Canceled: Board"]]
        assert us.mails == 2
        us.stage.clock.advance(timedelta(days=8))
        await us.settle()
        assert us.mails == 2


async def test_an_activity_of_a_meeting_organized_elsewhere_is_deleted() -> None:
    """Nothing is written to the meeting: it stays in Outlook, and does not come back in Severa."""
    async with company() as us:
        meeting = us.invited("bert")
        us.graph.add_event(us.stage.mailboxes["bert"], "Lunch", TEN + 3 * HOUR, TEN + 4 * HOUR)
        await us.settle()
        us.stage.clock.advance(timedelta(minutes=30))
        us.severa.remove_activity(next(one for one in us.activities() if one.name == "Board").guid)
        us.stage.clock.advance(timedelta(hours=25))
        await us.settle()
        assert us.event(meeting, "bert") is not None
        assert [one.name for one in us.activities()] == ["Lunch"]
        assert us.mails == 0


# --- shared activities of Severa --------------------------------------------------------------------------------------
async def test_a_shared_activity() -> None:
    """R14: each holder's mailbox gets its own copy, without attendees; an edit in one reaches all."""
    async with company() as us:
        anna, bert = us.stage.users["anna"], us.stage.users["bert"]
        made = us.severa.add_activity(anna, "Visit", TEN, TEN + HOUR)
        us.severa.add_participant(made.guid, bert)
        us.stage.clock.advance(timedelta(hours=25))
        await us.settle()
        assert (us.events("anna"), us.events("bert"), us.events("carl")) == (["Visit"], ["Visit"], [])
        [copy] = us.graph.events_of(us.stage.mailboxes["bert"])
        us.graph.edit_event(copy.immutable_id, subject="Site visit")
        await us.settle()
        assert (us.events("anna"), us.activities()[0].name) == (["Site visit"], "Site visit")
        assert us.mails == 0


async def test_a_participant_deletes_their_copy() -> None:
    """R15: it takes that person off the activity, which stays."""
    async with company() as us:
        made = us.severa.add_activity(us.stage.users["anna"], "Visit", TEN, TEN + HOUR)
        us.severa.add_participant(made.guid, us.stage.users["bert"])
        us.stage.clock.advance(timedelta(hours=25))
        await us.settle()
        us.stage.clock.advance(timedelta(minutes=30))
        us.graph.delete_event(us.graph.events_of(us.stage.mailboxes["bert"])[0].immutable_id)
        us.graph.add_event(us.stage.mailboxes["bert"], "Lunch", TEN + 3 * HOUR, TEN + 4 * HOUR)
        await us.settle()
        visit = next(one for one in us.activities() if one.name == "Visit")
        assert us.people(visit) == ("anna", set())
        assert us.events("anna") == ["Visit"]


async def test_no_participant_call_but_before_a_participant_write() -> None:
    """Membership comes from listings."""
    async with company() as us:
        made = us.severa.add_activity(us.stage.users["anna"], "Visit", TEN, TEN + HOUR)
        us.severa.add_participant(made.guid, us.stage.users["bert"])
        us.stage.clock.advance(timedelta(hours=25))
        await us.settle()
        us.severa.edit_activity(made.guid, name="Site visit")
        await us.settle()
        assert us.events("bert") == ["Site visit"]
        assert us.stage.severa.participant_calls() == 0
