"""Somebody is out of one date of a meeting, and owns it in Severa, or their event has the say of it (R13, R15).

It concerns that person alone: the date passes on to somebody else whose mailbox has it, and only who is the last one in
it takes it along. So nobody needs to know whether its organizer, who is outside, cancelled it: then no mailbox has it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import cast

from core.model.claim import Claim
from core.model.exceptions import DateChange, DateException
from core.model.expand import occurrence_on
from core.model.ids import Pair, Side, UserId
from core.model.link import Link, LinkState
from core.model.operation import Picture
from core.model.sighting import Activity, Role
from core.model.stretch import Stretch
from core.model.when import Series
from core.usecases.elsewhere import meeting_of
from core.usecases.near_dates import date_near
from core.usecases.recorder import READ_SECONDS, WRITE_SECONDS
from core.usecases.setbacks import NotYet
from core.usecases.sharing import tell
from core.usecases.world import World


async def leave_or_return(world: World, picture: Picture, change: DateChange) -> DateException | None:
    """What takes place on the date now, for this pair's user; None where the date is changed in the ordinary way."""
    link, event = cast("Link", picture.link), picture.seen_event
    if picture.meeting is None or event is None or event.is_organizer:
        return None
    claim = await world.ports.companies.claim(world.pair.company, link.claim)
    if claim.series or claim.activity != link.activity:
        return None
    if change.wanted.is_cancelled:
        return await _leave(world, claim, picture, change)
    if claim.lead == world.pair.user:
        await _return(world, claim, picture, change)
    return None


async def _leave(world: World, claim: Claim, picture: Picture, change: DateChange) -> DateException | None:
    user, day, activity = world.pair.user, change.day, picture.seen_activity
    if user != claim.lead and (user, day.isoformat()) not in claim.dates:
        activity = activity or cast("Activity | None", await world.read(Side.SEVERA, claim.activity))
        if activity is None or activity.role is not Role.OWNER:
            return None  # They take part in it: that is all there is to leave.
    held = activity.essence.on(day) if activity is not None else None
    when = held.when if held is not None and held.when is not None else change.original
    return change.wanted if await _pass_on(world, claim, day, when, user) else None


async def _return(world: World, claim: Claim, picture: Picture, change: DateChange) -> None:
    """Whoever leads has a date again that was passed on: they take part in it, and have the say of it, too.

    Raises NotYet until Severa shows them that date: then it can be written like any other.
    """
    activity, day = picture.seen_activity, change.day
    held = activity.essence.on(day) if activity is not None else None
    if day.isoformat() not in {which for _, which in claim.dates}:
        return
    if held is None or not held.is_cancelled:
        await _put(world, claim, _without(claim, day))
        return
    found = await date_near(world, claim.activity, day, cast("Stretch", change.wanted.when))
    if found is not None:
        await world.recorder.ensure(WRITE_SECONDS)
        await world.company.change_people(found.id, frozenset({world.pair.user}), frozenset())
        raise NotYet("date_came_back")


async def leave_dates(world: World, claim: Claim, users: Iterable[UserId]) -> Claim:
    """The claim where these users are out of the meeting: what they have the say of passes on, or goes with them."""
    out = frozenset(users)
    for user, which in [one for one in claim.dates if one[0] in out]:
        day, series = date.fromisoformat(which), await world.read(Side.SEVERA, claim.activity)
        when = series.essence.when if isinstance(series, Activity) else None
        original = occurrence_on(when, day) if isinstance(when, Series) else None
        if original is not None and not await _pass_on(world, claim, day, original, user, out):
            found = await date_near(world, claim.activity, day, original)
            if found is not None and found.owner == user and not found.has_hours:
                await world.recorder.ensure(WRITE_SECONDS)
                await world.severa.delete(found)
        claim = await world.ports.companies.claim(world.pair.company, claim.key)
    return await _put(world, claim, tuple(one for one in claim.dates if one[0] not in out))


async def _pass_on(
    world: World, claim: Claim, day: date, when: Stretch, user: UserId, out: Collection[UserId] = ()
) -> bool:
    """Let somebody else have that date, which takes place then. False where nobody else is in it.

    The claim comes last, so that a crash repeats all of it; whoever owned the date may take part in it, too. A date
    that Severa does not show has nothing to pass on, and is left alone: listings may lag.
    """
    heir = await _heir(world, claim, day, {user, *out})
    if not heir:
        return False
    found = await date_near(world, claim.activity, day, when)
    if found is not None:
        await world.recorder.ensure(WRITE_SECONDS)
        await world.company.change_people(found.id, frozenset(), frozenset({user}))
    if found is not None and found.owner == user:
        await world.recorder.ensure(WRITE_SECONDS)
        await world.company.change_owner(found.id, heir)
    says = () if heir == claim.lead else ((heir, day.isoformat()),)
    await _put(world, claim, tuple(sorted((*_without(claim, day), *says))))
    await tell(world, claim.activity, {heir} - {world.pair.user})
    return True


async def _heir(world: World, claim: Claim, day: date, out: Collection[UserId]) -> UserId:
    """Whose mailbox has that date, besides: whoever leads first. Who is off the activity in Severa is not asked.

    A mailbox that cannot be asked now may have it.
    """
    invited = {claim.lead, *claim.attendees} - {UserId(""), *out}
    for user in sorted(invited, key=lambda one: (one != claim.lead, one)):
        link = await world.ports.pairs.link_of(Pair(world.pair.company, user), Side.SEVERA, claim.activity)
        if link is not None and link.state is not LinkState.LIVE:
            continue
        await world.recorder.ensure(READ_SECONDS)
        held = await meeting_of(world, user, claim)
        found = held.event.essence.on(day) if held.event is not None else None
        if held.is_unknown or (found is not None and not found.is_cancelled):
            return user
    return UserId("")


def _without(claim: Claim, day: date) -> tuple[tuple[UserId, str], ...]:
    return tuple(one for one in claim.dates if one[1] != day.isoformat())


async def _put(world: World, claim: Claim, dates: tuple[tuple[UserId, str], ...]) -> Claim:
    if dates == claim.dates:
        return claim
    return await world.ports.companies.put_claim(world.pair.company, replace(claim, dates=dates))
