"""Which newcomers are synchronized (R7, R9, R10), and which linked entries rest."""

from __future__ import annotations

from core.model.ids import Side
from core.model.link import Link, ParkReason
from core.model.operation import Picture
from core.model.policy import NEWCOMER_AGE, Policy, PrivateWithoutPersonal
from core.model.sighting import Activity, Category, Event, Shape
from core.model.when import ends_at


def activity_left_out(activity: Activity, policy: Policy) -> str:
    """Why an unlinked activity may not be linked at all, in a stable code; empty where it may."""
    if activity.category is Category.TASK:
        return "project_task"
    if activity.shape is not Shape.SINGLE:
        return "recurring"
    if activity.owner != policy.user:
        return "not_the_owner"
    if ends_at(activity.essence.when) < policy.first_sync - NEWCOMER_AGE:
        return "too_old"
    return ""


def activity_not_sent(activity: Activity, policy: Policy) -> str:
    """Why an activity does not become an event: as above, or its type is not ticked (R9)."""
    return activity_left_out(activity, policy) or ("" if activity.type_id in policy.ticked else "type_not_ticked")


def event_left_out(event: Event, policy: Policy) -> str:
    """Why an unlinked event does not become an activity, in a stable code; empty where it does."""
    if event.shape is not Shape.SINGLE:
        return "recurring"
    if event.is_meeting:
        return "meeting"
    if event.is_cancelled:
        return "cancelled"
    if ends_at(event.essence.when) < policy.first_sync - NEWCOMER_AGE:
        return "too_old"
    if _is_skipped(event, policy):
        return "private_skipped"
    return ""


def rests(picture: Picture, policy: Policy) -> ParkReason | None:
    """Why a linked entry rests although both its ends may be there."""
    activity, event = picture.activity, picture.event
    if isinstance(activity, Activity):
        if activity.category is Category.TASK:
            return ParkReason.PROJECT_TASK
        if activity.shape is not Shape.SINGLE:
            return ParkReason.RECURRING
        if activity.owner != policy.user:
            return ParkReason.NOT_THE_OWNER
        if activity.type_id not in policy.ticked | _given(picture.link, policy):
            return ParkReason.TYPE_NOT_TICKED
    if isinstance(event, Event):
        if event.shape is not Shape.SINGLE:
            return ParkReason.RECURRING
        if event.is_meeting:
            return ParkReason.MEETING
        if _is_skipped(event, policy):
            return ParkReason.PRIVATE_SKIPPED
    return None


def _given(link: Link | None, policy: Policy) -> frozenset[str]:
    """Types that this service gave to an entry of Microsoft origin need no tick (R9: there is no filter that way)."""
    if link is None or link.origin is not Side.MICROSOFT:
        return frozenset()
    return frozenset({link.given_type, link.earlier_type, policy.default_type, policy.personal_type})


def _is_skipped(event: Event, policy: Policy) -> bool:
    skip = policy.private_without_personal is PrivateWithoutPersonal.SKIP
    return skip and event.essence.private and not policy.personal_type
