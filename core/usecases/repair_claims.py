"""Claims on meetings without an activity, and intents that nobody waits for (core/usecases/repair.py)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from core.errors import ItemRefused, StorageConflict
from core.model.claim import Claim
from core.model.ids import Side
from core.model.link import Intent, Link, LinkState
from core.model.state import Pending
from core.usecases.pending import named_row
from core.usecases.repair_links import Ask
from core.usecases.staking import is_abandoned, key_of, settle_claim
from core.usecases.world import World


async def mend_claims(world: World, is_gone: Ask) -> int:
    """Let the claims of this pair's meetings name their activities; forget those whose activity is gone. How many.

    Looked at are the claims of the pair's links, dead ones too, and of the meetings that its mailbox showed.
    """
    links: dict[str, list[Link]] = {}
    for link in world.links.every():
        if link.claim:
            links.setdefault(link.claim, []).append(link)
    for event in world.events():
        if event.is_meeting:
            links.setdefault(key_of(world, event)[0], [])
    mended = 0
    for key, ours in sorted(links.items()):
        claim = await world.ports.companies.claim(world.pair.company, key)
        living = [link for link in ours if link.state is LinkState.LIVE]
        mended += await (_name(world, claim, living[0], is_gone) if living else _forget(world, claim, is_gone))
    return mended


async def _name(world: World, claim: Claim, link: Link, is_gone: Ask) -> bool:
    """The claim of a meeting that is linked names its activity, unless it names another one that is there."""
    if claim.activity == link.activity or (claim.activity and not await is_gone(Side.SEVERA, claim.activity)):
        return False
    if (Side.MICROSOFT, link.event) not in world.seen:
        await world.read(Side.MICROSOFT, link.event)
    with suppress(StorageConflict):  # Another pair is at it just now.
        await settle_claim(world, link)
        return True
    return False


async def _forget(world: World, claim: Claim, is_gone: Ask) -> bool:
    """A claim that this pair has no link for goes where nobody makes its activity, or where that is gone."""
    if not claim.tag:
        return False
    is_over = await is_gone(Side.SEVERA, claim.activity) if claim.activity else await is_abandoned(world, claim)
    if is_over:
        await world.ports.companies.drop_claim(world.pair.company, claim.key)
    return is_over


async def left_over(world: World) -> list[Intent]:
    """Intents of creates that can take no effect any more."""
    return [one for one in await world.ports.companies.intents(world.pair) if one.settled_by <= world.now]


async def sources(world: World, intents: Iterable[Intent]) -> list[Pending]:
    """Rows for what these creates were of, where it is there: the run looks for its twin, as after a crash (R6)."""
    rows = []
    for intent in intents:
        side, entry = intent.side.other, intent.source
        if (side, entry) in world.rows or await world.links.of(side, entry) is not None:
            continue
        with suppress(ItemRefused):
            rows += [named_row(side, entry, None, world.now)] if await world.read(side, entry) is not None else []
    return rows


async def end_intents(world: World, intents: Iterable[Intent]) -> int:
    """End those for which nothing is pending: what they made is linked by now, or was never made. How many ended."""
    head = await world.ports.pairs.head(world.pair)
    waiting = {(row.side, row.id) for row in head.pending}
    still = {intent.id for intent in await world.ports.companies.intents(world.pair)}
    ended = 0
    for intent in intents:
        if (intent.side.other, intent.source) not in waiting:
            if intent.id in still:
                await world.ports.companies.end(world.pair.company, intent.id)
            ended += 1
    return ended
