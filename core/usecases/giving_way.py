"""Our copy of an activity gives way to the invitation to the same meeting: nobody has both (R14)."""

from __future__ import annotations

from enum import Enum, auto
from typing import cast

from core.model.ids import Side
from core.model.link import LinkState
from core.model.sighting import Activity, Event
from core.sync.meeting import is_absent
from core.sync.merge import changed_fields
from core.usecases.recorder import WRITE_SECONDS
from core.usecases.world import World


class Way(Enum):
    """What is in the way of an invitation: nothing (any more), what comes first, or an event that stays."""

    FREE = auto()
    LATER = auto()
    TAKEN = auto()


async def give_way(world: World, activity: Activity, invitation: Event, key: str) -> Way:
    """Remove the copy that the activity has in this mailbox. One that its owner edited is synchronized first.

    What is no copy of ours, or has become a meeting itself, stays; then the invitation is nothing for us. `key` is that
    of the invitation's claim.
    """
    link = await world.links.of(Side.SEVERA, activity.id)
    if link is None or link.state is LinkState.DEAD or link.missing is Side.MICROSOFT or link.event == invitation.id:
        return Way.FREE
    copy = cast("Event | None", await world.read(Side.MICROSOFT, link.event))
    if copy is not None:
        if copy.is_meeting:
            is_past = bool(link.claim) and (link.claim == key or is_absent(copy))
            return Way.FREE if is_past else Way.TAKEN
        if changed_fields(link, Side.MICROSOFT, copy.essence, world.digester):
            return Way.LATER
        mark = copy.mark
        if mark is None or (mark.mailbox, mark.activity) != (world.mailbox, activity.id):
            return Way.TAKEN
        await world.recorder.ensure(WRITE_SECONDS)
        await world.microsoft.delete(copy)
        world.report.written["deleted_microsoft"] += 1
    world.seen.pop((Side.MICROSOFT, link.event), None)
    return Way.FREE
