"""The last agreement about one activity and one event, and what stands in for one that was not recorded yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from core.model.ids import Pair, Side

Digests = Mapping[str, str]
"""Keyed digest by field name. Only digests are kept: a stolen table tells nobody what is in a calendar."""


class LinkState(StrEnum):
    """Parked and dead links never create or delete; only a new version on the surviving end revives them."""

    LIVE = "live"
    PARKED = "parked"
    DEAD = "dead"


class ParkReason(StrEnum):
    """Why a link rests."""

    TYPE_NOT_TICKED = "type_not_ticked"
    PROJECT_TASK = "project_task"
    PRIVATE_SKIPPED = "private_skipped"
    ARCHIVED = "archived"
    WORK_HOURS = "work_hours"
    RECURRING = "recurring"
    MEETING = "meeting"
    DISCARDED = "discarded"
    NOT_A_PARTICIPANT = "not_a_participant"
    MEETING_STAYS = "meeting_stays"


@dataclass(frozen=True, slots=True)
class End:
    """What one side held at the last agreement. `wrote` is the version that our own last write there made."""

    version: str = ""
    digests: Digests = field(default_factory=dict)
    wrote: str = ""


UNKNOWN = End()
"""An end of which nothing is remembered."""


@dataclass(frozen=True, slots=True)
class Link:
    """One activity and one event that are the same entry. Times in UTC.

    `masked`: the private event shows its mask in Severa (R10). `earlier_type`: the type that comes back when privacy
    is taken off; `given_type`: the one that this service gave last. `generation` counts how often the entry was
    created anew. `missing`: the end that is not there although the link is parked. `ends`: when the entry is over.
    `recurs`: it is a series. `agreed`: when the link was last recorded. `era`: which of the pair's mailboxes, one after
    the other, it leads into.

    Of a meeting: `claim` is the key of the company's claim on it, `organized` says that this mailbox's owner organized
    it, `people` is a digest of the attendees whom Severa was told of (R13). `followed`: another mailbox's event had the
    say at the last agreement, so what Severa holds was not compared with this one.
    """

    activity: str
    event: str
    origin: Side
    severa: End = UNKNOWN
    microsoft: End = UNKNOWN
    state: LinkState = LinkState.LIVE
    parked: ParkReason | None = None
    missing: Side | None = None
    generation: int = 0
    uid: str = ""
    masked: bool = False
    earlier_type: str = ""
    given_type: str = ""
    ends: datetime | None = None
    recurs: bool = False
    agreed: datetime | None = None
    era: int = 0
    claim: str = ""
    organized: bool = False
    people: str = ""
    followed: bool = False

    def end(self, side: Side) -> End:
        """What that side held."""
        return self.severa if side is Side.SEVERA else self.microsoft

    def with_end(self, side: Side, end: End) -> Link:
        """The link with another memory of that side."""
        return replace(self, severa=end) if side is Side.SEVERA else replace(self, microsoft=end)

    def id_on(self, side: Side) -> str:
        """The entry's id on that side."""
        return self.activity if side is Side.SEVERA else self.event


@dataclass(frozen=True, slots=True)
class Intent:
    """Written before a create, so that a lost answer is recognized. Times in UTC.

    `side` is where the entry is to be created, `source` the id of the entry that it is made from. `base` is the link
    that would be recorded, with the created end's id still empty: it is what both sides held when the create was
    sent, so an edit made before the rejoin is not lost. `settled_by` is when the request can no longer take effect.
    """

    id: str
    pair: Pair
    side: Side
    source: str
    base: Link
    begun: datetime
    settled_by: datetime
