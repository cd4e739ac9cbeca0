"""Performances in which the process dies at one point, told by their number."""

from __future__ import annotations

import os
from datetime import timedelta

from tests.support.remote_theatre import remote_theatre
from tests.support.stage import at, entry
from tests.support.theatre import SCRIPT, Act, Fate, Shown, Theatre, check_links, play, shown

EVERY_POINT = os.environ.get("CRASH_POINTS") == "all"
"""`make thorough` tries every point; `make test` some: of the long script every 12th, with an Exchange Server every
48th, in Azurite every sixth of the short one."""


async def short_sync(theatre: Theatre) -> None:
    """One entry to match, one to create each way; two users."""
    await theatre.add_event("anna", entry("Review", at(9)))
    await theatre.add_activity("anna", entry("Review", at(9)))
    await theatre.add_event("anna", entry("Lunch", at(12), "at noon"))
    await theatre.add_activity("bert", entry("Visit", at(10)))


async def short_changes(theatre: Theatre) -> None:
    """A conflict, an edit, a deletion."""
    await theatre.edit_activity("anna", "Review", entry("Review of plans", at(9)))
    theatre.pass_time(timedelta(minutes=5))
    await theatre.edit_event("anna", "Review", entry("Review of budget", at(9)))
    await theatre.edit_event("bert", "Visit", entry("Visit", at(10), "the customer"))
    await theatre.remove_event("anna", "Lunch")


SHORT: tuple[Act, ...] = (short_sync, short_changes)


async def performed(azurite: str, fate: Fate, script: tuple[Act, ...] = SCRIPT) -> Shown:
    """A script on a fresh stage; its end, after the links were checked and nobody was mailed."""
    async with remote_theatre(azurite) as theatre:
        await play(theatre, fate, script)
        await check_links(theatre)
        assert theatre.stage.graph.mails == []
        return await shown(theatre)


async def check_every_point(azurite: str, script: tuple[Act, ...], step: int) -> int:
    """Perform the script once for each point; the end is the same each time. How many points were tried."""
    whole = Fate()
    expected = await performed(azurite, whole, script)
    assert whole.points > 0
    points = range(0, whole.points, step)
    for number in points:
        fate = Fate(number)
        assert await performed(azurite, fate, script) == expected, f"died {fate.point}, point {number}"
        assert fate.point, f"the process did not die at point {number}"
    return len(points)
