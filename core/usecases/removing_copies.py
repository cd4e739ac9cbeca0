"""Removing copies: events that this service made for activities, and that nobody but this service has written to."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime

from core.errors import ItemChanged, ItemRefused, Stop
from core.model.company import CompanySettings
from core.model.ids import MailboxId, Pair, Side
from core.model.link import Link, LinkState
from core.model.rows import Commit
from core.model.sighting import Event
from core.ports import MailboxCalendar, Ports
from core.sync.digest import Digester
from core.usecases.recorder import READ_SECONDS, WRITE_SECONDS, Recorder


async def remove_copies(
    ports: Ports, settings: CompanySettings, pair: Pair, recorder: Recorder, until: datetime, counts: Counter[str]
) -> bool:
    """Go through the pair's links one by one, as far as `until`; True where that was far enough.

    Each link that was looked at is dead afterwards, so that the next call goes on behind it. Counted are
    `copies_removed`, `copies_kept` (changed since, or with attendees now), `mailboxes_not_reached`. An event that is
    not ours by its mark stays untouched, also where its link says that it was born in Severa. Raises Stop where
    Microsoft cannot be reached for the whole company, RetryLater.
    """
    links = [link for link in await ports.pairs.links(pair) if _may_have_copy(link)]
    if not links or not recorder.state.mailbox:
        return True
    microsoft = await ports.gateways.microsoft(pair.company, settings)
    copies = _Copies(ports, pair, recorder.state.mailbox, microsoft.calendar(recorder.state.mailbox))
    for link in links:
        if ports.clock.now() >= until:
            return False
        await recorder.ensure(READ_SECONDS + WRITE_SECONDS)
        try:
            counts.update([await copies.remove(link)])
        except Stop as stop:
            if stop.whole_company:
                raise
            counts["mailboxes_not_reached"] += 1
            return True
        await recorder.commit(Commit(links=(replace(link, state=LinkState.DEAD, parked=None),)))
    return True


def _may_have_copy(link: Link) -> bool:
    return link.origin is Side.SEVERA and link.state is not LinkState.DEAD and link.missing is not Side.MICROSOFT


class _Copies:
    """The copies in one mailbox."""

    def __init__(self, ports: Ports, pair: Pair, mailbox: MailboxId, calendar: MailboxCalendar) -> None:
        self._pair, self._mailbox, self._calendar = pair, mailbox, calendar
        self._digester = Digester(ports.keys.digest_key(pair.company))

    async def remove(self, link: Link) -> str:
        """Remove the link's event if it is a copy as we left it; what that counts as."""
        event = await self._calendar.verify(link.event, "")
        if event is None or not self._is_ours(link, event):
            return ""
        if event.is_meeting or not self._is_as_we_left_it(link, event):
            return "copies_kept"
        try:
            await self._calendar.delete(event)
        except (ItemChanged, ItemRefused):
            return "copies_kept"
        return "copies_removed"

    def _is_ours(self, link: Link, event: Event) -> bool:
        mark = event.mark
        return (
            mark is not None
            and mark.activity == link.activity
            and self._digester.vouches_for(mark, self._pair.company, self._mailbox)
        )

    def _is_as_we_left_it(self, link: Link, event: Event) -> bool:
        known, seen = link.microsoft.digests, self._digester.fields(Side.MICROSOFT, event.essence)
        return bool(known) and all(seen.get(name) == digest for name, digest in known.items())
