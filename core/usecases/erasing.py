"""One user is erased: everything that the service keeps of them is removed, and said in numbers.

It never touches a calendar: activities and events stay as they are, copies included. Whatever interrupts it, the next
call goes on. Who takes part in a colleague's activity is served as one whose switch is off (R4), so rows come again for
a user who stays in Severa.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from core.errors import StorageConflict
from core.model.ids import CompanyId, Pair, UserId
from core.model.rows import Forgotten
from core.ports import Ports
from core.ports_live import LivePorts
from core.usecases.housekeeping import ROUND
from core.usecases.recorder import LEASE
from core.usecases.sharing import tell_pairs
from core.usecases.subscribing import drop
from core.usecases.switches import set_user_switch

RACES = 5
"""So often a row is written anew that somebody else writes at the same time."""
ATTEMPTS = timedelta(days=1)
"""Every attempt to consent that there is now has expired by then."""


@dataclass(slots=True)
class Erasure:
    """What was removed, as numbers by kind. `under_way`: a run of the pair has to end first, and nothing is removed."""

    counts: Counter[str] = field(default_factory=Counter)
    under_way: bool = False


async def erase_user(live: LivePorts, pair: Pair) -> Erasure:
    """Switch the user off and remove what is kept of them, but for who connected the company to Microsoft 365.

    Raises RetryLater where the storage or Graph does not answer: the next call goes on.
    """
    ports, erasure = live.ports, Erasure()
    head, now = await ports.pairs.head(pair), ports.clock.now()
    if head.switch.on:
        await set_user_switch(ports, pair, on=False)
    if await ports.pairs.acquire(await ports.pairs.head(pair), now, now + LEASE) is None:
        erasure.under_way = True
        return erasure
    await _end_subscription(live, pair, erasure.counts)
    await _take_out_of_company(ports, pair, erasure.counts)
    for forget in (ports.history.forget, ports.due.forget):
        await _drain(partial(forget, pair.company, pair.user), erasure.counts)
    for hold in await ports.holds.of_company(pair.company):
        if hold.user == pair.user:
            await ports.holds.remove(pair.company, hold.id)
            erasure.counts["holds"] += 1
    await live.consents.forget(pair.company, pair.user, now + ATTEMPTS)
    await _leave_place(live, pair)
    await _drain(partial(ports.pairs.forget, pair.company, pair.user), erasure.counts)  # The lease goes with it: last.
    members = [member for member in await ports.companies.members(pair.company) if member.user == pair.user]
    await ports.companies.remove_member(pair.company, pair.user)
    erasure.counts["users"] += len(members)
    erasure.counts = +erasure.counts
    return erasure


async def _end_subscription(live: LivePorts, pair: Pair, counts: Counter[str]) -> None:
    """At Graph, too. Where that cannot be until somebody acts, it runs out within a week, and nobody listens."""
    row = await live.subscriptions.find(pair.company, pair.user)
    if row is not None:
        await drop(live, pair.company, row)
        counts["subscriptions"] += 1


async def _take_out_of_company(ports: Ports, pair: Pair, counts: Counter[str]) -> None:
    """What the company's own rows say of the user."""
    companies, company = ports.companies, pair.company
    named = await companies.mentions(company, pair.user)
    for activity in named.activities:
        await _again(partial(_no_holder, ports, company, activity, pair.user))
    for key in named.claims:
        await _again(partial(_no_part, ports, company, key, pair.user))
    for mailbox in named.mailboxes:
        await companies.unbind_mailbox(company, mailbox)
    intents = await companies.intents(pair)
    for intent in intents:
        await companies.end(company, intent.id)
    counts.update(activities=len(named.activities), claims=len(named.claims))
    counts.update(mailboxes=len(named.mailboxes), intents=len(intents))


async def _no_holder(ports: Ports, company: CompanyId, activity: str, user: UserId) -> None:
    """The activity's row, written whole: nothing of it names the user any more."""
    row = await ports.companies.activity(company, activity)
    holders = tuple(holder for holder in row.holders if holder != user)
    is_theirs = row.locked_by.startswith(user)  # Their pair has no run under way.
    lock = ("", None) if is_theirs else (row.locked_by, row.locked_until)
    await ports.companies.put_activity(company, replace(row, holders=holders, locked_by=lock[0], locked_until=lock[1]))


async def _no_part(ports: Ports, company: CompanyId, key: str, user: UserId) -> None:
    """The claim without the user. The say passes on to another attendee; without one, to whoever comes upon it next."""
    claim = await ports.companies.claim(company, key)
    others = tuple(one for one in claim.attendees if one != user)
    lead = claim.lead if claim.lead != user else next(iter(others), UserId(""))
    made_by = claim.made_by if claim.made_by != user else lead
    if not claim.activity and not made_by:
        await ports.companies.drop_claim(company, key)
        return
    attendees = tuple(one for one in others if one != lead)
    guests = tuple(guest for guest in claim.guests if guest[0] != user)
    declined = tuple(one for one in claim.declined if one[0] != user)
    dates = tuple(one for one in claim.dates if one[0] not in {user, lead})
    dismissed = tuple(one for one in claim.dismissed if one != user)
    kept = replace(claim, lead=lead, made_by=made_by, attendees=attendees, guests=guests)
    kept = replace(kept, declined=declined, dates=dates, dismissed=dismissed)
    await ports.companies.put_claim(company, kept)
    if lead not in {"", claim.lead} and claim.activity:
        await tell_pairs(ports, company, claim.activity, [lead])


async def _again(write: Callable[[], Awaitable[None]]) -> None:
    """Raises StorageConflict where somebody else is quicker each time."""
    for _ in range(RACES - 1):
        with suppress(StorageConflict):
            await write()
            return
    await write()


async def _leave_place(live: LivePorts, pair: Pair) -> None:
    """Housekeeping remembers whom it looked at last; it begins that company anew."""
    standing = await live.directory.place(ROUND)
    if standing.user == pair.user:
        with suppress(StorageConflict):  # It has gone on meanwhile.
            await live.directory.put_place(ROUND, replace(standing, user=""))


async def _drain(forget: Callable[[], Awaitable[Forgotten]], counts: Counter[str]) -> None:
    more = True
    while more:
        step = await forget()
        counts.update(step.counts)
        more = step.more
