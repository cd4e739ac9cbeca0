"""Housekeeping: what is old enough goes, once a day, a little at a time. It never touches a calendar.

Each invocation goes on where the last one ended. Two at once do the same work twice, which is harmless.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from core.errors import StorageConflict
from core.model.ids import CompanyId, Pair, UserId
from core.model.rows import Forgotten
from core.model.subscription import Place
from core.ports_live import LivePorts
from core.ports_telemetry import current
from core.usecases.side_by_side import AT_ONCE, past, side_by_side

BUDGET = timedelta(seconds=90)
"""What one invocation takes."""
EVERY = timedelta(hours=23)
"""How long after the end of a round the next one begins: once a day, since its timer comes every ten minutes."""
HISTORY = timedelta(days=90)
LINKS = timedelta(days=90)
INTENTS = timedelta(days=7)
"""An intent without a pending row is not waited for by anybody after that."""
SUBSCRIPTIONS = timedelta(days=1)
"""After a subscription has run out. Graph keeps none that long."""
ROUND = "housekeeping"
_NOBODY = UserId("")


async def keep_house(live: LivePorts) -> Counter[str]:
    """One invocation; what was removed, as rows by kind.

    What fails for good with one pair waits for the next round and keeps nobody else waiting; it is raised at the end.
    """
    now = live.ports.clock.now()
    place = await live.directory.place(ROUND)
    if place.begun is None:
        if place.ended is not None and now - place.ended < EVERY:
            return Counter()
        place = replace(place, company="", user="", begun=now, ended=None)
    house = _House(live, now, place)
    try:
        await house.clean()
    except StorageConflict:
        current().say(code="another_one_is_at_it")
    current().say(removed=house.counts, finished=int(house.finished))
    if house.failures:
        raise house.failures[0]
    return house.counts


class _House:
    """One invocation's work, from a place on."""

    def __init__(self, live: LivePorts, now: datetime, place: Place) -> None:
        self._live, self._now, self._place = live, now, place
        self._until = now + BUDGET
        self.counts: Counter[str] = Counter()
        self.failures: list[Exception] = []
        self.finished = False

    async def clean(self) -> None:
        """Company by company, some pairs at a time, until all is done or time runs out. Raises StorageConflict."""
        await self._save()  # Of two that begin at once, one stops here.
        if self._place.company and not await self._company(CompanyId(self._place.company)):
            return
        while (company := await self._live.directory.company_after(self._place.company)) is not None:
            self._place = replace(self._place, company=company, user="")
            if not await self._company(company):
                return
        self._place = replace(self._place, company="", user="", begun=None, ended=self._live.ports.clock.now())
        await self._save()
        self.finished = True

    async def _company(self, company: CompanyId) -> bool:
        """False where time ran out before its last pair."""
        if not self._place.user:
            await past(self._live.consents.forget(company, _NOBODY, self._now), self.failures)
            await past(self._intents(company), self.failures)
            await past(self._subscriptions(company), self.failures)
        while some := await self._next_users(company):  # The place is stored after each of these groups.
            pairs = (past(self._pair(Pair(company, user)), self.failures) for user in some)
            if any(in_time is False for in_time in await side_by_side(pairs)):
                await self._save()
                return False
            self._place = replace(self._place, user=some[-1])
            await self._save()
        return True

    async def _next_users(self, company: CompanyId) -> list[UserId]:
        some: list[UserId] = []
        after = self._place.user
        while len(some) < AT_ONCE and (user := await self._live.directory.user_after(company, after)) is not None:
            some.append(user)
            after = user
        return some

    async def _pair(self, pair: Pair) -> bool:
        attic = self._live.attic
        return await self._drain(partial(attic.purge_history, pair, self._now - HISTORY)) and await self._drain(
            partial(attic.purge_links, pair, self._now - LINKS)
        )

    async def _intents(self, company: CompanyId) -> None:
        """Those that nobody waits for: settled long ago, and their entry is not pending."""
        for intent in await self._live.attic.old_intents(company, self._now - INTENTS):
            head = await self._live.ports.pairs.head(Pair(company, intent.user))
            if not any((row.side.value, row.id) == (intent.side, intent.source) for row in head.pending):
                await self._live.ports.companies.end(company, intent.id)
                self.counts["intents"] += 1

    async def _subscriptions(self, company: CompanyId) -> None:
        """Those that ran out and that no timer renewed: of pairs that are off, and whose Graph was out of reach."""
        members = {member.user for member in await self._live.ports.companies.members(company) if member.on}
        for row in await self._live.subscriptions.of_company(company):
            is_over = row.expires is None or row.expires + SUBSCRIPTIONS < self._now
            if is_over and row.user not in members:
                await self._live.subscriptions.remove(company, row.user)
                self.counts["subscriptions"] += 1

    async def _drain(self, purge: Callable[[], Awaitable[Forgotten]]) -> bool:
        """False where time ran out; the pair is gone through again then."""
        more = True
        while more:
            if self._live.ports.clock.now() >= self._until:
                return False
            step = await purge()
            self.counts.update(step.counts)
            more = step.more
        return True

    async def _save(self) -> None:
        self._place = await self._live.directory.put_place(ROUND, self._place)
