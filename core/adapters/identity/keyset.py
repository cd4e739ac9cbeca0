"""The issuer's public keys (JWKS, RFC 7517): read over the network, kept for a while, read anew when they rotate."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from core.errors import RetryLater
from core.ports import Clock

FRESH = timedelta(minutes=10)
"""Keys are read anew after this: a key that was withdrawn is trusted no longer."""
GOOD = timedelta(hours=24)
"""Where they cannot be read, the last ones serve at most this long."""
PAUSE = timedelta(seconds=10)
"""Not more than one request in this time, whatever key ids strangers invent."""
SECONDS = 5.0
MOST_BYTES = 65_536
MOST_KEYS = 50
SHORTEST_RSA = 2048
FAMILIES: Mapping[str, str] = {"RS256": "RSA", "ES256": "EC"}
"""The algorithms that can be pinned, and the family of keys (RFC 7518 section 6.1) that each one needs."""
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Kept:
    keys: dict[str, PyJWK] = field(default_factory=dict)
    fresh_until: datetime = _NEVER
    good_until: datetime = _NEVER
    asked_again_from: datetime = _NEVER


class KeySet:
    """The keys at `url` that fit one of the pinned `algorithms`. `ca_file`: see Cloud in tokens.py."""

    def __init__(self, url: str, algorithms: tuple[str, ...], clock: Clock, ca_file: str = "") -> None:
        self._url, self._algorithms, self._clock, self._ca_file = url, algorithms, clock, ca_file
        self._kept = _Kept()
        self._lock = asyncio.Lock()

    async def key(self, kid: str) -> PyJWK | None:
        """The key with that id, None where the issuer has none. Raises RetryLater where its keys cannot be read."""
        if kid not in self._kept.keys or self._clock.now() >= self._kept.fresh_until:
            async with self._lock:
                now = self._clock.now()
                if kid not in self._kept.keys or now >= self._kept.fresh_until:
                    await self._renew(now)
        return self._kept.keys.get(kid)

    async def _renew(self, now: datetime) -> None:
        kept = self._kept
        if now >= kept.good_until:
            kept.keys = {}
        if now < kept.asked_again_from:
            if not kept.keys:
                raise RetryLater("jwks_unreachable", after=(kept.asked_again_from - now).total_seconds())
            return
        kept.asked_again_from = now + PAUSE
        try:
            kept.keys = await self._read()
        except RetryLater:
            if not kept.keys:
                raise
            return
        kept.fresh_until, kept.good_until = now + FRESH, now + GOOD

    async def _read(self) -> dict[str, PyJWK]:
        try:
            async with self._client() as client, client.stream("GET", self._url) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise RetryLater("jwks_unreachable", str(answer.status_code), after=PAUSE.total_seconds())
                body = bytearray()
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > MOST_BYTES:
                        raise RetryLater("jwks_malformed", "too long", after=PAUSE.total_seconds())
        except httpx.HTTPError as error:
            raise RetryLater("jwks_unreachable", type(error).__name__, after=PAUSE.total_seconds()) from error
        return usable_keys(bytes(body), self._algorithms)

    def _client(self) -> httpx.AsyncClient:
        """Made anew for each of these rare requests: nothing to keep, nothing to close."""
        verify = ssl.create_default_context(cafile=self._ca_file) if self._ca_file else True
        return httpx.AsyncClient(verify=verify, timeout=SECONDS, follow_redirects=False, trust_env=False)


def usable_keys(body: bytes, algorithms: tuple[str, ...]) -> dict[str, PyJWK]:
    """A JWKS by key id, without the keys that are of no use to us. Raises RetryLater("jwks_malformed")."""
    try:
        listed = json.loads(body)["keys"]
        entries = [entry for entry in listed if isinstance(entry, dict)][:MOST_KEYS]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RetryLater("jwks_malformed", after=PAUSE.total_seconds()) from error
    found = {}
    for entry in entries:
        kid, algorithm = entry.get("kid"), _algorithm(entry, algorithms)
        if isinstance(kid, str) and kid and algorithm:
            key = _public_key(entry, algorithm)
            if key is not None:
                found[kid] = key
    return found


def _algorithm(entry: Mapping[str, Any], algorithms: tuple[str, ...]) -> str:
    """The pinned algorithm that the key is for; empty for a symmetric, private or encryption key."""
    if "d" in entry or entry.get("use", "sig") != "sig":
        return ""
    return next((a for a in algorithms if entry.get("kty") == FAMILIES[a] and entry.get("alg", a) == a), "")


def _public_key(entry: dict[str, Any], algorithm: str) -> PyJWK | None:
    if algorithm == "ES256" and entry.get("crv") != "P-256":
        return None
    try:
        key = PyJWK(entry, algorithm)
    except (PyJWTError, ValueError, TypeError):
        return None
    return None if algorithm == "RS256" and key.key.key_size < SHORTEST_RSA else key
