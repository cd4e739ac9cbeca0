"""Where companies' secrets come from and go to, beside core/ports.py."""

from __future__ import annotations

from typing import Protocol

from core.model.ids import CompanyId


class Secrets(Protocol):
    """Secrets by company and name. Never logged, never put into a queue. Raises RetryLater."""

    async def secret(self, company: CompanyId, name: str) -> str | None:
        """The secret, or None where there is none."""
        ...


class SecretWriter(Protocol):
    """Where a company's secrets are stored. Raises RetryLater."""

    async def put_secret(self, company: CompanyId, name: str, secret: str) -> None:
        """Store the secret in place of an earlier one, also of one that was removed."""
        ...

    async def remove_secret(self, company: CompanyId, name: str) -> bool:
        """Remove the secret; False where there is none."""
        ...


class SecretStore(Secrets, SecretWriter, Protocol):
    """One place where secrets live, for reading and writing."""
