"""Rounds of an Exchange mailbox: what they show, what they cost, and where they may be cut short."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from core.adapters.ews import quirks
from core.errors import CursorGone, RetryLater
from core.model.exceptions import DateException
from core.model.sighting import Shape
from core.model.when import Window
from tests.contract.calendars.content import HOUR, an_hour, dates_of, recurring, soon
from tests.contract.calendars.ews_harness import EwsHarness, ews_harness
from tests.simulators.common.faults import Action, Fault

YEARS = timedelta(days=365)


@pytest.fixture(params=["2007_sp1", "2016"])
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[EwsHarness]:
    """The oldest server, and a newer one."""
    async with ews_harness(request.param) as harness:
        yield harness


async def cursor_of(harness: EwsHarness) -> str:
    """The cursor after a full round; requests are counted from here."""
    cursor = (await harness.round())[-1].cursor
    assert cursor is not None
    harness.simulator.exchanged.clear()
    return cursor


def asked(harness: EwsHarness) -> list[str]:
    """The operations of the requests so far."""
    return [one.operation for one in harness.simulator.exchanged]


# --- what it costs ----------------------------------------------------------------------------------------------------
async def test_an_idle_poll_is_one_request(harness: EwsHarness) -> None:
    """However many entries there are."""
    for number in range(15):
        await harness.put(f"{number}", an_hour(harness))
    [page] = await harness.round(await cursor_of(harness))
    assert (page.sightings, page.removed, page.full, page.last) == ((), (), False, True)
    assert asked(harness) == ["SyncFolderItems"]


async def test_one_changed_entry_is_two_requests(harness: EwsHarness) -> None:
    """What changed, and the entry itself."""
    entry = await harness.put("before", an_hour(harness))
    cursor = await cursor_of(harness)
    await harness.edit(entry, subject="after")
    [page] = await harness.round(cursor)
    assert [event.essence.subject for event in page.sightings] == ["after"]
    assert page.sightings[0] == await harness.calendar.read(entry)
    assert asked(harness)[:2] == ["SyncFolderItems", "GetItem"]
    assert len(asked(harness)) == 3


async def test_a_changed_series_is_three_requests(harness: EwsHarness) -> None:
    """It comes once, whole, though two of its dates changed and one went."""
    when = recurring(harness, times=8)
    entry, days = await harness.put("series", when), dates_of(when, 8)
    cursor = await cursor_of(harness)
    await harness.change(entry, days[1], subject="other")
    await harness.change(entry, days[2], location="elsewhere")
    await harness.cancel(entry, days[4])
    [page] = await harness.round(cursor)
    assert asked(harness) == ["SyncFolderItems", "GetItem", "GetItem"]
    [event] = page.sightings
    assert (event.id, event.shape) == (entry, Shape.SERIES)
    assert [one.day for one in event.essence.exceptions] == [days[1], days[2], days[4]]


# --- what it shows ----------------------------------------------------------------------------------------------------
async def test_a_full_round(harness: EwsHarness) -> None:
    """It shows what a view of the window shows, on full pages, and the cursor comes with the last one."""
    when = recurring(harness, times=5)
    series = await harness.put("series", when)
    await harness.cancel(series, dates_of(when)[1])
    for number in range(12):
        await harness.put(f"{number}", an_hour(harness, 1 + number % 3))
    await harness.put("long ago", an_hour(harness, -400))
    pages = await harness.round()
    assert all(page.full for page in pages)
    assert [page.last for page in pages] == [*[False] * (len(pages) - 1), True]
    assert [page.cursor for page in pages[:-1]] == [None] * (len(pages) - 1)
    shown = [event for page in pages for event in page.sightings]
    viewed = (await harness.calendar.view(harness.window)).sightings
    assert sorted(shown, key=lambda event: event.id) == sorted(viewed, key=lambda event: event.id)
    assert len(shown) == 13


async def test_a_full_round_through_many_years(harness: EwsHarness) -> None:
    """It is read in pieces no longer than Exchange takes, and shows an endless series once."""
    series = await harness.put("endless", recurring(harness))
    far = await harness.put("far", an_hour(harness, 1400))
    start = harness.window.start
    harness.window = Window(start, start + 5 * YEARS)
    shown = [event.id for page in await harness.round() for event in page.sightings]
    assert sorted(shown) == sorted([series, far])


async def test_what_happens_during_a_full_round(harness: EwsHarness) -> None:
    """The state is taken first, so the next round tells of it."""
    entry = await harness.put("before", an_hour(harness))
    pages = harness.calendar.changes(None, harness.window)
    first = await anext(pages)
    await harness.edit(entry, subject="after")
    rest = [page async for page in pages]
    assert [event.essence.subject for event in first.sightings] == ["before"]
    [page] = await harness.round(rest[-1].cursor)
    assert [event.essence.subject for event in page.sightings] == ["after"]


async def test_what_was_deleted_and_what_is_new(harness: EwsHarness) -> None:
    """Ids that are called removed prove nothing, and are told; so is what is beyond the window."""
    entry = await harness.put("doomed", an_hour(harness))
    cursor = await cursor_of(harness)
    await harness.remove(entry)
    new = await harness.put("new", an_hour(harness, 900))
    [page] = await harness.round(cursor)
    assert page.removed == (entry,)
    assert [event.id for event in page.sightings] == [new]
    [page] = await harness.round(page.cursor)
    assert (page.sightings, page.removed) == ((), ())


async def test_a_read_flag(harness: EwsHarness) -> None:
    """Nobody's business."""
    entry = await harness.put("a", an_hour(harness))
    cursor = await cursor_of(harness)
    harness.people.mark_read(entry, is_read=False)
    [page] = await harness.round(cursor)
    assert (page.sightings, page.removed) == ((), ())


