"""The simulated Graph: people organize single meetings, attend them, and answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from .graph_meetings import ANNA, BEN, CID, DAN, Meetings, later, meetings
from .graph_stage import HOUR, IMMUTABLE, MARK, NINE, error

__all__ = ["meetings"]


class TestInvitation:
    async def test_both_ends(self, meetings: Meetings) -> None:
        """Attendees get events of their own with the same iCalUId; whom they list differs (facts/microsoft.md A4)."""
        meeting = meetings.invite(BEN, DAN, optional=[DAN], location="Here", body="Agenda")
        mine = await meetings.read(meetings.people.event(meeting), meetings.anna)
        theirs = await meetings.read(meetings.theirs(meeting))
        assert (mine["isOrganizer"], theirs["isOrganizer"]) == (True, False)
        assert (mine["responseStatus"]["response"], theirs["responseStatus"]["response"]) == (
            "organizer",
            "notResponded",
        )
        assert mine["iCalUId"] == theirs["iCalUId"]
        assert mine["id"] != theirs["id"]
        assert [one["emailAddress"]["address"] for one in mine["attendees"]] == [BEN, DAN]
        assert [one["emailAddress"]["address"] for one in theirs["attendees"]] == [ANNA, BEN, DAN]
        assert [one["type"] for one in mine["attendees"]] == ["required", "optional"]
        assert {one["status"]["response"] for one in theirs["attendees"]} == {"none"}
        assert theirs["organizer"]["emailAddress"]["address"] == ANNA
        assert (theirs["showAs"], theirs["subject"], theirs["location"]["displayName"]) == (
            "tentative",
            "Planning",
            "Here",
        )
        assert theirs["responseRequested"] is True
        assert meetings.people.event(theirs["id"]).text == "Agenda"

    async def test_people_mail_for_themselves(self, meetings: Meetings) -> None:
        """Their own mails are not counted (design, promise 3)."""
        meeting = meetings.invite(BEN, DAN)
        meetings.people.edit_event(meeting, subject="B")
        meetings.people.cancel_meeting(meeting)
        assert meetings.graph.mails == []

    async def test_own_properties_stay_home(self, meetings: Meetings) -> None:
        """The organizer's extended properties, categories and transaction are nobody else's."""
        meeting = meetings.invite(BEN, categories=["Red"], extended={MARK: "m"}, sensitivity="private")
        theirs = meetings.theirs(meeting)
        assert (theirs.categories, theirs.extended, theirs.sensitivity) == ((), (), "private")

    async def test_found_by_icaluid(self, meetings: Meetings) -> None:
        """A meeting is looked up in another mailbox by `$filter=iCalUId eq`; `uid` is refused (docs issue 16038)."""
        meeting = meetings.invite(BEN)
        uid = meetings.people.event(meeting).ical_uid
        url = meetings.url("/events", meetings.ben)
        answer = await meetings.client.get(url, params={"$filter": f"iCalUId eq '{uid}'"}, headers=IMMUTABLE)
        assert [found["id"] for found in answer.json()["value"]] == [meetings.theirs(meeting).immutable_id]
        other = await meetings.client.get(
            meetings.url("/events", meetings.cid), params={"$filter": f"iCalUId eq '{uid}'"}
        )
        assert other.json()["value"] == []
        refused = await meetings.client.get(url, params={"$filter": f"uid eq '{uid}'"})
        assert error(refused) == (400, "ErrorInvalidUrlQueryFilter")

    async def test_a_secondary_address(self, meetings: Meetings) -> None:
        """It leads to its mailbox, and stays in the list as it was typed."""
        meeting = meetings.invite("B.Berg@acme.example")
        meetings.people.accept(meetings.theirs(meeting).immutable_id)
        assert meetings.answers(meeting) == {"B.Berg@acme.example": "accepted"}

    async def test_late(self, meetings: Meetings) -> None:
        """Until it arrives the mailbox does not hold the meeting; it comes as the meeting is by then."""
        meetings.graph.options.invitations_arrive_after = timedelta(minutes=2)
        meeting = meetings.invite(BEN)
        assert not meetings.holds(meeting)
        meetings.people.edit_event(meeting, subject="New")
        meetings.clock += timedelta(minutes=2)
        assert await meetings.dates(meetings.ben) == [("03-10", "New")]
        meetings.people.edit_event(meeting, subject="Newer")
        assert meetings.theirs(meeting).subject == "Newer"

    async def test_held_back(self, meetings: Meetings) -> None:
        """It waits for `deliver_invitations`; one to a meeting that is no more never comes."""
        meeting, gone = meetings.invite(BEN, CID, held=[BEN]), meetings.invite(BEN, held=[BEN])
        meetings.people.cancel_meeting(gone)
        assert (meetings.holds(meeting), meetings.holds(meeting, meetings.cid)) == (False, True)
        meetings.people.add_attendees(meeting, "b.berg@acme.example", held=True)
        meetings.people.deliver_invitations(meetings.ben)
        assert await meetings.dates(meetings.ben) == [("03-10", "Planning")]

    async def test_in_delta(self, meetings: Meetings) -> None:
        """An invitation is new in a round, a cancellation a change, neither a removal."""
        meeting = meetings.invite(ANNA, CID)
        items, link = await meetings.round()
        assert [item["isOrganizer"] for item in items] == [True]
        theirs = meetings.people.receive_invitation([meetings.anna], DAN, "Theirs", NINE, NINE + HOUR)
        items, link = await meetings.round(link)
        assert [(item["subject"], item["isOrganizer"]) for item in items] == [("Theirs", False)]
        meetings.people.cancel_meeting(theirs)
        items, link = await meetings.round(link)
        assert [(item["subject"], item["isCancelled"]) for item in items] == [("Canceled: Theirs", True)]
        meetings.people.cancel_meeting(meeting)
        items, _ = await meetings.round(link)
        assert [item["@removed"]["reason"] for item in items] == ["deleted"]


class TestOrganizer:
    async def test_edits(self, meetings: Meetings) -> None:
        """All attendees' events follow; what is their own stays (design R11)."""
        meeting = meetings.invite(BEN, CID)
        ben = meetings.theirs(meeting).immutable_id
        meetings.people.edit_event(ben, categories=["Mine"], subject="My name for it")
        meetings.people.edit_event(meeting, subject="B", location="There", body="New text")
        for mailbox in (meetings.ben, meetings.cid):
            theirs = meetings.theirs(meeting, mailbox)
            assert (theirs.subject, theirs.place, theirs.text) == ("B", "There", "New text")
        assert meetings.people.event(ben).categories == ("Mine",)

    async def test_makes_it_private(self, meetings: Meetings) -> None:
        """The attendees' events become private too; what they made private themselves stays so."""
        meeting, other = meetings.invite(BEN), meetings.invite(BEN)
        meetings.people.edit_event(meeting, sensitivity="private")
        meetings.people.edit_event(meetings.theirs(other).immutable_id, sensitivity="private")
        meetings.people.edit_event(other, subject="B")
        assert [meetings.theirs(key).sensitivity for key in (meeting, other)] == ["private", "private"]
        held = meetings.people.event_of_meeting(meeting, meetings.anna)
        assert held == meetings.people.event(meeting)

    async def test_moves(self, meetings: Meetings) -> None:
        """Another time asks for another answer; another subject does not."""
        meeting = meetings.invite(BEN)
        ben = meetings.theirs(meeting).immutable_id
        meetings.people.accept(ben)
        meetings.people.edit_event(meeting, subject="B")
        assert (meetings.people.event(ben).response, meetings.answers(meeting)) == ("accepted", {BEN: "accepted"})
        meetings.people.move_event(meeting, later(hours=1), later(hours=2))
        theirs = meetings.people.event(ben)
        assert (theirs.start, theirs.response, theirs.show_as) == (later(hours=1), "notResponded", "tentative")
        assert meetings.answers(meeting) == {BEN: "none"}

    async def test_adds_and_removes(self, meetings: Meetings) -> None:
        """Who joins gets an event, who leaves keeps a cancelled one; the others are told where asked."""
        meeting = meetings.invite(BEN)
        meetings.people.accept(meetings.theirs(meeting).immutable_id)
        meetings.people.add_attendees(meeting, CID, DAN)
        assert meetings.answers(meeting) == {BEN: "accepted", CID: "none", DAN: "none"}
        assert len(meetings.theirs(meeting, meetings.cid).attendees) == 4
        assert len(meetings.theirs(meeting).attendees) == 2
        meetings.people.remove_attendees(meeting, CID, everyone=True)
        left = await meetings.read(meetings.theirs(meeting, meetings.cid), meetings.cid)
        assert (left["isCancelled"], left["subject"], left["showAs"]) == (True, "Canceled: Planning", "free")
        assert len(meetings.theirs(meeting).attendees) == 3
        meetings.people.add_attendees(meeting, CID)
        back = meetings.theirs(meeting, meetings.cid)
        assert (back.is_cancelled, back.subject, back.response) == (False, "Planning", "notResponded")

    async def test_cancels(self, meetings: Meetings) -> None:
        """The organizer's event goes to Deleted Items, the attendees' stay and are marked (facts/microsoft.md A4)."""
        meeting = meetings.invite(BEN, CID)
        meetings.people.cancel_meeting(meeting)
        assert meetings.people.event(meeting).folder == "deleted_items"
        for mailbox in (meetings.ben, meetings.cid):
            theirs = meetings.people.events_of(mailbox)[0]
            assert (theirs.is_cancelled, theirs.subject) == (True, "Canceled: Planning")

    async def test_cancellations_that_remove(self, meetings: Meetings) -> None:
        """By the option, what is cancelled leaves the attendee's calendar by itself."""
        meetings.graph.options.cancellations_remove = True
        meeting = meetings.invite(BEN)
        meetings.people.cancel_meeting(meeting)
        assert await meetings.dates(meetings.ben) == []

    async def test_another_organizer(self, meetings: Meetings) -> None:
        """It is another meeting: the old one is cancelled, the new one has another iCalUId."""
        meeting = meetings.invite(BEN, CID, DAN, optional=[DAN], online=True)
        uid = meetings.people.event(meeting).ical_uid
        new = meetings.people.change_organizer(meeting, meetings.ben)
        event = meetings.people.event(new)
        assert (event.organizer, event.ical_uid != uid, event.start) == (BEN, True, NINE)
        assert meetings.answers(new) == {ANNA: "none", CID: "none", DAN: "none"}
        assert [one["type"] for one in event.attendees] == ["required", "required", "optional"]
        subjects = [found.subject for found in meetings.people.events_of(meetings.cid)]
        assert sorted(subjects) == ["Canceled: Planning", "Planning"]
        assert [found.subject for found in meetings.people.events_of(meetings.anna)] == ["Planning"]


