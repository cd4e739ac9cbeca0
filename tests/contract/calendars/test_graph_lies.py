"""Events under the lies of Graph and Exchange: what lingers, what is bumped, what must never be touched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from core.errors import ItemChanged, ItemRefused, OutcomeUnknown, RetryLater, Stop
from core.model.essence import Field
from core.model.operation import Draft
from core.model.sighting import Event
from core.model.when import AllDay
from tests.contract.calendars.content import an_hour, day, soon, wanted
from tests.contract.calendars.graph_harness import GraphHarness, graph_harness
from tests.simulators.common.faults import Action, Fault
from tests.simulators.graph import MailboxState

SUBJECT = frozenset({Field.SUBJECT})


@pytest.fixture
async def harness() -> AsyncIterator[GraphHarness]:
    """The simulator as it usually is: deleted events linger, Exchange writes once more after each write of ours."""
    async with graph_harness() as harness:
        yield harness
        assert harness.simulator.mails == [], "promise 3: nobody is mailed"


async def read(harness: GraphHarness, entry: str) -> Event:
    """The event as it is now."""
    seen = await harness.calendar.read(entry)
    assert seen is not None
    return seen


# --- deletions --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("whole_days", [False, True])
async def test_r19_an_event_that_lingers_in_deleted_items(harness: GraphHarness, *, whole_days: bool) -> None:
    """It still answers by its id, but a view of its own dates lacks it: the deletion is proven."""
    when = AllDay(day(soon(harness), 0), day(soon(harness), 2)) if whole_days else an_hour(harness)
    entry = await harness.put("doomed", when)
    await harness.remove(entry)
    assert await harness.calendar.read(entry) is not None
    assert await harness.calendar.verify(entry, "") is None
    harness.people.purge_deleted(harness.mailbox)
    assert await harness.calendar.verify(entry, "") is None


async def test_r19_an_event_that_moves_while_it_is_verified(harness: GraphHarness) -> None:
    """Moved between the read and the view, it is in neither of the two dates: that proves nothing."""
    entry = await harness.put("restless", an_hour(harness))

    def move(request: httpx.Request) -> None:
        if "calendarView" in request.url.path:
            harness.people.move_event(entry, soon(harness, 5), soon(harness, 6))

    harness.wire.before = move
    with pytest.raises(RetryLater):
        await harness.calendar.verify(entry, "")
    harness.wire.before = lambda _: None
    assert await harness.calendar.verify(entry, "") is not None


async def test_r19_a_view_that_fails_proves_nothing(harness: GraphHarness) -> None:
    """Half of the proof is none."""
    entry = await harness.put("doomed", an_hour(harness))
    await harness.remove(entry)
    harness.simulator.faults.add(Fault(Action.STATUS, path="calendarView", status=503))
    with pytest.raises(RetryLater):
        await harness.calendar.verify(entry, "")


async def test_r19_an_event_that_cannot_be_read_is_not_gone(harness: GraphHarness) -> None:
    """A living event whose times mean nothing is refused, never taken for deleted."""
    entry = await harness.put("odd", an_hour(harness))

    def spoil(body: Any) -> None:
        if "start" in body:
            body["start"]["timeZone"] = "tzone://Microsoft/Custom"

    harness.wire.rewrite = spoil
    with pytest.raises(ItemRefused) as caught:
        await harness.calendar.verify(entry, "")
    assert caught.value.code == "unknown_time_zone"


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (MailboxState.ON_PREMISES, "mailbox_not_in_microsoft365"),
        (MailboxState.UNLICENSED, "mailbox_not_found"),
        (MailboxState.DENIED, "mailbox_access_denied"),
    ],
)
async def test_r19_an_answer_about_the_mailbox_proves_nothing(
    harness: GraphHarness, state: MailboxState, code: str
) -> None:
    """A mailbox that is elsewhere, unlicensed or out of reach stops the pair: reads, views, rounds and writes alike."""
    seen = await read(harness, await harness.put("a", an_hour(harness)))
    harness.mailbox.state = state
    draft = harness.draft(wanted("b", an_hour(harness)))
    for call in (
        harness.calendar.read(seen.id),
        harness.calendar.verify(seen.id, ""),
        harness.calendar.view(harness.window),
        harness.round(),
        harness.calendar.create(draft, harness.stamp()),
        harness.calendar.update(seen, draft, SUBJECT),
        harness.calendar.delete(seen),
    ):
        with pytest.raises(Stop) as caught:
            await call
        assert (caught.value.code, caught.value.whole_company) == (code, False)


async def test_a_mailbox_that_is_not_there(harness: GraphHarness) -> None:
    """A user who left the directory is no deletion of their events."""
    entry = await harness.put("a", an_hour(harness))
    harness.people.remove_mailbox(harness.mailbox)
    with pytest.raises(Stop) as caught:
        await harness.calendar.verify(entry, "")
    assert caught.value.code == "mailbox_not_found"


async def test_deleting_twice_while_the_first_lingers(harness: GraphHarness) -> None:
    """What is in Deleted Items already is deleted; it is not purged, so a person can get it back."""
    seen = await read(harness, await harness.put("a", an_hour(harness)))
    await harness.calendar.delete(seen)
    await harness.calendar.delete(seen)
    assert harness.people.event(seen.id).folder == "deleted_items"
    assert len(harness.wire.sent("DELETE")) == 1


async def test_a_second_delete_that_graph_refuses(harness: GraphHarness) -> None:
    """400 for an item that went to Deleted Items in this very moment is success (facts/microsoft.md A5)."""
    seen = await read(harness, await harness.put("a", an_hour(harness)))

    def remove_first(request: httpx.Request) -> None:
        if request.method == "DELETE":
            harness.people.delete_event(seen.id)

    harness.wire.before = remove_first
    await harness.calendar.delete(seen)
    assert [exchange.status for exchange in harness.wire.sent("DELETE")] == [400]


async def test_a_delete_that_graph_refuses_for_another_reason(harness: GraphHarness) -> None:
    """400 for an event that is still in the calendar is a refusal."""
    seen = await read(harness, await harness.put("a", an_hour(harness)))
    body = {"error": {"code": "ErrorCannotDeleteObject", "message": "no"}}
    harness.simulator.faults.add(Fault(Action.STATUS, method="DELETE", status=400, body=body))
    with pytest.raises(ItemRefused) as caught:
        await harness.calendar.delete(seen)
    assert caught.value.code == "ErrorCannotDeleteObject"


async def test_deleting_looks_first(harness: GraphHarness) -> None:
    """DELETE ignores If-Match, so the event is read just before; a person's edit in between keeps it alive."""
    seen = await read(harness, await harness.put("a", an_hour(harness)))
    harness.wire.exchanges.clear()
    await harness.edit(seen.id, subject="edited")
    with pytest.raises(ItemChanged):
        await harness.calendar.delete(seen)
    assert [exchange.method for exchange in harness.wire.exchanges] == ["GET"]


