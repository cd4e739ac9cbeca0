"""What is remembered after an effect: the link, moved to what both sides now hold, field by field, and no further."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from core.model.essence import Essence
from core.model.ids import Side
from core.model.link import End, Link, LinkState
from core.model.operation import Create, Draft, Park, Picture
from core.model.policy import Policy
from core.model.sighting import Activity, Event, Role
from core.model.when import Series, When, ends_at
from core.sync.digest import Digester
from core.sync.mask import is_mask_on, is_masked


def new_link(source: Activity | Event, create: Create, earlier: Link | None, policy: Policy) -> Link:
    """A link for an entry that is being created: a newcomer's, or a revival's, which keeps its origin and its types."""
    link = Link(
        activity="",
        event="",
        origin=earlier.origin if earlier else source.side,
        generation=create.generation,
        earlier_type=earlier.earlier_type if earlier else "",
        given_type=create.draft.type_id or (earlier.given_type if earlier else ""),
    )
    link = _timed(link, source.essence.when)
    if isinstance(source, Activity):
        return replace(link, activity=source.id)
    return replace(link, event=source.id, uid=source.uid, masked=is_masked(source.essence, policy))


def _timed(link: Link, when: When) -> Link:
    return replace(link, ends=ends_at(when), recurs=isinstance(when, Series))


def remembered(
    link: Link,
    side: Side,
    end: Activity | Event,
    digester: Digester,
    names: frozenset[str] | None = None,
    *,
    by_us: bool = False,
) -> Link:
    """The link with `names` of one side as seen now, every field where none are named.

    Until every field is settled its version is not taken over.
    """
    old = link.end(side)
    digests = digester.fields(side, end.essence)
    if names is not None:
        digests = {n: d for n, d in old.digests.items() if n not in names} | {
            n: digests[n] for n in names & set(digests)
        }
    version = end.version if names is None else ""
    return link.with_end(side, End(version, digests, end.version if by_us else old.wrote))


def agreed(
    link: Link,
    activity: Activity | None,
    event: Event | None,
    policy: Policy,
    digester: Digester,
    *,
    names: frozenset[str] | None = None,
    wrote: Side | None = None,
) -> Link:
    """The link after an agreement on `names`, on everything where none are named.

    An end that was not seen stays as remembered. `wrote`: where we wrote.
    """
    out = replace(link, state=LinkState.LIVE, parked=None, missing=None, agreed=policy.now)
    if link.state is LinkState.PARKED:
        out = _unsettled(out)
    if activity is not None:
        out = remembered(out, Side.SEVERA, activity, digester, names, by_us=wrote is Side.SEVERA)
        out = _timed(out, activity.essence.when)
    if event is not None:
        out = remembered(out, Side.MICROSOFT, event, digester, names, by_us=wrote is Side.MICROSOFT)
        out = replace(_timed(out, event.essence.when), uid=event.uid or out.uid)
        if out.claim:
            out = replace(out, organized=event.is_organizer and _owns(out, activity))
        if names is None:
            out = replace(out, masked=is_mask_on(out, activity, event.essence, policy, digester))
    return out


def _owns(link: Link, activity: Activity | None) -> bool:
    """What was born in Severa stays its owner's, whoever invites people to a copy of it."""
    if link.origin is Side.MICROSOFT:
        return True
    return link.organized if activity is None else activity.role is Role.OWNER


def before_time(link: Link, draft: Draft) -> Link:
    """The link before a new time is written to a series, which costs it its exceptions (R17).

    Both sides' memory of those that stay is dropped first: whenever the process dies, what is gone from one side then
    is written there again from the other, and never taken for somebody's edit.
    """
    names = {one.name for one in draft.essence.exceptions}
    for side in Side:
        old = link.end(side)
        kept = {name: digest for name, digest in old.digests.items() if name not in names}
        link = link.with_end(side, replace(old, digests=kept))
    return link


def date_agreed(link: Link, name: str, held: Mapping[Side, Essence], policy: Policy, digester: Digester) -> Link:
    """The link after an agreement on one date of a series. `held`: what each side now holds of the whole entry."""
    for side, essence in held.items():
        old = link.end(side)
        others = {n: digest for n, digest in old.digests.items() if n != name}
        sealed = digester.field(side, name, essence)
        link = link.with_end(side, replace(old, digests=others | ({name: sealed} if sealed else {})))
    return replace(link, agreed=policy.now)


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
