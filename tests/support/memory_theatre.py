"""The theatre on memory."""

from __future__ import annotations

from datetime import timedelta

from core.model.essence import Essence
from core.model.ids import Pair
from core.model.link import Link
from core.usecases.hints import note_activity_changed
from tests.support.stage import ANNA, BERT, COMPANY, Stage, make_stage
from tests.support.watching import Watch

_IDS = {"anna": ANNA, "bert": BERT}


class MemoryTheatre:
    """Theatre (theatre.py) on a stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    @property
    def watch(self) -> Watch:
        """The stage's watch."""
        return self.stage.watch

    async def add_activity(self, who: str, essence: Essence) -> None:
        """See Theatre."""
        self.stage.severa.add(_IDS[who], essence)

    async def edit_activity(self, who: str, subject: str, essence: Essence) -> None:
        """See Theatre."""
        self.stage.severa.edit(self.stage.activity(subject, _IDS[who]).id, essence)

    async def remove_activity(self, who: str, subject: str) -> None:
        """See Theatre."""
        activity = self.stage.activity(subject, _IDS[who])
        self.stage.severa.remove(activity.id)
        await note_activity_changed(self.stage.ports, COMPANY, _IDS[who], activity.id)

    async def add_event(self, who: str, essence: Essence) -> None:
        """See Theatre."""
        self.stage.mailboxes[_IDS[who]].add(essence)

    async def edit_event(self, who: str, subject: str, essence: Essence) -> None:
        """See Theatre."""
        self.stage.mailboxes[_IDS[who]].edit(self.stage.event(subject, _IDS[who]).id, essence)

    async def remove_event(self, who: str, subject: str) -> None:
        """See Theatre."""
        self.stage.mailboxes[_IDS[who]].remove(self.stage.event(subject, _IDS[who]).id)

    async def activities(self, who: str) -> dict[str, Essence]:
        """See Theatre."""
        return {a.id: a.essence for a in self.stage.severa.activities(_IDS[who])}

    async def events(self, who: str) -> dict[str, Essence]:
        """See Theatre."""
        return {e.id: e.essence for e in self.stage.mailboxes[_IDS[who]].events()}

    async def links(self, who: str) -> tuple[Link, ...]:
        """See Theatre."""
        return await self.stage.storage.pairs.links(Pair(COMPANY, _IDS[who]))

    def pass_time(self, by: timedelta) -> None:
        """See Theatre."""
        self.stage.clock.advance(by)

    async def settle(self) -> None:
        """See Theatre."""
        await self.stage.settle((ANNA, BERT))

    def restart(self) -> None:
        """See Theatre."""
        self.stage.restart()


async def memory_theatre() -> MemoryTheatre:
    """A fresh one."""
    return MemoryTheatre(await make_stage())
