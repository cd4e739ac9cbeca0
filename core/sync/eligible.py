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


def event_never_linked(event: Event, policy: Policy) -> str:
    """Why an unlinked event may not be linked at all, in a stable code; empty where it may."""
    if event.shape is not Shape.SINGLE:
        return "recurring"
    if event.is_meeting:
        return "meeting"
    if event.is_cancelled:
        return "cancelled"
    if ends_at(event.essence.when) < policy.first_sync - NEWCOMER_AGE:
        return "too_old"
    return ""


def event_left_out(event: Event, policy: Policy) -> str:
    """Why an unlinked event does not become an activity: as above, or it is private and skipped (R10)."""
    return event_never_linked(event, policy) or ("private_skipped" if is_skipped(event, policy) else "")


def is_skipped(event: Event, policy: Policy) -> bool:
    """Whether the company keeps such a private event out of Severa."""
    skip = policy.private_without_personal is PrivateWithoutPersonal.SKIP
    return skip and event.essence.private and not policy.personal_type


def rests(picture: Picture, policy: Policy) -> ParkReason | None:
    """Why a linked entry rests although both its ends may be there."""
    activity, event, link = picture.seen_activity, picture.seen_event, picture.link
    if activity is not None and (reason := _activity_rests(activity, link, policy)):
        return reason
    if event is None:
        return None
    if event.shape is not Shape.SINGLE:
        return ParkReason.RECURRING
    if event.is_meeting:
        return ParkReason.MEETING
    # An activity of a private category, an absence say, hides its content itself: that is why its copy is private.
    hides_itself = activity is not None and activity.essence.private
    return ParkReason.PRIVATE_SKIPPED if is_skipped(event, policy) and not hides_itself else None


def _activity_rests(activity: Activity, link: Link | None, policy: Policy) -> ParkReason | None:
    if activity.category is Category.TASK:
        return ParkReason.PROJECT_TASK
    if activity.shape is not Shape.SINGLE:
        return ParkReason.RECURRING
    if activity.owner != policy.user:
        return ParkReason.NOT_THE_OWNER
    return None if _travels(activity, link, policy) else ParkReason.TYPE_NOT_TICKED


def _travels(activity: Activity, link: Link | None, policy: Policy) -> bool:
    """R9: ticks are for what people made in Severa. What came from Microsoft needs none for a type that we gave it."""
    kind = activity.type_id
    if link is not None and link.origin is Side.MICROSOFT:
        return kind in policy.ticked | {link.given_type, link.earlier_type, policy.default_type, policy.personal_type}
    if link is not None and link.earlier_type and kind == link.given_type:
        kind = link.earlier_type  # Privacy put ours in its place: the tick of a person's own choice counts.
    return kind in policy.ticked
