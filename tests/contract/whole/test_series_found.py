"""What reviews of series found, with real adapters on the simulated services."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.contract.whole.recurring import DAY, HOUR, Calendars, agreed, calendars, nth, on


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


@pytest.mark.parametrize("days", [5, 7])
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
