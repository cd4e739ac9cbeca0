"""Series in a mailbox, written: what is sent for them and for their dates, also where other clocks tell them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from core.errors import ItemChanged, ItemRefused, OutcomeUnknown
from core.model.essence import Field
from core.model.exceptions import DateChange, DateException
from core.model.operation import Draft
from core.model.pattern import Day, Weekly
from core.model.recurrence import ClockTime, Series, series
from core.model.sighting import Event
from core.usecases.owners_clock import OwnersClock
from tests.contract.calendars.content import HOUR, clock, dates_of, moved, recurring, wanted
from tests.contract.calendars.graph_harness import GraphHarness, graph_harness, quiet
from tests.contract.calendars.series_dates import change, held_on
from tests.simulators.common.faults import Action, Fault


@pytest.fixture
async def harness() -> AsyncIterator[GraphHarness]:
    """The simulator as it usually is, three entries to a page."""
    async with graph_harness() as harness:
        yield harness
        assert harness.simulator.mails == [], "promise 3: nobody is mailed"


async def seen(harness: GraphHarness, entry: str) -> Event:
    """The event as it is now."""
    found = await harness.calendar.read(entry)
    assert found is not None
    return found


# --- other clocks -----------------------------------------------------------------------------------------------------
MONDAYS = Weekly(1, frozenset({Day.MONDAY}))


async def test_r23_a_series_of_another_zone_is_changed_by_the_owners_dates(harness: GraphHarness) -> None:
    """Monday morning in Auckland is Sunday evening in Helsinki: both name the same occurrence."""
    at = ClockTime(datetime(2026, 1, 1, 8).time(), HOUR, "Pacific/Auckland")  # noqa: DTZ001 - a time of day
    when = series(date(2026, 3, 9), at, MONDAYS, times=6)
    entry = await harness.put("far away", when)
    calendar = OwnersClock(harness.calendar, "Europe/Helsinki")
    before = await calendar.read(entry)
    assert before is not None
    assert before.days_apart == -1
    sunday = date(2026, 3, 15)
    ours = replace(held_on(before, sunday), subject="ours")
    assert await calendar.change_date(entry, before, change(before, sunday, ours)) == ours
    await calendar.change_date(
        entry, before, change(before, sunday + timedelta(7), DateException(sunday + timedelta(7)))
    )
    event = harness.people.event(entry)
    assert event.cancelled == {date(2026, 3, 23)}
    after = await calendar.read(entry)
    assert after is not None
    assert [one.day for one in after.essence.exceptions] == [sunday, sunday + timedelta(7)]
    with pytest.raises(ItemChanged):
        await calendar.change_date(entry, before, change(before, sunday, replace(ours, subject="stale")))


async def test_r22_a_series_that_the_owners_clocks_tell_an_hour_off(harness: GraphHarness) -> None:
    """Between the two changes of the clocks it differs; such a date can be cancelled and edited all the same."""
    at = ClockTime(datetime(2026, 1, 1, 9).time(), HOUR, "America/New_York")  # noqa: DTZ001 - a time of day
    when = series(date(2026, 3, 2), at, MONDAYS)
    entry = await harness.put("off", when)
    calendar = OwnersClock(harness.calendar, "Europe/Helsinki")
    before = await calendar.read(entry)
    assert before is not None
    assert "time_zone_not_the_owners" in before.remarks
    off = date(2026, 3, 16)  # New York has daylight saving by then, Helsinki not yet.
    ours = replace(held_on(before, off), subject="ours")
    echo = await calendar.change_date(entry, before, change(before, off, ours))
    assert (echo.day, echo.subject) == (off, "ours")
    assert [sent.body for sent in harness.wire.sent("PATCH")] == [{"subject": "ours"}]
    gone = DateException(off + timedelta(days=7))
    assert await calendar.change_date(entry, before, change(before, gone.day, gone)) == gone
    moved_by_them = off + timedelta(days=14)
    await harness.change(entry, moved_by_them, when=moved(held_on(before, moved_by_them), 2 * HOUR).when)
    stale = change(before, moved_by_them, DateException(moved_by_them))
    with pytest.raises(ItemChanged):
        await calendar.change_date(entry, before, stale)


async def test_p19_a_series_whose_zone_nobody_knows(harness: GraphHarness) -> None:
    """It is kept in UTC and on the dates there; its occurrences are found by the names that Graph has for them."""
    custom = timezone(timedelta(hours=13), "custom")
    start = datetime(2026, 3, 9, 8, tzinfo=custom)  # Sunday evening in UTC.
    rule = {"pattern": {"type": "weekly", "daysOfWeek": ["monday"]}, "range": {"type": "noEnd"}}
    entry = harness.people.add_event(harness.mailbox, "custom", start, start + HOUR, recurrence=rule)

    def spoil(body: Any) -> None:  # What Exchange answers for a zone without a name.
        if body.get("recurrence"):
            body["originalStartTimeZone"] = body["recurrence"]["range"]["recurrenceTimeZone"] = "Mars/Olympus"

    harness.wire.rewrite = spoil
    before = await seen(harness, entry)
    assert before.remarks == ("time_zone_unknown",)
    sunday = date(2026, 3, 15)
    ours = replace(held_on(before, sunday), subject="ours")
    assert await harness.calendar.change_date(entry, before, change(before, sunday, ours)) == ours
    gone = DateException(date(2026, 3, 22))
    assert await harness.calendar.change_date(entry, await seen(harness, entry), change(before, gone.day, gone)) == gone
    assert (await seen(harness, entry)).essence.exceptions == (ours, gone)
    assert harness.people.event(entry).cancelled == {date(2026, 3, 23)}


async def test_r23_a_zone_that_shares_its_windows_name(harness: GraphHarness) -> None:
    """Helsinki goes out under the name that it shares with Kyiv; by the owner's clocks it comes back as it was."""
    when = recurring(harness, at=replace(clock(harness), zone="Europe/Helsinki"), times=5)
    calendar = OwnersClock(harness.calendar, "Europe/Helsinki")
    made = await calendar.create(harness.draft(wanted("series", when)), harness.stamp())
    assert (made.essence, made.days_apart, made.remarks) == (wanted("series", when), 0, ())
    assert await calendar.read(made.id) == made


