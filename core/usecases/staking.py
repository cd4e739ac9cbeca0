"""The company's claim on a meeting: who makes its activity, which one it is, and who has the say (R13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from core.errors import StorageConflict
from core.model.claim import Claim, Meeting
from core.model.company import MeetingEdits
from core.model.exceptions import name_of
from core.model.ids import Pair, Side, UserId
from core.model.link import Link
from core.model.sighting import Activity, Event, Shape
from core.model.uid import meeting_uid
from core.usecases.people import user_of
from core.usecases.world import World

ABANDONED = timedelta(minutes=15)
"""After that long somebody else makes the activity."""


def key_of(world: World, event: Event) -> tuple[str, str]:
    """The claim's key and the uid of the whole meeting, or of the one date that this mailbox was invited to alone."""
    uid, day = meeting_uid(event.uid)
    whole = uid if day is None or event.shape is Shape.SERIES else f"{uid} {day.isoformat()}"
    return world.digester.of("claim", world.pair.company, whole), whole


def as_seen(world: World, claim: Claim, key: str) -> Meeting:
    """A claim as this pair sees it; where nobody has one yet, this pair will."""
    user = world.pair.user
    may_edit = world.settings.meeting_edits is MeetingEdits.ORGANIZER
    leads = claim.lead in ("", user) and not claim.series  # Of a single date, whoever leads the series has the say.
    declined = frozenset(seal for _, seal in claim.declined)
    dates = frozenset(name_of(date.fromisoformat(day)) for says, day in claim.dates if says == user and not leads)
    brings = claim.made_by == user
    return Meeting(key, leads, claim.lead, may_edit=may_edit, brings=brings, declined=declined, dates=dates)


async def whole_of(world: World, event: Event) -> Claim | None:
    """The claim on the series, where the event is a single date of a meeting that Severa has as a series."""
    uid, day = meeting_uid(event.uid)
    if day is None or event.shape is Shape.SERIES:
        return None
    key = world.digester.of("claim", world.pair.company, uid)
    whole = await world.ports.companies.claim(world.pair.company, key)
    return whole if whole.activity else None


async def claim_of_date(world: World, claim: Claim, activity: Activity, event: Event) -> Claim:
    """The claim on a single date, where that is `activity` now. Who leads the series leads the date."""
    whole = await whole_of(world, event)
    lead = whole.lead if whole is not None else claim.lead
    return replace(claim, uid=key_of(world, event)[1], activity=activity.id, lead=lead, series=activity.series)


async def stake(world: World, event: Event) -> Claim:
    """The claim for a meeting whose activity is about to be made here. Raises StorageConflict: somebody was quicker."""
    key, uid = key_of(world, event)
    companies, company = world.ports.companies, world.pair.company
    claim = await companies.claim(company, key)
    if claim.made_by == world.pair.user and claim.tag:
        return claim
    taken = claim.tag and not claim.activity and not await is_abandoned(world, claim)
    if taken or await _is_there(world, claim):
        raise StorageConflict("meeting_claimed", claim.key)
    lead = await _lead_of(world, event)
    mine = replace(claim, uid=uid, activity="", lead=lead, made_by=world.pair.user, begun=world.now)
    return await companies.put_claim(company, mine)


async def _is_there(world: World, claim: Claim) -> bool:
    return bool(claim.activity) and await world.read(Side.SEVERA, claim.activity) is not None


async def is_abandoned(world: World, claim: Claim) -> bool:
    """Whether its maker never came to make the activity: it was begun long ago, and no create of theirs is open."""
    if claim.begun is None or world.now - claim.begun <= ABANDONED:
        return False
    return not await world.ports.companies.intents(Pair(world.pair.company, claim.made_by))


async def _lead_of(world: World, event: Event) -> UserId:
    """The organizer, if a user of the company; else whoever comes upon it first."""
    organizer = None if event.is_organizer else await user_of(world, event.organizer)
    return organizer or world.pair.user


async def settle_claim(world: World, link: Link) -> None:
    """The claim names the activity of a link that is being recorded for the first time. StorageConflict: as `stake`."""
    companies, company = world.ports.companies, world.pair.company
    claim = await companies.claim(company, link.claim)
    event, activity = world.seen.get((Side.MICROSOFT, link.event)), world.seen.get((Side.SEVERA, link.activity))
    if claim.activity == link.activity:
        return
    if isinstance(event, Event) and isinstance(activity, Activity) and activity.series:
        await companies.put_claim(company, await claim_of_date(world, claim, activity, event))
        return
    if claim.made_by != world.pair.user and await _is_there(world, claim):
        if link.agreed is not None:
            return  # It became a meeting just when somebody else made another activity of that: both stay.
        raise StorageConflict("meeting_claimed", claim.key)
    uid, lead, maker = claim.uid, claim.lead, claim.made_by or world.pair.user
    if isinstance(event, Event):
        uid, lead = uid or key_of(world, event)[1], lead or await _lead_of(world, event)
    lead = lead or world.pair.user
    await companies.put_claim(company, replace(claim, uid=uid, activity=link.activity, lead=lead, made_by=maker))
