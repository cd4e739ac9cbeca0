"""What Azure gives an app, on loopback: the endpoint of its identities, and a Key Vault under its real name.

Microsoft's SDKs are used as they are: they insist on https, and on a vault whose name belongs to the service that its
challenge asks a token for. So names of `vault.azure.net` lead to this machine, as a private endpoint would have it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from azure.keyvault.secrets._shared import http_challenge_cache

from tests.simulators.azure import Identity, IdentitySimulator, KeyVaultSimulator
from tests.simulators.common.server import serve
from tests.simulators.graph import make_authority

HOST = "acme.vault.azure.net"
_DOMAIN = ".vault.azure.net"


@dataclass(slots=True)
class AzureStage:
    """The simulators, an identity that may open the vault, and what the app's settings say of them."""

    identities: IdentitySimulator
    vault: KeyVaultSimulator
    identity: Identity
    ca_file: str
    url: str = f"https://{HOST}"
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, str]:
        """The settings that choose the vault."""
        return {
            "SYNC_KEY_VAULT_URL": self.url,
            "SYNC_KEY_VAULT_IDENTITY": self.identity.client_id,
            "SYNC_CA_FILE": self.ca_file,
        }


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def azure_stage(folder: Path) -> AsyncIterator[AzureStage]:
    """Both servers, and the process's environment as App Service makes it; `folder` takes the vault's certificate."""
    identities = IdentitySimulator(_now)
    vault, identity = KeyVaultSimulator(_now, identities), identities.add()
    vault.allow(identity.principal)
    authority = make_authority(folder, HOST)
    http_challenge_cache.clear()
    async with (
        serve(identities.app) as identity_url,
        serve(vault.app, cert=authority.cert, key=authority.key) as vault_url,
    ):
        environment = identities.environment(identity_url)
        around = {**environment, "NO_PROXY": "127.0.0.1,localhost,vault.azure.net", "no_proxy": ""}
        around["no_proxy"] = around["NO_PROXY"]
        address = _leading(int(vault_url.rpartition(":")[2]))
        with patch.dict(os.environ, around), patch.object(socket, "getaddrinfo", address):
            yield AzureStage(identities, vault, identity, str(authority.ca_file), environment=environment)
    http_challenge_cache.clear()


def _leading(port: int) -> Any:
    """`getaddrinfo` that knows where vaults live."""
    known = socket.getaddrinfo

    def getaddrinfo(host: Any, asked: Any, *more: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if isinstance(name, str) and name.endswith(_DOMAIN):
            return known("127.0.0.1", port, *more, **named)
        return known(host, asked, *more, **named)

    return getaddrinfo
