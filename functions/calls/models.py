"""What the interface takes and answers, as pydantic models: everything bounded, nothing unknown."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from core.model.company import AUTHORITY_MAX, ExchangeRelease, ExchangeTls, MeetingEdits, SyncWhile, Version
from core.model.connection import Check, Outcome
from core.model.policy import ConflictRule, PrivateWithoutPersonal
from core.usecases.exchange_url import LONGEST
from core.usecases.settings import DOMAIN_MAX, TYPES_MAX, USER_NAME_MAX

TypeId = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,64}$", description="An activity type's id in Severa.")]
NewSecret = Annotated[SecretStr, Field(min_length=1, max_length=1000)]


class Strict(BaseModel):
    """A model that takes nothing that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Choices(Strict):
    """What a company's administrator decides, secrets aside."""

    version: Version = Field(description="Where the company's mailboxes live.")
    domain: str = Field(max_length=DOMAIN_MAX, description="NetBIOS name of the delegate user's Windows domain.")
    ews_url: str = Field(
        max_length=LONGEST,
        description="Address of the company's Exchange Web Services, https://mail.example.com/EWS/Exchange.asmx; not "
        "Exchange Online.",
    )
    user_name: str = Field(
        max_length=USER_NAME_MAX,
        description="The delegate user of the Exchange Server: a logon name, or user@domain without `domain`.",
    )
    release: ExchangeRelease = Field(description="The Exchange Server's release; empty: as the server says itself.")
    exchange_tls: ExchangeTls = Field(
        description="`old` puts up with TLS before 1.2, SHA-1 and short keys, for this company's server alone: whoever "
        "stands in between may then read the delegate user's password."
    )
    exchange_authority: str = Field(
        max_length=AUTHORITY_MAX,
        description="Certificates in PEM that are trusted for this company's server beside the public authorities: its "
        "private authority's, or the server's own where it issued it to itself; empty: none.",
    )
    severa_client_id: str = Field(pattern=r"^[!-~]{0,200}$", description="Client id of the company's Severa API user.")
    synced_types: list[TypeId] = Field(
        max_length=TYPES_MAX, description="Activity types that travel from Severa to Microsoft (R9)."
    )
    default_type: str = Field(
        pattern=r"^[0-9A-Za-z-]{0,64}$",
        description="The type of activities made from events; empty: the default of Severa's calendar entries.",
    )
    sync_while: SyncWhile = Field(description="Whether only users who are logged in to Severa are served (R3).")
    conflict: ConflictRule = Field(description="Whose value stays when both sides changed one field (R17).")
    private_without_personal: PrivateWithoutPersonal = Field(
        description="What becomes of a private event where no type Personal is active (R10)."
    )
    meeting_edits: MeetingEdits = Field(
        description="Whether an organizer's edit in Severa is written to the meeting (R16)."
    )
    time_zone: str = Field(
        pattern=r"^[0-9A-Za-z_+/-]{1,64}$", description="IANA name, for users whose own zone is unknown (R23)."
    )


class SettingsIn(Choices):
    """The settings as they are to be. A secret that is left out, or null, stays as it is."""

    severa_client_secret: NewSecret | None = Field(default=None, description="Write-only.")
    password: NewSecret | None = Field(
        default=None,
        description="Of the Exchange delegate user. Write-only; needed again where `ews_url` names another server.",
    )


class SettingsOut(Choices):
    """The settings as they are. Secrets are never shown, only whether there is one."""

    tenant: str = Field(description="The Microsoft 365 organization; empty until consent was given. Read-only.")
    enabled: bool = Field(description="The company's switch; it has its own call.")
    enabled_since: datetime | None
    has_severa_client_secret: bool
    has_password: bool
    notice: str = Field(
        default="", description="What this change brought about beside the settings, in a sentence; mostly empty."
    )


class CompanySwitchIn(Strict):
    """The company's switch as it is to be."""

    enabled: bool


class CompanySwitchOut(Strict):
    """The company's switch (R2, R5)."""

    enabled: bool
    enabled_since: datetime | None


