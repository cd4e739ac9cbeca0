"""The local stage: Azurite, the simulated Severa, Graph and Entra, and the host with this service, in one process.

Nothing of the service is replaced: it is configured by the environment, as everywhere (docs/settings.md).
"""

from __future__ import annotations

import base64
import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from core.model.company import CompanySettings, SyncWhile
from core.model.ids import CompanyId, Pair, UserId
from core.ports import Ports
from core.settings import SETTINGS, secret_name
from core.usecases.settings import save_settings
from infra.local import host_json
from infra.local.azurite import PROJECT, Azurite
from infra.local.cast import ADDRESS, APP_SECRET, ZONE, Cast, Person, make_cast
from infra.local.host import LocalHost
from infra.local.host_cli import load_app
from infra.local.issuer import Issuer
from tests.simulators.common.server import serve
from tests.simulators.graph import make_authority

POLLING: Final = 0.2
"""Seconds between two looks at an empty queue; Azure's host takes its time, the demonstration does not."""
LOOPBACK: Final = "127.0.0.1,localhost,::1"


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the stage is to be, where not as usual. A wrong address or secret is for showing what happens then.

    `storage`: a folder that keeps Azurite's data; without it everything is in memory.
    """

    http_port: int = 0
    storage: Path | None = None
    address: str = ADDRESS
    severa_secret: str = ""
    app_secret: str = APP_SECRET


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything, running. Times are the real clock's.

    `environment` are the settings that the service runs with; `issuer` stands in for Severa's issuer of bearer tokens.
    """

    cast: Cast
    azurite: Azurite
    host: LocalHost
    ports: Ports
    severa_url: str
    graph_url: str
    login_url: str
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

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)


@asynccontextmanager
async def open_stage(wishes: Wishes | None = None) -> AsyncIterator[Stage]:
    """Start everything, with the company connected but not switched on; stop everything at the end.

    Raises AzuriteError, HostError: each with a sentence for the person at the terminal.
    """
    wanted = wishes or Wishes()
    cast = make_cast(wanted.address)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="severa-calendar-sync-")))
        azurite = await stack.enter_async_context(Azurite(wanted.storage))
        authority = make_authority(folder)
        severa_url = await stack.enter_async_context(serve(cast.severa.app))
        graph_url = await stack.enter_async_context(serve(cast.graph.app)) + "/v1.0"
        entra = serve(cast.graph.entra_app, cert=authority.cert, key=authority.key)
        login_url = await stack.enter_async_context(entra)
        issuer = stack.enter_context(Issuer())
        values = {
            **issuer.environment(),
            "AzureWebJobsStorage": azurite.connection_string,
            "FUNCTIONS_WORKER_RUNTIME": "python",
            "SYNC_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
            "SYNC_APP_CLIENT_ID": cast.client_id,
            "SYNC_APP_SECRET": wanted.app_secret,
            "SYNC_LOGIN_URL": login_url,
            "SYNC_GRAPH_URL": graph_url,
            "SYNC_SEVERA_URL": severa_url,
            "SYNC_CA_FILE": str(authority.ca_file),
            secret_name(CompanyId(cast.company.guid), "SEVERA_CLIENT_SECRET"): (
                wanted.severa_secret or cast.company.client_secret
            ),
        }
        stack.enter_context(_environment(values))
        host, ports = await _host(stack, wanted.http_port)
        stage = Stage(cast, azurite, host, ports, severa_url, graph_url, login_url, values, issuer)
        await _connect(stage)
        yield stage


async def _host(stack: AsyncExitStack, port: int) -> tuple[LocalHost, Ports]:
    from core import wiring

    app = load_app("function_app:app")
    content = host_json.read(PROJECT / "host.json")
    host = LocalHost(app, host_json=content, settings=os.environ, http_port=port, max_polling_interval=POLLING)
    stack.push_async_callback(wiring.close)
    await stack.enter_async_context(host)
    return host, await wiring.ports()


async def _connect(stage: Stage) -> None:
    """What the administrator sets up; the switches are the story's."""
    settings = CompanySettings(
        tenant=stage.cast.tenant.tenant_id,
        severa_client_id=stage.cast.company.client_id,
        synced_types=frozenset(kind.guid for kind in stage.cast.synced),
        sync_while=SyncWhile.LOGGED_IN,
        time_zone=ZONE.key,
    )
    await save_settings(stage.ports, stage.pair.company, settings, "")


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
