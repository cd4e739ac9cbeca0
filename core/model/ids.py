"""Who and which: sides, companies, users, pairs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

CompanyId = NewType("CompanyId", str)
"""A Severa organization's guid: the tenant of this service."""
UserId = NewType("UserId", str)
"""A Severa user's guid."""
MailboxId = NewType("MailboxId", str)
"""A mailbox's stable id: Entra object id, later also Exchange mailbox guid."""


class Side(StrEnum):
    """One of the two calendars that a pair keeps in agreement."""

    SEVERA = "severa"
    MICROSOFT = "microsoft"

    @property
    def other(self) -> Side:
        """The calendar on the far side."""
        return Side.MICROSOFT if self is Side.SEVERA else Side.SEVERA


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """One user's Severa calendar and that user's mailbox: the unit of synchronization, of locking, of failure."""

    company: CompanyId
    user: UserId
