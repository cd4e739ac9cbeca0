"""The same company with real adapters: simulators of Severa and of Graph or an Exchange Server, in-process.

State is on memory or in Azurite.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import httpx

from core.adapters.graph.api import GraphApi, http_client
from core.adapters.graph.directory import GraphCompany
from core.adapters.memory.secrets import MemoryKeys
from core.adapters.memory.storage import MemoryStorage
from core.adapters.memory.undetermined import ManualClock, ManualSleeper, SeededRandomness
from core.adapters.severa.gateway import SeveraGateway
from core.adapters.severa.tokens import Credentials
from core.adapters.storage.cipher import Cipher
from core.adapters.storage.clients import Connection
from core.adapters.storage.storage import Storage
from core.model.company import CompanySettings, SyncWhile
from core.model.ids import CompanyId, MailboxId, Pair, UserId
from core.ports import MicrosoftCompany, Ports, SeveraCompany
from core.usecases.feed import poll_feed
from core.usecases.limiter import FIRST_SYNC_RATE, FIRST_SYNCS, FirstSyncLimiter, SharedLimiter
from core.usecases.report import Report
from core.usecases.run import run_pair
from core.usecases.settings import save_settings
from core.usecases.switches import set_company_switch, set_user_switch
from tests.simulators.common.faults import Action, Fault
from tests.simulators.common.inprocess import transport
from tests.simulators.graph import GraphSimulator
from tests.simulators.severa import SeveraSimulator
from tests.support.exchange import PASSWORD, ExchangeServer
from tests.support.stage import MONDAY

GRAPH = "https://graph.simulated/v1.0"
SEVERA = "http://severa.simulated"
MASTER = bytes(range(32))
_seeds = itertools.count(1)


@dataclass(slots=True)
class Service:
    """Where the mailboxes of the next stages are: in Graph, or on an Exchange Server of some release (its name)."""

    release: str = ""


SERVICE = Service()
"""Tests of the whole way are told on both (tests/contract/whole/conftest.py); everybody else's are on Graph."""


class SimulatedGateways:
    """The real adapters on the simulators; one process's worth of tokens and limiter."""

    def __init__(self, stage: RemoteStage, severa: httpx.AsyncClient, graph: httpx.AsyncClient) -> None:
        self._severa_client, self._graph_client, self._stage = severa, graph, stage
        self._severa: dict[bool, SeveraCompany] = {}
        self._microsoft: MicrosoftCompany | None = None

    async def severa(self, company: CompanyId, settings: CompanySettings, *, first_sync: bool = False) -> SeveraCompany:
        """The company's Severa."""
        if first_sync not in self._severa:
            stage, limiter = self._stage, self._limiter(company)
            if first_sync:
                limiter = FirstSyncLimiter(self._limiter(company, key=FIRST_SYNCS, rate=FIRST_SYNC_RATE), limiter)
            credentials = Credentials(stage.severa_company.client_id, stage.severa_company.client_secret)
            self._severa[first_sync] = SeveraGateway(
                self._severa_client, SEVERA, credentials, limiter, stage.ports.clock, settings.time_zone
            )
        return self._severa[first_sync]

    def _limiter(self, company: CompanyId, **named: Any) -> Any:
        ports = self._stage.ports
        return SharedLimiter(ports.companies, company, ports.clock, ports.sleeper, ports.randomness, **named)

    async def microsoft(self, company: CompanyId, settings: CompanySettings) -> MicrosoftCompany:
        """The company's mailboxes."""
        if self._microsoft is None and isinstance(self._stage.graph, ExchangeServer):
            servers = self._stage.graph.servers(self._stage.clock)
            self._microsoft = servers.company(company, settings, PASSWORD, partial(self._addresses, company, settings))
        elif self._microsoft is None:
            self._microsoft = GraphCompany(GraphApi(GRAPH, self._stage, self._graph_client))
        return self._microsoft

    async def _addresses(self, company: CompanyId, settings: CompanySettings, mailbox: MailboxId) -> tuple[str, ...]:
        """Those of the mailbox's user, as Severa knows them now."""
        stage, severa = self._stage, await self.severa(company, settings)
        owners = [stage.pair(name).user for name in stage.users if stage.mailbox_id(name) == mailbox]
        user = await severa.user(owners[0]) if owners else None
        return user.addresses if user else ()


