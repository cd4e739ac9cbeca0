"""Credentials that Severa refuses are looked up once more before that counts."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from core.adapters.severa.gateway import SeveraGateway
from core.adapters.severa.tokens import Credentials
from core.errors import RetryLater, Stop
from tests.simulators.common.inprocess import transport
from tests.simulators.severa import SeveraSimulator

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


class Free:
    """No limit, and a clock that stands still."""

    def now(self) -> datetime:
        return NOW

    async def slot(self) -> None: ...

    async def paused(self, seconds: float) -> None: ...


class Desk:
    """A company in Severa, and what is stored of its credentials."""

    def __init__(self, *stored: Credentials | Exception) -> None:
        self.severa = SeveraSimulator(lambda: NOW)
        self.severa.people.add_company("Acme", client_id="acme", client_secret="right")
        self.stored = list(stored)

    async def look_up(self) -> Credentials:
        found = self.stored.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    async def types(self, client_id: str, secret: str) -> int:
        """How many activity types a process reads that knows these credentials."""
        async with httpx.AsyncClient(transport=transport(self.severa.app)) as client:
            known = Credentials(client_id, secret, self.look_up)
            gateway = SeveraGateway(client, "http://severa.simulated", known, Free(), Free(), "Europe/Helsinki")
            return len(await gateway.activity_types())

    def asked(self) -> int:
        return self.severa.requests.count("POST", "/token")


async def test_a_secret_that_was_replaced() -> None:
    """The stored one is taken, and nobody notices."""
    desk = Desk(Credentials("acme", "right"))
    assert await desk.types("acme", "replaced") == 5
    assert desk.asked() == 2


async def test_a_client_that_was_replaced() -> None:
    """Client id and secret are stored one after the other: a process that has one of each looks up both."""
    desk = Desk(Credentials("acme", "right"))
    assert await desk.types("earlier", "right") == 5
    assert set(desk.severa.client_ids_seen) == {"acme"}


async def test_the_stored_secret_is_the_refused_one() -> None:
    """It stops, and Severa is not asked a second time."""
    desk = Desk(Credentials("acme", "wrong"))
    with pytest.raises(Stop, match="severa_credentials_refused"):
        await desk.types("acme", "wrong")
    assert desk.asked() == 1


async def test_the_stored_secret_is_wrong_too() -> None:
    """It stops after the second one: no third attempt."""
    desk = Desk(Credentials("acme", "wrong as well"), Credentials("acme", "right"))
    with pytest.raises(Stop, match="severa_credentials_refused"):
        await desk.types("acme", "wrong")
    assert desk.asked() == 2


async def test_the_store_does_not_answer() -> None:
    """Later: whether the credentials are wrong is not known."""
    desk = Desk(RetryLater("vault_unavailable"))
    with pytest.raises(RetryLater, match="vault_unavailable"):
        await desk.types("acme", "wrong")
