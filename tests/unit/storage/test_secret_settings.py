"""Where companies' secrets live, by the settings."""

from __future__ import annotations

import logging

import pytest

from core.adapters.kept_secrets import KeptSecrets
from core.adapters.quiet import LIBRARIES
from core.settings import SettingsError, load
from core.wiring import build

BASE = {
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    "SYNC_MASTER_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "SYNC_APP_CLIENT_ID": "66666666-6666-4666-8666-666666666666",
    "SYNC_APP_SECRET": "made-up",
}


def test_no_vault() -> None:
    """They are in the table; gateways and interface share one view of them."""
    service = build(load(BASE))
    assert service.vault is None
    secrets = service.entrance.secrets
    assert isinstance(secrets, KeptSecrets)
    assert secrets is service.entrance.secret_writer is service.gateways._secrets
    assert secrets._store is service.storage.secrets


async def test_a_vault() -> None:
    """They are there, and closed with the service."""
    service = build(load(BASE | {"SYNC_KEY_VAULT_URL": "https://acme.vault.azure.net"}))
    secrets = service.entrance.secrets
    assert isinstance(secrets, KeptSecrets)
    assert secrets._store is service.vault is not None
    await service.aclose()


@pytest.mark.parametrize("url", ["http://acme.vault.azure.net", "http://localhost:1", "acme.vault.azure.net", "https:"])
def test_an_address_that_is_no_vaults(url: str) -> None:
    """The start says so, rather than the first company that saves a secret."""
    with pytest.raises(SettingsError, match="SYNC_KEY_VAULT_URL is not an https address"):
        load(BASE | {"SYNC_KEY_VAULT_URL": url})


def test_libraries_are_kept_quiet() -> None:
    """At INFO, httpx logs every URL, addresses in filters among it."""
    build(load(BASE))
    assert [name for name in LIBRARIES if logging.getLogger(name).isEnabledFor(logging.INFO)] == []
