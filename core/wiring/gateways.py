"""The gateways to Severa and Microsoft: which adapter a company gets, and what one process keeps of them."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, TypeVar

from core.adapters.system import System
from core.errors import RetryLater, Stop
from core.model.company import CompanySettings, Version
from core.model.ids import CompanyId, MailboxId
from core.ports import Limiter, MicrosoftCompany, Ports, SeveraCompany
from core.ports_connection import ConnectionPorts
from core.ports_consent import MailboxProbe
from core.ports_live import GraphSubscriptions
from core.settings import Settings
from core.usecases.limiter import EVERYBODY, FIRST_SYNC_RATE, FIRST_SYNCS, RATE, FirstSyncLimiter, SharedLimiter
from core.usecases.secrets import EXCHANGE_PASSWORD, SEVERA_CLIENT_SECRET
from core.wiring.identity import cloud, credential

if TYPE_CHECKING:
    import httpx

    from core.adapters.ews.gateway import ExchangeServers
    from core.adapters.graph.api import GraphApi
    from core.adapters.identity.tokens import AppTokens
    from core.adapters.kept_secrets import KeptSecrets
    from core.adapters.severa.tokens import Credentials
    from core.adapters.storage.storage import Storage

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
        self.credential = cache(lambda: credential(settings))

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
        return AppTokens(cloud(settings), tenant, settings.app_client_id, credential, system.executor, system.clock)

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