# --- writes -----------------------------------------------------------------------------------------------------------
async def test_what_a_create_of_a_series_sends(harness: GraphHarness) -> None:
    """What a single event sends, and its recurrence; it is read once after it."""
    made = await harness.calendar.create(
        harness.draft(wanted("series", recurring(harness, times=5))), stamp := harness.stamp()
    )
    sent = harness.wire.sent("POST")[0].body
    assert (sent["recurrence"]["range"]["type"], sent["start"]["timeZone"]) == ("numbered", "W. Europe Standard Time")
    assert "attendees" not in sent
    assert [exchange.method for exchange in harness.wire.exchanges] == ["POST", "GET"]
    assert (made.mark, made.transaction) == (stamp.mark, stamp.transaction)


async def test_what_an_update_of_a_series_sends(harness: GraphHarness) -> None:
    """Only the named field; the series is read after it only where it has exceptions or a new time."""
    when = recurring(harness, times=5)
    before = await seen(harness, await harness.put("series", when))
    harness.wire.exchanges.clear()
    after = await harness.calendar.update(before, Draft(wanted("new", when)), frozenset({Field.SUBJECT}))
    assert [(e.method, e.body) for e in harness.wire.exchanges] == [("PATCH", {"subject": "new"})]
    await harness.cancel(before.id, dates_of(when)[1])
    before = await seen(harness, after.id)
    harness.wire.exchanges.clear()
    await harness.calendar.update(before, Draft(wanted("newer", when)), frozenset({Field.SUBJECT}))
    assert [exchange.method for exchange in harness.wire.exchanges] == ["PATCH", "GET"]


async def test_a_person_writes_between_the_write_and_the_look_at_its_dates(harness: GraphHarness) -> None:
    """Their edit is not taken for our echo: the caller has to look again."""
    before = await seen(harness, await harness.put("series", recurring(harness, times=5)))

    def interfere(request: httpx.Request) -> None:
        if request.method == "GET":
            harness.people.edit_event(before.id, subject="theirs")

    harness.wire.before = interfere
    later = recurring(harness, at=clock(harness, "15:00"), times=5)
    with pytest.raises(OutcomeUnknown):
        await harness.calendar.update(before, Draft(wanted("series", later)), frozenset({Field.TIME}))


