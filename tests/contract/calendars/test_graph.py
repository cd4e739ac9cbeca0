"""The calendar contract, kept by the Graph adapter on the simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.contract.calendars.graph_harness import GraphHarness, graph_harness, quiet
from tests.contract.calendars.suite import CalendarContract


class TestGraphCalendar(CalendarContract):
    """Without the lies that make an echo differ from the next read; test_graph_lies.py has those."""

    @pytest.fixture
    async def harness(self) -> AsyncIterator[GraphHarness]:
        async with graph_harness(quiet()) as harness:
            yield harness