class StepOut(Strict):
    """One step of a test of the connection."""

    step: Check
    outcome: Outcome
    code: str = Field(description="Stable; empty where the step passed or was skipped.")
    sentence: str
    remedy: str = Field(description="What to put in order, empty where nothing is needed.")
    detail: str = Field(description="What was found or is missing: a version, scopes, a number of users.")


class ConnectionOut(Strict):
    """A test of the connection, step by step: Severa, then the side where the company's mailboxes are."""

    passed: bool = Field(description="Whether no step failed.")
    steps: list[StepOut]


class Tickable(Strict):
    """An activity type that may be ticked (R9)."""

    id: str
    name: str
    category: str
    is_active: bool
    is_default: bool = Field(description="Whether it is the default of its category.")
    ticked: bool


class TypesOut(Strict):
    """The company's activity types, without project tasks."""

    types: list[Tickable]


class State(Strict):
    """A state in a stable code and in words."""

    code: str
    since: datetime | None
    sentence: str
    remedy: str = Field(description="What helps, empty where nothing is needed.")


class OwnSwitchIn(Strict):
    """The user's own switch as it is to be."""

    on: bool


class FoundOut(Strict):
    """One kind of thing that a repair found and mended."""

    code: str
    number: int
    sentence: str
    remedy: str


class RepairOut(Strict):
    """What the last resync looked for beside comparing: what is remembered and leads nowhere."""

    asked: datetime
    done: datetime | None = Field(description="When it was over; null until then.")
    found: list[FoundOut]


class OwnSync(Strict):
    """The user's own switch and state."""

    on: bool
    since: datetime | None = Field(description="When the switch was last moved.")
    company_on: bool = Field(description="Whether it can be turned on.")
    first_sync_done: bool
    waiting: int = Field(description="Entries that have changed and are not settled yet.")
    held: int = Field(description="Entries among them that wait for a decision.")
    state: State
    notifications: State | None = Field(
        description="Why Microsoft 365 does not tell the service of changes in the mailbox; null where it does."
    )
    repair: RepairOut | None = Field(description="The last resync and what it mended; null where there was none.")


class ActivityPath(Strict):
    """The activity that was changed or removed."""

    guid: UUID


class ChangedQuery(Strict):
    """Who is concerned besides those who are known to hold it."""

    people: str = Field(
        default="",
        max_length=3700,
        pattern="^([0-9a-fA-F-]{36}(,[0-9a-fA-F-]{36})*)?$",
        description="Users who take part in it, or did until now, guids with commas between them.",
    )


class StatusQuery(Strict):
    """One page of the company's pairs."""

    after: UUID | None = Field(default=None, description="The last user of the page before.")
    limit: int = Field(default=50, ge=1, le=100)


class PairOut(Strict):
    """How one pair is doing."""

    user: str
    on: bool
    failures: int = Field(description="Runs that failed since the last good one.")
    first_sync_done: bool
    compared: datetime | None = Field(description="The last full comparison of both calendars.")
    waiting: int
    held: int
    state: State
    notifications: State | None = Field(
        description="Why Microsoft 365 does not tell the service of changes in the mailbox; null where it does."
    )


class FeedOut(Strict):
    """How the company's Severa feed is doing."""

    seen_until: datetime | None = Field(description="How far it has read, in Severa's time.")
    failures: int
    state: State


class StatusOut(Strict):
    """How the company is doing: its feed and a page of its pairs."""

    enabled: bool
    enabled_since: datetime | None
    feed: FeedOut
    users: int = Field(description="Users who have, or had, their sync on.")
    pairs: list[PairOut]
    following: str | None = Field(description="`after` of the next page; null on the last one.")


class ProblemOut(Strict):
    """A problem document (RFC 9457)."""

    type: str = Field(description="Stable: what callers compare.")
    title: str
    status: int
    detail: str = Field(description="A sentence for people.")
    remedy: str | None = Field(default=None, description="What the person can do.")
    code: str | None = Field(default=None, description="The state that stands in the way, as in `State`.")
    errors: dict[str, str] | None = Field(default=None, description="A sentence for each field that is wrong.")


class Health(Strict):
    """Whether this process can serve."""

    model_config = ConfigDict(extra="allow", frozen=True)
    status: str
    settings: str
