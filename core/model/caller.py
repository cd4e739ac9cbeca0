"""Who calls the HTTP interface, as the bearer token says."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.ids import CompanyId, Pair, UserId


@dataclass(frozen=True, slots=True)
class Caller:
    """A Severa user who proved who they are. Every call is about this company, most about this user."""

    company: CompanyId
    user: UserId
    is_admin: bool = False

    @property
    def pair(self) -> Pair:
        """The caller's own pair."""
        return Pair(self.company, self.user)
