"""exchangelib over connections to addresses that were checked (design.md section 9; facts/microsoft.md G7, H)."""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from exchangelib import BASIC, NTLM, Configuration, Credentials
from exchangelib.errors import EWSError, UnauthorizedError
from exchangelib.protocol import CachingProtocol, FailFast, Protocol
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import MaxRetryError, NewConnectionError
from urllib3.util.connection import create_connection

from core.adapters.addresses import AddressGuard
from core.adapters.ews.security import REFUSALS, Tls, certificate_code
from core.errors import RetryLater, Stop
from core.model.company import CompanySettings

SECONDS = 20.0
"""The time-out of connecting and of every wait for a part of an answer."""
MOST_BYTES = 16 * 1024 * 1024
"""Of one answer: whoever answers at an address that an administrator typed is not to fill our memory."""
MOST_SECONDS = 60.0
"""Of reading one answer: it may come drop by drop, too."""
logging.getLogger("exchangelib").setLevel(logging.CRITICAL + 1)  # its messages hold requests, addresses among them


@dataclass(frozen=True, slots=True)
class Target:
    """An EWS address as it was typed, and whose certificates are trusted. `ca_file`: see Settings.ca_file."""

    url: str
    ca_file: str = ""
    tls: Tls = field(default_factory=Tls)

    @property
    def server(self) -> str:
        """The server itself, by host and port, however it is spelt."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port or 443}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An EWS address and the addresses of its host that may be reached. `ca_file`: see Settings.ca_file."""

    url: str
    host: str
    port: int
    addresses: tuple[str, ...]
    ca_file: str = ""
    tls: Tls = field(default_factory=Tls)


async def endpoint_of(target: Target, guard: AddressGuard) -> Endpoint:
    """The endpoint at an address, its host's addresses looked up and checked just now.

    Raises Stop (`exchange_url_missing`, `address_not_https`, `address_not_allowed`), RetryLater.
    """
    parts = urlsplit(target.url)
    if not parts.hostname:
        raise Stop("exchange_url_missing", whole_company=True)
    if parts.scheme != "https":
        raise Stop("address_not_https", whole_company=True)
    host, port = parts.hostname.encode("idna").decode("ascii"), parts.port or 443
    found = await guard.addresses(host, port)
    return Endpoint(target.url, host, port, tuple(str(address) for address in found), target.ca_file, target.tls)


def full_name(settings: CompanySettings) -> str:
    """The delegate user's name as a login takes it."""
    return f"{settings.domain}\\{settings.user_name}" if settings.domain else settings.user_name


_TELLING = frozenset({403, 404, 405, 408, 410, 429, 502, 503, 504})
"""Statuses that say more than that something is wrong."""


class HttpRefusal(EWSError):  # type: ignore[misc]  # exchangelib has no types
    """A status that says "no", or "not now". `after` is what it asked for, in seconds; settled: nothing was done."""

    def __init__(self, status: int, after: float | None) -> None:
        super().__init__(f"{status}")
        self.status, self.after = status, after

    @property
    def is_settled(self) -> bool:
        """Whether it is sure that the request was not served."""
        return self.status in (403, 429, 503)


class Strict(FailFast):  # type: ignore[misc]  # as above
    """exchangelib's FailFast, which takes everything for a busy server where the connection ends with it."""

    def raise_response_errors(self, response: requests.Response) -> None:
        """Raise what the status means. Raises UnauthorizedError for every 401: nobody is to try that again."""
        if response.status_code == 401:
            locked = b"currently locked out" in response.content
            raise UnauthorizedError("The account is locked out" if locked else "Invalid credentials")
        status = response.status_code
        if status in _TELLING or status in range(303, 400):
            after = response.headers.get("Retry-After", "")
            raise HttpRefusal(status, float(after) if after.isascii() and after.isdecimal() else None)
        response.headers.pop("Connection", None)
        super().raise_response_errors(response)


Sessions = Callable[[Endpoint, str], requests.Session]
"""How a session is made that reaches an endpoint, for addresses with a prefix."""


class PinnedAdapter(HTTPAdapter):
    """Connects to the addresses, whatever the name server says by now. The name stays in Host, SNI and certificate."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Pools for https alone, whose connections are pinned, and speak TLS as this endpoint's company chose."""
        context = self._endpoint.tls.context(self._endpoint.ca_file)
        super().init_poolmanager(*args, ssl_context=context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _pool(self._endpoint.addresses)}

    def close(self) -> None:
        """Close every connection now; urllib3 itself leaves that to the garbage collector."""
        for key in self.poolmanager.pools.keys():  # noqa: SIM118 - it is no mapping to iterate over
            pool = self.poolmanager.pools.get(key)
            if pool is not None:
                pool.close()
        super().close()


