"""From pending rows to pictures: each entry's own state now, proven where it is gone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import cast

from core.model.ids import Side
from core.model.link import Link, LinkState
from core.model.operation import Picture
from core.model.policy import YOUNG
from core.model.sighting import GONE, UNSEEN, Activity, Event, Gone, Role
from core.model.state import Pending
from core.sync.meeting import is_absent
from core.usecases.doubtful_dates import prove_dates
from core.usecases.lone_dates import as_lone_date
from core.usecases.pending import dated, is_doubted
from core.usecases.setbacks import NotYet, Setbacks
from core.usecases.world import World

MANY = 20
"""From here on, reading a whole view is cheaper than reading entries one by one."""
LAG, LOOKS = 30.0, 5
"""Seconds after which an entry is read again that was told older than it had been seen already, and how often."""
Ends = tuple[str, str]
"""A link's activity and event."""


@dataclass(slots=True)
class Gathered:
    """Linked entries as pictures, unlinked newcomers, and rows that are settled without more ado.

    `joined` are the newcomers that turned out to be one entry with something on the other side.
    """

    linked: dict[Ends, Picture] = field(default_factory=dict)
    activities: list[Activity] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    joined: list[Picture] = field(default_factory=list)
    done: list[Pending] = field(default_factory=list)

    def join(self, world: World, *pictures: Picture) -> None:
        """Both ends of each are one entry now: neither is a newcomer any more, and what they were linked to is past."""
        links = [cast("Link", picture.link) for picture in pictures]
        activities, events = {link.activity for link in links}, {link.event for link in links}
        self.activities = [a for a in self.activities if a.id not in activities]
        self.events = [e for e in self.events if e.id not in events]
        for ends in [e for e in self.linked if e[0] in activities or e[1] in events]:
            past = self.linked.pop(ends)
            self.done += [r for r in world.rows_of(past) if r.id not in activities | events]
        self.joined += pictures


async def gather(world: World) -> Gathered:
    """Look at every pending entry that may be looked at now, both its ends together where both have a row."""
    out, setbacks = Gathered(), Setbacks(world)
    ripe = [row for row in world.rows.values() if _is_ripe(world, row)]
    world.report.noticed = len(ripe)
    await _read_many(world, ripe)
    looked: set[tuple[Side, str]] = set()
    for row in ripe:
        if (row.side, row.id) not in looked:
            link = await world.links.of(row.side, row.id)
            rows = [row] if link is None else [row, *await _partner(world, link, row)]
            looked |= {(r.side, r.id) for r in rows}
            async with setbacks.of(rows, row.side):
                await _one(world, link, rows, out)
    return out


def _is_ripe(world: World, row: Pending) -> bool:
    if row.hold:
        return False
    if row.not_before is not None and row.not_before > world.now:
        world.report.wait_until(row.not_before)
        world.undecided = world.undecided or row.gone or row.named
        return False
    return True


async def _partner(world: World, link: Link, row: Pending) -> list[Pending]:
    """The row of the entry's other end, held or waiting though it may be: an entry is decided as a whole."""
    other = world.rows.get((row.side.other, link.id_on(row.side.other)))
    if other is None:
        return []
    theirs = await world.links.of(other.side, other.id)
    same = theirs is not None and (theirs.activity, theirs.event) == (link.activity, link.event)
    return [other] if same else []


async def _read_many(world: World, rows: list[Pending]) -> None:
    """Where many entries have to be read, read the whole view: it is also what newcomers are matched against."""
    for side in Side:
        unread = [r for r in rows if r.side is side and not r.gone and (side, r.id) not in world.seen]
        if len(unread) > MANY:
            await world.links.load()
            await world.view(side, world.window)


