"""What a company is called."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from core.adapters.memory.undetermined import ManualClock
from core.adapters.severa.organization import organization_name
from core.adapters.severa.tokens import Credentials
from core.errors import RetryLater, Stop
from tests.simulators.common.faults import Action, Fault
from tests.simulators.common.inprocess import transport
from tests.simulators.severa import SeveraSimulator

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Unlimited:
    async def slot(self) -> None:
        """At once."""

    async def paused(self, seconds: float) -> None:
        """Nobody waits."""


async def test_the_name() -> None:
    """As Severa has it; wrong credentials and a Severa that does not answer are told apart."""
    clock = ManualClock(NOW)
    severa = SeveraSimulator(clock.now)
    severa.people.add_company("Acme Oy", client_id="acme", client_secret="s3")
    async with httpx.AsyncClient(transport=transport(severa.app)) as client:

        async def name(secret: str) -> str:
            return await organization_name(client, "http://severa", Credentials("acme", secret), Unlimited(), clock)

        assert await name("s3") == "Acme Oy"
        with pytest.raises(Stop):
            await name("wrong")
        severa.faults.add(Fault(Action.STATUS, "GET", "organizationdetails", status=503))
        with pytest.raises(RetryLater):
            await name("s3")
