"""Stages that several files of use cases begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.live_stage import LiveStage, live_stage


@pytest.fixture
async def fresh() -> AsyncIterator[LiveStage]:
    """Anna's pair is in agreement; nobody has asked for a subscription yet."""
    async with live_stage() as running:
        yield running


@pytest.fixture
async def kept(fresh: LiveStage) -> LiveStage:
    """Anna's pair has its subscription, and nothing waits."""
    await fresh.keep()
    await fresh.work()
    fresh.asked.clear()
    fresh.stage.graph.subscriptions.authorizations.clear()
    fresh.stage.graph.requests.reset()
    return fresh
