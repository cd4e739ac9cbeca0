"""A company's Severa, tried: the port SeveraCheck (facts/severa.md 1.2, 1.9)."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable

from core.adapters.severa import quirks
from core.adapters.severa.api import USERS, SeveraApi
from core.adapters.severa.exchange import Exchange
from core.adapters.severa.failures import understood
from core.adapters.severa.parsing import Json, flag, part
from core.adapters.severa.tokens import Credentials, Tokens
from core.errors import Stop
from core.model.company import CompanySettings
from core.model.connection import Check, Finding, Outcome
from core.model.ids import CompanyId
from core.ports import Clock

SecretOf = Callable[[CompanyId, CompanySettings], Awaitable[Credentials]]
"""A company's credentials. Raises Stop where they are not there."""
ALL = "severaall"
"""A scope of old that stands for every other one (facts/severa.md 1.2)."""
_NEEDED = tuple(quirks.SCOPES.split(","))


class SeveraConnection:
    """See SeveraCheck. `exchanges` makes what a company's requests go through."""

    def __init__(self, exchanges: Callable[[CompanyId], Exchange], secrets: SecretOf, clock: Clock) -> None:
        self._exchanges, self._secrets, self._clock = exchanges, secrets, clock

    async def check(self, company: CompanyId, settings: CompanySettings) -> AsyncGenerator[Finding, None]:
        """See SeveraCheck.check. Severa may refuse a token for a missing scope, or leave the scope out: either way."""
        credentials, exchange = await self._secrets(company, settings), self._exchanges(company)
        try:
            granted = _scopes(await Tokens(exchange, credentials, self._clock).granted())
            missing = [scope for scope in _NEEDED if scope not in granted] if granted and ALL not in granted else []
        except Stop as refused:
            if refused.code != "severa_scope_missing":
                raise
            missing = [scope for scope in _NEEDED if not await self._grants(exchange, credentials, scope)]
        yield Finding(Check.SEVERA_TOKEN)
        if missing:
            yield Finding(Check.SEVERA_SCOPES, Outcome.FAILED, "severa_scopes_missing", ", ".join(missing))
        else:
            yield Finding(Check.SEVERA_SCOPES)

    async def mails(self, company: CompanyId, settings: CompanySettings) -> AsyncGenerator[Finding, None]:
        """See SeveraCheck.mails. Where Severa does not tell, mail is on: that is its default."""
        exchange = self._exchanges(company)
        api = SeveraApi(exchange, Tokens(exchange, await self._secrets(company, settings), self._clock))
        users = mailed = 0
        async for page in api.pages(USERS, (("isActive", "true"),)):
            with understood(f"GET {USERS}"):
                mailed += sum(_is_mailed(row) for row in page)
            users += len(page)
        if mailed:
            yield Finding(Check.SEVERA_MAILS, Outcome.WARNED, "severa_may_mail", f"{mailed} of {users} users")
        else:
            yield Finding(Check.SEVERA_MAILS)

    async def _grants(self, exchange: Exchange, credentials: Credentials, scope: str) -> bool:
        try:
            await Tokens(exchange, credentials, self._clock, scope).current()
        except Stop:
            return False
        return True


def _scopes(granted: str) -> frozenset[str]:
    """Separated by commas or by blanks: clients of the live API write both."""
    return frozenset(scope.lower() for scope in re.split(r"[,\s]+", granted) if scope)


def _is_mailed(row: Json) -> bool:
    return flag(part(row, "notificationSettings"), "sendNewActivityEmail", default=True)
