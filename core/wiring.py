"""The one place where ports meet adapters. Lazy: an adapter is imported when it is first used, never at start-up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, TypeVar

from core.adapters.system import System
from core.errors import RetryLater, Stop
from core.model.company import CompanySettings, Version
from core.model.ids import CompanyId, MailboxId
from core.ports import Clock, Limiter, MicrosoftCompany, Ports, SeveraCompany
from core.ports_connection import ConnectionPorts
from core.ports_consent import ConsentPorts, ConsentStore, MailboxProbe
from core.ports_live import GraphSubscriptions, LivePorts
from core.ports_secrets import Secrets, SecretWriter
from core.settings import Settings, from_process
from core.usecases.access import Callers
from core.usecases.limiter import EVERYBODY, FIRST_SYNC_RATE, FIRST_SYNCS, RATE, FirstSyncLimiter, SharedLimiter
from core.usecases.notifications import Inbox
from core.usecases.secrets import EXCHANGE_PASSWORD, SEVERA_CLIENT_SECRET

if TYPE_CHECKING:
    import httpx

    from core.adapters.ews.gateway import ExchangeServers
    from core.adapters.graph.api import GraphApi
    from core.adapters.identity.credentials import Credential
    from core.adapters.identity.tokens import AppTokens, Cloud
    from core.adapters.kept_secrets import KeptSecrets
    from core.adapters.severa.tokens import Credentials
    from core.adapters.storage.clients import Connection
    from core.adapters.storage.storage import Storage
    from core.adapters.vault.key_vault import KeyVaultSecrets

K = TypeVar("K")
V = TypeVar("V")
KEPT = 500
"""Gateways that one process keeps; each has a token in memory. Beyond that the oldest ones go."""


class RemoteGateways:
    """Gateways (core/ports.py) to the real services, one set per company and settings, kept for this process."""

    def __init__(self, settings: Settings, storage: Storage, secrets: KeptSecrets, system: System) -> None:
        self._settings, self._storage, self._secrets, self._system = settings, storage, secrets, system
        self._severa: dict[tuple[CompanyId, str, str, bool], SeveraCompany] = {}
        self._microsoft: dict[tuple[CompanyId, str], MicrosoftCompany] = {}
        self._subscriptions: dict[str, GraphSubscriptions] = {}
        self._clients: list[httpx.AsyncClient] = []
        self._servers: list[ExchangeServers] = []
        self.credential = cache(lambda: _credential(settings))

    async def severa(self, company: CompanyId, settings: CompanySettings, *, first_sync: bool = False) -> SeveraCompany:
        """See Gateways.severa. Raises Stop where the company's credentials are not there."""
        secret = await self._secrets.secret(company, SEVERA_CLIENT_SECRET)
        if not settings.severa_client_id or not secret:
            raise Stop("severa_credentials_missing", whole_company=True)
        key = (company, f"{settings.severa_client_id} {settings.time_zone}", secret, first_sync)
        limiter: Limiter = self._limiter(company)
        if first_sync:
            limiter = FirstSyncLimiter(self._limiter(company, FIRST_SYNCS, FIRST_SYNC_RATE), limiter)
        return self._severa.get(key) or _keep(self._severa, key, self._make_severa(company, settings, secret, limiter))

    async def microsoft(self, company: CompanyId, settings: CompanySettings) -> MicrosoftCompany:
        """See Gateways.microsoft."""
        if settings.version is Version.EXCHANGE_SERVER:
            password = await self._secrets.secret(company, EXCHANGE_PASSWORD) or ""
            return self._exchange().company(company, settings, password, partial(self._addresses, company))
        if not settings.tenant:
            raise Stop("tenant_missing", whole_company=True)
        from core.adapters.graph.directory import GraphCompany

        key = (company, settings.tenant)
        return self._microsoft.get(key) or _keep(self._microsoft, key, GraphCompany(self._api(settings.tenant)))

    def _exchange(self) -> ExchangeServers:
        from core.adapters.ews.gateway import exchange_servers

        if not self._servers:
            self._servers.append(exchange_servers(self._settings, self._system))
        return self._servers[0]

    async def _addresses(self, company: CompanyId, mailbox: MailboxId) -> tuple[str, ...]:
        store = self._storage.companies
        owner, found = await store.mailbox_owner(company, mailbox), await store.settings(company)
        user = await (await self.severa(company, found[0])).user(owner) if owner and found else None
        return user.addresses if user else ()

    def _make_severa(
        self, company: CompanyId, settings: CompanySettings, secret: str, limiter: Limiter
    ) -> SeveraCompany:
        from core.adapters.severa.gateway import SeveraGateway
        from core.adapters.severa.tokens import Credentials

        async def look_up() -> Credentials:
            found = await self._storage.companies.settings(company)
            stored = await self._secrets.fresh(company, SEVERA_CLIENT_SECRET)
            return Credentials((found[0] if found else settings).severa_client_id, stored or "", look_up)

        credentials = Credentials(settings.severa_client_id, secret, look_up)
        url, clock = self._settings.severa_url, self._system.clock
        return SeveraGateway(self._client(), url, credentials, limiter, clock, settings.time_zone)

    def subscriptions(self, tenant: str) -> GraphSubscriptions:
        """Our subscriptions in a Microsoft organization, with a token of their own."""
        from core.adapters.graph.subscriptions import GraphSubscriptionCalls

        kept = self._subscriptions
        return kept.get(tenant) or _keep(kept, tenant, GraphSubscriptionCalls(self._api(tenant)))

    def _api(self, tenant: str) -> GraphApi:
        from core.adapters.graph.api import GraphApi

        return GraphApi(self._settings.graph_url, self._tokens(tenant), self._client())

    def _tokens(self, tenant: str) -> AppTokens:
        from core.adapters.identity.tokens import AppTokens

        settings, system = self._settings, self._system
        credential = self.credential()  # one for all tenants: an identity's assertion serves them all
        return AppTokens(_cloud(settings), tenant, settings.app_client_id, credential, system.executor, system.clock)

    async def name(self, company: CompanyId, settings: CompanySettings) -> str:
        """See OrganizationNames.name."""
        from core.adapters.severa.organization import organization_name
        from core.adapters.severa.tokens import Credentials

        secret = await self._secrets.secret(company, SEVERA_CLIENT_SECRET)
        if not settings.severa_client_id or not secret:
            return ""
        credentials = Credentials(settings.severa_client_id, secret)
        limiter, url = self._limiter(company), self._settings.severa_url
        try:
            return await organization_name(self._client(), url, credentials, limiter, self._system.clock)
        except (Stop, RetryLater):
            return ""

    def probe(self) -> MailboxProbe:
        """The port; each probe makes a token of its own."""
        from core.adapters.graph.probe import GraphProbe

        return GraphProbe(self._settings.graph_url, self._tokens, self._client())

    def connection(self, ports: Ports) -> ConnectionPorts:
        """What the test of a connection is given. Nothing of it is kept: each test has tokens and sessions anew."""
        from core.adapters.addresses import system_guard
        from core.adapters.ews.probe import ExchangeConnection
        from core.adapters.graph.probe import GraphConnection
        from core.adapters.severa.check import SeveraConnection
        from core.adapters.severa.exchange import TIMEOUTS, Exchange
        from core.adapters.severa.tokens import Credentials

        settings, executor, clock = self._settings, self._system.strangers, self._system.clock

        def exchange(company: CompanyId) -> Exchange:
            return Exchange(self._client(), settings.severa_url, self._limiter(company), clock, TIMEOUTS)

        async def credentials(company: CompanyId, chosen: CompanySettings) -> Credentials:
            secret = await self._secrets.fresh(company, SEVERA_CLIENT_SECRET)
            if not chosen.severa_client_id or not secret:
                raise Stop("severa_credentials_missing", whole_company=True)
            return Credentials(chosen.severa_client_id, secret)

        async def password(company: CompanyId) -> str:
            return await self._secrets.fresh(company, EXCHANGE_PASSWORD) or ""

        guard = system_guard(executor, settings.allowed_networks)
        return ConnectionPorts(
            ports,
            SeveraConnection(exchange, credentials, clock),
            GraphConnection(settings.graph_url, self._tokens, self._client()),
            ExchangeConnection(guard, executor, password, settings.ca_file),
        )

    def _limiter(self, company: CompanyId, key: str = EVERYBODY, rate: float = RATE) -> SharedLimiter:
        store, used = self._storage.companies, self._system
        return SharedLimiter(store, company, used.clock, used.sleeper, used.randomness, key=key, rate=rate)

    def _client(self) -> httpx.AsyncClient:
        from core.adapters.graph.api import http_client

        if not self._clients:
            self._clients.append(http_client(self._settings.ca_file))
        return self._clients[0]

    async def aclose(self) -> None:
        """Close every connection."""
        for servers in self._servers:
            servers.close()
        for client in self._clients:
            await client.aclose()


