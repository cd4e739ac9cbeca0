"""What tests of the local stage share."""

from __future__ import annotations

import pytest

from core.usecases.limiter import SharedLimiter


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Severa's budget of 8 requests a second, for which a stage waits most of its time, is not what is tested."""

    async def at_once(_: SharedLimiter) -> None:
        return

    monkeypatch.setattr(SharedLimiter, "slot", at_once)
