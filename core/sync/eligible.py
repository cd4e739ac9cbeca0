"""Which newcomers are synchronized (R7, R9, R10), and which linked entries rest."""

from __future__ import annotations

from core.model.essence import Essence
from core.model.expand import has_occurrence_after
from core.model.ids import Side
from core.model.link import Link, ParkReason
from core.model.operation import Picture
from core.model.policy import NEWCOMER_AGE, Policy, PrivateWithoutPersonal
from core.model.sighting import Activity, Category, Event, Response, Role, Shape
from core.model.stretch import over_at
from core.model.when import Series, ends_at
from core.sync.narrow import Rule
from core.sync.project import not_in_mailbox

_ALONE = frozenset({Shape.SINGLE, Shape.SERIES})
"""What is an entry by itself; single dates of a series are part of it."""
_RULES = frozenset(Rule)


def activity_left_out(activity: Activity, policy: Policy) -> str:
    """Why an unlinked activity may not be linked at all, in a stable code; empty where it may."""
    if activity.category is Category.TASK:
        return "project_task"
    if activity.role is Role.NONE:
        return "not_a_participant"
    if activity.shape not in _ALONE and not _is_lone_date(activity):
        return "recurring"
    return "too_old" if _is_too_old(activity.essence, policy) else not_in_mailbox(activity.essence)


def _is_lone_date(activity: Activity) -> bool:
    """Whether somebody takes part in a date of a series; that they are not in the series is for others to know."""
    return activity.shape is Shape.EXCEPTION and activity.role is Role.PARTICIPANT


def _is_too_old(essence: Essence, policy: Policy) -> bool:
    """R7: it ended more than 30 days before the first sync, the last occurrence of a series that takes place too."""
    since = policy.first_sync - NEWCOMER_AGE
    if not isinstance(essence.when, Series):
        return ends_at(essence.when) < since
    if any(one.when is not None and over_at(one.when) >= since for one in essence.exceptions):
        return False
    return not has_occurrence_after(essence.when, since, {one.day for one in essence.exceptions})


def activity_not_sent(activity: Activity, policy: Policy) -> str:
    """Why an activity does not become an event: as above, or its type is not ticked (R9)."""
    return activity_left_out(activity, policy) or ("" if activity.type_id in policy.ticked else "type_not_ticked")


def event_never_linked(event: Event, policy: Policy) -> str:
    """Why an unlinked event may not be linked at all, in a stable code; empty where it may."""
    if event.shape not in _ALONE:
        return "recurring"
    if event.is_cancelled:
        return "cancelled"
    if event.response is Response.DECLINED:
        return "declined"
    return "too_old" if _is_too_old(event.essence, policy) else event.not_held


def event_left_out(event: Event, policy: Policy) -> str:
    """Why an unlinked event does not become an activity: as above, or it is private and skipped (R10)."""
    return event_never_linked(event, policy) or ("private_skipped" if is_skipped(event, policy) else "")


def is_not_held(reason: str) -> bool:
    """Whether something stays out because the other side can hold no likeness of it (R22), which people are told."""
    return reason in _RULES


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
    if event.not_held or event.shape not in _ALONE:
        return ParkReason.RECURRING
    if event.is_meeting and picture.meeting is None:
        return ParkReason.MEETING
    # An activity of a private category, an absence say, hides its content itself: that is why its copy is private.
    hides_itself = activity is not None and activity.essence.private
    return ParkReason.PRIVATE_SKIPPED if is_skipped(event, policy) and not hides_itself else None


def _activity_rests(activity: Activity, link: Link | None, policy: Policy) -> ParkReason | None:
    if activity.category is Category.TASK:
        return ParkReason.PROJECT_TASK
    is_copied = activity.role is not Role.OWNER and link is not None and link.origin is Side.SEVERA
    is_date = link is not None and bool(link.claim or is_copied)
    if (activity.shape not in _ALONE and not is_date) or not_in_mailbox(activity.essence):
        return ParkReason.RECURRING
    if activity.role is Role.NONE and link is not None and link.origin is Side.MICROSOFT and not link.claim:
        return ParkReason.NOT_A_PARTICIPANT  # The event is no copy of ours: it stays.
    return None if _travels(activity, link, policy) else ParkReason.TYPE_NOT_TICKED


def _travels(activity: Activity, link: Link | None, policy: Policy) -> bool:
    """R9: ticks are for what people made in Severa. What came from Microsoft needs none for a type that we gave it."""
    kind = activity.type_id
    if link is not None and link.origin is Side.MICROSOFT:
        return kind in policy.ticked | {link.given_type, link.earlier_type, policy.default_type, policy.personal_type}
    if link is not None and link.earlier_type and kind == link.given_type:
        kind = link.earlier_type  # Privacy put ours in its place: the tick of a person's own choice counts.
    return kind in policy.ticked
