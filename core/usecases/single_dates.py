"""Somebody invited to a single date of a series, who is not in the series: which date of Severa's that is (R13)."""

from __future__ import annotations

from datetime import date
from typing import cast

from core.model.ids import Side
from core.model.operation import Note, NoteKind, Picture
from core.model.sighting import Activity, Event, Shape
from core.model.uid import meeting_uid
from core.usecases.near_dates import date_near
from core.usecases.people import user_of
from core.usecases.sharing import active_users
from core.usecases.world import World

LOOKS, SHORT_LOOKS = 40, 3
"""How often a series is looked for before its date counts as a meeting by itself: nearly a week where its organizer is
a user, who may be away (R3), else a quarter of an hour."""


async def date_of(world: World, series: str, event: Event) -> Activity | None:
    """The date of that series in Severa, with what this pair's user has to do with it; None where it has none.

    In the series' own zone, by which the event is named, it may be the day before or after.
    """
    found = await date_near(world, series, cast("date", meeting_uid(event.uid)[1]), event.essence.when)
    if found is not None:
        world.seen[Side.SEVERA, found.id] = found
    return found


async def is_series_awaited(world: World, event: Event) -> bool:
    """Whether it is a single date of a series that somebody else's run is about to bring to Severa as a whole.

    The organizer is waited for longer than others who are invited: they may be in that date alone, too.
    """
    if meeting_uid(event.uid)[1] is None or event.shape is Shape.SERIES or event.is_organizer:
        return False
    attempts = max((row.attempts for row in world.rows_of(Picture(None, None, event))), default=0)
    if attempts >= LOOKS:
        return False
    others = await active_users(world) - {world.pair.user}
    organizer = await user_of(world, event.organizer)
    if organizer is not None or attempts >= SHORT_LOOKS:
        return organizer in others
    for attendee in event.attendees:
        if await user_of(world, attendee.address) in others:
            return True
    return False


async def leave_out_date(world: World, event: Event) -> None:
    """Severa has no such date: it stays in Outlook alone, told once."""
    code = "single_date_of_meeting"
    world.report.left_out[code] += 1
    values = {str(name): event.essence.value(name) for name in ("subject", "time")}
    await world.tell_once(event, (Note(NoteKind.REMARK, code, Side.MICROSOFT, values),))
