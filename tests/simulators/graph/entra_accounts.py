"""Who can sign in at Entra, which applications are registered, and the lies that its interactive endpoints tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from .directory import DEFAULT_ROLES, Federated

PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant of personal Microsoft accounts."""
GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
PRIVILEGED_ROLE_ADMINISTRATOR = "e8611ab8-c189-46e8-94e1-60213ab1f814"
APPLICATION_ADMINISTRATOR = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
PLAIN_MEMBER = "b79fbf4d-3ef9-4689-8143-76b194e85509"
"""What `wids` of a user without any directory role holds."""
CONSENTING = frozenset({GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR})
"""The directory roles that may consent to Graph's application permissions (facts/microsoft.md F1)."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in. `roles` are template ids of directory roles."""

    tenant_id: str
    object_id: str
    user_principal_name: str
    roles: tuple[str, ...] = ()

    @property
    def wids(self) -> list[str]:
        """The claim `wids`."""
        return list(self.roles or (PLAIN_MEMBER,))


@dataclass(slots=True)
class Registration:
    """A multi-tenant application in its home tenant; consent makes an `App` of it in the consenting tenant.

    `names_roles`: the manifest asks for directory roles, so that ID tokens have `wids`.
    """

    client_id: str
    redirect_uris: set[str]
    secrets: set[str] = field(default_factory=set)
    certificates: list[str] = field(default_factory=list)
    roles: tuple[str, ...] = DEFAULT_ROLES
    names_roles: bool = True
    federated: list[Federated] = field(default_factory=list)


class Signature(StrEnum):
    """How ID tokens are signed."""

    OWN = "own"
    FOREIGN = "foreign"
    """By a key that nobody publishes, under the published key's name."""
    NONE = "none"
    """Not at all: `alg: none`."""
    CONFUSED = "confused"
    """HS256 with the published public key as the secret."""


@dataclass(slots=True)
class EntraOptions:
    """Behaviour that a test may change at any time.

    `consent_delay`: after consent there is no token for so long (AADSTS7000229); `roles_delay`: tokens lack the
    roles for so long. `personal_accounts`: they get through sign-in, as with a registration for every kind of account.
    `id_token_claims` are laid over the true claims (None removes one); `signature` says who signs.
    """

    consent_delay: timedelta = timedelta(0)
    roles_delay: timedelta = timedelta(0)
    personal_accounts: bool = False
    id_token_seconds: int = 3600
    id_token_claims: dict[str, Any] = field(default_factory=dict)
    signature: Signature = Signature.OWN


@dataclass(slots=True)
class IssuedCode:
    """An authorization code and what it was asked with."""

    account: Account
    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str
    expires: datetime
    redeemed: bool = False


@dataclass(slots=True)
class EntraDirectory:
    """Registrations by client id, accounts by object id, codes by themselves."""

    registrations: dict[str, Registration] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    codes: dict[str, IssuedCode] = field(default_factory=dict)
