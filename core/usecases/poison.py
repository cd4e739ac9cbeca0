"""Messages that failed for good: nothing is lost in silence. The book looks at the pair again all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.errors import LeaseLost, StorageConflict
from core.model.ids import CompanyId, Pair, Side
from core.model.operation import Note, NoteKind
from core.model.rows import Commit, Record
from core.model.state import Health
from core.ports import Ports
from core.ports_telemetry import current
from core.usecases.hints import FEEDS, hint
from core.usecases.messages import feed_company, pair_message

CODE = "poisoned"
HELD = timedelta(seconds=30)


async def record_poison(ports: Ports, queue: str, body: bytes) -> bool:
    """Record it in health, a pair's in its history too. False for a malformed message, which concerns nobody."""
    try:
        if queue == FEEDS:
            await _feed(ports, feed_company(body))
        else:
            await _pair(ports, pair_message(body).pair)
    except ValueError:
        return False
    return True


async def _pair(ports: Ports, pair: Pair) -> None:
    """Health belongs to whoever has the lease: a run that is under way knows better, and writes its own."""
    current().say(company=pair.company, user=pair.user)
    now, head = ports.clock.now(), await ports.pairs.head(pair)
    if head.state.health.code != CODE:  # Told once, however often it happens until a run works (P42).
        note = Note(NoteKind.REMARK, CODE, Side.SEVERA)
        await ports.history.append(pair, [Record(f"{CODE}-{now:%Y%m%dT%H%M%S}", now, note)])
    lease = await ports.pairs.acquire(head, now, now + HELD)
    if lease is None:
        return
    earlier = head.state.health
    since = earlier.since if earlier.code == CODE else now
    health = Health(CODE, since, earlier.failures + 1)
    try:
        await ports.pairs.release(lease, Commit(state=replace(head.state, health=health)))
    except LeaseLost:
        return
    if head.hint.queued_until is not None:  # The lease took it along, and nobody has looked.
        await hint(ports, pair, passive=True)


async def _feed(ports: Ports, company: CompanyId) -> None:
    current().say(company=company)
    state = await ports.companies.feed(company)
    try:
        await ports.companies.put_feed(company, replace(state, failures=state.failures + 1, code=CODE))
    except StorageConflict:
        return
