"""The sweep: hands out what is due, and keeps the book, so that a lost message or a silent service only costs time."""

from __future__ import annotations

from core.model.ids import CompanyId, Pair
from core.model.rows import Due
from core.ports import Ports
from core.usecases.book import FEED, next_look
from core.usecases.hints import Why, hint
from core.usecases.passive import is_listing_due
from core.usecases.run import not_served
from core.usecases.words import waits_for_a_person
from core.usecases.work import ask_for_feed


async def sweep(ports: Ports) -> int:
    """Go through what is due by now; how many messages were sent. Two sweeps at once, or one that died, do no harm."""
    sent = 0
    async for due in ports.due.until(ports.clock.now()):
        if due.user is None:
            sent += await _feed(ports, due.company)
        else:
            sent += await _pair(ports, Pair(due.company, due.user))
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
    away = not served or waits_for_a_person(head.state.health.code)
    await ports.due.put(Due(next_look(pair, now, away=away), pair.company, pair.user))
    if not served:
        return 0
    return int(await hint(ports, pair, Why.DUE, head=head))
