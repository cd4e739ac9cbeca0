"""The front end's bearer tokens: JWT (RFC 7519) of one issuer for one audience, checked by RFC 8725's rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import jwt
from jwt.exceptions import ExpiredSignatureError, ImmatureSignatureError, PyJWTError

from core.adapters.identity.keyset import KeySet
from core.errors import NotAuthenticated
from core.model.caller import Caller
from core.model.ids import CompanyId, UserId

SKEW_SECONDS = 60
LONGEST = 8192
REQUIRED = ("iss", "aud", "exp", "nbf", "sub", "org")
ADMIN = "admin"
_NOT_OURS = (PyJWTError, ValueError, TypeError, ArithmeticError, RecursionError)
"""What reading a stranger's bytes can end in; none of it is told to anybody."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose tokens count, and by which algorithms (pinned: what a token's own header says never decides)."""

    issuer: str
    audience: str
    algorithms: tuple[str, ...] = ("RS256",)


class BearerCallers:
    """Callers (core/usecases/access.py) by PyJWT and the issuer's published keys."""

    def __init__(self, trust: Trust, keys: KeySet) -> None:
        self._trust, self._keys = trust, keys

    async def caller(self, token: str) -> Caller:
        """See Callers.caller. The code of NotAuthenticated says why, for the log."""
        if len(token) > LONGEST:
            raise NotAuthenticated("token_too_long")
        kid, algorithm = _header(token)
        if algorithm not in self._trust.algorithms:
            raise NotAuthenticated("token_algorithm")
        key = await self._keys.key(kid)
        if key is None:
            raise NotAuthenticated("token_key_unknown")
        if key.algorithm_name != algorithm:
            raise NotAuthenticated("token_algorithm")
        return caller_of(self._claims(token, key, algorithm))

    def _claims(self, token: str, key: jwt.PyJWK, algorithm: str) -> Mapping[str, Any]:
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=self._trust.issuer,
                audience=self._trust.audience,
                leeway=SKEW_SECONDS,
                options={"require": list(REQUIRED)},
            )
        except ExpiredSignatureError as error:
            raise NotAuthenticated("token_expired") from error
        except ImmatureSignatureError as error:
            raise NotAuthenticated("token_not_yet_valid") from error
        except _NOT_OURS as error:
            raise NotAuthenticated("token_refused", type(error).__name__) from error


def _header(token: str) -> tuple[str, str]:
    """Key id and algorithm, as the token claims; nothing is proven yet."""
    try:
        header = jwt.get_unverified_header(token)
        kid, algorithm = header.get("kid"), header.get("alg")
    except _NOT_OURS as error:
        raise NotAuthenticated("token_malformed", type(error).__name__) from error
    if not isinstance(kid, str) or not isinstance(algorithm, str):
        raise NotAuthenticated("token_malformed")
    return kid, algorithm


def caller_of(claims: Mapping[str, Any]) -> Caller:
    """Who the claims name: `org` and `sub` are guids, `roles` a list of words. Raises NotAuthenticated."""
    roles = claims.get("roles", [])
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise NotAuthenticated("token_claims", "roles")
    company, user = (_guid(claims.get(name), name) for name in ("org", "sub"))
    return Caller(CompanyId(company), UserId(user), ADMIN in roles)


def _guid(value: object, name: str) -> str:
    """The guid in the one spelling that rows are kept under."""
    try:
        guid = str(UUID(value)) if isinstance(value, str) else ""
    except ValueError:
        guid = ""
    if not guid or guid != str(value).lower():
        raise NotAuthenticated("token_claims", name)
    return guid
