"""What administrators do: tenants, applications, consent, mailboxes and their addresses."""

from __future__ import annotations

from collections.abc import Iterable

from .directory import DEFAULT_ROLES, App, Consent, Federated, Tenant
from .entra import Entra
from .entra_accounts import Account, EntraOptions, Registration
from .mailbox import Mailbox, MailboxState
from .world import World

GRAPH_AUDIENCE = "https://graph.microsoft.com"


class Administration:
    """The directory as its administrators change it."""

    def __init__(self, world: World, entra: Entra) -> None:
        self._world = world
        self._entra = entra

    def add_tenant(self, name: str = "Example", tenant_id: str | None = None) -> Tenant:
        """A new organization."""
        with self._world.lock:
            tenant = Tenant(tenant_id or self._world.ids.guid(), name)
            self._world.tenants[tenant.tenant_id] = tenant
            return tenant

    def add_app(
        self,
        tenant: Tenant,
        client_id: str | None = None,
        *,
        secret: str | None = None,
        certificate: str | None = None,
        consent: Consent = Consent.GRANTED,
        roles: tuple[str, ...] = DEFAULT_ROLES,
    ) -> App:
        """An application in a tenant, with a secret or a certificate (PEM text) or both.

        A multi-tenant application is added to each tenant under the same client id.
        """
        with self._world.lock:
            app = App(client_id or self._world.ids.guid(), self._world.ids.guid(), consent=consent, roles=roles)
            app.secrets |= {secret} if secret else set()
            app.certificates += [certificate] if certificate else []
            tenant.apps[app.client_id] = app
            return app

    def trust(self, app: App | Registration, federated: Federated) -> None:
        """Let a foreign issuer's assertions prove the application (facts/microsoft.md F3, "Secretless")."""
        with self._world.lock:
            app.federated.append(federated)

    def register_app(
        self,
        client_id: str,
        redirect_uris: Iterable[str],
        *,
        secret: str | None = None,
        certificate: str | None = None,
        roles: tuple[str, ...] = DEFAULT_ROLES,
        names_roles: bool = True,
    ) -> Registration:
        """A multi-tenant application that no tenant knows yet: an administrator's consent makes an App of it."""
        with self._world.lock:
            made = Registration(client_id, set(redirect_uris), roles=roles, names_roles=names_roles)
            made.secrets |= {secret} if secret else set()
            made.certificates += [certificate] if certificate else []
            self._entra.interactive.directory.registrations[client_id] = made
            return made

    def add_account(
        self, tenant_id: str, user_principal_name: str, *roles: str, mailbox: Mailbox | None = None
    ) -> Account:
        """Somebody who can sign in, with template ids of directory roles; the owner of `mailbox`, where given."""
        with self._world.lock:
            object_id = mailbox.object_id if mailbox else self._world.ids.guid()
            account = Account(tenant_id, object_id, user_principal_name, roles)
            self._entra.interactive.directory.accounts[object_id] = account
            return account

    @property
    def entra_options(self) -> EntraOptions:
        """The lies of Entra's interactive endpoints."""
        return self._entra.interactive.options

    def rotate_keys(self) -> None:
        """Entra signs with a new key from now on."""
        self._entra.interactive.keys.rotate()

    def open_mailboxes(self, tenant: Tenant, client_id: str, mailboxes: Iterable[Mailbox]) -> None:
        """RBAC for Applications: these mailboxes and no others, as far as the roles do not open all."""
        with self._world.lock:
            tenant.apps[client_id].mailboxes = frozenset(mailbox.object_id for mailbox in mailboxes)

    def grant_consent(self, tenant: Tenant, client_id: str, roles: tuple[str, ...] = DEFAULT_ROLES) -> None:
        """The administrator consents; tokens issued from now on have the roles."""
        with self._world.lock:
            app = tenant.apps[client_id]
            app.consent, app.roles = Consent.GRANTED, roles

    def revoke_consent(
        self,
        tenant: Tenant,
        client_id: str,
        how: Consent = Consent.REVOKED,
        *,
        old_tokens_live: bool = False,
    ) -> None:
        """Take the consent away. Old tokens die too (401), or live with their old roles (facts/microsoft.md F1)."""
        with self._world.lock:
            tenant.apps[client_id].consent = how
            if not old_tokens_live:
                self._kill(tenant, client_id)

    def revoke_tokens(self, tenant: Tenant) -> None:
        """Every token issued for a tenant so far is answered with 401 from now on."""
        with self._world.lock:
            self._kill(tenant, None)

    def issue_token(self, tenant: Tenant, client_id: str) -> str:
        """An access token without asking Entra, for tests that are about Graph alone."""
        with self._world.lock:
            return self._entra.issue(tenant, tenant.apps[client_id], GRAPH_AUDIENCE)

    def add_mailbox(
        self,
        tenant: Tenant,
        address: str,
        *,
        aliases: Iterable[str] = (),
        user_principal_name: str | None = None,
        display_name: str | None = None,
        enabled: bool = True,
        state: MailboxState = MailboxState.OK,
        time_zone: str = "UTC",
    ) -> Mailbox:
        """A user with a mailbox: `address` is primary, `aliases` are secondary SMTP addresses."""
        with self._world.lock:
            mailbox = Mailbox(
                tenant.tenant_id,
                self._world.ids.guid(),
                user_principal_name or address,
                address,
                display_name or address.partition("@")[0],
                [f"SMTP:{address}", *(f"smtp:{alias}" for alias in aliases)],
                enabled,
                state,
                time_zone,
            )
            tenant.mailboxes[mailbox.object_id] = mailbox
            return mailbox

    def remove_mailbox(self, mailbox: Mailbox) -> None:
        """The user is deleted from the directory."""
        with self._world.lock:
            del self._world.tenants[mailbox.tenant_id].mailboxes[mailbox.object_id]

    def change_mailbox_of_address(self, address: str, to: Mailbox, *, primary: bool = False) -> None:
        """Let an SMTP address lead to another mailbox of the tenant; it leaves the one that had it."""
        with self._world.lock:
            for mailbox in self._world.tenants[to.tenant_id].mailboxes.values():
                _drop_address(mailbox, address)
            if primary:
                to.proxy_addresses = [f"smtp:{a[5:]}" for a in to.proxy_addresses]
                to.mail = address
            to.proxy_addresses.append(f"{'SMTP' if primary else 'smtp'}:{address}")

    def lose_sync_state(self, mailbox: Mailbox) -> None:
        """All delta and skip tokens of the mailbox die: 410."""
        with self._world.lock:
            self._world.streams.lose(mailbox)

    def _kill(self, tenant: Tenant, client_id: str | None) -> None:
        for bearer in self._world.bearers.values():
            if bearer.tenant_id == tenant.tenant_id and client_id in (None, bearer.client_id):
                bearer.dead = True


def _drop_address(mailbox: Mailbox, address: str) -> None:
    wanted = f"smtp:{address.lower()}"
    mailbox.proxy_addresses = [a for a in mailbox.proxy_addresses if a.lower() != wanted]
    if mailbox.mail is not None and mailbox.mail.lower() == address.lower():
        mailbox.mail = None
    if mailbox.user_principal_name.lower() == address.lower():
        mailbox.user_principal_name = f"{mailbox.object_id}@{address.partition('@')[2]}"
