"""The one place where ports meet adapters. Lazy: an adapter is imported when it is first used, never at start-up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from core.adapters.system import AsyncioSleeper, SystemClock, SystemRandomness, ThreadExecutor
from core.errors import Stop
from core.model.company import CompanySettings, Version
from core.model.ids import CompanyId
from core.ports import Clock, Executor, MicrosoftCompany, Ports, Randomness, SeveraCompany, Sleeper
from core.settings import Settings, from_process, secret_name
from core.usecases.limiter import SharedLimiter

if TYPE_CHECKING:
    import httpx

    from core.adapters.identity.credentials import Credential
    from core.adapters.storage.clients import Connection
    from core.adapters.storage.storage import Storage

K = TypeVar("K")
V = TypeVar("V")
SEVERA_CLIENT_SECRET = "SEVERA_CLIENT_SECRET"  # noqa: S105 - a secret's name
KEPT = 500
"""Gateways that one process keeps; each has a token in memory. Beyond that the oldest ones go."""


@dataclass(frozen=True, slots=True)
class System:
    """The undetermined and the network, so that the simulation can bring its own."""

    clock: Clock = field(default_factory=SystemClock)
    sleeper: Sleeper = field(default_factory=AsyncioSleeper)
    randomness: Randomness = field(default_factory=SystemRandomness)
    executor: Executor = field(default_factory=ThreadExecutor)


class EnvironmentSecrets:
    """Secrets from the environment, until they live in a vault."""

    def __init__(self, settings: Settings) -> None:
        self._secrets = settings.company_secrets

    async def secret(self, company: CompanyId, name: str) -> str | None:
        """See Secrets.secret."""
        return self._secrets.get(secret_name(company, name))


class RemoteGateways:
    """Gateways (core/ports.py) to the real services, one set per company and settings, kept for this process."""

    def __init__(self, settings: Settings, storage: Storage, system: System) -> None:
        self._settings, self._storage, self._system = settings, storage, system
        self._secrets = EnvironmentSecrets(settings)
        self._severa: dict[tuple[CompanyId, str, str, bool], SeveraCompany] = {}
        self._microsoft: dict[tuple[CompanyId, str], MicrosoftCompany] = {}
        self._clients: list[httpx.AsyncClient] = []

    async def severa(self, company: CompanyId, settings: CompanySettings, *, first_sync: bool = False) -> SeveraCompany:
        """See Gateways.severa. Raises Stop where the company's credentials are not there."""
        secret = await self._secrets.secret(company, SEVERA_CLIENT_SECRET)
        if not settings.severa_client_id or not secret:
            raise Stop("severa_credentials_missing", whole_company=True)
        key = (company, f"{settings.severa_client_id} {settings.time_zone}", secret, first_sync)
        return self._severa.get(key) or _keep(self._severa, key, self._make_severa(company, settings, secret))

    async def microsoft(self, company: CompanyId, settings: CompanySettings) -> MicrosoftCompany:
        """See Gateways.microsoft. Exchange Server has no adapter yet."""
        if settings.version is Version.EXCHANGE_SERVER:
            raise Stop("exchange_server_not_available", whole_company=True)
        if not settings.tenant:
            raise Stop("tenant_missing", whole_company=True)
        key = (company, settings.tenant)
        return self._microsoft.get(key) or _keep(self._microsoft, key, self._make_microsoft(settings.tenant))

    def _make_severa(self, company: CompanyId, settings: CompanySettings, secret: str) -> SeveraCompany:
        from core.adapters.severa.gateway import SeveraGateway
        from core.adapters.severa.tokens import Credentials

        system = self._system
        limiter = SharedLimiter(self._storage.companies, company, system.clock, system.sleeper, system.randomness)
        credentials = Credentials(settings.severa_client_id, secret)
        url = self._settings.severa_url
        return SeveraGateway(self._client(), url, credentials, limiter, system.clock, settings.time_zone)

    def _make_microsoft(self, tenant: str) -> MicrosoftCompany:
        from core.adapters.graph.api import GraphApi
        from core.adapters.graph.directory import GraphCompany
        from core.adapters.identity.tokens import AppTokens, Cloud

        settings = self._settings
        cloud = Cloud(settings.login_url, settings.graph_url, settings.ca_file)
        tokens = AppTokens(
            cloud, tenant, settings.app_client_id, _credential(settings), self._system.executor, self._system.clock
        )
        return GraphCompany(GraphApi(settings.graph_url, tokens, self._client()))

    def _client(self) -> httpx.AsyncClient:
        from core.adapters.graph.api import http_client

        if not self._clients:
            self._clients.append(http_client(self._settings.ca_file))
        return self._clients[0]

    async def aclose(self) -> None:
        """Close every connection."""
        for client in self._clients:
            await client.aclose()


def _keep(kept: dict[K, V], key: K, made: V) -> V:
    """Put it among those that are kept; the oldest one goes where there are too many."""
    kept[key] = made
    if len(kept) > KEPT:
        del kept[next(iter(kept))]
    return made


def _credential(settings: Settings) -> Credential:
    from pathlib import Path

    from core.adapters.identity.credentials import CertificateCredential, SecretCredential

    if settings.app_certificate:
        return CertificateCredential(Path(settings.app_certificate))
    if settings.app_secret:
        return SecretCredential(settings.app_secret)
    from core.adapters.identity.federated import managed_identity

    return managed_identity(settings.app_identity)


@dataclass(slots=True)
class Service:
    """The service as one process runs it."""

    ports: Ports
    storage: Storage
    gateways: RemoteGateways

    async def aclose(self) -> None:
        """Close every connection."""
        await self.gateways.aclose()
        await self.storage.aclose()


def build(settings: Settings, system: System | None = None) -> Service:
    """The service on real adapters. Nothing is opened yet."""
    from core.adapters.storage.cipher import Cipher
    from core.adapters.storage.storage import Storage

    used = system or System()
    cipher = Cipher(settings.master_key, settings.earlier_keys)
    storage = Storage(_connection(settings), cipher)
    gateways = RemoteGateways(settings, storage, used)
    ports = Ports(
        clock=used.clock,
        sleeper=used.sleeper,
        randomness=used.randomness,
        gateways=gateways,
        pairs=storage.pairs,
        companies=storage.companies,
        due=storage.due,
        history=storage.history,
        holds=storage.holds,
        queues=storage.queues,
        keys=cipher,
    )
    return Service(ports, storage, gateways)


def _connection(settings: Settings) -> Connection:
    from core.adapters.storage.clients import Connection

    if settings.storage:
        return Connection(settings.storage)
    from azure.identity.aio import ManagedIdentityCredential

    credential = ManagedIdentityCredential(client_id=settings.storage_identity or None)
    return Connection("", settings.table_endpoint, settings.queue_endpoint, credential, create=False)


_service: Service | None = None
_building = asyncio.Lock()


async def ports() -> Ports:
    """The ports of this process, made on first use. Raises SettingsError where the environment cannot be used."""
    global _service  # noqa: PLW0603 - one service per process, on its one event loop (facts/microsoft.md J1)
    async with _building:
        if _service is None:
            _service = build(from_process())
        return _service.ports


async def close() -> None:
    """Close what this process opened, if anything."""
    global _service  # noqa: PLW0603 - see `ports`
    async with _building:
        if _service is not None:
            await _service.aclose()
            _service = None
