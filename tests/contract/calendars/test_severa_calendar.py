"""The Severa adapter keeps the calendar contract, on the simulator in-process."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.adapters.severa.quirks import PatchValues
from tests.contract.calendars.severa_stage import SeveraStage, severa_stage
from tests.contract.calendars.suite import CalendarContract


class TestSeveraCalendar(CalendarContract):
    @pytest.fixture
    async def harness(self) -> AsyncIterator[SeveraStage]:
        async with severa_stage() as stage:
            yield stage


class TestSeveraCalendarFarWest(CalendarContract):
    """Whole days where midnight is late in UTC, answers in the owner's zone, patch values as text."""

    @pytest.fixture
    async def harness(self) -> AsyncIterator[SeveraStage]:
        async with severa_stage("America/Los_Angeles", PatchValues.TEXT) as stage:
            stage.severa.options.times = "owner"
            yield stage
