"""Events without a link that carry the mark of another one: a person copied an event that this service had made (P04).

Whoever copies an event copies what is hidden in it, too. Such an event is nobody's twin: the comparison makes it an
entry of its own, and here its owner is told why it came up.
"""

from __future__ import annotations

from core.model.ids import Side
from core.model.link import LinkState
from core.model.sighting import Event
from core.model.state import Pending
from core.usecases.gather import MANY
from core.usecases.recorder import READ_SECONDS
from core.usecases.world import World


async def copied_marks(world: World) -> list[Pending]:
    """The rows of such events."""
    rows = [row for (side, _), row in world.rows.items() if side is Side.MICROSOFT and not row.gone]
    rows = [row for row in rows if await world.links.of(Side.MICROSOFT, row.id) is None]
    marked = await _marked(world, {row.id for row in rows})
    return [row for row in rows if row.id in marked and await _is_copied(world, marked[row.id])]


async def _marked(world: World, entries: set[str]) -> dict[str, Event]:
    """Those with a mark, which no round of changes shows: they are read, many of them at once."""
    if len(entries) > MANY:
        await world.recorder.ensure(READ_SECONDS)
        seen = [event for event in (await world.microsoft.view(world.window)).sightings if event.id in entries]
    else:
        read = [await world.read(Side.MICROSOFT, entry) for entry in sorted(entries)]
        seen = [event for event in read if isinstance(event, Event)]
    return {event.id: event for event in seen if event.mark is not None}


async def _is_copied(world: World, event: Event) -> bool:
    """Whether its mark is from elsewhere, or names an activity that has its own event."""
    mark = event.mark
    if mark is None or not world.digester.vouches_for(mark, world.pair.company, world.mailbox):
        return mark is not None
    link = await world.links.of(Side.SEVERA, mark.activity)
    return link is not None and link.state is not LinkState.DEAD and link.generation >= mark.generation
