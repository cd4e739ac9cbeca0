"""What changed in a mailbox, round by round."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from core.errors import CursorGone, RetryLater, Stop
from core.model.when import Window, timed
from tests.contract.calendars.content import an_hour, soon
from tests.contract.calendars.graph_harness import GraphHarness, graph_harness
from tests.simulators.common.faults import Action, Fault
from tests.simulators.graph import Options

ELSEWHERE = "https://evil.example/v1.0/users/x/calendarView/delta?$deltatoken=t"


@pytest.fixture
async def harness() -> AsyncIterator[GraphHarness]:
    """The simulator as it usually is, three entries to a page."""
    async with graph_harness() as harness:
        yield harness


def sightings(pages: list[Any]) -> list[str]:
    """The ids of a round's sightings."""
    return [event.id for page in pages for event in page.sightings]


async def test_a_first_round_shows_everything_and_ends_with_a_cursor(harness: GraphHarness) -> None:
    """Every page says that the round is full; only the last one has a cursor."""
    ids = {await harness.put(f"entry {n}", an_hour(harness, 1 + n)) for n in range(7)}
    pages = await harness.round()
    assert set(sightings(pages)) == ids
    assert [page.full for page in pages] == [True, True, True]
    assert [page.last for page in pages] == [False, False, True]
    assert [page.cursor is None for page in pages] == [True, True, False]
    assert not any(event.mark_read for page in pages for event in page.sightings)


async def test_nothing_changed(harness: GraphHarness) -> None:
    """An idle round is one request and says nothing."""
    await harness.put("entry", an_hour(harness))
    cursor = (await harness.round())[-1].cursor
    harness.simulator.requests.reset()
    pages = await harness.round(cursor)
    assert [(page.sightings, page.removed, page.full, page.last) for page in pages] == [((), (), False, True)]
    assert harness.simulator.requests.count() == 1


async def test_what_people_did_since_the_cursor(harness: GraphHarness) -> None:
    """A round after a cursor shows the changes, and calls removed what is deleted."""
    changed, deleted, _ = [await harness.put(f"entry {n}", an_hour(harness)) for n in range(3)]
    cursor = (await harness.round())[-1].cursor
    await harness.edit(changed, subject="changed")
    await harness.remove(deleted)
    new = await harness.put("new", an_hour(harness))
    pages = await harness.round(cursor)
    assert set(sightings(pages)) == {changed, new}
    assert [removed for page in pages for removed in page.removed] == [deleted]
    assert not any(page.full for page in pages)


async def test_p24_an_event_that_moves_out_of_the_window(harness: GraphHarness) -> None:
    """It is called removed like a deleted one; verifying shows that it is alive."""
    entry = await harness.put("entry", an_hour(harness))
    cursor = (await harness.round())[-1].cursor
    later = harness.window.end + timedelta(days=9)
    await harness.edit(entry, when=timed(later, later + timedelta(hours=1)))
    pages = await harness.round(cursor)
    assert pages[-1].removed == (entry,)
    alive = await harness.calendar.verify(entry, "")
    assert alive is not None
    assert alive.essence.when == timed(later, later + timedelta(hours=1))


async def test_pages_in_any_order_twice_and_empty() -> None:
    """Shuffled, repeated and empty pages are passed on as they come; the round still ends with its cursor."""
    options = Options(delta_shuffled=True, delta_twice=True, delta_empty_page=True)
    async with graph_harness(options) as harness:
        ids = {await harness.put(f"entry {n}", an_hour(harness, 1 + n)) for n in range(7)}
        pages = await harness.round()
        assert set(sightings(pages)) == ids
        assert len(sightings(pages)) > len(ids)
        assert pages[-1].cursor


async def test_preferences_go_with_every_page(harness: GraphHarness) -> None:
    """Immutable ids, UTC, text and the page size are asked for on each page and in each round (facts A2)."""
    for n in range(7):
        await harness.put(f"entry {n}", an_hour(harness, 1 + n))
    cursor = (await harness.round())[-1].cursor
    await harness.round(cursor)
    asked = [exchange.headers["Prefer"] for exchange in harness.wire.sent("GET")]
    assert len(asked) == 4
    for preference in ('IdType="ImmutableId"', 'outlook.timezone="UTC"', 'outlook.body-content-type="text"'):
        assert all(preference in header for header in asked)
    assert all("odata.maxpagesize=3" in header for header in asked)


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (410, "SyncStateNotFound", "The sync state generation is not found; generation=149."),
        (410, "syncStateNotFound", "gone"),
        (410, "SomethingNew", "gone"),
        (410, "", ""),
        (400, "resyncRequired", "Resync"),
        (400, "SyncStateNotFound", "gone"),
        (400, "syncStateInvalid", "gone"),
        (400, "BadRequest", "Badly formed token."),
    ],
)
async def test_p48_a_cursor_that_is_no_longer_known(
    harness: GraphHarness, status: int, code: str, message: str
) -> None:
    """However Graph says so, the caller learns that a full round is needed."""
    cursor = (await harness.round())[-1].cursor
    body = {"error": {"code": code, "message": message}} if code else "Gone"
    harness.simulator.faults.add(Fault(Action.STATUS, status=status, body=body))
    with pytest.raises(CursorGone):
        await harness.round(cursor)


async def test_p48_the_server_lost_its_state(harness: GraphHarness) -> None:
    """The simulator's own 410, and a full round after it."""
    await harness.put("entry", an_hour(harness))
    cursor = (await harness.round())[-1].cursor
    harness.people.lose_sync_state(harness.mailbox)
    with pytest.raises(CursorGone):
        await harness.round(cursor)
    assert len(sightings(await harness.round())) == 1


