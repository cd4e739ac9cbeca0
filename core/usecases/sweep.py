"""The sweep: hands out what is due, and keeps the book, so that a lost message or a silent service only costs time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

from core.model.company import Version
from core.model.ids import CompanyId, Pair
from core.model.rows import Due
from core.ports import Ports
from core.ports_telemetry import current
from core.usecases.book import FEED, next_look, next_poll
from core.usecases.hints import Why, hint, hint_if_late
from core.usecases.passive import is_listing_due
from core.usecases.run import not_served
from core.usecases.side_by_side import AT_ONCE
from core.usecases.words import waits_for_a_person
from core.usecases.work import ask_for_feed

BUDGET = timedelta(seconds=55)
"""What one sweep takes; what is left in the book is the next one's, a minute later."""


async def sweep(ports: Ports) -> int:
    """Go through what is due by now; how many messages were sent. Two sweeps at once, or one that died, do no harm.

    What fails with one row leaves it in the book and keeps nobody else waiting; it is raised at the end.
    """
    sent, began, failure = 0, ports.clock.now(), None
    async for some in _in_groups(ports.due.until(began)):
        for one in await asyncio.gather(*(_hand_out(ports, due) for due in some), return_exceptions=True):
            if isinstance(one, int):
                sent += one
            elif isinstance(one, Exception):
                failure = failure or one
            else:
                raise one
        if ports.clock.now() - began >= BUDGET:
            break
    if failure is not None:
        raise failure
    return sent


async def _in_groups(rows: AsyncIterator[Due]) -> AsyncIterator[list[Due]]:
    some: list[Due] = []
    async for due in rows:
        some.append(due)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some


async def _hand_out(ports: Ports, due: Due) -> int:
    current().count("due", "feed" if due.user is None else "late" if due.late else "pair")
    if due.user is None:
        sent = await _feed(ports, due.company)
    elif due.late:
        sent = int(await hint_if_late(ports, Pair(due.company, due.user)))
    else:
        sent = await _pair(ports, Pair(due.company, due.user))
    await ports.due.done(due)
    return sent


async def _feed(ports: Ports, company: CompanyId) -> int:
    """The next poll goes into the book before this one is asked for."""
    found = await ports.companies.settings(company)
    if found is None or not found[0].enabled:
        return 0
    now = ports.clock.now()
    await ports.due.put(Due((now + FEED).replace(second=0, microsecond=0), company))
    await ask_for_feed(ports, company)
    return 1


async def _pair(ports: Ports, pair: Pair) -> int:
    found, head = await ports.companies.settings(pair.company), await ports.pairs.head(pair)
    if found is None or not found[0].enabled:
        return 0  # Switching on puts it into the book again.
    now = ports.clock.now()
    if not head.switch.on:  # The feed puts it into the book again.
        return int(is_listing_due(head, now) and await hint(ports, pair, Why.DUE, head=head, passive=True))
    served = not not_served(head, found[0], now)
    if served and not waits_for_a_person(head.state.health.code) and found[0].version is Version.EXCHANGE_SERVER:
        after = next_poll(pair, now, head.present_until, head.state.noticed)  # No notification tells of a change there.
    else:
        after = next_look(pair, now, away=not served or waits_for_a_person(head.state.health.code))
    await ports.due.put(Due(after, pair.company, pair.user))
    if not served:
        return 0
    return int(await hint(ports, pair, Why.DUE, head=head))