def _keep(kept: dict[K, V], key: K, made: V) -> V:
    """Put it among those that are kept; the oldest one goes where there are too many."""
    kept[key] = made
    if len(kept) > KEPT:
        del kept[next(iter(kept))]
    return made


def _cloud(settings: Settings) -> Cloud:
    from core.adapters.identity.tokens import Cloud

    return Cloud(settings.login_url, settings.graph_url, settings.ca_file)


def _credential(settings: Settings) -> Credential:
    from pathlib import Path

    from core.adapters.identity.credentials import CertificateCredential, SecretCredential

    if settings.app_certificate:
        return CertificateCredential(Path(settings.app_certificate))
    if settings.app_secret:
        return SecretCredential(settings.app_secret)
    from core.adapters.identity.federated import managed_identity

    return managed_identity(settings.app_identity)


@dataclass(frozen=True, slots=True)
class Entrance:
    """What the HTTP interface is given. `callers` is None where no issuer is configured: then nobody comes in.

    `origins` are those of the web front end. `consents` remembers whose tenants are. `secret_writer` is None where
    secrets can only be read. `consent` makes what the consent to Microsoft 365 is given; it is None where no browser
    could come through it. `application` is our client id. `connection` makes what the test of a connection is given.
    `live` is what subscriptions need; a company that leaves takes its own along.
    """

    ports: Ports
    callers: Callers | None
    origins: tuple[str, ...]
    secrets: Secrets
    consents: ConsentStore
    secret_writer: SecretWriter | None = None
    consent: Callable[[], ConsentPorts] | None = None
    application: str = ""
    connection: Callable[[], ConnectionPorts] | None = None
    live: LivePorts | None = None