@dataclass(slots=True)
class RemoteStage:
    """One company of the simulators, with its users' mailboxes; every switch on, `sync_while: always`.

    `graph` is where its mailboxes are: Graph's simulator, or an Exchange Server in its place, without a tenant.
    `mailed`: an organizer edits their own meeting in Severa, which Exchange tells the attendees (R16); the test counts
    those mails. In every other one none is sent, which is checked at the end.
    """

    clock: ManualClock
    storage: Any
    severa: SeveraSimulator
    graph: Any
    severa_company: Any
    tenant: Any
    app: Any
    users: dict[str, Any]
    mailboxes: dict[str, Any]
    clients: tuple[httpx.AsyncClient, httpx.AsyncClient] = ()  # type: ignore[assignment]
    keys: Any = None
    ports: Ports = None  # type: ignore[assignment]
    mailed: bool = False

    def new_gateways(self) -> None:
        """A fresh process: no token, no block of slots, the same stores and services."""
        self.ports = Ports(
            self.clock,
            ManualSleeper(self.clock),
            SeededRandomness(1),
            SimulatedGateways(self, *self.clients),
            self.storage.pairs,
            self.storage.companies,
            self.storage.due,
            self.storage.history,
            self.storage.holds,
            self.storage.queues,
            self.keys,
        )

    @property
    def company(self) -> CompanyId:
        """The company."""
        return CompanyId(self.severa_company.guid)

    async def token(self, refused: str = "") -> str:
        """A token of the simulated tenant, without MSAL."""
        return str(self.graph.people.issue_token(self.tenant, self.app.client_id))

    def mailbox_id(self, name: str = "anna") -> MailboxId:
        """What the service knows a user's mailbox by."""
        box = self.mailboxes[name]
        return MailboxId(box.guid if isinstance(self.graph, ExchangeServer) else box.object_id)

    def lose_answer_to_create(self) -> None:
        """The next event that is made is made, but nobody hears of it."""
        if isinstance(self.graph, ExchangeServer):
            self.graph.lose_answer_to_create()
        else:
            self.graph.faults.add(Fault(Action.DROP_AFTER_COMMIT, method="POST", path="/events"))

    def pair(self, name: str = "anna") -> Pair:
        """A user's pair."""
        return Pair(self.company, UserId(self.users[name].guid))

    async def run(self, name: str = "anna") -> Report:
        """One run of a user's pair."""
        return await run_pair(self.ports, self.pair(name))

    async def poll(self) -> int:
        """One poll of the company's feed."""
        return await poll_feed(self.ports, self.company)

    async def settle(self, *names: str, rounds: int = 12) -> list[Report]:
        """Feed and runs, with time passing, until a round finds nothing and waits for nothing."""
        reports: list[Report] = []
        for _ in range(rounds):
            self.clock.advance(timedelta(minutes=3))
            passed_on = await self.poll()
            now = [await self.run(name) for name in names or ("anna",)]
            reports += now
            if not passed_on and all(not r.noticed and r.again is None for r in now):
                return reports
        raise AssertionError(f"did not settle: {reports[-1]}")

    def quiet(self) -> None:
        """Count requests and storage calls from here on."""
        self.severa.requests.reset()
        self.graph.requests.reset()
        if isinstance(self.storage, Storage):
            self.storage.calls.reset()


@asynccontextmanager
async def remote_stage(
    azurite: str = "", names: tuple[str, ...] = ("anna",), release: str | None = None
) -> AsyncIterator[RemoteStage]:
    """The stage, its switches on, its clock at Monday morning. State is in Azurite where a connection is given."""
    clock, seed = ManualClock(MONDAY), next(_seeds)
    severa = SeveraSimulator(clock.now, seed=seed)
    company = severa.people.add_company("Acme", client_id=f"acme-{seed}", client_secret="s3")
    users = {n: severa.people.add_user(company, n, f"{n}@example.org", timezone="Europe/Helsinki") for n in names}
    graph: Any
    release = SERVICE.release if release is None else release
    if release:
        graph, tenant, app = ExchangeServer(release, clock.now, seed), None, None
    else:
        graph = GraphSimulator(clock.now, seed=seed)
        tenant = graph.people.add_tenant()
        app = graph.people.add_app(tenant, secret="s")
    mailboxes = {n: graph.people.add_mailbox(tenant, f"{n}@example.org") for n in names}
    cipher = Cipher(MASTER)
    storage = Storage(Connection(azurite), cipher) if azurite else MemoryStorage(clock)
    stage = RemoteStage(clock, storage, severa, graph, company, tenant, app, users, mailboxes)
    async with httpx.AsyncClient(transport=transport(severa.app)) as severa_client:
        stage.clients = (severa_client, http_client(transport=None if release else transport(graph.app)))
        stage.keys = cipher if azurite else MemoryKeys()
        stage.new_gateways()
        await _switch_on(stage)
        try:
            yield stage
            assert stage.mailed or stage.graph.mails == [], "Exchange sent mails that nobody asked for (promise 3)"
        finally:
            await stage.clients[1].aclose()
            await storage.aclose()


async def _switch_on(stage: RemoteStage) -> None:
    kinds = {kind.category: kind.guid for kind in stage.severa.people.types_of(stage.severa_company)}
    ticked = frozenset({kinds["CalendarEntry"], kinds["Personal"], kinds["Absences"]})
    on_server = isinstance(stage.graph, ExchangeServer)
    settings = stage.graph.settings() if on_server else CompanySettings(tenant=stage.tenant.tenant_id)
    settings = replace(settings, severa_client_id=stage.severa_company.client_id, synced_types=ticked)
    settings = replace(settings, sync_while=SyncWhile.ALWAYS)
    await save_settings(stage.ports, stage.company, settings, "")
    await set_company_switch(stage.ports, stage.company, on=True)
    for name in stage.users:
        await set_user_switch(stage.ports, stage.pair(name), on=True)
