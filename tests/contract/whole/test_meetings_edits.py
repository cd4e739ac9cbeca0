"""Edits of meetings, those that travel and the others; private ones (R10, R16; peers.md P33, P42, P45, P59 to P62)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.model.company import MeetingEdits
from core.usecases.settings import save_settings
from tests.contract.whole.meeting import HOUR, NAMES, TEN, Company, company
from tests.contract.whole.settled import AGED, DAY, at_rest, has, one_of


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
        us.stage.mailed = True
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
