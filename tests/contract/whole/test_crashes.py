"""The process dies at every effect, with real adapters on the simulators: the end is the same as without."""

from __future__ import annotations

import pytest

from tests.contract.whole.crashing import EVERY_POINT, check_every_point
from tests.support.theatre import SCRIPT


@pytest.mark.timeout(1800)
async def test_the_process_dies_at_any_effect_with_real_adapters(service: str) -> None:
    """Whatever it was doing, a fresh process ends where an undisturbed one does: nothing lost, nothing doubled."""
    step = 48 if service else 12
    tried = await check_every_point("", SCRIPT, 1 if EVERY_POINT else step)
    assert tried > 400 // step
