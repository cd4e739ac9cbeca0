"""ID tokens of Entra, validated (OpenID Connect Core 1.0 section 3.1.3.7; facts/microsoft.md F1).

MSAL decodes ID tokens and leaves validating to the application (msal 1.39, oauth2cli/oidc.py `_obtain_token`).
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
from jwt.exceptions import PyJWTError

from core.adapters.identity.keyset import KeySet
from core.errors import Stop
from core.model.consent import SignedIn

ALGORITHM = "RS256"
SKEW_SECONDS = 60
LONGEST = 16_384
REQUIRED = ("iss", "aud", "exp", "iat", "nonce", "tid", "oid")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOT_OURS = (PyJWTError, ValueError, TypeError, ArithmeticError, RecursionError)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say: whose login issued it, for which application, in answer to which request, and when."""

    login: str
    client_id: str
    nonce: str
    now: datetime


async def validated(token: str, keys: KeySet, expected: Expected) -> SignedIn:
    """Who signed in. Raises Stop("sign_in_invalid") with the check that failed, RetryLater without Entra's keys."""
    claims = _claims(token, await keys.key(_kid(token)), expected.client_id)
    _check_time(claims, expected.now.timestamp())
    if not hmac.compare_digest(_text(claims, "nonce"), expected.nonce):
        raise _invalid("nonce")
    tenant, person = _text(claims, "tid").lower(), _text(claims, "oid").lower()
    if not _GUID.fullmatch(tenant) or not _GUID.fullmatch(person):
        raise _invalid("tid")
    if _text(claims, "iss") != f"{expected.login}/{tenant}/v2.0":
        raise _invalid("iss")
    roles = claims.get("wids", [])
    if not isinstance(roles, list):
        raise _invalid("wids")
    shown = claims.get("preferred_username", "")
    known = frozenset(role.lower() for role in roles if isinstance(role, str))
    return SignedIn(tenant, person, known, shown if isinstance(shown, str) else "")


def _kid(token: str) -> str:
    if len(token) > LONGEST:
        raise _invalid("length")
    try:
        header = jwt.get_unverified_header(token)
    except _NOT_OURS as error:
        raise _invalid("header") from error
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise _invalid("kid")
    return kid


def _claims(token: str, key: jwt.PyJWK | None, client_id: str) -> Mapping[str, Any]:
    """Signature and audience; the key, too, knows its one algorithm. Times are looked at by our own clock."""
    if key is None:
        raise _invalid("kid")
    options: Any = {
        "require": list(REQUIRED),
        "strict_aud": True,
        "verify_exp": False,
        "verify_nbf": False,
        "verify_iat": False,
    }
    try:
        return jwt.decode(token, key, algorithms=[ALGORITHM], audience=client_id, options=options)
    except _NOT_OURS as error:
        raise _invalid(type(error).__name__) from error


def _check_time(claims: Mapping[str, Any], now: float) -> None:
    """`exp` is past this moment, `iat` and `nbf` are not, with a minute's allowance for clocks."""
    expires, begins = claims["exp"], max(claims["iat"], claims.get("nbf", claims["iat"]))
    if not isinstance(expires, int) or not isinstance(begins, int):
        raise _invalid("exp")
    if expires <= now - SKEW_SECONDS:
        raise _invalid("exp")
    if begins > now + SKEW_SECONDS:
        raise _invalid("nbf")


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims[name]
    if not isinstance(value, str):
        raise _invalid(name)
    return value


def _invalid(check: str) -> Stop:
    return Stop("sign_in_invalid", check)
