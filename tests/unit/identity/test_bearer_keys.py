"""The issuer's keys: read once, kept for a while, read anew when they rotate, never more often than that."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from core.adapters.identity.bearer import BearerCallers, Trust
from core.adapters.identity.keyset import FRESH, GOOD, PAUSE, KeySet, usable_keys
from core.adapters.memory.undetermined import ManualClock
from core.errors import NotAuthenticated, RetryLater
from core.model.caller import Caller
from core.model.ids import CompanyId, UserId
from infra.local.issuer import Issuer

COMPANY = "11111111-1111-4111-8111-111111111111"
USER = "aaaaaaaa-0000-4000-8000-000000000001"
START = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    """An issuer of its own for each test; its keys are quick to make."""
    with Issuer(algorithm="ES256") as running:
        yield running


def _keys(issuer: Issuer, clock: ManualClock | None = None) -> KeySet:
    return KeySet(f"{issuer.url}/jwks.json", (issuer.algorithm,), clock or ManualClock(START))


def _callers(issuer: Issuer, keys: KeySet) -> BearerCallers:
    return BearerCallers(Trust(issuer.url, issuer.audience, (issuer.algorithm,)), keys)


async def test_many_callers(issuer: Issuer) -> None:
    """The keys are read once for all of them."""
    callers = _callers(issuer, _keys(issuer))
    for _ in range(5):
        assert await callers.caller(issuer.token(COMPANY, USER)) == Caller(CompanyId(COMPANY), UserId(USER))
    assert issuer.requests == 1


async def test_guids_in_capitals(issuer: Issuer) -> None:
    """Rows are kept under one spelling, whichever the issuer uses."""
    caller = await _callers(issuer, _keys(issuer)).caller(issuer.token(COMPANY, USER.upper(), admin=True))
    assert caller == Caller(CompanyId(COMPANY), UserId(USER), is_admin=True)


async def test_the_issuer_signs_with_a_new_key(issuer: Issuer) -> None:
    """A key id that is not known makes the keys be read anew, at once."""
    clock = ManualClock(START)
    callers = _callers(issuer, _keys(issuer, clock))
    await callers.caller(issuer.token(COMPANY, USER))
    clock.advance(PAUSE)
    issuer.rotate(keep=True)
    await callers.caller(issuer.token(COMPANY, USER))
    assert issuer.requests == 2


async def test_somebody_invents_key_ids(issuer: Issuer) -> None:
    """Invented ids cost the issuer one request per pause, and those who are known are served meanwhile."""
    clock = ManualClock(START)
    callers = _callers(issuer, _keys(issuer, clock))
    await callers.caller(issuer.token(COMPANY, USER))
    clock.advance(PAUSE)
    for number in range(50):
        with pytest.raises(NotAuthenticated, match="token_key_unknown"):
            await callers.caller(issuer.token(COMPANY, USER, kid=f"made-up-{number}"))
    await callers.caller(issuer.token(COMPANY, USER))
    assert issuer.requests == 2


async def test_a_key_was_withdrawn(issuer: Issuer) -> None:
    """A token signed with it is refused once the keys have been read anew, ten minutes later at most."""
    clock = ManualClock(START)
    callers = _callers(issuer, _keys(issuer, clock))
    token = issuer.token(COMPANY, USER)
    await callers.caller(token)
    issuer.rotate()
    clock.advance(FRESH)
    with pytest.raises(NotAuthenticated, match="token_key_unknown"):
        await callers.caller(token)


async def test_the_issuer_is_away_for_a_while(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last keys serve on, for a day; then nobody comes in, and nobody is called a liar."""
    clock = ManualClock(START)
    keys = _keys(issuer, clock)
    callers = _callers(issuer, keys)
    token = issuer.token(COMPANY, USER)
    await callers.caller(token)

    async def fail() -> dict[str, Any]:
        raise RetryLater("jwks_unreachable")

    monkeypatch.setattr(keys, "_read", fail)
    clock.advance(FRESH)
    await callers.caller(token)
    clock.advance(GOOD)
    with pytest.raises(RetryLater, match="jwks_unreachable"):
        await callers.caller(token)
    with pytest.raises(RetryLater) as again:  # the pause: the issuer is not asked a second time
        await callers.caller(token)
    assert again.value.after == PAUSE.total_seconds()


async def test_an_issuer_that_nobody_reaches() -> None:
    """RetryLater, not a refusal."""
    with Issuer(algorithm="ES256") as gone:
        token = gone.token(COMPANY, USER)
        callers = _callers(gone, _keys(gone))
    with pytest.raises(RetryLater, match="jwks_unreachable: ConnectError"):
        await callers.caller(token)


async def test_an_address_without_keys(issuer: Issuer) -> None:
    """404 is no key set."""
    with pytest.raises(RetryLater, match="jwks_unreachable: 404"):
        await KeySet(f"{issuer.url}/nothing", ("ES256",), ManualClock(START)).key("x")


async def test_a_key_set_without_end(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more of it is read than any issuer needs."""
    monkeypatch.setattr(issuer, "jwks", lambda: {"keys": [], "padding": "x" * 70_000})
    with pytest.raises(RetryLater, match="jwks_malformed: too long"):
        await _keys(issuer).key("x")


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"keys": 1}', b"<html>", b"[" * 5000])
def test_something_that_is_no_key_set(body: bytes) -> None:
    """It is tried again later, whatever it is."""
    with pytest.raises(RetryLater, match="jwks_malformed"):
        usable_keys(body, ("RS256",))


def _entry(key: Any, **members: Any) -> dict[str, Any]:
    kind = RSAAlgorithm if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey) else ECAlgorithm
    return {"kid": "k", **kind.to_jwk(key, as_dict=True), **members}


def test_keys_that_are_of_no_use() -> None:
    """Symmetric, private, for encryption, of another algorithm, too short, of another curve, nameless, broken: none."""
    private = rsa.generate_private_key(65537, 2048)
    good = _entry(private.public_key())
    entries = [
        {"kid": "k", "kty": "oct", "k": "c2VjcmV0"},
        _entry(private),
        good | {"use": "enc"},
        good | {"alg": "RS512"},
        good | {"kid": 7},
        good | {"kid": ""},
        good | {"n": "!"},
        {"kid": "k", "kty": "RSA"},
        _entry(rsa.generate_private_key(65537, 1024).public_key()),  # noqa: S505 - that is the point
        _entry(ec.generate_private_key(ec.SECP384R1()).public_key()),
        "no object",
    ]
    for entry in entries:
        assert usable_keys(json.dumps({"keys": [entry]}).encode(), ("RS256", "ES256")) == {}
    assert list(usable_keys(json.dumps({"keys": [*entries, good]}).encode(), ("RS256",))) == ["k"]
    assert usable_keys(json.dumps({"keys": [good]}).encode(), ("ES256",)) == {}
