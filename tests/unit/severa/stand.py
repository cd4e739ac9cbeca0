"""The adapter in front of a scripted Severa: answers are a function of the request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from core.adapters.severa.exchange import Timeouts
from core.adapters.severa.gateway import SeveraGateway
from core.adapters.severa.tokens import Credentials
from core.model.company import SeveraUser
from core.model.ids import UserId
from core.model.when import Window

BASE = "https://severa.test/rest-api"
NOW = datetime(2026, 3, 25, 12, tzinfo=UTC)
WINDOW = Window(NOW - timedelta(days=30), NOW + timedelta(days=30))
ANNA = SeveraUser(UserId("anna"), ("anna@acme.example",), "Europe/Helsinki")
Respond = Callable[[httpx.Request], httpx.Response]


def token(number: int, **changes: Any) -> httpx.Response:
    """What /v1/token answers; a change to `...` takes the field away."""
    body = {
        "access_token": f"access-{number}",
        "access_token_type": "Bearer",
        "access_token_expires_in": 3600,
        "access_token_expires_utc": (NOW + timedelta(hours=1)).isoformat(),
        "refresh_token": f"refresh-{number}",
        "scope": "activities:read",
    }
    return httpx.Response(200, json={k: v for k, v in {**body, **changes}.items() if v is not ...})


def refusal(status: int, kind: str) -> httpx.Response:
    """An ExceptionModel."""
    return httpx.Response(status, json={"error": {"httpStatusCode": status, "type": kind, "details": []}})


class Stand:
    """Clock, limiter, the requests that came, and the gateway under test."""

    def __init__(self, respond: Respond, *, tokens: Respond | None = None, timeouts: Timeouts | None = None) -> None:
        self.at = NOW
        self.requests: list[httpx.Request] = []
        self.slots = 0
        self.pauses: list[float] = []
        self._respond, self._tokens = respond, tokens
        self._issued = 0
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer), follow_redirects=True)
        credentials = Credentials("acme", "s3cret")
        self.gateway = SeveraGateway(
            client, BASE + "/", credentials, self, self, "Europe/Helsinki", timeouts=timeouts or Timeouts()
        )
        self.calendar = self.gateway.calendar(ANNA, "Europe/Helsinki")

    def now(self) -> datetime:
        return self.at

    async def slot(self) -> None:
        self.slots += 1

    async def paused(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def asked(self) -> list[str]:
        """Method and path of every request."""
        return [f"{request.method} {request.url.path.removeprefix('/rest-api')}" for request in self.requests]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path.endswith(("/v1/token", "/v1/refreshtoken")):
            self._issued += 1
            return self._tokens(request) if self._tokens else token(self._issued)
        return self._respond(request)


def in_turn(answers: Iterable[httpx.Response | Exception]) -> Respond:
    """These answers, one after the other."""
    waiting = iter(answers)

    def respond(request: httpx.Request) -> httpx.Response:
        answer = next(waiting)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return respond
