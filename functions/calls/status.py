"""The administrator's view of the company's health."""

from __future__ import annotations

from core.usecases.status import PairStatus, company_status
from functions.calls.models import FeedOut, PairOut, StatusOut, StatusQuery
from functions.calls.operation import Answer, Call
from functions.calls.states import state


async def read(call: Call) -> Answer:
    """The feed and one page of pairs."""
    page: StatusQuery = call.query
    after = str(page.after) if page.after else ""
    found = await company_status(call.ports, call.caller.company, after, page.limit, call.subscriptions)
    feed = FeedOut(seen_until=found.feed.cursor, failures=found.feed.failures, state=state(found.feed.code, None))
    shown = StatusOut(
        enabled=found.settings.enabled,
        enabled_since=found.settings.enabled_since,
        feed=feed,
        users=found.members,
        pairs=[_pair(pair) for pair in found.pairs],
        following=found.pairs[-1].user if found.following else None,
    )
    return Answer(shown)


def _pair(pair: PairStatus) -> PairOut:
    return PairOut(
        user=pair.user,
        on=pair.on,
        failures=pair.failures,
        first_sync_done=pair.matched,
        compared=pair.compared,
        waiting=pair.waiting,
        held=pair.held,
        state=state(pair.code, pair.since),
        notifications=state(pair.notifications, None) if pair.notifications else None,
    )
