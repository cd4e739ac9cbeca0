"""What this service made, or knew under another id, and never recorded as a link: recognized by intent, mark, uid."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import cast

from core.model.essence import Field
from core.model.ids import Side
from core.model.link import Intent, Link
from core.model.operation import Note, NoteKind, Picture
from core.model.sighting import GONE, UNSEEN, Activity, Event, Gone
from core.model.state import Verdict
from core.model.when import Window
from core.sync.rejoin import joined, rejoin
from core.usecases.gather import MANY, Gathered
from core.usecases.holding import hold
from core.usecases.recorder import READ_SECONDS
from core.usecases.setbacks import Setbacks, put_off
from core.usecases.world import World

SKEW = timedelta(minutes=5)
"""How far Severa's clock may be from ours when an activity is taken to be as old as an intent."""
_KEY, _WORDS = (Field.SUBJECT, Field.TIME), (Field.TEXT, Field.LOCATION)


# --- events that we made ----------------------------------------------------------------------------------------------
async def read_marks(world: World, found: Gathered, intents: list[Intent]) -> None:
    """The mark is in no delta page: it is read of newcomers whose transaction does not say already what they are."""
    ours = {intent.id for intent in intents}
    unread = {e.id for e in found.events if not e.mark_read and e.transaction not in ours}
    marked: dict[str, Event] = {}
    if len(unread) > MANY:
        await world.recorder.ensure(READ_SECONDS)
        marked = {event.id: event for event in (await world.microsoft.view(world.window)).sightings}
    setbacks = Setbacks(world)
    for entry in sorted(unread - set(marked)):
        async with setbacks.of([world.rows[Side.MICROSOFT, entry]], Side.MICROSOFT):
            if (event := await world.read(Side.MICROSOFT, entry)) is not None:
                marked[entry] = cast("Event", event)
    known = {e.id: replace(e, mark=marked[e.id].mark, mark_read=True) for e in found.events if e.id in marked}
    found.events = [known.get(e.id, e) for e in found.events if e.id in known or e.id not in unread]


async def rejoin_events(world: World, found: Gathered, intents: list[Intent]) -> None:
    """Copies whose link was never recorded: by transaction, else by mark (P01, P04)."""
    newcomers = {event.id: event for event in found.events}
    seen = [newcomers.get(event.id, event) for event in world.events()]
    free = [e for e in seen if await world.links.of(Side.MICROSOFT, e.id) is None]
    by_transaction = {intent.id: intent for intent in intents if intent.side is Side.MICROSOFT}
    links: dict[str, Link] = {}
    for name in {e.mark.activity for e in free if e.mark} | {i.source for i in by_transaction.values()}:
        if (link := await world.links.of(Side.SEVERA, name)) is not None:
            links[name] = link
    made = rejoin(free, by_transaction, links, world.policy, world.mailbox, world.digester)
    setbacks = Setbacks(world)
    for event in (e for e in free if e.id in made):
        link = made[event.id]
        async with setbacks.of(world.rows_of(Picture(link, None, event)), Side.SEVERA):
            activity = cast("Activity | Gone", await _now(world, found, Side.SEVERA, link.activity))
            if isinstance(activity, Activity) or link.severa.digests:
                found.join(world, Picture(link, activity, event))
                world.report.linked["rejoined"] += 1


async def _now(world: World, found: Gathered, side: Side, entry: str) -> Activity | Event | Gone:
    """One end as this run knows it already, else as it is now, proven where it is gone."""
    for ends, picture in found.linked.items():
        known = picture.end(side)
        if entry in ends and isinstance(known, Activity | Event | Gone):
            return known
    return world.seen.get((side, entry)) or await world.verify(side, entry) or GONE


# --- activities that we made ------------------------------------------------------------------------------------------
def sent_window(intent: Intent) -> Window:
    """Where an activity shows that a create made: at the time that was sent, whatever its event says by now."""
    ends = intent.begun if intent.base.recurs or intent.base.ends is None else intent.base.ends
    return Window(ends - timedelta(days=2), ends + timedelta(days=1))