async def test_deleting_what_exchange_bumped(harness: GraphHarness) -> None:
    """A version that moved without any change of content does not keep a deletion from happening."""
    made = await harness.calendar.create(harness.draft(wanted("a", an_hour(harness))), harness.stamp())
    assert (await read(harness, made.id)).version != made.version
    await harness.calendar.delete(made)
    assert await harness.calendar.verify(made.id, "") is None


async def test_an_event_that_vanishes_just_before_its_delete(harness: GraphHarness) -> None:
    """404 for the DELETE itself is success."""
    seen = await read(harness, await harness.put("a", an_hour(harness)))

    def purge_first(request: httpx.Request) -> None:
        if request.method == "DELETE":
            harness.people.delete_event(seen.id)
            harness.people.purge_deleted(harness.mailbox)

    harness.wire.before = purge_first
    await harness.calendar.delete(seen)
    assert [exchange.status for exchange in harness.wire.sent("DELETE")] == [404]


async def test_p63_an_event_that_got_another_id(harness: GraphHarness) -> None:
    """The old id is proven gone, the new one has the same iCalUId: the core can see that it is the same event."""
    entry = await harness.put("a", an_hour(harness))
    uid, cursor = (await read(harness, entry)).uid, (await harness.round())[-1].cursor
    new = harness.people.rehome_event(entry)
    pages = await harness.round(cursor)
    assert [(event.id, event.uid) for page in pages for event in page.sightings] == [(new, uid)]
    assert await harness.calendar.verify(entry, "") is None


