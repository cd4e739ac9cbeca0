"""One pair on virtual time: real use cases and adapters, simulators in process, every call as slow as stated.

Nothing waits in reality; the loop's clock leaps. Calls are counted by what they went to.
"""

from __future__ import annotations

import asyncio
import inspect
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx

from core.adapters.graph.api import GraphApi, http_client
from core.adapters.graph.directory import GraphCompany
from core.adapters.memory.secrets import MemoryKeys
from core.adapters.memory.storage import MemoryStorage
from core.adapters.memory.undetermined import SeededRandomness
from core.adapters.severa.gateway import SeveraGateway
from core.adapters.severa.tokens import Credentials
from core.model.company import CompanySettings, SyncWhile
from core.model.ids import CompanyId, Pair, UserId
from core.ports import MicrosoftCompany, Ports, SeveraCompany
from core.usecases.feed import poll_feed
from core.usecases.limiter import FIRST_SYNC_RATE, FIRST_SYNCS, FirstSyncLimiter, SharedLimiter
from core.usecases.report import Outcome
from core.usecases.run import run_pair
from core.usecases.settings import save_settings
from core.usecases.switches import set_company_switch, set_user_switch
from tests.simulation.loop import LoopClock, LoopSleeper, VirtualLoop
from tests.simulators.common.inprocess import transport
from tests.simulators.graph import GraphSimulator
from tests.simulators.severa import SeveraSimulator

GRAPH, SEVERA = "graph.example", "severa.example"
LATENCY = {"graph_read": 0.15, "graph_write": 0.30, "severa": 0.15, "storage": 0.01}
"""Seconds that one call takes, by what it goes to: stated, not measured (docs/capacity.md has their sources)."""


class LongLoop(VirtualLoop):
    """A virtual loop for work that is long on purpose: it never counts as run away."""

    def select(self, timeout: float | None) -> list[Any]:
        """See VirtualLoop.select."""
        self.turns = 0
        return super().select(timeout)


class Slow(httpx.AsyncBaseTransport):
    """Both services, by the host's name, each request as slow as stated."""

    def __init__(self, graph: Any, severa: Any, calls: Counter[str]) -> None:
        self._graph, self._severa, self._calls = transport(graph), transport(severa), calls

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx."""
        is_graph = request.url.host == GRAPH
        kind = ("graph_read" if request.method == "GET" else "graph_write") if is_graph else "severa"
        is_token = request.url.path.endswith("/token")
        self._calls["token" if is_token else kind] += 1
        await asyncio.sleep(LATENCY[kind])
        return await (self._graph if is_graph else self._severa).handle_async_request(request)


class SlowStore:
    """A store over a network that takes its time. Each page of a listing is a call."""

    def __init__(self, inner: Any, calls: Counter[str]) -> None:
        self._inner, self._calls = inner, calls

    def __getattr__(self, name: str) -> Any:
        """The port's method, slowed down."""
        target = getattr(self._inner, name)

        async def call(*args: Any, **named: Any) -> Any:
            await self._turn()
            return await target(*args, **named)

        async def pages(*args: Any, **named: Any) -> AsyncIterator[Any]:
            async for page in target(*args, **named):
                await self._turn()
                yield page

        made = pages if inspect.isasyncgenfunction(target) else call
        setattr(self, name, made)
        return made

    async def _turn(self) -> None:
        self._calls["storage"] += 1
        await asyncio.sleep(LATENCY["storage"])


class Tokens:
    """Tokens of the simulated tenant; another one where one has run out."""

    def __init__(self, people: Any, tenant: Any, client_id: str) -> None:
        self._issue = lambda: str(people.issue_token(tenant, client_id))
        self._token = self._issue()

    async def token(self, refused: str = "") -> str:
        """A token that is not `refused`."""
        if refused:
            self._token = self._issue()
        return self._token


