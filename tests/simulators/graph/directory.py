"""Tenants, app registrations and their consent, as Entra keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from .mailbox import Mailbox

DEFAULT_ROLES = ("Calendars.ReadWrite", "User.Read.All")
DIRECTORY_ROLES = frozenset({"User.Read.All", "Directory.Read.All"})
CALENDAR_ROLES = frozenset({"Calendars.ReadWrite"})
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Consent(StrEnum):
    """How an application stands in one tenant (facts/microsoft.md F1)."""

    MISSING = "missing"
    """Never consented to: no service principal, so no token (AADSTS7000229)."""
    GRANTED = "granted"
    REVOKED = "revoked"
    """The permissions were taken away: tokens come without roles, Graph refuses with 403."""
    DISABLED = "disabled"
    """The service principal was switched off: no token (AADSTS7000112)."""


@dataclass(frozen=True, slots=True)
class Federated:
    """A federated identity credential: whose assertions prove the application; `public_key` is the issuer's, in PEM."""

    issuer: str
    subject: str
    audience: str
    public_key: str


@dataclass(slots=True)
class App:
    """One application in one tenant. `certificates` are PEM texts; an app may have several secrets.

    Before `token_from` there is no token yet (AADSTS7000229), before `roles_from` tokens come without roles.
    `mailboxes` are object ids that RBAC for Applications opens, whatever the roles (facts/microsoft.md F2).
    """

    client_id: str
    object_id: str
    secrets: set[str] = field(default_factory=set)
    certificates: list[str] = field(default_factory=list)
    consent: Consent = Consent.MISSING
    roles: tuple[str, ...] = DEFAULT_ROLES
    token_from: datetime = LONG_AGO
    roles_from: datetime = LONG_AGO
    mailboxes: frozenset[str] = frozenset()
    federated: list[Federated] = field(default_factory=list)

    def granted(self, now: datetime) -> tuple[str, ...]:
        """The `roles` claim of a token issued now."""
        return self.roles if self.consent is Consent.GRANTED and self.roles_from <= now else ()


@dataclass(slots=True)
class Tenant:
    """One Microsoft organization: its applications by client id and its mailboxes by object id."""

    tenant_id: str
    name: str
    apps: dict[str, App] = field(default_factory=dict)
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)

    def user(self, reference: str) -> Mailbox | None:
        """The user of an object id or a userPrincipalName, as `/users/{id|upn}` looks it up."""
        wanted = reference.lower()
        for mailbox in self.mailboxes.values():
            if wanted in (mailbox.object_id, mailbox.user_principal_name.lower()):
                return mailbox
        return None

    def mailbox(self, reference: str) -> Mailbox | None:
        """As `user`, or by any SMTP address: calendar calls take those too (facts/microsoft.md F2)."""
        found = self.user(reference)
        if found is not None:
            return found
        wanted = f"smtp:{reference.lower()}"
        holders = (m for m in self.mailboxes.values() if wanted in (a.lower() for a in m.proxy_addresses))
        return next(holders, None)


@dataclass(slots=True)
class Bearer:
    """An access token that was issued: for whom, until when, with which roles. `dead` when it was taken back."""

    tenant_id: str
    client_id: str
    expires: datetime
    roles: tuple[str, ...]
    dead: bool = False
