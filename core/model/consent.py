"""One attempt to connect a company to a Microsoft organization (design.md section 9), as data. Times in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.model.ids import CompanyId, UserId


class Step(StrEnum):
    """What the browser is expected to bring next."""

    START = "start"
    """The start page is to be opened."""
    GRANT = "grant"
    """Microsoft is to answer the admin consent."""
    SIGN_IN = "sign_in"
    """Microsoft is to answer the sign-in."""
    CONFIRM = "confirm"
    """The administrator is to confirm."""


@dataclass(frozen=True, slots=True)
class ConsentAttempt:
    """One step of one attempt, kept under the keyed digest of its secret; the next step has another secret.

    `browser` is the digest of the cookie of the browser that opened the start page, `front_end` the origin that it
    came from. `tenant` is what Microsoft's callback named: proven only from step CONFIRM on, and then `person` is the
    object id of who signed in and `account` their user principal name, to be shown and nothing else. `flow` is what
    the second half of the sign-in needs.
    """

    digest: str
    company: CompanyId
    admin: UserId
    company_name: str
    step: Step
    expires: datetime
    front_end: str = ""
    browser: str = ""
    tenant: str = ""
    person: str = ""
    account: str = ""
    flow: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, by a validated ID token: tenant (`tid`), person (`oid`), directory roles (`wids`), and a name.

    `account` (`preferred_username`) is to be shown only: whoever signs in may have chosen it.
    """

    tenant: str
    person: str
    roles: frozenset[str]
    account: str = ""


@dataclass(frozen=True, slots=True)
class TenantBinding:
    """Which company a Microsoft organization belongs to, and how that came about: who of either side, when."""

    tenant: str
    company: CompanyId
    admin: UserId
    person: str
    at: datetime


class Mailboxes(StrEnum):
    """Whether the application can open a mailbox of an organization."""

    ANSWER = "answer"
    DENIED = "denied"
    """Every mailbox that was tried refuses: the permission is not there (yet), or is limited to other mailboxes."""
    NONE = "none"
    """Nobody who was tried has a mailbox in Microsoft 365."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What an app-only token opens. Without the directory, users are not found by their addresses (R1)."""

    mailboxes: Mailboxes
    directory: bool
