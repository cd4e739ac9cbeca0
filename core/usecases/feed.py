"""The Severa feed, one per company: what changed goes to the pairs concerned before the cursor moves."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.errors import RetryLater, Stop, StorageConflict, SyncError
from core.model.company import CompanySettings, FeedState
from core.model.ids import CompanyId, Pair, Side, UserId
from core.model.policy import NEWCOMER_AGE
from core.model.sighting import Activity, Category
from core.model.state import Pending
from core.model.when import Series, Window, ends_at
from core.ports import Ports
from core.ports_telemetry import current
from core.sync.digest import Digester
from core.usecases.hints import hint
from core.usecases.passive import put_passive_into_book
from core.usecases.pending import changed_row
from core.usecases.side_by_side import side_by_side
from core.usecases.world import AHEAD

OVERLAP = timedelta(minutes=2)
"""The cursor stays this much behind the newest change seen: `changedSince` is inclusive, visibility is not instant."""
BEGINNING = timedelta(days=1)
"""Where a feed begins, behind our clock; everything older is in each pair's own first listing."""
EDITED = timedelta(days=366)
"""How long ago a linked entry may have ended for an edit of it to be noticed. Only changes are told, so it is cheap."""
LEASE = timedelta(minutes=5)
BACKOFF = timedelta(minutes=1)
BACKOFF_MAX = timedelta(minutes=15)
PEOPLE = timedelta(days=1)
TYPES = timedelta(hours=1)
"""How old the known activity types may get."""


async def poll_feed(ports: Ports, company: CompanyId) -> int:
    """One poll; the number of activities passed on. 0 too where another poll runs, or the company is off.

    After a failure the lease is kept for a while: nobody asks again before that (P41).
    """
    current().say(company=company, outcome="skipped", code="company_off")
    found = await ports.companies.settings(company)
    if found is None or not found[0].enabled:
        return 0
    current().say(code="busy")
    now, state = ports.clock.now(), await ports.companies.feed(company)
    if state.lease_until is not None and state.lease_until > now:
        return 0
    try:
        state = await ports.companies.put_feed(company, replace(state, lease_until=now + LEASE))
    except StorageConflict:
        return 0
    count, held = 0, _Held(ports, company, state, now + LEASE)
    try:
        after, count = await _read(ports, company, found[0], held)
        after = replace(after, lease_until=None, failures=0, code="ok", tag=held.state.tag)
    except (RetryLater, Stop) as failure:
        pause = min(BACKOFF * 2 ** min(state.failures, 10), BACKOFF_MAX)
        if isinstance(failure, RetryLater) and failure.after is not None:
            pause = timedelta(seconds=failure.after)
        until = ports.clock.now() + pause
        after = replace(held.state, lease_until=until, failures=state.failures + 1, code=failure.code)
    except Exception:  # A mistake of ours. The queue tries again, and must not find the feed taken by this very poll.
        with suppress(SyncError):
            await ports.companies.put_feed(company, replace(held.state, lease_until=None))
        raise
    current().say(outcome="done" if after.code == "ok" else "later", code=after.code, passed_on=count)
    with suppress(StorageConflict):  # It took longer than its lease: another poll's cursor counts.
        await ports.companies.put_feed(company, after)
    return count


@dataclass(slots=True)
class _Held:
    """The feed's row while a poll has its lease."""

    ports: Ports
    company: CompanyId
    state: FeedState
    until: datetime

    async def keep(self) -> None:
        """Keep the lease of a long poll, or each would be cut off by the next one. Raises StorageConflict if it was."""
        now = self.ports.clock.now()
        if self.until - now < LEASE / 2:
            self.until = now + LEASE
            kept = replace(self.state, lease_until=self.until)
            self.state = await self.ports.companies.put_feed(self.company, kept)


async def _read(ports: Ports, company: CompanyId, settings: CompanySettings, held: _Held) -> tuple[FeedState, int]:
    state = held.state
    severa, now = await ports.gateways.severa(company, settings), ports.clock.now()
    if state.types_read is None or now - state.types_read >= TYPES:
        state = replace(state, types=await severa.activity_types(), types_read=now)
    if state.people_read is None or now - state.people_read >= PEOPLE:
        await put_passive_into_book(ports, company, severa, now)
        state = replace(state, people_read=now)
    since = state.cursor or now - BEGINNING
    known, newest, seen, count = dict(state.recent), state.cursor, dict[str, tuple[str, datetime | None]](), 0
    async for page in severa.changes(since, Window(now - EDITED, now + AHEAD)):
        fresh = [a for a in page if known.get(a.id) != a.version]
        count += await _pass_on(ports, company, fresh, now - NEWCOMER_AGE)
        for activity in page:
            seen[activity.id] = (activity.version, activity.modified)
            newest = max(filter(None, (newest, activity.modified)), default=newest)
        await held.keep()
    cursor = newest - OVERLAP if newest is not None and newest != state.cursor else state.cursor
    return replace(state, cursor=_forward(state.cursor, cursor), recent=_recent(seen, cursor)), count


def _row(digester: Digester, activity: Activity, known: dict[tuple[Side, str], Pending]) -> Pending:
    """The row of an activity; of a single date, that of its series, of which nothing else is known."""
    if not activity.series:
        return changed_row(digester, activity, known.get((Side.SEVERA, activity.id)))
    return Pending(Side.SEVERA, activity.series, changed=activity.modified)


def _forward(old: datetime | None, new: datetime | None) -> datetime | None:
    return max((c for c in (old, new) if c is not None), default=None)


def _recent(seen: dict[str, tuple[str, datetime | None]], cursor: datetime | None) -> tuple[tuple[str, str], ...]:
    """What the next poll will show again, because the cursor stays behind it."""
    again = [(a, version) for a, (version, at) in seen.items() if at is None or cursor is None or at >= cursor]
    return tuple(sorted(again))


async def _pass_on(ports: Ports, company: CompanyId, activities: list[Activity], before: datetime) -> int:
    """A pending row for every member who holds or held the activity, then a hint for each of their pairs.

    What ended before that instant concerns only those who hold it: nobody else's run would look at it (R7).
    """
    concerned = [activity for activity in activities if activity.category is not Category.TASK]
    if not concerned:
        return 0
    members = {member.user for member in await ports.companies.members(company) if member.on}
    rows = await side_by_side(ports.companies.activity(company, one.series or one.id) for one in concerned)
    dates = [one for one in concerned if one.series]
    alone = await side_by_side(ports.companies.activity(company, one.id) for one in dates)
    theirs: dict[UserId, list[Activity]] = defaultdict(list)
    for activity, row in zip(dates, alone, strict=True):  # To who takes part in a date alone it is an entry by itself.
        for user in members & set(row.holders):
            theirs[user].append(replace(activity, series=""))
    for activity, row in zip(concerned, rows, strict=True):
        is_old = not isinstance(activity.essence.when, Series) and ends_at(activity.essence.when) < before
        for user in members & ({*row.holders} if is_old else {activity.owner, *row.holders}):
            theirs[user].append(activity)
    digester = Digester(ports.keys.digest_key(company))
    await side_by_side(_tell(ports, Pair(company, user), mine, digester) for user, mine in sorted(theirs.items()))
    return sum(map(len, theirs.values()))


async def _tell(ports: Ports, pair: Pair, activities: list[Activity], digester: Digester) -> None:
    head = await ports.pairs.head(pair)
    known = {(row.side, row.id): row for row in head.pending}
    await ports.pairs.notice(pair, [_row(digester, activity, known) for activity in activities])
    await hint(ports, pair, head=head)