async def test_an_entry_that_goes_while_it_is_read(harness: EwsHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is called removed."""
    entry = await harness.put("a", an_hour(harness))
    cursor = await cursor_of(harness)
    await harness.edit(entry, subject="b")
    from core.adapters.ews.reader import Reader

    inner = Reader.events

    async def events(self: Reader, *args: object, **kw: object) -> object:
        await harness.remove(entry)
        return await inner(self, *args, **kw)  # type: ignore[arg-type]

    monkeypatch.setattr(Reader, "events", events)
    [page] = await harness.round(cursor)
    assert (page.sightings, page.removed) == ((), (entry,))


# --- where it may be cut short ----------------------------------------------------------------------------------------
async def test_more_changes_than_one_answer_holds(harness: EwsHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each answer there is a cursor, which stands behind its entries; from there the rest is told."""
    monkeypatch.setattr(quirks, "MOST_CHANGES", 5)
    cursor = await cursor_of(harness)
    ids = {await harness.put(f"{number}", an_hour(harness)) for number in range(12)}
    pages = await harness.round(cursor)
    assert [len(page.sightings) for page in pages] == [5, 5, 2]
    assert [page.last for page in pages] == [False, False, True]
    assert {event.id for page in pages for event in page.sightings} == ids
    rest = await harness.round(pages[0].cursor)
    assert [len(page.sightings) for page in rest] == [5, 2]


async def test_many_changes_in_one_answer(harness: EwsHarness) -> None:
    """They come on several pages, and the cursor on the last of them."""
    cursor = await cursor_of(harness)
    for number in range(45):
        await harness.put(f"{number}", an_hour(harness))
    pages = await harness.round(cursor)
    assert [len(page.sightings) for page in pages] == [40, 5]
    assert [page.cursor is None for page in pages] == [True, False]
    assert [one for one in asked(harness) if one == "GetItem"] == ["GetItem"] * 5


async def test_a_state_that_is_lost(harness: EwsHarness) -> None:
    """The cursor is gone, and a full round shows everything."""
    await harness.put("a", an_hour(harness))
    cursor = await cursor_of(harness)
    harness.people.lose_sync_states(harness.mailbox)
    with pytest.raises(CursorGone):
        await harness.round(cursor)
    assert sum(len(page.sightings) for page in await harness.round()) == 1


@pytest.mark.parametrize("cursor", ["", "ews:", "https://graph.microsoft.com/v1.0/me?$deltatoken=x", "ews:other:state"])
async def test_a_cursor_of_elsewhere(harness: EwsHarness, cursor: str) -> None:
    """Of another mailbox or another service: nothing is asked, everything is read."""
    with pytest.raises(CursorGone):
        await harness.round(cursor)
    assert asked(harness) == []


async def test_a_broken_state(harness: EwsHarness) -> None:
    """What Exchange does not take for its own is gone."""
    cursor = await cursor_of(harness)
    with pytest.raises(CursorGone):
        await harness.round(cursor[:-8])


@pytest.mark.parametrize("action", [Action.TRUNCATE, Action.DROP_AFTER_COMMIT])
@pytest.mark.parametrize("operation", ["SyncFolderItems", "GetItem"])
async def test_an_answer_that_is_cut_short(harness: EwsHarness, action: Action, operation: str) -> None:
    """It fails the round before its cursor: nothing that was told is lost."""
    cursor = await cursor_of(harness)
    entry = await harness.put("a", an_hour(harness))
    harness.simulator.faults.add(Fault(action, path=f"/{operation}"))
    with pytest.raises(RetryLater):
        await harness.round(cursor)
    [page] = await harness.round(cursor)
    assert [event.id for event in page.sightings] == [entry]


async def test_a_window_that_is_too_full(harness: EwsHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked through in smaller pieces; too much at one time fails, for a view is complete or nothing."""
    monkeypatch.setattr(quirks, "MOST_VIEWED", 4)
    ids = {await harness.put(f"{n}", an_hour(harness, 1 + n)) for n in range(15)}
    assert {event.id for event in (await harness.calendar.view(harness.window)).sightings} == ids
    assert len((await harness.calendar.later(soon(harness) - HOUR)).sightings) == 15
    for number in range(5):
        await harness.put(f"at once {number}", an_hour(harness, 3))
    with pytest.raises(RetryLater):
        await harness.calendar.view(harness.window)


async def test_an_exception_of_a_date_far_from_its_own(harness: EwsHarness) -> None:
    """A view of the day that it was moved to shows its series."""
    when = recurring(harness, times=3)
    entry, day = await harness.put("series", when), dates_of(when)[-1]
    far = soon(harness, 20)
    await harness.change(entry, day, when=an_hour(harness, 20))
    seen = await harness.calendar.view(Window(far - HOUR, far + HOUR))
    assert [event.id for event in seen.sightings] == [entry]
    assert isinstance(seen.sightings[0].essence.exception(day), DateException)


async def test_one_date_that_is_private(harness: EwsHarness) -> None:
    """It hides the whole series: Severa's types are those of a series, and the strictest decides (R10, R11)."""
    entry = await harness.put("Doctor", recurring(harness))
    day = dates_of(recurring(harness))[1]
    harness.simulator.people.edit_occurrence(entry, day, sensitivity="Private", subject="Surgeon")
    found = await harness.calendar.read(entry)
    assert found is not None
    assert found.essence.private
