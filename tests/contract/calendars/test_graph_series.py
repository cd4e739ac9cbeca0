"""Series in a mailbox: how rounds and views fold their dates, what it costs, and when one is proven gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from core.adapters.graph import quirks
from core.errors import ItemRefused, RetryLater
from core.model.exceptions import DateException
from core.model.pattern import Daily
from core.model.recurrence import Series
from core.model.rows import Page
from core.model.sighting import Event, Shape
from core.model.when import Window
from tests.contract.calendars.content import an_hour, dates_of, recurring, soon
from tests.contract.calendars.graph_harness import NOW, GraphHarness, graph_harness
from tests.contract.calendars.series_dates import change
from tests.simulators.common.faults import Action, Fault
from tests.simulators.graph import Options


@pytest.fixture
async def harness() -> AsyncIterator[GraphHarness]:
    """The simulator as it usually is, three entries to a page."""
    async with graph_harness() as harness:
        yield harness
        assert harness.simulator.mails == [], "promise 3: nobody is mailed"


def told(pages: list[Page]) -> list[Event]:
    """A round's sightings."""
    return [event for page in pages for event in page.sightings]


async def seen(harness: GraphHarness, entry: str) -> Event:
    """The event as it is now."""
    found = await harness.calendar.read(entry)
    assert found is not None
    return found


# --- rounds -----------------------------------------------------------------------------------------------------------
async def test_a_series_comes_once_in_a_round_and_whole(harness: GraphHarness) -> None:
    """Master, stubs and exceptions are one sighting, its mark read, on a page before the one with the cursor."""
    when = recurring(harness, times=12)
    entry, days = await harness.put("series", when, text="notes"), dates_of(when)
    await harness.cancel(entry, days[1])
    await harness.change(entry, days[2], subject="other")
    single = await harness.put("single", an_hour(harness))
    pages = await harness.round()
    assert sorted(event.id for event in told(pages)) == sorted([single, entry])
    (whole,) = (event for event in told(pages) if event.id == entry)
    assert whole == await seen(harness, entry)
    assert (whole.shape, whole.mark_read) == (Shape.SERIES, True)
    assert [one.day for one in whole.essence.exceptions] == days[1:3]
    assert whole.essence.text == "notes"
    assert entry not in {event.id for event in pages[-1].sightings}
    assert [page.cursor is None for page in pages] == [True] * (len(pages) - 1) + [False]
    assert all(page.full for page in pages)


async def test_an_endless_daily_series_is_read_once_in_a_round() -> None:
    """In a window of 24 months, with one request beside those for the pages."""
    async with graph_harness(page=100) as harness:
        entry = await harness.put("daily", recurring(harness, Daily()))
        window = Window(NOW - timedelta(days=30), NOW + timedelta(days=730))
        harness.wire.exchanges.clear()
        pages = [page async for page in harness.calendar.changes(None, window)]
        assert [event.id for event in told(pages)] == [entry]
        assert len(harness.wire.sent("GET", "delta")) == len(harness.wire.exchanges) - 1


async def test_one_occurrence_cancelled_in_a_long_series() -> None:
    """One delta request, stubs and all, and one read of the master."""
    async with graph_harness(page=1000) as harness:
        when = recurring(harness, Daily(), times=500)
        entry = await harness.put("long", when)
        window = Window(NOW, NOW + timedelta(days=600))
        cursor = [page async for page in harness.calendar.changes(None, window)][-1].cursor
        await harness.cancel(entry, dates_of(when)[3])
        harness.wire.exchanges.clear()
        pages = [page async for page in harness.calendar.changes(cursor, window)]
        assert [event.essence.exceptions for event in told(pages)] == [(DateException(dates_of(when)[3]),)]
        assert len(harness.wire.exchanges) == 2


