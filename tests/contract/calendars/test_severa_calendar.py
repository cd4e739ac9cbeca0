"""The Severa adapter keeps the calendar contract, on the simulator in-process."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.adapters.severa.quirks import PatchValues
from tests.contract.calendars.severa_stage import SeveraStage, severa_stage
from tests.contract.calendars.suite import CalendarContract, SeriesContract


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


class TestSeveraCalendarOfAColleague(CalendarContract):
    """A person with other clocks owns what is there; Anna takes part in it, and leaves dates instead of cancelling."""

    @pytest.fixture
    async def harness(self) -> AsyncIterator[SeveraStage]:
        async with severa_stage() as stage:
            stage.keeper = stage.people.add_user(
                stage.company, "Bert Busch", "bert@acme.example", timezone="Europe/Berlin"
            )
            yield stage


class TestSeveraSeriesOtherwise(SeriesContract):
    """What is unknown of series is the other way round (facts/severa.md 1.6, 1.7)."""

    @pytest.fixture
    async def harness(self) -> AsyncIterator[SeveraStage]:
        async with severa_stage() as stage:
            options = stage.severa.options
            options.exceptions_touch = options.participants_touch = False
            options.series_edit_keeps_exceptions = True
            options.series_window = "first"
            options.api_author = None
            yield stage
