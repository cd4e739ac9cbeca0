"""A full comparison of one pair, now (R8), with a look at what is remembered: the user asked for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from core.errors import RetryLater, Stop
from core.model.ids import Pair
from core.model.rows import Commit
from core.model.state import PairState, Repair
from core.ports import Ports
from core.usecases.hints import note_presence
from core.usecases.words import waits_for_a_person

PAUSE = timedelta(minutes=5)
"""Not again so soon after a full comparison: it reads two years of both calendars."""
HELD = timedelta(seconds=30)
REPAIRS = timedelta(hours=6)
"""How long a repair that does not come to its end makes every run a full comparison."""


async def resync(ports: Ports, pair: Pair) -> None:
    """Let the pair's next run compare both sides in full and repair what is remembered, and start it.

    The cursor is dropped, which means a full round; `compared` stays, for it tells whether the sync was off since (R5).
    A pair that was never compared is about to be, and has nothing to repair yet.
    Raises Stop("company_off", "switched_off"), RetryLater("just_compared", "busy").
    """
    found, head = await ports.companies.settings(pair.company), await ports.pairs.head(pair)
    if found is None or not found[0].enabled:
        raise Stop("company_off")
    if not head.switch.on:
        raise Stop("switched_off")
    now = ports.clock.now()
    waits = waits_for_a_person(head.state.health.code)
    if head.cursor is not None or waits or head.state.compared is not None:
        earliest = head.state.compared + PAUSE if head.state.compared is not None else now
        if now < earliest and head.cursor is not None and not waits:
            raise RetryLater("just_compared", after=(earliest - now).total_seconds())
        lease = await ports.pairs.acquire(head, now, now + HELD)
        if lease is None:
            raise RetryLater("busy", after=HELD.total_seconds())
        health = replace(head.state.health, tried=None)  # Whoever asks may have put in order what stood in the way.
        repair = Repair(now) if head.state.compared is not None else head.state.repair
        await ports.pairs.release(
            lease, Commit(drop_cursor=True, state=replace(head.state, health=health, repair=repair))
        )
    await note_presence(ports, pair)


def is_repair_due(state: PairState, now: datetime) -> bool:
    """Whether a repair was asked for and has not come to its end."""
    return state.repair is not None and state.repair.done is None and now - state.repair.asked < REPAIRS