@dataclass(slots=True)
class Service:
    """The service as one process runs it."""

    ports: Ports
    storage: Storage
    gateways: RemoteGateways
    entrance: Entrance
    live: LivePorts
    inbox: Inbox
    vault: KeyVaultSecrets | None = None

    async def aclose(self) -> None:
        """Close every connection."""
        await self.gateways.aclose()
        await self.storage.aclose()
        if self.vault is not None:
            await self.vault.aclose()


def build(settings: Settings, system: System | None = None) -> Service:
    """The service on real adapters. Nothing is opened yet."""
    from core.adapters.kept_secrets import KeptSecrets
    from core.adapters.quiet import hush
    from core.adapters.storage.cipher import Cipher
    from core.adapters.storage.storage import Storage

    hush()
    used = system or System()
    cipher = Cipher(settings.master_key, settings.earlier_keys)
    storage = Storage(_connection(settings), cipher)
    vault = _vault(settings)
    secrets = KeptSecrets(vault or storage.secrets, settings.company_secrets, used.clock)
    gateways = RemoteGateways(settings, storage, secrets, used)
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
    stores = (storage.directory, storage.attic, storage.consents)
    live = LivePorts(ports, storage.subscriptions, gateways.subscriptions, *stores, settings.address)
    entrance = Entrance(
        ports,
        _callers(settings, used.clock),
        settings.front_end_origins,
        secrets,
        storage.consents,
        secrets,
        consent=_consent(settings, used, ports, storage, gateways),
        application=settings.app_client_id,
        connection=partial(gateways.connection, ports),
        live=live,
    )
    return Service(ports, storage, gateways, entrance, live, Inbox(live), vault)


def _consent(
    settings: Settings, system: System, ports: Ports, storage: Storage, gateways: RemoteGateways
) -> Callable[[], ConsentPorts] | None:
    if not settings.public_url or not settings.front_end_origins:
        return None

    def made() -> ConsentPorts:
        from core.adapters.identity.sign_in import Application, EntraSignIn

        home, front_ends = settings.public_url, frozenset(settings.front_end_origins)
        application = Application(settings.app_client_id, gateways.credential(), f"{home}/api/consent/callback")
        sign_in = EntraSignIn(_cloud(settings), application, system.executor, system.clock)
        return ConsentPorts(ports, storage.consents, sign_in, gateways.probe(), gateways, front_ends, home)

    return cache(made)


def _callers(settings: Settings, clock: Clock) -> Callers | None:
    if not settings.jwt_issuer:
        return None
    from core.adapters.identity.bearer import BearerCallers, Trust
    from core.adapters.identity.keyset import KeySet

    trust = Trust(settings.jwt_issuer, settings.jwt_audience, settings.jwt_algorithms)
    return BearerCallers(trust, KeySet(settings.jwks_url, trust.algorithms, clock, settings.ca_file))


def _vault(settings: Settings) -> KeyVaultSecrets | None:
    if not settings.key_vault_url:
        return None
    from azure.identity.aio import ManagedIdentityCredential

    from core.adapters.vault.key_vault import KeyVaultSecrets

    credential = ManagedIdentityCredential(client_id=settings.key_vault_identity or None)
    return KeyVaultSecrets(settings.key_vault_url, credential, settings.ca_file)


def _connection(settings: Settings) -> Connection:
    from core.adapters.storage.clients import Connection

    if settings.storage:
        return Connection(settings.storage)
    from azure.identity.aio import ManagedIdentityCredential

    credential = ManagedIdentityCredential(client_id=settings.storage_identity or None)
    return Connection("", settings.table_endpoint, settings.queue_endpoint, credential, create=False)


_service: Service | None = None
_building = asyncio.Lock()


async def service() -> Service:
    """The service of this process, made on first use. Raises SettingsError where the environment cannot be used."""
    global _service  # noqa: PLW0603 - one service per process, on its one event loop (facts/microsoft.md J1)
    async with _building:
        if _service is None:
            _service = build(from_process())
        return _service


async def ports() -> Ports:
    """The ports of this process. Raises SettingsError."""
    return (await service()).ports


async def entrance() -> Entrance:
    """What the HTTP interface is given. Raises SettingsError."""
    return (await service()).entrance


async def live() -> LivePorts:
    """What subscriptions and housekeeping are given. Raises SettingsError."""
    return (await service()).live


async def inbox() -> Inbox:
    """What takes Graph's notifications in this process. Raises SettingsError."""
    return (await service()).inbox


async def close() -> None:
    """Close what this process opened, if anything."""
    global _service  # noqa: PLW0603 - see `ports`
    async with _building:
        if _service is not None:
            await _service.aclose()
            _service = None
