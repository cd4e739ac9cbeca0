"""Which activity a meeting is (R13): recognized by the company's claim, before anything is matched or made.

A person whom Exchange invites never gets a copy beside the invitation (R14).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import cast

from core.model.claim import Claim
from core.model.company import ActivityRow
from core.model.ids import Pair, Side
from core.model.link import Link, LinkState
from core.model.operation import Picture
from core.model.sighting import GONE, Activity, Event, Role
from core.sync.eligible import activity_not_sent, event_left_out
from core.sync.meeting import is_absent
from core.usecases.behalf import organizers_activity
from core.usecases.gather import Gathered
from core.usecases.giving_way import Way, give_way
from core.usecases.hints import hint
from core.usecases.second_meeting import another_meeting, tell_of_two
from core.usecases.setbacks import Setbacks, put_off
from core.usecases.sharing import is_shared
from core.usecases.single_dates import date_of, is_series_awaited, leave_out_date
from core.usecases.staking import as_seen, claim_of_date, is_abandoned, key_of, whole_of
from core.usecases.world import World

AT_ONCE = 16
"""Rows of activities read at once: a first sync looks at thousands."""
MAKING = timedelta(minutes=2)
"""How long another pair may take to make the activity of a meeting before its pair is asked to look again."""
INVITED, LOOKS = timedelta(minutes=15), 7
"""How long an invitation to a mailbox that is not scanned is waited for, each time twice as long: a day and more."""


async def join_events(world: World, found: Gathered) -> None:
    """Newcomers that are meetings whose activity is known, before anything is matched."""
    setbacks = Setbacks(world)
    for event in [e for e in found.events if e.is_meeting and not event_left_out(e, world.policy)]:
        async with setbacks.of(world.rows_of(Picture(None, None, event)), Side.SEVERA):
            await _event(world, found, event)


async def join_activities(world: World, found: Gathered) -> None:
    """Activities that are meetings, where nothing matched: this mailbox holds the meeting, or is about to."""
    setbacks = Setbacks(world)
    sent = [a for a in found.activities if not activity_not_sent(a, world.policy)]
    for some in (sent[at : at + AT_ONCE] for at in range(0, len(sent), AT_ONCE)):
        reads = (world.ports.companies.activity(world.pair.company, activity.id) for activity in some)
        for activity, row in zip(some, await asyncio.gather(*reads, return_exceptions=True), strict=True):
            async with setbacks.of(world.rows_of(Picture(None, activity, None)), Side.MICROSOFT):
                await _activity(world, found, activity, row)


async def join_copies(world: World, found: Gathered) -> None:
    """A passive pair is not scanned: a meeting to which its user was invited since they got a copy is looked for.

    So is one to which they were invited once more, since the event that they had is gone.
    """
    setbacks = Setbacks(world)
    for picture in [p for p in found.linked.values() if world.passive and _may_be_invited(p)]:
        async with setbacks.of(world.rows_of(picture), Side.MICROSOFT):
            await _copy(world, found, picture)


async def join_dates(world: World, found: Gathered) -> None:
    """Single dates that are gone under the id that they had: Severa may have given them another one."""
    setbacks = Setbacks(world)
    for picture in [p for p in found.linked.values() if p.activity is GONE and p.link and p.link.claim]:
        async with setbacks.of(world.rows_of(picture), Side.SEVERA):
            await _date_again(world, found, picture)


async def _date_again(world: World, found: Gathered, picture: Picture) -> None:
    link, event = cast("Link", picture.link), picture.seen_event
    claim = await world.ports.companies.claim(world.pair.company, link.claim)
    if not claim.series or event is None or is_absent(event):
        return
    activity = await date_of(world, claim.series, event)
    if activity is not None:
        again = _link(activity.id, event, claim.key, link.origin)
        _join(world, found, Picture(again, activity, event, as_seen(world, claim, claim.key)))


def _may_be_invited(picture: Picture) -> bool:
    link, activity = picture.link, picture.seen_activity
    if link is None or activity is None:
        return False
    return not link.claim or (activity.role is not Role.NONE and picture.event is GONE)


async def _copy(world: World, found: Gathered, picture: Picture) -> None:
    activity, companies = picture.seen_activity, world.ports.companies
    key = (await companies.activity(world.pair.company, activity.id)).claim if activity is not None else ""
    if activity is None or not key:
        return
    claim = await companies.claim(world.pair.company, key)
    if world.pair.user not in (claim.lead, *claim.attendees) or not claim.uid:
        return
    event = await world.microsoft.find_meeting(claim.uid)
    if event is not None and await world.links.of(Side.MICROSOFT, event.id) is None:
        world.seen[Side.MICROSOFT, event.id] = event
        await _invited(world, found, claim, activity, event)


async def _event(world: World, found: Gathered, event: Event) -> None:
    key, _ = key_of(world, event)
    claim = await world.ports.companies.claim(world.pair.company, key)
    whole = await whole_of(world, event)
    if whole is not None and (claim.series or not claim.activity):
        await _date(world, found, whole, claim, event)
        return
    if not claim.tag and await is_series_awaited(world, event):
        await _look_again(world, found, event)
        return
    if not claim.tag and not event.is_organizer:
        claim = await _on_behalf(world, event, claim)
    if claim.activity:
        activity = cast("Activity | None", await world.read(Side.SEVERA, claim.activity))
        if activity is not None:
            await _invited(world, found, claim, activity, event)
    elif claim.tag and claim.made_by != world.pair.user and not await is_abandoned(world, claim):
        if claim.begun is None or world.now - claim.begun > MAKING:
            await hint(world.ports, Pair(world.pair.company, claim.made_by), passive=True)
        await put_off(world, world.rows[Side.MICROSOFT, event.id], world.now + MAKING)
        found.events = [one for one in found.events if one.id != event.id]


async def _date(world: World, found: Gathered, whole: Claim, claim: Claim, event: Event) -> None:
    """Invited to a single date of what Severa has as a series: they take part in that date there."""
    link = await world.links.of(Side.SEVERA, whole.activity)
    if link is not None and link.state is LinkState.LIVE:
        # In all of it still, or already: what changed about that comes first.
        await _look_again(world, found, event, LOOKS)
        return
    activity = await date_of(world, whole.activity, event)
    if activity is None:
        await leave_out_date(world, event)
        _drop(world, found, event)
        return
    origin = (await world.ports.companies.activity(world.pair.company, whole.activity)).origin
    mine = await claim_of_date(world, claim, activity, event)
    await _invited(world, found, mine, activity, event, origin)


async def _on_behalf(world: World, event: Event, claim: Claim) -> Claim:
    """The claim, if the organizer's calendars show which activity the meeting is already."""
    _, uid = key_of(world, event)
    organizer, activity = await organizers_activity(world, event, uid)
    if not activity or await world.read(Side.SEVERA, activity) is None:
        return claim
    # Put down with the link (staking.py): who only looks writes nothing.
    return replace(claim, uid=uid, activity=activity, lead=organizer, made_by=world.pair.user, begun=world.now)


