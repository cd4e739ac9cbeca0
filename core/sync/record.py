"""What is remembered after an effect: the link, moved to what both sides now hold, field by field, and no further."""

from __future__ import annotations

from dataclasses import replace

from core.model.essence import Field
from core.model.ids import Side
from core.model.link import End, Link, LinkState
from core.model.operation import Create, Draft, Park, Picture
from core.model.policy import Policy
from core.model.sighting import Activity, Event
from core.model.when import ends_at
from core.sync.digest import Digester
from core.sync.mask import is_mask_on, is_masked

EVERY_FIELD = frozenset(Field)


def new_link(source: Activity | Event, create: Create, earlier: Link | None, policy: Policy) -> Link:
    """A link for an entry that is being created: a newcomer's, or a revival's, which keeps its origin and its types."""
    link = Link(
        activity="",
        event="",
        origin=earlier.origin if earlier else source.side,
        generation=create.generation,
        earlier_type=earlier.earlier_type if earlier else "",
        given_type=create.draft.type_id or (earlier.given_type if earlier else ""),
        ends=ends_at(source.essence.when),
    )
    if isinstance(source, Activity):
        return replace(link, activity=source.id)
    return replace(link, event=source.id, uid=source.uid, masked=is_masked(source.essence, policy))


def remembered(
    link: Link,
    side: Side,
    end: Activity | Event,
    digester: Digester,
    names: frozenset[Field] = EVERY_FIELD,
    *,
    by_us: bool = False,
) -> Link:
    """The link with `names` of one side as seen now. Until every field is settled its version is not taken over."""
    old = link.end(side)
    digests = dict(old.digests) | {f.value: digester.field(side, f, end.essence) for f in names}
    version = end.version if names == EVERY_FIELD else ""
    return link.with_end(side, End(version, digests, end.version if by_us else old.wrote))


def agreed(
    link: Link,
    activity: Activity | None,
    event: Event | None,
    policy: Policy,
    digester: Digester,
    *,
    names: frozenset[Field] = EVERY_FIELD,
    wrote: Side | None = None,
) -> Link:
    """The link after an agreement on `names`; an end that was not seen stays as remembered. `wrote`: where we wrote."""
    out = replace(link, state=LinkState.LIVE, parked=None, missing=None, agreed=policy.now)
    if link.state is LinkState.PARKED:
        out = _unsettled(out)
    if activity is not None:
        out = remembered(out, Side.SEVERA, activity, digester, names, by_us=wrote is Side.SEVERA)
        out = replace(out, ends=ends_at(activity.essence.when))
    if event is not None:
        out = remembered(out, Side.MICROSOFT, event, digester, names, by_us=wrote is Side.MICROSOFT)
        out = replace(out, ends=ends_at(event.essence.when), uid=event.uid or out.uid)
        if names == EVERY_FIELD:
            out = replace(out, masked=is_mask_on(out, activity, event.essence, policy, digester))
    return out


def _unsettled(link: Link) -> Link:
    """While a link rested, its versions moved on and its digests did not: what is not seen now has to be looked at."""
    return replace(link, severa=replace(link.severa, version=""), microsoft=replace(link.microsoft, version=""))


def with_types(link: Link, before: Activity, draft: Draft) -> Link:
    """The link after a write of the type: the type of before comes back when privacy is taken off (R10)."""
    if not draft.type_id:
        return link
    earlier = before.type_id if draft.essence.private else ""
    return replace(link, given_type=draft.type_id, earlier_type=earlier)


def parked(link: Link, picture: Picture, park: Park, policy: Policy) -> Link:
    """The link at rest: versions move on, so that only a newer one wakes it; digests stay, so that nothing is lost."""
    out = replace(link, state=LinkState.PARKED, parked=park.reason, missing=park.missing, agreed=policy.now)
    for end in (picture.seen_activity, picture.seen_event):
        if end is not None:
            out = out.with_end(end.side, replace(out.end(end.side), version=end.version))
    return out


def buried(link: Link, policy: Policy) -> Link:
    """The link of an entry that is gone on both sides."""
    return replace(link, state=LinkState.DEAD, parked=None, missing=None, agreed=policy.now)
