"""Secrets and keys in memory."""

from __future__ import annotations

import hashlib
import hmac

from core.model.ids import CompanyId


class MemorySecrets:
    """SecretStore (core/ports_secrets.py): whatever was put."""

    def __init__(self) -> None:
        self._held: dict[tuple[CompanyId, str], str] = {}

    def put(self, company: CompanyId, name: str, secret: str) -> None:
        """Store a secret."""
        self._held[(company, name)] = secret

    async def secret(self, company: CompanyId, name: str) -> str | None:
        """See Secrets.secret."""
        return self._held.get((company, name))

    async def put_secret(self, company: CompanyId, name: str, secret: str) -> None:
        """See SecretWriter.put_secret."""
        self.put(company, name, secret)

    async def remove_secret(self, company: CompanyId, name: str) -> bool:
        """See SecretWriter.remove_secret."""
        return self._held.pop((company, name), None) is not None


class MemoryKeys:
    """Keys (core/ports.py), derived from one master key by HMAC-SHA256."""

    def __init__(self, master: bytes = b"memory") -> None:
        self._master = master

    def digest_key(self, company: CompanyId) -> bytes:
        """See Keys.digest_key."""
        return hmac.digest(self._master, f"digest {company}".encode(), hashlib.sha256)
