"""Graph's notifications: checked, and turned into hints. "This mailbox has changed" is all that is taken from them.

Nothing of a notification is kept, logged or answered but numbers: its ids and its `clientState` are looked at, its
content never is.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections import Counter, defaultdict
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from core.errors import RetryLater
from core.model.company import CompanySettings
from core.model.ids import CompanyId, Pair, UserId
from core.model.subscription import Heard, Lifecycle, Subscription
from core.ports_live import LivePorts
from core.usecases.hints import came_to_nothing, hint
from core.usecases.run import not_served
from core.usecases.subscribing import digest_of
from core.usecases.subscription_steps import BEFORE

MOST_BYTES = 2 * 1024 * 1024
MOST = 1000
"""Notifications of one POST; Graph's have far fewer."""
AT_ONCE = 32
"""Calls to storage that one process makes at the same time for it, roughly."""
KNOWN = timedelta(seconds=60)
"""How long a row that was read serves this process. It is read again at once where it does not fit."""
MOST_KNOWN = 20_000
_OF_CHANGES = frozenset({"", Lifecycle.MISSED.value})
"""What asks for a look: a change, and changes that were not told."""
_OF_THE_TIMER = frozenset({Lifecycle.REAUTHORIZE.value, Lifecycle.REMOVED.value})
"""What is only noted: the timer of the subscriptions deals with it. Of two at once the removal counts (it is stored
last)."""
K = TypeVar("K")
V = TypeVar("V")


class MalformedError(ValueError):
    """What came is no collection of notifications. It says why, in words that repeat nothing of it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification: the pair that its `clientState` names, unproven; `event` is empty for a change."""

    pair: Pair
    subscription: str
    state: str = field(repr=False)
    event: str = ""


