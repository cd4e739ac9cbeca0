"""Act: one operation at a time, each on what its target holds just now, each recorded right after its effect."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import timedelta

from core.model.ids import Side
from core.model.link import Link, LinkState, ParkReason
from core.model.operation import (
    Agree,
    BringPeople,
    Bury,
    Create,
    Delete,
    Leave,
    LeaveOut,
    Park,
    Picture,
    Plan,
    Planned,
    Update,
)
from core.model.sighting import UNSEEN
from core.model.state import Pending
from core.sync.meeting import as_compared
from core.sync.record import agreed, buried, parked
from core.usecases.changing import ask_again, remove, update
from core.usecases.creating import create
from core.usecases.keeping import hold_activities, is_new
from core.usecases.leaving import pass_on
from core.usecases.setbacks import Setbacks
from core.usecases.sharing import tell_lead
from core.usecases.world import World

AT_ONCE = 3
"""Operations under way in one mailbox; Graph allows 4 (facts/microsoft.md D)."""
SLICE = timedelta(seconds=240)
"""A run that takes longer gives the lease back and goes on in a fresh message."""


async def act(world: World, plan: Plan) -> bool:
    """Apply a guarded plan: what has no remote effect first, then writes. False where time ran out before the end."""
    await _record_quietly(world, [p for p in plan.entries if not _is_remote(p)])
    for kinds in ((Update, BringPeople), (Create,), (Leave, Delete)):
        batch = [p for p in plan.entries if isinstance(p.decision.operations[0], kinds)]
        if not await _in_parallel(world, _mixed(batch)):
            return False
    return True


def _is_remote(planned: Planned) -> bool:
    return any(isinstance(o, Create | Update | BringPeople | Leave | Delete) for o in planned.decision.operations)


async def _record_quietly(world: World, entries: list[Planned]) -> None:
    """Agreements, parked and dead links, newcomers that are left out: many in one transaction."""
    items: list[tuple[Link | None, tuple[Pending, ...]]] = []
    fresh: list[Link] = []
    woken: list[Picture] = []
    for planned in entries:
        before, operation = planned.picture.link, planned.decision.operations[0]
        newcomer = planned.picture.seen_activity or planned.picture.seen_event
        if isinstance(operation, LeaveOut) and newcomer is not None:
            await world.tell_once(newcomer, planned.decision.notes)
        else:
            await world.tell_decision(planned)
        if operation == Park(ParkReason.NOT_A_PARTICIPANT):
            await pass_on(world, planned.picture)
        if isinstance(operation, Agree) and before is not None and before.state is LinkState.PARKED:
            woken.append(planned.picture)
        items.append((_quiet_link(world, planned), world.rows_of(planned.picture)))
        if (
            before is not None
            and (before.agreed is None or isinstance(operation, Agree))
            and await is_new(world, before)
        ):
            fresh.append(before)
        elif before is not None:
            await tell_lead(world, planned.picture)
    await hold_activities(world, *fresh)
    for picture in woken:  # What was edited while it rested was let lie.
        await ask_again(world, picture, {side for side in Side if picture.end(side) is UNSEEN})
    await world.recorder.settle_many(items)
    for link, _ in items:
        if link is not None:
            world.links.put(link)


def _quiet_link(world: World, planned: Planned) -> Link | None:
    """The link after an operation without remote effect; None where there is none to keep."""
    picture, operation = planned.picture, planned.decision.operations[0]
    if isinstance(operation, LeaveOut):
        world.report.left_out[operation.reason] += 1
    if picture.link is None:
        return None
    match operation:
        case Park():
            world.report.linked["parked"] += 1
            return parked(picture.link, picture, operation, world.policy)
        case Bury():
            world.report.linked["buried"] += 1
            return buried(picture.link, world.policy)
        case _:
            link = agreed(picture.link, picture.seen_activity, picture.seen_event, world.policy, world.digester)
            return as_compared(link, picture)


def _mixed(entries: list[Planned]) -> list[Planned]:
    """Both sides' spread evenly: while Severa's budget holds up some writes, the mailbox's go on."""
    sides: dict[Side, list[Planned]] = defaultdict(list)
    for planned in entries:
        sides[_target(planned)].append(planned)
    placed = [((n + 0.5) / len(held), side, planned) for side, held in sides.items() for n, planned in enumerate(held)]
    return [planned for _, _, planned in sorted(placed, key=lambda one: one[:2])]


async def _in_parallel(world: World, entries: Iterable[Planned]) -> bool:
    """Up to three at once; what ends the run lets the others finish the entry that they are at, and no more.

    False where time ran out before the end.
    """
    waiting, setbacks, in_time = deque(entries), Setbacks(world), [True]

    async def work() -> None:
        while waiting:
            if world.ports.clock.now() - world.now > SLICE:
                in_time[0] = False
                return
            planned = waiting.popleft()
            try:
                await world.check_switch()
                async with setbacks.of(world.rows_of(planned.picture), _target(planned)):
                    await _apply(world, planned)
            except BaseException:
                waiting.clear()
                raise

    for ending in await asyncio.gather(*(work() for _ in range(AT_ONCE)), return_exceptions=True):
        if isinstance(ending, BaseException):
            raise ending
    return in_time[0]


def _target(planned: Planned) -> Side:
    sides = [o.side for o in planned.decision.operations if isinstance(o, Create | Update | Delete)]
    return sides[0] if sides else Side.SEVERA


async def _apply(world: World, planned: Planned) -> None:
    match planned.decision.operations[0]:
        case Create():
            await create(world, planned)
        case Delete(side):
            await remove(world, planned, side)
        case Leave():
            await remove(world, planned, Side.SEVERA)
        case _:
            await update(world, planned)
