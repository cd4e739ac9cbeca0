"""Passive pairs in the book of what is due (R4): once a day each looks for what others share with it.

Severa tells of a membership in that person's own listing alone, so what is shared with somebody passive waits
for it, unless the front end names them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from core.model.ids import CompanyId, Pair
from core.model.rows import Due
from core.model.state import Head
from core.ports import Ports, SeveraCompany
from core.usecases.book import next_passive_look
from core.usecases.side_by_side import side_by_side

LISTED = timedelta(hours=20)
"""A listing older than this is yesterday's, wherever in the day the pair's slot is."""


async def put_passive_into_book(ports: Ports, company: CompanyId, severa: SeveraCompany, now: datetime) -> None:
    """Everybody of the company whose switch is off gets a slot of the coming day, if anybody's is on."""
    active = {member.user for member in await ports.companies.members(company) if member.on}
    if not active:
        return
    waiting = [Pair(company, user.id) for user in await severa.users() if user.id not in active]
    await side_by_side(ports.due.put(Due(next_passive_look(pair, now), company, pair.user)) for pair in waiting)


def is_listing_due(head: Head, now: datetime) -> bool:
    """Whether a passive pair has not looked today."""
    listed = head.state.listed
    return not head.switch.on and (listed is None or now - listed >= LISTED)
