"""What Azure's host finds in the queues (facts/microsoft.md J4)."""

import base64
import json
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from azure.storage.queue.aio import QueueClient

from core.adapters.storage.clients import QUEUE_ENCODING
from core.adapters.storage.storage import Storage

DAY = 24 * 3600


@pytest.fixture
def name() -> str:
    """A queue that no other test knows."""
    return f"q-{uuid.uuid4()}"


@pytest.fixture
async def queue(azurite: str, name: str) -> AsyncIterator[QueueClient]:
    """The queue as it is, without a policy that decodes."""
    async with QueueClient.from_connection_string(azurite, name) as client:
        yield client


async def test_a_message(tables: Storage, queue: QueueClient, name: str) -> None:
    """JSON in base64, visible at once, living for ever; the queue is made on first use."""
    assert QUEUE_ENCODING == "base64"
    for number in (1, 2):
        await tables.queues.put(name, {"company": "c", "attempt": number})
    found = [message async for message in queue.receive_messages()]
    assert {json.loads(base64.b64decode(message.content))["attempt"] for message in found} == {1, 2}
    assert all(message.expires_on > datetime.now(UTC) + timedelta(days=365 * 100) for message in found)


@pytest.mark.parametrize("delay", [0.2, 90.0, 7.0 * DAY])
async def test_a_message_for_later(tables: Storage, queue: QueueClient, name: str, delay: float) -> None:
    """It waits hidden, up to seven days; a part of a second is a whole one."""
    await tables.queues.put(name, {"company": "c"}, delay)
    assert [message async for message in queue.receive_messages()] == []
    assert (await queue.get_queue_properties()).approximate_message_count == 1


async def test_a_message_for_a_moment_that_has_passed(tables: Storage, queue: QueueClient, name: str) -> None:
    """It shows at once."""
    await tables.queues.put(name, {"company": "c"}, -3.0)
    assert len([message async for message in queue.receive_messages()]) == 1


async def test_a_message_for_next_month(tables: Storage, name: str) -> None:
    """The service would refuse it; so does the store, before anything is sent."""
    tables.calls.reset()
    with pytest.raises(ValueError, match="seven days"):
        await tables.queues.put(name, {}, 7 * DAY + 1.0)
    assert tables.calls.total == 0


async def test_requests_are_counted_by_queue(tables: Storage, name: str) -> None:
    """One to make the queue, one for each message."""
    await tables.queues.put(name, {})
    await tables.queues.put(name, {})
    assert tables.calls.counts == {(name, "PUT"): 1, (name, "POST"): 2}
