"""The simulated Graph: what the API's writes do to meetings, and whom Exchange mails for them."""

from __future__ import annotations

from typing import Any

import pytest

from .graph_meetings import BEN, CID, DAN, Meetings, later, meetings
from .graph_series import MONDAY, WEEK
from .graph_stage import HOUR, IMMUTABLE, MARK, NINE, moment

__all__ = ["meetings"]
SECOND = MONDAY + WEEK


def named(*addresses: str) -> list[dict[str, Any]]:
    """Attendees as the API takes them."""
    return [{"type": "required", "emailAddress": {"address": address}} for address in addresses]


async def patch(meetings: Meetings, meeting: str, body: dict[str, Any]) -> dict[str, Any]:
    """A PATCH of the organizer's event."""
    answer = await meetings.client.patch(meetings.url(f"/events/{meeting}"), json=body, headers=IMMUTABLE)
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


def mailed(meetings: Meetings) -> list[tuple[str, str]]:
    """Kind and attendee of each mail so far, in order; then forgotten."""
    mails = sorted((mail.kind, mail.attendee) for mail in meetings.graph.mails)
    meetings.graph.mails.clear()
    return mails


class TestOrganizersEvent:
    async def test_created(self, meetings: Meetings) -> None:
        """Attendees are mailed, and those whose mailboxes are here hold it (facts/microsoft.md A5)."""
        made = await meetings.create(attendees=named(BEN, DAN))
        assert mailed(meetings) == [("invitation", BEN), ("invitation", DAN)]
        assert meetings.theirs(made["id"]).ical_uid == made["iCalUId"]

    @pytest.mark.parametrize(
        "body",
        [
            {"subject": "B"},
            {"subject": "Planning"},
            {"start": moment("2026-03-10T11:00:00"), "end": moment("2026-03-10T12:00:00")},
            {"categories": ["Red"]},
            {"singleValueExtendedProperties": [{"id": MARK, "value": "m"}]},
        ],
    )
    async def test_changed(self, meetings: Meetings, body: dict[str, Any]) -> None:
        """Every PATCH mails every attendee once, a no-op too (facts/microsoft.md A5, facts/peers.md P34)."""
        meeting = meetings.invite(BEN, CID, DAN)
        changed = await patch(meetings, meeting, body)
        assert mailed(meetings) == [("update", BEN), ("update", CID), ("update", DAN)]
        theirs = meetings.theirs(meeting)
        assert (theirs.subject, theirs.start) == (changed["subject"], meetings.people.event(meeting).start)
        assert (theirs.categories, theirs.extended) == ((), ())

    async def test_attendees_alone(self, meetings: Meetings) -> None:
        """Only who joined or left is mailed; every answer is forgotten (facts/microsoft.md A5)."""
        meeting = meetings.invite(BEN, CID)
        meetings.people.accept(meetings.theirs(meeting).immutable_id)
        changed = await patch(meetings, meeting, {"attendees": named(BEN, DAN)})
        assert mailed(meetings) == [("cancellation", CID), ("invitation", DAN)]
        assert [one["status"]["response"] for one in changed["attendees"]] == ["none", "none"]
        assert meetings.theirs(meeting, meetings.cid).is_cancelled
        assert meetings.theirs(meeting).response == "accepted"

    async def test_an_address_in_capitals(self, meetings: Meetings) -> None:
        """It is the same attendee: nobody joins or leaves."""
        meeting = meetings.invite(BEN)
        await patch(meetings, meeting, {"attendees": named(BEN.upper())})
        assert (mailed(meetings), meetings.theirs(meeting).is_cancelled) == ([], False)

    async def test_attendees_and_more(self, meetings: Meetings) -> None:
        """The others get an update, each one mail."""
        meeting = meetings.invite(BEN, DAN)
        await patch(meetings, meeting, {"attendees": named(BEN, CID), "subject": "B"})
        assert mailed(meetings) == [("cancellation", DAN), ("invitation", CID), ("update", BEN)]
        assert [meetings.theirs(meeting, box).subject for box in (meetings.ben, meetings.cid)] == ["B", "B"]

    async def test_deleted(self, meetings: Meetings) -> None:
        """Everybody is told that it is cancelled."""
        meeting = meetings.invite(BEN, DAN)
        answer = await meetings.client.delete(meetings.url(f"/events/{meeting}"))
        assert (answer.status_code, mailed(meetings)) == (204, [("cancellation", BEN), ("cancellation", DAN)])
        assert [found.subject for found in meetings.people.events_of(meetings.ben)] == ["Canceled: Planning"]

    async def test_changed_after_its_deletion(self, meetings: Meetings) -> None:
        """In Deleted Items it changes alone: what is cancelled stays so."""
        meeting = meetings.invite(BEN)
        meetings.people.cancel_meeting(meeting)
        await patch(meetings, meeting, {"subject": "B"})
        assert [found.subject for found in meetings.people.events_of(meetings.ben)] == ["Canceled: Planning"]

    async def test_one_date(self, meetings: Meetings) -> None:
        """Changed and cancelled dates are mailed for themselves, and follow in the attendees' series."""
        meeting = meetings.invite_weekly(BEN, DAN)
        one = f"OID.{meeting}.{SECOND}"
        await patch(meetings, one, {"subject": "B"})
        assert mailed(meetings) == [("update", BEN), ("update", DAN)]
        assert meetings.theirs(meeting, day=SECOND).subject == "B"
        await meetings.client.delete(meetings.url(f"/events/{one}"))
        assert mailed(meetings) == [("cancellation", BEN), ("cancellation", DAN)]
        assert meetings.theirs(meeting, day=SECOND).is_cancelled

    async def test_a_series_with_changed_dates(self, meetings: Meetings) -> None:
        """One mail for the series, and one for each date that was changed (facts/microsoft.md A5)."""
        meeting = meetings.invite_weekly(BEN)
        meetings.people.edit_occurrence(meeting, SECOND, location="There")
        await patch(meetings, meeting, {"subject": "B"})
        assert mailed(meetings) == [("update", BEN), ("update", BEN)]