async def rejoin_activities(world: World, found: Gathered, intents: list[Intent]) -> None:
    """The twins of lost answers. Severa holds no stamp: a twin is an unlinked activity as old as the create and alike.

    Where there are more of them than creates, or one that only resembles what was sent, a person has to say.
    """
    alike: dict[tuple[str, ...], list[Intent]] = defaultdict(list)
    for intent in sorted(intents, key=lambda i: (i.begun, i.id)):
        row = world.rows.get((Side.MICROSOFT, intent.source))
        if row is not None and row.verdict is Verdict.DISCARD:
            await world.ports.companies.end(world.pair.company, intent.id)  # A person leaves all of them as they are.
        elif row is None or not row.hold:
            alike[tuple(intent.base.severa.digests[name] for name in _KEY)].append(intent)
    setbacks, without = Setbacks(world), list[Intent]()
    for group in alike.values():
        twins = await _twins(world, found, group, len(_KEY))
        if len(twins) > len(group):
            await _ask_a_person(world, group, twins)
            continue
        without += group[len(twins) :]
        for intent, twin in zip(group, twins, strict=False):
            link = joined(intent, twin.id)
            async with setbacks.of(world.rows_of(Picture(link, None, None)), Side.MICROSOFT):
                event = cast("Event | Gone", await _now(world, found, Side.MICROSOFT, intent.source))
                uid = event.uid if isinstance(event, Event) else link.uid
                found.join(world, Picture(replace(link, uid=uid), twin, event))
                world.report.linked["rejoined"] += 1
    for intent in without:
        if resembling := await _twins(world, found, [intent], 1):
            await _ask_a_person(world, [intent], resembling)
        else:
            await _without_twin(world, intent)


async def _twins(world: World, found: Gathered, group: list[Intent], least: int) -> list[Activity]:
    """Unlinked activities as old as these creates, and like what they sent in subject, time, or both (`least`).

    What has their subject and time, but other words that nobody edited, a person made: it is matched like any other.
    """
    sent = group[0].base.severa.digests
    begun, settled = min(i.begun for i in group) - SKEW, max(i.settled_by for i in group) + SKEW
    taken = {p.link.activity for p in found.joined if p.link}
    twins = []
    for activity in world.activities():
        same = sum(world.digester.field(Side.SEVERA, f, activity.essence) == sent[f] for f in _KEY)
        young = activity.created is None or begun <= activity.created <= settled
        mine = activity.owner == world.pair.user and activity.id not in taken
        by_hand = same == len(_KEY) and not any(_may_be(world, intent, activity) for intent in group)
        if same >= least and young and mine and not by_hand and await world.links.of(Side.SEVERA, activity.id) is None:
            twins.append(activity)
    return sorted(twins, key=lambda a: (a.created or begun, a.id))


def _may_be(world: World, intent: Intent, activity: Activity) -> bool:
    """Whether it holds the words that were sent, or an edit of them."""
    edited = activity.created is None or (activity.modified is not None and activity.modified > activity.created)
    sent, held = intent.base.severa.digests, activity.essence
    return edited or all(world.digester.field(Side.SEVERA, name, held) == sent.get(name, "") for name in _WORDS)


async def _without_twin(world: World, intent: Intent) -> None:
    """Wait until the request can no longer take effect; then it certainly did not, and its intent is over."""
    if intent.settled_by <= world.now:
        await world.ports.companies.end(world.pair.company, intent.id)
    elif (row := world.rows.get((Side.MICROSOFT, intent.source))) is not None:
        await put_off(world, row, intent.settled_by)


async def _ask_a_person(world: World, group: list[Intent], unsure: list[Activity]) -> None:
    """Which activity is which event cannot be told: both sides' entries wait."""
    entries = [(Side.MICROSOFT, i.source) for i in group] + [(Side.SEVERA, a.id) for a in unsure]
    rows = [world.rows[entry] for entry in entries if entry in world.rows]
    await world.tell_of(rows, (Note(NoteKind.HELD, "several_twins", Side.SEVERA),))
    await hold(world, "twin", "several_twins", entries)


# --- events under another id ------------------------------------------------------------------------------------------
async def relink(world: World, found: Gathered) -> None:
    """An event whose id changed is the same event where its uid is a living link's whose own event is gone (P63)."""
    if not any(event.uid for event in found.events):
        return
    await world.links.load()
    by_uid = {link.uid: link for link in world.links.living() if link.uid}
    setbacks = Setbacks(world)
    for event in list(found.events):
        link = by_uid.get(event.uid)
        if link is None or (Side.MICROSOFT, event.id) in world.aside:
            continue
        async with setbacks.of(world.rows_of(Picture(None, None, event)), Side.MICROSOFT):
            picture = found.linked.get((link.activity, link.event), Picture(link, UNSEEN, UNSEEN))
            if picture.event is GONE or await world.verify(Side.MICROSOFT, link.event) is None:
                moved = replace(link, event=event.id, microsoft=replace(link.microsoft, version="", wrote=""))
                found.join(world, Picture(moved, picture.activity, event))
                world.report.linked["relinked"] += 1