class TestAttendee:
    @pytest.mark.parametrize(
        ("tentatively", "answer", "shown"),
        [(False, "accepted", "busy"), (True, "tentativelyAccepted", "tentative")],
    )
    async def test_accepts(self, meetings: Meetings, answer: str, shown: str, *, tentatively: bool) -> None:
        """It shows at both ends, and moves the organizer's version (facts/peers.md P43)."""
        meeting = meetings.invite(BEN, CID)
        before = meetings.people.event(meeting)
        meetings.clock += HOUR / 2
        theirs = meetings.people.accept(meetings.theirs(meeting).immutable_id, tentatively=tentatively)
        read = await meetings.read(theirs)
        assert read["responseStatus"] == {"response": answer, "time": "2026-03-02T08:30:00.0000000Z"}
        assert read["showAs"] == shown
        after = meetings.people.event(meeting)
        assert meetings.answers(meeting) == {BEN: answer, CID: "none"}
        assert after.modified > before.modified
        assert after.etag != before.etag

    async def test_declines(self, meetings: Meetings) -> None:
        """The event leaves the calendar; the meeting goes on without (facts/microsoft.md A4, facts/peers.md P27)."""
        meeting = meetings.invite(BEN, CID)
        ben = meetings.theirs(meeting)
        meetings.people.decline(ben.immutable_id)
        gone = meetings.people.event(ben.immutable_id)
        assert (gone.folder, gone.response) == ("deleted_items", "declined")
        assert error(await meetings.client.get(meetings.url(f"/events/{ben.rest_id}", meetings.ben))) == (
            404,
            "ErrorItemNotFound",
        )
        assert meetings.answers(meeting) == {BEN: "declined", CID: "none"}
        assert meetings.theirs(meeting, meetings.cid).subject == "Planning"

    async def test_deletes_without_an_answer(self, meetings: Meetings) -> None:
        """Nobody hears of it; the organizer's next update brings the event back, unanswered."""
        meeting = meetings.invite(BEN)
        meetings.people.delete_event(meetings.theirs(meeting).immutable_id)
        assert (meetings.holds(meeting), meetings.answers(meeting)) == (False, {BEN: "none"})
        meetings.people.edit_event(meeting, subject="B")
        back = meetings.theirs(meeting)
        assert (back.subject, back.response) == ("B", "notResponded")

    async def test_edits_alone(self, meetings: Meetings) -> None:
        """It changes nobody else's event, and the next update takes it back (facts/microsoft.md A5, peers P45)."""
        meeting = meetings.invite(BEN, CID)
        ben = meetings.theirs(meeting).immutable_id
        meetings.people.edit_event(ben, subject="Mine", start=later(hours=3), end=later(hours=4))
        assert meetings.people.event(meeting).subject == "Planning"
        assert meetings.theirs(meeting, meetings.cid).start == NINE
        meetings.people.edit_event(meeting, location="There")
        back = meetings.people.event(ben)
        assert (back.subject, back.start, back.place) == ("Planning", NINE, "There")

    async def test_answers_an_organizer_who_is_unknown(self, meetings: Meetings) -> None:
        """The answer shows in their own event only."""
        key = meetings.people.add_event(meetings.ben, "Old", NINE, NINE + HOUR, organizer=DAN, attendees=[BEN])
        assert meetings.people.accept(key).response == "accepted"
        assert meetings.answers(key) == {BEN: "none"}

    async def test_nobody_answers_themselves(self, meetings: Meetings) -> None:
        """The organizer is not invited."""
        with pytest.raises(ValueError, match="own"):
            meetings.people.accept(meetings.invite(BEN))


