"""ID tokens: every check of id_tokens.validated, one token each."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from core.adapters.identity.id_tokens import Expected, validated
from core.adapters.identity.keyset import usable_keys
from core.errors import Stop
from core.model.consent import SignedIn

LOGIN, CLIENT, NONCE = "https://login.example", "client", "n-1"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TENANT, PERSON = "aaaaaaaa-0000-4000-8000-00000000000a", "bbbbbbbb-0000-4000-8000-00000000000b"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SECONDS = int(NOW.timestamp())
CLAIMS: dict[str, Any] = {
    "iss": f"{LOGIN}/{TENANT}/v2.0",
    "aud": CLIENT,
    "tid": TENANT,
    "oid": PERSON,
    "wids": ["ROLE", 7],
    "preferred_username": "root@acme.example",
    "nonce": NONCE,
    "iat": SECONDS,
    "nbf": SECONDS,
    "exp": SECONDS + 3600,
}


class Keys:
    """The published keys."""

    async def key(self, kid: str) -> Any:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        return usable_keys(json.dumps({"keys": [{**public, "kid": "k1", "use": "sig"}]}).encode(), ("RS256",)).get(kid)


async def read(*, kid: str = "k1", **changes: Any) -> SignedIn:
    """The token with some claims changed, None leaving one out."""
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    token = jwt.encode(claims, KEY, "RS256", headers={"kid": kid})
    return await validated(token, Keys(), Expected(LOGIN, CLIENT, NONCE, NOW))  # type: ignore[arg-type]


async def test_a_good_token() -> None:
    """Tenant, person and roles in lower case; what is not a role is left out."""
    assert await read() == SignedIn(TENANT, PERSON, frozenset({"role"}), "root@acme.example")
    assert await read(tid=TENANT.upper(), wids=None, preferred_username=5) == SignedIn(TENANT, PERSON, frozenset())


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"iss": f"https://evil.example/{TENANT}/v2.0"}, "iss"),
        ({"iss": f"{LOGIN}/{PERSON}/v2.0"}, "iss"),
        ({"iss": f"{LOGIN}/{TENANT}/"}, "iss"),
        ({"iss": None}, "MissingRequiredClaimError"),
        ({"aud": "another"}, "InvalidAudienceError"),
        ({"aud": [CLIENT, "another"]}, "InvalidAudienceError"),
        ({"aud": None}, "MissingRequiredClaimError"),
        ({"nonce": "n-2"}, "nonce"),
        ({"nonce": 1}, "nonce"),
        ({"nonce": None}, "MissingRequiredClaimError"),
        ({"exp": SECONDS - 61}, "exp"),
        ({"exp": None}, "MissingRequiredClaimError"),
        ({"exp": "soon"}, "exp"),
        ({"iat": SECONDS + 61}, "nbf"),
        ({"nbf": SECONDS + 61}, "nbf"),
        ({"tid": "common"}, "tid"),
        ({"tid": None}, "MissingRequiredClaimError"),
        ({"oid": "../x"}, "tid"),
        ({"wids": "role"}, "wids"),
        ({"kid": "k2"}, "kid"),
    ],
)
async def test_a_token_that_is_not_believed(changes: dict[str, Any], check: str) -> None:
    """Each for its own reason, which is told without any value of the token."""
    with pytest.raises(Stop) as stopped:
        await read(**changes)
    assert (stopped.value.code, stopped.value.detail) == ("sign_in_invalid", check)


async def test_clocks_differ_a_little() -> None:
    """A minute either way is allowed."""
    assert (await read(exp=SECONDS - 59)).tenant == TENANT
    assert (await read(iat=SECONDS + 59, nbf=SECONDS + 59)).tenant == TENANT


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 20_000, "é.é.é"])
async def test_what_is_no_token(token: str) -> None:
    """It is refused like a bad one."""
    with pytest.raises(Stop, match="sign_in_invalid"):
        await validated(token, Keys(), Expected(LOGIN, CLIENT, NONCE, NOW))  # type: ignore[arg-type]
