"""Two meetings of one activity (R13): two of its holders invited people, each to the copy in their own mailbox.

Nothing is doubled in Severa, nothing is written to either meeting, and one of them has the say; the other one's people
take part in the activity all the same. The person who made the second one is told, with what can be done about it.
"""

from __future__ import annotations

from core.model.claim import Claim
from core.model.ids import Side
from core.model.link import Link
from core.model.operation import Note, NoteKind
from core.model.sighting import Activity, Event, Role
from core.sync.meeting import is_absent
from core.usecases.recorder import READ_SECONDS
from core.usecases.world import World


async def another_meeting(world: World, activity: str, key: str) -> Claim | None:
    """The claim on another meeting of that activity, which has the say instead of the one of that key.

    People may invite to two copies of one activity: its owner's meeting leads, else the one that was first.
    """
    companies, company = world.ports.companies, world.pair.company
    row = await companies.activity(company, activity)
    if row.claim in ("", key):
        return None
    other = await companies.claim(company, row.claim)
    if other.activity != activity or other.lead == world.pair.user or other.lead not in row.holders:
        return None
    seen = world.seen.get((Side.SEVERA, activity)) or await world.read(Side.SEVERA, activity)
    return None if isinstance(seen, Activity) and seen.role is Role.OWNER else other


async def other_event(world: World, link: Link) -> Event | None:
    """The other meeting's event in this mailbox, where its owner is out of this one but still invited to that."""
    other = await another_meeting(world, link.activity, link.claim)
    if other is None or not other.uid:
        return None
    await world.recorder.ensure(READ_SECONDS)
    event = await world.microsoft.find_meeting(other.uid)
    return None if event is None or is_absent(event) else event


async def tell_of_two(world: World, event: Event | None) -> None:
    """Tell the person whose mailbox this is that there are two."""
    if event is not None:
        told = Note(NoteKind.REMARK, "second_meeting", Side.MICROSOFT, {"subject": event.essence.subject})
        await world.tell_once(event, (told,))
