"""Queue triggers of the local host against Azurite: encoding, retries, poison, hiding and stopping as in Azure."""

import asyncio
import base64
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import azure.functions as func
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from infra.local.host import LocalHost

pytestmark = pytest.mark.timeout(90)  # the first test also waits for Azurite

Handler = Callable[[func.QueueMessage], Awaitable[None]]


async def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    """Wait until `condition` holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def encoded(text: str) -> str:
    """Return `text` as a sender writes it that encodes as Azure expects by default."""
    return base64.b64encode(text.encode()).decode()


class Stage:
    """One fresh queue, and hosts that serve it."""

    def __init__(self, connection: str) -> None:
        self.connection = connection
        self.name = f"q{uuid.uuid4().hex}"
        self.service = QueueServiceClient.from_connection_string(connection)
        self.queue = self.service.get_queue_client(self.name)
        self.poison = self.service.get_queue_client(f"{self.name}-poison")

    def host(self, handler: Handler, *, invisibility: int = 600, queue: str = "", **settings: Any) -> LocalHost:
        app = func.FunctionApp()

        @app.function_name("work")
        @app.queue_trigger(arg_name="msg", queue_name="%QUEUE%", connection="Storage")
        async def work(msg: func.QueueMessage) -> None:
            await handler(msg)

        host_json = {"version": "2.0", "extensions": {"queues": {"maxPollingInterval": "00:00:00.1"} | settings}}
        app_settings = {"AzureWebJobsStorage": self.connection, "QUEUE": queue or self.name}
        return LocalHost(app, host_json=host_json, settings=app_settings, invisibility=invisibility)


@pytest.fixture
async def stage(azurite: str) -> AsyncIterator[Stage]:
    """Yield a stage of its own for each test."""
    stage = Stage(azurite)
    async with stage.service:
        yield stage


async def texts(queue: QueueClient) -> list[str]:
    """Return the visible messages as they are stored; none when there is no such queue."""
    try:
        return [message.content for message in await queue.peek_messages(32)]
    except ResourceNotFoundError:
        return []


async def until_holds(queue: QueueClient, expected: list[str], seconds: float = 15) -> None:
    """Wait until `queue` shows exactly these messages."""
    async with asyncio.timeout(seconds):
        while await texts(queue) != expected:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def ignore(_: func.QueueMessage) -> None:
    """Take a message and succeed."""


async def test_a_message_is_run_once_and_removed(stage: Stage) -> None:
    """The function sees what the worker would show it; the queue was created; nothing stays behind."""
    seen: list[Any] = []

    async def handler(msg: func.QueueMessage) -> None:
        seen.append((msg.get_json(), msg.dequeue_count, msg.id, msg.pop_receipt, msg.insertion_time, type(msg)))

    host = stage.host(handler)
    async with host:
        sent = await stage.queue.send_message(encoded(json.dumps({"pair": "ä"})))
        await until(lambda: len(seen) == 1)
    body, count, message_id, receipt, inserted, kind = seen[0]
    assert (body, count, message_id) == ({"pair": "ä"}, 1, sent.id)
    assert receipt
    assert inserted.replace(microsecond=0) == sent.inserted_on.replace(microsecond=0)
    assert issubclass(kind, func.QueueMessage)
    assert (await stage.queue.get_queue_properties()).approximate_message_count == 0
    assert (host.counters["work"].runs, host.counters["work"].failures) == (1, 0)


async def test_a_message_that_always_fails_goes_to_poison(stage: Stage) -> None:
    """After maxDequeueCount runs, with its count growing, it is copied unchanged and deleted."""
    counts: list[int | None] = []

    async def handler(msg: func.QueueMessage) -> None:
        counts.append(msg.dequeue_count)
        raise RuntimeError("never works")

    async with stage.host(handler, maxDequeueCount=3) as host:
        await stage.queue.send_message(encoded("one"))
        await until(lambda: len(counts) == 3 and not host.counters["work"].running)
    assert counts == [1, 2, 3]
    assert await texts(stage.poison) == [encoded("one")]
    assert (await stage.queue.get_queue_properties()).approximate_message_count == 0
    assert host.counters["work"].failures == 3


async def test_a_failed_message_waits_for_the_visibility_timeout(stage: Stage) -> None:
    """The visibilityTimeout of host.json is the delay before the next try."""
    times: list[float] = []

    async def handler(_: func.QueueMessage) -> None:
        times.append(asyncio.get_running_loop().time())
        if len(times) == 1:
            raise RuntimeError("works the second time")

    async with stage.host(handler, visibilityTimeout="00:00:02"):
        await stage.queue.send_message(encoded("one"))
        await until(lambda: len(times) == 2)
    assert times[1] - times[0] >= 1
    assert await texts(stage.poison) == []


async def test_a_message_in_the_wrong_encoding_goes_to_poison_without_running(stage: Stage) -> None:
    """The most common mistake with Azure's queues, as it shows there."""
    text = json.dumps({"pair": 1})
    async with stage.host(ignore) as host:
        await stage.queue.send_message(text)
        await until_holds(stage.poison, [text])
    assert host.counters["work"].runs == 0
    assert (await stage.queue.get_queue_properties()).approximate_message_count == 0


