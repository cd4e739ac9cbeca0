"""Meetings in mailboxes: who is who, how one is found in another mailbox, and who is mailed for what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from core.adapters.graph.calendar import GraphCalendar
from core.errors import ItemRefused
from core.model.essence import Field
from core.model.exceptions import DateException
from core.model.ids import MailboxId
from core.model.operation import Draft
from core.model.sighting import Attendee, Event, Response, Shape
from core.model.uid import meeting_uid, spellings
from tests.contract.calendars.content import HOUR, an_hour, dates_of, moved, recurring, soon, wanted
from tests.contract.calendars.graph_harness import GraphHarness, graph_harness, times_of
from tests.contract.calendars.series_dates import change, held_on
from tests.simulators.graph.mailbox import Mailbox

BEN, OUTSIDER = "Ben@example.com", "Eve@Elsewhere.example"
SUBJECT = frozenset({Field.SUBJECT})


@pytest.fixture
async def harness() -> AsyncIterator[GraphHarness]:
    """The simulator as it usually is, with a second mailbox."""
    async with graph_harness() as harness:
        harness.people.add_mailbox(harness.tenant, BEN, time_zone="UTC")
        yield harness


def ben(harness: GraphHarness) -> Mailbox:
    """Ben's mailbox."""
    (found,) = (mailbox for mailbox in harness.tenant.mailboxes.values() if mailbox is not harness.mailbox)
    return found


def bens(harness: GraphHarness) -> GraphCalendar:
    """Ben's calendar, in a run of its own."""
    return GraphCalendar(harness.api, MailboxId(ben(harness).object_id), harness.page)


def organize(harness: GraphHarness, when: Any, **details: Any) -> str:
    """Anna invites Ben and somebody outside; her event's id."""
    invited = {"attendees": [BEN, OUTSIDER], **details}
    return harness.people.organize_meeting(harness.mailbox, "meeting", **times_of(when), **invited)


async def seen(calendar: GraphCalendar, entry: str) -> Event:
    """The event as it is now."""
    found = await calendar.read(entry)
    assert found is not None
    return found


# --- who is who -------------------------------------------------------------------------------------------------------
async def test_the_organizers_event(harness: GraphHarness) -> None:
    """Its own people, by addresses without case, with what they answered."""
    entry = organize(harness, an_hour(harness))
    theirs = harness.people.event_of_meeting(entry, ben(harness))
    assert theirs is not None
    harness.people.accept(theirs.immutable_id, tentatively=True)
    event = await seen(harness.calendar, entry)
    assert (event.is_meeting, event.is_organizer, event.organizer) == (True, True, "anna@example.com")
    assert event.attendees == (Attendee(BEN.lower(), Response.TENTATIVE), Attendee(OUTSIDER.lower()))
    assert event.response is Response.ORGANIZER


async def test_an_attendees_event(harness: GraphHarness) -> None:
    """It is somebody else's meeting, of the same uid; the organizer is among the attendees (facts/microsoft.md A4)."""
    entry = organize(harness, an_hour(harness))
    (event,) = (await bens(harness).view(harness.window)).sightings
    assert (event.is_meeting, event.is_organizer, event.organizer) == (True, False, "anna@example.com")
    assert {one.address for one in event.attendees} == {"anna@example.com", BEN.lower(), OUTSIDER.lower()}
    assert (event.response, event.uid) == (Response.NONE, (await seen(harness.calendar, entry)).uid)
    harness.people.accept(event.id)
    assert (await seen(bens(harness), event.id)).response is Response.ACCEPTED


async def test_an_event_without_attendees(harness: GraphHarness) -> None:
    """It is nobody's meeting, and its owner's own."""
    event = await seen(harness.calendar, await harness.put("alone", an_hour(harness)))
    assert (event.is_meeting, event.is_organizer, event.attendees) == (False, True, ())


