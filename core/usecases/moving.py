"""A company's mailboxes moved: to another organization, or between Office 365 and Exchange Server.

The old mailbox's event ids mean nothing in the new one, so their absence there proves nothing. Links follow their
entries where these show in the new mailbox; the others are left behind, and what they linked is matched anew (R6).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from core.errors import RetryLater
from core.model.company import CompanySettings
from core.model.essence import Essence, Field
from core.model.ids import MailboxId, Pair, Side
from core.model.link import Link, LinkState
from core.model.policy import NEWCOMER_AGE
from core.model.rows import Commit
from core.model.sighting import Event, Shape
from core.model.state import Head
from core.model.when import Window
from core.ports import MicrosoftCompany, Ports, SeveraCompany
from core.sync.digest import Digester
from core.usecases.binding import bind
from core.usecases.homes import home_of
from core.usecases.recorder import READ_SECONDS, ROWS, Recorder
from core.usecases.world import AHEAD

Key = tuple[str, ...]
"""By what an entry is recognized."""


def has_moved(head: Head, settings: CompanySettings) -> bool:
    """Whether the pair is still bound to a mailbox elsewhere."""
    home = home_of(settings)
    return bool(head.state.mailbox and head.state.origin and home and head.state.origin != home)


async def move(
    ports: Ports,
    head: Head,
    recorder: Recorder,
    digester: Digester,
    severa: SeveraCompany,
    microsoft: MicrosoftCompany,
    home: str,
) -> Head:
    """Bind the pair to the new mailbox and take along what can be; what is left of the head.

    The new state is stored last, so a crash in between repeats it. Raises what `bind` raises, RetryLater.
    """
    now = ports.clock.now()
    await _end_intents(ports, head.pair, now)
    bound = await bind(ports, head.pair, replace(recorder.state, mailbox=MailboxId("")), severa, microsoft)
    await recorder.ensure(READ_SECONDS)
    seen = await microsoft.calendar(bound.mailbox).view(Window(now - NEWCOMER_AGE, now + AHEAD))
    links = await ports.pairs.links(head.pair)
    recorder.era = recorder.state.era + 1
    ours = [link for link in links if link.era in (recorder.state.era, recorder.era)]
    await recorder.settle_many((link, ()) for link in taken_along(ours, seen.sightings, digester))
    old = [row for row in head.pending if row.side is Side.MICROSOFT]
    for start in range(0, len(old), ROWS):
        await recorder.commit(Commit(settled=tuple(old[start : start + ROWS])))
    recorder.state = replace(bound, origin=home, era=recorder.era, matched=False, listed=None)
    await recorder.commit(Commit(drop_cursor=True))
    kept = tuple(row for row in head.pending if row.side is Side.SEVERA)
    return replace(head, state=recorder.state, cursor=None, pending=kept)


def taken_along(links: Iterable[Link], events: Sequence[Event], digester: Digester) -> list[Link]:
    """The links whose entries show in the new mailbox, by uid or else by subject and time; and those without event.

    Pure. An event that is another link's already is nobody else's.
    """
    there = {event.id for event in events}
    found: dict[str, Link] = {}
    left: dict[str, Link] = {}
    for link in sorted(links, key=lambda link: link.activity):
        if link.state is not LinkState.DEAD:
            (found if link.missing is Side.MICROSOFT or link.event in there else left)[link.activity] = link
    taken = {link.event for link in found.values()}
    free = sorted((e for e in events if e.shape is Shape.SINGLE), key=lambda e: (str(e.created or ""), e.id))
    for key_of_event, key_of_link in (
        (lambda event: (event.uid,), lambda link: (link.uid,)),
        (lambda event: _likeness(event.essence, digester), _remembered),
    ):
        alike: dict[Key, list[Event]] = defaultdict(list)
        for event in free:
            if event.id not in taken:
                alike[key_of_event(event)].append(event)
        for link in list(left.values()):
            key = key_of_link(link)
            if all(key) and alike[key]:
                event = alike[key].pop(0)
                taken.add(event.id)
                found[link.activity] = _moved(left.pop(link.activity), event)
    return list(found.values())


def _moved(link: Link, event: Event) -> Link:
    """A link at rest is woken only by a later version than this one; any other is compared by its content."""
    version = event.version if link.state is LinkState.PARKED else ""
    return replace(link, event=event.id, uid=event.uid, microsoft=replace(link.microsoft, version=version, wrote=""))


def _likeness(essence: Essence, digester: Digester) -> Key:
    return tuple(digester.field(Side.MICROSOFT, name, essence) for name in (Field.SUBJECT, Field.TIME))


def _remembered(link: Link) -> Key:
    return tuple(link.microsoft.digests.get(name.value, "") for name in (Field.SUBJECT, Field.TIME))


async def _end_intents(ports: Ports, pair: Pair, now: datetime) -> None:
    """Creates whose answer was lost: once they can no longer take effect, what they made is matched like the rest."""
    intents = await ports.companies.intents(pair)
    if waiting := [i.settled_by for i in intents if i.settled_by > now]:
        raise RetryLater("create_not_settled", after=(max(waiting) - now).total_seconds())
    for intent in intents:
        await ports.companies.end(pair.company, intent.id)
