"""The calendar contract, kept by the EWS adapter on a server of Exchange 2016."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.contract.calendars.ews_harness import EwsHarness, ews_harness
from tests.contract.calendars.suite import CalendarContract


class TestEwsCalendar(CalendarContract):
    """Every request and every answer valid by Microsoft's schemas, where these are at hand."""

    @pytest.fixture
    async def harness(self) -> AsyncIterator[EwsHarness]:
        async with ews_harness('2007_sp1') as harness:
            yield harness
