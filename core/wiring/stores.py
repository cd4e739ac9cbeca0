"""Where things are kept: the storage account, and the vault where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.settings import Settings

if TYPE_CHECKING:
    from core.adapters.storage.clients import Connection
    from core.adapters.vault.key_vault import KeyVaultSecrets


def vault(settings: Settings) -> KeyVaultSecrets | None:
    """The vault that keeps companies' secrets, where the settings name one."""
    if not settings.key_vault_url:
        return None
    from azure.identity.aio import ManagedIdentityCredential

    from core.adapters.vault.key_vault import KeyVaultSecrets

    credential = ManagedIdentityCredential(client_id=settings.key_vault_identity or None)
    return KeyVaultSecrets(settings.key_vault_url, credential, settings.ca_file)


def connection(settings: Settings) -> Connection:
    """The way to the storage account: a connection string, or an identity of Azure."""
    from core.adapters.storage.clients import Connection

    if settings.storage:
        return Connection(settings.storage)
    from azure.identity.aio import ManagedIdentityCredential

    credential = ManagedIdentityCredential(client_id=settings.storage_identity or None)
    return Connection("", settings.table_endpoint, settings.queue_endpoint, credential, create=False)
