"""What a company decided and what the service remembers of it: rows of the `companies` table, as data. Times in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.model.ids import MailboxId, Side, UserId
from core.model.policy import ActivityType, ConflictRule, PrivateWithoutPersonal


class Version(StrEnum):
    """Where a company's mailboxes live."""

    OFFICE365 = "office365"
    EXCHANGE_SERVER = "exchange_server"


class ExchangeRelease(StrEnum):
    """The release of an Exchange Server; DETECT: whatever the server says of itself (facts/microsoft.md G1)."""

    DETECT = ""
    EX2007_SP1 = "2007_sp1"
    EX2010 = "2010"
    EX2010_SP1 = "2010_sp1"
    EX2010_SP2 = "2010_sp2"
    EX2013 = "2013"
    EX2013_SP1 = "2013_sp1"
    EX2016 = "2016"
    EX2019 = "2019"
    SE = "se"


class ExchangeTls(StrEnum):
    """Which TLS is spoken to a company's Exchange Server.

    MODERN: 1.2 or later, as to everybody. OLD: whatever the server speaks, short keys and SHA-1 too, for Windows Server
    2008 and 2008 R2 (facts/microsoft.md G7). Certificate and name are checked in either case.
    """

    MODERN = "modern"
    OLD = "old"


AUTHORITY_MAX = 16_384
"""Characters of the certificates that a company trusts for its server: an organization's chain, with room to spare."""


class SyncWhile(StrEnum):
    """Whether only users who are logged in to Severa are served (R3)."""

    LOGGED_IN = "logged_in"
    ALWAYS = "always"


class MeetingEdits(StrEnum):
    """Whether an organizer's edit of their own meeting in Severa is written to Microsoft (R16)."""

    ORGANIZER = "organizer"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class CompanySettings:
    """A company's settings. Secrets are not among them: they are kept by the secrets port under the company's id.

    `tenant` is the Entra tenant id. `time_zone` (IANA) serves users whose own is unknown. `enabled` is the company's
    switch (R2), put on at `enabled_since`. `default_type`, where not empty, goes before the company's default type.
    `domain` (NetBIOS), `ews_url`, `user_name`, `release`, `exchange_tls` and `exchange_authority` (certificates in PEM
    that are trusted beside the public authorities) are for Exchange Server; the password is a secret.
    """

    version: Version = Version.OFFICE365
    enabled: bool = False
    enabled_since: datetime | None = None
    tenant: str = ""
    domain: str = ""
    ews_url: str = ""
    user_name: str = ""
    release: ExchangeRelease = ExchangeRelease.DETECT
    exchange_tls: ExchangeTls = ExchangeTls.MODERN
    exchange_authority: str = field(default="", repr=False)
    severa_client_id: str = ""
    synced_types: frozenset[str] = frozenset()
    default_type: str = ""
    sync_while: SyncWhile = SyncWhile.LOGGED_IN
    conflict: ConflictRule = ConflictRule.NEWEST
    private_without_personal: PrivateWithoutPersonal = PrivateWithoutPersonal.MASK
    meeting_edits: MeetingEdits = MeetingEdits.ORGANIZER
    time_zone: str = "Europe/Helsinki"


@dataclass(frozen=True, slots=True)
class SeveraUser:
    """A user as Severa knows them. `zone` is an IANA name, empty where Severa names none."""

    id: UserId
    addresses: tuple[str, ...]
    zone: str = ""
    default_type: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox as the directory knows it, with every address that it answers to."""

    id: MailboxId
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """The company's row of one activity: which user's pairs hold it, and who writes it just now (`locked_by`).

    `claim` is the key of the meeting that it is, empty where it is none.
    """

    activity: str
    origin: Side = Side.SEVERA
    holders: tuple[UserId, ...] = ()
    claim: str = ""
    locked_by: str = ""
    locked_until: datetime | None = None
    tag: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class FeedState:
    """The company's feed: its cursor (a time of Severa's, never of our clock) and its lease.

    `recent` are (activity, version) already delivered within the overlap, so that an idle poll stores nothing.
    `types` are the company's activity types, as read at `types_read`, so that a run need not ask for them. At
    `people_read` everybody whose switch is off was put into the book of what is due (R4).
    """

    cursor: datetime | None = None
    recent: tuple[tuple[str, str], ...] = ()
    lease_until: datetime | None = None
    types: tuple[ActivityType, ...] = ()
    types_read: datetime | None = None
    people_read: datetime | None = None
    failures: int = 0
    code: str = "ok"
    tag: str = field(default="", compare=False)
