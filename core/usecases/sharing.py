"""Entries that several people hold (R3, R4, R14): who is told when one of them changes it, and who is served passively.

A pair whose user's own switch is off is passive: its mailbox is not scanned; only entries that somebody with the switch
on owns or takes part in reach it, one by one, when another pair's run says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.model.ids import CompanyId, Pair, Side, UserId
from core.model.operation import Picture
from core.model.sighting import Activity
from core.model.state import Head, Pending
from core.ports import Ports
from core.usecases.hints import hint
from core.usecases.pending import gone_row, named_row
from core.usecases.world import Key, World


async def active_users(world: World) -> frozenset[UserId]:
    """Whose own switch is on; read once in a run."""
    if world.active is None:
        members = await world.ports.companies.members(world.pair.company)
        world.active = frozenset(member.user for member in members if member.on)
    return world.active


async def is_shared(world: World, activity: Activity) -> bool:
    """Whether somebody with the switch on owns it or takes part in it, besides this pair's user."""
    if activity.owner in await active_users(world) - {world.pair.user}:
        return True
    row = await world.ports.companies.activity(world.pair.company, activity.id)
    others = {activity.owner, *row.holders} - {world.pair.user}
    return bool(others & await active_users(world))


async def shared_rows(world: World, head: Head) -> dict[Key, Pending]:
    """What a passive pair looks at: activities that somebody with the switch on holds, and those not known yet.

    Of somebody who is away, only those that somebody who is there holds: all else waits for their own return (R3).
    """
    rows: dict[Key, Pending] = {}
    active, there = await active_users(world) - {world.pair.user}, dict[UserId, bool]()
    for row in head.pending:
        if row.side is not Side.SEVERA:
            continue
        hosts = active & set((await world.ports.companies.activity(world.pair.company, row.id)).holders)
        for user in hosts - set(there) if world.away else ():
            there[user] = await _is_there(world, user)
        is_new = not world.away and await world.links.of(row.side, row.id) is None
        if is_new or any(there.get(user, not world.away) for user in hosts):
            rows[row.side, row.id] = row
    return rows


async def _is_there(world: World, user: UserId) -> bool:
    until = (await world.ports.pairs.head(Pair(world.pair.company, user))).present_until
    return until is not None and until > world.ports.clock.now()


async def tell_passive(world: World, activity: str) -> None:
    """Holders whose switch is off look at this activity: no feed tells them. All others have the feed."""
    row = await world.ports.companies.activity(world.pair.company, activity)
    others = set(row.holders) - {world.pair.user}
    if others:
        await tell(world, activity, others - await active_users(world))


async def tell_lead(world: World, picture: Picture) -> None:
    """A meeting moved in this mailbox, but another's event has the say: a mailbox that is not scanned is told."""
    meeting, link = picture.meeting, picture.link
    if meeting is None or link is None or meeting.leads or picture.seen_event is None:
        return
    await tell(world, link.activity, {meeting.lead} - await active_users(world))


async def tell_everybody(world: World, activity: str, *, gone: bool = False) -> None:
    """Every other holder looks at this activity: no feed tells of a deletion."""
    row = await world.ports.companies.activity(world.pair.company, activity)
    await tell(world, activity, set(row.holders) - {world.pair.user}, gone=gone)


async def tell(world: World, activity: str, users: Iterable[UserId], *, gone: bool = False) -> None:
    """A pending row and a hint for these users' pairs, passive ones too."""
    await tell_pairs(world.ports, world.pair.company, activity, users, gone=gone)


async def tell_pairs(
    ports: Ports, company: CompanyId, activity: str, users: Iterable[UserId], *, gone: bool = False
) -> None:
    """As `tell`, where no pair's run does."""
    now = ports.clock.now()
    for user in sorted(users):
        pair = Pair(company, user)
        head = await ports.pairs.head(pair)
        earlier = next((row for row in head.pending if (row.side, row.id) == (Side.SEVERA, activity)), None)
        row: Pending = named_row(Side.SEVERA, activity, earlier, now)
        if gone:
            row = gone_row(Side.SEVERA, activity, earlier, now, named=True)
        await ports.pairs.notice(pair, [row])
        await hint(ports, pair, head=head, passive=True)
