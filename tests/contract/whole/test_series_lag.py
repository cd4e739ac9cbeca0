"""Dates of a series while Severa's listings lag (R19): what is on no row yet is not believed to be cancelled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from core.usecases.hints import note_activity_changed
from tests.contract.whole.recurring import HOUR, Calendars, agreed, calendars, nth, on
from tests.contract.whole.test_series_counts import asked
from tests.simulators.common.faults import Action, Fault

LAG = timedelta(seconds=60)


@pytest.fixture
async def both() -> AsyncIterator[Calendars]:
    """Anna's two calendars, agreed on a weekly series that was made in Severa; from now on Severa's listings lag."""
    async with calendars() as found:
        await agreed(found, "severa")
        found.stage.clock.advance(HOUR)
        found.stage.severa.options.visible_after = LAG
        yield found


async def named(both: Calendars) -> dict[str, int]:
    """The front end says that the series was changed; what the run that follows writes."""
    pair = both.stage.pair()
    await note_activity_changed(both.stage.ports, pair.company, pair.user, both.activity().guid)
    return dict((await both.stage.run()).written)


async def test_a_changed_date_that_is_not_listed_yet(both: Calendars) -> None:
    """It waits: nothing is cancelled, and once it is listed it arrives as what it is."""
    both.edit_severa(nth(2), name="Farewell")
    assert await named(both) == {}
    assert len(both.outlook()) == 5
    both.stage.clock.advance(2 * LAG)
    assert await both.settle() == {"dates_microsoft": 1}
    assert "Farewell" in [one[2] for one in await both.check()]
    assert await both.told() == []


async def test_a_date_that_is_never_listed(both: Calendars) -> None:
    """After five looks no listing lags so long: the series is not held up for ever, and its other edits travel."""
    both.stage.severa.options.visible_after = timedelta(days=365)
    both.edit_severa(nth(2), name="Farewell")
    await named(both)
    both.stage.graph.people.edit_event(both.event().immutable_id, location="Room 2")
    for _ in range(8):
        both.stage.clock.advance(HOUR)
        await both.stage.run()
    assert both.activity().location == "Room 2"


async def test_a_date_that_was_moved_far_and_is_not_listed_yet(both: Calendars) -> None:
    """The same: wherever it went, no listing of the place where it was says so."""
    start = on(nth(2)) + timedelta(days=6)
    both.edit_severa(nth(2), start=start, end=start + HOUR)
    assert await named(both) == {}
    both.stage.clock.advance(2 * LAG)
    assert await both.settle() == {"dates_microsoft": 1}
    assert len(await both.check()) == 5


async def test_a_date_is_cancelled(both: Calendars) -> None:
    """It is believed once listings know of it."""
    both.cancel_in_severa(nth(2))
    assert await named(both) == {}
    both.stage.clock.advance(2 * LAG)
    assert await both.settle() == {"dates_microsoft": 1}
    assert len(await both.check()) == 4


async def test_a_cancelled_date_and_a_changed_one(both: Calendars) -> None:
    """The cancelled one that is agreed on is not asked for again; the changed one waits for its row."""
    both.cancel_in_severa(nth(1))
    both.stage.clock.advance(2 * LAG)
    await both.settle()
    both.edit_severa(nth(3), location="Room 9")
    assert await named(both) == {}
    both.stage.clock.advance(2 * LAG)
    both.stage.quiet()
    assert await named(both) == {"dates_microsoft": 1}
    assert asked(both.stage.severa.requests) == ["GET", "list Exception"]
    assert len(await both.check()) == 4


async def test_our_own_change_of_a_date_that_is_not_listed_yet(both: Calendars) -> None:
    """What came from Outlook is not cancelled there because Severa does not list it yet."""
    both.edit_outlook(nth(2), subject="Farewell")
    assert (await both.stage.run()).written == {"dates_severa": 1}
    assert await named(both) == {}
    both.stage.clock.advance(2 * LAG)
    assert await both.settle() == {}
    assert "Farewell" in [one[2] for one in await both.check()]


async def test_a_series_is_deleted_whose_date_was_written_just_before(both: Calendars) -> None:
    """That our own change of a date is not listed yet is nobody's edit: the series stays deleted."""
    both.edit_outlook(nth(2), subject="Farewell")
    assert (await both.stage.run()).written == {"dates_severa": 1}
    both.stage.graph.people.delete_event(both.event().immutable_id)
    await named(both)
    both.stage.clock.advance(timedelta(days=1))
    await both.settle()
    assert both.activities() == []
    assert both.events() == []


async def test_a_series_gets_another_time_before_its_changed_date_is_listed(both: Calendars) -> None:
    """Another time costs a series its changed dates: none is written before it is known what takes place on them."""
    people, lag, quarter = both.stage.severa.people, both.stage.severa.options, timedelta(minutes=15)
    lag.visible_after = timedelta(0)
    early = on(nth(1)) + timedelta(days=1)
    both.edit_severa(nth(1), start=early, end=early + HOUR)
    await both.settle()
    lag.visible_after = LAG
    guid = both.activity().guid
    people.edit_activity(guid, start=on(nth(0)) + quarter, end=on(nth(0)) + quarter + HOUR)  # Its dates are forgotten.
    both.edit_severa(nth(2), name="Farewell")
    await named(both)
    whole = both.event()
    both.stage.graph.people.edit_event(whole.immutable_id, start=whole.start + HOUR, end=whole.end + HOUR)
    await named(both)
    assert "Farewell" in [one[2] for one in both.severa()]
    both.stage.clock.advance(2 * LAG)
    await both.settle()
    both.stage.clock.advance(2 * LAG)
    await both.settle()
    assert "Farewell" in [one[2] for one in await both.check()]


async def test_an_event_is_read_as_it_was_before_its_series_changed() -> None:
    """Soon after an agreement it is read by its id once more: a read that lags behind the round settles nothing."""
    async with calendars() as both:
        await agreed(both, "outlook")
        both.stage.graph.people.edit_event(both.event().immutable_id, subject="Retro")
        await both.stage.run()
        both.stage.graph.people.edit_event(both.event("Retro").immutable_id, start=on(nth(0), 14), end=on(nth(0), 15))
        both.stage.graph.faults.add(Fault(Action.STALE_READ, method="GET", path="/events/", after=1, times=1))
        await both.stage.run()
        both.stage.clock.advance(LAG)
        await both.stage.settle()
        await both.check("Retro")
