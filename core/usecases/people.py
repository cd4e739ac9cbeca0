"""A meeting's people in Severa (R13): attendees who are users take part; who is added in Severa stays."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from core.errors import ItemChanged
from core.model.claim import Claim
from core.model.ids import Pair, Side, UserId
from core.model.link import Link, LinkState
from core.model.operation import Picture
from core.model.sighting import Activity, Event, Response, Role, Shape
from core.model.uid import meeting_uid
from core.sync.meeting import address_of, people_of
from core.usecases.guests import bring_guests, dates_of_guest
from core.usecases.own_dates import leave_dates
from core.usecases.recorder import WRITE_SECONDS
from core.usecases.second_meeting import another_meeting
from core.usecases.sharing import tell
from core.usecases.world import World

_WAITING = 300
"""So many of those who declined are remembered: a row of the company's holds no more, and who is scanned comes by
what their own mailbox says."""


async def user_of(world: World, address: str) -> UserId | None:
    """The user behind an address: the one whose Severa address is any of that mailbox's (R1).

    Somebody outside has no mailbox here and costs Severa no request.
    """
    mailbox = await world.mailboxes.find_mailbox([address]) if address else None
    for known in mailbox.addresses if mailbox is not None else ():
        found = await world.company.find_user(known)
        if found is not None:
            return found.id
    return None


async def bring_people(world: World, link: Link, picture: Picture) -> Link:
    """Let the participants follow the attendees, and the owner the organizer. The link that remembers it."""
    event, activity = cast("Event", picture.seen_event), picture.seen_activity
    if activity is None:
        activity = cast("Activity | None", await world.read(Side.SEVERA, link.activity))
    if activity is None:
        raise ItemChanged("gone_meanwhile")
    await world.recorder.ensure(WRITE_SECONDS)
    claim = await world.ports.companies.claim(world.pair.company, link.claim)
    if world.pair.user != claim.lead and (world.pair.user != claim.made_by or claim.attendees):
        await _join(world, claim, activity)
        return replace(link, people=people_of(event, world.digester))
    users, declined = {world.pair.user}, dict[UserId, str]()
    for one in event.attendees:
        if (user := await user_of(world, one.address)) is None:
            continue
        if one.response is Response.DECLINED:
            declined[user] = address_of(one, world.digester)
        else:
            users.add(user)
    dismissed = users & {*claim.dismissed} - {world.pair.user}
    users -= dismissed  # Nobody told this mailbox that they were taken off.
    held = set((await world.ports.companies.activity(world.pair.company, activity.id)).holders)
    known = set(claim.attendees)
    users |= declined.keys() & known  # Who is known already leaves by what their own mailbox says.
    kept = known & held - users  # Maybe invited by a list: their own mailbox says when they are out of it.
    # What was born in Severa stays its owner's, whoever invites people to a copy of it.
    owner = activity.owner if link.origin is Side.SEVERA else claim.lead or activity.owner
    if owner != activity.owner:
        await world.company.change_owner(activity.id, owner)
        known -= {activity.owner}
        users |= {activity.owner} & held  # Whoever made it stays in it.
    # Who was brought before and left since is not brought again; whoever owns it takes part in it anyway.
    gone, new = known - users - kept, users - known - {owner, claim.lead}
    claim = await leave_dates(world, claim, gone)
    recurs = activity.shape is Shape.SERIES
    other = await another_meeting(world, activity.id, link.claim)
    gone -= {other.lead, *other.attendees} if other is not None else set()
    await world.company.change_people(
        activity.id, frozenset(new), frozenset() if recurs else frozenset(gone), dates=recurs
    )
    for user in sorted(gone) if recurs else ():
        spared = await _own_dates(world, user, event) | await dates_of_guest(world, claim, user)
        await world.company.change_people(activity.id, frozenset(), frozenset({user}), dates=True, spared=spared)
    await world.company.change_people(activity.id, frozenset(), frozenset({owner} - {activity.owner}))
    guests = {(user, day.isoformat()) for day, one in event.guests if (user := await user_of(world, one)) is not None}
    invited = await bring_guests(world, claim, (activity, event), guests, ({owner} | users | held) - gone)
    waiting = tuple((user, declined[user]) for user in sorted(declined.keys() - users)[:_WAITING])
    now = replace(claim, attendees=tuple(sorted((users | kept) - {claim.lead})), guests=invited, declined=waiting)
    now = replace(now, dismissed=tuple(sorted(dismissed)))
    if now != claim:
        await world.ports.companies.put_claim(world.pair.company, now)
    await tell(world, activity.id, ({owner} | users | known) - {world.pair.user})
    return replace(link, people=people_of(event, world.digester), organized=_organizes(link, event, activity))


async def _own_dates(world: World, user: UserId, series: Event) -> frozenset[str]:
    """The dates of that series to which somebody was invited alone: being out of the series leaves them there."""
    links = await world.ports.pairs.links(Pair(world.pair.company, user))
    live = [link for link in links if link.claim and link.state is LinkState.LIVE]
    whole, _ = meeting_uid(series.uid)
    named = [(link.activity, *meeting_uid(link.uid)) for link in live]
    return frozenset(activity for activity, uid, day in named if uid == whole and day is not None)


def _organizes(link: Link, event: Event, activity: Activity) -> bool:
    return event.is_organizer and (link.origin is Side.MICROSOFT or activity.role is Role.OWNER)


async def _join(world: World, claim: Claim, activity: Activity) -> None:
    """Invited by a list of which this person is one: their own mailbox says so."""
    user = world.pair.user
    if activity.role is Role.NONE:
        recurs = activity.shape is Shape.SERIES
        await world.company.change_people(activity.id, frozenset({user}), frozenset(), dates=recurs)
    if claim.tag and user not in claim.attendees:
        dismissed = tuple(one for one in claim.dismissed if one != user)
        joined = replace(claim, attendees=(*claim.attendees, user), dismissed=dismissed)
        await world.ports.companies.put_claim(world.pair.company, joined)
