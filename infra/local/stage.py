"""The local stage: Azurite, the simulated Severa and mailboxes, and the host with this service, in one process.

Nothing of the service is replaced: it is configured by the environment, as everywhere (docs/settings.md).
"""

from __future__ import annotations

import base64
import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from core.model.company import CompanySettings, SyncWhile
from core.model.ids import CompanyId, Pair, UserId
from core.ports import Ports
from core.settings import SETTINGS, secret_name
from core.usecases.settings import save_settings
from infra.local import host_json
from infra.local.azurite import PROJECT, Azurite
from infra.local.cast import ADDRESS, Cast, Person, make_cast, make_other_cast
from infra.local.front_end import FrontEnd
from infra.local.host import LocalHost
from infra.local.host_cli import load_app
from infra.local.issuer import Issuer
from infra.local.outlook import ZONE
from infra.local.outlook_ews import ExchangeOutlook
from infra.local.outlook_graph import GraphOutlook
from tests.simulators.common.server import serve
from tests.simulators.graph import GraphSimulator
from tests.simulators.severa import SeveraSimulator

POLLING: Final = 0.2
"""Seconds between two looks at an empty queue; Azure's host takes its time, the demonstration does not."""
LOOPBACK: Final = "127.0.0.1,localhost,::1"
BESIDE: Final = "2016"
"""The release of the Exchange Server of the other company."""
NO_MICROSOFT_365: Final = {
    "SYNC_APP_CLIENT_ID": "00000000-0000-0000-0000-000000000000",
    "SYNC_APP_SECRET": "none",
    "SYNC_LOGIN_URL": "https://localhost:1",
    "SYNC_GRAPH_URL": "https://localhost:1",
}
"""Where all mailboxes are on an Exchange Server: an address at which nobody is."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the stage is to be, where not as usual. A wrong address or secret is for showing what happens then.

    `exchange` is the release of Exchange Server that the mailboxes are on; without one they are in Microsoft 365.
    `beside`: another company is there, too, with an Exchange Server of its own. `storage`: a folder that keeps
    Azurite's data; without it everything is in memory.
    """

    http_port: int = 0
    exchange: str = ""
    beside: bool = False
    storage: Path | None = None
    address: str = ADDRESS
    severa_secret: str = ""
    microsoft_secret: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything, running. Times are the real clock's.

    `cast` is the company that the story is about, `other` the one beside it. `environment` are the settings that the
    service runs with; `issuer` stands in for Severa's issuer of bearer tokens.
    """

    cast: Cast
    other: Cast | None
    azurite: Azurite
    host: LocalHost
    ports: Ports
    severa_url: str
    environment: Mapping[str, str]
    issuer: Issuer

    @property
    def pair(self) -> Pair:
        """Anna's pair."""
        return self.pairs[0]

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Everybody's, Anna's first."""
        return tuple(map(self.pair_of, self.cast.everybody))

    def pair_of(self, person: Person) -> Pair:
        """Somebody's pair."""
        return Pair(CompanyId(self.cast.company.guid), UserId(person.user.guid))

    def front_end(self, person: Person) -> FrontEnd:
        """What Severa's front end does for somebody of the company."""
        return FrontEnd(self.host.base_url, self.issuer, self.cast.company.guid, person)

    def about(self, cast: Cast) -> Self:
        """The same stage with another company in the middle."""
        return replace(self, cast=cast, other=None)

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)