async def _one(world: World, link: Link | None, rows: list[Pending], out: Gathered) -> None:
    if link is not None:
        ends = {row.side: await _look(world, row, link) for row in rows if not _is_echo(link, row)}
        if ends and link.claim:
            await _whole_meeting(world, link, ends)
        elif isinstance(date := ends.get(Side.SEVERA), Activity) and date.series:
            ends[Side.SEVERA] = await as_lone_date(world, date)
        event = ends.get(Side.MICROSOFT)
        if link.claim and link.state is LinkState.DEAD and isinstance(event, Event) and not is_absent(event):
            out.events.append(event)  # Invited once more: the claim says what it is.
        elif ends:
            activity = cast("Activity | Gone", ends.get(Side.SEVERA, UNSEEN))
            event = cast("Event | Gone", ends.get(Side.MICROSOFT, UNSEEN))
            out.linked[link.activity, link.event] = Picture(link, activity, event)
        else:
            out.done += rows  # What the feed or a round tells of our own write.
        return
    match await _look(world, rows[0], None):
        case Activity() as activity:
            out.activities.append(await as_lone_date(world, activity) if activity.series else activity)
        case Event() as event:
            out.events.append(event)
        case _:
            out.done += rows  # It was never linked and is no longer there.


async def _whole_meeting(world: World, link: Link, ends: dict[Side, Activity | Event | Gone]) -> None:
    """Of a meeting both ends count: Severa is set back to what its event says, and no scan shows a passive pair's."""
    if Side.MICROSOFT in ends:
        return
    if world.passive or link.state is LinkState.DEAD:  # What was deleted may go on answering by its id.
        ends[Side.MICROSOFT] = await world.verify(Side.MICROSOFT, link.event) or GONE
    elif (found := await world.read(Side.MICROSOFT, link.event)) is not None:
        ends[Side.MICROSOFT] = found


def _is_echo(link: Link, row: Pending) -> bool:
    """Whether the row tells nothing but the version that the link knows."""
    living = link.state is not LinkState.DEAD and link.missing is not row.side
    return living and not row.gone and bool(row.version) and row.version == link.end(row.side).version


def _is_older(row: Pending, found: Activity | Event) -> bool:
    """Than it had been seen. What only tells of a date of a series, with a moment of its own, has no fingerprint.

    Whoever names an entry does so after it was changed, so that moment says nothing of it.
    """
    if row.named or row.attempts >= LOOKS:
        return False
    if not row.fingerprint or row.changed is None or found.modified is None:
        return False
    return found.modified < row.changed


async def _look(world: World, row: Pending, link: Link | None) -> Activity | Event | Gone:
    """The entry as it is, or that it is provably gone. A young link's missing end is waited for (P30)."""
    found = world.seen.get((row.side, row.id))
    if not row.gone and found is None:
        # What is in Deleted Items answers by id, too.
        found = await (world.read if row.side is Side.SEVERA else world.verify)(row.side, row.id)
    if found is None or row.gone or (link and link.state is LinkState.DEAD):
        found = await world.verify(row.side, row.id)
    if found is not None:
        if _is_older(row, found):
            raise NotYet("not_visible_yet", after=LAG)  # A read that lags behind what was seen settles nothing.
        left = isinstance(found, Activity) and found.role is Role.NONE
        if left and link and link.agreed and world.now - link.agreed < YOUNG:
            raise NotYet("not_visible_yet", after=(YOUNG - (world.now - link.agreed)).total_seconds())
        if link and link.state is LinkState.LIVE and isinstance(found, Activity):
            await prove_dates(world, link, found, is_old=row.attempts >= LOOKS)
        world.seen[row.side, row.id] = dated(world.digester, row, found)
        if not left and _is_doubtful(world, row):
            await _look_once_more(world, row, link)
        return world.seen[row.side, row.id]
    if link and not row.named and link.agreed and world.now - link.agreed < YOUNG:
        raise NotYet("not_visible_yet", after=(YOUNG - (world.now - link.agreed)).total_seconds())
    return GONE


def _is_doubtful(world: World, row: Pending) -> bool:
    """Whether an entry that shows was named as gone, and the read may lag behind that, as it may before its time."""
    return not row.hold and (row.gone or is_doubted(row, world.now))


async def _look_once_more(world: World, row: Pending, link: Link | None) -> None:
    """When no read can lag any more. Until then nothing is made of it; what is linked goes by what it shows."""
    until = row.not_before if row.not_before is not None and not row.gone else world.now + YOUNG
    world.report.wait_until(until)
    await world.set_aside([replace(row, gone=False, named=True, not_before=until)])
    if link is None or link.state is LinkState.DEAD:
        raise NotYet("not_visible_yet")
