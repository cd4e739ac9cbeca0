"""Somebody whose switch is off, invited to a single date of a series (R4, R13): who leads the meeting brings them.

Their own mailbox is not scanned. Whoever's switch is on is brought by their own pair (claiming.py).
"""

from __future__ import annotations

from datetime import date, timedelta

from core.model.claim import Claim
from core.model.ids import UserId
from core.model.sighting import Activity, Event
from core.model.stretch import over_at
from core.usecases.recorder import READ_SECONDS, WRITE_SECONDS
from core.usecases.sharing import active_users, tell
from core.usecases.world import World

Guests = tuple[tuple[UserId, str], ...]
"""As `Claim.guests`."""
_KEPT = timedelta(days=30)
"""How long a date that is over is remembered."""


async def bring_guests(
    world: World, claim: Claim, picture: tuple[Activity, Event], wanted: set[tuple[UserId, str]], inside: set[UserId]
) -> Guests:
    """Let them take part in the coming dates to which they are invited, and in no others. What `Claim.guests` is then.

    `wanted` are the users whom the event invites to single dates, `inside` those in the series itself, who may be about
    to leave it. Who was brought before and left since is not brought again.
    """
    if not (wanted or claim.guests):
        return ()
    series, event = picture
    passed = (world.now - _KEPT).date().isoformat()
    known = {one for one in claim.guests if one[1] >= passed}
    active = await active_users(world)
    gone = {one for one in known - wanted if one[0] not in active | inside}
    new = {one for one in wanted - known if one[0] not in active and _is_coming(world, event, one[1])}
    for user, day in sorted(new | gone):
        await world.recorder.ensure(READ_SECONDS)
        found = await world.severa.read_date(series.id, date.fromisoformat(day))
        if found is not None:
            await world.recorder.ensure(WRITE_SECONDS)
            (add, remove) = ({user}, set[UserId]()) if (user, day) in new else (set[UserId](), {user})
            await world.company.change_people(found.id, frozenset(add), frozenset(remove))
            await tell(world, found.id, add)  # A copy that they had of that date gives way to the invitation (R14).
    return tuple(sorted((known & wanted) | new))


async def dates_of_guest(world: World, claim: Claim, user: UserId) -> frozenset[str]:
    """The activities of the dates to which somebody was brought: who leaves the series stays in these."""
    found: set[str] = set()
    for day in [day for guest, day in claim.guests if guest == user]:
        await world.recorder.ensure(READ_SECONDS)
        held = await world.severa.read_date(claim.activity, date.fromisoformat(day))
        found |= {held.id} if held is not None else set()
    return frozenset(found)


def _is_coming(world: World, event: Event, day: str) -> bool:
    held = event.essence.on(date.fromisoformat(day))
    return held is not None and held.when is not None and over_at(held.when) > world.now
