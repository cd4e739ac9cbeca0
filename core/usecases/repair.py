"""Repair: what is remembered of a pair and leads nowhere is found and mended, when its user asks for a resync.

It runs inside the full comparison that the resync asks for: what hinders deciding comes first (links, copied marks),
what is still left over when all is decided comes last (claims, intents). It writes to no calendar: no event and no
activity is changed or deleted by it. What the comparison itself finds deleted is an ordinary deletion, with its proof
and its guard (R19, R20).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

from core.errors import ItemRefused, RetryLater
from core.model.ids import Side
from core.model.link import Intent
from core.model.operation import Note, NoteKind
from core.model.rows import Record
from core.model.state import Repair
from core.usecases.repair_claims import end_intents, left_over, mend_claims, sources
from core.usecases.repair_links import lost_ends, record
from core.usecases.repair_marks import copied_marks
from core.usecases.resync import is_repair_due
from core.usecases.words_of_repair import CLAIMS, INTENTS, MARKS
from core.usecases.world import World

TIME = timedelta(seconds=120)
"""What looking for links may take of a run; the next run goes on."""
REFUSALS = 3
"""So many in a row end the run: it is not one entry that the service refuses."""


@dataclass(slots=True)
class Repairing:
    """A repair under way in one run. `intents` were left over when it began; `copies` counts copied marks."""

    world: World
    intents: list[Intent] = field(default_factory=list)
    copies: int = 0
    in_time: bool = True
    _refused: int = 0

    async def begin(self) -> None:
        """Between observing and deciding: links that lead nowhere, events that are copies, creates that hang."""
        world = self.world
        await world.prepare()
        await world.links.load()
        mended, self.in_time = await lost_ends(world, self.is_gone, world.now + TIME)
        self._count(Counter(code for code, _, _ in mended))
        await record(world, mended)
        copies = await copied_marks(world)
        for row in copies:
            await world.tell_of([row], (Note(NoteKind.REMARK, MARKS, Side.MICROSOFT),))
        self.copies = len(copies)
        self.intents = await left_over(world)
        if rows := await sources(world, self.intents):
            await world.recorder.notice(rows)
            fresh = await world.ports.pairs.head(world.pair)
            world.rows = {(row.side, row.id): row for row in fresh.pending}

    async def finish(self) -> None:
        """When everything is decided: what is left over, what to say, and that it is over."""
        world = self.world
        claims, intents = await mend_claims(world, self.is_gone), await end_intents(world, self.intents)
        self._count(Counter({MARKS: self.copies, CLAIMS: claims, INTENTS: intents}))
        await self._tell()
        if self.in_time:
            world.recorder.state = replace(world.recorder.state, repair=replace(self._standing, done=world.now))
        else:
            world.report.wait_until(world.now)

    @property
    def _standing(self) -> Repair:
        return cast("Repair", self.world.recorder.state.repair)

    def _count(self, found: Counter[str]) -> None:
        """What was found stands in the state, which every later commit stores."""
        total = +(Counter(dict(self._standing.found)) + found)
        repair = replace(self._standing, found=tuple(sorted(total.items())))
        self.world.recorder.state = replace(self.world.recorder.state, repair=repair)

    async def is_gone(self, side: Side, entry: str) -> bool:
        """Whether the entry is gone for certain; False where it is there, and where that cannot be told now."""
        if (side, entry) in self.world.seen:
            return False
        try:
            found = await self.world.verify(side, entry)
        except ItemRefused:
            return False
        except RetryLater:
            self._refused += 1
            if self._refused >= REFUSALS:
                raise
            return False
        self._refused = 0
        return found is None

    async def _tell(self) -> None:
        """A line of history for each kind that was found; of the copies, each has its own."""
        world, asked = self.world, self._standing.asked
        records = [
            Record(
                world.digester.of("repair", code, asked.isoformat()), asked, Note(NoteKind.REMARK, code, Side.SEVERA)
            )
            for code, _ in self._standing.found
            if code != MARKS
        ]
        if records:
            await world.ports.history.append(world.pair, records)
            world.report.told.update(record.note.code for record in records)


async def begin_repair(world: World) -> Repairing | None:
    """Begin the repair that the pair's user asked for, if this run reads both sides in full."""
    if not world.compares or not is_repair_due(world.recorder.state, world.now):
        return None
    repairing = Repairing(world)
    await repairing.begin()
    return repairing
