"""Tokens, scopes and the request limit of the simulated Severa (facts/severa.md 1.2, 1.3)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from tests.simulators.common.middleware import STALE_READ

from .errors import QUOTA_TEXT, SeveraError, invalid, unauthenticated
from .state import CompanyState, Context

WINDOW = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Token:
    """An access or a refresh token: whose, for what, until when."""

    client_id: str
    scopes: frozenset[str]
    expires: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request."""

    request: Request
    state: CompanyState

    @property
    def stale(self) -> bool:
        """Whether a fault makes this a read of the state before the last change."""
        return bool(self.request.scope.get(STALE_READ, False))

    async def json(self) -> object:
        """The body. Raises SeveraError (400) where it is no JSON."""
        return await read_json(self.request)


Handler = Callable[[Call], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(slots=True)
class Authority:
    """Issues and checks tokens, and counts requests per company."""

    context: Context
    companies: dict[str, CompanyState]
    """By client id."""
    client_ids_seen: list[str | None] = field(default_factory=list)
    """The Client_Id header of every authenticated request, None where it was missing."""
    _access: dict[str, Token] = field(default_factory=dict)
    _refresh: dict[str, Token] = field(default_factory=dict)
    _windows: dict[str, tuple[datetime, int]] = field(default_factory=dict)

    def secured(self, scope: str | None, handler: Handler) -> Endpoint:
        """An endpoint that runs the handler only for a valid token with this scope, within the request limit."""

        async def endpoint(request: Request) -> Response:
            token = self._token_of(request)
            state = self.companies[token.client_id]
            refused = self._over_limit(state)
            if refused is not None:
                return refused
            if scope is not None and scope not in token.scopes:
                raise SeveraError(403, "InsufficientApiScope", f"The scope {scope} is required.")
            return await handler(Call(request, state))

        return endpoint

    async def issue(self, request: Request) -> Response:
        """POST /v1/token. Scopes that the credential was not given are left out of the token."""
        body = await read_json(request)
        if not isinstance(body, dict):
            raise invalid("credentials", "Client credentials are required.")
        # the live API takes client_id and client_Id alike
        fields = {str(name).lower(): value for name, value in body.items()}
        client_id, secret = fields.get("client_id"), fields.get("client_secret")
        state = self.companies.get(client_id) if isinstance(client_id, str) else None
        if state is None or secret != state.company.client_secret:
            raise unauthenticated("The client id or the client secret is wrong.")
        asked = frozenset(re.split(r"[,\s]+", fields["scope"].strip())) if fields.get("scope") else None
        granted = state.company.scopes
        return self._answer(state.company.client_id, granted if asked is None else asked & granted)

    async def refresh(self, request: Request) -> Response:
        """POST /v1/refreshtoken: the refresh token as a bare JSON string, the client id in the header Client_Id."""
        body = await read_json(request)
        token = self._refresh.get(body) if isinstance(body, str) else None
        if token is None or token.expires <= self.context.now():
            raise unauthenticated("The refresh token is not valid.")
        if request.headers.get("client_id") != token.client_id:
            raise unauthenticated("The header Client_Id does not belong to the refresh token.")
        return self._answer(token.client_id, token.scopes)

    def invalidate(self, client_id: str | None = None, *, refresh_tokens: bool = False) -> None:
        """Forget the access tokens (of one client), and the refresh tokens too where asked."""
        for tokens in (self._access, self._refresh) if refresh_tokens else (self._access,):
            for key in [key for key, token in tokens.items() if client_id in (None, token.client_id)]:
                del tokens[key]

    def _token_of(self, request: Request) -> Token:
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        token = self._access.get(key.strip())
        if kind.lower() != "bearer" or token is None:
            raise unauthenticated("A bearer token is required.")
        if token.expires <= self.context.now():
            raise unauthenticated("The token has expired.")
        self.client_ids_seen.append(request.headers.get("client_id"))
        return token

    def _over_limit(self, state: CompanyState) -> Response | None:
        options, now, company = self.context.options, self.context.now(), state.company.guid
        if options.rate_limit is None:
            return None
        began, count = self._windows.get(company, (now, 0))
        if now - began >= WINDOW:
            began, count = now, 0
        if count < options.rate_limit:
            self._windows[company] = (began, count + 1)
            return None
        headers = {} if options.retry_after is None else {"Retry-After": str(options.retry_after)}
        return PlainTextResponse(QUOTA_TEXT, 429, headers)

    def _answer(self, client_id: str, scopes: frozenset[str]) -> Response:
        options, now = self.context.options, self.context.now()
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self._access[access] = Token(client_id, scopes, now + options.token_lifetime)
        self._refresh[refresh] = Token(client_id, scopes, now + options.refresh_token_lifetime)
        return JSONResponse(
            {
                "access_token": access,
                "access_token_type": "Bearer",
                "access_token_expires_in": int(options.token_lifetime.total_seconds()),
                "access_token_expires_utc": (now + options.token_lifetime).isoformat(),
                "refresh_token": refresh,
                "refresh_token_expires_in": int(options.refresh_token_lifetime.total_seconds()),
                "refresh_token_expires_utc": (now + options.refresh_token_lifetime).isoformat(),
                "scope": ",".join(sorted(scopes)),
            }
        )


async def read_json(request: Request) -> object:
    """The body. Raises SeveraError (400) where it is no JSON."""
    try:
        body: object = await request.json()
    except ValueError as error:
        raise SeveraError(400, "InvalidRequest", "The body is not JSON.") from error
    return body
