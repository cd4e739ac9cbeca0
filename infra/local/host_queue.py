"""Queue triggers: what Azure's queue extension does with one queue, for one function (facts/microsoft.md J4).

Read from `QueueListener.cs`, `QueueProcessor.cs` and `QueueListenerFactory.cs` of Azure/azure-sdk-for-net: batches,
the threshold for the next one, renewal at half of the invisibility, poison messages, and what cannot be decoded.
"""

import asyncio
import base64
import binascii
import contextlib
import json
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.functions.meta import Datum
from azure.functions.queue import QueueMessageInConverter
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from infra.local.host_invoke import Invoker, stopped_within
from infra.local.host_json import SHORTEST_POLL, QueueSettings
from infra.local.indexing import FunctionInfo

logger = logging.getLogger(__name__)

INVISIBILITY: Final = 600
FOR_EVER: Final = -1


@dataclass(slots=True)
class _Held:
    """A message that this host hides; every renewal changes its pop receipt."""

    message: QueueMessage


class QueueListener:
    """Polls one queue and runs its function.

    `poison` is None for a queue that is a poison queue itself: what fails there stays hidden until its invisibility
    ends. `invisibility`, in whole seconds, is how long a message stays hidden when this host dies with it.
    """

    def __init__(
        self,
        info: FunctionInfo,
        queue: QueueClient,
        poison: QueueClient | None,
        settings: QueueSettings,
        invoker: Invoker,
        invisibility: int = INVISIBILITY,
    ) -> None:
        self.info = info
        self._queue = queue
        self._poison = poison
        self._settings = settings
        self._invoker = invoker
        self._invisibility = invisibility
        self._running: set[asyncio.Task[None]] = set()

    async def create_queue(self) -> None:
        """Create the queue if it is missing. Azure leaves that to the app; a fresh Azurite is emptier than that."""
        with contextlib.suppress(ResourceExistsError):
            await self._queue.create_queue()

    async def run(self, stopping: asyncio.Event) -> None:
        """Serve the queue until `stopping` is set and the messages in hand are done; cancelling cancels those too."""
        pause = SHORTEST_POLL
        async with asyncio.TaskGroup() as group:
            while not stopping.is_set():
                messages = await self._receive()
                for message in messages:
                    task = group.create_task(self._process(message), name=f"{self.info.name} {message.id}")
                    self._running.add(task)
                    task.add_done_callback(self._running.discard)
                if messages:
                    pause = SHORTEST_POLL
                    await self._wait_for_room()
                else:
                    await stopped_within(stopping, min(pause, self._settings.max_polling_interval))
                    # Doubling without Azure's jitter: one host polls here, nobody to keep out of step with.
                    pause = min(pause * 2, self._settings.max_polling_interval)

    async def _receive(self) -> list[QueueMessage]:
        pages = self._queue.receive_messages(
            messages_per_page=self._settings.batch_size, visibility_timeout=self._invisibility
        ).by_page()
        try:
            async for page in pages:
                return [message async for message in page]
        except ResourceNotFoundError:
            with contextlib.suppress(AzureError):
                await self.create_queue()
        except AzureError as error:
            logger.warning("Queue %s cannot be read: %s", self._queue.queue_name, _short(error))
        return []

    async def _wait_for_room(self) -> None:
        while len(self._running) > self._settings.new_batch_threshold:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def _process(self, message: QueueMessage) -> None:
        """Run the function with one message and settle the message. Never raises but for cancellation."""
        try:
            if self._poison is not None and (message.dequeue_count or 0) > self._settings.max_dequeue_count:
                # Its last taker died with it, so nobody counted that failure.
                reason = f"was taken more than {self._settings.max_dequeue_count} times"
                await self._move(message, self._poison, reason)
            elif (body := self._decode(message)) is not None:
                await self._run(message, body)
            elif self._poison is not None:
                await self._move(message, self._poison, "is not base64: its sender must encode as host.json says")
            else:
                logger.error("Message %s of queue %s is not base64.", message.id, self._queue.queue_name)
        except ResourceNotFoundError:
            logger.warning("Message %s of queue %s is no longer ours.", message.id, self._queue.queue_name)
        except AzureError as error:
            logger.warning(
                "Message %s of queue %s could not be settled: %s", message.id, self._queue.queue_name, _short(error)
            )

    def _decode(self, message: QueueMessage) -> bytes | None:
        text: str = message.content or ""
        if self._settings.message_encoding == "none":
            return text.encode()
        try:
            return base64.b64decode(text, validate=True)
        except binascii.Error:
            return None

    async def _run(self, message: QueueMessage, body: bytes) -> None:
        held, done, failed = _Held(message), asyncio.Event(), True
        renewal = asyncio.create_task(self._keep_hidden(held, done))
        try:
            with contextlib.suppress(Exception):  # counted and logged by the invoker
                await self._invoker.invoke(self.info, _trigger_value(message, body))
                failed = False
        finally:
            done.set()
            await renewal
            await self._settle(held.message, failed=failed)

    async def _keep_hidden(self, held: _Held, done: asyncio.Event) -> None:
        while not await stopped_within(done, self._invisibility / 2):
            try:
                held.message = await self._queue.update_message(held.message, visibility_timeout=self._invisibility)
            except AzureError as error:
                logger.warning("Message %s could not be kept hidden: %s", held.message.id, _short(error))

    async def _settle(self, message: QueueMessage, *, failed: bool) -> None:
        if not failed:
            await self._queue.delete_message(message)
        elif self._poison is None:
            logger.warning("Message %s of %s stays hidden for a while.", message.id, self._queue.queue_name)
        elif (message.dequeue_count or 0) >= self._settings.max_dequeue_count:
            await self._move(message, self._poison, f"failed {message.dequeue_count} times")
        else:
            await self._queue.update_message(message, visibility_timeout=round(self._settings.visibility_timeout))

    async def _move(self, message: QueueMessage, poison: QueueClient, reason: str) -> None:
        """Copy first, then delete: a crash in between doubles the message, and never loses it."""
        queue = self._queue.queue_name
        logger.warning("Message %s of queue %s %s; moved to %s.", message.id, queue, reason, poison.queue_name)
        try:
            await poison.send_message(message.content or "", time_to_live=FOR_EVER)
        except ResourceNotFoundError:
            with contextlib.suppress(ResourceExistsError):
                await poison.create_queue()
            await poison.send_message(message.content or "", time_to_live=FOR_EVER)
        await self._queue.delete_message(message)


def _trigger_value(message: QueueMessage, body: bytes) -> Any:
    """Build the function's QueueMessage through the worker's own converter, from what the host hands to it."""
    metadata = {
        "Id": message.id,
        "DequeueCount": message.dequeue_count,
        "ExpirationTime": _text(message.expires_on),
        "InsertionTime": _text(message.inserted_on),
        "NextVisibleTime": _text(message.next_visible_on),
        "PopReceipt": message.pop_receipt,
    }
    given = {key: Datum(json.dumps(value), "json") for key, value in metadata.items() if value is not None}
    return QueueMessageInConverter.decode(Datum(body, "bytes"), trigger_metadata=given)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _short(error: AzureError) -> str:
    return str(error.message).partition("\n")[0]
