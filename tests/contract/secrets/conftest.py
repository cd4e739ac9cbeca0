"""The stores of secrets under contract: in memory, in a table on Azurite, in a simulated Key Vault; each also kept."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from azure.identity.aio import ManagedIdentityCredential

from core.adapters.kept_secrets import KeptSecrets
from core.adapters.memory.secrets import MemorySecrets
from core.adapters.memory.undetermined import ManualClock
from core.adapters.storage.cipher import Cipher
from core.adapters.storage.clients import Connection
from core.adapters.storage.storage import Storage
from core.adapters.vault.key_vault import KeyVaultSecrets
from core.ports_secrets import SecretStore
from tests.contract.stores.samples import MASTER, NOW
from tests.support.azure_stage import AzureStage, azure_stage


@pytest.fixture
async def azure(tmp_path: Path) -> AsyncIterator[AzureStage]:
    """An app in Azure, with its identity and its vault."""
    async with azure_stage(tmp_path) as stage:
        yield stage


@pytest.fixture
async def vault(azure: AzureStage) -> AsyncIterator[KeyVaultSecrets]:
    """The vault, opened by Microsoft's SDKs."""
    credential = ManagedIdentityCredential(client_id=azure.identity.client_id)
    opened = KeyVaultSecrets(azure.url, credential, azure.ca_file)
    yield opened
    await opened.aclose()


@pytest.fixture
async def tables(azurite: str) -> AsyncIterator[Storage]:
    """The tables on Azurite."""
    storage = Storage(Connection(azurite), Cipher(MASTER))
    yield storage
    await storage.aclose()


@pytest.fixture(params=["memory", "table", "vault", "kept"])
def store(request: pytest.FixtureRequest) -> SecretStore:
    """Each implementation."""
    match request.param:
        case "memory":
            return MemorySecrets()
        case "table":
            storage: Storage = request.getfixturevalue("tables")
            return storage.secrets
        case "kept":
            return KeptSecrets(MemorySecrets(), {}, ManualClock(NOW))
    opened: KeyVaultSecrets = request.getfixturevalue("vault")
    return opened
