"""The timer that keeps every pair's Graph subscription: made, renewed, made anew, removed. Polling never stops for it.

Nothing triggers it but time: switches, moved mailboxes and what Graph says of a subscription are seen in the rows.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.errors import RetryLater, Stop, StorageConflict
from core.model.company import CompanySettings, Version
from core.model.ids import CompanyId, UserId
from core.model.subscription import Heard, Subscription
from core.ports_live import LivePorts
from core.ports_telemetry import current
from core.usecases.hints import PairMessage, Why
from core.usecases.report import Outcome, Report
from core.usecases.side_by_side import past
from core.usecases.subscribing import Subscriber, drop
from core.usecases.subscription_steps import Step, Wish, step_of
from core.usecases.work import handle_pair

BUDGET = timedelta(seconds=90)
"""What one invocation takes; the next one goes on where it ended."""
TURN = timedelta(seconds=20)
"""What one company may take before the next one has its turn."""
AT_ONCE = 5
PACE = 1.0
"""So many steps in so many seconds: Graph throttles bursts of creations (facts/microsoft.md D). Each creation takes a
while, for Graph calls us twice before it answers."""
LOCKED = timedelta(minutes=2)
PAUSE = timedelta(minutes=1)
PAUSE_FOR_A_PERSON = timedelta(minutes=15)
IN_A_ROW = 3
"""So many pairs that failed one after the other: it is Graph's or the company's trouble, not theirs."""
ROUND = "subscriptions"
_LOCK = "subscriptions"


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of a company's turn: steps taken, whether there is more to do, and how long it is left alone now."""

    steps: int = 0
    more: bool = False
    pause: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class _Work:
    step: Step
    user: UserId
    row: Subscription | None


# --- the timer --------------------------------------------------------------------------------------------------------
async def keep_subscriptions(live: LivePorts) -> int:
    """Go once around the companies, from where the last invocation stopped; how many steps were taken.

    A company that has more to do than its turn allows is taken up again while there is time. Two invocations at once
    share the companies between them. What fails for good with one company is raised when the others had their turn.
    """
    until, stands = live.ports.clock.now() + BUDGET, await live.directory.place(ROUND)
    taken, waiting, last, failures = 0, list[CompanyId](), stands.company, list[Exception]()
    async for company in _around(live, stands.company):
        turn = await past(keep_company(live, company, until), failures) or Turn()
        taken, last = taken + turn.steps, company
        waiting += [company] if turn.more else []
        if live.ports.clock.now() >= until:
            break
    while waiting and live.ports.clock.now() < until:
        company = waiting.pop(0)
        turn = await past(keep_company(live, company, until), failures) or Turn()
        taken += turn.steps
        waiting += [company] if turn.more and turn.steps else []
    with suppress(StorageConflict):  # Another invocation stored its own; any place will do.
        await live.directory.put_place(ROUND, replace(stands, company=last))
    if failures:
        raise failures[0]
    return taken


async def _around(live: LivePorts, start: str) -> AsyncIterator[CompanyId]:
    """Every company once: those after `start`, then the others."""
    at = start
    while (found := await live.directory.company_after(at)) is not None:
        yield (at := found)
    at = ""
    while start and (found := await live.directory.company_after(at)) is not None and found <= start:
        yield (at := found)


# --- one company ------------------------------------------------------------------------------------------------------
async def keep_company(live: LivePorts, company: CompanyId, until: datetime) -> Turn:
    """What the company's pairs need now, as far as its turn goes. Where nothing is needed, that costs three queries."""
    found = await live.ports.companies.settings(company)
    settings = found[0] if found else CompanySettings()
    wish = wish_of(settings, live.address)
    if not await _work(live, company, wish):
        return Turn()
    now = live.ports.clock.now()
    lock, tag = await live.ports.companies.counter(company, _LOCK)
    mine = (now + LOCKED).timestamp()
    if lock > now.timestamp():
        return Turn()
    try:
        await live.ports.companies.put_counter(company, _LOCK, mine, tag)
    except StorageConflict:
        return Turn()
    subscriber = Subscriber(live, company, settings, wish)
    turn = await _go_through(live, subscriber, await _work(live, company, wish), min(until, now + TURN))
    held, tag = await live.ports.companies.counter(company, _LOCK)
    if held == mine:
        free = (live.ports.clock.now() + turn.pause).timestamp()
        with suppress(StorageConflict):
            await live.ports.companies.put_counter(company, _LOCK, free, tag)
    return turn