class Bench:
    """One company with one user, switched on; nothing in either calendar."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop, self.clock, self.calls = loop, LoopClock(loop), Counter[str]()
        self.severa_simulator = SeveraSimulator(self.clock.now, seed=1)
        self.graph = GraphSimulator(self.clock.now, seed=1)
        company = self.severa_simulator.people.add_company("Company", client_id="company", client_secret="s")
        tenant = self.graph.people.add_tenant()
        app = self.graph.people.add_app(tenant, secret="s")
        self.user = self.severa_simulator.people.add_user(
            company, "anna", "anna@company.example", timezone="Europe/Helsinki"
        )
        self.mailbox = self.graph.people.add_mailbox(tenant, "anna@company.example", time_zone="UTC")
        self.company, self.tenant = CompanyId(company.guid), tenant.tenant_id
        self.pair = Pair(self.company, UserId(self.user.guid))
        self._types = frozenset(t.guid for t in self.severa_simulator.people.types_of(company) if t.category != "Task")
        self._client = http_client(transport=Slow(self.graph.app, self.severa_simulator.app, self.calls))
        tokens = Tokens(self.graph.people, tenant, app.client_id)
        self._graph = GraphCompany(GraphApi(f"https://{GRAPH}/v1.0", tokens, self._client))
        self._severa: dict[bool, SeveraGateway] = {}
        storage = MemoryStorage(self.clock)
        names = ("pairs", "companies", "due", "history", "holds", "queues")
        stores: dict[str, Any] = {name: SlowStore(getattr(storage, name), self.calls) for name in names}
        random = SeededRandomness(1)
        self.ports = Ports(
            clock=self.clock, sleeper=LoopSleeper(), randomness=random, gateways=self, keys=MemoryKeys(), **stores
        )

    # --- Gateways ---
    async def severa(self, company: CompanyId, settings: CompanySettings, *, first_sync: bool = False) -> SeveraCompany:
        """See Gateways.severa: as core/wiring makes it."""
        if first_sync not in self._severa:
            limiter: Any = self._limiter()
            if first_sync:
                limiter = FirstSyncLimiter(self._limiter(key=FIRST_SYNCS, rate=FIRST_SYNC_RATE), limiter)
            credentials = Credentials(settings.severa_client_id, "s")
            self._severa[first_sync] = SeveraGateway(
                self._client, f"http://{SEVERA}", credentials, limiter, self.clock, settings.time_zone
            )
        return self._severa[first_sync]

    def _limiter(self, **named: Any) -> SharedLimiter:
        ports = self.ports
        return SharedLimiter(ports.companies, self.company, ports.clock, ports.sleeper, ports.randomness, **named)

    async def microsoft(self, company: CompanyId, settings: CompanySettings) -> MicrosoftCompany:
        """See Gateways.microsoft."""
        return self._graph

    # --- the measured work ---
    def fill(self, events: int, activities: int) -> None:
        """So many entries on either side, none of them on both, three an hour over the coming weeks."""
        for number in range(events):
            start = self._time(number)
            self.graph.people.add_event(self.mailbox, f"Event {number}", start, start + timedelta(minutes=20))
        for number in range(activities):
            start = self._time(number)
            self.severa_simulator.people.add_activity(
                self.user, f"Activity {number}", start, start + timedelta(minutes=20)
            )

    def _time(self, number: int) -> datetime:
        return self.clock.now().replace(minute=0) + timedelta(days=1, minutes=20 * number)

    async def open(self) -> None:
        """Settings and switches; what that costs does not count."""
        settings = CompanySettings(
            tenant=self.tenant,
            severa_client_id="company",
            synced_types=self._types,
            sync_while=SyncWhile.ALWAYS,
        )
        await save_settings(self.ports, self.company, settings, "")
        await set_company_switch(self.ports, self.company, on=True)
        await set_user_switch(self.ports, self.pair, on=True)
        await poll_feed(self.ports, self.company)
        self.calls.clear()

    async def run(self) -> Counter[str]:
        """Runs of the pair until nothing waits any more, as its messages would bring them; what they wrote."""
        written = Counter[str]()
        while True:
            report = await run_pair(self.ports, self.pair)
            if report.outcome not in {Outcome.DONE, Outcome.LATER}:
                raise AssertionError((report.outcome, report.code))
            written.update(report.written)
            if report.refused:
                raise AssertionError(report.refused)
            if report.again is None and not report.arrived:
                return written
            if report.again is not None and (wait := (report.again - self.clock.now()).total_seconds()) > 0:
                await asyncio.sleep(wait)

    async def poll(self) -> None:
        """One look at Severa's feed."""
        await poll_feed(self.ports, self.company)
