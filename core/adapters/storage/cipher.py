"""What is encrypted at rest, and the keys for it: one per company and purpose, derived from one master key."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import Stop
from core.model.ids import CompanyId

_FORM = b"\x01"
_ID = 8
_NONCE = 12
_TAG = 16
_SHORTEST = len(_FORM) + _ID + _NONCE + _TAG
SHORTEST_KEY = 32
"""Bytes of a master key, at least."""


class Cipher:
    """AES-256-GCM and the port Keys. An envelope is: form (1 byte), id of the master key (8), nonce (12), text and tag.

    `earlier` are the master keys before the present one, newest first: they still open what they closed. The very first
    one also makes the digest keys, for ever, because digests cannot be made anew: without it, every link would look
    changed on both sides.
    """

    def __init__(self, master: bytes, earlier: Sequence[bytes] = ()) -> None:
        masters = (master, *earlier)
        if any(len(key) < SHORTEST_KEY for key in masters):
            raise ValueError(f"a master key has at least {SHORTEST_KEY} bytes")
        self._masters = {hashlib.sha256(key).digest()[:_ID]: key for key in masters}
        self._present = hashlib.sha256(master).digest()[:_ID]
        self._first = masters[-1]
        self._sealer = lru_cache(maxsize=4096)(self._make_sealer)

    def digest_key(self, company: CompanyId) -> bytes:
        """See Keys.digest_key: 32 bytes."""
        return _derived(self._first, "digest", company)

    def seal(self, company: CompanyId, text: bytes, place: str) -> bytes:
        """Encrypt for a company. Only the same `place` (where it is stored) opens it: moved elsewhere, it is void."""
        nonce = os.urandom(_NONCE)
        closed = self._sealer(company, self._present).encrypt(nonce, text, place.encode())
        return _FORM + self._present + nonce + closed

    def open(self, company: CompanyId, envelope: bytes, place: str) -> bytes:
        """What was sealed. Raises Stop where the master key is not known or the envelope is not as we made it."""
        known = envelope[len(_FORM) : len(_FORM) + _ID]
        if len(envelope) < _SHORTEST or not envelope.startswith(_FORM) or known not in self._masters:
            raise Stop("storage_key_unknown", whole_company=True)
        nonce = envelope[len(_FORM) + _ID : len(_FORM) + _ID + _NONCE]
        try:
            return self._sealer(company, known).decrypt(nonce, envelope[len(_FORM) + _ID + _NONCE :], place.encode())
        except InvalidTag as failure:
            raise Stop("storage_tampered", whole_company=True) from failure

    def _make_sealer(self, company: CompanyId, master: bytes) -> AESGCM:
        return AESGCM(_derived(self._masters[master], "values", company))


def _derived(master: bytes, purpose: str, company: CompanyId) -> bytes:
    """HKDF-SHA256 (RFC 5869)."""
    return HKDF(SHA256(), 32, salt=None, info=f"severa-calendar-sync {purpose} {company}".encode()).derive(master)