def wish_of(settings: CompanySettings, address: str) -> Wish | None:
    """What the pairs of a company with these settings should have; None where they should have no subscription."""
    is_served = settings.enabled and settings.version is Version.OFFICE365 and bool(settings.tenant)
    return Wish(settings.tenant, address) if is_served and address else None


async def _work(live: LivePorts, company: CompanyId, wish: Wish | None) -> list[_Work]:
    rows = {row.user: row for row in await live.subscriptions.of_company(company)}
    members = {member.user for member in await live.ports.companies.members(company) if member.on} if wish else set()
    now = live.ports.clock.now()
    steps = (
        _Work(step_of(rows.get(user), wish if user in members else None, now), user, rows.get(user))
        for user in sorted(members | rows.keys())
    )
    return [one for one in steps if one.step is not Step.NOTHING]


async def _go_through(live: LivePorts, subscriber: Subscriber, work: list[_Work], until: datetime) -> Turn:
    """A few at a time, and no few sooner than a second after the last ones."""
    failed = 0
    for start in range(0, len(work), AT_ONCE):
        began = live.ports.clock.now()
        if began >= until:
            return Turn(start, more=True)
        some = work[start : start + AT_ONCE]
        failures = await asyncio.gather(*(_take(subscriber, one) for one in some))
        pauses = []
        for one, failure in zip(some, failures, strict=True):
            failed = failed + 1 if failure is not None else 0
            if failure is not None and (pause := _pause(failure, failed)) is not None:
                pauses.append(pause)
            elif failure is not None:
                await subscriber.failed(one.user, one.row, failure)
        if pauses:
            return Turn(start + failures.count(None), pause=max(pauses))
        if start + AT_ONCE < len(work):
            await live.ports.sleeper.sleep(max(0.0, PACE - (live.ports.clock.now() - began).total_seconds()))
    return Turn(len(work))


async def _take(subscriber: Subscriber, one: _Work) -> RetryLater | Stop | None:
    current().count("steps", one.step.value)
    try:
        await subscriber.take(one.step, one.user, one.row)
    except (RetryLater, Stop) as failure:
        current().count("refused", failure.code)
        return failure
    return None


def _pause(failure: RetryLater | Stop, in_a_row: int) -> timedelta | None:
    """How long the whole company is left alone after a failure; None where it is the pair's own."""
    if isinstance(failure, Stop):
        return PAUSE_FOR_A_PERSON if failure.whole_company else None
    if failure.after is not None:
        return timedelta(seconds=failure.after)
    return PAUSE if failure.code == "throttled" or in_a_row >= IN_A_ROW else None


# --- what others do with them -----------------------------------------------------------------------------------------
async def look_at_pair(live: LivePorts, message: PairMessage, queue: str) -> Report:
    """A run of a pair. Where only the book asked for it and the mailbox told of changes, notifications are suspected.

    Whether they are silent shows a little later: most are only on their way (`is_silent`).
    """
    report = await handle_pair(live.ports, message, queue)
    if message.why is Why.DUE and report.outcome is Outcome.DONE and report.in_mailbox and not report.full:
        heard = Heard(suspected=live.ports.clock.now())
        await live.subscriptions.hear(message.pair.company, message.pair.user, heard)
    return report


async def drop_subscriptions(live: LivePorts, company: CompanyId, until: datetime) -> tuple[int, bool]:
    """A company leaves: end its subscriptions; how many were ended, and whether that was all.

    One that Graph cannot end now is forgotten all the same: it runs out within a week, and nobody listens.
    """
    ended = 0
    for row in await live.subscriptions.of_company(company):
        if live.ports.clock.now() >= until:
            return ended, False
        try:
            ended += await drop(live, company, row) and bool(row.id)
        except RetryLater:
            await live.subscriptions.remove(company, row.user)
    return ended, True
