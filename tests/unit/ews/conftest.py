"""A simulated Exchange Server over https, its name, and the check under test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from core.adapters.addresses import AddressGuard
from core.adapters.ews.probe import ExchangeConnection
from core.adapters.memory.undetermined import InlineExecutor
from core.adapters.system import ThreadExecutor
from core.errors import SyncError
from core.model.company import CompanySettings, Version
from core.model.connection import Finding
from core.model.ids import CompanyId
from tests.simulators.common.server import serve
from tests.simulators.ews import EwsSimulator, Release
from tests.simulators.graph import Authority, make_authority
from tests.support.exchange import official_schemas

HOST = "mail.customer.example"
COMPANY = CompanyId("11111111-1111-4111-8111-111111111111")
SE = Release((15, 2, 2562, 17), "Exchange2016")
PASSWORD = "canary-password"


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority of the server's certificate, which names HOST."""
    return make_authority(tmp_path_factory.mktemp("ews"), HOST)


@pytest.fixture
def exchange() -> EwsSimulator:
    """The server."""
    return EwsSimulator(SE, {r"ACME\sync": PASSWORD}, {"anna@example.org"}, schemas=official_schemas())


@pytest.fixture
async def port(exchange: EwsSimulator, authority: Authority) -> AsyncIterator[int]:
    """Where it listens."""
    async with serve(exchange.app, cert=authority.cert, key=authority.key) as url:
        yield int(url.rpartition(":")[2])
    await asyncio.sleep(0.02)  # the server's ends of TLS connections close in a few turns of the loop


class Company:
    """The company's settings, and what a test of its connection finds."""

    def __init__(self, port: int, ca_file: Path) -> None:
        self.settings = CompanySettings(
            version=Version.EXCHANGE_SERVER,
            domain="ACME",
            ews_url=f"https://{HOST}:{port}/EWS/Exchange.asmx",
            user_name="sync",
        )
        self.port, self.ca_file, self.password = port, str(ca_file), PASSWORD
        self.found: Callable[[str, int], list[str]] = lambda _host, _port: ["127.0.0.1"]
        self.allowed = ("127.0.0.0/8", "::1/128")

    def change(self, **changes: object) -> None:
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]

    async def check(self, *addresses: str) -> tuple[list[Finding], str]:
        """What was found, and the code of the failure that ended it."""

        async def password(_: CompanyId) -> str:
            return self.password

        guard = AddressGuard(self.found, InlineExecutor(), tuple(ip_network(text) for text in self.allowed))
        tried = ExchangeConnection(guard, ThreadExecutor(), password, self.ca_file)
        found: list[Finding] = []
        try:
            async for finding in tried.check(COMPANY, self.settings, addresses or ("anna@example.org",)):
                found.append(finding)  # noqa: PERF401 - what came before a failure counts
        except SyncError as failure:
            return found, failure.code
        return found, ""


@pytest.fixture
def company(port: int, authority: Authority) -> Company:
    """The company."""
    return Company(port, authority.ca_file)
