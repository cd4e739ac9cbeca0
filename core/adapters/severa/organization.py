"""What a company is called, as its own Severa tells (facts/severa.md 1.10).

The scope that this needs is optional for a company's credentials, so the token is one of its own: synchronizing never
depends on it.
"""

from __future__ import annotations

import httpx

from core.adapters.severa.api import SeveraApi
from core.adapters.severa.exchange import TIMEOUTS, Exchange
from core.adapters.severa.failures import understood
from core.adapters.severa.parsing import text
from core.adapters.severa.tokens import Credentials, Tokens
from core.ports import Clock, Limiter

DETAILS = "/v1/organizationdetails"
SCOPE = "organization:read"


async def organization_name(
    client: httpx.AsyncClient, base_url: str, credentials: Credentials, limiter: Limiter, clock: Clock
) -> str:
    """The organization's name. Raises Stop where the credentials or the scope are missing, RetryLater."""
    exchange = Exchange(client, base_url, limiter, clock, TIMEOUTS)
    row = await SeveraApi(exchange, Tokens(exchange, credentials, clock, SCOPE)).document(DETAILS)
    with understood(f"GET {DETAILS}"):
        return text(row, "name")
