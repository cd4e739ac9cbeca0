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
POLLS = (15, 8, 4, 2, 1)
"""How often, in minutes, a mailbox that tells of nothing is looked at: as often as it has been quiet for long."""
FEED = timedelta(minutes=1)
LISTINGS = timedelta(hours=20), timedelta(hours=23, minutes=45)
"""How old a pair's listing of Severa gets before the next one: with the look that follows, within a day (R8)."""
COMPARISONS = timedelta(days=6), timedelta(days=6, hours=23, minutes=45)
"""The same for the comparison of both sides, within a week (R7, R8)."""


def next_minute(now: datetime) -> datetime:
    """The minute that begins next (UTC)."""
    return now.replace(second=0, microsecond=0) + timedelta(minutes=1)


def next_look(pair: Pair, now: datetime, *, away: bool) -> datetime:
    """The pair's own slot after `now` (UTC): always the same minutes, so two sweeps put it down once, and spread."""
    return _next(pair, now, AWAY_MINUTES if away else POLL_MINUTES)


def next_poll(pair: Pair, now: datetime, present_until: datetime | None, noticed: datetime | None) -> datetime:
    """The same for a mailbox that sends no notifications (R3): every minute while its user is there or changes come.

    After that ever more rarely, up to the look that every pair gets. `present_until` and `noticed` (UTC) say until when
    its user counts as being there, and when a run last found a change.
    """
    busy = max((at for at in (present_until, noticed) if at is not None), default=None)
    quiet = now - busy if busy is not None else timedelta.max
    return _next(pair, now, next((p for p in POLLS if quiet >= timedelta(minutes=p)), POLLS[-1]))


def next_passive_look(pair: Pair, now: datetime) -> datetime:
    """The same for a passive pair: once a day."""
    return _next(pair, now, PASSIVE_MINUTES)


def listing_after(pair: Pair) -> timedelta:
    """How old this pair's listing gets. Pairs that began together drift apart by that, and spread over the day."""
    return _between(pair, *LISTINGS)


def comparison_after(pair: Pair) -> timedelta:
    """How old this pair's comparison gets; the same for the week."""
    return _between(pair, *COMPARISONS)


def _between(pair: Pair, least: timedelta, most: timedelta) -> timedelta:
    return least + timedelta(minutes=_share(pair) % ((most - least) // timedelta(minutes=1) + 1))


def _share(pair: Pair) -> int:
    """A number that is the pair's own."""
    return int.from_bytes(hashlib.sha256(f"{pair.company}|{pair.user}".encode()).digest()[:4], "big")


def _next(pair: Pair, now: datetime, period: int) -> datetime:
    phase = _share(pair) % period
    minute = int(now.timestamp()) // 60
    ahead = (phase - minute) % period or period
    return now.replace(second=0, microsecond=0) + timedelta(minutes=ahead)
