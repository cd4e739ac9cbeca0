"""What the company is told of a link that is recorded for the first time: who holds what, and which meeting it is."""

from __future__ import annotations

from core.model.company import ActivityRow
from core.model.ids import Side
from core.model.link import Link, ParkReason
from core.model.sighting import Activity
from core.usecases.sharing import active_users, tell
from core.usecases.staking import settle_claim
from core.usecases.world import World


async def is_new(world: World, link: Link) -> bool:
    """Whether the company has not been told of it: recorded for the first time, or again, or now a meeting."""
    known = await world.links.of(Side.SEVERA, link.activity)
    if link.agreed is None or known is None:
        return True
    return known.claim != link.claim or known.parked is ParkReason.NOT_A_PARTICIPANT


async def hold_activities(world: World, *links: Link) -> None:
    """The company's rows say that this pair holds these activities; an owner who is passive gets them too (R4)."""
    if not links:
        return
    user = world.pair.user
    rows = [ActivityRow(link.activity, link.origin, (user,), link.claim) for link in links]
    await world.ports.companies.put_holders(world.pair.company, rows)
    for link in links:
        if link.claim:
            await settle_claim(world, link)
        activity = world.seen.get((Side.SEVERA, link.activity))
        if isinstance(activity, Activity) and activity.owner != user and not world.passive:
            await tell(world, link.activity, {activity.owner} - await active_users(world))
