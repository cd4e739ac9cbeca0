"""Entries whose link was never recorded: recognized by intent or mark, before anything is decided (P01, P04)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.model.essence import PLAIN
from core.model.ids import CompanyId, MailboxId, Pair, Side
from core.model.link import UNKNOWN, End, Intent, Link
from core.model.operation import Create
from core.model.policy import Policy
from core.model.sighting import Activity, Event
from core.model.when import Series, ends_at
from core.sync.digest import Digester
from core.sync.mask import is_masked
from core.sync.record import remembered

PREFIX = "scs-"
"""What our transaction ids begin with; Outlook's own begin with `localevent:` (facts/microsoft.md B)."""


def intent_id(digester: Digester, pair: Pair, side: Side, source: str, generation: int) -> str:
    """The same create has the same id, however often it is tried; it is also the event's transactionId."""
    return PREFIX + digester.of("intent", pair.company, pair.user, side, source, str(generation))


def base_link(source: Activity | Event, create: Create, link: Link | None, policy: Policy, digester: Digester) -> Link:
    """The link as it would be recorded if the create succeeds, the created end's id and version still empty.

    `link`: the one before, of a revival, which keeps its origin and its types.
    """
    when, event, made = source.essence.when, source if isinstance(source, Event) else None, create.draft.essence
    seen = remembered(UNKNOWN, source, digester, PLAIN if source.essence.exceptions else None)
    # A series is made first, its exceptions afterwards.
    made = replace(made, exceptions=()) if made.exceptions else made
    new = End(digests=digester.fields(create.side, made))
    return Link(
        activity="" if event else source.id,
        event=event.id if event else "",
        origin=link.origin if link else source.side,
        severa=new if event else seen,
        microsoft=seen if event else new,
        generation=create.generation,
        uid=event.uid if event else "",
        masked=event is not None and is_masked(event.essence, policy),
        earlier_type=link.earlier_type if link else "",
        given_type=create.draft.type_id or (link.given_type if link else ""),
        ends=ends_at(when),
        recurs=isinstance(when, Series),
    )


def joined(intent: Intent, created: str) -> Link:
    """The link that an intent stands for, now that the created entry is known."""
    on_severa = intent.side is Side.SEVERA
    return replace(intent.base, activity=created) if on_severa else replace(intent.base, event=created)


def rejoin(
    events: Iterable[Event],
    intents: Mapping[str, Intent],
    links: Mapping[str, Link],
    policy: Policy,
    mailbox: MailboxId,
    digester: Digester,
) -> dict[str, Link]:
    """Links for unlinked events that we made, by event id. `intents` by transaction, `links` by activity.

    An activity has had the event of its link's generation: whatever else carries that mark is a copy, and new (P04).
    A later generation is a revival that was never recorded, although the link that it replaces is still there.
    """
    found: dict[str, Link] = {}
    taken: set[str] = set()
    for event in sorted(events, key=lambda e: (e.transaction not in intents, e.created or policy.now, e.id)):
        link = _by_intent(event, intents) or _by_mark(event, links, policy.company, mailbox, digester)
        if link is not None and link.activity not in taken and _is_next(link, links.get(link.activity)):
            taken.add(link.activity)
            found[event.id] = replace(link, uid=event.uid)
    return found


def _is_next(link: Link, earlier: Link | None) -> bool:
    return earlier is None or link.generation > earlier.generation


def _by_intent(event: Event, intents: Mapping[str, Intent]) -> Link | None:
    intent = intents.get(event.transaction or "")
    return joined(intent, event.id) if intent is not None and intent.side is Side.MICROSOFT else None


def _by_mark(
    event: Event, links: Mapping[str, Link], company: CompanyId, mailbox: MailboxId, digester: Digester
) -> Link | None:
    mark = event.mark
    if mark is None or not digester.vouches_for(mark, company, mailbox):
        return None
    earlier = links.get(mark.activity) or Link(mark.activity, "", Side.SEVERA)
    return Link(
        mark.activity,
        event.id,
        earlier.origin,
        generation=mark.generation,
        earlier_type=earlier.earlier_type,
        given_type=earlier.given_type,
    )