async def test_messages_without_encoding_are_taken_as_they_are(stage: Stage) -> None:
    """With messageEncoding none, the body is the text itself."""
    seen: list[bytes] = []

    async def handler(msg: func.QueueMessage) -> None:
        seen.append(msg.get_body())

    async with stage.host(handler, messageEncoding="none"):
        await stage.queue.send_message("{}")
        await until(lambda: seen == [b"{}"])


async def test_a_delayed_message_is_not_run_early(stage: Stage) -> None:
    """A fresh message with a delay is how this service tries later."""
    times: list[float] = []

    async def handler(_: func.QueueMessage) -> None:
        times.append(asyncio.get_running_loop().time())

    async with stage.host(handler):
        sent = asyncio.get_running_loop().time()
        await stage.queue.send_message(encoded("later"), visibility_timeout=2)
        await until(lambda: len(times) == 1)
    assert times[0] - sent >= 1


async def test_messages_run_side_by_side_up_to_batch_and_threshold(stage: Stage) -> None:
    """With batchSize 2 and newBatchThreshold 1, three run at once and never more."""
    most, now, done = 0, 0, 0

    async def handler(msg: func.QueueMessage) -> None:
        nonlocal most, now, done
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.2 if int(msg.get_body()) % 2 else 0.8)
        now -= 1
        done += 1

    async with stage.host(ignore):
        pass  # creates the queue
    for number in range(7):
        await stage.queue.send_message(encoded(str(number)))
    async with stage.host(handler, batchSize=2, newBatchThreshold=1):
        await until(lambda: done == 7)
    assert most == 3


async def test_a_long_run_keeps_its_message_hidden(stage: Stage) -> None:
    """A run longer than the invisibility is not started a second time, and its message is removed at the end."""
    runs = 0

    async def handler(_: func.QueueMessage) -> None:
        nonlocal runs
        runs += 1
        await asyncio.sleep(3.5)

    async with stage.host(handler, invisibility=2) as host:
        await stage.queue.send_message(encoded("long"))
        await until(lambda: runs == 1 and not host.counters["work"].running)
    assert runs == 1
    assert (await stage.queue.get_queue_properties()).approximate_message_count == 0


async def test_a_message_that_killed_its_hosts_goes_to_poison(stage: Stage) -> None:
    """Taken more often than maxDequeueCount without an answer: it is not run again."""
    await stage.queue.create_queue()
    await stage.queue.send_message(encoded("deadly"))
    for _ in range(2):
        async for message in stage.queue.receive_messages(max_messages=1, visibility_timeout=600):
            await stage.queue.update_message(message, visibility_timeout=0)
    async with stage.host(ignore, maxDequeueCount=2) as host:
        await until_holds(stage.poison, [encoded("deadly")])
    assert host.counters["work"].runs == 0


async def test_a_failure_in_a_poison_queue_makes_no_second_poison_queue(stage: Stage) -> None:
    """The function of a poison queue may fail too; the message stays, hidden for a while."""

    async def handler(_: func.QueueMessage) -> None:
        raise RuntimeError("fails")

    await stage.poison.create_queue()
    await stage.poison.send_message(encoded("one"))
    async with stage.host(handler, queue=stage.poison.queue_name, maxDequeueCount=1) as host:
        await until(lambda: host.counters["work"].failures == 1)
    assert (await stage.poison.get_queue_properties()).approximate_message_count == 1
    second = stage.service.get_queue_client(f"{stage.poison.queue_name}-poison")
    with pytest.raises(ResourceNotFoundError):
        await second.get_queue_properties()


async def test_stopping_lets_a_run_finish(stage: Stage) -> None:
    """What has begun is completed and its message removed."""
    finished = False

    async def handler(_: func.QueueMessage) -> None:
        nonlocal finished
        await asyncio.sleep(0.5)
        finished = True

    host = stage.host(handler)
    await host.start()
    await stage.queue.send_message(encoded("one"))
    await until(lambda: host.counters["work"].running == 1)
    await host.stop()
    assert finished
    assert (await stage.queue.get_queue_properties()).approximate_message_count == 0


async def test_stopping_hands_back_what_takes_too_long(stage: Stage) -> None:
    """A cancelled run counts as failed; its message is there for the next host at once, not in ten minutes."""

    async def handler(_: func.QueueMessage) -> None:
        await asyncio.sleep(60)

    host = stage.host(handler)
    await host.start()
    await stage.queue.send_message(encoded("one"))
    await until(lambda: host.counters["work"].running == 1)
    await asyncio.wait_for(host.stop(grace=0.2), 5)
    assert host.counters["work"].failures == 1
    assert await texts(stage.queue) == [encoded("one")]


async def test_a_queue_that_was_deleted_is_made_again(stage: Stage) -> None:
    """Polling survives it."""
    async with stage.host(ignore) as host:
        await stage.queue.delete_queue()
        await asyncio.sleep(0.5)
        await stage.queue.send_message(encoded("one"))
        await until(lambda: host.counters["work"].runs == 1)
