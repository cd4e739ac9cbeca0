"""Which activity a meeting is (R13): recognized by the company's claim, before anything is matched or made.

A person whom Exchange invites never gets a copy beside the invitation (R14).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import cast

from core.errors import StorageConflict
from core.model.claim import Claim, Meeting
from core.model.company import MeetingEdits
from core.model.ids import Pair, Side, UserId
from core.model.link import Link, LinkState
from core.model.operation import Picture
from core.model.sighting import Activity, Event, Shape
from core.model.uid import meeting_uid
from core.sync.eligible import activity_not_sent, event_left_out
from core.sync.merge import changed_fields
from core.usecases.behalf import organizers_activity
from core.usecases.gather import Gathered
from core.usecases.people import user_of
from core.usecases.recorder import WRITE_SECONDS
from core.usecases.setbacks import Setbacks, put_off
from core.usecases.sharing import is_shared, tell
from core.usecases.world import World

MAKING = timedelta(minutes=2)
"""How long another pair may take to make the activity of a meeting before its pair is asked to look again."""
ABANDONED = timedelta(minutes=15)
"""After that long somebody else makes it."""
INVITED, LOOKS = timedelta(minutes=15), 7
"""How long an invitation to a mailbox that is not scanned is waited for, each time twice as long: a day and more."""


def key_of(world: World, event: Event) -> tuple[str, str]:
    """The claim's key and the uid of the whole meeting, or of the one date that this mailbox was invited to alone."""
    uid, day = meeting_uid(event.uid)
    whole = uid if day is None or event.shape is Shape.SERIES else f"{uid} {day.isoformat()}"
    return world.digester.of("claim", world.pair.company, whole), whole


def as_seen(world: World, claim: Claim, key: str) -> Meeting:
    """A claim as this pair sees it; where nobody has one yet, this pair will."""
    user = world.pair.user
    may_edit = world.settings.meeting_edits is MeetingEdits.ORGANIZER
    return Meeting(key, claim.lead in ("", user), claim.lead, may_edit=may_edit, brings=claim.made_by == user)


async def join_events(world: World, found: Gathered) -> None:
    """Newcomers that are meetings whose activity is known, before anything is matched."""
    setbacks = Setbacks(world)
    for event in [e for e in found.events if e.is_meeting and not event_left_out(e, world.policy)]:
        async with setbacks.of(world.rows_of(Picture(None, None, event)), Side.SEVERA):
            await _event(world, found, event)


async def join_activities(world: World, found: Gathered) -> None:
    """Activities that are meetings, where nothing matched: this mailbox holds the meeting, or is about to."""
    setbacks = Setbacks(world)
    for activity in [a for a in found.activities if not activity_not_sent(a, world.policy)]:
        async with setbacks.of(world.rows_of(Picture(None, activity, None)), Side.MICROSOFT):
            await _activity(world, found, activity)


async def _event(world: World, found: Gathered, event: Event) -> None:
    key, _ = key_of(world, event)
    claim = await world.ports.companies.claim(world.pair.company, key)
    uid, day = meeting_uid(event.uid)
    if not claim.tag and day is not None and await _is_whole_claimed(world, uid):
        world.report.left_out["single_date_of_meeting"] += 1
        _drop(world, found, event)
        return
    if not claim.tag and not event.is_organizer:
        claim = await _on_behalf(world, event, claim)
    if claim.activity:
        activity = cast("Activity | None", await world.read(Side.SEVERA, claim.activity))
        if activity is not None:
            await _invited(world, found, claim, activity, event)
    elif claim.tag and claim.made_by != world.pair.user and not await _is_abandoned(world, claim):
        if claim.begun is None or world.now - claim.begun > MAKING:
            await tell(world, "", {claim.made_by})
        await put_off(world, world.rows[Side.MICROSOFT, event.id], world.now + MAKING)
        found.events = [one for one in found.events if one.id != event.id]


async def _on_behalf(world: World, event: Event, claim: Claim) -> Claim:
    """The claim, if the organizer's calendars show which activity the meeting is already."""
    _, uid = key_of(world, event)
    organizer, activity = await organizers_activity(world, event, uid)
    if not activity:
        return claim
    mine = replace(claim, uid=uid, activity=activity, lead=organizer, made_by=world.pair.user, begun=world.now)
    return await world.ports.companies.put_claim(world.pair.company, mine)


async def _invited(world: World, found: Gathered, claim: Claim, activity: Activity, event: Event) -> None:
    """This mailbox has the meeting. Our copy of it, made before its owner was invited, gives way (R14)."""
    link = await world.links.of(Side.SEVERA, activity.id)
    if link is not None and link.state is not LinkState.DEAD and not link.claim and link.missing is not Side.MICROSOFT:
        copy = cast("Event | None", await world.read(Side.MICROSOFT, link.event))
        if copy is not None and changed_fields(link, Side.MICROSOFT, copy.essence, world.digester):
            for row in world.rows_of(Picture(None, None, event)):  # What its owner wrote into it comes first.
                await put_off(world, row, world.now + MAKING)
            found.events = [one for one in found.events if one.id != event.id]
            return
        if copy is not None and (copy.is_meeting or not _is_ours(world, copy, activity.id)):
            _drop(world, found, event)
            return
        if copy is not None:
            await world.recorder.ensure(WRITE_SECONDS)
            await world.microsoft.delete(copy)
            world.report.written["deleted_microsoft"] += 1
        world.seen.pop((Side.MICROSOFT, link.event), None)
    origin = (await world.ports.companies.activity(world.pair.company, activity.id)).origin
    joined = replace(_link(activity.id, event, claim.key), origin=origin)
    _join(world, found, Picture(joined, activity, event, as_seen(world, claim, claim.key)))


