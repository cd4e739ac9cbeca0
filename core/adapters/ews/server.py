"""A company's Exchange Server, reached: its connections, its schema, and who may not knock again (facts G1, G7, H)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from exchangelib import Credentials

from core.adapters.addresses import AddressGuard
from core.adapters.ews import quirks
from core.adapters.ews.detection import build_of
from core.adapters.ews.pinned import Endpoint, PinnedProtocol, Sessions, Target, endpoint_of, offered_login
from core.adapters.ews.releases import SCHEMAS, release_of
from core.errors import Stop
from core.model.company import ExchangeRelease as Release
from core.ports import Clock, Executor

LOGIN_PAUSE = timedelta(hours=1)
"""So long nobody logs in after a refused login: all of the company's pairs together must not lock the account."""
_REFUSED = frozenset({"exchange_login_refused", "exchange_password_expired", "exchange_account_locked"})


@dataclass(frozen=True, slots=True)
class Login:
    r"""The delegate user, as `DOMAIN\user`."""

    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Link:
    """A way to the server: sessions that are logged in, and the schema to speak."""

    protocol: PinnedProtocol
    schema: str


class Slots:
    """How many requests are on their way to one server at a time, whichever companies it serves."""

    def __init__(self, most: int = quirks.CONCURRENT_REQUESTS) -> None:
        self._most = most
        self._slots: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, server: str) -> asyncio.Semaphore:
        """The places at a server, by host and port."""
        return self._slots.setdefault(server, asyncio.Semaphore(self._most))


@dataclass(slots=True)
class _Open:
    endpoint: Endpoint
    link: Link


class Server:
    """One server as one delegate user sees it. Whoever makes it closes it.

    `release` is what the settings say: it is spoken as the older one of that and what the server says of itself, so
    that mailboxes on servers older than the one that answers can be reached.
    """

    def __init__(
        self,
        target: Target,
        login: Login,
        guard: AddressGuard,
        executor: Executor,
        clock: Clock,
        *,
        release: Release = Release.DETECT,
        sessions: Sessions | None = None,
    ) -> None:
        self.target = target
        self._login, self._guard, self._executor, self._clock = login, guard, executor, clock
        self._release, self._sessions = release, sessions
        self._method = self._schema = ""
        self._opening = asyncio.Lock()
        self._open: _Open | None = None
        self._refused: tuple[Stop, datetime] | None = None

    async def link(self) -> Link:
        """A way to the server, whose addresses are looked up and checked each time.

        Raises Stop and RetryLater, also where the login was refused within the last hour: it is not tried again.
        """
        self.check_login()
        endpoint = await endpoint_of(self.target, self._guard)
        async with self._opening:
            self.check_login()
            if self._open is not None and set(self._open.endpoint.addresses) == set(endpoint.addresses):
                return self._open.link
            self.close()
            try:
                self._open = await self._opened(endpoint)
            except Stop as failure:
                self.heard(failure)
                raise
            return self._open.link

    def heard(self, failure: Exception) -> None:
        """Take note of how a request failed."""
        if isinstance(failure, Stop) and failure.code in _REFUSED:
            self._refused = failure, self._clock.now() + LOGIN_PAUSE
            self.close()

    def close(self) -> None:
        """Close every connection that is not in use; those in use close when they are let go."""
        if self._open is not None:
            self._open.link.protocol.close()
            self._open = None

    def check_login(self) -> None:
        """Raises Stop where the login was refused within the last hour."""
        if self._refused is not None and self._clock.now() < self._refused[1]:
            earlier = self._refused[0]
            raise Stop(earlier.code, "not tried again", whole_company=True) from earlier

    async def _opened(self, endpoint: Endpoint) -> _Open:
        if not self._method:
            self._method = await self._executor.run(offered_login, endpoint, self._sessions)
        credentials = Credentials(self._login.name, self._login.password)
        protocol = PinnedProtocol(
            endpoint, credentials, self._method, sessions=self._sessions, most=quirks.CONCURRENT_REQUESTS
        )
        try:
            if not self._schema:
                build = await self._executor.run(build_of, protocol, SCHEMAS.get(self._release, ""))
                self._schema = _older(SCHEMAS[release_of(*build[:3])], SCHEMAS.get(self._release, ""))
        except BaseException:
            protocol.close()
            raise
        self._refused = None
        return _Open(endpoint, Link(protocol, self._schema))


def _older(told: str, named: str) -> str:
    order = list(dict.fromkeys(SCHEMAS.values()))
    return min(told, named or told, key=order.index)
