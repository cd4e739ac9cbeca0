"""Secrets in Azure Key Vault."""

from __future__ import annotations

import asyncio

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.core.pipeline.transport import AioHttpTransport
from azure.keyvault.secrets.aio import SecretClient

from core.adapters.vault.failures import translated
from core.adapters.vault.names import vault_name
from core.model.ids import CompanyId

_CONNECT_SECONDS = 4.0
_READ_SECONDS = 8.0
_CHANGE_SECONDS = 25.0
"""For everything that a write takes: the vault recovers and removes in its own time, and is asked until it has."""


class KeyVaultSecrets:
    """SecretStore (core/ports_secrets.py). `ca_file`: a PEM file to trust instead of the public authorities.

    The credential is closed with it. One event loop only, as everything of aiohttp.
    """

    def __init__(self, url: str, credential: AsyncTokenCredential, ca_file: str = "") -> None:
        transport = AioHttpTransport(
            connection_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS, connection_verify=ca_file or True
        )
        self._client = SecretClient(url, credential, transport=transport, retry_total=2, retry_backoff_factor=0.4)
        self._credential = credential

    async def secret(self, company: CompanyId, name: str) -> str | None:
        """See Secrets.secret: the newest version."""
        with translated("get"):
            try:
                return (await self._client.get_secret(vault_name(company, name))).value
            except ResourceNotFoundError:
                return None

    async def put_secret(self, company: CompanyId, name: str, secret: str) -> None:
        """See SecretWriter.put_secret: a new version. The name of a removed one is taken until that is recovered."""
        key = vault_name(company, name)
        with translated("set"):
            async with asyncio.timeout(_CHANGE_SECONDS):
                try:
                    await self._client.set_secret(key, secret)
                except ResourceExistsError:
                    await self._client.recover_deleted_secret(key)
                    await self._client.set_secret(key, secret)

    async def remove_secret(self, company: CompanyId, name: str) -> bool:
        """See SecretWriter.remove_secret. The vault keeps what was removed for its retention time."""
        with translated("remove"):
            async with asyncio.timeout(_CHANGE_SECONDS):
                try:
                    await self._client.delete_secret(vault_name(company, name))
                except ResourceNotFoundError:
                    return False
        return True

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.close()
        await self._credential.close()
