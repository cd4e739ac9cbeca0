"""What holds of meetings and shared activities once all is quiet (R13, R14, promises 2, 3 and 5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.contract.whole.meeting import NAMES, Company

AGED = timedelta(minutes=30)
"""Beyond the time in which what was just made may not show yet (P30)."""
DAY = timedelta(hours=25)
"""Beyond the daily listing of Severa's side."""


async def at_rest(us: Company, *names: str) -> None:
    """Settle; then another feed and run of everybody write nothing, on either side."""
    await us.settle(*(names or NAMES))
    us.stage.quiet()
    await us.settle(*(names or NAMES))
    for log in (us.stage.severa.requests, us.stage.graph.requests):
        written = [f"{one.method} {one.path}" for one in log.entries if one.method != "GET" and "token" not in one.path]
        assert written == []


async def one_of(us: Company, subject: str = "Board", *, mails: int = 0) -> Any:
    """The one activity of that name; no mailbox of its people shows it twice, and Exchange mailed that often."""
    [found] = [one for one in us.activities() if one.name == subject]
    for name in us.stage.users:
        shown = us.events(name)
        assert shown.count(subject) <= 1, (name, shown)
    assert us.mails == mails
    return found


def has(us: Company, name: str, subject: str = "Board") -> int:
    """How often somebody's mailbox shows it."""
    return us.events(name).count(subject)
