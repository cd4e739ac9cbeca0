"""A company's way to its server over real TLS: logins, connections that are kept and closed, what is never sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from ipaddress import ip_network
from types import SimpleNamespace
from typing import cast

import pytest
from exchangelib.protocol import CachingProtocol

from core.adapters.addresses import AddressGuard
from core.adapters.ews.api import Limits
from core.adapters.ews.directory import EwsCompany
from core.adapters.ews.gateway import ExchangeServers, exchange_servers
from core.adapters.ews.pinned import Target
from core.adapters.memory.undetermined import InlineExecutor
from core.adapters.system import OwnThreads, System, SystemClock, ThreadExecutor
from core.errors import RetryLater, Stop
from core.model.company import CompanySettings, ExchangeRelease, Version
from core.model.ids import CompanyId, MailboxId
from core.settings import Settings
from tests.simulators.common.faults import Action, Fault
from tests.simulators.common.server import serve
from tests.simulators.ews import EwsSimulator
from tests.simulators.graph import Authority
from tests.support.exchange import official_schemas
from tests.unit.ews.conftest import COMPANY, HOST, PASSWORD, SE
from tests.unit.ews.test_exchange_connection import RELEASES

ANNA = "anna@example.org"


@dataclass
class Way:
    """The servers of one process, one company's settings, and its server."""

    servers: ExchangeServers
    settings: CompanySettings
    exchange: EwsSimulator
    password: str = PASSWORD

    def company(self, **changes: object) -> EwsCompany:
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]
        return self.servers.company(COMPANY, self.settings, self.password, self._addresses)

    async def _addresses(self, _: MailboxId) -> tuple[str, ...]:
        return (ANNA,)


@pytest.fixture
async def way(authority: Authority, request: pytest.FixtureRequest) -> AsyncIterator[Way]:
    """A server over https; the parameter is what it offers as a login."""
    accounts, schemas = {r"ACME\sync": PASSWORD}, official_schemas()
    exchange = EwsSimulator(SE, accounts, {ANNA}, certificate=authority.cert, schemas=schemas)
    exchange.methods = getattr(request, "param", exchange.methods)
    guard = AddressGuard(lambda *_: ["127.0.0.1"], InlineExecutor(), (ip_network("127.0.0.0/8"),))
    servers = ExchangeServers(guard, ThreadExecutor(), SystemClock(), str(authority.ca_file))
    async with serve(exchange.app, cert=authority.cert, key=authority.key) as url:
        port = url.rpartition(":")[2]
        settings = CompanySettings(
            version=Version.EXCHANGE_SERVER,
            domain="ACME",
            user_name="sync",
            ews_url=f"https://{HOST}:{port}/EWS/Exchange.asmx",
        )
        yield Way(servers, settings, exchange)
        servers.close()
    await asyncio.sleep(0.02)  # the server's ends of TLS connections close in a few turns of the loop


@pytest.mark.parametrize("way", ["NTLM, Negotiate", 'Basic realm="mail"'], indirect=True)
async def test_logging_in(way: Way) -> None:
    """By NTLM, bound to the TLS channel, or by Basic: once for a connection, which is then kept."""
    found = await way.company().find_mailbox([ANNA])
    assert found is not None
    assert found.id == way.exchange.people.mailbox(ANNA).guid
    before = len(way.exchange.logins)
    way.exchange.exchanged.clear()
    for _ in range(3):
        await way.company().find_mailbox([ANNA])
    asked = len(way.exchange.exchanged)
    assert asked >= 3
    assert all(way.exchange.logins)
    assert len(way.exchange.logins) - before == (0 if "NTLM" in way.exchange.methods else asked)
    assert CachingProtocol._protocol_cache == {}


@pytest.mark.parametrize("release", list(RELEASES), ids=lambda one: one.value)
async def test_the_release_is_found_once(way: Way, release: ExchangeRelease) -> None:
    """What the server says of itself is spoken from then on, and nothing is asked in another version."""
    way.exchange.release = RELEASES[release]
    company = way.company()
    await company.find_mailbox([ANNA])
    way.exchange.exchanged.clear()
    await company.find_mailbox([ANNA])
    spoken = f'Version="{RELEASES[release].schema}"'.encode()
    assert way.exchange.exchanged
    assert all(spoken in one.request for one in way.exchange.exchanged)
    assert "ConvertId" not in {one.operation for one in way.exchange.exchanged}


