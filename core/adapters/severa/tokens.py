"""The access token of one company, kept in memory (facts/severa.md 1.2)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from core.adapters.severa import quirks
from core.adapters.severa.exchange import Answer, Call, Exchange
from core.adapters.severa.failures import error_type, failure, understood
from core.adapters.severa.parsing import Malformed, row
from core.adapters.severa.registry import Token, parse_token
from core.errors import Stop
from core.ports import Clock

_ISSUE, _REFRESH = "/v1/token", "/v1/refreshtoken"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A company's REST API credential, made by its administrator in Severa.

    `look_up` gives the one that is stored now: asked where this one is refused, since it may just have been replaced.
    """

    client_id: str
    client_secret: str = field(repr=False)
    look_up: Callable[[], Awaitable[Credentials]] | None = field(default=None, repr=False, compare=False)


class Tokens:
    """Issues, renews and replaces the token; one request at a time, however many callers wait (P50)."""

    def __init__(self, exchange: Exchange, credentials: Credentials, clock: Clock, scopes: str = quirks.SCOPES) -> None:
        self._exchange, self._credentials, self._clock, self._scopes = exchange, credentials, clock, scopes
        self._token: Token | None = None
        self._lock = asyncio.Lock()

    async def current(self) -> str:
        """A token that lives for a while yet. Raises Stop where the credentials are refused, RetryLater."""
        async with self._lock:
            token = self._token
            if token is None:
                token = await self._issue()
            elif self._is_ageing(token):
                token = await self._refresh(token)
            self._token = token
            return token.access

    async def granted(self) -> str:
        """The scopes of the token as Severa names them; empty where it does not. Raises as `current`."""
        await self.current()
        return self._token.scope if self._token is not None else ""

    async def replace(self, refused: str) -> str:
        """Another token than the one that was answered with 401, unless somebody has got one already."""
        async with self._lock:
            if self._token is None or self._token.access == refused:
                self._token = None
                self._token = await self._issue()
            return self._token.access

    def headers(self, token: str) -> dict[str, str]:
        """What every call carries."""
        return {"Authorization": f"Bearer {token}", quirks.CLIENT_ID: self._credentials.client_id}

    def _is_ageing(self, token: Token) -> bool:
        if token.expires is None:
            return False
        early = min(quirks.RENEW_EARLY, (token.expires - token.obtained) / 2)
        return self._clock.now() >= token.expires - early

    async def _issue(self) -> Token:
        try:
            return await self._issue_once()
        except Stop:
            refused, look_up = self._credentials, self._credentials.look_up
            if look_up is None or (stored := await look_up()) == refused:
                raise
            self._credentials = stored
        return await self._issue_once()

    async def _issue_once(self) -> Token:
        body = {
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
            "scope": self._scopes,
        }
        answer = await self._ask(_ISSUE, body)
        if answer.status == 200:
            with understood(f"POST {_ISSUE}"):
                return parse_token(row(answer.body), self._clock.now())
        kind = error_type(answer.body)
        if 400 <= answer.status < 500 and answer.status != 408:
            known = failure(401, kind, f"POST {_ISSUE}", writes=False)
            raise Stop(known.code, f"POST {_ISSUE} {answer.status}", whole_company=True)
        raise failure(answer.status, kind, f"POST {_ISSUE}", writes=False, after=answer.after)

    async def _refresh(self, token: Token) -> Token:
        """By the refresh token, a bare JSON string in the body; a new one from scratch where that does not work."""
        if token.refresh:
            answer = await self._ask(_REFRESH, token.refresh)
            if answer.status == 200:
                with contextlib.suppress(Malformed):
                    return parse_token(row(answer.body), self._clock.now())
        return await self._issue()

    async def _ask(self, path: str, body: object) -> Answer:
        header = {quirks.CLIENT_ID: self._credentials.client_id}
        return await self._exchange.send(Call("POST", path, f"POST {path}", body=body), header)
