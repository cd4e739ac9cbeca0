"""Holds: what waits for a person, and what they decide (R20). The user decides about their own, an administrator any.

A decision is written into the pending rows, under the pair's lease; the pair's next run looks at each entry again, with
deletions proven again, and carries it out past the guard (core/usecases/holding.py). So whoever decides first has
decided, and deciding twice is harmless.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

from core.errors import RetryLater, Stop
from core.model.caller import Caller
from core.model.ids import Pair, Side, UserId
from core.model.operation import Note, NoteKind
from core.model.rows import Commit, Hold, Record
from core.model.state import Pending, Verdict
from core.ports import Ports
from core.usecases.hints import hint, note_presence
from core.usecases.recorder import LEASE, ROWS

AT_ONCE = 8
"""Pairs whose rows are read at the same time."""
OVER = timedelta(hours=1)
"""A hold of which nothing waits is forgotten after this."""
BUSY = 30.0
LOOKS = 3
"""Rows that are noticed again in that very moment are looked at once more."""
TOLD = {Verdict.RELEASE: "hold_released", Verdict.DISCARD: "hold_discarded"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A hold, and how many of its entries still wait; a hold of which none does is over by itself."""

    hold: Hold
    entries: int


async def waiting(ports: Ports, caller: Caller, after: str, limit: int) -> tuple[tuple[Waiting, ...], str | None]:
    """A page of the caller's own holds, or an administrator's of the whole company, in the order of their ids.

    Also the last id that was looked at, where others follow. No subjects: a hold has none.
    """
    found = [hold for hold in await ports.holds.of_company(caller.company) if _may(caller, hold) and hold.id > after]
    page = sorted(found, key=lambda hold: hold.id)[:limit]
    turn = asyncio.Semaphore(AT_ONCE)

    async def rows(user: UserId) -> tuple[Pending, ...]:
        async with turn:
            return (await ports.pairs.head(Pair(caller.company, user))).pending

    users = sorted({hold.user for hold in page})
    pending = dict(zip(users, await asyncio.gather(*(rows(user) for user in users)), strict=True))
    counted = [Waiting(hold, len(_entries(pending[hold.user], hold.id))) for hold in page]
    for one in counted:
        await _forget(ports, one)
    return tuple(one for one in counted if one.entries), page[-1].id if len(found) > len(page) else None


def _may(caller: Caller, hold: Hold) -> bool:
    return caller.is_admin or hold.user == caller.user


async def _forget(ports: Ports, found: Waiting) -> None:
    """A hold whose entries came back, or were edited, is over. A new one is put before its entries are."""
    if not found.entries and ports.clock.now() - found.hold.since > OVER:
        await ports.holds.remove(found.hold.company, found.hold.id)


def _entries(pending: tuple[Pending, ...], hold: str) -> set[str]:
    return {row.id for row in pending if row.hold == hold}


async def decide(ports: Ports, caller: Caller, name: str, verdict: Verdict) -> int:
    """Release or discard a hold; how many entries that concerns, none where it is over or somebody was quicker.

    Raises RetryLater("busy") while a run of that pair is under way, Stop("company_off").
    """
    settings = await ports.companies.settings(caller.company)
    if settings is None or not settings[0].enabled:
        raise Stop("company_off")
    hold = await ports.holds.find(caller.company, name)
    if hold is None or not _may(caller, hold):
        return 0
    pair = Pair(caller.company, hold.user)
    count = await _mark(ports, pair, hold, verdict)
    await (note_presence(ports, pair) if hold.user == caller.user else hint(ports, pair, passive=True))
    return count


async def _mark(ports: Ports, pair: Pair, hold: Hold, verdict: Verdict) -> int:
    """Let the pending rows of a hold say what was decided, and forget the hold, all under the pair's lease.

    How many entries that were. Whoever crashes in between leaves a hold with fewer of them.
    """
    marked: set[str] = set()
    head, now = await ports.pairs.head(pair), ports.clock.now()
    if not _entries(head.pending, hold.id):
        await _forget(ports, Waiting(hold, 0))
        return 0
    lease = await ports.pairs.acquire(head, now, now + LEASE)
    if lease is None:
        raise RetryLater("busy", after=BUSY)
    note = Note(NoteKind.HELD, TOLD[verdict], Side.SEVERA)
    await ports.history.append(pair, [Record(f"{verdict}-{hold.id}", now, note)])
    for _ in range(LOOKS):
        rows = [row for row in (await ports.pairs.head(pair)).pending if row.hold == hold.id]
        decided = [replace(row, hold="", verdict=verdict, not_before=None) for row in rows]
        for start in range(0, len(decided), ROWS):
            change = Commit(pending=tuple(decided[start : start + ROWS]))
            lease = await ports.pairs.commit(lease, ports.clock.now() + LEASE, change)
        marked |= {row.id for row in rows}
    if not _entries((await ports.pairs.head(pair)).pending, hold.id):
        await ports.holds.remove(pair.company, hold.id)
    await ports.pairs.release(lease, Commit())
    return len(marked)
