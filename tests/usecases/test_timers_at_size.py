"""Every timer, and the company's switch, on a company of five thousand users: bounded work, on virtual time.

What grows with the number of users is measured on a tenth of them, ten times as long counts.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from core.adapters.memory.storage import MemoryStorage
from core.model.company import CompanySettings, SyncWhile
from core.model.ids import MailboxId, Pair, Side, UserId
from core.model.operation import Note, NoteKind
from core.model.rows import Commit, Due, Member, Record
from core.model.state import PairState, Switch
from core.model.subscription import Granted, Request
from core.ports import Ports
from core.ports_live import LivePorts
from core.usecases.hints import PAIRS
from core.usecases.homes import home_of
from core.usecases.housekeeping import keep_house
from core.usecases.subscriptions import keep_subscriptions
from core.usecases.sweep import sweep
from core.usecases.switches import set_company_switch
from tests.simulation.loop import LoopClock, LoopSleeper, VirtualLoop, run
from tests.support.stage import COMPANY, make_stage

TIMES = 10
USERS = 5000 // TIMES
STORE, GRAPH = 0.005, 0.7
"""Seconds of a call of a store, and of a creation at Graph, which calls us twice meanwhile (benchmarks/capacity)."""
MOST = 120.0
"""Seconds that no invocation may take."""
TENANT = "22222222-2222-4222-8222-222222222222"


class Slow:
    """A store, each of whose calls takes a while."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        """The method, slowly."""
        target = getattr(self._inner, name)
        if inspect.isasyncgenfunction(target):
            return lambda *args: self._pages(target(*args))
        return lambda *args, **named: self._call(target, *args, **named)

    async def _call(self, target: Callable[..., Any], *args: Any, **named: Any) -> Any:
        await asyncio.sleep(STORE)
        return await target(*args, **named)

    async def _pages(self, pages: AsyncIterator[Any]) -> AsyncIterator[Any]:
        await asyncio.sleep(STORE)
        async for page in pages:
            yield page


class Graph:
    """Graph's part of subscriptions; it makes what it is asked for."""

    def __init__(self) -> None:
        self.made: list[MailboxId] = []

    async def create(self, request: Request) -> Granted:
        """See GraphSubscriptions.create."""
        await asyncio.sleep(GRAPH)
        self.made.append(request.mailbox)
        return Granted(f"s-{request.mailbox}", request.until)


async def large(loop: VirtualLoop) -> tuple[Ports, MemoryStorage]:
    """So many users, switched on and bound; all of them, and the feed, are due, and have something old."""
    stage = await make_stage(clock=LoopClock(loop), first_run=False)
    stores, now = stage.storage, stage.clock.now()
    always = SyncWhile.ALWAYS
    settings = CompanySettings(enabled=True, enabled_since=now, tenant=TENANT, sync_while=always)
    await stores.companies.put_settings(COMPANY, settings, "")
    await stores.due.put(Due(now, COMPANY))
    bound = PairState(first_sync=now, matched=True, compared=now, listed=now, origin=home_of(settings))
    for number in range(USERS):
        pair = Pair(COMPANY, UserId(f"user-{number:04d}"))
        await stores.companies.put_member(COMPANY, Member(pair.user, on=True))
        await stores.pairs.set_switch(pair, Switch(on=True, since=now))
        lease = await stores.pairs.acquire(await stores.pairs.head(pair), now, now + timedelta(minutes=1))
        assert lease is not None
        await stores.pairs.release(lease, Commit(state=replace(bound, mailbox=MailboxId(pair.user))))
        old = Record("old", now - timedelta(days=100), Note(NoteKind.REMARK, "c", Side.SEVERA))
        await stores.history.append(pair, [old])
        await stores.due.put(Due(now, COMPANY, pair.user))
    names = ("pairs", "companies", "due", "history", "queues")
    slow = {name: cast("Any", Slow(getattr(stores, name))) for name in names}
    return replace(stage.ports, sleeper=LoopSleeper(), **slow), stores


def live_ports(ports: Ports, stores: MemoryStorage, graph: Graph) -> LivePorts:
    """What two of the timers are given."""
    further = (Slow(stores.directory), Slow(stores.attic), Slow(stores.consents))
    return LivePorts(
        ports, cast("Any", Slow(stores.subscriptions)), lambda _: cast("Any", graph), *further, "https://x"
    )


async def timed(loop: VirtualLoop, invocation: Awaitable[Any]) -> tuple[float, Any]:
    """Seconds that it took, and its result."""
    began = loop.time()
    result = await invocation
    return loop.time() - began, result


def test_the_sweep() -> None:
    """Everybody is due in one minute: handed out in a fraction of the next one."""
    ports, _ = asyncio.run(large(loop := VirtualLoop()))

    async def story() -> None:
        seconds, sent = await timed(loop, sweep(ports))
        assert (sent, seconds * TIMES < 15) == (USERS + 1, True)
        assert (await timed(loop, sweep(ports)))[1] == 0

    run(loop, story())


def test_the_companys_switch() -> None:
    """The administrator's call puts everybody into the book and asks for them within seconds, not a minute."""
    ports, stores = asyncio.run(large(loop := VirtualLoop()))

    async def story() -> None:
        await set_company_switch(ports, COMPANY, on=False)
        seconds, _ = await timed(loop, set_company_switch(ports, COMPANY, on=True))
        assert seconds * TIMES < 10
        assert len(stores.queues.waiting(PAIRS)) == USERS

    run(loop, story())


def test_housekeeping() -> None:
    """One invocation goes through all of them, and no further than its time; two at once do no harm."""
    ports, stores = asyncio.run(large(loop := VirtualLoop()))

    async def story() -> None:
        live = live_ports(ports, stores, Graph())
        both = await asyncio.gather(*(timed(loop, keep_house(live)) for _ in range(2)))
        assert max(seconds for seconds, _ in both) * TIMES < MOST
        assert sum(counts["history"] for _, counts in both) == USERS

    run(loop, story())


def test_the_subscriptions() -> None:
    """A company that has just begun: some hundred in each invocation, until everybody has one; then next to nothing."""
    ports, stores = asyncio.run(large(loop := VirtualLoop()))

    async def story() -> list[float]:
        graph, taken = Graph(), list[float]()
        live = live_ports(ports, stores, graph)
        while len(graph.made) < USERS and len(taken) < 5:
            taken.append((await timed(loop, keep_subscriptions(live)))[0])
            await asyncio.sleep(max(0.0, 120.0 - taken[-1]))
        assert len(graph.made) == len(set(graph.made)) == USERS
        seconds, steps = await timed(loop, keep_subscriptions(live))
        assert (seconds < 1, steps) == (True, 0)
        return taken

    taken = run(loop, story())
    assert max(taken) < MOST
    assert len(taken) * TIMES * 2 <= 45  # Minutes until five thousand have theirs.
