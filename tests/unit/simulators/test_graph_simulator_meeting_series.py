"""The simulated Graph: series with attendees, and people who are invited to single dates of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from .graph_meetings import ANNA, BEN, CID, DAN, Meetings, meetings
from .graph_series import MONDAY, WEEK, nine
from .graph_stage import DAY, HOUR

__all__ = ["meetings"]
SECOND, THIRD = MONDAY + WEEK, MONDAY + 2 * WEEK
ALL = [("03-09", "Weekly"), ("03-16", "Weekly"), ("03-23", "Weekly"), ("03-30", "Weekly")]


def with_(day: str, subject: str | None) -> list[tuple[str, str]]:
    """All dates, with another subject on one of them; None: without it."""
    return [(one, subject if one == day else name) for one, name in ALL if one != day or subject is not None]


class TestSeries:
    async def test_both_ends(self, meetings: Meetings) -> None:
        """A series of their own for each attendee; dates have the same iCalUIds (design R13, facts/microsoft.md A4)."""
        meeting = meetings.invite_weekly(BEN)
        theirs = meetings.theirs(meeting)
        assert (theirs.kind, await meetings.dates(meetings.ben)) == ("seriesMaster", ALL)
        uids = [
            [one.ical_uid for one in meetings.people.occurrences_of(key, MONDAY, MONDAY + 9 * WEEK)]
            for key in (meeting, theirs.immutable_id)
        ]
        assert uids[0] == uids[1]
        assert len({*uids[0], theirs.ical_uid}) == 5

    async def test_edits_of_all_and_of_one(self, meetings: Meetings) -> None:
        """What one date has of its own stays through an edit of all (facts/microsoft.md A3)."""
        meeting = meetings.invite_weekly(BEN)
        meetings.people.edit_occurrence(
            meeting, SECOND, subject="Special", start=nine(SECOND, 14), end=nine(SECOND, 15)
        )
        assert await meetings.dates(meetings.ben) == with_("03-16", "Special")
        meetings.people.edit_event(meeting, subject="B", location="There")
        theirs = meetings.theirs(meeting, day=SECOND)
        assert (theirs.kind, theirs.subject, theirs.place) == ("exception", "Special", "There")
        assert theirs.start == nine(SECOND, 14)
        assert meetings.theirs(meeting, day=THIRD).subject == "B"

    async def test_other_times_drop_exceptions(self, meetings: Meetings) -> None:
        """At both ends, declined dates too."""
        meeting = meetings.invite_weekly(BEN)
        meetings.people.edit_occurrence(meeting, SECOND, subject="Special")
        meetings.people.decline(meetings.theirs(meeting).immutable_id, THIRD)
        meetings.people.move_event(meeting, nine(MONDAY, 11), nine(MONDAY, 12))
        assert await meetings.dates(meetings.ben) == ALL
        assert meetings.theirs(meeting).response == "notResponded"

    async def test_one_date_cancelled_by_the_organizer(self, meetings: Meetings) -> None:
        """It is gone for the organizer, and marked for attendees; by the option it goes there, too."""
        meeting = meetings.invite_weekly(BEN)
        meetings.people.cancel_meeting(meeting, SECOND)
        assert await meetings.dates(meetings.anna) == with_("03-16", None)
        assert await meetings.dates(meetings.ben) == with_("03-16", "Canceled: Weekly")
        theirs = await meetings.read(meetings.theirs(meeting, day=SECOND))
        assert (theirs["isCancelled"], theirs["type"], theirs["showAs"]) == (True, "exception", "free")
        meetings.graph.options.cancellations_remove = True
        meetings.people.cancel_occurrence(meeting, THIRD)
        assert len(await meetings.dates(meetings.ben)) == 3
        whole = await meetings.read(meetings.theirs(meeting), **{"$select": "cancelledOccurrences"})
        assert [name.rpartition(".")[2] for name in whole["cancelledOccurrences"]] == [str(THIRD)]

    async def test_all_cancelled(self, meetings: Meetings) -> None:
        """Every date is marked, changed ones too."""
        meeting = meetings.invite_weekly(BEN)
        meetings.people.edit_occurrence(meeting, SECOND, subject="Special")
        meetings.people.cancel_meeting(meeting)
        subjects = {subject for _, subject in await meetings.dates(meetings.ben)}
        assert subjects == {"Canceled: Weekly", "Canceled: Special"}

    async def test_one_date_declined(self, meetings: Meetings) -> None:
        """The attendee's series lacks it; the organizer's has an exception for the answer; an update brings it back."""
        meeting = meetings.invite_weekly(BEN, CID)
        ben = meetings.theirs(meeting).immutable_id
        meetings.people.accept(ben)
        meetings.people.decline(ben, SECOND)
        assert await meetings.dates(meetings.ben) == with_("03-16", None)
        assert await meetings.dates(meetings.cid) == ALL
        assert meetings.answers(meeting) == {BEN: "accepted", CID: "none"}
        (exception,) = [
            one for one in meetings.people.occurrences_of(meeting, MONDAY, MONDAY + 9 * WEEK) if one.kind == "exception"
        ]
        assert meetings.answers(exception.immutable_id) == {BEN: "declined", CID: "none"}
        meetings.people.edit_occurrence(meeting, SECOND, location="There")
        assert await meetings.dates(meetings.ben) == ALL

    async def test_one_date_accepted(self, meetings: Meetings) -> None:
        """The answer to it is its own."""
        meeting = meetings.invite_weekly(BEN)
        ben = meetings.theirs(meeting).immutable_id
        meetings.people.accept(ben, SECOND)
        assert meetings.theirs(meeting, day=SECOND).response == "accepted"
        assert meetings.people.event(ben).response == "notResponded"

    async def test_a_late_joiner(self, meetings: Meetings) -> None:
        """Gets the series as it is by then: changed and cancelled dates, without those of others' answers."""
        meeting = meetings.invite_weekly(BEN)
        meetings.people.edit_occurrence(meeting, SECOND, subject="Special")
        meetings.people.cancel_meeting(meeting, THIRD)
        meetings.people.decline(meetings.theirs(meeting).immutable_id, MONDAY)
        meetings.people.add_attendees(meeting, CID)
        assert await meetings.dates(meetings.cid) == [("03-09", "Weekly"), ("03-16", "Special"), ("03-30", "Weekly")]
        assert [meetings.theirs(meeting, meetings.cid, day).kind for day in (MONDAY, SECOND)] == [
            "occurrence",
            "exception",
        ]

    async def test_who_joins_or_leaves_all(self, meetings: Meetings) -> None:
        """Does so on changed dates too, but for those who are invited to these alone."""
        meeting = meetings.invite_weekly(ANNA, BEN)
        exception = meetings.people.add_attendees(meeting, DAN, day=SECOND)
        meetings.people.add_attendees(meeting, CID)
        assert set(meetings.answers(exception.immutable_id)) == {ANNA, BEN, CID, DAN}
        meetings.people.remove_attendees(meeting, BEN)
        assert set(meetings.answers(exception.immutable_id)) == {ANNA, CID, DAN}
        assert {subject for _, subject in await meetings.dates(meetings.ben)} == {"Canceled: Weekly"}

    async def test_this_and_following(self, meetings: Meetings) -> None:
        """The old series ends at both ends, and a new one invites the same people."""
        meeting = meetings.invite_weekly(BEN, DAN)
        new = meetings.people.split_series(meeting, THIRD, subject="B")
        wanted = [("03-09", "Weekly"), ("03-16", "Weekly"), ("03-23", "B"), ("03-30", "B")]
        for mailbox in (meetings.anna, meetings.ben):
            assert await meetings.dates(mailbox) == wanted
        assert meetings.theirs(new).ical_uid == meetings.people.event(new).ical_uid
        assert meetings.answers(new) == {BEN: "none", DAN: "none"}

    async def test_delta_and_expanded_exceptions(self, meetings: Meetings) -> None:
        """Exceptions come with their own attendees and answers; occurrences stay stubs (facts/microsoft.md A3)."""
        theirs = meetings.people.receive_invitation(
            [meetings.anna], DAN, "Theirs", nine(MONDAY), nine(MONDAY, 10), recurrence={"pattern": {"type": "daily"}}
        )
        key = meetings.theirs(theirs, meetings.anna).immutable_id
        meetings.people.accept(key, SECOND)
        meetings.people.cancel_meeting(theirs, THIRD)
        items, _ = await meetings.round()
        told = {item["start"]["dateTime"][:10]: item for item in items if item["type"] == "exception"}
        assert told[str(SECOND)]["responseStatus"]["response"] == "accepted"
        assert told[str(THIRD)]["isCancelled"] is True
        assert "attendees" not in next(item for item in items if item["type"] == "occurrence")
        query = {"$select": "attendees,isCancelled,exceptionOccurrences", "$expand": "exceptionOccurrences"}
        whole = await meetings.read(meetings.people.event(key), meetings.anna, **query)
        assert [one["isCancelled"] for one in whole["exceptionOccurrences"]] == [False, True]
        assert [len(one["attendees"]) for one in whole["exceptionOccurrences"]] == [2, 2]


