"""One process of the service: its own tokens, limiter, clock and connections; stores are shared. It may die."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from core.adapters.graph.api import GraphApi, http_client
from core.adapters.graph.directory import GraphCompany
from core.adapters.graph.subscriptions import GraphSubscriptionCalls
from core.adapters.memory.secrets import MemoryKeys
from core.adapters.memory.undetermined import SeededRandomness
from core.adapters.severa.gateway import SeveraGateway
from core.adapters.severa.tokens import Credentials
from core.errors import RetryLater, Stop, StorageConflict
from core.model.company import CompanySettings
from core.model.ids import CompanyId, MailboxId
from core.ports import MicrosoftCompany, Ports, SeveraCompany
from core.ports_live import GraphSubscriptions, LivePorts
from core.usecases.limiter import FIRST_SYNC_RATE, FIRST_SYNCS, FirstSyncLimiter, SharedLimiter
from core.usecases.notifications import Inbox
from tests.simulation.exchange import PASSWORD, ExchangeServer
from tests.simulation.exchange_wire import EwsWire
from tests.simulation.loop import LoopClock, LoopSleeper
from tests.simulation.network import Wire
from tests.simulation.notices import HERE
from tests.simulation.shown import GRAPH_HOST, SEVERA_HOST
from tests.simulation.weather import STORES
from tests.simulators.graph.directory import Consent
from tests.support.theatre import Died
from tests.support.watching import READS

if TYPE_CHECKING:
    from tests.simulation.stage import Stage

T = TypeVar("T")
_TAGGED = frozenset({"companies.put_settings", "companies.put_activity", "companies.put_feed", "companies.put_counter"})
"""Writes that may lose a race against another row's writer."""
_READS = frozenset(
    {"subscriptions.of_company", "subscriptions.find", "directory.company_after", "directory.user_after"}
    | {"directory.place", "attic.old_intents"}
)


class Process:
    """A worker. `fuse`: how many points before and after effects it has left to live; None: it lives on."""

    def __init__(self, stage: Stage, name: str) -> None:
        self.stage, self.name = stage, name
        self.dead, self.fuse, self.awake_at = False, cast("int | None", None), 0.0
        self.tasks: set[asyncio.Task[None]] = set()
        self.clock = LoopClock(stage.loop)
        self.client = http_client(transport=Wire(self))
        gate = {name: cast("Any", Gate(port, name, self)) for name, port in stage.stores().items()}
        gateways = ProcessGateways(self)
        self.ports = Ports(
            clock=self.clock,
            sleeper=LoopSleeper(),
            randomness=SeededRandomness(stage.weather.rng.getrandbits(32)),
            gateways=gateways,
            keys=MemoryKeys(),
            **gate,
        )
        live = {name: cast("Any", Gate(port, name, self)) for name, port in stage.live_stores().items()}
        self.live = LivePorts(self.ports, graph=gateways.subscriptions, address=HERE, **live)
        self.inbox = Inbox(self.live)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin some work, which ends with the process."""
        task = self.stage.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled():
            task.exception()  # Whoever dies has nobody to tell.

    async def turn(self, seconds: float) -> None:
        """Some time passes; more where the process stands still. Raises Died."""
        until = max(self.stage.loop.time() + seconds, self.awake_at)
        while (left := until - self.stage.loop.time()) > 0:
            await asyncio.sleep(left)
            until = max(until, self.awake_at)
        if self.dead:
            raise Died(self.name)

    async def served(self, service: Coroutine[Any, Any, T | Exception], name: str, *, writes: bool) -> T:
        """What a service answers. It goes on whether or not anybody still waits for that; whoever died does not."""
        under_way = asyncio.ensure_future(service)
        self.stage.under_way.add(under_way)
        under_way.add_done_callback(self.stage.under_way.discard)
        answer = await asyncio.shield(under_way)
        self.effect(f"after {name}", counts=writes)
        await self.turn(self.stage.weather.moment(0.05))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def effect(self, point: str, *, counts: bool = True) -> None:
        """Before or after something that has an effect. Raises Died where that is the end of it."""
        if self.dead:
            raise Died(point)
        if counts and self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                self.die(point)
                raise Died(point)

    def die(self, point: str = "") -> None:
        """All its work stops where it is; nothing of it tidies up."""
        self.dead = True
        self.stage.tell(f"{self.name} dies {point}")
        current = asyncio.current_task(self.stage.loop)
        for task in self.tasks - {current}:
            task.cancel()


class Gate:
    """A store or queue as one process reaches it: over a network that takes time and fails."""

    def __init__(self, inner: Any, port: str, process: Process) -> None:
        self._inner, self._port, self._process = inner, port, process

    def __getattr__(self, method: str) -> Any:
        """The port's method, behind the gate."""
        target, name = getattr(self._inner, method), f"{self._port}.{method}"
        if inspect.isasyncgenfunction(target):
            made: Callable[..., Any] = lambda *args: self._pages(target(*args))  # noqa: E731
        elif name in READS or name in _READS:
            made = lambda *args, **named: self._read(target, *args, **named)  # noqa: E731
        else:
            made = lambda *args, **named: self._write(target, name, *args, **named)  # noqa: E731
        setattr(self, method, made)
        return made

    async def _read(self, target: Any, *args: Any, **named: Any) -> Any:
        await self._process.turn(self._process.stage.weather.moment(0.02))
        if self._process.stage.weather.strikes("store_fails"):
            raise RetryLater("storage_unavailable")
        return await target(*args, **named)

    async def _write(self, target: Any, name: str, *args: Any, **named: Any) -> Any:
        process, weather = self._process, self._process.stage.weather
        await process.turn(weather.moment(0.02))
        process.effect(f"before {name}")
        trouble = weather.strikes(*STORES) if self._port != "queues" else weather.strikes("store_fails")
        if trouble == "store_fails":
            raise RetryLater("storage_unavailable")
        if trouble == "store_conflicts":
            if name in _TAGGED:
                raise StorageConflict("storage_conflict")
            if name in {"pairs.set_hint", "pairs.acquire"}:
                return False if name == "pairs.set_hint" else None
        answer = await target(*args, **named)
        process.stage.tell(f"{process.name} {name} {trouble}")
        process.effect(f"after {name}")
        if trouble == "store_answer_lost" and name != "pairs.acquire":
            raise RetryLater("storage_unavailable")
        return answer

    async def _pages(self, pages: AsyncIterator[Any]) -> AsyncIterator[Any]:
        async for page in pages:
            await self._process.turn(self._process.stage.weather.moment(0.02))
            yield page


