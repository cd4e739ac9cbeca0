"""What a meeting's organizer has in their calendars already, where an attendee's pair comes upon it first (R6, R13)."""

from __future__ import annotations

from contextlib import suppress

from core.errors import Stop
from core.model.company import SeveraUser
from core.model.ids import Pair, Side, UserId
from core.model.link import LinkState
from core.model.sighting import Event
from core.model.state import PairState
from core.model.when import Series, around
from core.sync.match import match
from core.usecases.people import user_of
from core.usecases.recorder import READ_SECONDS
from core.usecases.world import World


async def organizers_activity(world: World, event: Event, uid: str) -> tuple[UserId, str]:
    """The organizer, where that is another user of the company, and the activity that their event is, or matches."""
    organizer = await user_of(world, event.organizer)
    if organizer is None or organizer == world.pair.user:
        return UserId(""), ""
    await world.recorder.ensure(READ_SECONDS)
    pair = Pair(world.pair.company, organizer)
    state = (await world.ports.pairs.head(pair)).state
    return organizer, await _linked(world, pair, state, uid) or await _alike(world, pair, state, event)


async def _linked(world: World, pair: Pair, state: PairState, uid: str) -> str:
    """By the organizer's own event: it may be a copy of an activity, to which people were invited just now."""
    if not state.mailbox:
        return ""
    with suppress(Stop):  # What is wrong with the organizer's mailbox does not stop this pair.
        event = await world.mailboxes.calendar(state.mailbox).find_meeting(uid)
        link = await world.ports.pairs.link_of(pair, Side.MICROSOFT, event.id) if event is not None else None
        if link is not None and link.era == state.era and link.state is LinkState.LIVE:
            return link.activity
    return ""


async def _alike(world: World, pair: Pair, state: PairState, event: Event) -> str:
    """By what the organizer owns in Severa at that time, as their own first sync would match it."""
    when, zone = event.essence.when, state.zone or world.settings.time_zone
    calendar = world.company.calendar(SeveraUser(pair.user, (), state.zone), zone)
    seen = (await calendar.view(around(when), series=isinstance(when, Series))).sightings
    links, mine = world.ports.pairs, [one for one in seen if one.owner == pair.user]
    free = [one for one in mine if await links.link_of(pair, Side.SEVERA, one.id) is None]
    return next((activity.id for activity, _ in match(free, [event], world.policy)), "")