async def test_people_are_seen_in_rounds_and_views_alike(harness: GraphHarness) -> None:
    """Delta and listings tell the same of a meeting as a read does."""
    for when in (an_hour(harness), recurring(harness, times=5)):
        organize(harness, when)
    told = {event.id: event for page in await harness.round() for event in page.sightings}
    for event in (await harness.calendar.view(harness.window)).sightings:
        assert event == await seen(harness.calendar, event.id)
        assert told[event.id] == replace(event, mark_read=event.shape is Shape.SERIES)


async def test_a_date_that_the_organizer_cancelled(harness: GraphHarness) -> None:
    """In an attendee's calendar it stays, marked; it does not take place all the same."""
    when = recurring(harness, times=5)
    entry, day = organize(harness, when), dates_of(when)[1]
    harness.people.cancel_meeting(entry, day)
    (event,) = (await bens(harness).view(harness.window)).sightings
    assert event.essence.exceptions == (DateException(day),)
    assert (await seen(harness.calendar, entry)).essence.exceptions == (DateException(day),)


async def test_a_date_that_an_attendee_declined(harness: GraphHarness) -> None:
    """It is gone from their series, and takes place in the organizer's."""
    when = recurring(harness, times=5)
    entry, day = organize(harness, when), dates_of(when)[1]
    (event,) = (await bens(harness).view(harness.window)).sightings
    harness.people.decline(event.id, day)
    assert (await seen(bens(harness), event.id)).essence.exceptions == (DateException(day),)
    assert (await seen(harness.calendar, entry)).essence.exceptions == ()


# --- the same meeting in another mailbox ------------------------------------------------------------------------------
async def test_a_meeting_is_found_in_each_mailbox(harness: GraphHarness) -> None:
    """A single one and a series, by the organizer's uid; the series comes whole."""
    when = recurring(harness, times=5)
    for entry in (organize(harness, an_hour(harness)), organize(harness, when)):
        event = await seen(harness.calendar, entry)
        theirs = harness.people.event_of_meeting(entry, ben(harness))
        assert theirs is not None
        found = await bens(harness).find_meeting(meeting_uid(event.uid)[0])
        assert found == await seen(bens(harness), theirs.immutable_id)
        assert found.mark_read
        assert await harness.calendar.find_meeting(event.uid) == event


async def test_an_invitation_that_has_not_arrived(harness: GraphHarness) -> None:
    """There is nothing to be found yet; nor where a meeting was declined."""
    entry = organize(harness, an_hour(harness), held=[BEN])
    uid = (await seen(harness.calendar, entry)).uid
    assert await bens(harness).find_meeting(uid) is None
    harness.people.deliver_invitations(ben(harness))
    found = await bens(harness).find_meeting(uid)
    assert found is not None
    harness.people.decline(found.id)
    assert await bens(harness).find_meeting(uid) is None


async def test_somebody_who_is_invited_to_a_single_date(harness: GraphHarness) -> None:
    """Their event is found by the uid with that date in it, not by that of the series."""
    when = recurring(harness, times=5)
    entry, day = organize(harness, when, attendees=[OUTSIDER]), dates_of(when)[1]
    harness.people.add_attendees(entry, BEN, day=day)
    (event,) = (await bens(harness).view(harness.window)).sightings
    whole = (await seen(harness.calendar, entry)).uid
    assert event.shape is Shape.SINGLE
    assert meeting_uid(event.uid) == (whole, day)
    assert await bens(harness).find_meeting(event.uid) == event
    assert await bens(harness).find_meeting(whole) is None
    (series,) = (await harness.calendar.view(harness.window)).sightings
    assert meeting_uid(series.uid) == (whole, None)


@pytest.mark.parametrize("encoded", [False, True])
async def test_a_meeting_of_another_system(harness: GraphHarness, *, encoded: bool) -> None:
    """Its uid may be anything, quotes too, and may be shown as it is or wrapped up."""
    uid = "o'brien-7@elsewhere.example"
    shown = spellings(uid)[1] if encoded else uid
    details: dict[str, Any] = {"organizer": OUTSIDER, "attendees": [BEN], "ical_uid": shown}
    entry = harness.people.add_event(ben(harness), "theirs", soon(harness), soon(harness) + HOUR, **details)
    found = await bens(harness).find_meeting(uid)
    assert found is not None
    assert (found.id, found.uid, meeting_uid(found.uid)) == (entry, shown, (uid, None))
    assert await harness.calendar.find_meeting(uid) is None


