from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.storage.rows import (
    CHUNK,
    MOST_BYTES,
    instant_of,
    instant_text,
    joined,
    joined_text,
    split,
    split_text,
)


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, MOST_BYTES])
def test_bytes_over_properties(length: int) -> None:
    """They come back whole, in no more properties than it takes, none larger than Azure allows."""
    value = bytes(n % 251 for n in range(length))
    row = split("cursor", value)
    assert joined("cursor", row) == value
    assert len(row) == -(-length // CHUNK)
    assert all(len(part) <= 64 * 1024 for part in row.values())


def test_bytes_that_no_row_can_hold() -> None:
    """They are refused, not cut."""
    with pytest.raises(ValueError, match="too large"):
        split("cursor", bytes(MOST_BYTES + 1))


@given(st.text())
def test_any_text(text: str) -> None:
    """It comes back; beside other properties, too; and what is not there is None."""
    assert joined_text("t", {"u0": b"x", **(split_text("t", text) or {})}) == text
    assert joined_text("v", split_text("t", text) or {}) is None


def test_instants() -> None:
    """They are spelt in UTC to the microsecond, whatever zone they came in, and sort as text."""
    instant = datetime(2026, 7, 1, 3, 0, 0, 1, tzinfo=timezone(timedelta(hours=3)))
    assert instant_text(instant) == "2026-07-01T00:00:00.000001+00:00"
    assert instant_of(instant_text(instant)) == instant
    assert (instant_text(None), instant_of(""), instant_of(None)) == ("", None, None)
    assert instant_of(instant_text(instant)).tzinfo == UTC  # type: ignore[union-attr]