class TestAttendeesEvent:
    async def test_changed(self, meetings: Meetings) -> None:
        """It changes alone, and nobody is mailed (facts/microsoft.md A5)."""
        meeting = meetings.invite(BEN, CID)
        url = meetings.url(f"/events/{meetings.theirs(meeting).immutable_id}", meetings.ben)
        answer = await meetings.client.patch(url, json={"subject": "Mine", "sensitivity": "private"})
        assert (answer.status_code, mailed(meetings)) == (200, [])
        assert meetings.theirs(meeting).subject == "Mine"
        assert meetings.people.event(meeting).subject == "Planning"

    async def test_deleted(self, meetings: Meetings) -> None:
        """No mail and no answer (facts/microsoft.md A5)."""
        meeting = meetings.invite(BEN)
        url = meetings.url(f"/events/{meetings.theirs(meeting).immutable_id}", meetings.ben)
        assert (await meetings.client.delete(url)).status_code == 204
        assert (mailed(meetings), meetings.answers(meeting)) == ([], {BEN: "none"})
        assert not meetings.holds(meeting)


class TestOnlineMeetings:
    async def test_by_people(self, meetings: Meetings) -> None:
        """The link is in the text, at both ends; what people write about it leaves it there (facts/microsoft.md A4)."""
        meeting = meetings.invite(BEN, online=True, body="Agenda")
        meetings.people.edit_event(meeting, body="New agenda")
        for mailbox, held in (
            (meetings.anna, meetings.people.event(meeting)),
            (meetings.ben, meetings.theirs(meeting)),
        ):
            shown = await meetings.read(held, mailbox)
            assert (shown["isOnlineMeeting"], shown["onlineMeetingProvider"]) == (True, "teamsForBusiness")
            assert shown["onlineMeeting"]["joinUrl"] in shown["body"]["content"]
            assert "New agenda" in shown["body"]["content"]
            assert "Join the meeting now" in held.text

    async def test_created(self, meetings: Meetings) -> None:
        """With or without a text, a link is made; it cannot be taken back by the flag."""
        plain = await meetings.create(isOnlineMeeting=True)
        made = await meetings.create(isOnlineMeeting=True, body={"contentType": "text", "content": "x"})
        assert plain["onlineMeeting"]["joinUrl"] in plain["body"]["content"]
        assert plain["onlineMeeting"] != made["onlineMeeting"]
        kept = await patch(meetings, made["id"], {"isOnlineMeeting": False, "subject": "B"})
        assert (kept["isOnlineMeeting"], kept["onlineMeeting"]) == (True, made["onlineMeeting"])
        assert (await meetings.create())["onlineMeeting"] is None

    async def test_text_written_over_the_block(self, meetings: Meetings) -> None:
        """The online meeting is gone (facts/microsoft.md A4); with the flag there is another one (facts/peers.md)."""
        meeting = meetings.invite(BEN, online=True)
        first = await meetings.read(meetings.people.event(meeting), meetings.anna)
        same = await patch(meetings, meeting, {"body": {"contentType": "html", "content": first["body"]["content"]}})
        assert same["onlineMeeting"] == first["onlineMeeting"]
        text = {"contentType": "text", "content": meetings.people.event(meeting).text}
        gone = await patch(meetings, meeting, {"body": text})
        assert (gone["isOnlineMeeting"], gone["onlineMeeting"]) == (False, None)
        assert meetings.theirs(meeting).join_url is None
        renewed = await patch(meetings, meeting, {"body": text, "isOnlineMeeting": True})
        assert renewed["onlineMeeting"]["joinUrl"] != first["onlineMeeting"]["joinUrl"]


async def test_stale_view_of_answers(meetings: Meetings) -> None:
    """Answers make versions: a PATCH with the etag from before one is refused (facts/microsoft.md B)."""
    meeting = meetings.invite(BEN)
    etag = meetings.people.event(meeting).etag
    meetings.people.accept(meetings.theirs(meeting).immutable_id)
    url = meetings.url(f"/events/{meeting}")
    answer = await meetings.client.patch(url, json={"subject": "B"}, headers={"If-Match": etag})
    assert (answer.status_code, mailed(meetings)) == (412, [])


async def test_events_that_only_name_attendees(meetings: Meetings) -> None:
    """`add_event` invites nobody; who is named in an edit by a person from then on is invited."""
    key = meetings.people.add_event(meetings.anna, "Old", NINE, NINE + HOUR, attendees=[BEN])
    meetings.people.move_event(key, later(hours=1), later(hours=2))
    assert not meetings.holds(key)
    meetings.people.edit_event(key, attendees=[BEN, CID])
    assert (meetings.holds(key), meetings.holds(key, meetings.cid)) == (False, True)
