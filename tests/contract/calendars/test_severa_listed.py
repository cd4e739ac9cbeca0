"""A series as Severa's listings alone show it: what they do not know yet is not in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from tests.contract.calendars.severa_stage import SeveraStage, severa_stage
from tests.contract.calendars.test_severa_series import DAILY, at, on

LAG = timedelta(minutes=2)
DAY, OTHER = date(2026, 3, 25), date(2026, 3, 27)


@pytest.fixture
async def stage() -> AsyncIterator[SeveraStage]:
    """Anna's calendar."""
    async with severa_stage() as stage:
        yield stage


async def test_a_series_that_is_listed(stage: SeveraStage) -> None:
    """It is the same as the one that is read by its id, by two listings; so it is for whoever takes part."""
    for owner in (stage.anna, stage.ben):
        entry = await stage.put("Standup", DAILY, owner=owner, participants=[stage.anna] if owner is stage.ben else [])
        await stage.cancel(entry, DAY)
        await stage.change(entry, OTHER, when=at(28, 15))
        stage.asked()
        found = await stage.calendar.listed(entry)
        assert [one for one in stage.asked() if "users" not in one] == ["GET /activities", "GET /activities"]
        assert found == await stage.calendar.read(entry)
        assert found is not None
        assert found.essence.exceptions == (on(25), on(27, at(28, 15)))


async def test_dates_that_are_not_listed_yet(stage: SeveraStage) -> None:
    """They are as the series says, until listings show what became of them: nothing counts as cancelled before."""
    entry = await stage.put("Standup", DAILY)
    stage.clock.advance(hours=1)
    stage.severa.options.visible_after = LAG
    await stage.cancel(entry, DAY)
    await stage.change(entry, OTHER, when=at(28, 15))
    found, read = await stage.calendar.listed(entry), await stage.calendar.read(entry)
    assert found is not None
    assert read is not None
    assert found.essence.exceptions == ()
    assert read.essence.exceptions == (on(25), on(27))
    stage.clock.advance(minutes=3)
    assert await stage.calendar.listed(entry) == await stage.calendar.read(entry)


async def test_a_series_that_is_not_listed_yet(stage: SeveraStage) -> None:
    """There is none."""
    stage.severa.options.visible_after = LAG
    entry = await stage.put("Standup", DAILY)
    assert await stage.calendar.listed(entry) is None
