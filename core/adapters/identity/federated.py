"""The federated assertion of a managed identity: no secret anywhere (facts/microsoft.md F3, "Secretless").

Works in Azure only, where it has not been tried yet.
"""

from __future__ import annotations

from azure.core.exceptions import AzureError
from azure.identity import ManagedIdentityCredential

from core.adapters.identity.credentials import AssertionCredential
from core.errors import RetryLater

EXCHANGE_AUDIENCE = "api://AzureADTokenExchange"
"""In the clouds for governments: `api://AzureADTokenExchangeUSGov`, `api://AzureADTokenExchangeChina`."""


def managed_identity(client_id: str, audience: str = EXCHANGE_AUDIENCE) -> AssertionCredential:
    """The assertion of a user-assigned managed identity that the application registration trusts.

    Identity and registration live in one tenant; azure-identity keeps the assertion until it expires.
    """
    source = ManagedIdentityCredential(client_id=client_id)

    def assertion() -> str:
        try:
            return str(source.get_token(f"{audience}/.default").token)
        except AzureError as error:
            raise RetryLater("managed_identity_unavailable", type(error).__name__) from error

    return AssertionCredential(assertion)