def _is_ours(world: World, event: Event, activity: str) -> bool:
    mark = event.mark
    return mark is not None and (mark.mailbox, mark.activity) == (world.mailbox, activity)


async def _is_whole_claimed(world: World, uid: str) -> bool:
    key = world.digester.of("claim", world.pair.company, uid)
    return bool((await world.ports.companies.claim(world.pair.company, key)).activity)


async def _activity(world: World, found: Gathered, activity: Activity) -> None:
    row = await world.ports.companies.activity(world.pair.company, activity.id)
    if world.passive and not await is_shared(world, activity):
        _drop(world, found, activity)
        return
    if not row.claim or activity.id not in {a.id for a in found.activities}:
        return
    claim = await world.ports.companies.claim(world.pair.company, row.claim)
    event = await world.microsoft.find_meeting(claim.uid) if claim.uid else None
    if event is not None and await world.links.of(Side.MICROSOFT, event.id) is None:
        world.seen[Side.MICROSOFT, event.id] = event
        link = _link(activity.id, event, row.claim)
        _join(world, found, Picture(link, activity, event, as_seen(world, claim, row.claim)))
    elif world.pair.user in (claim.lead, *claim.attendees):
        await _not_here_yet(world, found, activity)


async def _not_here_yet(world: World, found: Gathered, activity: Activity) -> None:
    """The invitation is on its way: a scan will show it. A passive pair, which is not scanned, looks again later."""
    world.report.left_out["invitation_not_here"] += 1
    row = world.rows[Side.SEVERA, activity.id]
    if not world.passive or row.attempts >= LOOKS:
        _drop(world, found, activity)
        return
    await put_off(world, row, world.now + INVITED * 2**row.attempts)
    found.activities = [one for one in found.activities if one.id != activity.id]


def _link(activity: str, event: Event, key: str) -> Link:
    return Link(activity, event.id, Side.MICROSOFT, uid=event.uid, claim=key, organized=event.is_organizer)


def _join(world: World, found: Gathered, picture: Picture) -> None:
    found.join(world, picture)
    world.report.linked["claimed"] += 1


def _drop(world: World, found: Gathered, end: Activity | Event) -> None:
    """It is nothing for this pair: its row is settled."""
    found.done += world.rows_of(Picture(None, end, None) if isinstance(end, Activity) else Picture(None, None, end))
    found.activities = [one for one in found.activities if one.id != end.id]
    found.events = [one for one in found.events if one.id != end.id]


async def with_meeting(world: World, picture: Picture) -> Picture:
    """The picture with what is known of the meeting that it is, if it is one."""
    link, event = picture.link, picture.seen_event
    key = link.claim if link is not None else ""
    if not key and event is not None and event.is_meeting:
        key = key_of(world, event)[0]
    if not key or picture.meeting is not None:
        return picture
    claim = await world.ports.companies.claim(world.pair.company, key)
    link = replace(link, claim=key) if link is not None else None
    return replace(picture, link=link, meeting=as_seen(world, claim, key))


async def stake(world: World, event: Event) -> Claim:
    """The claim for a meeting whose activity is about to be made here. Raises StorageConflict: somebody was quicker."""
    key, uid = key_of(world, event)
    companies, company = world.ports.companies, world.pair.company
    claim = await companies.claim(company, key)
    if claim.made_by == world.pair.user and claim.tag:
        return claim
    taken = claim.tag and not claim.activity and not await _is_abandoned(world, claim)
    if taken or await _is_there(world, claim):
        raise StorageConflict("meeting_claimed", claim.key)
    lead = await _lead_of(world, event)
    mine = replace(claim, uid=uid, activity="", lead=lead, made_by=world.pair.user, begun=world.now)
    return await companies.put_claim(company, mine)


async def _is_there(world: World, claim: Claim) -> bool:
    return bool(claim.activity) and await world.read(Side.SEVERA, claim.activity) is not None


async def _is_abandoned(world: World, claim: Claim) -> bool:
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
    event = world.seen.get((Side.MICROSOFT, link.event))
    if claim.activity == link.activity:
        return
    if claim.made_by != world.pair.user and await _is_there(world, claim):
        raise StorageConflict("meeting_claimed", claim.key)
    uid, lead, maker = claim.uid, claim.lead, claim.made_by or world.pair.user
    if isinstance(event, Event):
        uid, lead = uid or key_of(world, event)[1], lead or await _lead_of(world, event)
    lead = lead or world.pair.user
    await companies.put_claim(company, replace(claim, uid=uid, activity=link.activity, lead=lead, made_by=maker))
