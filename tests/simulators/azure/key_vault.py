"""A Key Vault's secrets: versions, soft deletion, and the challenge that tells a client where to get its token.

Microsoft documents it in the Key Vault REST reference (secrets) and under "Authentication, requests and responses".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.simulators.common.counters import RequestLog
from tests.simulators.common.faults import FaultScript
from tests.simulators.common.middleware import FaultMiddleware

from .identity import VAULT, IdentitySimulator

RETENTION_DAYS = 90
MOST_BYTES = 25_600


@dataclass(slots=True)
class _Secret:
    """A name with its versions, newest last. `moving` answers more say that a deletion or recovery is under way."""

    versions: list[tuple[str, str, datetime]] = field(default_factory=list)
    deleted: datetime | None = None
    moving: int = 0


class KeyVaultSimulator:
    """Secrets for those whom `allow` names, with tokens of the identity simulator.

    Soft deletion is on and purge protection too, as they should be: a removed name is taken until it is recovered.
    `lag` is how many answers a deletion and a recovery take. `secrets` are the newest values by name, removed ones
    not among them; `resource` is what the challenge asks a token for.
    """

    def __init__(self, now: Callable[[], datetime], identities: IdentitySimulator) -> None:
        self._now, self._identities = now, identities
        self._allowed: set[str] = set()
        self._held: dict[str, _Secret] = {}
        self.lag = 0
        self.resource = VAULT
        self.faults, self.requests = FaultScript(), RequestLog()
        routes = [
            Route("/secrets/{name}", self._served(self._put), methods=["PUT"]),
            Route("/secrets/{name}", self._served(self._delete), methods=["DELETE"]),
            Route("/secrets/{name}/", self._served(self._get), methods=["GET"]),
            Route("/secrets/{name}/{version}", self._served(self._get), methods=["GET"]),
            Route("/deletedsecrets/{name}", self._served(self._get_deleted), methods=["GET"]),
            Route("/deletedsecrets/{name}/recover", self._served(self._recover), methods=["POST"]),
        ]
        self.app: ASGIApp = FaultMiddleware(
            Starlette(routes=routes),
            faults=self.faults,
            requests=self.requests,
            error_response=lambda status: _refusal(status, "InternalServerError", ""),
        )

    # --- the vault's administrator ------------------------------------------------------------------------------------
    def allow(self, principal: str) -> None:
        """Give the role Key Vault Secrets Officer."""
        self._allowed.add(principal)

    def refuse(self, principal: str) -> None:
        """Take it back."""
        self._allowed.discard(principal)

    @property
    def secrets(self) -> dict[str, str]:
        """The newest values."""
        return {name: held.versions[-1][1] for name, held in self._held.items() if held.deleted is None}

    def versions(self, name: str) -> list[str]:
        """Every version's value, oldest first, also of a removed secret."""
        return [value for _, value, _ in self._held[name].versions]

    def write(self, name: str, value: str) -> None:
        """A new version by somebody else's hand."""
        self._held.setdefault(name.lower(), _Secret()).versions.append((uuid4().hex, value, self._now()))

    # --- requests -----------------------------------------------------------------------------------------------------
    def _served(self, handler: Callable[[Request, str, bytes], Response]) -> Callable[[Request], Any]:
        async def serve(request: Request) -> Response:
            body = await request.body()
            refused = self._unauthorized(request)
            return refused or handler(request, request.path_params["name"].lower(), body)

        return serve

    def _unauthorized(self, request: Request) -> Response | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        claims = self._identities.claims(token, VAULT) if scheme == "Bearer" else None
        if claims is None:
            answer = _refusal(401, "Unauthorized", "")
            authority = self._identities.issuer.removesuffix("/v2.0")
            answer.headers["WWW-Authenticate"] = f'Bearer authorization="{authority}", resource="{self.resource}"'
            return answer
        if claims["oid"] not in self._allowed:
            return _refusal(403, "Forbidden", "ForbiddenByRbac")
        if not request.query_params.get("api-version"):
            return _refusal(400, "BadParameter", "")
        return None

    def _put(self, request: Request, name: str, body: bytes) -> Response:
        value = json.loads(body).get("value")
        if not isinstance(value, str) or len(value.encode()) > MOST_BYTES:
            return _refusal(400, "BadParameter", "")
        held = self._held.setdefault(name, _Secret())
        if held.deleted is not None or held.moving:
            return _refusal(409, "Conflict", "ObjectIsBeingDeleted" if held.moving else "ObjectIsDeletedButRecoverable")
        held.versions.append((uuid4().hex, value, self._now()))
        return JSONResponse(self._bundle(request, name, held, -1))

    def _get(self, request: Request, name: str, _: bytes) -> Response:
        held, version = self._held.get(name), request.path_params.get("version", "")
        if held is None or held.deleted is not None or self._is_moving(held):
            return _refusal(404, "SecretNotFound", "")
        for number, (known, _value, _at) in enumerate(held.versions):
            if version == known:
                return JSONResponse(self._bundle(request, name, held, number))
        return _refusal(404, "SecretNotFound", "") if version else JSONResponse(self._bundle(request, name, held, -1))

    def _delete(self, request: Request, name: str, _: bytes) -> Response:
        held = self._held.get(name)
        if held is None or held.deleted is not None or held.moving:
            return _refusal(404, "SecretNotFound", "")
        held.deleted, held.moving = self._now(), self.lag
        return JSONResponse(self._deleted_bundle(request, name, held))

    def _get_deleted(self, request: Request, name: str, _: bytes) -> Response:
        held = self._held.get(name)
        if held is None or held.deleted is None or self._is_moving(held):
            return _refusal(404, "SecretNotFound", "")
        return JSONResponse(self._deleted_bundle(request, name, held))

    def _recover(self, request: Request, name: str, _: bytes) -> Response:
        held = self._held.get(name)
        if held is None or held.deleted is None:
            return _refusal(404, "SecretNotFound", "")
        if held.moving:
            return _refusal(409, "Conflict", "ObjectIsBeingDeleted")
        held.deleted, held.moving = None, self.lag
        bundle = self._bundle(request, name, held, -1)
        return JSONResponse({key: bundle[key] for key in bundle if key != "value"})

    # --- within -------------------------------------------------------------------------------------------------------
    @staticmethod
    def _is_moving(held: _Secret) -> bool:
        moving = held.moving > 0
        held.moving = max(0, held.moving - 1)
        return moving

    @staticmethod
    def _bundle(request: Request, name: str, held: _Secret, number: int) -> dict[str, Any]:
        version, value, at = held.versions[number]
        stamp = int(at.timestamp())
        attributes = {"enabled": True, "created": stamp, "updated": stamp, "recoveryLevel": "Recoverable"}
        return {"value": value, "id": f"{_base(request)}/secrets/{name}/{version}", "attributes": attributes}

    def _deleted_bundle(self, request: Request, name: str, held: _Secret) -> dict[str, Any]:
        deleted = held.deleted or self._now()
        bundle = self._bundle(request, name, held, -1)
        return {key: bundle[key] for key in bundle if key != "value"} | {
            "recoveryId": f"{_base(request)}/deletedsecrets/{name}",
            "deletedDate": int(deleted.timestamp()),
            "scheduledPurgeDate": int((deleted + timedelta(days=RETENTION_DAYS)).timestamp()),
        }


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _refusal(status: int, code: str, inner: str) -> Response:
    error: dict[str, Any] = {"code": code, "message": f"{code}."}
    if inner:
        error["innererror"] = {"code": inner}
    return JSONResponse({"error": error}, status)
