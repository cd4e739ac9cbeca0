"""The Exchange Servers that one process reaches, company by company."""

from __future__ import annotations

from core.adapters.addresses import AddressGuard, system_guard
from core.adapters.ews.api import EwsApi
from core.adapters.ews.directory import Addresses, EwsCompany
from core.adapters.ews.pinned import Sessions, Target, full_name
from core.adapters.ews.security import tls_of
from core.adapters.ews.server import Login, Server, Slots
from core.adapters.system import System
from core.errors import Stop
from core.model.company import CompanySettings
from core.model.ids import CompanyId
from core.ports import Clock, Executor
from core.settings import Settings

MOST_KEPT = 500
"""Companies whose connections one process keeps; beyond that those of the one that was opened first are closed."""
_Key = tuple[CompanySettings, str]


class ExchangeServers:
    """Makes and keeps each company's way to its server, until its settings or its password change.

    exchangelib would keep every connection of every company for ever, with the password (facts/microsoft.md H).
    """

    def __init__(
        self,
        guard: AddressGuard,
        executor: Executor,
        clock: Clock,
        ca_file: str = "",
        sessions: Sessions | None = None,
    ) -> None:
        self._guard, self._executor, self._clock = guard, executor, clock
        self._ca_file, self._sessions = ca_file, sessions
        self._slots = Slots()
        self._kept: dict[CompanyId, tuple[_Key, EwsCompany]] = {}

    def company(
        self,
        company: CompanyId,
        settings: CompanySettings,
        password: str,
        addresses: Addresses,
    ) -> EwsCompany:
        """The company's mailboxes. Raises Stop where its settings lack the address, the user name or the password."""
        if not settings.ews_url:
            raise Stop("exchange_url_missing", whole_company=True)
        if not settings.user_name or not password:
            raise Stop("exchange_credentials_missing", whole_company=True)
        key = _reaching(settings), password
        kept = self._kept.get(company)
        if kept is not None and kept[0] == key:
            return kept[1]
        self._drop(company)
        made = self._made(settings, password, addresses)
        self._kept[company] = key, made
        if len(self._kept) > MOST_KEPT:
            self._drop(next(iter(self._kept)))
        return made

    def close(self) -> None:
        """Close every connection."""
        for company in list(self._kept):
            self._drop(company)

    def _drop(self, company: CompanyId) -> None:
        kept = self._kept.pop(company, None)
        if kept is not None:
            kept[1].close()

    def _made(self, settings: CompanySettings, password: str, addresses: Addresses) -> EwsCompany:
        server = Server(
            Target(settings.ews_url, self._ca_file, tls_of(settings)),
            Login(full_name(settings), password),
            self._guard,
            self._executor,
            self._clock,
            release=settings.release,
            sessions=self._sessions,
        )
        return EwsCompany(EwsApi(server, self._executor, self._slots), addresses, settings.time_zone)


def exchange_servers(settings: Settings, system: System) -> ExchangeServers:
    """Those of this process."""
    guard = system_guard(system.exchange, settings.allowed_networks)
    return ExchangeServers(guard, system.exchange, system.clock, settings.ca_file)


def _reaching(settings: CompanySettings) -> CompanySettings:
    """What of the settings a connection depends on."""
    return CompanySettings(
        version=settings.version,
        domain=settings.domain,
        ews_url=settings.ews_url,
        user_name=settings.user_name,
        release=settings.release,
        exchange_tls=settings.exchange_tls,
        exchange_authority=settings.exchange_authority,
        time_zone=settings.time_zone,
    )
