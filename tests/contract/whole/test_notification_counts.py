"""What Graph's notifications and the timers cost in calls to storage: Azurite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from core.usecases.housekeeping import keep_house
from core.usecases.subscriptions import keep_company
from tests.support.live_stage import LiveStage, answer, live_stage

DOOR = "https://sync.example/api/graph/notifications"


@pytest.fixture
async def watched(azurite: str) -> AsyncIterator[LiveStage]:
    """Anna's mailbox is watched, and every table and queue is there."""
    async with live_stage(azurite=azurite) as running:
        await running.keep()
        await told(running)
        running.pass_time(minutes=6)
        yield running


async def told(running: LiveStage, *, times: int = 1, **changes: Any) -> int:
    """One POST with so many notifications of Anna's mailbox; how many calls to tables and queues it took."""
    one = next(one for one in running.at_graph if one.mailbox is running.stage.mailboxes["anna"])
    notice = {"subscriptionId": one.id, "clientState": one.client_state, **changes}
    running.stage.storage.calls.reset()
    status, _, _ = await answer(DOOR, None, {"value": [notice] * times})
    assert status == 202
    return int(running.stage.storage.calls.total)


async def test_the_first_notification_of_a_while(watched: LiveStage) -> None:
    """Whose it is, the pair's rows, the settings, the book, the hint, and the message."""
    watched.inbox._rows.clear()
    assert await told(watched) == 6


async def test_more_of_them(watched: LiveStage) -> None:
    """While a message is on its way one notification costs two calls, and a hundred in one POST cost no more."""
    await told(watched)
    assert await told(watched) == 2
    assert await told(watched, times=100) == 2


async def test_a_stranger_s(watched: LiveStage) -> None:
    """One read, whatever it says, and none where it names nobody."""
    assert await told(watched, clientState="a.b.c") == 1
    assert await told(watched, clientState="nothing") == 0


async def test_a_company_with_nothing_to_do(watched: LiveStage) -> None:
    """Three queries: settings, subscriptions, members."""
    watched.stage.storage.calls.reset()
    turn = await keep_company(watched.live, watched.stage.company, watched.now.replace(year=2100))
    assert (turn.steps, watched.stage.storage.calls.total) == (0, 3)


async def test_a_round_of_housekeeping(watched: LiveStage) -> None:
    """It walks over every company that this Azurite has, and leaves what is young."""
    links = await watched.stage.ports.pairs.links(watched.stage.pair())
    await keep_house(watched.live)
    assert await watched.stage.ports.pairs.links(watched.stage.pair()) == links
    assert (await watched.row()).id == watched.at_graph[0].id
    place = await watched.live.directory.place("housekeeping")
    assert place.begun is None
    assert place.ended is not None
