"""What takes place on a date of a series in Severa is believed only where listings know of it (R19).

A series is read by its id, its dates are on rows of listings, which may lag: a date that was changed just now is on no
row then, as if it were cancelled, which nothing would bring back; or a row is taken for it that is of another date,
since no row says which one it is (facts/severa.md 1.7).
"""

from __future__ import annotations

from typing import cast

from core.model.link import Link
from core.model.sighting import Activity
from core.sync.series import doubtful
from core.usecases.recorder import READ_SECONDS
from core.usecases.setbacks import NotYet
from core.usecases.world import World


async def prove_dates(world: World, link: Link, activity: Activity, *, is_old: bool = False) -> None:
    """Return where listings alone show the same on each date that is newly cancelled or on another day.

    What is remembered is not asked again. `is_old`: it was waited for long enough, no listing lags so long; what the
    series' own row says is believed then. Raises NotYet: then it is unknown what takes place on those dates.
    """
    news = {one for one in doubtful(activity, link, world.digester) if (activity.id, one) not in world.proven}
    if not news:
        return
    if is_old:
        world.proven |= {(activity.id, one) for one in news}
        return
    await world.recorder.ensure(READ_SECONDS)
    listed = await world.severa.listed(activity.id)
    shown = None if listed is None else cast("Activity", await world.known(listed))
    if shown is None or not news <= set(shown.essence.exceptions):
        raise NotYet("not_visible_yet")
    world.proven |= {(activity.id, one) for one in news}