class BoundedSession(requests.Session):
    """Reads answers of bounded length, in bounded time."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """The answer, read; raises requests.ConnectionError where it is too large or too slow.

        It is read after the login's own steps: NTLM binds itself to the channel of an answer that is still open.
        """
        answer = super().send(request, **{**kwargs, "stream": True})
        body, until = bytearray(), time.monotonic() + MOST_SECONDS
        for part in answer.iter_content(65_536):
            body += part
            if len(body) > MOST_BYTES or time.monotonic() > until:
                answer.close()
                raise requests.ConnectionError("the answer is too large or too slow")
        answer._content = bytes(body)  # noqa: SLF001 - requests offers no other way to bound what it reads
        return answer


def _pool(addresses: tuple[str, ...]) -> type[HTTPSConnectionPool]:
    class Connection(HTTPSConnection):
        def _new_conn(self) -> Any:
            for address in addresses:
                try:
                    return create_connection((address, self.port), SECONDS, socket_options=self.socket_options)
                except OSError:
                    continue  # nothing was sent: the next address serves as well
            raise NewConnectionError(self, "no address answers")

    class Pool(HTTPSConnectionPool):
        ConnectionCls = Connection

    return Pool


class _Uncached(CachingProtocol):  # type: ignore[misc]  # exchangelib has no types
    """exchangelib keeps every protocol for ever, with its credentials and its failures: these it does not."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return type.__call__(self, *args, **kwargs)


class PinnedProtocol(Protocol, metaclass=_Uncached):  # type: ignore[misc]  # as above
    """A protocol of one's own, to be closed by whoever made it."""

    TIMEOUT = SECONDS

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Credentials,
        auth_type: str,
        *,
        sessions: Sessions | None = None,
        most: int = 1,
    ) -> None:
        self._endpoint, self._sessions = endpoint, sessions or new_session
        # a refused password must not be tried again (facts/microsoft.md H)
        config = Configuration(
            service_endpoint=endpoint.url,
            credentials=credentials,
            auth_type=auth_type,
            retry_policy=Strict(),
            max_connections=most,
        )
        super().__init__(config=config)

    def raw_session(self, prefix: str, **_: Any) -> requests.Session:
        """A session that knows nothing but the endpoint."""
        return self._sessions(self._endpoint, prefix)


def new_session(endpoint: Endpoint, prefix: str) -> requests.Session:
    """A session that reaches the endpoint and nothing else, and takes nothing from the environment."""
    session = BoundedSession()
    session.trust_env = False
    session.verify = endpoint.ca_file or True
    session.headers.update({"Content-Type": "text/xml; charset=utf-8", "User-Agent": "severa-calendar-sync"})
    session.adapters.clear()
    session.mount(prefix, PinnedAdapter(endpoint))
    return session


def offered_login(endpoint: Endpoint, sessions: Sessions | None = None) -> str:
    """How the server lets users log in: NTLM before Basic. Nobody logs in for that. Blocks.

    Raises Stop (`exchange_login_method` and what `refused` raises), RetryLater.
    """
    with (sessions or new_session)(endpoint, endpoint.url) as session:
        try:
            answer = session.post(endpoint.url, data=b"", allow_redirects=False, timeout=SECONDS)
        except requests.RequestException as error:
            raise unreached(error) from error
    if answer.status_code != 401:
        raise refused(answer.status_code)
    methods = answer.headers.get("WWW-Authenticate", "").lower()
    if "ntlm" in methods or "negotiate" in methods:
        return str(NTLM)
    if "basic" in methods:
        return str(BASIC)
    raise Stop("exchange_login_method", whole_company=True)


def unreached(error: BaseException) -> Stop | RetryLater:
    """What it means that no connection came about, or none that lasted."""
    hitch = _tls_hitch(error)
    if isinstance(hitch, ssl.SSLCertVerificationError):
        return Stop(certificate_code(hitch), f"{hitch.verify_code}", whole_company=True)
    if hitch is not None and hitch.reason in REFUSALS:
        return Stop("tls_refused", hitch.reason, whole_company=True)
    return RetryLater("exchange_unreachable", type(error).__name__)


def _tls_hitch(error: BaseException) -> ssl.SSLError | None:
    """What OpenSSL said, which requests wraps once and urllib3 twice."""
    inner: object = error
    while isinstance(inner, BaseException):
        if isinstance(inner, ssl.SSLError):
            return inner
        inner = inner.reason if isinstance(inner, MaxRetryError) else inner.args[0] if inner.args else None
    return None


def refused(status: int, after: float | None = None) -> Stop | RetryLater:
    """What an answer means that asks for no login. `after`: see HttpRefusal."""
    if 300 <= status < 400:
        return Stop("exchange_redirects", f"{status}", whole_company=True)
    if status == 403:
        return Stop("exchange_forbidden", whole_company=True)
    if status in (408, 429) or status >= 500:
        return RetryLater("exchange_unavailable", f"{status}", after=after)
    return Stop("exchange_not_ews", f"{status}", whole_company=True)
