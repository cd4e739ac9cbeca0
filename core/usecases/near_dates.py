"""A date of a series in Severa, by whichever clocks it is named (R23)."""

from __future__ import annotations

from datetime import date, timedelta

from core.model.sighting import Activity
from core.model.stretch import Timed
from core.model.when import When
from core.usecases.recorder import READ_SECONDS
from core.usecases.world import World

NEAR = timedelta(hours=3)
"""How far the clocks of the series' own zone and of its owner's may be apart on one date: both change them."""
_DAY = timedelta(days=1)


async def date_near(world: World, series: str, day: date, when: When) -> Activity | None:
    """The date of that day, with what this pair's user has to do with it; None where Severa has none.

    By other clocks it may be the day before or after: one that takes place then is it.
    """
    named = await _read(world, series, day)
    found = named
    for apart in () if _is_then(named, when) else (-_DAY, _DAY):
        beside = await _read(world, series, day + apart)
        found = beside if _is_then(beside, when) else found
    return found


async def _read(world: World, series: str, day: date) -> Activity | None:
    await world.recorder.ensure(READ_SECONDS)
    return await world.severa.read_date(series, day)


def _is_then(found: Activity | None, mine: When) -> bool:
    if found is None:
        return False
    theirs = found.essence.when
    if isinstance(mine, Timed) and isinstance(theirs, Timed):
        return abs(mine.start - theirs.start) <= NEAR
    return mine == theirs
