"""What a company and a user decided, as far as the algorithm needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.model.ids import CompanyId, UserId
from core.model.sighting import Category


class ConflictRule(StrEnum):
    """Whose value stays when both sides changed one field (R17)."""

    NEWEST = "newest"
    SEVERA = "severa"
    MICROSOFT = "microsoft"


class PrivateWithoutPersonal(StrEnum):
    """What becomes of a private event in a company without an active Personal type (R10)."""

    MASK = "mask"
    SHOW = "show"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class ActivityType:
    """One of a company's activity types; `is_default` holds within its category (facts/severa.md 1.8)."""

    id: str
    name: str
    category: Category
    is_active: bool = True
    is_default: bool = False


NEWCOMER_AGE = timedelta(days=30)
"""Entries that ended longer ago, counted from the first sync, are not synchronized (R7)."""
ARCHIVE_AGE = timedelta(days=7)
"""Entries that ended longer ago are never deleted on the other side: archiving is not deleting (R19)."""
SAME_MOMENT = timedelta(seconds=60)
"""Two changes closer together than this have no newer one (R17)."""

YOUNG = timedelta(minutes=10)
"""A link this young may point to an entry that reads do not show yet: its absence proves nothing (P30)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules for one pair in one run. `now` and `first_sync` are UTC instants given by the caller.

    `personal_type` is empty where the company has no active Personal type. `default_type` is the user's, else the
    company's default of CalendarEntry. `ticked` are the types that travel from Severa to Microsoft (R9).
    """

    company: CompanyId
    user: UserId
    now: datetime
    first_sync: datetime
    default_type: str
    personal_type: str = ""
    ticked: frozenset[str] = frozenset()
    types: Mapping[str, ActivityType] = field(default_factory=dict)
    conflict: ConflictRule = ConflictRule.NEWEST
    private_without_personal: PrivateWithoutPersonal = PrivateWithoutPersonal.MASK