async def _invited(
    world: World, found: Gathered, claim: Claim, activity: Activity, event: Event, origin: Side | None = None
) -> None:
    """This mailbox has the meeting. Our copy of it, made before its owner was invited, gives way (R14)."""
    match await give_way(world, activity, event, claim.key):
        case Way.FREE:
            origin = origin or (await world.ports.companies.activity(world.pair.company, activity.id)).origin
            link = _link(activity.id, event, claim.key, origin)
            _join(world, found, Picture(link, activity, event, as_seen(world, claim, claim.key)))
        case Way.LATER:
            await _look_again(world, found, event)
        case Way.TAKEN:
            _drop(world, found, event)


async def _look_again(world: World, found: Gathered, event: Event, most: int | None = None) -> None:
    """At most so often; then it is nothing for this pair."""
    rows = world.rows_of(Picture(None, None, event))
    if most is not None and any(row.attempts >= most for row in rows):
        _drop(world, found, event)
        return
    for row in rows:
        await put_off(world, row, world.now + MAKING * 2 ** min(row.attempts, LOOKS))
    found.events = [one for one in found.events if one.id != event.id]


async def _activity(world: World, found: Gathered, activity: Activity, row: ActivityRow | BaseException) -> None:
    if isinstance(row, BaseException):
        raise row
    if world.passive and not await is_shared(world, activity):
        _drop(world, found, activity)
        return
    if not row.claim or activity.id not in {a.id for a in found.activities}:
        return
    claim = await world.ports.companies.claim(world.pair.company, row.claim)
    event = await world.microsoft.find_meeting(claim.uid) if claim.uid else None
    if event is not None and await world.links.of(Side.MICROSOFT, event.id) is None:
        world.seen[Side.MICROSOFT, event.id] = event
        link = _link(activity.id, event, row.claim, row.origin)
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


def _link(activity: str, event: Event, key: str, origin: Side) -> Link:
    return Link(activity, event.id, origin, uid=event.uid, claim=key, organized=event.is_organizer)


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
    meeting = as_seen(world, claim, key)
    if link is not None:
        link = replace(link, claim=key)
        if meeting.leads and (other := await another_meeting(world, link.activity, key)) is not None:
            meeting = replace(meeting, leads=False, lead=other.lead, beside=True)
            await tell_of_two(world, event)
    return replace(picture, link=link, meeting=meeting)
