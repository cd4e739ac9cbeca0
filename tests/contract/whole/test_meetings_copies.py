"""Copies of shared activities, and what becomes of them with invitations (R14, R15; peers.md P06, P38, P39)."""

from __future__ import annotations

from tests.contract.whole.meeting import HOUR, NAMES, TEN, Company, company
from tests.contract.whole.settled import AGED, DAY, at_rest, has, one_of


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


async def test_a_passive_person_added_in_severa_is_invited() -> None:
    """The same, though their own mailbox is not scanned: the organizer's run tells their pair."""
    async with company() as us:
        meeting = await _with_carl(us)
        await us.switch("carl", on=False)
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


async def test_p06_another_tool_copies_our_copy_on() -> None:
    """Into another synced mailbox, stamp and all: that is an entry of its own there, and it goes no further."""
    async with company() as us:
        us.severa.add_activity(us.stage.users["anna"], "Visit", TEN, TEN + HOUR)
        await us.settle()
        us.stage.clock.advance(AGED)
        us.graph.copy_event(_copy_of(us, "anna", "Visit"), us.stage.mailboxes["bert"])
        await at_rest(us)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert sorted(us.people(one) for one in us.activities()) == [("anna", set()), ("bert", set())]
        assert [has(us, name, "Visit") for name in NAMES] == [1, 1, 0]