async def test_what_a_change_of_a_date_sends(harness: GraphHarness) -> None:
    """One look, then only what differs, with the occurrence's version; nothing at all where nothing differs."""
    when = recurring(harness, times=5)
    entry, day = await harness.put("series", when, text="text"), dates_of(when)[1]
    before = await seen(harness, entry)
    harness.wire.exchanges.clear()
    same = held_on(before, day)
    assert await harness.calendar.change_date(entry, before, change(before, day, same)) == same
    assert harness.wire.exchanges == []
    await harness.calendar.change_date(entry, before, change(before, day, replace(same, location="there")))
    look, write = harness.wire.exchanges
    assert look.url.path.endswith(f"/OID.{entry}.{day}")
    assert (write.method, write.body) == ("PATCH", {"location": {"displayName": "there"}})
    assert write.headers["If-Match"] == look.answer["@odata.etag"]
    harness.wire.exchanges.clear()
    other = dates_of(when)[2]
    await harness.calendar.change_date(entry, before, change(before, other, DateException(other)))
    assert [exchange.method for exchange in harness.wire.exchanges] == ["GET", "DELETE"]


async def test_a_date_that_changes_between_the_look_and_the_write(harness: GraphHarness) -> None:
    """412 for an edit; a date that somebody else cancelled in this very moment is cancelled."""
    when = recurring(harness, times=5)
    entry, days = await harness.put("series", when), dates_of(when)
    before = await seen(harness, entry)

    def interfere(request: httpx.Request) -> None:
        if request.method == "PATCH":
            harness.people.edit_occurrence(entry, days[1], location="theirs")
        if request.method == "DELETE":
            harness.people.cancel_occurrence(entry, days[2])

    harness.wire.before = interfere
    ours = replace(held_on(before, days[1]), subject="ours")
    with pytest.raises(ItemChanged):
        await harness.calendar.change_date(entry, before, change(before, days[1], ours))
    gone = DateException(days[2])
    assert await harness.calendar.change_date(entry, before, change(before, days[2], gone)) == gone
    assert harness.wire.sent("DELETE")[-1].status == 404


async def test_an_occurrence_that_does_not_answer_by_its_name(harness: GraphHarness) -> None:
    """404 alone proves no cancellation: the series itself is asked."""
    when = recurring(harness, times=5)
    entry, day = await harness.put("series", when), dates_of(when)[1]
    before = await seen(harness, entry)
    body = {"error": {"code": "ErrorItemNotFound", "message": "no"}}
    harness.simulator.faults.add(Fault(Action.STATUS, path="/OID.", times=None, status=404, body=body))
    with pytest.raises(ItemChanged):
        await harness.calendar.change_date(entry, before, change(before, day, DateException(day)))
    assert (await seen(harness, entry)).essence.exceptions == ()


async def test_an_echo_of_a_date_in_html(harness: GraphHarness) -> None:
    """Where the answer ignores that text was preferred, the text is read as later answers bring it (P40)."""

    def only_reads_bring_text(request: httpx.Request) -> None:
        if request.method != "GET":
            request.headers["Prefer"] = 'IdType="ImmutableId"'

    when = recurring(harness, times=5)
    entry, day = await harness.put("series", when), dates_of(when)[1]
    before = await seen(harness, entry)
    harness.wire.before = only_reads_bring_text
    ours = replace(held_on(before, day), text="one & two\n\n<three>")
    assert await harness.calendar.change_date(entry, before, change(before, day, ours)) == ours


@pytest.mark.parametrize("code", ["ErrorOccurrenceCrossingBoundary", "ErrorOccurrenceTimeSpanTooBig"])
async def test_p16b_a_date_that_is_refused_for_its_neighbours(harness: GraphHarness, code: str) -> None:
    """However Exchange says so, the reason is told in these words, and nothing is repeated."""
    when = recurring(harness, times=5)
    entry, day = await harness.put("series", when), dates_of(when)[1]
    before = await seen(harness, entry)
    harness.simulator.faults.add(
        Fault(Action.STATUS, method="PATCH", status=400, body={"error": {"code": code, "message": "no"}})
    )
    longer = moved(held_on(before, day), HOUR)
    with pytest.raises(ItemRefused) as caught:
        await harness.calendar.change_date(entry, before, change(before, day, longer))
    assert caught.value.code == "occurrence_crosses"
    assert len(harness.wire.sent("PATCH")) == 1


