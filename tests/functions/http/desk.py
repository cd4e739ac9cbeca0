"""The HTTP interface as its callers see it: the app's own triggers in the local host, over a company in memory."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import azure.functions as func
import httpx
import pytest

from core.adapters.identity.bearer import BearerCallers, Trust
from core.adapters.identity.keyset import KeySet
from core.adapters.memory.secrets import MemorySecrets
from core.adapters.system import SystemClock
from core.errors import RetryLater
from core.model.company import CompanySettings
from core.model.connection import Check, Finding, Outcome
from core.model.ids import CompanyId, UserId
from core.ports import Ports
from core.ports_connection import ConnectionPorts
from core.ports_consent import ConsentPorts
from core.wiring import Entrance
from functions import administration, contract, user
from infra.local.host import LocalHost
from infra.local.issuer import Issuer
from tests.support.stage import ANNA, COMPANY, Stage, make_stage

ORIGIN = "https://severa.example"
OTHER_COMPANY = CompanyId("99999999-9999-4999-8999-999999999999")
STRANGER = UserId("cccccccc-0000-4000-8000-000000000003")
HOST_JSON = {"version": "2.0", "extensions": {"http": {"routePrefix": "api"}}}


class Untold:
    """Microsoft, which nobody gets to from here (tests/functions/consent does), and a Severa that tells no name."""

    async def name(self, company: CompanyId, settings: CompanySettings) -> str:
        return ""


class Tried:
    """Both sides of a connection as a test wants them to be found: by default the first step of each has failed."""

    def __init__(self, *found: Finding) -> None:
        self.found, self.addresses = found, tuple[str, ...]()

    async def check(
        self, company: CompanyId, settings: CompanySettings, addresses: Sequence[str] = ()
    ) -> AsyncGenerator[Finding, None]:
        self.addresses = tuple(addresses)
        for finding in self.found:
            yield finding
        if not self.found:
            raise RetryLater("severa_unreachable" if not addresses else "exchange_unreachable")

    async def mails(self, company: CompanyId, settings: CompanySettings) -> AsyncGenerator[Finding, None]:
        yield Finding(Check.SEVERA_MAILS, Outcome.WARNED, "severa_may_mail", "2 of 2 users")


@dataclass(slots=True)
class Desk:
    """A running interface with its company, its issuer, and a client."""

    stage: Stage
    issuer: Issuer
    secrets: MemorySecrets
    host: LocalHost
    http: httpx.AsyncClient
    connection: ConnectionPorts

    def token(self, user: UserId = ANNA, *, admin: bool = False, company: CompanyId = COMPANY, **claims: Any) -> str:
        return self.issuer.token(company, user, admin=admin, claims=claims)

    async def call(
        self, method: str, path: str, token: str | None = None, body: Any = None, **headers: str
    ) -> httpx.Response:
        """One request; `body` is sent as JSON. Header names are given with `_` for `-`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        return await self.http.request(method, f"{self.host.base_url}/{path}", headers=sent, content=content)

    async def settings_body(self, **changes: Any) -> tuple[dict[str, Any], str]:
        """What an administrator would send back, and the ETag."""
        answer = await self.call("GET", "settings", self.token(admin=True))
        shown = answer.json()
        read_only = ("tenant", "enabled", "enabled_since", "has_severa_client_secret", "has_password", "notice")
        return {name: shown[name] for name in shown if name not in read_only} | changes, answer.headers["ETag"]


def http_app() -> func.FunctionApp:
    """The app's HTTP functions alone, which need no storage."""
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    for module in (administration, user, contract):
        app.register_functions(module.blueprint)
    return app


def callers(issuer: Issuer) -> BearerCallers:
    """Who the service lets in, by the issuer's keys."""
    trust = Trust(issuer.url, issuer.audience, (issuer.algorithm,))
    return BearerCallers(trust, KeySet(f"{issuer.url}/jwks.json", trust.algorithms, SystemClock()))


@asynccontextmanager
async def open_desk(
    issuer: Issuer,
    monkeypatch: pytest.MonkeyPatch,
    *,
    writable: bool = False,
    ports: Ports | None = None,
) -> AsyncIterator[Desk]:
    """A desk on memory, or on other ports."""
    stage, secrets = await make_stage(), MemorySecrets()
    used = ports or stage.ports
    store = stage.storage.consents
    consents = ConsentPorts(used, store, Untold(), Untold(), Untold(), frozenset({ORIGIN}), ORIGIN)
    connection = ConnectionPorts(used, Tried(), Tried(), Tried())
    entrance = Entrance(
        used,
        callers(issuer),
        (ORIGIN,),
        secrets,
        store,
        secrets if writable else None,
        lambda: consents,
        "our-application",
        lambda: desk.connection,
    )

    async def given() -> Entrance:
        return entrance

    monkeypatch.setattr("core.wiring.entrance", given)
    async with LocalHost(http_app(), host_json=HOST_JSON, settings={}) as host, httpx.AsyncClient() as http:
        desk = Desk(stage, issuer, secrets, host, http, connection)
        yield desk
