"""The process dies at every effect, with real adapters and state in Azurite."""

from __future__ import annotations

import pytest

from tests.contract.whole.crashing import EVERY_POINT, SHORT, check_every_point


@pytest.mark.timeout(3600)
async def test_the_process_dies_at_any_effect_with_state_in_tables(azurite: str) -> None:
    """Matching, creating both ways, a conflict, an edit and a deletion for two users survive a death at any point."""
    tried = await check_every_point(azurite, SHORT, 1 if EVERY_POINT else 6)
    assert tried > 30