async def test_an_exception_that_differs_in_nothing_that_counts() -> None:
    """A reminder of its own makes a date an exception in Exchange, and none for us: it can be changed all the same."""
    async with graph_harness(quiet()) as harness:
        when = recurring(harness, times=5)
        entry, day = await harness.put("series", when), dates_of(when)[1]
        harness.people.edit_occurrence(entry, day, show_as="free")
        before = await seen(harness, entry)
        assert before.essence.exceptions == ()
        ours = replace(held_on(before, day), subject="ours")
        assert await harness.calendar.change_date(entry, before, change(before, day, ours)) == ours
        gone = DateException(day)
        assert await harness.calendar.change_date(entry, await seen(harness, entry), change(before, day, gone)) == gone


async def test_a_date_that_the_series_does_not_have(harness: GraphHarness) -> None:
    """To cancel it is done already; anything else needs another look. Nothing is sent for either."""
    when = recurring(harness, times=5)
    entry, day = await harness.put("series", when), dates_of(when)[-1] + timedelta(days=2)
    before = await seen(harness, entry)
    harness.wire.exchanges.clear()
    gone, other = DateException(day), replace(held_on(before, dates_of(when)[0]), day=day)
    stretch = other.when
    assert stretch is not None
    assert await harness.calendar.change_date(entry, before, DateChange(stretch, gone)) == gone
    with pytest.raises(ItemChanged):
        await harness.calendar.change_date(entry, before, DateChange(stretch, other))
    assert harness.wire.exchanges == []


@pytest.mark.parametrize("method", ["GET", "PATCH"])
async def test_a_date_that_cannot_be_read(harness: GraphHarness, method: str) -> None:
    """Before the write it is refused; after it nobody knows what came of it."""
    when = recurring(harness, times=5)
    entry, day = await harness.put("series", when), dates_of(when)[1]
    before = await seen(harness, entry)
    asked: list[str] = []

    def spoil(body: Any) -> None:
        if asked[-1] == method:
            body["start"]["timeZone"] = "Mars/Olympus"

    harness.wire.before = lambda request: asked.append(request.method)
    harness.wire.rewrite = spoil
    ours = replace(held_on(before, day), subject="ours")
    with pytest.raises(ItemRefused if method == "GET" else OutcomeUnknown):
        await harness.calendar.change_date(entry, before, change(before, day, ours))
    assert len(harness.wire.sent("PATCH")) == (method == "PATCH")


async def test_a_person_writes_between_the_change_of_a_date_and_the_look_at_its_text(harness: GraphHarness) -> None:
    """Their edit is not taken for our echo."""
    when = recurring(harness, times=5)
    entry, day = await harness.put("series", when), dates_of(when)[1]
    before = await seen(harness, entry)

    def interfere(request: httpx.Request) -> None:
        if request.method == "PATCH":
            request.headers["Prefer"] = 'IdType="ImmutableId"'
        elif harness.wire.sent("PATCH"):
            harness.people.edit_occurrence(entry, day, subject="theirs")

    harness.wire.before = interfere
    ours = replace(held_on(before, day), text="ours")
    with pytest.raises(OutcomeUnknown):
        await harness.calendar.change_date(entry, before, change(before, day, ours))


async def test_p19_a_series_of_an_unknown_zone_that_is_gone(harness: GraphHarness) -> None:
    """Its dates are named by nothing any more."""
    entry = await harness.put("series", recurring(harness, times=5))
    before = replace(await seen(harness, entry), remarks=("time_zone_unknown",))
    await harness.remove(entry)
    harness.people.purge_deleted(harness.mailbox)
    assert isinstance(before.essence.when, Series)
    gone = DateException(dates_of(before.essence.when)[1])
    with pytest.raises(ItemChanged):
        await harness.calendar.change_date(entry, before, change(before, gone.day, gone))
