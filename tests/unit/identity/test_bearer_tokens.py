"""Bearer tokens: whatever a stranger sends, it is a known caller or a refusal."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from jwt import PyJWK
from jwt.algorithms import ECAlgorithm

from core.adapters.identity.bearer import BearerCallers, Trust, caller_of
from core.errors import NotAuthenticated

KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC = PyJWK(ECAlgorithm.to_jwk(KEY.public_key(), as_dict=True), "ES256")
COMPANY, USER = "11111111-1111-4111-8111-111111111111", "aaaaaaaa-0000-4000-8000-000000000001"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)
)


class _OneKey:
    """A key set with one key, which fits every key id."""

    async def key(self, kid: str) -> PyJWK | None:
        return PUBLIC


CALLERS = BearerCallers(Trust("https://issuer.example", "us", ("ES256",)), _OneKey())  # type: ignore[arg-type]


def _ask(token: str) -> Any:
    return asyncio.run(CALLERS.caller(token))


def _encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_text(token: str) -> None:
    """Never a caller, never another failure."""
    with pytest.raises(NotAuthenticated):
        _ask(token)


@given(st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jku", "jwk"]), JSON), JSON)
def test_any_header_and_claims(header: dict[str, Any], claims: Any) -> None:
    """Never a caller without a signature, whatever the header says of itself."""
    with pytest.raises(NotAuthenticated):
        _ask(f"{_encoded(header)}.{_encoded(claims)}.{_encoded('signature')}")


@given(
    st.dictionaries(
        st.sampled_from(["iss", "aud", "exp", "nbf", "iat", "sub", "org", "roles", "jti"]),
        JSON | st.sampled_from(["https://issuer.example", "us", COMPANY, USER, 1e300, 10**400, 0]),
    )
)
def test_any_claims_that_are_signed(claims: dict[str, Any]) -> None:
    """Even the issuer's own strange tokens are a refusal, never a crash; none of these can be complete and in time."""
    head = f"{_encoded({'alg': 'ES256', 'kid': 'k'})}.{_encoded(claims)}"
    signature = ECAlgorithm(ECAlgorithm.SHA256).sign(head.encode(), KEY)
    token = f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    try:
        caller = _ask(token)
    except NotAuthenticated:
        return
    assert (caller.company, caller.user) in {(a, b) for a in (COMPANY, USER) for b in (COMPANY, USER)}


@pytest.mark.parametrize("header", [{"alg": "ES256", "kid": "k", "crit": ["exp"]}, {"alg": "es256", "kid": "k"}])
def test_a_header_that_asks_for_more(header: dict[str, Any]) -> None:
    """What must be understood and is not, refuses the token (RFC 7515, section 4.1.11)."""
    head = f"{_encoded(header)}.{_encoded({})}"
    with pytest.raises(NotAuthenticated):
        _ask(f"{head}.x")


def test_deeply_nested_json() -> None:
    """It is a refusal, not the end of the stack."""
    deep = base64.urlsafe_b64encode(b"[" * 4000).decode()
    with pytest.raises(NotAuthenticated):
        _ask(f"{deep}.{deep}.x")


@pytest.mark.parametrize(
    "claims",
    [
        {"org": COMPANY.replace("-", ""), "sub": USER},
        {"org": f"{{{COMPANY}}}", "sub": USER},
        {"org": COMPANY, "sub": f"urn:uuid:{USER}"},
        {"org": COMPANY, "sub": 5},
        {"org": COMPANY, "sub": USER, "roles": [1]},
        {"org": COMPANY, "sub": USER, "roles": {"admin": True}},
    ],
)
def test_claims_of_the_wrong_form(claims: dict[str, Any]) -> None:
    """A guid has one spelling here, and roles are a list of words."""
    with pytest.raises(NotAuthenticated, match="token_claims"):
        caller_of(claims)


def test_no_roles() -> None:
    """Whoever has none is a plain user; another role does not make an administrator."""
    assert not caller_of({"org": COMPANY, "sub": USER}).is_admin
    assert not caller_of({"org": COMPANY, "sub": USER, "roles": ["Admin", "administrator"]}).is_admin


def test_the_key_decides_the_algorithm() -> None:
    """Where two algorithms are pinned, a token of the other one is refused although it is pinned as well."""
    trust = Trust("https://issuer.example", "us", ("RS256", "ES256"))
    callers = BearerCallers(trust, _OneKey())  # type: ignore[arg-type]
    token = jwt.encode({"sub": USER}, "x" * 64, "HS256", headers={"kid": "k", "alg": "HS256"})
    forged = _encoded({"alg": "RS256", "kid": "k"}) + token[token.index(".") :]
    with pytest.raises(NotAuthenticated, match="token_algorithm"):
        asyncio.run(callers.caller(forged))
