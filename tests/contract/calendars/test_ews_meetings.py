"""Meetings in mailboxes of Exchange Server: who is who, how one is found elsewhere, and who is mailed for what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from core.adapters.ews.calendar import EwsCalendar
from core.errors import ItemRefused
from core.model.essence import Field
from core.model.exceptions import DateException
from core.model.ids import MailboxId
from core.model.operation import Draft
from core.model.sighting import Attendee, Event, Response
from core.model.uid import meeting_uid, spellings
from tests.contract.calendars.content import HOUR, an_hour, dates_of, moved, recurring, wanted
from tests.contract.calendars.ews_harness import ANNA, BERT, EwsHarness, ews_harness, times_of
from tests.contract.calendars.series_dates import change, held_on

OUTSIDER = "Eve@Elsewhere.example"
SUBJECT = frozenset({Field.SUBJECT})


@pytest.fixture(params=["2007_sp1", "2010", "2016"])
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[EwsHarness]:
    """Servers of three ages."""
    async with ews_harness(request.param) as harness:
        await harness.company.find_mailbox([BERT])
        harness.simulator.exchanged.clear()
        yield harness


def berts(harness: EwsHarness) -> EwsCalendar:
    """Bert's calendar, in a run of its own."""
    return harness.company.calendar(MailboxId(harness.bert.guid))


def organize(harness: EwsHarness, when: Any, **details: Any) -> str:
    """Anna invites Bert and somebody outside; her event's id."""
    given = {"attendees": [BERT, OUTSIDER], **times_of(when), **details}
    start, end = given.pop("start"), given.pop("end")
    return harness.people.add_event(harness.mailbox, "meeting", start, end, **given)


async def seen(calendar: EwsCalendar, entry: str) -> Event:
    """The event as it is now."""
    found = await calendar.read(entry)
    assert found is not None
    return found


def theirs(harness: EwsHarness) -> str:
    """The id of the only event in Bert's calendar."""
    [item] = harness.people.events_of(harness.bert)
    return item.item_id


# --- who is who -------------------------------------------------------------------------------------------------------
async def test_the_organizers_event(harness: EwsHarness) -> None:
    """Its own people, by addresses without case, with what they answered."""
    entry = organize(harness, an_hour(harness))
    harness.people.respond(theirs(harness), "Tentative")
    event = await seen(harness.calendar, entry)
    assert (event.is_meeting, event.is_organizer, event.organizer) == (True, True, ANNA)
    assert event.attendees == (Attendee(BERT, Response.TENTATIVE), Attendee(OUTSIDER.lower()))
    assert event.response is Response.ORGANIZER


async def test_an_attendees_event(harness: EwsHarness) -> None:
    """It is somebody else's meeting, of the same uid."""
    entry = organize(harness, an_hour(harness))
    event = await seen(berts(harness), theirs(harness))
    assert (event.is_meeting, event.is_organizer, event.organizer) == (True, False, ANNA)
    assert {one.address for one in event.attendees} == {BERT, OUTSIDER.lower()}
    assert (event.response, event.uid) == (Response.NONE, (await seen(harness.calendar, entry)).uid)
    assert meeting_uid(event.uid) == (event.uid, None)
    harness.people.respond(event.id, "Accept")
    assert (await seen(berts(harness), event.id)).response is Response.ACCEPTED


async def test_an_event_without_attendees(harness: EwsHarness) -> None:
    """It is nobody's meeting, and its owner's own."""
    event = await seen(harness.calendar, await harness.put("alone", an_hour(harness)))
    assert (event.is_meeting, event.is_organizer, event.attendees) == (False, True, ())


async def test_what_the_organizer_cancelled(harness: EwsHarness) -> None:
    """The whole meeting is said to be cancelled; a date of it does not take place."""
    when = recurring(harness, times=5)
    entry, day = organize(harness, when), dates_of(when)[1]
    harness.people.cancel_event(harness.people.occurrence_id(entry, day))
    event = await seen(berts(harness), theirs(harness))
    assert (event.is_cancelled, event.essence.exceptions) == (False, (DateException(day),))
    assert (await seen(harness.calendar, entry)).essence.exceptions == (DateException(day),)
    harness.people.cancel_event(entry)
    assert (await seen(berts(harness), event.id)).is_cancelled


async def test_a_date_that_an_attendee_declined(harness: EwsHarness) -> None:
    """It is gone from their series, and takes place in the organizer's."""
    when = recurring(harness, times=5)
    entry, day = organize(harness, when), dates_of(when)[1]
    own = theirs(harness)
    harness.people.respond(harness.people.occurrence_id(own, day), "Decline")
    assert (await seen(berts(harness), own)).essence.exceptions == (DateException(day),)
    assert (await seen(harness.calendar, entry)).essence.exceptions == ()


# --- the same meeting in another mailbox ------------------------------------------------------------------------------
async def test_a_meeting_is_found_in_each_mailbox(harness: EwsHarness) -> None:
    """A single one and a series, by the organizer's uid; the series comes whole."""
    for when in (an_hour(harness), recurring(harness, times=5)):
        event = await seen(harness.calendar, organize(harness, when))
        found = await berts(harness).find_meeting(meeting_uid(event.uid)[0])
        assert found is not None
        assert found == await seen(berts(harness), found.id)
        assert found.uid == event.uid
        assert await harness.calendar.find_meeting(event.uid) == event
    await berts(harness).delete(found, announces=True)
    assert await berts(harness).find_meeting(event.uid) is None


