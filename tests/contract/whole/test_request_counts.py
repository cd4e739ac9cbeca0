"""What one look and one change cost, in requests and storage calls: real adapters, simulators, Azurite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from tests.support.remote_stage import RemoteStage, remote_stage
from tests.support.stage import MONDAY


def tomorrow(hour: int) -> datetime:
    """An hour of the day after the stage's Monday."""
    return MONDAY.replace(hour=hour) + timedelta(days=1)


@pytest.fixture
async def agreed(azurite: str) -> AsyncIterator[RemoteStage]:
    """A pair in agreement: an activity, an event, and their copies; the feed has been polled."""
    async with remote_stage(azurite) as stage:
        stage.severa.people.add_activity(stage.users["anna"], "Planning", tomorrow(10), tomorrow(11))
        stage.graph.people.add_event(stage.mailboxes["anna"], "Lunch", tomorrow(12), tomorrow(13))
        await stage.settle()
        stage.quiet()
        yield stage


async def test_an_idle_run_costs_one_graph_request_and_five_storage_calls(agreed: RemoteStage) -> None:
    """Looking at a pair in which nothing happened costs 1 Graph request, 0 Severa requests, at most 5 storage calls."""
    await agreed.run()
    assert (agreed.graph.requests.count(), agreed.severa.requests.count()) == (1, 0)
    assert agreed.storage.calls.total <= 5, agreed.storage.calls.counts


async def test_an_idle_feed_costs_two_severa_requests(agreed: RemoteStage) -> None:
    """Polling a company in which nothing happened: one listing of single entries and exceptions, one of series."""
    assert await agreed.poll() == 0
    assert agreed.severa.requests.count() == 2


async def test_an_event_that_was_edited_costs_a_read_and_a_write_in_severa(agreed: RemoteStage) -> None:
    """One event changed: 1 delta request, at most 1 Graph read, 2 Severa requests, at most 17 storage calls."""
    event = next(e for e in agreed.graph.people.events_of(agreed.mailboxes["anna"]) if e.subject == "Lunch")
    agreed.graph.people.edit_event(event.immutable_id, subject="Late lunch")
    report = await agreed.run()
    assert report.written == {"updated_severa": 1}
    assert agreed.graph.requests.count(contains="delta") == 1
    assert agreed.graph.requests.count() <= 2
    assert [r.method for r in agreed.severa.requests.select()] == ["GET", "PATCH"]
    assert agreed.storage.calls.total <= 17, agreed.storage.calls.counts


async def test_an_event_that_is_new_costs_a_look_and_a_create_in_severa(agreed: RemoteStage) -> None:
    """One new event: 1 delta request, 1 Graph read for its mark, 2 Severa requests: is its twin there, then create."""
    agreed.graph.people.add_event(agreed.mailboxes["anna"], "Walk", tomorrow(14), tomorrow(15))
    report = await agreed.run()
    assert report.written == {"created_severa": 1}
    assert agreed.graph.requests.count() <= 2
    assert [r.method for r in agreed.severa.requests.select()] == ["GET", "POST"]


async def test_an_activity_that_was_edited_costs_a_read_and_a_write_in_graph(agreed: RemoteStage) -> None:
    """One activity changed: beside the round, 1 Graph read and 1 write; Severa is read once."""
    activity = next(a for a in agreed.severa.people.activities_of(agreed.users["anna"]) if a.name == "Planning")
    agreed.clock.advance(timedelta(minutes=5))
    agreed.severa.people.edit_activity(activity.guid, name="Better planning")
    await agreed.poll()
    passed_on = agreed.storage.calls.total
    agreed.quiet()
    report = await agreed.run()
    assert report.written == {"updated_microsoft": 1}
    assert passed_on + agreed.storage.calls.total <= 22 + 3, "no more than a told change and an idle feed together"
    calls = [r.method for r in agreed.graph.requests.select() if "delta" not in r.path]
    assert calls == ["GET", "PATCH"]
    assert agreed.severa.requests.count() == 1


async def test_nobody_is_mailed_by_any_of_it(agreed: RemoteStage) -> None:
    """Promise 3: synchronizing sends no mail."""
    agreed.graph.people.add_event(agreed.mailboxes["anna"], "Walk", tomorrow(14), tomorrow(15))
    await agreed.settle()
    assert agreed.graph.mails == []
