"""Lets pytest explain failed assertions of the shared contract."""

import pytest

for part in ("reading", "writing", "failing", "series_reading", "series_writing", "series_dates"):
    pytest.register_assert_rewrite(f"tests.contract.calendars.{part}")
