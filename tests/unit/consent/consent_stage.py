"""A company that is to be connected, both services simulated, and the browsers of its administrator and an attacker.

MSAL and the keys of ID tokens go over real https; Graph and the browsers are in-process; the stores are in memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from core.adapters.graph.api import http_client
from core.adapters.graph.probe import GraphProbe
from core.adapters.identity.credentials import SecretCredential
from core.adapters.identity.sign_in import Application, EntraSignIn
from core.adapters.identity.tokens import AppTokens, Cloud
from core.adapters.memory.secrets import MemoryKeys
from core.adapters.memory.storage import MemoryStorage
from core.adapters.memory.undetermined import InlineExecutor, ManualClock, ManualSleeper, SeededRandomness
from core.errors import Stop
from core.model.company import CompanySettings, SeveraUser
from core.model.ids import CompanyId, UserId
from core.ports import Ports
from core.ports_consent import ConsentPorts
from core.usecases import consent
from tests.simulators.common.inprocess import transport
from tests.simulators.common.server import ThreadedServer
from tests.simulators.graph import Account, Browser, GraphSimulator, make_authority
from tests.simulators.graph.entra_accounts import GLOBAL_ADMINISTRATOR

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
COMPANY = CompanyId("11111111-1111-4111-8111-111111111111")
OTHER_COMPANY = CompanyId("22222222-2222-4222-8222-222222222222")
ADMIN = UserId("aaaaaaaa-0000-4000-8000-000000000001")
CLIENT = "99999999-2222-4333-8444-555555555555"
HOME = "https://sync.example"
BACK = f"{HOME}/api/consent/callback"
FRONT_END = "https://severa.example"
SECRET = "s9"


class Gateways:
    """A company without credentials for Severa's API, unless it is given addresses of its administrator."""

    def __init__(self) -> None:
        self.addresses: tuple[str, ...] = ()

    async def severa(self, company: CompanyId, settings: CompanySettings, *, first_sync: bool = False) -> Gateways:
        if not self.addresses:
            raise Stop("severa_credentials_missing", whole_company=True)
        return self

    async def user(self, user: UserId) -> SeveraUser:
        return SeveraUser(user, self.addresses)


class Names:
    """What Severa calls a company; empty where it does not tell."""

    def __init__(self) -> None:
        self.known: dict[CompanyId, str] = {COMPANY: "Acme Oy"}

    async def name(self, company: CompanyId, settings: CompanySettings) -> str:
        return self.known.get(company, "")


@dataclass
class Stage:
    """Tenant Acme with its Global Administrator, who has a mailbox, and the consent use case for COMPANY."""

    url: str
    ca_file: Path
    graph: GraphSimulator
    clock: ManualClock
    names: Names = field(default_factory=Names)
    gateways: Gateways = field(default_factory=Gateways)

    def __post_init__(self) -> None:
        people = self.people = self.graph.people
        self.options = people.entra_options
        self.acme, self.victim = people.add_tenant("Acme"), people.add_tenant("Victim")
        self.registration = people.register_app(CLIENT, [BACK], secret=SECRET)
        self.mailbox = people.add_mailbox(self.acme, "root@acme.example")
        self.root = people.add_account(
            self.acme.tenant_id, "root@acme.example", GLOBAL_ADMINISTRATOR, mailbox=self.mailbox
        )
        self.victims_root = people.add_account(self.victim.tenant_id, "root@victim.example", GLOBAL_ADMINISTRATOR)
        self.browser = Browser(self.graph.entra_app)
        self.storage = MemoryStorage(self.clock)
        self.http = http_client(transport=transport(self.graph.app))
        self.c = self._ports()

    async def start(self, company: CompanyId = COMPANY) -> consent.Start:
        """The start page, opened from Severa's own pages."""
        state = await consent.begin(self.c, company, ADMIN, "Acme Oy")
        return await consent.open_start(self.c, state, f"{FRONT_END}/settings")

    async def granted(self, start: consent.Start, account: Account | None = None) -> dict[str, str]:
        """Microsoft's answer to the admin consent."""
        return query_of(await self.browser.accept(start.address, account or self.root))

    async def signing_in(self, start: consent.Start, account: Account | None = None) -> str:
        """Where to sign in, after the consent."""
        needed = await consent.callback(self.c, await self.granted(start, account), start.cookie)
        assert isinstance(needed, consent.SignInNeeded)
        return needed.address

    async def signed_in(self, start: consent.Start, account: Account | None = None) -> dict[str, str]:
        """Microsoft's answer to the sign-in."""
        address = await self.signing_in(start, account)
        return query_of(await self.browser.accept(address, account or self.root))

    async def confirmation(self, start: consent.Start, account: Account | None = None) -> consent.Confirmation:
        """What is to be confirmed at the end."""
        shown = await consent.callback(self.c, await self.signed_in(start, account), start.cookie)
        assert isinstance(shown, consent.Confirmation)
        return shown

    async def connect(self, company: CompanyId = COMPANY) -> consent.Connected | consent.NotYet:
        """The whole way."""
        start = await self.start(company)
        shown = await self.confirmation(start)
        return await consent.confirm(self.c, shown.state, start.cookie)

    async def tenant_of(self, company: CompanyId = COMPANY) -> str:
        """The tenant in the company's settings."""
        found = await self.storage.companies.settings(company)
        return found[0].tenant if found else ""

    def _ports(self) -> ConsentPorts:
        cloud = Cloud(self.url, "http://graph/v1.0", str(self.ca_file))
        credential, executor = SecretCredential(SECRET), InlineExecutor()
        storage = self.storage
        ports = Ports(
            self.clock,
            ManualSleeper(self.clock),
            SeededRandomness(5),
            self.gateways,
            storage.pairs,
            storage.companies,
            storage.due,
            storage.history,
            storage.holds,
            storage.queues,
            MemoryKeys(),
        )
        sign_in = EntraSignIn(cloud, Application(CLIENT, credential, BACK), executor, self.clock)

        def tokens(tenant: str) -> AppTokens:
            return AppTokens(cloud, tenant, CLIENT, credential, executor, self.clock)

        probe = GraphProbe(cloud.graph, tokens, self.http)
        return ConsentPorts(ports, storage.consents, sign_in, probe, self.names, frozenset({FRONT_END}), HOME)


def query_of(address: str) -> dict[str, str]:
    """The query with which a browser comes to our callback."""
    assert address.startswith(f"{BACK}?")
    return dict(parse_qsl(urlsplit(address).query))


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A fresh stage, Entra over https."""
    clock = ManualClock(MONDAY)
    graph, authority = GraphSimulator(clock.now, seed=3), make_authority(tmp_path)
    with ThreadedServer(graph.entra_app, cert=authority.cert, key=authority.key) as url:
        made = Stage(url, authority.ca_file, graph, clock)
        async with made.http:
            yield made
