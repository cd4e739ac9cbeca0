"""A company's Severa, tried."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from core.adapters.memory.undetermined import ManualClock
from core.adapters.severa.check import SeveraConnection
from core.adapters.severa.exchange import TIMEOUTS, Exchange
from core.adapters.severa.tokens import Credentials
from core.errors import Stop
from core.model.company import CompanySettings
from core.model.connection import Check, Finding, Outcome
from core.model.ids import CompanyId
from tests.simulators.common.inprocess import transport
from tests.simulators.severa import SeveraSimulator

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
COMPANY = CompanyId("11111111-1111-4111-8111-111111111111")
EVERY = frozenset({"activities:read", "activities:write", "activities:delete", "settings:read", "users:read"})


class Unlimited:
    async def slot(self) -> None:
        """At once."""

    async def paused(self, seconds: float) -> None:
        """Nobody waits."""


@asynccontextmanager
async def tried(app: Any, secret: str = "s3") -> AsyncIterator[SeveraConnection]:
    """The check over a Severa."""
    clock = ManualClock(NOW)
    over = app if isinstance(app, httpx.MockTransport) else transport(app)
    async with httpx.AsyncClient(transport=over) as client:

        async def credentials(company: CompanyId, settings: CompanySettings) -> Credentials:
            return Credentials("acme", secret)

        yield SeveraConnection(
            lambda _: Exchange(client, "http://severa", Unlimited(), clock, TIMEOUTS), credentials, clock
        )


async def found(connection: SeveraConnection) -> list[Finding]:
    """What the first two steps find."""
    return [finding async for finding in connection.check(COMPANY, CompanySettings())]


def simulator(scopes: frozenset[str] = EVERY) -> tuple[SeveraSimulator, Any]:
    """A Severa whose credentials have these scopes, and the company."""
    severa = SeveraSimulator(ManualClock(NOW).now)
    return severa, severa.people.add_company("Acme", client_id="acme", client_secret="s3", scopes=scopes)


async def test_every_scope() -> None:
    """Both steps pass."""
    async with tried(simulator()[0].app) as connection:
        assert await found(connection) == [Finding(Check.SEVERA_TOKEN), Finding(Check.SEVERA_SCOPES)]


async def test_scopes_that_are_missing() -> None:
    """Each one is named."""
    async with tried(simulator(EVERY - {"activities:write", "users:read"})[0].app) as connection:
        scopes = (await found(connection))[1]
    assert (scopes.outcome, scopes.code) == (Outcome.FAILED, "severa_scopes_missing")
    assert scopes.detail == "activities:write, users:read"


async def test_wrong_credentials() -> None:
    """The token is refused."""
    async with tried(simulator()[0].app, "wrong") as connection:
        with pytest.raises(Stop, match="severa_credentials_refused"):
            await found(connection)


def _tokens(answer: Any) -> httpx.MockTransport:
    return httpx.MockTransport(lambda request: answer(request.content.decode()))


@pytest.mark.parametrize("scope", ["", "SeveraAll", " ".join(sorted(EVERY)), ", ".join(sorted(EVERY))])
async def test_how_scopes_may_be_told(scope: str) -> None:
    """Separated in any way, all in one, or not at all: then nothing is missing as far as anybody knows."""

    def answer(_: str) -> httpx.Response:
        return httpx.Response(200, json={"access_token": "a", "scope": scope})

    async with tried(_tokens(answer)) as connection:
        assert (await found(connection))[1] == Finding(Check.SEVERA_SCOPES)


async def test_a_token_that_is_refused_for_its_scopes() -> None:
    """Each scope is asked for alone, to name the one that is missing."""

    def answer(body: str) -> httpx.Response:
        if "activities:delete" in body:
            return httpx.Response(403, json={"error": {"type": "InsufficientApiScope"}})
        return httpx.Response(200, json={"access_token": "a"})

    async with tried(_tokens(answer)) as connection:
        assert (await found(connection))[1].detail == "activities:delete"


async def test_mails_of_severa_s_own() -> None:
    """Users who would get them are counted, inactive ones aside."""
    severa, company = simulator()
    severa.people.add_user(company, "anna", "anna@example.org", mailed_on_new_activity=True)
    severa.people.add_user(company, "bert", "bert@example.org", mailed_on_new_activity=False)
    async with tried(severa.app) as connection:
        [mails] = [finding async for finding in connection.mails(COMPANY, CompanySettings())]
    assert (mails.outcome, mails.code, mails.detail) == (Outcome.WARNED, "severa_may_mail", "1 of 2 users")


async def test_nobody_is_mailed() -> None:
    """It passes."""
    severa, company = simulator()
    severa.people.add_user(company, "bert", "bert@example.org", mailed_on_new_activity=False)
    async with tried(severa.app) as connection:
        assert [f async for f in connection.mails(COMPANY, CompanySettings())] == [Finding(Check.SEVERA_MAILS)]
