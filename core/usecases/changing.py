"""Updates and deletes. Each: lock, read the target, decide again, tell, write, record. Nothing between the last two.

The dates of a series follow the series itself (dates.py).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import cast

from core.errors import ItemChanged, RetryLater, StorageConflict
from core.model.essence import PLAIN, Field
from core.model.ids import Side
from core.model.link import Link
from core.model.operation import BringPeople, Create, Delete, Leave, Park, Picture, Planned, Update
from core.model.policy import SAME_MOMENT
from core.model.rows import Commit
from core.model.sighting import GONE, Activity, Event, Role
from core.model.state import Pending
from core.sync.meeting import as_compared
from core.sync.reconcile import decide
from core.sync.record import agreed, before_time, buried, parked, with_types
from core.sync.series import as_remembered
from core.usecases.dates import change_dates, due_dates, needs_no_look
from core.usecases.doubtful_dates import prove_dates
from core.usecases.holding import after_delete, count_company_deletion
from core.usecases.keeping import hold_activities, is_new
from core.usecases.leaving import leave
from core.usecases.pending import dated, gone_row
from core.usecases.people import bring_people
from core.usecases.recorder import WRITE_SECONDS
from core.usecases.sharing import tell_everybody, tell_passive
from core.usecases.world import World

LOCK = timedelta(seconds=60)


@asynccontextmanager
async def writing(world: World, side: Side, activity: str) -> AsyncIterator[None]:
    """The company's write lock on an activity: two pairs never overwrite each other. Events have their ETag instead."""
    if side is not Side.SEVERA:
        yield
        return
    companies, company, now = world.ports.companies, world.pair.company, world.ports.clock.now()
    row = await companies.activity(company, activity)
    if row.locked_until is not None and row.locked_until > now and row.locked_by != world.run:
        raise StorageConflict("activity_busy", activity, after=5.0)
    row = await companies.put_activity(company, replace(row, locked_by=world.run, locked_until=now + LOCK))
    try:
        yield
    finally:
        with suppress(RetryLater):  # It expires by itself.
            try:
                await companies.put_activity(company, replace(row, locked_by="", locked_until=None))
            except StorageConflict:  # Who holds it changed meanwhile.
                row = await companies.activity(company, activity)
                if row.locked_by == world.run:
                    await companies.put_activity(company, replace(row, locked_by="", locked_until=None))


# --- update -----------------------------------------------------------------------------------------------------------
async def update(world: World, planned: Planned) -> None:
    """Bring both ends together, field by field, on what the targets hold just now."""
    link = cast("Link", planned.picture.link)
    if await is_new(world, link):
        await hold_activities(world, link)
    targets, brings = _targets(planned), _brings(planned)
    while more := await _on_fresh(world, planned.picture, targets, brings=brings):
        targets |= more
    await tell_passive(world, link.activity)


def _targets(planned: Planned) -> frozenset[Side]:
    return frozenset(o.side for o in planned.decision.operations if isinstance(o, Update))


def _brings(planned: Planned) -> bool:
    return any(isinstance(o, BringPeople) for o in planned.decision.operations)


async def _on_fresh(world: World, picture: Picture, targets: frozenset[Side], *, brings: bool) -> frozenset[Side]:
    """Write what the fresh targets ask for. Where that concerns another side too, nothing, and that side instead.

    `brings`: people are written in Severa, too, whether or not anything else there is.
    """
    activity, is_locked = cast("Link", picture.link).activity, brings or Side.SEVERA in targets
    async with writing(world, Side.SEVERA if is_locked else Side.MICROSOFT, activity):
        picture = await _fresh(world, picture, targets)
        if picture.seen_activity is not None:
            await prove_dates(world, cast("Link", picture.link), picture.seen_activity)
        now = Planned(picture, decide(picture, world.policy, world.digester))
        if any(isinstance(o, Delete | Leave | Create) for o in now.decision.operations):
            await ask_again(world, picture, set(targets))
            return frozenset()
        more = _targets(now) - targets
        if more or (_brings(now) and not is_locked):
            return more or frozenset({Side.SEVERA})  # Nobody has locked or read it yet.
        await world.tell_decision(now)
        await _carry_out(world, now)
        return frozenset()


