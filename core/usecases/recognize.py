"""Rejoin and match: unlinked entries that are already each other's twin, before anything is decided (R6)."""

from __future__ import annotations

from core.model.ids import Side
from core.model.link import Intent, Link, LinkState
from core.model.operation import Picture
from core.model.sighting import GONE, Activity, Event
from core.model.when import Series, Window, around
from core.sync.eligible import activity_not_sent, event_left_out
from core.sync.match import match
from core.usecases.claiming import join_activities, join_copies, join_dates, join_events, with_meeting
from core.usecases.gather import MANY, Gathered
from core.usecases.pending import is_doubted
from core.usecases.rejoining import read_marks, rejoin_activities, rejoin_events, relink, sent_window
from core.usecases.setbacks import NotYet, Setbacks
from core.usecases.world import World


async def recognize(world: World, found: Gathered) -> list[Picture]:
    """Every entry of this run as a picture: linked, rejoined, relinked, matched, or new. Order of recognition: R6."""
    await join_copies(world, found)
    await join_dates(world, found)
    reviving = any(GONE in (picture.activity, picture.event) for picture in found.linked.values())
    if not found.activities and not found.events and not found.joined and not reviving:
        return [await with_meeting(world, picture) for picture in found.linked.values()]
    intents = await _open_intents(world)
    await relink(world, found)  # A uid is known before any mark is read, and whether or not one can be.
    found.events = [e for e in found.events if (Side.MICROSOFT, e.id) not in world.aside]
    await read_marks(world, found, intents)
    await _look_up(world, found, [i for i in intents if i.side is Side.SEVERA])
    await rejoin_events(world, found, intents)
    await rejoin_activities(world, found, [i for i in intents if i.side is Side.SEVERA])
    await join_events(world, found)
    await _match(world, found)
    await _wait_for_alike(world, found)
    await join_activities(world, found)
    await _leave_out_alike(world, found)
    alone = [Picture(None, a, None) for a in found.activities if (Side.SEVERA, a.id) not in world.aside]
    alone += [Picture(None, None, e) for e in found.events if (Side.MICROSOFT, e.id) not in world.aside]
    return [await with_meeting(world, picture) for picture in (*found.linked.values(), *found.joined, *alone)]


async def _open_intents(world: World) -> list[Intent]:
    """Creates whose link was never recorded. Of those that were, only the end of the intent was missing."""
    still_open = []
    for intent in await world.ports.companies.intents(world.pair):
        link = await world.links.of(intent.side.other, intent.source)
        if link is not None and link.generation >= intent.base.generation:
            await world.ports.companies.end(world.pair.company, intent.id)
        else:
            still_open.append(intent)
    return still_open


async def _look_up(world: World, found: Gathered, intents: list[Intent]) -> None:
    """See what the other side holds at a newcomer's time: matching is complete before its create, today too (R6)."""
    wanted: dict[Side, list[Window]] = {Side.SEVERA: [sent_window(intent) for intent in intents], Side.MICROSOFT: []}
    recurring = {Side.SEVERA: any(intent.base.recurs for intent in intents), Side.MICROSOFT: False}
    for activity in found.activities:
        when = activity.essence.when
        if not activity_not_sent(activity, world.policy) and not world.is_covered(Side.MICROSOFT, when):
            wanted[Side.MICROSOFT].append(around(when))
            recurring[Side.MICROSOFT] |= isinstance(when, Series)
    for event in found.events:
        when = event.essence.when
        if not event_left_out(event, world.policy) and not world.is_covered(Side.SEVERA, when):
            wanted[Side.SEVERA].append(around(when))
            recurring[Side.SEVERA] |= isinstance(when, Series)
    for side, windows in wanted.items():
        for window in [world.window] if len(windows) > MANY else windows:
            await world.view(side, window, series=recurring[side])


async def _match(world: World, found: Gathered) -> None:
    """Newcomers and whatever else was seen without a link: the same subject at the same time is the same entry."""
    joined = {end for p in found.joined if p.link for end in (p.link.activity, p.link.event)}
    told = {a.id: a for a in found.activities}  # Of a single date, only newcomers tell whether it is theirs.
    seen = [told.get(a.id, a) for a in world.activities() if not a.series or a.id in told]
    activities = [a for a in seen if a.id not in joined and await _is_free(world, Side.SEVERA, a.id)]
    events = [e for e in world.events() if e.id not in joined and await _is_free(world, Side.MICROSOFT, e.id)]
    matched = []
    for activity, event in match(activities, events, world.policy):
        origin = Side.MICROSOFT if event.is_meeting else _older(activity, event)
        matched.append(Picture(Link(activity.id, event.id, origin, uid=event.uid), activity, event))
        world.report.linked["matched"] += 1
    found.join(world, *matched)


async def _wait_for_alike(world: World, found: Gathered) -> None:
    """A newcomer like one that has to wait is given time: it may be its twin, and is not made beside it (R6)."""
    waiting = [end for key, end in world.seen.items() if await _waits(world, *key)]
    activities = [end for end in waiting if isinstance(end, Activity) and not end.series]
    events = [end for end in waiting if isinstance(end, Event)]
    alike: list[Activity | Event] = [activity for activity, _ in match(found.activities, events, world.policy)]
    alike += [event for _, event in match(activities, found.events, world.policy)]
    setbacks = Setbacks(world)
    for end in alike:
        if (row := world.rows.get((end.side, end.id))) is not None:
            async with setbacks.of([row], end.side):
                raise NotYet("not_visible_yet")
    found.activities = [a for a in found.activities if (Side.SEVERA, a.id) not in world.aside]
    found.events = [e for e in found.events if (Side.MICROSOFT, e.id) not in world.aside]


async def _waits(world: World, side: Side, entry: str) -> bool:
    """Whether it is unlinked, and nothing may be made of it yet: it was put off just now, or was named as gone."""
    row = world.rows.get((side, entry))
    doubted = row is not None and is_doubted(row, world.now)
    return (doubted or (side, entry) in world.aside) and await world.links.of(side, entry) is None


async def _leave_out_alike(world: World, found: Gathered) -> None:
    """An activity like a meeting that is another activity already gets no event beside the invitation (R13, R14)."""
    joined = {picture.link.event for picture in found.joined if picture.link}
    meetings = [event for event in world.events() if event.is_meeting]
    for activity, event in match(found.activities, meetings, world.policy):
        link = await world.links.of(Side.MICROSOFT, event.id)
        if event.id in joined or (link is not None and link.state is LinkState.LIVE):
            world.report.left_out["same_as_meeting"] += 1
            found.done += world.rows_of(Picture(None, activity, None))
            found.activities = [one for one in found.activities if one.id != activity.id]


async def _is_free(world: World, side: Side, entry: str) -> bool:
    """Whether it has no link and waits for nothing. A dead link's end is not free: what was deleted stays deleted."""
    row = world.rows.get((side, entry))
    waits = (row is not None and bool(row.hold)) or await _waits(world, side, entry)
    return not waits and await world.links.of(side, entry) is None


def _older(activity: Activity, event: Event) -> Side:
    """The side on which a matched entry was born."""
    born_in_severa = activity.created is not None and event.created is not None and activity.created < event.created
    return Side.SEVERA if born_in_severa else Side.MICROSOFT
