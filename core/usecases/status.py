"""How a pair and a company are doing, for the user concerned and for the administrator. No subjects, no addresses."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from core.model.company import CompanySettings, FeedState
from core.model.ids import CompanyId, Pair, UserId
from core.model.rows import Member
from core.model.state import Head, Repair, Switch
from core.model.subscription import Subscription
from core.ports import Ports
from core.ports_live import SubscriptionStore
from core.usecases.run import not_served
from core.usecases.settings import read_settings

AT_ONCE = 8
"""Pairs whose rows are read at the same time."""


@dataclass(frozen=True, slots=True)
class PairStatus:
    """One pair. `code` is stable and has a sentence in words.py; `since` is when it became so, where that is known.

    `waiting` counts entries that have changed and are not settled yet, `held` those among them that wait for a person.
    `notifications` is why Microsoft 365 does not tell of this mailbox's changes, empty where nothing is known against.
    `repair` is the last one that a resync asked for, and what it found.
    """

    user: UserId
    on: bool
    code: str
    since: datetime | None
    failures: int
    first_sync: datetime | None
    matched: bool
    compared: datetime | None
    waiting: int
    held: int
    notifications: str = ""
    repair: Repair | None = None


@dataclass(frozen=True, slots=True)
class CompanyStatus:
    """A company with one page of its pairs, in the order of their users' ids. `following`: there are more."""

    settings: CompanySettings
    feed: FeedState
    members: int
    pairs: tuple[PairStatus, ...]
    following: bool


@dataclass(frozen=True, slots=True)
class OwnStatus:
    """What a user sees of their own pair."""

    company_on: bool
    switch: Switch
    pair: PairStatus


async def own_status(ports: Ports, pair: Pair, subscriptions: SubscriptionStore | None = None) -> OwnStatus:
    """The user's switch and state; `subscriptions` where the service has notifications."""
    settings, _ = await read_settings(ports, pair.company)
    head = await ports.pairs.head(pair)
    found = await subscriptions.find(pair.company, pair.user) if subscriptions is not None else None
    return OwnStatus(settings.enabled, head.switch, pair_status(settings, head, ports.clock.now(), found))


async def company_status(
    ports: Ports, company: CompanyId, after: str, limit: int, subscriptions: SubscriptionStore | None = None
) -> CompanyStatus:
    """The company's feed and the pairs of the next `limit` users whose ids come after `after` (empty: the first)."""
    settings, _ = await read_settings(ports, company)
    members = sorted(await ports.companies.members(company), key=lambda member: member.user)
    ahead = [member for member in members if member.user > after]
    asked = await subscriptions.of_company(company) if subscriptions is not None else ()
    found, turn = {one.user: one for one in asked}, asyncio.Semaphore(AT_ONCE)

    async def one(member: Member) -> PairStatus:
        async with turn:
            head = await ports.pairs.head(Pair(company, member.user))
        return pair_status(settings, head, ports.clock.now(), found.get(member.user))

    pairs = await asyncio.gather(*(one(member) for member in ahead[:limit]))
    feed = await ports.companies.feed(company)
    return CompanyStatus(settings, feed, len(members), tuple(pairs), len(ahead) > limit)


def pair_status(
    settings: CompanySettings, head: Head, now: datetime, subscription: Subscription | None = None
) -> PairStatus:
    """What the rows say. A switch that is off goes before trouble, trouble before what only waits."""
    state, held = head.state, sum(bool(row.hold) for row in head.pending)
    code, since = _code(settings, head, now)
    return PairStatus(
        head.pair.user,
        head.switch.on,
        code,
        since,
        state.health.failures,
        state.first_sync,
        state.matched,
        state.compared,
        len(head.pending),
        held,
        subscription.code if subscription is not None and subscription.code != "ok" else "",
        state.repair,
    )


def _code(settings: CompanySettings, head: Head, now: datetime) -> tuple[str, datetime | None]:
    health = head.state.health
    if not settings.enabled:
        return "company_off", None
    if not head.switch.on:
        return "switched_off", head.switch.since
    if health.code not in ("", "ok"):
        return health.code, health.since
    if not head.state.matched:
        return "first_sync", head.switch.since
    if any(row.hold for row in head.pending):
        return "held", None
    return not_served(head, settings, now) or "ok", health.since
