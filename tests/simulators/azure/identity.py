"""The endpoint that App Service gives an app for its managed identities: `IDENTITY_ENDPOINT`, `IDENTITY_HEADER`.

Microsoft documents it under "Use managed identities for App Service", REST endpoint reference, version 2019-08-01.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.simulators.common.counters import RequestLog
from tests.simulators.common.faults import FaultScript
from tests.simulators.common.middleware import FaultMiddleware

PATH = "/msi/token"
VERSION = "2019-08-01"
VAULT = "https://vault.azure.net"
EXCHANGE = "api://AzureADTokenExchange"


@dataclass(frozen=True, slots=True)
class Identity:
    """A managed identity; `principal` is its object id."""

    client_id: str = field(default_factory=lambda: str(uuid4()))
    principal: str = field(default_factory=lambda: str(uuid4()))


class IdentitySimulator:
    """One app with its identities: user-assigned ones by client id, and the system-assigned one.

    Tokens are JWTs, signed by a key of its own; `claims` reads one that it issued for a resource, as that resource
    would. `life` is how long they live.
    """

    def __init__(self, now: Callable[[], datetime], home: str | None = None) -> None:
        self._now = now
        self.issuer = f"https://login.microsoftonline.com/{home or uuid4()}/v2.0"
        self.header = secrets.token_hex(16)
        self.system = Identity()
        self.life = timedelta(hours=24)
        self.faults, self.requests = FaultScript(), RequestLog()
        self._identities: dict[str, Identity] = {}
        self.app: ASGIApp = FaultMiddleware(
            Starlette(routes=[Route(PATH, self._token, methods=["GET"])]),
            faults=self.faults,
            requests=self.requests,
            error_response=lambda status: _refusal(status, "The request failed."),
        )

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def public_key(self) -> str:
        """What its tokens are checked with, as PEM text."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")

    def add(self) -> Identity:
        """A user-assigned identity."""
        made = Identity()
        self._identities[made.client_id] = made
        return made

    def environment(self, url: str) -> dict[str, str]:
        """What the app finds in its environment, where the endpoint answers at `url`."""
        return {"IDENTITY_ENDPOINT": f"{url}{PATH}", "IDENTITY_HEADER": self.header}

    def claims(self, token: str, resource: str) -> dict[str, Any] | None:
        """The claims of a token for that resource; None for any other."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token, self._key.public_key(), ["RS256"], audience=resource, options={"verify_exp": False}
            )
        except jwt.InvalidTokenError:
            return None
        return claims if claims["exp"] > self._now().timestamp() else None

    async def _token(self, request: Request) -> Response:
        asked = request.query_params
        if not secrets.compare_digest(request.headers.get("X-IDENTITY-HEADER", ""), self.header):
            return _refusal(401, "The request is not authorized.")
        if asked.get("api-version") != VERSION or not asked.get("resource"):
            return _refusal(400, "The api-version or the resource is missing or unknown.")
        identity = self._identities.get(asked["client_id"]) if "client_id" in asked else self.system
        if identity is None:
            return _refusal(400, "No User Assigned or Delegated Managed Identity found for specified ClientId.")
        now = self._now()
        expires = int((now + self.life).timestamp())
        claims = {
            "aud": asked["resource"],
            "iss": self.issuer,
            "sub": identity.principal,
            "oid": identity.principal,
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": expires,
            "jti": str(uuid4()),
        }
        return JSONResponse(
            {
                "access_token": jwt.encode(claims, self._key, algorithm="RS256"),
                "expires_on": str(expires),
                "resource": asked["resource"],
                "token_type": "Bearer",
                "client_id": identity.client_id,
            }
        )


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"statusCode": status, "message": message, "correlationId": str(uuid4())}, status)
