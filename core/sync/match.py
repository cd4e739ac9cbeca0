"""First sync and every later newcomer: which unlinked activity and event are the same entry (R6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from core.model.essence import Essence
from core.model.policy import Policy
from core.model.sighting import Activity, Event
from core.model.when import canonical
from core.sync.eligible import activity_left_out, event_never_linked, is_skipped
from core.sync.project import known_as, on_severa, time_in_mailbox

Key = tuple[str, str]
"""Subject without case, and time: of a series that is its recurrence too. Exceptions do not count (R6)."""

_BEGINNING = datetime.min.replace(tzinfo=UTC)


def _key(essence: Essence) -> Key:
    """On what both sides can hold: the subject as Microsoft may keep it."""
    return known_as(essence), canonical(time_in_mailbox(essence.when))


def activity_key(activity: Activity) -> Key:
    """What an activity is recognized by."""
    return _key(activity.essence)


def event_key(event: Event, policy: Policy) -> Key:
    """What an event is recognized by: as Severa may show it, so a masked one matches its mask."""
    return _key(on_severa(event.essence, policy).essence)


def _age(sighting: Activity | Event) -> tuple[datetime, str]:
    return sighting.created or _BEGINNING, sighting.id


def match(activities: Iterable[Activity], events: Iterable[Event], policy: Policy) -> list[tuple[Activity, Event]]:
    """Pairs of unlinked entries that are the same. The surplus of several alike is new.

    Of several, those with the same text and place go together first, so that nothing is overwritten; the rest in
    creation order. Ticks do not matter here: an activity of an unticked type that is in the mailbox already must not
    be doubled. A private event is compared as it is with private activities, and then as Severa may show it with the
    others (R10).
    """
    private: dict[Key, list[Activity]] = defaultdict(list)
    other: dict[Key, list[Activity]] = defaultdict(list)
    for activity in sorted(activities, key=_age):
        if not activity_left_out(activity, policy):
            (private if activity.essence.private else other)[activity_key(activity)].append(activity)
    free = [
        (event, alike)
        for event in sorted(events, key=_age)
        if not event_never_linked(event, policy) and (alike := _alike(event, private, other, policy))
    ]
    found: list[tuple[Activity, Event]] = []
    for is_twin in (_is_same, _is_alike):
        left = []
        for event, alike in free:
            twins = [(held, one) for held in alike if (one := next((a for a in held if is_twin(a, event)), None))]
            if twins:
                held, twin = twins[0] if event.essence.private else min(twins, key=lambda pair: _age(pair[1]))
                held.remove(twin)
                found.append((twin, event))
            else:
                left.append((event, alike))
        free = left
    return found


def _alike(
    event: Event, private: Mapping[Key, list[Activity]], other: Mapping[Key, list[Activity]], policy: Policy
) -> list[list[Activity]]:
    """The activities that the event may be, private ones first; what is taken from these lists is taken."""
    bare = _key(on_severa(event.essence, policy, masked=False).essence)
    alike = [private[bare]] if bare in private else []
    shown = event_key(event, policy) if event.essence.private else bare
    if shown in other and not is_skipped(event, policy):
        alike.append(other[shown])
    return alike


def _is_same(activity: Activity, event: Event) -> bool:
    held, other = activity.essence, event.essence
    return (held.text, held.location) == (other.text, other.location)


def _is_alike(activity: Activity, event: Event) -> bool:  # noqa: ARG001 - all that are looked at are alike
    return True