# --- writes -----------------------------------------------------------------------------------------------------------
async def test_updating_with_a_stale_version(harness: GraphHarness) -> None:
    """412 says that nothing was written, whoever moved the version."""
    made = await harness.calendar.create(harness.draft(wanted("a", an_hour(harness))), harness.stamp())
    await read(harness, made.id)
    with pytest.raises(ItemChanged):
        await harness.calendar.update(made, Draft(wanted("b", an_hour(harness))), SUBJECT)
    assert harness.wire.sent("PATCH")[-1].status == 412
    assert harness.people.event(made.id).subject == "a"


async def test_updating_what_lingers(harness: GraphHarness) -> None:
    """An event in Deleted Items is not written to."""
    seen = await read(harness, await harness.put("a", an_hour(harness)))
    await harness.remove(seen.id)
    with pytest.raises(ItemChanged):
        await harness.calendar.update(seen, Draft(wanted("b", an_hour(harness))), SUBJECT)


@pytest.mark.parametrize("status", [409, 412])
async def test_two_writes_at_once(harness: GraphHarness, status: int) -> None:
    """Overlapping writes give 412 or 409: nothing was written."""
    seen = await read(harness, await harness.put("a", an_hour(harness)))
    harness.simulator.faults.add(Fault(Action.STATUS, method="PATCH", status=status))
    with pytest.raises(ItemChanged):
        await harness.calendar.update(seen, Draft(wanted("b", an_hour(harness))), SUBJECT)


async def test_a_conflict_without_a_precondition(harness: GraphHarness) -> None:
    """A 412 for a read is Graph's own affair: try again later (facts/microsoft.md B)."""
    entry = await harness.put("a", an_hour(harness))
    harness.simulator.faults.add(Fault(Action.STATUS, status=412))
    with pytest.raises(RetryLater) as caught:
        await harness.calendar.read(entry)
    assert not isinstance(caught.value, ItemChanged)


@pytest.mark.parametrize(("status", "unknown"), [(429, False), (503, False), (500, True), (502, True), (504, True)])
async def test_a_write_that_fails(harness: GraphHarness, status: int, *, unknown: bool) -> None:
    """429 and 503 were not done; after the others nobody knows."""
    seen = await read(harness, await harness.put("a", an_hour(harness)))
    draft = harness.draft(wanted("b", an_hour(harness)))
    harness.simulator.faults.add(Fault(Action.STATUS, method="PATCH", status=status, retry_after=9))
    harness.simulator.faults.add(Fault(Action.STATUS, method="POST", status=status, retry_after=9))
    for call in (harness.calendar.update(seen, draft, SUBJECT), harness.calendar.create(draft, harness.stamp())):
        with pytest.raises(RetryLater) as caught:
            await call
        assert isinstance(caught.value, OutcomeUnknown) is unknown
        assert caught.value.after == 9


async def test_p01_a_create_whose_answer_was_lost(harness: GraphHarness) -> None:
    """The same stamp again answers the event that is there already, with its mark."""
    draft, stamp = harness.draft(wanted("once", an_hour(harness))), harness.stamp()
    harness.simulator.faults.add(Fault(Action.DROP_AFTER_COMMIT, method="POST"))
    with pytest.raises(OutcomeUnknown):
        await harness.calendar.create(draft, stamp)
    made = await harness.calendar.create(draft, stamp)
    assert len(harness.people.events_of(harness.mailbox)) == 1
    assert (made.transaction, made.mark) == (stamp.transaction, stamp.mark)
    assert (await read(harness, made.id)).mark == stamp.mark


async def test_p04_a_copy_carries_the_mark_of_its_original(harness: GraphHarness) -> None:
    """The mark is read as it stands; it is the core that sees that it is another event's."""
    stamp = harness.stamp()
    made = await harness.calendar.create(harness.draft(wanted("a", an_hour(harness))), stamp)
    copy = await read(harness, harness.people.copy_event(made.id))
    assert (copy.mark, copy.transaction) == (stamp.mark, None)
    assert copy.id != made.id


async def test_what_a_create_sends(harness: GraphHarness) -> None:
    """No attendees, no reminder; times in UTC; the mark and the transaction."""
    stamp = harness.stamp()
    await harness.calendar.create(Draft(wanted("a", an_hour(harness), private=True), busy="oof"), stamp)
    body = harness.wire.sent("POST")[-1].body
    assert set(body) == {
        "subject", "body", "location", "start", "end", "isAllDay", "sensitivity", "showAs", "transactionId",
        "singleValueExtendedProperties",
    }  # fmt: skip
    assert (body["showAs"], body["sensitivity"], body["start"]["timeZone"]) == ("oof", "private", "UTC")


