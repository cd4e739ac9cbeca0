"""Who may call what (design.md section 9): the port that knows the caller, and the rule."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from core.model.caller import Caller


class Callers(Protocol):
    """Whoever issues the front end's bearer tokens."""

    async def caller(self, token: str) -> Caller:
        """Who the token was issued to. Raises NotAuthenticated; RetryLater where the issuer's keys cannot be read."""
        ...


class Who(StrEnum):
    """Who may make a call. It always concerns the caller's own company, or the caller's own pair."""

    ANYONE = "anyone"
    USER = "user"
    ADMIN = "admin"


def is_allowed(caller: Caller, who: Who) -> bool:
    """Whether the caller may make a call for `who`. An administrator is a user too, of their own pair only (R2)."""
    return who is not Who.ADMIN or caller.is_admin
