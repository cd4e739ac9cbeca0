"""When a pair or a feed is looked at without any hint: the book that the sweep keeps. Pure."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from core.model.ids import Pair

POLL_MINUTES = 15
"""A pair whose user is logged in is looked at this often even if no notification comes."""
AWAY_MINUTES = 360
"""A pair whose user is not logged in, or that waits for a person, only this often."""
PASSIVE_MINUTES = 1440
"""A pair whose user's own switch is off looks once a day for what others share with it (R4)."""
FEED = timedelta(minutes=1)


def next_look(pair: Pair, now: datetime, *, away: bool) -> datetime:
    """The pair's own slot after `now` (UTC): always the same minutes, so two sweeps put it down once, and spread."""
    return _next(pair, now, AWAY_MINUTES if away else POLL_MINUTES)


def next_passive_look(pair: Pair, now: datetime) -> datetime:
    """The same for a passive pair: once a day."""
    return _next(pair, now, PASSIVE_MINUTES)


def _next(pair: Pair, now: datetime, period: int) -> datetime:
    phase = int.from_bytes(hashlib.sha256(f"{pair.company}|{pair.user}".encode()).digest()[:4], "big") % period
    minute = int(now.timestamp()) // 60
    ahead = (phase - minute) % period or period
    return now.replace(second=0, microsecond=0) + timedelta(minutes=ahead)