@pytest.mark.parametrize("options", [Options(exception_alone=True), Options(delta_master_missing=True)])
async def test_a_date_changed_in_a_round_that_does_not_show_the_master(options: Options) -> None:
    """Whatever part of a series a round shows, the whole series is read (facts/microsoft.md A3)."""
    async with graph_harness(options) as harness:
        when = recurring(harness, days=-400)
        entry, day = await harness.put("old", when), next(d for d in dates_of(when, 300) if d > NOW.date())
        cursor = (await harness.round())[-1].cursor
        await harness.change(entry, day, subject="other")
        assert [event.id for event in told(await harness.round(cursor))] == [entry]
        assert (await seen(harness, entry)).essence.exceptions[0].subject == "other"


async def test_pages_in_any_order_and_twice() -> None:
    """A series is still read once."""
    options = Options(delta_shuffled=True, delta_twice=True, delta_empty_page=True)
    async with graph_harness(options) as harness:
        entries = [await harness.put(f"series {n}", recurring(harness, times=9)) for n in range(3)]
        harness.wire.exchanges.clear()
        assert sorted(event.id for event in told(await harness.round())) == sorted(entries)
        assert len([e for e in harness.wire.exchanges if "delta" not in e.url.path]) == 3


async def test_many_series() -> None:
    """They come in pages of a few, all of them before the cursor."""
    async with graph_harness(page=1000) as harness:
        entries = [await harness.put(f"series {n}", recurring(harness, times=2)) for n in range(45)]
        pages = await harness.round()
        assert [len(page.sightings) for page in pages] == [20, 20, 5, 0]
        assert sorted(event.id for event in told(pages)) == sorted(entries)
        assert harness.mailbox.peak <= quirks.CONCURRENT_REQUESTS


async def test_a_series_that_is_gone_when_it_is_read(harness: GraphHarness) -> None:
    """It is called removed, which proves nothing yet, like any removed id."""
    entry = await harness.put("short-lived", recurring(harness, times=3))

    def purge(request: httpx.Request) -> None:
        if "delta" not in request.url.path:
            harness.people.delete_event(entry)
            harness.people.purge_deleted(harness.mailbox)

    harness.wire.before = purge
    pages = await harness.round()
    assert told(pages) == []
    assert [removed for page in pages for removed in page.removed] == [entry]


@pytest.mark.parametrize("dates_too", [False, True])
async def test_a_deleted_series(*, dates_too: bool) -> None:
    """Its id is called removed, and those of its occurrences where Graph names them; nothing is read for them."""
    async with graph_harness(Options(delta_removed_occurrences=dates_too)) as harness:
        entry = await harness.put("doomed", recurring(harness, times=3))
        cursor = (await harness.round())[-1].cursor
        await harness.remove(entry)
        harness.wire.exchanges.clear()
        pages = await harness.round(cursor)
        removed = [removed for page in pages for removed in page.removed]
        assert told(pages) == []
        assert removed[0] == entry
        assert len(removed) == (4 if dates_too else 1)
        assert all("delta" in exchange.url.path for exchange in harness.wire.exchanges)


async def test_a_round_whose_series_cannot_be_read_now(harness: GraphHarness) -> None:
    """The round fails as "retry later": the cursor never comes before what it covers."""
    await harness.put("series", recurring(harness, times=3))
    harness.simulator.faults.add(Fault(Action.STATUS, path="/events/", status=503, retry_after=5))
    with pytest.raises(RetryLater) as caught:
        await harness.round()
    assert caught.value.after == 5


async def test_a_series_that_cannot_be_understood(harness: GraphHarness, caplog: pytest.LogCaptureFixture) -> None:
    """It is left out and logged by itself (P16c); a view is not complete then, and a read of it is refused."""
    bad = await harness.put("secret subject", recurring(harness, times=3))
    good = await harness.put("fine", recurring(harness, times=3))

    def spoil(body: Any) -> None:
        if body.get("id") == bad:
            body["recurrence"]["pattern"]["type"] = "hourly"

    harness.wire.rewrite = spoil
    assert [event.id for event in told(await harness.round())] == [good]
    shown = await harness.calendar.view(harness.window)
    assert ([event.id for event in shown.sightings], shown.complete) == ([good], False)
    assert not (await harness.calendar.later(NOW)).complete
    for call in (harness.calendar.read(bad), harness.calendar.verify(bad, "")):
        with pytest.raises(ItemRefused) as caught:
            await call
        assert caught.value.code == "unreadable_event"
    assert "unreadable_event" in caplog.text
    assert "secret" not in caplog.text


