"""Links whose ends are gone, found where no comparison looks, or on both sides at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta

from core.model.ids import Side
from core.model.link import Link, ParkReason
from core.model.operation import Park, Picture
from core.model.policy import ARCHIVE_AGE, YOUNG
from core.model.sighting import UNSEEN
from core.model.state import Pending
from core.model.when import Window
from core.sync.record import buried, parked
from core.usecases.observe import is_inside
from core.usecases.recorder import READ_SECONDS
from core.usecases.words_of_repair import ENDS, LINKS
from core.usecases.world import World

Ask = Callable[[Side, str], Awaitable[bool]]
"""Whether the entry of that side is gone for certain; False where it is there, and where that cannot be told now."""
YEAR = timedelta(days=365)


Mended = tuple[str, Link, tuple[Pending, ...]]
"""What was found, in a code; the link as it is to be remembered; the rows that are settled by that."""


async def lost_ends(world: World, is_gone: Ask, until: datetime) -> tuple[list[Mended], bool]:
    """Links that lead nowhere, to be buried, and old ones that lead to one end only, to be parked.

    Also whether those were all before `until`. A link that a person discarded stays as it is: its missing end never
    was. So does one that is too young, or whose entry has news or waits: that is decided as ever.
    """
    mended: list[Mended] = []
    for link, sides in await _suspects(world):
        if world.ports.clock.now() >= until:
            return mended, False
        gone = [side for side in sides if await is_gone(side, link.id_on(side))]
        if not gone:
            continue
        picture = Picture(link, UNSEEN, UNSEEN)
        rows = world.rows_of(picture)
        if {*gone, link.missing} >= set(Side):
            mended.append((LINKS, buried(link, world.policy), rows))
        elif _is_over(world, link):
            park = Park(link.parked or ParkReason.ARCHIVED, gone[0])
            mended.append((ENDS, parked(link, picture, park, world.policy), rows))
    return mended, True


async def _suspects(world: World) -> list[tuple[Link, list[Side]]]:
    """Links with the ends that were looked for and did not show."""
    links = [link for link in world.links.living() if _may_be_mended(world, link)]
    past = [
        link.ends for link in links if link.ends is not None and not is_inside(world, link) and _is_over(world, link)
    ]
    shown = await _shown_before(world, past)
    suspects = []
    for link in links:
        missing = [s for s in Side if s is not link.missing and not {(s, link.id_on(s))} & (shown | world.seen.keys())]
        looked_for = [side for side in Side if side is not link.missing]
        if missing and (not is_inside(world, link) or missing == looked_for):
            suspects.append((link, missing))
    return suspects


def _may_be_mended(world: World, link: Link) -> bool:
    is_young = link.agreed is None or world.now - link.agreed < YOUNG
    rows = world.rows_of(Picture(link, UNSEEN, UNSEEN))
    has_news = any(not row.gone or row.hold or row.verdict or row.not_before for row in rows)
    return not is_young and not has_news and link.parked is not ParkReason.DISCARDED


def _is_over(world: World, link: Link) -> bool:
    """It ended so long ago that a deletion would not be carried over either (R19)."""
    return link.ends is not None and link.ends < world.policy.now - ARCHIVE_AGE


async def _shown_before(world: World, ends: Iterable[datetime]) -> set[tuple[Side, str]]:
    """What both sides show of the years before the window, where there are links; a listing is cheaper than each one.

    It is only for these links: nothing old is matched or made.
    """
    shown: set[tuple[Side, str]] = set()
    left, edge = sorted(ends), world.window.start + timedelta(days=1)
    while left:
        first = left[0] - timedelta(days=2)
        last = min(first + YEAR, edge)
        await world.recorder.ensure(READ_SECONDS)
        for event in (await world.microsoft.view(Window(first, last))).sightings:
            shown.add((Side.MICROSOFT, event.id))
        await world.recorder.ensure(READ_SECONDS)
        for activity in (await world.severa.view(Window(first, last))).sightings:
            shown.add((Side.SEVERA, activity.id))
        left = [one for one in left if one >= last - timedelta(days=1)] if last < edge else []
    return shown


async def record(world: World, mended: list[Mended]) -> None:
    """Remember the links so, and that their rows are settled."""
    await world.recorder.settle_many((link, rows) for _, link, rows in mended)
    for _, link, rows in mended:
        world.links.put(link)
        for row in rows:
            world.rows.pop((row.side, row.id), None)
