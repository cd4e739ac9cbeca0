"""The contract of the `Calendar` port: one class, which every implementation's tests inherit.

    class TestGraphCalendar(CalendarContract):
        @pytest.fixture
        async def harness(self) -> AsyncIterator[GraphHarness]: ...

What is particular to one side is in the harness (harness.py), not here.
"""

from __future__ import annotations

from tests.contract.calendars.failing import FailingContract
from tests.contract.calendars.reading import ReadingContract
from tests.contract.calendars.series_dates import DatesContract
from tests.contract.calendars.series_reading import SeriesReadingContract
from tests.contract.calendars.series_writing import SeriesWritingContract
from tests.contract.calendars.writing import WritingContract


class SeriesContract(SeriesReadingContract, SeriesWritingContract, DatesContract):
    """What a calendar promises of series and their exceptions."""


class CalendarContract(ReadingContract, WritingContract, FailingContract, SeriesContract):
    """Every promise of `core.ports.Calendar`."""
