"""An activity of several people that was deleted while more than one of them edited it: made again once (R18)."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from core.errors import StorageConflict
from core.model.claim import Claim
from core.model.ids import Pair, Side
from core.model.link import Link, LinkState
from core.model.operation import Create, Picture
from core.model.rows import Commit
from core.model.sighting import Activity, Event, Role, Shape
from core.model.state import Pending
from core.usecases.changing import writing
from core.usecases.keeping import hold_activities
from core.usecases.recorder import WRITE_SECONDS
from core.usecases.staking import is_abandoned
from core.usecases.world import World


async def joins_revival(world: World, picture: Picture, operation: Create) -> bool:
    """Whether somebody else's pair has made it again already: this pair's user takes part in that one from now on.

    Who comes first claims it for the company, the claim's `uid` being their event: by that their link is found, which
    leads to the new activity, whatever became of their run. Raises StorageConflict while they are at it.
    """
    link, companies, company = picture.link, world.ports.companies, world.pair.company
    if operation.side is not Side.SEVERA or link is None or link.claim:
        return False
    if not set((await companies.activity(company, link.activity)).holders) - {world.pair.user}:
        return False
    claim = await companies.claim(company, world.digester.of("revived", company, link.activity))
    if claim.tag and claim.made_by != world.pair.user:
        theirs = await world.ports.pairs.link_of(Pair(company, claim.made_by), Side.MICROSOFT, claim.uid)
        if theirs is not None and theirs.activity != link.activity:
            made = await world.read(Side.SEVERA, theirs.activity)
            if isinstance(made, Activity):
                await _join(world, picture, made)
                return True
        elif not await _is_given_up(world, claim, theirs):
            raise StorageConflict("activity_busy", link.activity, after=5.0)
    if claim.uid != link.event or claim.made_by != world.pair.user:
        mine = replace(claim, uid=link.event, made_by=world.pair.user, begun=world.now)
        await companies.put_claim(company, mine)
    return False


async def _is_given_up(world: World, claim: Claim, theirs: Link | None) -> bool:
    """Whether who claimed it does not make it after all: their own copy is gone, or nothing came of it for long."""
    return (theirs is not None and theirs.state is LinkState.DEAD) or await is_abandoned(world, claim)


async def _join(world: World, picture: Picture, made: Activity) -> None:
    """What this person edited is merged into it by the next round: the last agreement is still the base."""
    old, event = cast("Link", picture.link), cast("Event", picture.seen_event)
    if made.role is Role.NONE:
        async with writing(world, Side.SEVERA, made.id):
            await world.recorder.ensure(WRITE_SECONDS)
            recurs = made.shape is Shape.SERIES
            await world.company.change_people(made.id, frozenset({world.pair.user}), frozenset(), dates=recurs)
    link = replace(old, activity=made.id, severa=replace(old.severa, version="", wrote=""), agreed=world.now)
    await hold_activities(world, link)
    row = world.rows.get((Side.MICROSOFT, event.id)) or Pending(Side.MICROSOFT, event.id, changed=event.modified)
    gone = tuple(row for row in world.rows_of(picture) if row.side is Side.SEVERA)
    again = (replace(row, version=""), Pending(Side.SEVERA, made.id))
    await world.recorder.commit(Commit(links=(link,), settled=gone, pending=again))
    world.links.put(link)
    world.report.linked["revived"] += 1
    world.report.wait_until(world.now)
