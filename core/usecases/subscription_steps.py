"""What a pair's subscription needs next: one decision, from its row and the time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.model.subscription import Lifecycle, Subscription

LIFE = timedelta(minutes=10_080 - 60)
"""Graph allows 10,080 minutes for events (facts/microsoft.md E); clocks differ."""
RENEWAL = timedelta(hours=20)
SPREAD = timedelta(hours=8)
"""Renewed once a day, each in its own hour: authorization does not last as long as the subscription."""
APART = timedelta(minutes=10)
"""Two calls that authorize a subscription are never closer (facts/microsoft.md E, "Lifecycle")."""
GRACE = timedelta(minutes=15)
"""Notifications of a calendar take three minutes at most; from a slow endpoint Graph withholds them for ten."""
BEFORE = timedelta(hours=1)
"""What `delivered` is exact to: a notification of the last hour may be any time in it."""
ANEW = timedelta(days=1)
"""A subscription that says nothing is made anew once a day at most."""


class Step(StrEnum):
    """What is to be done."""

    NOTHING = "nothing"
    CREATE = "create"
    RENEW = "renew"
    REPLACE = "replace"
    REMOVE = "remove"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Wish:
    """What every pair of a company that is switched on should have: a subscription there that delivers here."""

    tenant: str
    address: str


def step_of(row: Subscription | None, wish: Wish | None, now: datetime) -> Step:
    """The next step for a pair; `wish` is None where it should have no subscription."""
    if row is None:
        return Step.CREATE if wish is not None else Step.NOTHING
    if row.not_before is not None and row.not_before > now:
        return Step.NOTHING
    if wish is None:
        return Step.REMOVE
    if not row.id:
        return Step.CREATE
    if (row.tenant, row.address) != (wish.tenant, wish.address):
        return Step.REPLACE
    return _of_living(row, now)


def _of_living(row: Subscription, now: datetime) -> Step:
    if row.expires is None or row.expires <= now or unhandled(row) is Lifecycle.REMOVED:
        return Step.CREATE
    if is_silent(row, now):
        return Step.REPLACE
    is_asked = unhandled(row) is Lifecycle.REAUTHORIZE or row.renew_at is None or row.renew_at <= now
    if is_asked and (row.authorized is None or row.authorized + APART <= now):
        return Step.RENEW
    return Step.READ if row.full else Step.NOTHING


def unhandled(row: Subscription) -> Lifecycle | None:
    """What Graph said of it that was not dealt with yet."""
    at = row.heard.event_at
    return row.heard.event if at is not None and (row.handled is None or row.handled < at) else None


def is_silent(row: Subscription, now: datetime) -> bool:
    """Whether a change was found that no notification told of, neither shortly before nor since (P51)."""
    suspected, delivered = row.heard.suspected, row.heard.delivered
    if suspected is None or row.created is None or suspected < row.created:
        return False
    is_heard = delivered is not None and delivered >= suspected - BEFORE
    return not is_heard and suspected + GRACE <= now and row.created + ANEW <= now
