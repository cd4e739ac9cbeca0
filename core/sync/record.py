"""What is remembered after an effect: the link, moved to what both sides now hold, field by field, and no further."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from core.model.essence import Essence
from core.model.ids import Side
from core.model.link import End, Link, LinkState
from core.model.operation import Draft, Park, Picture
from core.model.policy import Policy
from core.model.sighting import Activity, Event, Role
from core.model.when import Series, ends_at
from core.sync.digest import Digester
from core.sync.mask import is_mask_on


def remembered(
    old: End, end: Activity | Event, digester: Digester, names: frozenset[str] | None = None, *, by_us: bool = False
) -> End:
    """What is remembered of one side: `old`, with `names` as seen now, every field where none are named.

    Until every field is settled its version is not taken over.
    """
    side, essence = end.side, end.essence
    wrote = end.version if by_us else old.wrote
    if names is None:
        return End(end.version, digester.fields(side, essence), wrote)
    kept = {name: digest for name, digest in old.digests.items() if name not in names}
    return End("", kept | {name: digester.field(side, name, essence) for name in names & essence.names()}, wrote)


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
    before = _unsettled(link) if link.state is LinkState.PARKED else link
    severa, microsoft, uid = before.severa, before.microsoft, link.uid
    ends, recurs, organized, masked = link.ends, link.recurs, link.organized, link.masked
    if activity is not None:
        severa = remembered(severa, activity, digester, names, by_us=wrote is Side.SEVERA)
    if event is not None:
        microsoft, uid = remembered(microsoft, event, digester, names, by_us=wrote is Side.MICROSOFT), event.uid or uid
        organized = event.is_organizer and _owns(link, activity) if link.claim else organized
        masked = is_mask_on(link, activity, event.essence, policy, digester) if names is None else masked
    if (shown := event or activity) is not None:
        ends, recurs = ends_at(shown.essence.when), isinstance(shown.essence.when, Series)
    return replace(
        link,
        severa=severa,
        microsoft=microsoft,
        state=LinkState.LIVE,
        parked=None,
        missing=None,
        uid=uid,
        masked=masked,
        ends=ends,
        recurs=recurs,
        agreed=policy.now,
        organized=organized,
    )


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
