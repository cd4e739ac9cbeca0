"""A company's secrets: written by an administrator, never shown again."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import Stop
from core.model.ids import CompanyId
from core.ports_secrets import Secrets, SecretWriter

SEVERA_CLIENT_SECRET = "SEVERA_CLIENT_SECRET"  # noqa: S105 - a secret's name
EXCHANGE_PASSWORD = "EXCHANGE_PASSWORD"  # noqa: S105 - a secret's name
EVERY = (SEVERA_CLIENT_SECRET, EXCHANGE_PASSWORD)
"""The names of all the secrets that a company can have."""


def check_writable(writer: SecretWriter | None, secrets: Mapping[str, str]) -> None:
    """Raise Stop("secrets_read_only") where there are secrets and nowhere to store them."""
    if secrets and writer is None:
        raise Stop("secrets_read_only")


async def store_secrets(writer: SecretWriter | None, company: CompanyId, secrets: Mapping[str, str]) -> None:
    """Store secrets by name. Raises Stop("secrets_read_only"), RetryLater."""
    check_writable(writer, secrets)
    if writer is not None:
        for name, secret in secrets.items():
            await writer.put_secret(company, name, secret)


async def names_present(secrets: Secrets, company: CompanyId, *names: str) -> frozenset[str]:
    """Which of these secrets the company has."""
    return frozenset([name for name in names if await secrets.secret(company, name)])


async def remove_secrets(writer: SecretWriter | None, company: CompanyId) -> int:
    """Remove every secret of the company that is stored; how many there were. Raises RetryLater."""
    removed = [await writer.remove_secret(company, name) for name in EVERY] if writer is not None else []
    return sum(removed)
