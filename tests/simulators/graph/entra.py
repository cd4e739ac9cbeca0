"""Entra: discovery, keys and the token endpoint (facts/microsoft.md F1, F3)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Protocol
from urllib.parse import parse_qs

import jwt
from cryptography import x509
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .directory import App, Bearer, Consent, Federated, Tenant
from .entra_errors import EntraError
from .entra_federated import check
from .entra_signin import ORGANIZATIONS, Interactive
from .world import World

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_DEFAULT_SCOPE = re.compile(r"(https?://[^\s]+?)/?/\.default")
_SIGNING_SECRET = "the simulated authority signs with this and nobody checks it"


class Client(Protocol):
    """What an application proves itself with."""

    client_id: str
    secrets: set[str]
    certificates: list[str]
    federated: list[Federated]


class Entra:
    """The endpoints of all tenants."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.interactive = Interactive(world)

    async def configuration(self, request: Request) -> Response:
        """`GET /{tenant}/v2.0/.well-known/openid-configuration`; the tenant may be `organizations`."""
        tenant_id, base = request.path_params["tenant"], _base(request)
        if tenant_id != ORGANIZATIONS and tenant_id not in self._world.tenants:
            return self._refusal(EntraError(90002, tenant_id))
        root = f"{base}/{tenant_id}"
        return JSONResponse(
            {
                "token_endpoint": f"{root}/oauth2/v2.0/token",
                "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
                "jwks_uri": f"{root}/discovery/v2.0/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "issuer": f"{base}/{{tenantid}}/v2.0" if tenant_id == ORGANIZATIONS else f"{root}/v2.0",
                "tenant_region_scope": "EU",
                "cloud_instance_name": "microsoftonline.com",
            }
        )

    async def keys(self, request: Request) -> Response:
        """`GET /{tenant}/discovery/v2.0/keys`."""
        return JSONResponse(self.interactive.keys.jwks(f"{_base(request)}/{{tenantid}}/v2.0"))

    async def token(self, request: Request) -> Response:
        """`POST /{tenant}/oauth2/v2.0/token` with client credentials or an authorization code."""
        form = {name: values[-1] for name, values in parse_qs((await request.body()).decode("utf-8")).items()}
        tenant_id = request.path_params["tenant"]
        try:
            with self._world.lock:
                if form.get("grant_type") == "authorization_code":
                    return self._code(tenant_id, form, request)
                return self._client_credentials(tenant_id, form, str(request.url))
        except EntraError as error:
            return self._refusal(error)

    def issue(self, tenant: Tenant, app: App, audience: str) -> str:
        """A new access token with the roles of this moment."""
        world, now = self._world, self._world.now()
        expires = now + timedelta(seconds=world.options.token_seconds)
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{tenant.tenant_id}/",
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int(expires.timestamp()),
            "appid": app.client_id,
            "idtyp": "app",
            "oid": app.object_id,
            "tid": tenant.tenant_id,
            "uti": world.ids.guid(),
            "ver": "1.0",
        }
        granted = app.granted(now)
        if granted:
            claims["roles"] = list(granted)
        text = jwt.encode(claims, _SIGNING_SECRET, algorithm="HS256")
        world.bearers[text] = Bearer(tenant.tenant_id, app.client_id, expires, granted)
        return text

    def _code(self, tenant_id: str, form: dict[str, str], request: Request) -> Response:
        client_id = form.get("client_id", "")
        registration = self.interactive.directory.registrations.get(client_id)
        if registration is None:
            raise EntraError(700016, tenant_id, client_id)
        _authenticate(registration, tenant_id, form, str(request.url))
        return JSONResponse(self.interactive.redeem(tenant_id, form, _base(request)))

    def _client_credentials(self, tenant_id: str, form: dict[str, str], endpoint: str) -> Response:
        client_id = form.get("client_id", "")
        tenant = self._world.tenants.get(tenant_id)
        if tenant is None:
            raise EntraError(90002, tenant_id)
        if form.get("grant_type") != "client_credentials":
            raise EntraError(70003, tenant.tenant_id, client_id)
        app = tenant.apps.get(client_id)
        if app is None:
            raise EntraError(700016, tenant.tenant_id, client_id)
        _authenticate(app, tenant.tenant_id, form, endpoint)
        if app.token_from > self._world.now():
            raise EntraError(7000229, tenant.tenant_id, client_id)
        if app.consent in _NO_TOKEN:
            raise EntraError(_NO_TOKEN[app.consent], tenant.tenant_id, client_id)
        scope = _DEFAULT_SCOPE.fullmatch(form.get("scope", ""))
        if scope is None:
            raise EntraError(70011, tenant.tenant_id, client_id)
        lifetime = self._world.options.token_seconds
        body = {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime}
        return JSONResponse({**body, "access_token": self.issue(tenant, app, scope.group(1))})

    def _refusal(self, error: EntraError) -> Response:
        return error.response(self._world.ids.guid(), self._world.now())


_NO_TOKEN = {Consent.MISSING: 7000229, Consent.DISABLED: 7000112}


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _authenticate(app: Client, tenant_id: str, form: dict[str, str], endpoint: str) -> None:
    if form.get("client_assertion_type") == ASSERTION_TYPE:
        if app.federated and check(form.get("client_assertion", ""), app.federated, tenant_id, app.client_id):
            return
        if not any(_signed_by(pem, form.get("client_assertion", ""), app, endpoint) for pem in app.certificates):
            raise EntraError(700027, tenant_id, app.client_id)
    elif "client_secret" not in form:
        raise EntraError(7000218, tenant_id, app.client_id)
    elif form["client_secret"] not in app.secrets:
        raise EntraError(7000215, tenant_id, app.client_id)


def _signed_by(pem: str, assertion: str, app: Client, endpoint: str) -> bool:
    """Whether the assertion is this application's, for this endpoint, unexpired by the real clock (MSAL uses it)."""
    public_key = x509.load_pem_x509_certificate(pem.encode("ascii")).public_key()
    try:
        claims = jwt.decode(
            assertion,
            public_key,  # type: ignore[arg-type]
            algorithms=["RS256", "PS256"],
            audience=endpoint,
            issuer=app.client_id,
            options={"require": ["exp", "aud", "iss", "sub", "jti"]},
        )
    except jwt.InvalidTokenError:
        return False
    return bool(claims["sub"] == app.client_id)