async def test_p48_a_mangled_cursor(harness: GraphHarness) -> None:
    """A token that is no token is the same as one that died."""
    cursor = (await harness.round())[-1].cursor
    assert cursor is not None
    with pytest.raises(CursorGone):
        await harness.round(cursor + "x")


async def test_a_full_round_that_loses_its_links(harness: GraphHarness) -> None:
    """There is no fuller round to fall back to: it is tried again later."""
    for n in range(7):
        await harness.put(f"entry {n}", an_hour(harness))
    harness.simulator.faults.add(Fault(Action.STATUS, after=1, status=410))
    with pytest.raises(RetryLater) as caught:
        await harness.round()
    assert caught.value.code == "round_lost"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_p56_a_page_that_fails(harness: GraphHarness, status: int) -> None:
    """The round fails as "retry later", with what the server asked for."""
    cursor = (await harness.round())[-1].cursor
    harness.simulator.faults.add(Fault(Action.STATUS, status=status, retry_after=17))
    with pytest.raises(RetryLater) as caught:
        await harness.round(cursor)
    assert caught.value.after == 17


async def test_a_truncated_page(harness: GraphHarness) -> None:
    """Half a page is no page (P23)."""
    await harness.put("entry", an_hour(harness))
    harness.simulator.faults.add(Fault(Action.TRUNCATE))
    with pytest.raises(RetryLater):
        await harness.round()


async def test_a_page_without_any_link(harness: GraphHarness) -> None:
    """A round whose end cannot be told fails."""

    def cut(body: Any) -> None:
        body.pop("@odata.deltaLink", None)

    harness.wire.rewrite = cut
    with pytest.raises(RetryLater):
        await harness.round()


async def test_p61_links_to_another_host_are_not_followed() -> None:
    """Neither a next link nor a delta link of another host is followed or handed out; our token stays here."""
    async with graph_harness(Options(link_host="https://evil.example")) as harness:
        await harness.put("entry", an_hour(harness))
        with pytest.raises(Stop) as caught:
            await harness.round()
        assert caught.value.code == "link_to_another_host"
        for n in range(7):
            await harness.put(f"entry {n}", an_hour(harness))
        for call in (harness.round(), harness.calendar.view(harness.window)):
            with pytest.raises(Stop):
                await call
        assert {exchange.url.host for exchange in harness.wire.exchanges} == {"graph.simulated"}


async def test_p61_a_stored_cursor_of_another_host(harness: GraphHarness) -> None:
    """Such a cursor is as good as none: nothing is sent."""
    with pytest.raises(CursorGone):
        await harness.round(ELSEWHERE)
    assert harness.wire.exchanges == []


async def test_a_round_that_never_ends() -> None:
    """A wedged stream is given up after a few pages; a plain listing stands in for it, without a cursor."""
    async with graph_harness() as harness:
        ids = {await harness.put(f"entry {n}", an_hour(harness, 1 + n)) for n in range(5)}
        cursor = (await harness.round())[-1].cursor
        harness.mailbox.wedged = True
        for since in (None, cursor):
            harness.wire.exchanges.clear()
            pages = await harness.round(since)
            listed = [page for page in pages if page.full and any(event.mark_read for event in page.sightings)]
            assert set(sightings(listed)) == ids
            assert (pages[-1].last, pages[-1].full, pages[-1].cursor) == (True, True, None)
            assert [page.last for page in pages].count(True) == 1
            assert len(harness.wire.sent("GET", "delta")) < 6


async def test_a_listing_that_never_ends(harness: GraphHarness) -> None:
    """A view that goes in circles fails; it never passes for a complete one."""
    await harness.put("entry", an_hour(harness))
    asked: list[str] = []

    def note(request: httpx.Request) -> None:
        asked.append(str(request.url))

    def circle(body: Any) -> None:
        body["@odata.nextLink"] = asked[-1]

    harness.wire.before, harness.wire.rewrite = note, circle
    with pytest.raises(RetryLater) as caught:
        await harness.calendar.view(harness.window)
    assert caught.value.code == "listing_never_ends"
    assert len(asked) == 3


async def test_an_entry_that_cannot_be_read(harness: GraphHarness, caplog: pytest.LogCaptureFixture) -> None:
    """It is left out and logged without its content; the others come, and a view says that it is not complete."""
    bad, good = await harness.put("secret subject", an_hour(harness)), await harness.put("fine", an_hour(harness))

    def spoil(body: Any) -> None:
        for item in body.get("value", []):
            if item["id"] == bad:
                item["start"] = {"dateTime": "sometime", "timeZone": "UTC"}

    harness.wire.rewrite = spoil
    assert sightings(await harness.round()) == [good]
    seen = await harness.calendar.view(harness.window)
    assert [event.id for event in seen.sightings] == [good]
    assert not seen.complete
    assert "unreadable_event" in caplog.text
    assert bad not in caplog.text
    assert "secret" not in caplog.text


async def test_a_view_longer_than_graph_shows_at_once(harness: GraphHarness) -> None:
    """A long window is looked through in pieces, and nothing comes twice (P55)."""
    entry = await harness.put("long", timed(soon(harness), soon(harness, 9)))
    window = Window(harness.window.start - timedelta(days=4000), harness.window.end)
    seen = await harness.calendar.view(window)
    assert [event.id for event in seen.sightings] == [entry]
    assert len(harness.wire.sent("GET", "calendarView")) == 3
