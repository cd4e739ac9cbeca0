"""What reviews of series found, with real adapters on the simulated services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from core.usecases.changing import LOCK
from tests.contract.whole.recurring import DAY, HOUR, TUESDAY, Calendars, agreed, calendars, nth, on

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def both() -> AsyncIterator[Calendars]:
    """Anna's two calendars."""
    async with calendars() as found:
        yield found


# --- which date is which (facts/severa.md 1.7: no row of Severa says which date it was) ------------------------------
async def moved_beside_a_cancelled_date(both: Calendars, days: int = 5) -> None:
    """The third date was cancelled and that is known; then the second one is moved to so many days later."""
    await agreed(both, "severa")
    both.cancel_in_severa(nth(2))
    await both.settle()
    start = on(nth(1)) + days * DAY
    both.edit_severa(nth(1), start=start, end=start + HOUR)


@pytest.mark.parametrize("days", [5, 6])
async def test_a_date_is_moved_beside_a_cancelled_one(both: Calendars, days: int) -> None:
    """It is still the date that it was: one write, and nobody takes it for the cancelled one, whatever comes later."""
    await moved_beside_a_cancelled_date(both, days)
    assert await both.settle() == {"dates_microsoft": 1}
    assert on(nth(1)) + days * DAY in [one[0] for one in await both.check()]
    both.stage.graph.people.edit_event(both.event().immutable_id, location="Room 9")
    await both.settle()
    await both.check()
    both.stage.clock.advance(8 * DAY)
    assert await both.settle() == {}
    both.edit_severa(nth(3), name="Farewell")
    both.cancel_in_outlook(nth(1))
    await both.settle()
    assert len(await both.check()) == 3
    assert await both.told() == []


async def test_a_series_with_a_date_beside_a_cancelled_one_is_deleted(both: Calendars) -> None:
    """Its deletion goes through: that no row says which date it was does not make it another series."""
    await moved_beside_a_cancelled_date(both)
    await both.settle()
    both.stage.graph.people.delete_event(both.event().immutable_id)
    both.stage.clock.advance(DAY)
    await both.settle()
    assert both.activities() == []


async def test_a_date_is_moved_onto_a_cancelled_one(both: Calendars) -> None:
    """Exchange refuses that, which is told once: the date stays where it was in Outlook, and no other is touched."""
    await moved_beside_a_cancelled_date(both, 7)
    assert await both.settle() == {}
    assert await both.told() == ["occurrence_crosses"]
    assert [one[0] for one in both.outlook()] == [on(nth(number)) for number in (0, 1, 3, 4)]
    both.stage.clock.advance(8 * DAY)
    assert await both.settle() == {}


# --- many dates -------------------------------------------------------------------------------------------------------
async def test_so_many_dates_that_the_lock_would_not_last(both: Calendars) -> None:
    """They are written in several runs, each of which ends before the lock on the activity does."""
    number = 150
    both.in_outlook(on(TUESDAY), on(TUESDAY) + HOUR, {"type": "daily"}, times=number + 1)
    await both.settle()
    both.cancel_in_outlook(*(TUESDAY + day * DAY for day in range(number)))
    written, runs = 0, 0
    while written < number:
        before = both.stage.clock.now()
        report = await both.stage.run()
        assert both.stage.clock.now() - before < LOCK
        assert report.written["dates_severa"] > 0
        written, runs = written + report.written["dates_severa"], runs + 1
        both.stage.clock.advance(MINUTE)
    assert (written, runs > 1) == (number, True)
    assert len(await both.check()) == 1
    assert not (await both.stage.run()).written


# --- privacy ----------------------------------------------------------------------------------------------------------
async def test_p59_a_series_becomes_private_and_its_changed_dates_too(both: Calendars) -> None:
    """In Severa a changed date is a row with a type of its own: it goes along, and comes back with its series."""
    await agreed(both, "outlook")
    both.edit_outlook(nth(1), subject="Surgeon")
    both.cancel_in_outlook(nth(2))
    await both.settle()
    severa = both.stage.severa.people
    categories = {kind.guid: kind.category for kind in severa.types_of(both.stage.severa_company)}
    for sensitivity, category in (("private", "Personal"), ("normal", "CalendarEntry")):
        both.stage.graph.people.edit_event(both.event().immutable_id, sensitivity=sensitivity)
        assert await both.settle() == {"updated_severa": 1}
        rows = severa.state_of(both.stage.users["anna"]).activities()
        assert {row.name: categories[row.type] for row in rows} == {"Standup": category, "Surgeon": category}
        await both.check()


async def test_p59_one_date_of_a_series_is_private(both: Calendars) -> None:
    """It hides its series, too: nothing of it shows in Severa as an entry that is anybody's business."""
    await agreed(both, "outlook")
    both.edit_outlook(nth(1), subject="Surgeon", sensitivity="private")
    await both.settle()
    await both.check()
    severa = both.stage.severa.people
    categories = {kind.guid: kind.category for kind in severa.types_of(both.stage.severa_company)}
    rows = severa.state_of(both.stage.users["anna"]).activities()
    assert {row.name: categories[row.type] for row in rows} == {"Standup": "Personal", "Surgeon": "Personal"}
    both.edit_severa(nth(2), name="Farewell")
    severa.edit_activity(both.activity().guid, location="Room 9")
    await both.settle()
    await both.check()