async def test_a_meeting_of_another_system(harness: EwsHarness) -> None:
    """Its uid may be anything, also where it is wrapped up."""
    uid = "o'brien-7@elsewhere.example"
    for shown in spellings(uid):
        entry = organize(harness, an_hour(harness), uid=shown)
        found = await harness.calendar.find_meeting(uid)
        assert found is not None
        assert (found.id, meeting_uid(found.uid)) == (entry, (uid, None))
        await harness.remove(entry)
    assert await harness.calendar.find_meeting(uid) is None


# --- mails ------------------------------------------------------------------------------------------------------------
async def test_a_meeting_is_not_written_by_itself(harness: EwsHarness) -> None:
    """Nothing is sent for a meeting, its dates neither, unless the organizer's edit announces itself (R16)."""
    when = recurring(harness, times=5)
    mine, day = organize(harness, when), dates_of(when)[1]
    events = ((harness.calendar, mine), (berts(harness), theirs(harness)))
    for calendar, entry in events:
        event = await seen(calendar, entry)
        ours = change(event, day, replace(held_on(event, day), subject="other"))
        for call in (
            calendar.update(event, Draft(wanted("other", when)), SUBJECT),
            calendar.change_date(event.id, event, ours),
            calendar.delete(event),
        ):
            with pytest.raises(ItemRefused) as caught:
                await call
            assert caught.value.code == "meeting"
    assert {one.operation for one in harness.simulator.exchanged} == {"GetItem"}
    assert harness.simulator.mails == []


async def test_an_edit_that_is_announced(harness: EwsHarness) -> None:
    """Exchange tells each attendee once; attendees are never sent, so nobody's answer is lost."""
    entry = organize(harness, an_hour(harness))
    harness.people.respond(theirs(harness), "Accept")
    event = await seen(harness.calendar, entry)
    draft = Draft(replace(event.essence, subject="announced"), announces=True)
    after = await harness.calendar.update(event, draft, SUBJECT)
    assert after.essence.subject == "announced"
    assert [mail.kind for mail in harness.simulator.mails] == ["update", "update"]
    assert after.attendees[0] == Attendee(BERT, Response.ACCEPTED)
    assert (await seen(berts(harness), theirs(harness))).essence.subject == "announced"


async def test_a_date_and_a_deletion_that_are_announced(harness: EwsHarness) -> None:
    """One date tells the attendees of that date; a deletion cancels the meeting."""
    when = recurring(harness, times=5)
    entry, day = organize(harness, when), dates_of(when)[1]
    event = await seen(harness.calendar, entry)
    ours = moved(held_on(event, day), HOUR)
    assert await harness.calendar.change_date(entry, event, change(event, day, ours), announces=True) == ours
    assert len(harness.simulator.mails) == 2
    await harness.calendar.delete(await seen(harness.calendar, entry), announces=True)
    assert [mail.kind for mail in harness.simulator.mails[2:]] == ["cancellation", "cancellation"]
    assert await harness.calendar.verify(entry, "") is None


async def test_a_date_to_which_somebody_is_invited_meanwhile(harness: EwsHarness) -> None:
    """The fresh look keeps the mail from going out."""
    when = recurring(harness, times=5)
    entry, day = await harness.put("series", when), dates_of(when)[1]
    before = await seen(harness.calendar, entry)
    harness.people.edit_occurrence(entry, day, attendees=[OUTSIDER])
    for ours in (DateException(day), replace(held_on(before, day), subject="ours")):
        with pytest.raises(ItemRefused) as caught:
            await harness.calendar.change_date(entry, before, change(before, day, ours))
        assert caught.value.code == "meeting"
    assert harness.simulator.mails == []


async def test_what_announces_without_being_a_meeting(harness: EwsHarness) -> None:
    """There is nobody to tell: the request says so, too."""
    when = recurring(harness, times=5)
    entry, day = await harness.put("series", when), dates_of(when)[1]
    event = await seen(harness.calendar, entry)
    gone = change(event, day, DateException(day))
    await harness.calendar.change_date(entry, event, gone, announces=True)
    event = await seen(harness.calendar, entry)
    event = await harness.calendar.update(event, Draft(wanted("other", when), announces=True), SUBJECT)
    await harness.calendar.delete(event, announces=True)
    sent = b"".join(one.request for one in harness.simulator.exchanged)
    assert b"SendToAll" not in sent
    assert sent.count(b"SendToNone") == 3


async def test_the_text_of_an_online_meetings_date(harness: EwsHarness) -> None:
    """It is left out; where nothing else differs, that is said (R12)."""
    when = recurring(harness, times=5)
    details = times_of(when) | {"is_online_meeting": True}
    start, end = details.pop("start"), details.pop("end")
    entry = harness.people.add_event(harness.mailbox, "online", start, end, **details)
    before, day = await seen(harness.calendar, entry), dates_of(when)[1]
    assert before.is_online
    text = replace(held_on(before, day), text="ours")
    for call in (
        harness.calendar.change_date(entry, before, change(before, day, text)),
        harness.calendar.update(before, Draft(wanted("x", when, "ours")), frozenset({Field.TEXT})),
    ):
        with pytest.raises(ItemRefused) as caught:
            await call
        assert caught.value.code == "online_meeting_text"
    both = replace(text, subject="ours")
    echo = await harness.calendar.change_date(entry, before, change(before, day, both))
    assert echo == replace(both, text=held_on(before, day).text)