@asynccontextmanager
async def open_stage(wishes: Wishes | None = None) -> AsyncIterator[Stage]:
    """Start everything, with the company connected but not switched on; stop everything at the end.

    An Exchange Server does not let the service in yet. Raises AzuriteError, HostError: each with a sentence for the
    person at the terminal.
    """
    wanted = wishes or Wishes()
    severa = SeveraSimulator(lambda: datetime.now(UTC))
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="severa-calendar-sync-")))
        azurite = await stack.enter_async_context(Azurite(wanted.storage))
        issuer = stack.enter_context(Issuer())
        severa_url = await stack.enter_async_context(serve(severa.app))
        values = {
            **issuer.environment(),
            "AzureWebJobsStorage": azurite.connection_string,
            "FUNCTIONS_WORKER_RUNTIME": "python",
            "SYNC_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "SYNC_SEVERA_URL": severa_url,
            **NO_MICROSOFT_365,
        }
        cast, other = await _casts(stack, severa, folder, wanted, values)
        stack.enter_context(_environment(values))
        host, ports = await _host(stack, wanted.http_port)
        stage = Stage(cast, other, azurite, host, ports, severa_url, values, issuer)
        await _connect(stage, wanted)
        if other is not None:
            await _connect(stage.about(other), Wishes())
        yield stage


async def _casts(
    stack: AsyncExitStack, severa: SeveraSimulator, folder: Path, wanted: Wishes, values: dict[str, str]
) -> tuple[Cast, Cast | None]:
    """The companies, their mailboxes served, and the service's `values` for them."""
    if wanted.exchange:
        exchange = ExchangeOutlook(wanted.exchange, folder)
        values |= await stack.enter_async_context(exchange.served())
        return make_cast(severa, exchange, wanted.address), None
    graph = GraphOutlook(GraphSimulator(lambda: datetime.now(UTC)))
    values |= await stack.enter_async_context(graph.served(folder))
    if wanted.microsoft_secret:
        values["SYNC_APP_SECRET"] = wanted.microsoft_secret
    cast = make_cast(severa, graph, wanted.address)
    values[secret_name(CompanyId(cast.company.guid), "SEVERA_CLIENT_SECRET")] = (
        wanted.severa_secret or cast.company.client_secret
    )
    if not wanted.beside:
        return cast, None
    beside = folder / "beside"
    beside.mkdir()
    exchange = ExchangeOutlook(BESIDE, beside)
    values |= await stack.enter_async_context(exchange.served())
    return cast, make_other_cast(severa, exchange)


async def _host(stack: AsyncExitStack, port: int) -> tuple[LocalHost, Ports]:
    from core import wiring

    app = load_app("function_app:app")
    content = host_json.read(PROJECT / "host.json")
    host = LocalHost(app, host_json=content, settings=os.environ, http_port=port, max_polling_interval=POLLING)
    stack.push_async_callback(wiring.close)
    await stack.enter_async_context(host)
    return host, await wiring.ports()


async def _connect(stage: Stage, wanted: Wishes) -> None:
    """What the administrator sets up; the switches are the story's."""
    cast = stage.cast
    types = frozenset(kind.guid for kind in cast.synced)
    if isinstance(cast.outlook, GraphOutlook):  # its tenant is bound by a consent, which is not part of the story
        settings = CompanySettings(
            tenant=cast.outlook.tenant.tenant_id,
            severa_client_id=cast.company.client_id,
            synced_types=types,
            sync_while=SyncWhile.LOGGED_IN,
            time_zone=ZONE.key,
        )
        await save_settings(stage.ports, stage.pair.company, settings, "")
    elif isinstance(cast.outlook, ExchangeOutlook):
        await stage.front_end(cast.anna).save_settings(
            {
                **cast.outlook.settings(wanted.microsoft_secret),
                "severa_client_id": cast.company.client_id,
                "severa_client_secret": wanted.severa_secret or cast.company.client_secret,
                "synced_types": sorted(types),
                "sync_while": SyncWhile.LOGGED_IN.value,
                "time_zone": ZONE.key,
            }
        )


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """The process's environment with these settings, and with none of its own ones."""
    before = dict(os.environ)
    for name in before:
        if name in {setting.name for setting in SETTINGS} or name.startswith("SYNC_"):
            del os.environ[name]
    os.environ.update(values)
    own = before.get("no_proxy") or before.get("NO_PROXY") or ""
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = f"{own},{LOOPBACK}".lstrip(",")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
