"""Tokens, consent, throttling and many requests at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from core.adapters.graph.api import GraphApi, Limits, http_client
from core.adapters.graph.calendar import GraphCalendar
from core.errors import OutcomeUnknown, RetryLater, Stop
from core.model.ids import MailboxId
from tests.contract.calendars.content import an_hour, wanted
from tests.contract.calendars.graph_harness import GraphHarness, graph_harness, quiet
from tests.simulators.common.faults import Action, Fault
from tests.simulators.common.server import serve
from tests.simulators.graph import Consent


@pytest.fixture
async def harness() -> AsyncIterator[GraphHarness]:
    """A mailbox without lies."""
    async with graph_harness(quiet()) as harness:
        yield harness


async def test_a_token_that_died(harness: GraphHarness) -> None:
    """It is replaced once, within the call, for reads and writes alike."""
    entry = await harness.put("a", an_hour(harness))
    await harness.calendar.read(entry)
    harness.people.revoke_tokens(harness.tenant)
    assert await harness.calendar.read(entry) is not None
    harness.people.revoke_tokens(harness.tenant)
    await harness.calendar.create(harness.draft(wanted("b", an_hour(harness))), harness.stamp())
    assert len(harness.people.events_of(harness.mailbox)) == 2
    assert len(harness.tokens.issued) == 3


async def test_tokens_that_are_never_accepted(harness: GraphHarness) -> None:
    """One new token is tried, no more; then the company stops."""
    entry = await harness.put("a", an_hour(harness))
    harness.simulator.faults.add(Fault(Action.STATUS, status=401, times=None))
    with pytest.raises(Stop) as caught:
        await harness.calendar.read(entry)
    assert (caught.value.code, caught.value.whole_company) == ("consent_missing", True)
    assert len(harness.wire.exchanges) == 2


async def test_consent_that_was_taken_away(harness: GraphHarness) -> None:
    """Tokens still come, without roles: calendars answer 403, the pair stops."""
    entry = await harness.put("a", an_hour(harness))
    client_id = next(iter(harness.tenant.apps))
    harness.people.revoke_consent(harness.tenant, client_id, Consent.REVOKED)
    with pytest.raises(Stop) as caught:
        await harness.calendar.read(entry)
    assert caught.value.code == "mailbox_access_denied"


async def test_three_requests_at_a_time(harness: GraphHarness) -> None:
    """However many callers, one mailbox sees three at once, so Graph's limit of four is never met."""
    entry = await harness.put("a", an_hour(harness))
    harness.simulator.options.service_seconds = 0.01
    await asyncio.gather(*(harness.calendar.read(entry) for _ in range(12)))
    assert harness.mailbox.peak == 3
    assert harness.simulator.requests.count(status=429) == 0


async def test_mailboxes_do_not_wait_for_each_other(harness: GraphHarness) -> None:
    """The limit is each mailbox's own."""
    other = harness.people.add_mailbox(harness.tenant, "bo@example.com")
    calendars = [harness.calendar, GraphCalendar(harness.api, MailboxId(other.object_id))]
    harness.simulator.options.service_seconds = 0.01
    await asyncio.gather(*(calendar.view(harness.window) for calendar in calendars for _ in range(5)))
    assert (harness.mailbox.peak, other.peak) == (3, 3)


async def test_a_call_that_waits_too_long_for_its_turn(harness: GraphHarness) -> None:
    """Waiting counts against the hard time-out; a write that was never sent is just "later" (P58)."""
    entry = await harness.put("a", an_hour(harness))
    gate = asyncio.Event()
    inner = harness.wire.handle_async_request

    async def held(request: httpx.Request) -> httpx.Response:
        await gate.wait()
        return await inner(request)

    harness.wire.handle_async_request = held
    blocking = [asyncio.create_task(harness.calendar.read(entry)) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0.01)
    harness.api._limits = Limits(write_seconds=0.02)
    with pytest.raises(RetryLater) as caught:
        await harness.calendar.create(harness.draft(wanted("b", an_hour(harness))), harness.stamp())
    assert type(caught.value) is RetryLater
    gate.set()
    await asyncio.gather(*blocking)


async def test_throttling_tells_how_long_to_wait(harness: GraphHarness) -> None:
    """429 is handed back with the server's Retry-After; nothing is repeated here."""
    harness.simulator.faults.add(Fault(Action.STATUS, status=429, retry_after=42, times=None))
    with pytest.raises(RetryLater) as caught:
        await harness.calendar.view(harness.window)
    assert (caught.value.code, caught.value.after) == ("throttled", 42)
    assert len(harness.wire.exchanges) == 1


async def test_broken_connections_over_real_sockets(harness: GraphHarness) -> None:
    """A dropped and a cut answer mean the same over HTTP as in-process: later, or unknown for a write."""
    entry = await harness.put("a", an_hour(harness))
    async with serve(harness.simulator.app) as address, http_client() as http:
        api = GraphApi(f"{address}/v1.0", harness.tokens, http)
        calendar = GraphCalendar(api, MailboxId(harness.mailbox.object_id))
        assert await calendar.read(entry) is not None
        for action in (Action.DROP_AFTER_COMMIT, Action.TRUNCATE):
            harness.simulator.faults.add(Fault(action, times=2))
            with pytest.raises(RetryLater):
                await calendar.read(entry)
            with pytest.raises(OutcomeUnknown):
                await calendar.create(harness.draft(wanted("b", an_hour(harness))), harness.stamp())
        assert (await calendar.view(harness.window)).complete
