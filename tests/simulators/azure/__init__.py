"""Stand-ins for what an app meets inside Azure: the endpoint of its managed identity, and a Key Vault."""

from __future__ import annotations

from .identity import EXCHANGE, VAULT, Identity, IdentitySimulator
from .key_vault import KeyVaultSimulator

__all__ = ["EXCHANGE", "VAULT", "Identity", "IdentitySimulator", "KeyVaultSimulator"]