class ProcessGateways:
    """The real adapters on the simulators: one process's worth of tokens and blocks of slots (core/wiring)."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._severa: dict[tuple[CompanyId, bool, str], SeveraCompany] = {}
        self._microsoft: dict[str, MicrosoftCompany] = {}
        self._subscriptions: dict[str, GraphSubscriptions] = {}
        self._wire = EwsWire(process)

    async def severa(self, company: CompanyId, settings: CompanySettings, *, first_sync: bool = False) -> SeveraCompany:
        """See Gateways.severa."""
        key = (company, first_sync, settings.time_zone)
        if key not in self._severa:
            limiter = self._limiter(company)
            if first_sync:
                limiter = FirstSyncLimiter(self._limiter(company, key=FIRST_SYNCS, rate=FIRST_SYNC_RATE), limiter)
            secret = self._process.stage.companies[company].severa.client_secret
            self._severa[key] = SeveraGateway(
                self._process.client,
                f"http://{SEVERA_HOST}",
                Credentials(settings.severa_client_id, secret),
                limiter,
                self._process.clock,
                settings.time_zone,
            )
        return self._severa[key]

    def _limiter(self, company: CompanyId, **named: Any) -> Any:
        ports = self._process.ports
        return SharedLimiter(ports.companies, company, ports.clock, ports.sleeper, ports.randomness, **named)

    async def microsoft(self, company: CompanyId, settings: CompanySettings) -> MicrosoftCompany:
        """See Gateways.microsoft."""
        tenant = self._process.stage.companies[company].tenant
        if isinstance(tenant, ExchangeServer):
            return self._wire.servers.company(company, settings, PASSWORD, partial(self._addresses, company, settings))
        if settings.tenant not in self._microsoft:
            self._microsoft[settings.tenant] = GraphCompany(self._api(company))
        return self._microsoft[settings.tenant]

    def subscriptions(self, tenant: str) -> GraphSubscriptions:
        """See LivePorts.graph."""
        if tenant not in self._subscriptions:
            companies = self._process.stage.companies.values()
            company = next(one for one in companies if one.tenant.tenant_id == tenant)
            self._subscriptions[tenant] = GraphSubscriptionCalls(self._api(company.id))
        return self._subscriptions[tenant]

    def _api(self, company: CompanyId) -> GraphApi:
        tokens = AppTokens(self._process, company)
        return GraphApi(f"https://{GRAPH_HOST}/v1.0", tokens, self._process.client)

    async def _addresses(self, company: CompanyId, settings: CompanySettings, mailbox: MailboxId) -> tuple[str, ...]:
        """Those of the mailbox's user, as Severa knows them now."""
        owner = next((p for p in self._process.stage.people if p.mailbox.object_id == mailbox), None)
        user = await (await self.severa(company, settings)).user(owner.pair.user) if owner is not None else None
        return user.addresses if user else ()


class AppTokens:
    """Tokens of the simulated tenant, as MSAL would keep them (core/adapters/identity/tokens.py)."""

    def __init__(self, process: Process, company: CompanyId) -> None:
        self._process, self._company = process, company
        self._token, self._until = "", 0.0

    async def token(self, refused: str = "") -> str:
        """A token; another one than `refused`. Raises Stop where the consent was taken back."""
        stage = self._process.stage
        company, now = stage.companies[self._company], stage.loop.time()
        if now >= self._until or (refused and refused == self._token):
            await self._process.turn(stage.weather.moment(0.05))
            if company.app.consent is not Consent.GRANTED:
                raise Stop("consent_missing", whole_company=True)
            self._token = str(stage.graph.people.issue_token(company.tenant, company.app.client_id))
            self._until = now + timedelta(minutes=54).total_seconds()
        return self._token
