"""How somebody else's mailbox holds a meeting: asked where one's own cannot say what becomes of it (R13, R15)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from core.errors import ItemRefused, Stop
from core.model.claim import Claim
from core.model.ids import Pair, UserId
from core.model.sighting import Event
from core.sync.meeting import is_absent
from core.usecases.binding import zone_of
from core.usecases.owners_clock import OwnersClock
from core.usecases.recorder import READ_SECONDS
from core.usecases.world import World


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The meeting in somebody's mailbox, a series by the clocks of this pair's user. `event` is None where it is not.

    `is_unknown`: that mailbox cannot be asked now, so it may hold the meeting all the same.
    """

    event: Event | None = None
    is_unknown: bool = False


async def meeting_of(world: World, user: UserId, claim: Claim) -> Elsewhere:
    """The meeting of that claim as `user` has it; what they declined, or what was cancelled, they have not.

    Whoever has not been served yet is asked by their addresses.
    """
    if not claim.uid:
        return Elsewhere()
    with suppress(Stop, ItemRefused):  # What is wrong with somebody else's mailbox does not stop this pair.
        await world.recorder.ensure(READ_SECONDS)
        mailbox = (await world.ports.pairs.head(Pair(world.pair.company, user))).state.mailbox
        if not mailbox:
            known = await world.company.user(user)
            found = await world.mailboxes.find_mailbox(known.addresses) if known and known.addresses else None
            if found is None:
                return Elsewhere()
            mailbox = found.id
        zone = zone_of(world.recorder.state, world.settings)
        event = await OwnersClock(world.mailboxes.calendar(mailbox, zone), zone).find_meeting(claim.uid)
        return Elsewhere(None if event is None or is_absent(event) else event)
    return Elsewhere(is_unknown=True)
