"""Leaving an activity (R15): it concerns oneself, but who is the last one there takes it along."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from core.model.claim import Claim
from core.model.ids import Side, UserId
from core.model.link import Link, LinkState, ParkReason
from core.model.operation import Park, Picture, Planned
from core.model.rows import Commit
from core.model.sighting import Activity, Role, Shape
from core.model.state import Pending
from core.sync.record import buried, parked
from core.usecases.elsewhere import meeting_of
from core.usecases.guests import dates_of_guest
from core.usecases.holding import after_delete, count_company_deletion
from core.usecases.own_dates import leave_dates
from core.usecases.recorder import WRITE_SECONDS
from core.usecases.second_meeting import other_event
from core.usecases.sharing import tell, tell_everybody
from core.usecases.world import World


async def leave(world: World, planned: Planned, activity: Activity | None) -> Link:
    """Take this pair's user off `activity`, as it is now; None where it is gone. The link after it."""
    link = cast("Link", planned.picture.link)
    if activity is not None and activity.role is not Role.NONE:
        if link.claim and (event := await other_event(world, link)) is not None:
            # Still invited to the other meeting of it: that is theirs from now on.
            await world.recorder.commit(Commit(pending=(Pending(Side.MICROSOFT, event.id),)))
            world.report.wait_until(world.now)
            return buried(link, world.policy)
        await world.tell_decision(planned)
        await world.recorder.ensure(WRITE_SECONDS)
        if link.claim:
            event = planned.picture.seen_event
            is_dismissed = event is not None and event.is_cancelled
            if not await _leave_meeting(world, link, activity, is_dismissed=is_dismissed):
                return parked(link, planned.picture, Park(ParkReason.WORK_HOURS, Side.MICROSOFT), world.policy)
        else:
            await _take_off(world, activity)
        world.recorder.state = after_delete(world.recorder.state, world.now)
        world.report.written["left"] += 1
    await pass_on(world, planned.picture)
    return buried(link, world.policy)


async def _leave_meeting(world: World, link: Link, activity: Activity, *, is_dismissed: bool) -> bool:
    """The say and the ownership pass on to another mailbox that holds the meeting. False where it has to stay."""
    companies, company, user = world.ports.companies, world.pair.company, world.pair.user
    if activity.series:
        await _leave_date(world, activity)
        return True
    claim = await companies.claim(company, link.claim)
    heirs = _heirs(claim, (await companies.activity(company, activity.id)).holders, user)
    if not heirs and await _has_it(world, claim, claim.lead):
        heirs = [claim.lead]
    if not heirs and link.origin is Side.SEVERA and activity.role is not Role.OWNER:
        await _take_off(world, activity)  # Its owner goes on with it.
        return True
    if not heirs:
        if activity.has_hours:
            return False
        await count_company_deletion(world.ports, company, world.now)
        await world.severa.delete(activity)
        await companies.drop_claim(company, link.claim)
        await tell_everybody(world, activity.id, gone=True)
        return True
    claim = await leave_dates(world, claim, {user})
    if user in (claim.lead, *claim.attendees):
        lead = heirs[0] if claim.lead == user else claim.lead
        # Who declines is still among the attendees.
        attendees = ({*claim.attendees} - {user} if is_dismissed else {*claim.attendees, user}) - {lead}
        is_old = is_dismissed and await _is_listed(world, claim, lead)
        dismissed = {*claim.dismissed, *((user,) if is_old else ())} - {lead}
        dates = tuple(one for one in claim.dates if one[0] != lead)
        left = replace(claim, lead=lead, attendees=tuple(sorted(attendees)), dates=dates)
        await companies.put_claim(company, replace(left, dismissed=tuple(sorted(dismissed))))
    await _take_off(world, activity, await dates_of_guest(world, claim, user))
    if activity.role is Role.OWNER:  # Whoever owns it takes part in it anyway.
        await world.company.change_people(activity.id, frozenset(), frozenset({heirs[0]}))
        await world.company.change_owner(activity.id, heirs[0])
    await tell_everybody(world, activity.id)
    return True


async def _has_it(world: World, claim: Claim, user: UserId) -> bool:
    """Whether its organizer has the meeting, and just has not been served: a deletion would be taken for theirs."""
    if user in ("", world.pair.user):
        return False
    held = await meeting_of(world, user, claim)
    return held.is_unknown or held.event is not None


async def _is_listed(world: World, claim: Claim, lead: UserId) -> bool:
    """Whether the list of whoever leads from now on names this pair's user, who was taken off: it is an old one then.

    An organizer's list is never old.
    """
    event = (await meeting_of(world, lead, claim)).event
    listed = [one.address for one in event.attendees] if event is not None and not event.is_organizer else []
    known = await world.company.user(world.pair.user) if listed else None
    mailbox = await world.mailboxes.find_mailbox(known.addresses) if known and known.addresses else None
    return mailbox is not None and any(address.casefold() in listed for address in mailbox.addresses)


async def _take_off(world: World, activity: Activity, spared: frozenset[str] = frozenset()) -> None:
    recurs, user = activity.shape is Shape.SERIES, frozenset({world.pair.user})
    await world.company.change_people(activity.id, frozenset(), user, dates=recurs, spared=spared)


async def _leave_date(world: World, activity: Activity) -> None:
    """Somebody invited to one date alone is out of it; not if they were invited to all of the series meanwhile."""
    whole = await world.links.of(Side.SEVERA, activity.series)
    if whole is None or whole.state is not LinkState.LIVE:
        await _take_off(world, activity)


async def pass_on(world: World, picture: Picture) -> None:
    """Who is out of the activity in Severa holds it no more, nor has the say, if somebody else's mailbox holds it."""
    link, companies, company = cast("Link", picture.link), world.ports.companies, world.pair.company
    await companies.drop_holder(company, link.activity, world.pair.user)
    if not link.claim:
        return
    claim = await companies.claim(company, link.claim)
    claim = await leave_dates(world, claim, {world.pair.user})
    heirs = _heirs(claim, (await companies.activity(company, link.activity)).holders, world.pair.user)
    if heirs and claim.lead == world.pair.user:
        attendees = tuple(sorted({*claim.attendees, world.pair.user} - {heirs[0]}))
        dates = tuple(one for one in claim.dates if one[0] != heirs[0])
        await companies.put_claim(company, replace(claim, lead=heirs[0], attendees=attendees, dates=dates))
        await tell(world, link.activity, heirs[:1])


def _heirs(claim: Claim, holders: tuple[UserId, ...], user: UserId) -> list[UserId]:
    """Whose mailboxes hold the meeting besides: not those who were only added in Severa."""
    invited = {claim.lead, *claim.attendees} - {user}
    return sorted(invited & set(holders), key=lambda one: (one != claim.lead, one))