async def _fresh(world: World, picture: Picture, targets: frozenset[Side]) -> Picture:
    """The picture with its targets read just now. Raises ItemChanged where one is not there: a later run finds out."""
    blind = {o.side for o in _updates(world, picture) if needs_no_look(picture, o)}
    for side in targets - blind:
        entry = picture.id_on(side)
        end, row = await world.read(side, entry), world.rows.get((side, entry))
        if end is not None and _was_touched(end, cast("Link", picture.link)):
            end = await world.verify(side, entry)  # It may be in Deleted Items, where it answers by id, too.
        if end is None:
            await world.recorder.commit(Commit(pending=(gone_row(side, entry, row, world.now),)))
            world.rows.pop((side, entry), None)
            raise ItemChanged("gone_meanwhile")
        picture = _with_end(picture, side, dated(world.digester, row, end) if row else end)
    return picture


def _was_touched(end: Activity | Event, link: Link) -> bool:
    """Whether somebody else did something with an event since; Exchange itself follows our writes within a minute."""
    if not isinstance(end, Event) or end.version == link.microsoft.version:
        return False
    return link.agreed is None or end.modified is None or end.modified > link.agreed + SAME_MOMENT


def _updates(world: World, picture: Picture) -> list[Update]:
    operations = decide(picture, world.policy, world.digester).operations
    return [operation for operation in operations if isinstance(operation, Update)]


async def ask_again(world: World, picture: Picture, sides: set[Side]) -> None:
    """What the fresh picture asks for was not planned, so the guard has not seen it: the next round plans it."""
    if sides:
        await world.recorder.commit(Commit(pending=tuple(Pending(side, picture.id_on(side)) for side in sides)))
        world.report.wait_until(world.now)


async def _carry_out(world: World, planned: Planned) -> None:
    """One write after the other, each recorded as far as it goes; the entry is settled with the last one."""
    picture, operations = planned.picture, planned.decision.operations
    link, touched, is_new_in_it = cast("Link", picture.link), frozenset[str](), False
    is_out = _is_out(picture)
    for position, operation in enumerate(operations):
        is_last = position == len(operations) - 1
        if isinstance(operation, Park):
            link = parked(link, picture, operation, world.policy)
        elif isinstance(operation, BringPeople):
            link = await bring_people(world, link, picture)
            activity, event = picture.seen_activity, picture.seen_event
            is_new_in_it = activity is not None and activity.role is Role.NONE  # Who was not in it has not seen it all.
            rest = is_last and not is_new_in_it
            names = frozenset() if not rest else _all_names(link, picture) - touched if touched else None
            link = agreed(link, activity, event, world.policy, world.digester, names=names)
        elif isinstance(operation, Update):
            link, picture, moved = await _apply(world, link, operation, picture)
            touched |= moved
            is_all = is_last and not touched and not is_out  # Otherwise its version would say that it is settled.
            names = None if is_all else _all_names(link, picture) if is_last else operation.fields
            names = names - touched if names is not None else None
            activity, event = picture.seen_activity, picture.seen_event
            link = agreed(link, activity, event, world.policy, world.digester, names=names, wrote=operation.side)
        else:
            link = agreed(link, picture.seen_activity, picture.seen_event, world.policy, world.digester)
        is_settled = is_last and not touched and not is_new_in_it and not is_out
        link = as_compared(link, picture) if is_settled else link
        await world.recorder.settle(link, world.rows_of(picture) if is_settled else ())
        world.links.put(link)
    if touched or is_new_in_it or is_out:
        await ask_again(world, picture, {Side.SEVERA})


def _is_out(picture: Picture) -> bool:
    """Whether this person is no longer in the activity, which has their last edit now: what is left is their copy."""
    activity = picture.seen_activity
    return activity is not None and activity.role is Role.NONE and picture.meeting is None


def _all_names(link: Link, picture: Picture) -> frozenset[str]:
    ends = [end for end in (picture.seen_activity, picture.seen_event) if end is not None]
    remembered = {*link.severa.digests, *link.microsoft.digests}
    return frozenset(remembered.union(*(end.essence.names() for end in ends)))


