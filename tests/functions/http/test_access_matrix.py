"""Every call by every kind of caller, with the exact status (design.md section 9)."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from functions.calls.table import CALLS
from infra.local.issuer import Issuer
from tests.functions.http.desk import OTHER_COMPANY, STRANGER, Desk
from tests.support.stage import ANNA, BERT, COMPANY

ACTIVITY = "dddddddd-0000-4000-8000-000000000004"
PLACES = {"{guid}": ACTIVITY, "{line}": "20261124T100000000000Z-line", "{hold}": "delete-hold"}
NOW = int(time.time())


def _segment(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _claims(issuer: Issuer) -> dict[str, Any]:
    good = {"iss": issuer.url, "aud": issuer.audience, "nbf": NOW - 5, "exp": NOW + 86400}
    return good | {"sub": ANNA, "org": COMPANY, "roles": ["admin"]}


def _without_signature(issuer: Issuer) -> str:
    return f"{_segment({'alg': 'none', 'kid': issuer.kid})}.{_segment(_claims(issuer))}."


def _key_confusion(issuer: Issuer) -> str:
    """HS256 with the public key, which everybody knows, as the shared secret (CVE-2016-10555)."""
    public = issuer.keys[issuer.kid].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = f"{_segment({'alg': 'HS256', 'kid': issuer.kid})}.{_segment(_claims(issuer))}"
    return f"{head}.{_segment(hmac.digest(public, head.encode(), hashlib.sha256))}"


@functools.cache
def _stranger() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _foreign_key(issuer: Issuer, kid: str) -> str:
    return jwt.encode(_claims(issuer), _stranger(), "RS256", headers={"kid": kid})


def _changed_payload(issuer: Issuer) -> str:
    head, payload, signature = issuer.token(COMPANY, ANNA).split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    return f"{head}.{_segment(claims | {'roles': ['admin']})}.{signature}"


def _with(**claims: Any) -> Callable[[Issuer], str]:
    return lambda issuer: issuer.token(COMPANY, ANNA, admin=True, claims=claims)


REFUSED: dict[str, Callable[[Issuer], str] | None] = {
    "no token": None,
    "one dot": lambda _: ".",
    "not a token": lambda _: "a.b.c",
    "expired": _with(exp=NOW - 61),
    "not yet valid": _with(nbf=NOW + 3600),
    "wrong issuer": _with(iss="https://somebody.example"),
    "wrong audience": _with(aud="another-service"),
    "no expiry": _with(exp=None),
    "no beginning": _with(nbf=None),
    "no audience": _with(aud=None),
    "no company": _with(org=None),
    "no user": _with(sub=None),
    "a company that is no guid": _with(org="everybody"),
    "roles that are no list": _with(roles="admin"),
    "alg none": _without_signature,
    "HS256 with the public key": _key_confusion,
    "unknown key id": lambda issuer: _foreign_key(issuer, "0000000000000000"),
    "known key id, another key": lambda issuer: _foreign_key(issuer, issuer.kid),
    "claims changed after signing": _changed_payload,
    "too long": lambda _: "x" * 9000,
}
USER, ADMIN = "a plain user", "an administrator"
ANOTHER = "another user"
ELSEWHERE, ELSEWHERE_ADMIN = "a user of another company", "an administrator of another company"
KNOWN: dict[str, tuple[str, str, bool]] = {
    USER: (COMPANY, ANNA, False),
    ADMIN: (COMPANY, ANNA, True),
    ANOTHER: (COMPANY, BERT, False),
    ELSEWHERE: (OTHER_COMPANY, STRANGER, False),
    ELSEWHERE_ADMIN: (OTHER_COMPANY, STRANGER, True),
}
ONLY_ADMINS = {USER: 403, ANOTHER: 403, ELSEWHERE: 403}
EXPECTED: dict[str, dict[str, int]] = {
    "readsettings": ONLY_ADMINS | {ADMIN: 200, ELSEWHERE_ADMIN: 200},
    "savesettings": ONLY_ADMINS | {ADMIN: 200, ELSEWHERE_ADMIN: 412},
    "switchcompany": ONLY_ADMINS | {ADMIN: 200, ELSEWHERE_ADMIN: 409},
    "activitytypes": ONLY_ADMINS | {ADMIN: 200, ELSEWHERE_ADMIN: 409},
    "testconnection": ONLY_ADMINS | {ADMIN: 200, ELSEWHERE_ADMIN: 200},
    "beginconsent": ONLY_ADMINS | {ADMIN: 200, ELSEWHERE_ADMIN: 200},
    "delegatescript": ONLY_ADMINS | {ADMIN: 200, ELSEWHERE_ADMIN: 200},
    "removecompany": ONLY_ADMINS | {ADMIN: 200, ELSEWHERE_ADMIN: 200},
    "companystatus": ONLY_ADMINS | {ADMIN: 200, ELSEWHERE_ADMIN: 200},
    "readownsync": dict.fromkeys(KNOWN, 200),
    "switchownsync": {USER: 200, ADMIN: 200, ANOTHER: 200, ELSEWHERE: 409, ELSEWHERE_ADMIN: 409},
    "resync": {USER: 202, ADMIN: 202, ANOTHER: 202, ELSEWHERE: 409, ELSEWHERE_ADMIN: 409},
    "readhistory": dict.fromkeys(KNOWN, 200),
    "undo": dict.fromkeys(KNOWN, 404) | {ELSEWHERE: 409, ELSEWHERE_ADMIN: 409},
    "preview": {USER: 200, ADMIN: 200, ANOTHER: 200, ELSEWHERE: 409, ELSEWHERE_ADMIN: 409},
    "readholds": dict.fromkeys(KNOWN, 200),
    "releasehold": {USER: 200, ADMIN: 200, ANOTHER: 200, ELSEWHERE: 409, ELSEWHERE_ADMIN: 409},
    "discardhold": {USER: 200, ADMIN: 200, ANOTHER: 200, ELSEWHERE: 409, ELSEWHERE_ADMIN: 409},
    "presence": dict.fromkeys(KNOWN, 204),
    "activitychanged": dict.fromkeys(KNOWN, 204),
    "openapi": dict.fromkeys(KNOWN, 200),
}
BODIES = {"switchcompany": {"enabled": True}, "switchownsync": {"on": True}, "beginconsent": {}}
QUERIES = {"delegatescript": "?release=2010"}


def _path(path: str) -> str:
    for place, value in PLACES.items():
        path = path.replace(place, value)
    return path


async def _status(desk: Desk, name: str, token: str | None) -> int:
    operation = CALLS[name]
    body, headers = BODIES.get(name), {}
    if name == "savesettings":
        body, headers["If_Match"] = await desk.settings_body()
    path = _path(operation.path) + QUERIES.get(name, "")
    answer = await desk.call(operation.method, path, token, body, **headers)
    if answer.status_code >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
    return answer.status_code


def test_the_matrix_is_complete() -> None:
    """No call is without its row, and no row without a column."""
    assert set(EXPECTED) == set(CALLS)
    assert all(set(row) == set(KNOWN) for row in EXPECTED.values())


@pytest.mark.parametrize("name", sorted(EXPECTED))
async def test_a_token_that_proves_nothing(desk: Desk, name: str) -> None:
    """Whatever is wrong with a token: 401, and nothing happens; only the contract is for anyone."""
    before = await desk.stage.ports.companies.settings(COMPANY)
    expected = 200 if name == "openapi" else 401
    found = {case: await _status(desk, name, make(desk.issuer) if make else None) for case, make in REFUSED.items()}
    assert found == dict.fromkeys(REFUSED, expected)
    assert await desk.stage.ports.companies.settings(COMPANY) == before


@pytest.mark.parametrize("name", sorted(EXPECTED))
async def test_a_caller_who_is_known(desk: Desk, name: str) -> None:
    """Each caller gets what the matrix says, to the digit."""
    found = {}
    for who, (company, user, is_admin) in KNOWN.items():
        found[who] = await _status(desk, name, desk.issuer.token(company, user, admin=is_admin))
    assert found == EXPECTED[name]


async def test_the_clock_of_the_issuer_is_a_little_off(desk: Desk) -> None:
    """A minute of skew is forgiven, in both directions."""
    now = int(time.time())
    for claims in ({"exp": now - 30, "nbf": now - 600}, {"nbf": now + 40, "iat": now + 40}):
        answer = await desk.call("GET", "me/sync", desk.token(**claims))
        assert answer.status_code == 200


async def test_another_company_calls(desk: Desk) -> None:
    """Nothing of this company is shown to it, and nothing that it does reaches this company."""
    await desk.stage.change_settings(severa_client_id="only-ours", tenant="77777777-7777-4777-8777-777777777777")
    settings = await desk.stage.ports.companies.settings(COMPANY)
    head = await desk.stage.ports.pairs.head(desk.stage.pair)
    token = desk.token(ANNA, admin=True, company=OTHER_COMPANY)  # the same user id, even
    for name in sorted(CALLS):
        operation = CALLS[name]
        answer = await desk.call(operation.method, _path(operation.path), token, BODIES.get(name), If_Match="*")
        assert "only-ours" not in answer.text
        assert "77777777" not in answer.text
    body, _ = await desk.settings_body()
    assert (await desk.call("PUT", "settings", token, body, If_Match="*")).status_code == 200
    assert (await desk.call("PUT", "settings/enabled", token, {"enabled": False})).status_code == 200
    assert await desk.stage.ports.companies.settings(COMPANY) == settings
    assert await desk.stage.ports.pairs.head(desk.stage.pair) == head


async def test_an_administrator_and_the_switch_of_somebody_else(desk: Desk) -> None:
    """A user's own switch is moved by that user only (R2): there is no way to name another one."""
    token = desk.token(BERT, admin=True)
    await desk.call("PUT", "me/sync", token, {"on": False})
    assert (await desk.stage.ports.pairs.head(desk.stage.pair)).switch.on
    answer = await desk.call("PUT", "me/sync", token, {"on": False, "user": ANNA})
    assert answer.status_code == 422
