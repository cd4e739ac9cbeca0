"""A stateful, lying stand-in for Microsoft Graph's calendar calls and Entra."""

from __future__ import annotations

from .authority import Authority, ClientCertificate, make_authority, make_client_certificate
from .directory import App, Consent, Federated, Tenant
from .entra_accounts import Account, EntraOptions, Registration, Signature
from .entra_browser import Browser
from .entra_errors import EntraError
from .errors import GraphError
from .event import Event
from .mailbox import Mailbox, MailboxState
from .options import Options
from .simulator import GraphSimulator
from .world import Mail

__all__ = [
    "Account",
    "App",
    "Authority",
    "Browser",
    "ClientCertificate",
    "Consent",
    "EntraError",
    "EntraOptions",
    "Event",
    "Federated",
    "GraphError",
    "GraphSimulator",
    "Mail",
    "Mailbox",
    "MailboxState",
    "Options",
    "Registration",
    "Signature",
    "Tenant",
    "make_authority",
    "make_client_certificate",
]