class TestOutside:
    async def test_several_mailboxes(self, meetings: Meetings) -> None:
        """Somebody elsewhere organizes: several of our mailboxes hold it, nobody has the organizer's event (P02)."""
        invite = meetings.people.receive_invitation
        meeting = invite(
            [meetings.ben, meetings.cid], DAN, "Theirs", NINE, NINE + HOUR, attendees=[ANNA, "eva@x.example"]
        )
        ben, cid = meetings.theirs(meeting), meetings.theirs(meeting, meetings.cid)
        assert (ben.ical_uid, ben.organizer, ben.is_organizer) == (cid.ical_uid, DAN, False)
        assert [one["emailAddress"]["address"] for one in ben.attendees] == [DAN, BEN, CID, ANNA, "eva@x.example"]
        assert not meetings.holds(meeting, meetings.anna)
        meetings.people.deliver_invitations(meetings.anna)
        assert meetings.holds(meeting, meetings.anna)
        answer = await meetings.client.get(f"/users/{DAN}/events")
        assert error(answer) == (404, "ErrorInvalidUser")

    async def test_updates_and_cancellations(self, meetings: Meetings) -> None:
        """The organizer elsewhere is an organizer like any other."""
        invite = meetings.people.receive_invitation
        meeting = invite([meetings.ben], DAN, "Theirs", NINE, NINE + HOUR)
        meetings.people.accept(meetings.theirs(meeting).immutable_id)
        assert meetings.answers(meeting) == {BEN: "accepted"}
        meetings.people.edit_event(meeting, subject="B")
        meetings.people.add_attendees(meeting, CID)
        assert [meetings.theirs(meeting, box).subject for box in (meetings.ben, meetings.cid)] == ["B", "B"]
        meetings.people.cancel_meeting(meeting)
        assert [found.subject for found in meetings.people.events_of(meetings.ben)] == ["Canceled: B"]
        with pytest.raises(ValueError, match="not outside"):
            invite([meetings.ben], CID, "Theirs", NINE, NINE + HOUR)
