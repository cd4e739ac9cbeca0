"""Entra's signing keys, its JWKS and the ID tokens that they sign."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .entra_accounts import Account, EntraOptions, IssuedCode, Registration, Signature
from .world import World


class SigningKeys:
    """The keys that are published; the newest one signs."""

    def __init__(self) -> None:
        self._newest = 0

    def rotate(self) -> None:
        """Publish a new key and sign with it; the one before stays published, older ones do not."""
        self._newest += 1

    def jwks(self, issuer: str) -> dict[str, Any]:
        """The document at `jwks_uri`. Entra says of each key whose tokens it signs; all tenants' here."""
        numbers = range(max(0, self._newest - 1), self._newest + 1)
        return {"keys": [{**_public(number), "issuer": issuer} for number in numbers]}

    def sign(self, claims: dict[str, Any], how: Signature) -> str:
        """A JWT."""
        headers = {"kid": _kid(self._newest)}
        match how:
            case Signature.OWN:
                return jwt.encode(claims, _private(self._newest), algorithm="RS256", headers=headers)
            case Signature.FOREIGN:
                return jwt.encode(claims, _private(-1), algorithm="RS256", headers=headers)
            case Signature.NONE:
                return jwt.encode(claims, "", algorithm="none", headers=headers)
            case Signature.CONFUSED:
                return _confused(claims, headers, _private(self._newest))


def id_claims(
    world: World, options: EntraOptions, registration: Registration, code: IssuedCode, base: str
) -> dict[str, Any]:
    """The claims of an ID token, version 2.0."""
    account, now = code.account, int(world.now().timestamp())
    claims: dict[str, Any] = {
        "ver": "2.0",
        "iss": f"{base}/{account.tenant_id}/v2.0",
        "aud": registration.client_id,
        "tid": account.tenant_id,
        "oid": account.object_id,
        "sub": _pairwise(account, registration),
        "preferred_username": account.user_principal_name,
        "name": account.user_principal_name.partition("@")[0],
        "nonce": code.nonce,
        "iat": now,
        "nbf": now,
        "exp": now + options.id_token_seconds,
    }
    if registration.names_roles:
        claims["wids"] = account.wids
    claims |= options.id_token_claims
    return {name: value for name, value in claims.items() if value is not None}


def _pairwise(account: Account, registration: Registration) -> str:
    made = hashlib.sha256(f"{account.object_id} {registration.client_id}".encode()).digest()
    return base64.urlsafe_b64encode(made).decode("ascii").rstrip("=")


@cache
def _private(number: int) -> rsa.RSAPrivateKey:
    """One process makes each key once: making them takes long."""
    del number
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _kid(number: int) -> str:
    return f"simulated-{number}"


def _public(number: int) -> dict[str, Any]:
    numbers = _private(number).public_key().public_numbers()
    return {"kty": "RSA", "use": "sig", "kid": _kid(number), "n": _integer(numbers.n), "e": _integer(numbers.e)}


def _integer(number: int) -> str:
    return _base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _confused(claims: dict[str, Any], headers: dict[str, str], key: rsa.RSAPrivateKey) -> str:
    """By hand: PyJWT refuses to take a public key for a secret."""
    secret = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    parts = ({"alg": "HS256", "typ": "JWT", **headers}, claims)
    text = ".".join(_base64url(json.dumps(part).encode()) for part in parts)
    return f"{text}.{_base64url(hmac.digest(secret, text.encode(), 'sha256'))}"