async def test_a_stream_that_never_ends_shows_its_series_too() -> None:
    """The listing that stands in for it shows occurrences only: their series are read all the same."""
    async with graph_harness() as harness:
        entry = await harness.put("series", recurring(harness, times=8))
        single = await harness.put("single", an_hour(harness))
        harness.mailbox.wedged = True
        pages = await harness.round()
        assert {event.id for event in told(pages)} == {entry, single}
        assert len([event for event in told(pages) if event.id == entry]) == 1
        assert (pages[-1].last, pages[-1].full, pages[-1].cursor) == (True, True, None)
        assert [page.last for page in pages].count(True) == 1


async def test_this_and_following(harness: GraphHarness) -> None:
    """The old series ends earlier, a new one begins: two sightings, of one change each."""
    when = recurring(harness, times=8)
    entry, days = await harness.put("series", when), dates_of(when, 8)
    cursor = (await harness.round())[-1].cursor
    new = harness.people.split_series(entry, days[3], subject="new")
    found = {event.id: event.essence for event in told(await harness.round(cursor))}
    assert found.keys() == {entry, new}
    assert isinstance(found[entry].when, Series)
    assert isinstance(found[new].when, Series)
    assert (found[entry].when.last, found[new].when.first) == (days[2], days[3])
    assert found[new].when.last == days[7]


# --- views ------------------------------------------------------------------------------------------------------------
async def test_a_series_is_read_once_for_many_views(harness: GraphHarness) -> None:
    """As long as the calendar lives, which is one run; a read refreshes what is known."""
    when = recurring(harness, times=5)
    entry = await harness.put("series", when)
    calendar = harness.calendar
    for _ in range(3):
        assert [event.id for event in (await calendar.view(harness.window)).sightings] == [entry]
    assert len(harness.wire.sent("GET", f"/events/{entry}")) == 1
    await harness.cancel(entry, dates_of(when)[1])
    again = await calendar.read(entry)
    assert (await calendar.view(harness.window)).sightings == (again,)
    assert len(harness.wire.sent("GET", f"/events/{entry}")) == 2


async def test_a_view_after_a_write(harness: GraphHarness) -> None:
    """What was written to a series, or to one of its dates, is read again."""
    when = recurring(harness, times=5)
    entry = await harness.put("series", when)
    calendar = harness.calendar
    (before,) = (await calendar.view(harness.window)).sightings
    day = dates_of(when)[1]
    await calendar.change_date(entry, before, change(before, day, DateException(day)))
    assert (await calendar.view(harness.window)).sightings[0].essence.exceptions == (DateException(day),)


async def test_a_view_without_series_reads_none(harness: GraphHarness) -> None:
    """Occurrences are left out."""
    await harness.put("series", recurring(harness, times=5))
    single = await harness.put("single", an_hour(harness))
    shown = await harness.calendar.view(harness.window, series=False)
    assert [event.id for event in shown.sightings] == [single]
    assert all("calendarView" in exchange.url.path for exchange in harness.wire.exchanges)


async def test_an_occurrence_that_is_read_by_its_own_id(harness: GraphHarness) -> None:
    """It is told as what it is; nobody guesses its series."""
    when = recurring(harness, times=5)
    entry = await harness.put("series", when)
    plain, changed = harness.people.occurrences_of(entry, dates_of(when)[0], dates_of(when)[1])
    await harness.change(entry, dates_of(when)[1], subject="other")
    assert (await seen(harness, plain.immutable_id)).shape is Shape.OCCURRENCE
    changed = harness.people.occurrences_of(entry, dates_of(when)[1], dates_of(when)[1])[0]
    assert (await seen(harness, changed.immutable_id)).shape is Shape.EXCEPTION


