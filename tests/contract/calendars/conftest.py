"""Lets pytest explain failed assertions of the shared contract."""

import pytest

for part in ("reading", "writing", "failing"):
    pytest.register_assert_rewrite(f"tests.contract.calendars.{part}")