# --- mails ------------------------------------------------------------------------------------------------------------
async def test_a_meeting_is_not_written_by_itself(harness: GraphHarness) -> None:
    """Nothing is sent for a meeting, its dates neither, unless the organizer's edit announces itself (R16)."""
    when = recurring(harness, times=5)
    mine, day = organize(harness, when), dates_of(when)[1]
    (theirs,) = (await bens(harness).view(harness.window)).sightings
    harness.wire.exchanges.clear()
    for calendar, event in ((harness.calendar, await seen(harness.calendar, mine)), (bens(harness), theirs)):
        ours = change(event, day, replace(held_on(event, day), subject="other"))
        for call in (
            calendar.update(event, Draft(wanted("other", when)), SUBJECT),
            calendar.change_date(event.id, event, ours),
            calendar.delete(event),
        ):
            with pytest.raises(ItemRefused) as caught:
                await call
            assert caught.value.code == "meeting"
    assert {exchange.method for exchange in harness.wire.exchanges} == {"GET"}
    assert harness.simulator.mails == []


async def test_an_edit_that_is_announced(harness: GraphHarness) -> None:
    """Exchange tells each attendee once; attendees are never sent, so nobody's answer is lost (facts A5)."""
    entry = organize(harness, an_hour(harness))
    harness.people.accept(harness.people.event_of_meeting(entry, ben(harness)).immutable_id)  # type: ignore[union-attr]
    event = await seen(harness.calendar, entry)
    draft = Draft(replace(event.essence, subject="announced"), announces=True)
    after = await harness.calendar.update(event, draft, SUBJECT)
    assert after.essence.subject == "announced"
    assert [exchange.body for exchange in harness.wire.sent("PATCH")] == [{"subject": "announced"}]
    assert [mail.kind for mail in harness.simulator.mails] == ["update", "update"]
    assert after.attendees[0] == Attendee(BEN.lower(), Response.ACCEPTED)


async def test_a_date_and_a_deletion_that_are_announced(harness: GraphHarness) -> None:
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


async def test_a_date_to_which_somebody_is_invited_meanwhile(harness: GraphHarness) -> None:
    """The fresh look keeps the mail from going out."""
    when = recurring(harness, times=5)
    entry, day = await harness.put("series", when), dates_of(when)[1]
    before = await seen(harness.calendar, entry)
    harness.people.add_attendees(entry, OUTSIDER, day=day)
    for ours in (DateException(day), replace(held_on(before, day), subject="ours")):
        with pytest.raises(ItemRefused) as caught:
            await harness.calendar.change_date(entry, before, change(before, day, ours))
        assert caught.value.code == "meeting"
    assert harness.simulator.mails == []


async def test_the_text_of_an_online_meetings_date(harness: GraphHarness) -> None:
    """It is left out; where nothing else differs, that is said (R12)."""
    when = recurring(harness, times=5)
    entry = harness.people.organize_meeting(harness.mailbox, "online", **times_of(when), online=True)
    before, day = await seen(harness.calendar, entry), dates_of(when)[1]
    assert before.is_online
    text = replace(held_on(before, day), text="ours")
    with pytest.raises(ItemRefused) as caught:
        await harness.calendar.change_date(entry, before, change(before, day, text))
    assert caught.value.code == "online_meeting_text"
    both = replace(text, subject="ours")
    echo = await harness.calendar.change_date(entry, before, change(before, day, both))
    assert echo == replace(both, text=held_on(before, day).text)
    assert [exchange.body for exchange in harness.wire.sent("PATCH")] == [{"subject": "ours"}]
