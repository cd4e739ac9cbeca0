"""One pair's subscription: made, renewed, made anew, removed. Every step may be repeated after a crash."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import datetime, timedelta

from core.errors import LeaseLost, RetryLater, Stop
from core.model.company import CompanySettings
from core.model.ids import CompanyId, MailboxId, Pair, Side, UserId
from core.model.operation import Note, NoteKind
from core.model.rows import Commit, Record
from core.model.state import Head
from core.model.subscription import Granted, Request, Subscription, Taken
from core.ports import Ports
from core.ports_live import GraphSubscriptions, LivePorts
from core.usecases.hints import hint
from core.usecases.homes import home_of
from core.usecases.subscription_steps import APART, LIFE, RENEWAL, SPREAD, Step, Wish

NOTIFICATIONS, LIFECYCLE = "/api/graph/notifications", "/api/graph/lifecycle"
BACKOFF = timedelta(minutes=2)
BACKOFF_MAX = timedelta(hours=6)
UNBOUND_MAX = timedelta(minutes=30)
"""A pair whose mailbox is not known yet is looked at again after that long at most."""
HELD = timedelta(seconds=30)
_RANDOM = 48
"""Hexadecimal digits of chance in a `clientState`, which has 128 characters at most (facts/microsoft.md E)."""


def client_state(ports: Ports, pair: Pair) -> str:
    """A new one: which pair it is of, so that a notification is looked up with one read, and 192 random bits."""
    chance = ports.randomness.token() + ports.randomness.token()
    return f"{pair.company}.{pair.user}.{chance[:_RANDOM]}"


def digest_of(ports: Ports, company: CompanyId, state: str) -> str:
    """The keyed digest of a `clientState`: who reads the table cannot send notifications."""
    return hmac.digest(ports.keys.digest_key(company), f"notification {state}".encode(), hashlib.sha256).hex()


async def drop(live: LivePorts, company: CompanyId, row: Subscription) -> bool:
    """End a pair's subscription and forget it. Raises RetryLater.

    False where Graph could not be asked until somebody acts: then it runs out by itself within a week, and what it
    delivers until then is ignored.
    """
    ended = True
    if row.id:
        try:
            await live.graph(row.tenant).delete(row.id)
        except Stop:
            ended = False
    await live.subscriptions.remove(company, row.user)
    return ended


class Subscriber:
    """The subscriptions of one company."""

    def __init__(self, live: LivePorts, company: CompanyId, settings: CompanySettings, wish: Wish | None) -> None:
        self._live, self._ports, self._company, self._settings = live, live.ports, company, settings
        self._wish = wish

    async def take(self, step: Step, user: UserId, row: Subscription | None) -> None:
        """Do it. Raises RetryLater, Stop."""
        known = row or Subscription(user)
        match step:
            case Step.CREATE:
                await self._create(known)
            case Step.REPLACE:
                await self._delete(known)
                await self._create(known)
            case Step.RENEW:
                await self._renew(known)
            case Step.REMOVE:
                await drop(self._live, self._company, known)
            case Step.READ:
                await self._read_in_full(known)
            case Step.NOTHING:
                pass

    async def failed(self, user: UserId, row: Subscription | None, failure: RetryLater | Stop) -> None:
        """Remember why, and when to try again. That Graph's quota is used up is told to the user, once."""
        known = row or Subscription(user)
        now = self._ports.clock.now()
        pause = min(BACKOFF * 2 ** min(known.failures, 12), BACKOFF_MAX)
        if isinstance(failure, RetryLater) and failure.after is not None:
            pause = timedelta(seconds=failure.after)
        if failure.code == "subscription_quota" and known.code != failure.code:
            note = Note(NoteKind.REMARK, failure.code, Side.MICROSOFT)
            line = Record(f"{failure.code}-{now:%Y%m%d}", now, note)
            await self._ports.history.append(Pair(self._company, user), [line])
        failing = replace(known, code=failure.code, failures=known.failures + 1, not_before=now + pause)
        await self._live.subscriptions.put(self._company, failing)

    # --- steps --------------------------------------------------------------------------------------------------------
    @property
    def _graph(self) -> GraphSubscriptions:
        return self._live.graph(self._settings.tenant)

    def _pair(self, row: Subscription) -> Pair:
        return Pair(self._company, row.user)

    async def _create(self, row: Subscription) -> None:
        """A new one; what changed in between is asked for by a hint, since the cursor knows it all."""
        wish = self._wish
        head = await self._ports.pairs.head(self._pair(row))
        if wish is None or not head.switch.on:
            return
        if not self._is_bound(head):
            await self._wait_for_mailbox(row)
            return
        asked = self._request(row, head.state.mailbox, wish)
        answer = await self._graph.create(asked)
        granted = answer if isinstance(answer, Granted) else await self._taken(row, asked, answer)
        if granted is None:
            return
        now = self._ports.clock.now()
        known = Subscription(
            row.user,
            granted.id,
            wish.tenant,
            head.state.mailbox,
            wish.address,
            digest_of(self._ports, self._company, asked.client_state),
            created=now,
            expires=granted.expires,
            authorized=now,
            renew_at=self._renewal(now),
            handled=row.heard.event_at,
            full=row.full or _ran_out(row, now),
        )
        await self._put(known)
        await self._catch_up(known)

    def _is_bound(self, head: Head) -> bool:
        """Whether the pair has a mailbox where the settings say, and it is the pair's own (R1)."""
        state = head.state
        is_lost = state.health.code in ("mailbox_changed", "mailbox_taken")
        return bool(state.mailbox) and state.origin == home_of(self._settings) and not is_lost

    def _request(self, row: Subscription, mailbox: MailboxId, wish: Wish) -> Request:
        state = client_state(self._ports, self._pair(row))
        here, until = wish.address, self._ports.clock.now() + LIFE
        return Request(mailbox, here + NOTIFICATIONS, here + LIFECYCLE, state, until=until)

    async def _taken(self, row: Subscription, asked: Request, taken: Taken) -> Granted | None:
        """There is one already: ours and known, it is adopted (None); ours by its address, made anew.

        One that delivers elsewhere belongs to another installation of this service, and is left alone.
        """
        found = [await self._graph.read(taken.id)] if taken.id else await self._graph.of_mailbox(asked.mailbox)
        for existing in filter(None, found):
            is_known = existing.id == row.id and row.digest
            if is_known and (existing.notifications, existing.lifecycle) == (asked.notifications, asked.lifecycle):
                await self._adopt(row, existing.expires)
                return None
            if not is_known and existing.notifications != asked.notifications:
                raise Stop("subscription_elsewhere")
            await self._graph.delete(existing.id)
        again = await self._graph.create(asked)
        if isinstance(again, Taken):
            raise RetryLater("subscription_exists")
        return again

    async def _adopt(self, row: Subscription, expires: datetime) -> None:
        """It lives after all: whatever was said of it is dealt with, and it is renewed in its turn."""
        alive = replace(row, expires=expires, handled=row.heard.event_at, code="ok", failures=0, not_before=None)
        await self._put(replace(alive, renew_at=self._ports.clock.now() + APART))
        await hint(self._ports, self._pair(row))

    async def _renew(self, row: Subscription) -> None:
        """Longer life and a fresh authorization, in one call. Notifications may have been withheld until now."""
        now = self._ports.clock.now()
        head = await self._ports.pairs.head(self._pair(row))
        if not self._is_bound(head) or head.state.mailbox != row.mailbox:
            await self._delete(row)
            await self._create(replace(row, id=""))
            return
        until = await self._graph.renew(row.id, now + LIFE)
        if until is None:
            await self._create(replace(row, id="", full=True))
            return
        asked = row.heard.event_at is not None and row.handled != row.heard.event_at
        renewed = replace(row, expires=until, authorized=now, renew_at=self._renewal(now), handled=row.heard.event_at)
        await self._put(replace(renewed, code="ok", failures=0, not_before=None))
        if asked:
            await hint(self._ports, self._pair(row))

    async def _delete(self, row: Subscription) -> None:
        """The old one goes; where it cannot be reached any more it runs out."""
        try:
            await self._live.graph(row.tenant).delete(row.id)
        except Stop:
            return

    async def _catch_up(self, row: Subscription) -> None:
        if row.full:
            await self._read_in_full(row)
        else:
            await hint(self._ports, self._pair(row))

    async def _read_in_full(self, row: Subscription) -> None:
        """The next run compares both sides. While a run is under way, this comes again later."""
        now, pair = self._ports.clock.now(), self._pair(row)
        lease = await self._ports.pairs.acquire(await self._ports.pairs.head(pair), now, now + HELD)
        if lease is None:
            return
        try:
            await self._ports.pairs.release(lease, Commit(drop_cursor=True))
        except LeaseLost:
            return
        await self._put(replace(row, full=False))
        await hint(self._ports, pair)

    async def _wait_for_mailbox(self, row: Subscription) -> None:
        pause = min(BACKOFF * 2 ** min(row.failures, 12), UNBOUND_MAX)
        later = self._ports.clock.now() + pause
        await self._put(replace(row, code="mailbox_not_bound", failures=row.failures + 1, not_before=later))

    async def _put(self, row: Subscription) -> None:
        await self._live.subscriptions.put(self._company, row)

    def _renewal(self, now: datetime) -> datetime:
        return now + RENEWAL + SPREAD * self._ports.randomness.fraction()


def _ran_out(row: Subscription, now: datetime) -> bool:
    return bool(row.id) and row.expires is not None and row.expires <= now
