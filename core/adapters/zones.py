"""Time zones by the names that Microsoft's programs use, both ways (R23). No adapter: what adapters may share.

Windows names by CLDR's table as tzlocal carries it: it alone knows the newest ones (facts/microsoft.md L).
"""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tzlocal.windows_tz import tz_win, win_tz

UNKNOWN = "time_zone_unknown"
"""What history is told of an entry whose zone nobody can resolve: it is kept in UTC (R23, peers.md P19)."""

_UTC_NAMES = frozenset({"utc", "etc/utc", "etc/gmt", "gmt", "z", "tzone://microsoft/utc"})
"""Names under which UTC comes back; the last one is Outlook's own (peers.md P19)."""


@lru_cache(maxsize=1024)
def iana(name: str) -> str | None:
    """The IANA name of a Windows or IANA zone; None for unknown and custom ones (`tzone://Microsoft/Custom`)."""
    if name.lower() in _UTC_NAMES:
        return "UTC"
    try:
        return ZoneInfo(win_tz.get(name, name)).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def windows(zone: str) -> str | None:
    """The Windows name of an IANA zone, which Exchange is sure to know; None for the few that have none."""
    return tz_win.get(zone)