async def test_an_older_release_that_the_settings_name(way: Way) -> None:
    """It is spoken, for mailboxes on servers older than the one that answers; a newer one is not."""
    for named, spoken in ((ExchangeRelease.EX2010_SP2, b"Exchange2010_SP2"), (ExchangeRelease.SE, b"Exchange2016")):
        await way.company(release=named).find_mailbox([ANNA])
        assert b'Version="' + spoken + b'"' in way.exchange.exchanged[-1].request
    way.exchange.release = RELEASES[ExchangeRelease.EX2013]
    await way.company(release=ExchangeRelease.EX2019).find_mailbox([ANNA])
    assert b'Version="Exchange2013"' in way.exchange.exchanged[-1].request


async def test_a_new_password(way: Way) -> None:
    """Another way is made, and the old one closed; the same settings keep the same one."""
    first = way.company()
    assert way.company() is first
    await first.find_mailbox([ANNA])
    way.exchange.passwords[r"ACME\sync"] = way.password = "another"
    second = way.company()
    assert second is not first
    assert first._api._server._open is None
    assert await second.find_mailbox([ANNA]) is not None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ews_url": ""}, "exchange_url_missing"),
        ({"user_name": ""}, "exchange_credentials_missing"),
        ({"ews_url": "http://mail.customer.example/EWS/Exchange.asmx"}, "address_not_https"),
    ],
)
async def test_settings_that_lead_nowhere(way: Way, changes: dict[str, str], code: str) -> None:
    """Said before anything is sent."""
    with pytest.raises(Stop) as caught:
        await way.company(**changes).find_mailbox([ANNA])
    assert (caught.value.code, caught.value.whole_company) == (code, True)
    assert way.exchange.exchanged == []


async def test_a_certificate_that_is_not_trusted(way: Way) -> None:
    """The password is not sent."""
    way.servers._ca_file = ""
    with pytest.raises(Stop) as caught:
        await way.company().find_mailbox([ANNA])
    assert caught.value.code == "tls_certificate_untrusted"
    assert way.exchange.logins == []


async def test_a_server_that_leads_elsewhere(way: Way) -> None:
    """It is not followed, and neither is the password."""
    company = way.company()
    await company.find_mailbox([ANNA])
    way.exchange.redirect = "https://elsewhere.example/EWS/Exchange.asmx"
    with pytest.raises(Stop) as caught:
        await company.find_mailbox([ANNA])
    assert caught.value.code == "exchange_redirects"


async def test_a_server_that_hangs(way: Way) -> None:
    """Notifications are taken, and everybody else's threads are free, while its own wait for it."""
    way.servers._executor = OwnThreads(4)
    company = way.company()
    await company.find_mailbox([ANNA])
    company._api._limits = Limits(read_seconds=2.0)
    way.exchange.faults.add(Fault(Action.DELAY, path="/EWS", times=None, seconds=30.0))
    hanging = [asyncio.create_task(company.find_mailbox([ANNA])) for _ in range(12)]
    while not way.exchange.faults.fired():  # noqa: ASYNC110 - no event tells of it
        await asyncio.sleep(0.001)
    assert await asyncio.to_thread(len, "abc") == 3
    assert not any(task.done() for task in hanging)
    failed = await asyncio.gather(*hanging, return_exceptions=True)
    assert {type(one) for one in failed} == {RetryLater}


def test_threads_of_its_own() -> None:
    """In production, too, for its requests and for looking up its name."""
    system = System()
    servers = exchange_servers(cast("Settings", SimpleNamespace(allowed_networks=(), ca_file="")), system)
    assert system.exchange is servers._executor is servers._guard.executor
    assert system.exchange not in (system.executor, system.strangers)


async def test_no_more_than_a_few_at_once(way: Way) -> None:
    """However many pairs look, and of however many companies that share the server."""
    way.servers._executor = OwnThreads(16)
    companies = [way.servers.company(CompanyId(name), way.settings, PASSWORD, way._addresses) for name in "abc"]
    for company in companies:
        await company.find_mailbox([ANNA])
    way.exchange.options.service_seconds = 0.05
    await asyncio.gather(*(company.find_mailbox([ANNA]) for company in companies for _ in range(8)))
    assert 1 < way.exchange.peak <= 4


def test_one_server_however_it_is_spelt() -> None:
    """So that companies that share it share its places."""
    spelt = ("https://mail.example/EWS/Exchange.asmx", "https://MAIL.example:443/ews/exchange.asmx")
    assert {Target(url).server for url in spelt} == {"mail.example:443"}


async def test_a_server_that_is_away(way: Way) -> None:
    """Later, and then as if nothing had been."""
    company = way.company()
    await company.find_mailbox([ANNA])
    for status in (429, 500, 503, 504):
        way.exchange.status = status
        with pytest.raises(RetryLater):
            await company.find_mailbox([ANNA])
    way.exchange.status = 0
    assert await company.find_mailbox([ANNA]) is not None
