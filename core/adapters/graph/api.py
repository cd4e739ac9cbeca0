"""Sends the requests: tokens, time-outs, few at a time, bounded answers, failures in our words. No retries here.

msgraph-sdk builds a request, httpx sends it: none of the SDK's middleware is in between, so waiting stays ours.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from weakref import WeakValueDictionary

import httpx

from core.adapters.graph import links, quirks
from core.adapters.graph.failures import Answer, failure
from core.adapters.graph.requests import Call, Requests
from core.adapters.graph.sdk import AuthenticationProvider, GraphRequestAdapter, RequestInformation
from core.adapters.graph.wire import Malformed
from core.errors import OutcomeUnknown, RetryLater, Stop, SyncError
from core.ports_telemetry import asking

T = TypeVar("T")

CONNECT_SECONDS = 10.0
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Tokens(Protocol):
    """Bearer tokens for one Microsoft organization's Graph."""

    async def token(self, refused: str = "") -> str:
        """A token; another one than `refused`, which Graph just turned down. Raises RetryLater, Stop."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Hard time-outs of one call in seconds, waiting and token included (peers.md P58), and an answer's size."""

    read_seconds: float = 90.0
    write_seconds: float = 30.0
    answer_bytes: int = quirks.MAX_ANSWER_BYTES


def http_client(ca_file: str = "", transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """The HTTP client for Graph: no redirects, nothing from the environment; time-outs are the api's own.

    `ca_file`: a PEM file with the authority to trust instead of the public ones. Whoever makes it closes it.
    """
    verify: ssl.SSLContext | bool = ssl.create_default_context(cafile=ca_file) if ca_file else True
    timeout = httpx.Timeout(None, connect=CONNECT_SECONDS)
    return httpx.AsyncClient(
        transport=transport, verify=verify, follow_redirects=False, trust_env=False, timeout=timeout
    )


class GraphApi:
    """Graph for one Microsoft organization. `base_url` is the cloud's, with the version: https://graph.microsoft.com/v1.0.

    Mailboxes are served three requests at a time, whoever asks, as long as they ask this object.
    """

    def __init__(self, base_url: str, tokens: Tokens, http: httpx.AsyncClient, limits: Limits | None = None) -> None:
        self._base = base_url.rstrip("/")
        self._tokens = tokens
        self._http = http
        self._limits = limits or Limits()
        self._adapter = GraphRequestAdapter(_Bearer(self._base, tokens), client=http)
        self._adapter.base_url = self._base
        self._slots: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self.requests = Requests(self._adapter)

    def follows(self, link: str) -> bool:
        """Whether a link leads to this Graph (peers.md P61)."""
        return links.belongs(self._base, link)

    def deadline(self, *, writes: bool) -> float:
        """By when, on the running loop's clock, a call that begins now is over."""
        seconds = self._limits.write_seconds if writes else self._limits.read_seconds
        return asyncio.get_running_loop().time() + seconds

    async def fetch(self, call: Call, parse: Callable[[bytes], T], deadline: float | None = None) -> T:
        """The parsed answer. Raises what failures.py says; what was cut short is "retry later", or unknown for a write.

        A token that is refused is replaced once.
        """
        answer = await self._answer(call, self.deadline(writes=call.writes) if deadline is None else deadline)
        problem = failure(answer, call.target, writes=call.writes, conditional=call.conditional)
        if problem is not None:
            raise problem
        try:
            return parse(answer.body)
        except Malformed as error:
            raise _lost(call, "malformed_answer", error) from error

    async def _answer(self, call: Call, deadline: float) -> Answer:
        attempt = _Attempt()
        try:
            async with asyncio.timeout_at(deadline), self._slot(call.mailbox):
                answer, used = await self._once(call, attempt)
                if answer.status == httpx.codes.UNAUTHORIZED:
                    attempt.sent = False
                    await self._tokens.token(refused=used)
                    answer, _ = await self._once(call, attempt)
                return answer
        except TimeoutError as error:
            raise _lost(call, "timed_out", error, sent=attempt.sent) from error
        except httpx.HTTPError as error:
            raise _lost(call, "unreachable", error, sent=not isinstance(error, _NOT_SENT)) from error
        except Malformed as error:
            raise _lost(call, "answer_too_large", error) from error

    async def _once(self, call: Call, attempt: _Attempt) -> tuple[Answer, str]:
        self._adapter.set_base_url_for_request_information(call.info)
        request = await self._adapter.convert_to_native_async(call.info)
        attempt.sent = True
        with asking("graph"):
            response = await self._http.send(request, stream=True)
            try:
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > self._limits.answer_bytes:
                        raise Malformed("too large")
            finally:
                await response.aclose()
        answer = Answer(response.status_code, bytes(body), _seconds(response.headers.get("Retry-After")))
        return answer, request.headers.get("Authorization", "").removeprefix("Bearer ")

    def _slot(self, mailbox: str) -> asyncio.Semaphore:
        return self._slots.setdefault(mailbox, asyncio.Semaphore(quirks.CONCURRENT_REQUESTS))


class _Bearer(AuthenticationProvider):
    """Puts the token on requests to the base address, and lets no others out, nor any without a token.

    The SDK's own providers send a request to a host that they were not told of without any (facts/microsoft.md L).
    """

    def __init__(self, base: str, tokens: Tokens) -> None:
        self._base = base
        self._tokens = tokens

    async def authenticate_request(
        self, request: RequestInformation, additional_authentication_context: dict[str, Any] | None = None
    ) -> None:
        """Raises Stop for a foreign address or where there is no token."""
        del additional_authentication_context
        if not links.belongs(self._base, request.url):
            raise Stop("link_to_another_host")
        token = await self._tokens.token()
        if not token:
            raise Stop("consent_missing", "no token", whole_company=True)
        request.headers.remove("Authorization")
        request.headers.add("Authorization", f"Bearer {token}")


@dataclass(slots=True)
class _Attempt:
    sent: bool = False


def _lost(call: Call, code: str, error: Exception, *, sent: bool = True) -> SyncError:
    kind = OutcomeUnknown if call.writes and sent else RetryLater
    return kind(code, type(error).__name__)


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdecimal() else None
