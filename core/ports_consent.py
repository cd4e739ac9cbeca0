"""What the consent to Microsoft 365 needs of the world beside core/ports.py (design.md section 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.model.company import CompanySettings
from core.model.consent import ConsentAttempt, Probe, SignedIn, TenantBinding
from core.model.ids import CompanyId, UserId
from core.ports import Ports


class ConsentStore(Protocol):
    """Attempts (rows `consent:<digest>` of the `companies` table) and bindings (`tenant:<id>`). Raises RetryLater."""

    async def put(self, attempt: ConsentAttempt) -> None:
        """Store a step that is not there yet. Raises StorageConflict."""
        ...

    async def take(self, company: CompanyId, digest: str) -> ConsentAttempt | None:
        """The step, which is gone with that; None where there is none (any more). Of several callers one gets it."""
        ...

    async def forget(self, company: CompanyId, admin: UserId, now: datetime) -> None:
        """Remove every step of the administrator's earlier attempts, and everybody's that expired."""
        ...

    async def bind_tenant(self, binding: TenantBinding) -> TenantBinding:
        """Bind the tenant if no company of the whole service has it; the binding that holds now."""
        ...

    async def free_tenant(self, tenant: str, company: CompanyId) -> None:
        """Give the tenant up, where it is the company's."""
        ...

    async def free_tenants(self, company: CompanyId) -> int:
        """Give up every tenant that is the company's; how many there were. It reads all bindings of the service."""
        ...


class SignIn(Protocol):
    """Microsoft's consent and sign-in, in the administrator's browser (facts/microsoft.md F1)."""

    def consent_address(self, state: str) -> str:
        """Where an administrator of any organization grants the application's permissions."""
        ...

    async def begin(self, state: str) -> tuple[str, str]:
        """Where to sign in, and what `finish` needs then: secrets, to be kept from everybody. Raises RetryLater."""
        ...

    async def finish(self, flow: str, answer: Mapping[str, str]) -> SignedIn:
        """Redeem the code and validate the ID token.

        Raises Stop (`sign_in_refused`, `sign_in_invalid`, `app_credentials_refused`), RetryLater.
        """
        ...


class MailboxProbe(Protocol):
    """A new app-only token, tried."""

    async def probe(self, tenant: str, references: Sequence[str]) -> Probe:
        """Try the mailboxes of these (object ids or addresses), then some others, until one answers.

        Raises Stop (`consent_missing`, `app_credentials_refused`, `tenant_unknown`), RetryLater.
        """
        ...


class OrganizationNames(Protocol):
    """What a company is called."""

    async def name(self, company: CompanyId, settings: CompanySettings) -> str:
        """The name as Severa has it; empty where Severa does not tell."""
        ...


@dataclass(frozen=True, slots=True)
class ConsentPorts:
    """Everything that the consent use case is given.

    `front_ends` are the origins of Severa's own pages. `home` is where browsers reach this service, without a slash.
    """

    ports: Ports
    consents: ConsentStore
    sign_in: SignIn
    probe: MailboxProbe
    names: OrganizationNames
    front_ends: frozenset[str]
    home: str