async def test_later_entries_beyond_a_bound(harness: GraphHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood is not read to its end, and the snapshot says so."""
    monkeypatch.setattr(quirks, "MOST_LATER", 6)
    for n in range(9):
        await harness.put(f"entry {n}", an_hour(harness, 100 + n))
    found = await harness.calendar.later(NOW)
    assert (len(found.sightings), found.complete) == (6, False)


async def test_exceptions_that_do_not_fit_into_one_answer(harness: GraphHarness) -> None:
    """An expansion may go on elsewhere; its links are followed, on this host, and not for ever."""
    when = recurring(harness, Daily(), times=30)
    entry, days = await harness.put("series", when), dates_of(when, 30)
    for day in days[:8]:
        await harness.change(entry, day, subject=f"of {day}")
    link = f"https://graph.simulated/v1.0/users/{harness.mailbox.object_id}/events/{entry}/instances"
    link += "?startDateTime=2026-03-01&endDateTime=2026-05-01&$filter=type eq 'exception'"

    def cut(body: Any) -> None:
        if body.get("id") == entry:
            body["exceptionOccurrences"] = body["exceptionOccurrences"][:2]
            body[quirks.MORE_EXCEPTIONS] = link

    harness.wire.rewrite = cut
    found = await seen(harness, entry)
    assert [one.subject for one in found.essence.exceptions] == [f"of {day}" for day in days[:8]]

    def circle(body: Any) -> None:
        cut(body)
        body["@odata.nextLink"] = link

    harness.wire.rewrite = circle
    with pytest.raises(RetryLater):
        await harness.calendar.read(entry)


# --- proof ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("times", [5, None])
async def test_r19_a_series_that_lingers_in_deleted_items(harness: GraphHarness, times: int | None) -> None:
    """It answers by its id, but a view of one of its own dates lacks it: the deletion is proven."""
    when = recurring(harness, times=times)
    entry, days = await harness.put("doomed", when), dates_of(when)
    await harness.cancel(entry, days[0])
    await harness.cancel(entry, days[-1])
    await harness.remove(entry)
    assert await harness.calendar.read(entry) is not None
    assert await harness.calendar.verify(entry, "") is None


async def test_r19_a_series_without_a_date_that_takes_place(harness: GraphHarness) -> None:
    """No view would show it: as long as it answers it is taken to be alive."""
    when = recurring(harness, times=2)
    entry = await harness.put("empty", when)
    for day in dates_of(when, 2):
        await harness.cancel(entry, day)
    alive = await harness.calendar.verify(entry, "")
    assert alive is not None
    assert [one.is_cancelled for one in alive.essence.exceptions] == [True, True]


async def test_r19_a_series_that_moves_while_it_is_verified(harness: GraphHarness) -> None:
    """One of its dates, moved between the read and the view, proves nothing."""
    when = recurring(harness, times=5)
    entry, day = await harness.put("restless", when), dates_of(when)[-1]

    def cancel(request: httpx.Request) -> None:
        if "calendarView" in request.url.path:
            harness.wire.before = lambda _: None
            harness.people.move_event(f"OID.{entry}.{day}", soon(harness, 20), soon(harness, 21))

    harness.wire.before = cancel
    with pytest.raises(RetryLater):
        await harness.calendar.verify(entry, "")
    assert await harness.calendar.verify(entry, "") is not None


async def test_deleting_a_series_that_lingers_already(harness: GraphHarness) -> None:
    """Deleting twice is success, and purges nothing."""
    before = await seen(harness, await harness.put("series", recurring(harness, times=5)))
    await harness.calendar.delete(before)
    await harness.calendar.delete(before)
    assert harness.people.event(before.id).folder == "deleted_items"
    assert len(harness.wire.sent("DELETE")) == 1
