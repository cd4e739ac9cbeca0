"""Meetings between mailboxes, and the mails that calls make Exchange send."""

from __future__ import annotations

from datetime import date, timedelta

from tests.simulators.common.recurrence import Rule

from .ews_stage import ANNA, BERT, DAY, HOUR, NINE, Stage, setting, stage, subject, timed

__all__ = ["stage"]
GUEST = "guest@elsewhere.example"


def inviting(*addresses: str) -> str:
    """The inside of a meeting."""
    people = "".join(
        f"<t:Attendee><t:Mailbox><t:EmailAddress>{address}</t:EmailAddress></t:Mailbox></t:Attendee>"
        for address in addresses
    )
    return timed(
        "Meet",
        "2026-03-10T09:00:00Z",
        "2026-03-10T10:00:00Z",
        f"<t:RequiredAttendees>{people}</t:RequiredAttendees>",
    )


def mails(stage: Stage) -> list[tuple[str, str]]:
    """What was mailed, and to whom."""
    return [(mail.kind, mail.attendee) for mail in stage.ews.mails]


async def test_send_to_none_mails_nobody(stage: Stage) -> None:
    """Whatever is created, changed or deleted; the meeting is one that was never sent."""
    [item] = (await stage.create(inviting(BERT, GUEST))).ids()
    got = await stage.get(item[0])
    assert (got.text("t:IsMeeting"), got.text("t:MeetingRequestWasSent")) == ("true", "false")
    assert (await stage.update(item, subject("Other"))).codes == ["NoError"]
    await stage.delete(item[0])
    assert stage.ews.mails == []
    assert stage.people.events_of(stage.bert) == []


async def test_an_invitation_an_update_and_a_cancellation(stage: Stage) -> None:
    """Each is a mail per attendee, and comes into the calendars of those who have one here."""
    [item] = (await stage.create(inviting(BERT, GUEST), sends="SendToAllAndSaveCopy")).ids()
    assert mails(stage) == [("invitation", BERT), ("invitation", GUEST)]
    [there] = stage.people.events_of(stage.bert)
    assert (there.uid, there.organizer, there.free_busy) == (stage.people.event(item[0]).uid, ANNA, "Tentative")
    shown = await stage.get(there.item_id, acts_for=BERT)
    assert (shown.text("t:MyResponseType"), shown.text("t:AppointmentState")) == ("NoResponseReceived", "3")
    assert shown.text("t:Organizer/t:Mailbox/t:EmailAddress") == ANNA
    stage.ews.mails.clear()
    await stage.update(item, subject("Other"), sends="SendToAllAndSaveCopy")
    assert mails(stage) == [("update", BERT), ("update", GUEST)]
    assert stage.people.events_of(stage.bert)[0].subject == "Other"
    stage.ews.mails.clear()
    await stage.delete(item[0], sends="SendToAllAndSaveCopy")
    assert mails(stage) == [("cancellation", BERT), ("cancellation", GUEST)]
    [there] = stage.people.events_of(stage.bert)
    assert (there.is_cancelled, there.subject) == (True, "Canceled: Other")


async def test_attendees_that_change(stage: Stage) -> None:
    """SendToChanged mails only who came or went."""
    [item] = (await stage.create(inviting(BERT, GUEST), sends="SendToAllAndSaveCopy")).ids()
    stage.ews.mails.clear()
    people = inviting(BERT, "new@elsewhere.example").partition("</t:End>")[2]
    change = setting("calendar:RequiredAttendees", people)
    await stage.update(item, change, sends="SendToChangedAndSaveCopy")
    assert mails(stage) == [("invitation", "new@elsewhere.example"), ("cancellation", GUEST)]


async def test_people_mail_without_being_counted(stage: Stage) -> None:
    """An invitation of a person, an answer, and a change that reaches everybody."""
    own = stage.people.add_event(stage.anna, "Meet", NINE, NINE + HOUR, attendees=[BERT, GUEST])
    [there] = stage.people.events_of(stage.bert)
    assert stage.people.respond(there.item_id, "Accept").my_response == "Accept"
    assert [one.response for one in stage.people.event(own).attendees] == ["Accept", "Unknown"]
    stage.people.move_event(own, NINE + DAY, NINE + DAY + HOUR)
    [there] = stage.people.events_of(stage.bert)
    assert there.start == NINE + DAY
    stage.people.cancel_event(own)
    assert stage.people.events_of(stage.bert)[0].is_cancelled
    assert stage.ews.mails == []


async def test_a_meeting_that_is_declined(stage: Stage) -> None:
    """It leaves the attendee's calendar; the organizer sees it."""
    own = stage.people.add_event(stage.anna, "Meet", NINE, NINE + HOUR, attendees=[BERT])
    [there] = stage.people.events_of(stage.bert)
    stage.people.respond(there.item_id, "Decline")
    assert stage.people.events_of(stage.bert) == []
    got = await stage.get(own)
    assert got.text("t:RequiredAttendees/t:Attendee/t:ResponseType") == "Decline"


async def test_a_series_with_attendees(stage: Stage) -> None:
    """One date moved, one declined, one cancelled: each calendar knows it, the attendee's under its own ids."""
    rule = Rule("weekly", date(2026, 3, 10), weekdays=(1,), count=4)
    own = stage.people.add_event(stage.anna, "Meet", NINE, NINE + HOUR, rule=rule, attendees=[BERT])
    first = date(2026, 3, 10)
    week = timedelta(days=7)
    stage.people.edit_occurrence(own, first, start=NINE + HOUR, end=NINE + 2 * HOUR)
    [there] = stage.people.events_of(stage.bert)
    assert there.kind == "RecurringMaster"
    stage.people.respond(stage.people.occurrence_id(there.item_id, first + week), "Decline")
    stage.people.cancel_event(stage.people.occurrence_id(own, first + 2 * week))
    seen = stage.people.occurrences_of(there.item_id, first, first + 9 * week)
    assert [(one.start, one.is_cancelled) for one in seen] == [
        (NINE + HOUR, False),
        (NINE + 2 * week, True),
        (NINE + 3 * week, False),
    ]
    kept = stage.people.occurrences_of(own, first, first + 9 * week)
    assert [one.start for one in kept] == [NINE + HOUR, NINE + week, NINE + 3 * week]
    assert [one.response for one in kept[1].attendees] == ["Decline"]
    assert stage.ews.mails == []


async def test_emptying_deleted_items(stage: Stage) -> None:
    """What was there is not found by its second id either."""
    item_id = stage.people.add_event(stage.anna, "S", NINE, NINE + HOUR)
    stage.people.delete_event(item_id)
    there = stage.people.event(item_id).item_id
    assert (await stage.get(there)).codes == ["NoError"]
    stage.people.purge_deleted(stage.anna)
    assert (await stage.get(there)).codes == ["ErrorItemNotFound"]
