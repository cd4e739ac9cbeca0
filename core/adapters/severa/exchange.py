"""One request and its answer: budget, hard time-outs, bounds, and what a broken connection means."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from core.adapters.severa import quirks
from core.adapters.severa.failures import failure
from core.errors import OutcomeUnknown, RetryLater
from core.ports import Clock, Limiter
from core.ports_telemetry import asking

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes. A hundred activities with long notes stay far below; whatever is larger is not read to its end."""
Params = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Hard limits of a whole exchange in seconds (P58)."""

    write: float = 30.0
    read: float = 90.0


TIMEOUTS = Timeouts()
CONNECT = 10.0
"""Seconds until a connection that does not come about is given up: then surely nothing was sent."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `where` is method and path template, the only part of it that may be told to people."""

    method: str
    path: str
    where: str
    params: Params = ()
    body: object = field(default=None, repr=False)
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `after` is what a Retry-After header asked for, in seconds."""

    status: int
    body: bytes = field(repr=False)
    next_page: str = ""
    after: float | None = None


class Exchange:
    """Sends requests to one base address and nowhere else: redirects are not followed, links are never taken over."""

    def __init__(
        self, client: httpx.AsyncClient, base_url: str, limiter: Limiter, clock: Clock, timeouts: Timeouts
    ) -> None:
        self._client, self._base_url = client, base_url.rstrip("/")
        self._limiter, self._clock, self._timeouts = limiter, clock, timeouts

    async def send(self, call: Call, headers: dict[str, str]) -> Answer:
        """The answer, whatever its status except 429.

        Raises RetryLater; OutcomeUnknown where a write may have been done although no answer came.
        """
        await self._limiter.slot()
        lost = OutcomeUnknown if call.writes else RetryLater
        try:
            async with asyncio.timeout(self._timeouts.write if call.writes else self._timeouts.read):
                with asking("severa"):
                    answer = await self._answer(call, headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise RetryLater("severa_unreachable", call.where) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise lost("severa_timeout", call.where) from error
        except httpx.HTTPError as error:
            raise lost("severa_connection_lost", call.where) from error
        if answer is None:
            raise lost("severa_answer_too_large", call.where)
        if answer.status == 429:
            pause = quirks.PAUSE if answer.after is None else answer.after
            await self._limiter.paused(pause)
            raise failure(429, "", call.where, writes=call.writes, after=pause)
        return answer

    async def _answer(self, call: Call, headers: dict[str, str]) -> Answer | None:
        """None where it is too large."""
        request = self._request(call, headers)
        response = await self._client.send(request, stream=True, follow_redirects=False)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    return None
        finally:
            await response.aclose()
        after = self._seconds(response.headers.get("Retry-After", ""))
        return Answer(response.status_code, bytes(body), response.headers.get(quirks.NEXT_PAGE, ""), after)

    def _request(self, call: Call, headers: dict[str, str]) -> httpx.Request:
        content = None if call.body is None else json.dumps(call.body).encode()
        kind = {} if content is None else {"Content-Type": "application/json"}
        return self._client.build_request(
            call.method,
            self._base_url + call.path,
            params=call.params or None,
            content=content,
            headers={"Accept": "application/json", **kind, **headers},
            # the hard limit is outside; httpx's own, five seconds, would be shorter
            timeout=httpx.Timeout(max(self._timeouts.write, self._timeouts.read), connect=CONNECT, pool=CONNECT),
        )

    def _seconds(self, header: str) -> float | None:
        """Retry-After in either form (RFC 9110 section 10.2.3); None where there is none that makes sense."""
        if header.strip().isdecimal():
            return min(float(header), quirks.LONGEST_PAUSE)
        try:
            until = parsedate_to_datetime(header)
        except (ValueError, IndexError, OverflowError):
            return None
        waiting = _aware(until) - self._clock.now()
        return min(max(waiting.total_seconds(), 0.0), quirks.LONGEST_PAUSE)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
