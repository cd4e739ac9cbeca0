"""Observe: what changed on either side since the last agreement, put down as pending before anything moves on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import cast

from core.errors import CursorGone, RetryLater
from core.model.ids import Side
from core.model.link import Link, LinkState
from core.model.operation import Picture
from core.model.policy import SAME_MOMENT, YOUNG
from core.model.sighting import UNSEEN, Activity, Event
from core.model.state import Head, Pending
from core.model.when import Series
from core.sync.eligible import activity_not_sent, event_left_out, is_not_held, rests
from core.sync.meeting import people_of
from core.sync.merge import changed_fields
from core.usecases.gather import LAG
from core.usecases.passive import is_listing_due
from core.usecases.pending import changed_row, gone_row, named_row
from core.usecases.recorder import READ_SECONDS
from core.usecases.resync import is_repair_due
from core.usecases.sharing import is_shared, shared_rows
from core.usecases.turns import lists_now
from core.usecases.world import World


async def observe(world: World, head: Head) -> None:
    """Look at both sides; afterwards every change is a pending row in the store, and the cursor has moved."""
    state = world.recorder.state
    world.rows = {(row.side, row.id): row for row in head.pending}
    full = world.compares = world.compares or is_repair_due(state, world.now)
    noticed = world.report.in_mailbox = await observe_microsoft(world, None if full else head.cursor)
    world.compares = full or world.report.full
    is_busy = bool(noticed) or any(row.not_before is None and not row.hold for row in head.pending)
    if world.compares or await lists_now(world.ports, world.pair, world.recorder, world.report, is_busy=is_busy):
        noticed += await observe_severa(world)
    if world.compares:
        noticed += await observe_later(world)
    if noticed:  # Rows can only be settled with the tag that they were stored under.
        fresh = await world.ports.pairs.head(world.pair)
        world.rows = {(row.side, row.id): row for row in fresh.pending}


async def observe_passively(world: World, head: Head) -> None:
    """What others share with a user whose own switch is off (R4): no scan of the mailbox, one listing a day."""
    world.rows = {(row.side, row.id): row for row in head.pending}
    if is_listing_due(head, world.now):
        await observe_severa(world)
        head = await world.ports.pairs.head(world.pair)
        shared = await shared_rows(world, replace(head, pending=_unseen_meetings(world, head)))
        await world.recorder.notice(list(shared.values()))
        head = await world.ports.pairs.head(world.pair)
    world.rows = await shared_rows(world, head)


def _unseen_meetings(world: World, head: Head) -> tuple[Pending, ...]:
    """Coming meetings: that their attendee declined is seen in this mailbox alone, and no scan tells (R15)."""
    known = {row.id for row in head.pending if row.side is Side.SEVERA}
    live = [link for link in world.links.living() if link.claim and link.state is LinkState.LIVE]
    coming = [link for link in live if link.ends is None or link.ends > world.now]
    return tuple(named_row(Side.SEVERA, o.activity, None, world.now) for o in coming if o.activity not in known)


def compared(world: World) -> None:
    """What the comparison found is planned, held or settled. Until then, another run compares again (R5)."""
    doubtful = world.undecided and bool(world.resumed or world.empty)
    if world.compares and not doubtful:
        world.recorder.state = replace(world.recorder.state, compared=world.now)


async def observe_microsoft(world: World, cursor: str | None) -> int:
    """One round of the mailbox's changes; a lost cursor means one full round. The number of rows put down."""
    try:
        return await _round(world, cursor)
    except CursorGone:
        await world.recorder.drop_cursor()
        return await _round(world, None)


async def _round(world: World, cursor: str | None) -> int:
    noticed, full, seen = 0, cursor is None, set[str]()
    await world.recorder.ensure(READ_SECONDS)
    async for page in world.microsoft.changes(cursor, world.window):
        if any(world.now - told < YOUNG for told in page.unread):
            raise RetryLater("round_lost", "a series that was told of does not show yet", after=LAG)
        full = full or page.full
        if full:
            await world.links.load()
        if page.sightings:
            await world.prepare()
        rows = [row for event in page.sightings if (row := await _event_row(world, event))]
        rows += [row for entry in page.removed if (row := await _removed_row(world, entry))]
        seen.update(event.id for event in page.sightings)
        if page.last and full:
            world.report.full = True
            world.complete[Side.MICROSOFT] = world.window
            rows += absent(world, Side.MICROSOFT, seen)
        noticed += len(rows)
        if page.last and page.cursor is None:
            await world.recorder.notice(rows)
            await world.recorder.drop_cursor()
        elif rows or page.cursor != cursor:
            await world.recorder.notice(rows, page.cursor)
        await world.recorder.ensure(READ_SECONDS)
    return noticed