def parse(body: bytes) -> tuple[list[Notice], int]:
    """The notifications, and how many more there were that cannot be ours. Raises MalformedError."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedError("The body is not JSON.") from None
    values = document.get("value") if isinstance(document, dict) else None
    if not isinstance(values, list) or not all(isinstance(one, dict) for one in values):
        raise MalformedError("The body is no object with a list of notifications as its member `value`.")
    if len(values) > MOST:
        raise MalformedError(f"There are more than {MOST} notifications in one request.")
    found = [notice for one in values if (notice := _notice(one)) is not None]
    return found, len(values) - len(found)


def _notice(value: Mapping[str, Any]) -> Notice | None:
    subscription, state = value.get("subscriptionId"), value.get("clientState")
    if not isinstance(subscription, str) or not isinstance(state, str):
        return None
    match state.split("."):
        case [company, user, _] if company and user and state.isascii():
            event = value.get("lifecycleEvent")
            pair = Pair(CompanyId(company), UserId(user))
            return Notice(pair, subscription, state, event if isinstance(event, str) else "")
    return None


class Inbox:
    """What one process does with notifications. Its memory saves calls to storage; nothing is lost with it."""

    def __init__(self, live: LivePorts) -> None:
        self._live, self._ports = live, live.ports
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._rows: dict[Pair, tuple[datetime, Subscription | None]] = {}
        self._settings: dict[CompanyId, tuple[datetime, CompanySettings | None]] = {}
        self._running: dict[Pair, asyncio.Future[str]] = {}
        self._following: dict[Pair, asyncio.Future[str]] = {}

    async def take(self, notices: Sequence[Notice]) -> Counter[str]:
        """Store a hint for every pair that these are truly of; what they were, in numbers.

        Raises RetryLater where one could not be stored: then all of them are to come again, which does no harm.
        """
        by_pair: dict[Pair, list[Notice]] = defaultdict(list)
        for notice in notices:
            by_pair[notice.pair].append(notice)
        outcomes = await _all(self._pair(pair, mine) for pair, mine in by_pair.items())
        return sum(outcomes, Counter[str](notifications=len(notices)))

    async def _pair(self, pair: Pair, notices: list[Notice]) -> Counter[str]:
        row, genuine = await self._genuine(pair, notices)
        if row is None or not genuine:
            return Counter(ignored=len(notices))
        told = Counter(pairs=1, ignored=len(notices) - len(genuine))
        events = {one.event for one in genuine}
        for event in sorted(events & _OF_THE_TIMER):
            told[event] += 1
            heard = Heard(event=Lifecycle(event), event_at=self._ports.clock.now())
            await self._live.subscriptions.hear(pair.company, pair.user, heard)
        if events & _OF_CHANGES:
            told.update([await self._look(pair)])
            await self._delivered(pair, row)
        return told

    # --- is it ours? --------------------------------------------------------------------------------------------------
    async def _genuine(self, pair: Pair, notices: list[Notice]) -> tuple[Subscription | None, list[Notice]]:
        """The row, and those of the notices that are of its subscription and carry its `clientState`."""
        now = self._ports.clock.now()
        since, row = self._rows.get(pair, (now - KNOWN, None))
        if now - since < KNOWN and (genuine := self._matching(pair, row, notices)):
            return row, genuine
        async with self._turn:
            row = await self._live.subscriptions.find(pair.company, pair.user)
        if row is not None:  # Pairs that strangers made up are not remembered.
            _keep(self._rows, pair, (now, row))
        return row, self._matching(pair, row, notices)

    def _matching(self, pair: Pair, row: Subscription | None, notices: list[Notice]) -> list[Notice]:
        """Every digest is made and compared in full, whether the ids are equal or not."""
        known, digest = (row.id, row.digest) if row is not None else ("", "")
        found = []
        for notice in notices:
            made = digest_of(self._ports, pair.company, notice.state)
            is_state = hmac.compare_digest(made, digest)
            is_subscription = hmac.compare_digest(notice.subscription.encode(), known.encode())
            if is_state and is_subscription and known:
                found.append(notice)
        return found

    # --- what it makes happen -----------------------------------------------------------------------------------------
    async def _look(self, pair: Pair) -> str:
        """A hint that begins after this call. Whoever comes while one is being stored shares the next one.

        They are tasks of their own: a caller who gives up takes nobody else's hint along.
        """
        running, following = self._running.get(pair), self._following.get(pair)
        if following is not None:
            await asyncio.shield(following)
            return "coalesced"
        if running is None:
            task = self._running[pair] = asyncio.ensure_future(self._hint(pair))
        else:
            task = self._following[pair] = asyncio.ensure_future(self._follow(pair, running))
        task.add_done_callback(lambda done: self._ended(pair, done))
        return await asyncio.shield(task)

    async def _follow(self, pair: Pair, running: asyncio.Future[str]) -> str:
        await asyncio.wait([running])
        self._running[pair] = self._following.pop(pair)
        return await self._hint(pair)

    def _ended(self, pair: Pair, task: asyncio.Future[str]) -> None:
        if self._running.get(pair) is task:
            del self._running[pair]
        if not task.cancelled():
            task.exception()  # Whoever waits for it raises it; nobody may wait any more.

    async def _hint(self, pair: Pair) -> str:
        """A hint, where the pair is served now; else the cursor keeps what changed until presence returns (R3)."""
        async with self._turn:
            head, settings = await self._ports.pairs.head(pair), await self._settings_of(pair.company)
            if settings is None or not settings.enabled or not_served(head, settings, self._ports.clock.now()):
                return "waiting"
            try:
                return "sent" if await hint(self._ports, pair, head=head) else "queued"
            except RetryLater:  # The row may say that a message is on its way: the next hint is to send one.
                with suppress(RetryLater):
                    await came_to_nothing(self._ports, pair)
                raise

    async def _settings_of(self, company: CompanyId) -> CompanySettings | None:
        now = self._ports.clock.now()
        since, settings = self._settings.get(company, (now - KNOWN, None))
        if now - since >= KNOWN:
            found = await self._ports.companies.settings(company)
            settings = found[0] if found else None
            _keep(self._settings, company, (now, settings))
        return settings

    async def _delivered(self, pair: Pair, row: Subscription) -> None:
        """That its notifications come. It is for health only: where it cannot be stored, the next one says it too."""
        now, heard = self._ports.clock.now(), row.heard
        is_fresh = heard.delivered is not None and now - heard.delivered < BEFORE
        if is_fresh and (heard.suspected is None or heard.delivered is None or heard.suspected <= heard.delivered):
            return
        _keep(self._rows, pair, (now, replace(row, heard=replace(heard, delivered=now))))
        with suppress(RetryLater):
            await self._live.subscriptions.hear(pair.company, pair.user, Heard(delivered=now))


async def _all(work: Iterable[Awaitable[Counter[str]]]) -> list[Counter[str]]:
    """Everything is carried out, whatever fails; then the first failure is raised."""
    done = await asyncio.gather(*work, return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException):
            raise one
    return [one for one in done if isinstance(one, Counter)]


def _keep(kept: dict[K, V], key: K, value: V) -> None:
    """Remember it; the oldest goes where there are too many."""
    kept.pop(key, None)
    kept[key] = value
    if len(kept) > MOST_KNOWN:
        del kept[next(iter(kept))]
