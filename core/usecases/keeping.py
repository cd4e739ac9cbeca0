"""What the company is told of a link that is recorded for the first time: who holds what, and which meeting it is."""

from __future__ import annotations

from dataclasses import replace

from core.model.company import ActivityRow
from core.model.ids import Side, UserId
from core.model.link import Link, ParkReason
from core.model.sighting import Activity
from core.usecases.second_meeting import another_meeting
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
    for link in links:
        if link.claim:
            await _name_meeting(world, link)
    rows = [ActivityRow(link.activity, link.origin, (user, *_owner_of_date(world, link))) for link in links]
    await world.ports.companies.put_holders(world.pair.company, rows)
    for link in links:
        if link.claim:
            await settle_claim(world, link)
        activity = world.seen.get((Side.SEVERA, link.activity))
        if isinstance(activity, Activity) and not activity.series and activity.owner != user and not world.passive:
            await tell(world, link.activity, {activity.owner} - await active_users(world))


def _owner_of_date(world: World, link: Link) -> set[UserId]:
    """Whoever shares a single date with somebody who is not in its series (R4): they hold it as part of that."""
    activity = world.seen.get((Side.SEVERA, link.activity))
    is_lone = isinstance(activity, Activity) and bool(activity.series) and not link.claim
    return {activity.owner} - {world.pair.user} if isinstance(activity, Activity) and is_lone else set()


async def _name_meeting(world: World, link: Link) -> None:
    """The activity's row names the meeting that has the say. StorageConflict: somebody named another one just now."""
    companies, company = world.ports.companies, world.pair.company
    row = await companies.activity(company, link.activity)
    if row.claim != link.claim and await another_meeting(world, link.activity, link.claim) is None:
        await companies.put_activity(company, replace(row, claim=link.claim))
        earlier = (await companies.claim(company, row.claim)).lead if row.claim else ""
        await tell(world, link.activity, {UserId(earlier)} - {UserId(""), world.pair.user})