async def observe_severa(world: World) -> int:
    """A complete listing of the user's activities in the window: what is new, changed, or no longer there."""
    await world.prepare()
    await world.links.load()
    await world.recorder.ensure(READ_SECONDS)
    snapshot = await world.severa.view(world.window)
    rows = [row for activity in snapshot.sightings if (row := await _activity_row(world, activity))]
    if snapshot.complete:
        world.complete[Side.SEVERA] = snapshot.window
        rows += absent(world, Side.SEVERA, {activity.id for activity in snapshot.sightings})
    await world.recorder.notice(rows)
    if snapshot.complete:
        world.recorder.state = replace(world.recorder.state, listed=world.now)
    return len(rows)


async def observe_later(world: World) -> int:
    """What begins beyond the window, on both sides (R7); absence means nothing there."""
    await world.recorder.ensure(READ_SECONDS)
    events, activities = await world.microsoft.later(world.window.end), await world.severa.later(world.window.end)
    rows = [row for event in events.sightings if (row := await _event_row(world, event))]
    rows += [row for activity in activities.sightings if (row := await _activity_row(world, activity))]
    await world.recorder.notice(rows)
    return len(rows)


def absent(world: World, side: Side, seen: set[str]) -> list[Pending]:
    """Rows for linked entries that a complete view should have shown and did not. They are unproven, nothing more."""
    living = [link for link in world.links.living() if link.missing is not side]
    inside = [link.id_on(side) for link in living if is_inside(world, link)]
    if inside and not seen:
        world.empty.add(side)
    return [gone_row(side, entry, world.rows.get((side, entry)), world.now) for entry in inside if entry not in seen]


def is_inside(world: World, link: Link) -> bool:
    """Whether the view's edges, a day off for whole days in any zone, are sure to include the entry (P21)."""
    day = timedelta(days=1)
    if link.ends is None or link.ends <= world.window.start + day:
        return False
    return link.recurs or link.ends < world.window.end - day  # A series shows by the dates that it has inside.


async def _event_row(world: World, event: Event) -> Pending | None:
    """What to remember of an event that a round showed: nothing where it says nothing new."""
    world.seen[Side.MICROSOFT, event.id] = event
    link = await world.links.of(Side.MICROSOFT, event.id)
    row = _row(world, link, event, "" if link else event_left_out(event, world.policy))
    if row and link and link.agreed and event.modified and event.modified <= link.agreed + SAME_MOMENT:
        world.seen.pop((Side.MICROSOFT, event.id))  # The round may lag behind our own write: it is read by id.
    return row


async def _activity_row(world: World, activity: Activity) -> Pending | None:
    activity = cast("Activity", await world.known(activity))
    world.seen[Side.SEVERA, activity.id] = activity
    link = await world.links.of(Side.SEVERA, activity.id)
    if world.passive and link is None and not await is_shared(world, activity):
        return None
    return _row(world, link, activity, "" if link else activity_not_sent(activity, world.policy))


def _row(world: World, link: Link | None, end: Activity | Event, left_out: str) -> Pending | None:
    if left_out and not is_not_held(left_out):  # That is told, so it is decided.
        world.report.left_out[left_out] += 1
        return None
    if link is not None and is_settled(world, link, end):
        return None
    row = changed_row(world.digester, end, world.rows.get((end.side, end.id)))
    # A date may change without the version of its series, and a comparison asks for content: it says nothing then.
    return replace(row, version="") if world.compares or isinstance(end.essence.when, Series) else row


async def _removed_row(world: World, entry: str) -> Pending | None:
    """What a round calls removed may have left the window only (P24): it is looked at by id."""
    link = await world.links.of(Side.MICROSOFT, entry)
    if link is None and (row := world.rows.get((Side.MICROSOFT, entry))) is not None:
        return gone_row(Side.MICROSOFT, entry, row, world.now, named=True)
    if link is None or link.state is LinkState.DEAD or link.missing is Side.MICROSOFT:
        return None
    return gone_row(Side.MICROSOFT, entry, world.rows.get((Side.MICROSOFT, entry)), world.now, named=True)


def is_settled(world: World, link: Link, end: Activity | Event) -> bool:
    """Whether a linked end says nothing new: the version that is known, or another one with the same content.

    A comparison looks at the content in any case (P44).
    """
    if link.missing is end.side or link.state is LinkState.DEAD:
        return False
    is_known = end.version == link.end(end.side).version and not link.recurs  # That of a series does not tell all.
    if is_known and not world.compares:
        return True
    picture = Picture(link, end, UNSEEN) if isinstance(end, Activity) else Picture(link, UNSEEN, end)
    is_live = link.state is LinkState.LIVE and rests(picture, world.policy) is None
    if not is_live:
        return is_known
    is_news = isinstance(end, Event) and end.version != link.microsoft.version and bool(link.people)
    if isinstance(end, Event) and is_news and link.people != people_of(end, world.digester):
        return False  # Only its people changed.
    return not changed_fields(link, end.side, end.essence, world.digester)
