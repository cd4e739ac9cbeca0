"""A full comparison of one pair, now (R8): the user asked for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.errors import RetryLater, Stop
from core.model.ids import Pair
from core.model.rows import Commit
from core.ports import Ports
from core.usecases.hints import note_presence
from core.usecases.words import waits_for_a_person

PAUSE = timedelta(minutes=5)
"""Not again so soon after a full comparison: it reads two years of both calendars."""
HELD = timedelta(seconds=30)


async def resync(ports: Ports, pair: Pair) -> None:
    """Let the pair's next run compare both sides in full, and start it.

    The cursor is dropped, which means a full round; `compared` stays, for it tells whether the sync was off since (R5).
    Raises Stop("company_off", "switched_off"), RetryLater("just_compared", "busy").
    """
    found, head = await ports.companies.settings(pair.company), await ports.pairs.head(pair)
    if found is None or not found[0].enabled:
        raise Stop("company_off")
    if not head.switch.on:
        raise Stop("switched_off")
    now = ports.clock.now()
    waits = waits_for_a_person(head.state.health.code)
    if head.cursor is not None or waits:
        if not waits and head.state.compared is not None and now - head.state.compared < PAUSE:
            raise RetryLater("just_compared", after=(head.state.compared + PAUSE - now).total_seconds())
        lease = await ports.pairs.acquire(head, now, now + HELD)
        if lease is None:
            raise RetryLater("busy", after=HELD.total_seconds())
        health = replace(head.state.health, tried=None)  # Whoever asks may have put in order what stood in the way.
        await ports.pairs.release(lease, Commit(drop_cursor=True, state=replace(head.state, health=health)))
    await note_presence(ports, pair)
