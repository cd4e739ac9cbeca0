"""Somebody who was added in Severa to a single date of a series alone (R14): to them it is an entry by itself."""

from __future__ import annotations

from dataclasses import replace

from core.model.ids import Side
from core.model.sighting import Activity, Role
from core.usecases.guests import dates_of_guest
from core.usecases.world import World


async def as_lone_date(world: World, date: Activity) -> Activity:
    """The date as this pair's user has it: with no part in it, where they are in the series, or invited by Exchange.

    All of the series comes to them then, or the invitation does, and no copy of the date stands beside that.
    """
    series = await world.read(Side.SEVERA, date.series)
    if isinstance(series, Activity) and series.role is not Role.NONE:
        return replace(date, role=Role.NONE)
    companies, company, user = world.ports.companies, world.pair.company, world.pair.user
    key = (await companies.activity(company, date.series)).claim
    if key and date.id in await dates_of_guest(world, await companies.claim(company, key), user):
        return replace(date, role=Role.NONE)
    return date
