"""Creates, exactly once in effect: intent, tell, create, record, end of the intent (P01)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import cast

from core.errors import OutcomeUnknown, SyncError
from core.model.essence import PLAIN
from core.model.ids import Side
from core.model.link import Intent
from core.model.operation import Create, Picture, Planned
from core.model.rows import Commit, Stamp
from core.model.sighting import Activity, Event
from core.model.state import Pending
from core.sync.record import agreed
from core.sync.rejoin import base_link, intent_id, joined
from core.usecases.holding import after_create
from core.usecases.keeping import hold_activities
from core.usecases.recorder import WRITE_SECONDS
from core.usecases.reviving import joins_revival
from core.usecases.staking import stake
from core.usecases.world import World

MARGIN = timedelta(seconds=15)
"""After a create's own time-out plus this, the request can no longer take effect."""


async def create(world: World, planned: Planned) -> None:
    """Make the entry on the side that lacks it.

    An earlier try in Severa was looked for before anything was decided (rejoining.py), so one that is still open here
    is on its way. Microsoft knows the transaction, and answers with what the earlier try made: what that one sent stays
    the base.
    """
    operation = cast("Create", planned.decision.operations[0])
    event = planned.picture.seen_event
    if event is not None and event.is_meeting:
        await stake(world, event)
    elif await joins_revival(world, planned.picture, operation):
        return
    intent = _intent(world, planned.picture, operation)
    await world.recorder.ensure(WRITE_SECONDS)
    earlier = await world.ports.companies.begin(intent)
    if earlier is not None and operation.side is Side.SEVERA:
        wait = (earlier.settled_by - world.ports.clock.now()).total_seconds()
        raise OutcomeUnknown("create_not_settled", after=max(wait, 1.0))
    await world.tell_decision(planned)
    made = await _send(world, operation, intent, is_first=earlier is None)
    world.report.written[f"created_{operation.side.value}"] += 1
    if earlier is not None:
        await _record_rejoined(world, earlier, made)
    else:
        await _record(world, planned.picture, intent, made)
    await world.ports.companies.end(world.pair.company, intent.id)


def _intent(world: World, picture: Picture, operation: Create) -> Intent:
    source = cast("Activity | Event", picture.end(operation.side.other))
    name = intent_id(world.digester, world.pair, operation.side, source.id, operation.generation)
    base = base_link(source, operation, picture.link, world.policy, world.digester)
    if picture.meeting is not None and isinstance(source, Event):
        base = replace(base, claim=picture.meeting.key, organized=source.is_organizer)
    now = world.ports.clock.now()
    settled_by = now + timedelta(seconds=WRITE_SECONDS) + MARGIN
    return Intent(name, world.pair, operation.side, source.id, base, now, settled_by)


async def _send(world: World, operation: Create, intent: Intent, *, is_first: bool) -> Activity | Event:
    mark = world.digester.mark(world.pair.company, world.mailbox, intent.source, operation.generation)
    stamp = Stamp(intent.id, mark)
    await world.recorder.ensure(WRITE_SECONDS)
    try:
        if operation.side is Side.SEVERA:
            return await world.severa.create(operation.draft, stamp)
        return await world.microsoft.create(operation.draft, stamp)
    except OutcomeUnknown:
        raise
    except SyncError:
        if is_first:  # It certainly did not happen; an earlier try may have.
            await world.ports.companies.end(world.pair.company, intent.id)
        raise


async def _record(world: World, picture: Picture, intent: Intent, made: Activity | Event) -> None:
    world.seen[made.side, made.id] = made
    activity = made if isinstance(made, Activity) else picture.seen_activity
    event = made if isinstance(made, Event) else picture.seen_event
    source = cast("Activity | Event", picture.end(made.side.other))
    names = PLAIN if source.essence.exceptions else None
    link = agreed(joined(intent, made.id), activity, event, world.policy, world.digester, names=names, wrote=made.side)
    await hold_activities(world, link)
    world.recorder.state = after_create(world.recorder.state, world.now)
    if names is None and not link.claim:
        await world.recorder.settle(link, world.rows_of(picture))
    else:  # The entry is there; a series' exceptions and a meeting's people are what the next round finds new.
        await world.recorder.commit(Commit(links=(link,), pending=(_again(world, source),)))
        world.report.wait_until(world.now)
    world.links.put(link)


def _again(world: World, source: Activity | Event) -> Pending:
    row = world.rows.get((source.side, source.id))
    return replace(row, version="") if row else Pending(source.side, source.id, changed=source.modified)


async def _record_rejoined(world: World, earlier: Intent, made: Event | Activity) -> None:
    """What the earlier try sent is the base, and the next round at once merges what was edited since."""
    link = replace(joined(earlier, made.id), agreed=world.now)
    await hold_activities(world, link)
    await world.recorder.commit(Commit(links=(link,), pending=(Pending(made.side, made.id, changed=world.now),)))
    world.links.put(link)
    world.report.wait_until(world.now)