async def test_an_update_sends_one_field(harness: GraphHarness) -> None:
    """Only what changed, with the version as precondition."""
    seen = await read(harness, await harness.put("a", an_hour(harness)))
    await harness.calendar.update(seen, Draft(wanted("b", an_hour(harness))), SUBJECT)
    sent = harness.wire.sent("PATCH")[-1]
    assert sent.body == {"subject": "b"}
    assert sent.headers["If-Match"] == seen.version


async def test_nothing_to_update(harness: GraphHarness) -> None:
    """No field, no request (R21)."""
    seen = await read(harness, await harness.put("a", an_hour(harness)))
    harness.wire.exchanges.clear()
    assert await harness.calendar.update(seen, Draft(wanted("b", an_hour(harness))), frozenset()) == seen
    assert harness.wire.exchanges == []


async def test_a_meeting_is_never_written(harness: GraphHarness) -> None:
    """Attendees would be mailed: updates and deletes are refused before anything is sent."""
    entry = harness.people.add_event(
        harness.mailbox, "meeting", soon(harness), soon(harness, 2), attendees=["bo@example.com"]
    )
    seen = await read(harness, entry)
    assert seen.is_meeting
    for call in (
        harness.calendar.update(seen, Draft(wanted("b", an_hour(harness))), SUBJECT),
        harness.calendar.delete(seen),
    ):
        with pytest.raises(ItemRefused) as caught:
            await call
        assert caught.value.code == "meeting"
    assert harness.wire.sent("PATCH") == harness.wire.sent("DELETE") == []


async def test_an_event_that_became_a_meeting(harness: GraphHarness) -> None:
    """A stale sighting without attendees does not let a write through."""
    seen = await read(harness, await harness.put("a", an_hour(harness)))
    harness.people.edit_event(seen.id, attendees=["bo@example.com"])
    with pytest.raises(ItemChanged):
        await harness.calendar.update(seen, Draft(wanted("b", an_hour(harness))), SUBJECT)
    with pytest.raises(ItemRefused):
        await harness.calendar.delete(seen)
    assert harness.wire.sent("DELETE") == []


async def test_an_echo_in_html(harness: GraphHarness) -> None:
    """Where a write's answer ignores that text was preferred, the text is read as later answers bring it (P40)."""

    def only_reads_bring_text(request: httpx.Request) -> None:
        if request.method != "GET":
            request.headers["Prefer"] = 'IdType="ImmutableId"'

    harness.wire.before = only_reads_bring_text
    asked = wanted("a", an_hour(harness), "one & two\n\n<three>")
    made = await harness.calendar.create(harness.draft(asked), harness.stamp())
    assert made.essence == asked
    assert made.mark is not None
    assert [exchange.method for exchange in harness.wire.exchanges] == ["POST", "GET"]
    seen = await read(harness, made.id)
    changed = await harness.calendar.update(seen, Draft(wanted("a", an_hour(harness), "four")), frozenset({Field.TEXT}))
    assert changed.essence.text == "four"


async def test_a_person_writes_between_the_write_and_the_look_at_its_text(harness: GraphHarness) -> None:
    """Their edit is not taken for our echo: the caller has to look again."""

    def interfere(request: httpx.Request) -> None:
        if request.method == "POST":
            request.headers["Prefer"] = 'IdType="ImmutableId"'
        else:
            harness.people.edit_event(harness.people.events_of(harness.mailbox)[0].immutable_id, subject="theirs")

    harness.wire.before = interfere
    with pytest.raises(OutcomeUnknown):
        await harness.calendar.create(harness.draft(wanted("a", an_hour(harness), "text")), harness.stamp())


async def test_p40_text_that_exchange_rewrites(harness: GraphHarness) -> None:
    """What comes back, now and later, equals what was meant: a second run finds no difference."""
    text = (
        "  two  spaces\t\u00a0and\r\nlines &amp; <b>marks</b> \U0001f469\u200d\U0001f469\u200d\U0001f467  \n\n\n\nend"
    )
    asked = wanted("a", an_hour(harness), text, text)
    made = await harness.calendar.create(harness.draft(asked), harness.stamp())
    pages = await harness.round()
    assert made.essence == asked
    assert [event.essence for page in pages for event in page.sightings] == [asked]
