"""Companies on both simulated services, Azurite, and the worker in a process of its own, which can be killed."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from core import wiring
from core.model.company import CompanySettings, SyncWhile
from core.model.ids import CompanyId, Pair, UserId
from core.ports import Ports
from core.ports_live import LivePorts
from core.settings import SETTINGS, secret_name
from core.usecases.settings import save_settings
from core.usecases.subscriptions import keep_company
from core.usecases.switches import set_company_switch, set_user_switch
from infra.local.azurite import PROJECT, Azurite
from infra.local.issuer import Issuer
from tests.simulators.common.server import serve
from tests.simulators.graph import GraphSimulator, Mailbox, make_authority
from tests.simulators.severa import Company, SeveraSimulator, User

SECRET = "the simulated application's secret"
STARTS = 60.0
"""Seconds that a worker may take to answer."""


@dataclass(slots=True)
class Clock:
    """The time of everybody here: the machine's, `ahead` of it by some seconds."""

    ahead: float = 0.0

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead)


@dataclass(frozen=True, slots=True)
class Person:
    """A user with their mailbox, in a company."""

    company: Company
    user: User
    mailbox: Mailbox

    @property
    def pair(self) -> Pair:
        """Their pair."""
        return Pair(CompanyId(self.company.guid), UserId(self.user.guid))


@dataclass(slots=True)
class Worker:
    """The worker's process: started, killed, started again. `shifts`: by so many seconds time goes on while it is dead.

    `deaths` are (killed, serves again) on `time.monotonic`.
    """

    environment: Mapping[str, str]
    clock: Clock
    log: Path
    shifts: float
    invisibility: int
    port: int = 0
    deaths: list[tuple[float, float]] = field(default_factory=list)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}/api"

    async def start(self) -> None:
        """Start it, and return when it answers. Raises RuntimeError with its last words."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 - a moment, and nobody else here
                [
                    sys.executable,
                    "-m",
                    "tests.soak.worker",
                    str(self.port),
                    str(self.clock.ahead),
                    str(self.invisibility),
                ],
                env=dict(self.environment),
                cwd=PROJECT,
                stdout=log,
                stderr=log,
            )
        async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
            until = time.monotonic() + STARTS
            while time.monotonic() < until and self._process.poll() is None:
                try:
                    if (await client.get(f"{self.url}/health")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)
        raise RuntimeError(f"The worker does not serve: {self.log.read_text()[-2000:]}")

    async def restart(self) -> None:
        """Kill it in the middle of whatever it does, and start it again."""
        died = time.monotonic()
        self.kill()
        self.clock.ahead += self.shifts
        await self.start()
        self.deaths.append((died, time.monotonic()))

    def kill(self) -> None:
        """SIGKILL: it does not get to say anything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything, running."""

    clock: Clock
    severa: SeveraSimulator
    graph: GraphSimulator
    people: tuple[Person, ...]
    issuer: Issuer
    worker: Worker
    ports: Ports
    live: LivePorts

    async def subscribe(self) -> None:
        """Let Graph watch every mailbox, without the pace that is kept with the real one."""
        until = self.clock.now() + timedelta(minutes=1)
        companies = sorted({person.pair.company for person in self.people})
        with patch("core.usecases.subscriptions.PACE", 0.0):
            await asyncio.gather(*(keep_company(self.live, company, until) for company in companies))

    async def told(self, address: str, token: str | None, body: dict[str, Any] | None) -> tuple[int, str, str]:
        """What Graph sends to the worker."""
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
                params = {} if token is None else {"validationToken": token}
                answer = await client.post(address, params=params, json=body)
        except httpx.TransportError as error:
            raise ConnectionRefusedError from error
        return answer.status_code, answer.headers.get("Content-Type", ""), answer.text

    @property
    def mails(self) -> int:
        """How many people were mailed."""
        return len(self.graph.mails) + len(self.severa.mails)


@asynccontextmanager
async def soak_stage(companies: int, users: int, *, shifts: float, invisibility: int) -> AsyncIterator[Stage]:
    """So many companies with so many users each, all switches on, the worker serving."""
    clock = Clock()
    severa, graph = SeveraSimulator(clock.now), GraphSimulator(clock.now)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="severa-calendar-sync-")))
        azurite = await stack.enter_async_context(Azurite())
        authority = make_authority(folder)
        issuer = stack.enter_context(Issuer())
        port = _free_port()
        values = {
            **issuer.environment(),
            "AzureWebJobsStorage": azurite.connection_string,
            "FUNCTIONS_WORKER_RUNTIME": "python",
            "SYNC_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "SYNC_APP_SECRET": SECRET,
            "SYNC_LOGIN_URL": await stack.enter_async_context(
                serve(graph.entra_app, cert=authority.cert, key=authority.key)
            ),
            "SYNC_GRAPH_URL": await stack.enter_async_context(serve(graph.app)) + "/v1.0",
            "SYNC_SEVERA_URL": await stack.enter_async_context(serve(severa.app)),
            "SYNC_CA_FILE": str(authority.ca_file),
            "SYNC_NOTIFICATIONS_URL": f"http://127.0.0.1:{port}",
        }
        people, settings = _cast(severa, graph, companies, users, values)
        stack.enter_context(_environment(values))
        worker = Worker(dict(os.environ), clock, folder / "worker.log", shifts, invisibility, port)
        stack.push_async_callback(wiring.close)
        stage = Stage(clock, severa, graph, people, issuer, worker, await wiring.ports(), await wiring.live())
        graph.subscriptions.post = stage.told
        stack.callback(worker.kill)
        await worker.start()
        for company, one in settings.items():
            await save_settings(stage.ports, company, one, "")
            await set_company_switch(stage.ports, company, on=True)
        for person in sorted(people, key=lambda one: one.mailbox.address):  # Not one company after the other.
            await set_user_switch(stage.ports, person.pair, on=True)
        yield stage


def _cast(
    severa: SeveraSimulator, graph: GraphSimulator, companies: int, users: int, values: dict[str, str]
) -> tuple[tuple[Person, ...], dict[CompanyId, CompanySettings]]:
    people: list[Person] = []
    settings: dict[CompanyId, CompanySettings] = {}
    for number in range(companies):
        company = severa.people.add_company(f"Company {number}", timezone="Europe/Helsinki")
        tenant = graph.people.add_tenant(f"Company {number}")
        app = graph.people.add_app(tenant, values.get("SYNC_APP_CLIENT_ID"), secret=SECRET)
        values["SYNC_APP_CLIENT_ID"] = app.client_id
        identity = CompanyId(company.guid)
        values[secret_name(identity, "SEVERA_CLIENT_SECRET")] = company.client_secret
        settings[identity] = CompanySettings(
            tenant=tenant.tenant_id,
            severa_client_id=company.client_id,
            synced_types=frozenset(kind.guid for kind in severa.people.types_of(company)),
            sync_while=SyncWhile.ALWAYS,
        )
        for one in range(users):
            address = f"user{one}@company{number}.example"
            user = severa.people.add_user(company, f"User {one}", address, timezone="Europe/Helsinki")
            people.append(Person(company, user, graph.people.add_mailbox(tenant, address)))
    return tuple(people), settings


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """The process's environment with these settings and none of its own ones; loopback needs no proxy."""
    own = {setting.name for setting in SETTINGS}
    kept = {name: value for name, value in os.environ.items() if name not in own and not name.startswith("SYNC_")}
    with patch.dict(os.environ, {**kept, **values, "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}, clear=True):
        yield
