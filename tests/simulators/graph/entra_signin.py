"""Entra's interactive endpoints: sign-in with a code (PKCE, nonce), admin consent (facts/microsoft.md F1)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from . import entra_pages
from .directory import App, Consent
from .entra_accounts import CONSENTING, PERSONAL_TENANT, Account, EntraDirectory, EntraOptions, IssuedCode, Registration
from .entra_errors import EntraError
from .entra_tokens import SigningKeys, id_claims
from .world import World

ORGANIZATIONS = "organizations"
CODE_LIFE = timedelta(minutes=10)
_ASKED = {"response_type": "code", "code_challenge_method": "S256"}


class Interactive:
    """Where people come with their browsers. A GET shows the page, a POST of its form sends the browser back."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.directory, self.options, self.keys = EntraDirectory(), EntraOptions(), SigningKeys()

    async def authorize(self, request: Request) -> Response:
        """`/{tenant}/oauth2/v2.0/authorize` with `response_type=code`."""
        try:
            return await self._authorize(request)
        except EntraError as error:
            return entra_pages.refuse(error)

    async def admin_consent(self, request: Request) -> Response:
        """`/{tenant}/v2.0/adminconsent`. It says `admin_consent=True` also where it was refused."""
        try:
            return await self._admin_consent(request)
        except EntraError as error:
            return entra_pages.refuse(error)

    async def _authorize(self, request: Request) -> Response:
        registration, query = self._asked(request)
        if any(query.get(name) != value for name, value in _ASKED.items()) or not query.get("code_challenge"):
            raise EntraError(900144)
        if "openid" not in query.get("scope", "").split() or query.get("response_mode", "query") != "query":
            raise EntraError(900144)
        form = await self._form(request)
        if form is None:
            return entra_pages.choose("Sign in", f"Sign in to {registration.client_id}?", self._accounts(request))
        if form.get("decision") != "accept":
            return _back(query, {**_denied(65004), "error_subcode": "cancel"})
        with self._world.lock:
            return _back(query, {"code": self._code(self._account(request, form), registration, query)})

    async def _admin_consent(self, request: Request) -> Response:
        registration, query = self._asked(request)
        if not query.get("scope", "").endswith("/.default"):
            raise EntraError(70011)
        form = await self._form(request)
        if form is None:
            return entra_pages.choose("Permissions requested", "Accept?", self._accounts(request))
        if form.get("decision") != "accept":
            return _back(query, {"admin_consent": "True", **_denied(65004), "error_subcode": "cancel"})
        account = self._account(request, form)
        if not CONSENTING & set(account.roles):
            return _back(query, {"admin_consent": "True", **_denied(90094, account.tenant_id)})
        with self._world.lock:
            self._grant(account.tenant_id, registration)
        granted = {"admin_consent": "True", "tenant": account.tenant_id, "scope": query["scope"]}
        return _back(query, granted)

    def redeem(self, tenant: str, form: Mapping[str, str], base: str) -> dict[str, Any]:
        """The token endpoint's answer to a code, once the client is authenticated. Raises EntraError."""
        issued = self.directory.codes.get(form.get("code", ""))
        if issued is None or issued.client_id != form.get("client_id") or tenant not in (ORGANIZATIONS, _home(issued)):
            raise EntraError(70000)
        if issued.redeemed:
            raise EntraError(54005)
        if issued.expires <= self._world.now():
            raise EntraError(70008)
        if issued.redirect_uri != form.get("redirect_uri"):
            raise EntraError(50011)
        verifier = form.get("code_verifier", "")
        if _challenge(verifier) != issued.challenge:
            raise EntraError(501481)
        issued.redeemed = True
        registration = self.directory.registrations[issued.client_id]
        claims = id_claims(self._world, self.options, registration, issued, base)
        client = {"uid": issued.account.object_id, "utid": issued.account.tenant_id}
        return {
            "token_type": "Bearer",
            "scope": "openid profile",
            "expires_in": self.options.id_token_seconds,
            "ext_expires_in": self.options.id_token_seconds,
            "access_token": f"opaque {self._world.ids.token()}",
            "id_token": self.keys.sign(claims, self.options.signature),
            "client_info": base64.urlsafe_b64encode(json.dumps(client).encode()).decode("ascii").rstrip("="),
        }

    def _asked(self, request: Request) -> tuple[Registration, dict[str, str]]:
        query = dict(request.query_params)
        tenant, client = request.path_params["tenant"], query.get("client_id", "")
        if tenant != ORGANIZATIONS and tenant not in self._world.tenants:
            raise EntraError(90002, tenant)
        registration = self.directory.registrations.get(client)
        if registration is None:
            raise EntraError(700016, tenant, client)
        if query.get("redirect_uri") not in registration.redirect_uris:
            raise EntraError(50011, tenant, client)
        return registration, query

    def _accounts(self, request: Request) -> list[Account]:
        tenant = request.path_params["tenant"]
        return [one for one in self.directory.accounts.values() if tenant in (ORGANIZATIONS, one.tenant_id)]

    def _account(self, request: Request, form: Mapping[str, str]) -> Account:
        account = next((one for one in self._accounts(request) if one.object_id == form.get("account")), None)
        if account is None or (account.tenant_id == PERSONAL_TENANT and not self.options.personal_accounts):
            raise EntraError(50020)
        return account

    async def _form(self, request: Request) -> dict[str, str] | None:
        if request.method != "POST":
            return None
        return {name: values[-1] for name, values in parse_qs((await request.body()).decode("utf-8")).items()}

    def _code(self, account: Account, registration: Registration, query: Mapping[str, str]) -> str:
        code = self._world.ids.token()
        self.directory.codes[code] = IssuedCode(
            account,
            registration.client_id,
            query["redirect_uri"],
            query["code_challenge"],
            query.get("nonce", ""),
            self._world.now() + CODE_LIFE,
        )
        return code

    def _grant(self, tenant_id: str, registration: Registration) -> None:
        apps, now = self._world.tenants[tenant_id].apps, self._world.now()
        app = apps.get(registration.client_id)
        if app is None:
            app = apps[registration.client_id] = App(registration.client_id, self._world.ids.guid())
        if app.consent in (Consent.MISSING, Consent.DISABLED):
            app.token_from = now + self.options.consent_delay
        app.secrets, app.certificates = registration.secrets, registration.certificates
        app.consent, app.roles = Consent.GRANTED, registration.roles
        app.roles_from = now + self.options.roles_delay


def _back(query: Mapping[str, str], answer: Mapping[str, str]) -> Response:
    address = query["redirect_uri"]
    state = {"state": query["state"]} if "state" in query else {}
    return RedirectResponse(f"{address}{'&' if '?' in address else '?'}{urlencode({**answer, **state})}", 302)


def _denied(number: int, tenant: str = "") -> dict[str, str]:
    error = EntraError(number, tenant)
    return {"error": error.error, "error_description": error.message}


def _home(issued: IssuedCode) -> str:
    return issued.account.tenant_id


def _challenge(verifier: str) -> str:
    """RFC 7636 section 4.2, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).decode("ascii").rstrip("=")