class TestSingleDates:
    async def test_invited_to_one_date(self, meetings: Meetings) -> None:
        """A single event whose iCalUId carries the date; the organizer's series has an exception (design R13)."""
        meeting = meetings.invite_weekly(BEN)
        exception = meetings.people.add_attendees(meeting, CID, day=SECOND)
        theirs = await meetings.read(meetings.theirs(meeting, meetings.cid, SECOND), meetings.cid)
        assert (theirs["type"], theirs["seriesMasterId"], theirs["recurrence"]) == ("singleInstance", None, None)
        assert theirs["iCalUId"] == exception.ical_uid
        assert theirs["iCalUId"][32:40] == "07EA0310"
        assert await meetings.dates(meetings.cid) == [("03-16", "Weekly")]
        assert meetings.answers(exception.immutable_id) == {BEN: "none", CID: "none"}
        assert meetings.answers(meeting) == {BEN: "none"}
        assert meetings.theirs(meeting, day=SECOND).kind == "occurrence"

    async def test_the_date_changes(self, meetings: Meetings) -> None:
        """By itself or with the whole series; cancelled alone or with all."""
        meeting = meetings.invite_weekly(BEN)
        meetings.people.add_attendees(meeting, CID, day=SECOND)
        meetings.people.edit_occurrence(meeting, SECOND, start=nine(SECOND, 12), end=nine(SECOND, 13))
        held = meetings.theirs(meeting, meetings.cid, SECOND)
        assert held.start == nine(SECOND, 12)
        meetings.people.edit_event(meeting, subject="B")
        assert await meetings.dates(meetings.cid) == [("03-16", "B")]
        meetings.people.cancel_meeting(meeting, THIRD)
        assert await meetings.dates(meetings.cid) == [("03-16", "B")]
        meetings.people.cancel_meeting(meeting)
        assert await meetings.dates(meetings.cid) == [("03-16", "Canceled: B")]

    @pytest.mark.parametrize("by", ["cancelled", "removed"])
    async def test_the_date_goes(self, meetings: Meetings, by: str) -> None:
        """The single event is marked; the others keep theirs where they alone are concerned."""
        meeting = meetings.invite_weekly(BEN)
        meetings.people.add_attendees(meeting, CID, day=SECOND)
        if by == "cancelled":
            meetings.people.cancel_meeting(meeting, SECOND)
        else:
            meetings.people.remove_attendees(meeting, CID, day=SECOND)
        assert await meetings.dates(meetings.cid) == [("03-16", "Canceled: Weekly")]
        others = "Canceled: Weekly" if by == "cancelled" else "Weekly"
        assert await meetings.dates(meetings.ben) == with_("03-16", others)

    async def test_removed_from_one_date(self, meetings: Meetings) -> None:
        """Somebody invited to all is off one date only."""
        meeting = meetings.invite_weekly(BEN, CID)
        exception = meetings.people.remove_attendees(meeting, CID, day=SECOND)
        assert meetings.answers(exception.immutable_id) == {BEN: "none"}
        assert await meetings.dates(meetings.cid) == with_("03-16", "Canceled: Weekly")
        assert await meetings.dates(meetings.ben) == ALL
        meetings.people.add_attendees(meeting, CID, day=SECOND)
        assert await meetings.dates(meetings.cid) == ALL

    async def test_answers(self, meetings: Meetings) -> None:
        """They show in the organizer's exception, and in nothing else."""
        meeting = meetings.invite_weekly(BEN)
        exception = meetings.people.add_attendees(meeting, CID, day=SECOND)
        held = meetings.theirs(meeting, meetings.cid, SECOND).immutable_id
        meetings.people.accept(held)
        assert meetings.answers(exception.immutable_id) == {BEN: "none", CID: "accepted"}
        meetings.people.decline(held)
        assert meetings.answers(exception.immutable_id) == {BEN: "none", CID: "declined"}
        assert await meetings.dates(meetings.cid) == []

    async def test_two_dates_and_then_all(self, meetings: Meetings) -> None:
        """Two single events with iCalUIds of their own; the whole series takes their place."""
        meeting = meetings.invite_weekly(BEN)
        for day in (SECOND, THIRD):
            meetings.people.add_attendees(meeting, CID, day=day)
        first, second = meetings.people.events_of(meetings.cid)
        assert first.ical_uid != second.ical_uid
        assert [first.instance, second.instance] == [SECOND, THIRD]
        meetings.people.add_attendees(meeting, CID)
        assert [one.kind for one in meetings.people.events_of(meetings.cid)] == ["seriesMaster"]
        assert await meetings.dates(meetings.cid) == ALL

    async def test_shared_icaluids(self, meetings: Meetings) -> None:
        """By the option the single event has the series' iCalUId, as its dates have (facts/peers.md P64)."""
        meetings.graph.options.shared_ical_uid = True
        meeting = meetings.invite_weekly(BEN)
        for day in (SECOND, THIRD):
            meetings.people.add_attendees(meeting, CID, day=day)
        assert {one.ical_uid for one in meetings.people.events_of(meetings.cid)} == {
            meetings.people.event(meeting).ical_uid
        }
        meetings.people.cancel_meeting(meeting, THIRD)
        assert await meetings.dates(meetings.cid) == [("03-16", "Weekly"), ("03-23", "Canceled: Weekly")]

    async def test_a_split_before_the_date(self, meetings: Meetings) -> None:
        """Who was invited to a date after it is not any more."""
        meeting = meetings.invite_weekly(BEN)
        meetings.people.add_attendees(meeting, CID, day=THIRD)
        meetings.people.split_series(meeting, SECOND)
        assert await meetings.dates(meetings.cid) == [("03-23", "Canceled: Weekly")]

    async def test_waiting_for_one_date(self, meetings: Meetings) -> None:
        """An invitation to a date that is cancelled meanwhile never comes."""
        meetings.graph.options.invitations_arrive_after = timedelta(minutes=1)
        meeting = meetings.invite_weekly(ANNA, BEN)
        meetings.people.add_attendees(meeting, CID, day=SECOND)
        meetings.people.add_attendees(meeting, CID, day=THIRD)
        meetings.people.cancel_meeting(meeting, SECOND)
        meetings.clock += HOUR / 2
        assert await meetings.dates(meetings.cid) == [("03-23", "Weekly")]

    async def test_removed_from_one_date_before_it_arrives(self, meetings: Meetings) -> None:
        """The series comes without that date."""
        meeting = meetings.invite_weekly(BEN, CID, held=[CID])
        meetings.people.remove_attendees(meeting, CID, day=SECOND)
        meetings.people.deliver_invitations(meetings.cid)
        assert await meetings.dates(meetings.cid) == with_("03-16", None)

    async def test_a_cancelled_date_declined(self, meetings: Meetings) -> None:
        """The organizer, who has that date no more, learns nothing."""
        meeting = meetings.invite_weekly(BEN)
        meetings.people.cancel_meeting(meeting, SECOND)
        version = meetings.people.event(meeting).etag
        meetings.people.decline(meetings.theirs(meeting, day=SECOND).immutable_id)
        assert await meetings.dates(meetings.ben) == with_("03-16", None)
        assert meetings.people.event(meeting).etag == version

    async def test_all_day(self, meetings: Meetings) -> None:
        """Whole days stay dates in every calendar."""
        first = date(2026, 3, 9)
        daily = {"pattern": {"type": "daily"}, "range": {"type": "numbered", "numberOfOccurrences": 3}}
        meeting = meetings.people.organize_meeting(
            meetings.anna, "Fair", first, first + DAY, attendees=[BEN], recurrence=daily
        )
        meetings.ben.time_zone = "America/New_York"
        assert [day for day, _ in await meetings.dates(meetings.ben)] == ["03-09", "03-10", "03-11"]
        assert meetings.theirs(meeting).all_day