async def _apply(world: World, link: Link, operation: Update, picture: Picture) -> tuple[Link, Picture, frozenset[str]]:
    """One update: the entry, then its dates, each of them recorded. What a person touched meanwhile comes last."""
    touched = frozenset[str]()
    if operation.fields & PLAIN or operation.draft.type_id:
        link = await _remember(world, link, operation, picture)
        before, picture = picture, await _write(world, link, operation, picture)
        touched = _touched(before, picture, operation)
    end = picture.end(operation.side)
    dates = due_dates(operation, end if isinstance(end, Activity | Event) else None)
    if dates:
        if plain := operation.fields & PLAIN - touched:
            activity, event = picture.seen_activity, picture.seen_event
            link = agreed(link, activity, event, world.policy, world.digester, names=plain, wrote=operation.side)
            await world.recorder.settle(link, ())
        link, picture = await change_dates(world, link, operation, picture, dates)
    return link, picture, touched


async def _write(world: World, link: Link, operation: Update, picture: Picture) -> Picture:
    """The picture with what the side holds after the write."""
    await world.recorder.ensure(WRITE_SECONDS)
    if operation.side is Side.SEVERA:
        activity = cast("Activity", picture.seen_activity)
        made = await world.severa.update(activity, operation.draft, operation.fields & PLAIN)
        picture = replace(picture, activity=as_remembered(made, link, world.digester))
    else:
        event = cast("Event", picture.seen_event)
        picture = replace(picture, event=await world.microsoft.update(event, operation.draft, operation.fields & PLAIN))
    world.report.written[f"updated_{operation.side.value}"] += 1
    return picture


def _touched(before: Picture, after: Picture, operation: Update) -> frozenset[str]:
    """What a person edited in that very second: Severa has no ETag, so it shows in the answer alone."""
    was, is_now = cast("Activity", before.seen_activity), cast("Activity", after.seen_activity)
    if operation.side is not Side.SEVERA:
        return frozenset()
    unwritten = PLAIN - operation.fields  # A series' own change may take its dates along: `due_dates` sees to those.
    return frozenset(f for f in unwritten if was.essence.value(f) != is_now.essence.value(f))


async def _remember(world: World, link: Link, operation: Update, picture: Picture) -> Link:
    """What a write destroys is recorded before it: a crash must not forget it.

    That is the type that comes back with privacy's end, and that a series' exceptions are to be written again.
    """
    before = link
    if operation.draft.type_id:
        link = with_types(link, cast("Activity", picture.seen_activity), operation.draft)
    if Field.TIME in operation.fields:
        link = before_time(link, operation.draft)
    if link != before:
        await world.recorder.settle(link, ())
    return link


# --- delete -----------------------------------------------------------------------------------------------------------
async def remove(world: World, planned: Planned, side: Side) -> None:
    """Let an untouched twin follow a proven deletion."""
    link = cast("Link", planned.picture.link)
    async with writing(world, side, link.activity):
        end = await world.read(side, link.id_on(side))
        picture = _with_end(planned.picture, side, end)
        rows = world.rows_of(picture)
        decision = decide(picture, world.policy, world.digester)
        match decision.operations[0]:
            case Delete(_, announces) if end is not None:
                await count_company_deletion(world.ports, world.pair.company, world.now)
                await world.tell_decision(Planned(picture, decision))
                await _delete(world, end, announces=announces)
                link = buried(link, world.policy)
                if side is Side.SEVERA:
                    await tell_everybody(world, link.activity, gone=True)
                if link.claim:
                    await world.ports.companies.drop_claim(world.pair.company, link.claim)
            case Leave():
                link = await leave(world, Planned(picture, decision), end if isinstance(end, Activity) else None)
            case Park() as park:
                link = parked(link, picture, park, world.policy)
            case _ if end is None:
                link = buried(link, world.policy)
            case _:
                await ask_again(world, picture, {side})
                return
        await world.recorder.settle(link, rows)
        world.links.put(link)


def _with_end(picture: Picture, side: Side, end: Activity | Event | None) -> Picture:
    known = GONE if end is None else end
    if side is Side.SEVERA:
        return replace(picture, activity=cast("Activity", known))
    return replace(picture, event=cast("Event", known))


async def _delete(world: World, end: Activity | Event, *, announces: bool) -> None:
    await world.recorder.ensure(WRITE_SECONDS)
    if isinstance(end, Activity):
        await world.severa.delete(end)
    else:
        await world.microsoft.delete(end, announces=announces)
    world.recorder.state = after_delete(world.recorder.state, world.now)
    world.report.written[f"deleted_{end.side.value}"] += 1
