"""A stateful, lying stand-in for Microsoft Graph's calendar calls and Entra's token endpoint."""

from __future__ import annotations

from .authority import Authority, ClientCertificate, make_authority, make_client_certificate
from .directory import App, Consent, Tenant
from .entra_errors import EntraError
from .event import Event
from .mailbox import Mailbox, MailboxState
from .options import Options
from .simulator import GraphSimulator
from .world import Mail

__all__ = [
    "App",
    "Authority",
    "ClientCertificate",
    "Consent",
    "EntraError",
    "Event",
    "GraphSimulator",
    "Mail",
    "Mailbox",
    "MailboxState",
    "Options",
    "Tenant",
    "make_authority",
    "make_client_certificate",
]
