"""The clients of Azure Storage: opened on first use, one per table and queue, closed together."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Any

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import ResourceExistsError
from azure.core.pipeline.transport import AioHttpTransport
from azure.data.tables.aio import TableClient
from azure.storage.queue import TextBase64EncodePolicy
from azure.storage.queue.aio import QueueClient

from core.adapters.storage.calls import StorageCalls
from core.adapters.storage.failures import translated

QUEUE_ENCODING = "base64"
"""What host.json must say under `extensions.queues.messageEncoding` (facts/microsoft.md J4)."""

_CONNECT_SECONDS = 4.0
_READ_SECONDS = 8.0

READS: dict[str, Any] = {"retry_total": 1, "retry_backoff_factor": 0.4}
"""Reads are tried twice. Writes once: whether a lost one was carried out is for their own code to find out."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the state is: a connection string, or both endpoints with a credential (facts/microsoft.md J7).

    `create`: tables and queues that are missing are made on first use; without it they must be there.
    """

    connection_string: str = field(default="", repr=False)
    table_endpoint: str = ""
    queue_endpoint: str = ""
    credential: AsyncTokenCredential | None = None
    create: bool = True

    def __post_init__(self) -> None:
        if not self.connection_string and not (self.table_endpoint and self.queue_endpoint and self.credential):
            raise ValueError("storage needs a connection string, or both endpoints and a credential")


class Clients:
    """Clients by name. One event loop only, as everything of aiohttp."""

    def __init__(self, connection: Connection, calls: StorageCalls) -> None:
        self._connection = connection
        self._calls = calls
        self._transport: AioHttpTransport | None = None
        self._tables: dict[str, TableClient] = {}
        self._queues: dict[str, QueueClient] = {}
        self._opening = asyncio.Lock()

    async def table(self, name: str) -> TableClient:
        """The client of a table, which is there."""
        if name not in self._tables:
            async with self._opening:
                if name not in self._tables:
                    self._tables[name] = await self._open_table(name)
        return self._tables[name]

    async def queue(self, name: str) -> QueueClient:
        """The client of a queue, which is there."""
        if name not in self._queues:
            async with self._opening:
                if name not in self._queues:
                    self._queues[name] = await self._open_queue(name)
        return self._queues[name]

    async def aclose(self) -> None:
        """Close every connection."""
        for table in self._tables.values():
            await table.close()
        for queue in self._queues.values():
            await queue.close()
        if self._transport is not None:
            await self._transport.close()

    def _options(self, name: str) -> dict[str, Any]:
        if self._transport is None:
            self._transport = AioHttpTransport(connection_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS)
        return {"transport": self._transport, "raw_request_hook": self._calls.hook(name)}

    async def _open_table(self, name: str) -> TableClient:
        options = {"retry_total": 0, **self._options(name)}
        if self._connection.connection_string:
            client = TableClient.from_connection_string(self._connection.connection_string, name, **options)
        else:
            client = TableClient(
                self._connection.table_endpoint, name, credential=self._connection.credential, **options
            )
        if self._connection.create:
            with translated(f"{name} create"), contextlib.suppress(ResourceExistsError):
                await client.create_table()
        return client

    async def _open_queue(self, name: str) -> QueueClient:
        options = {
            "initial_backoff": 1,
            "retry_total": 1,
            "message_encode_policy": TextBase64EncodePolicy(),
            **self._options(name),
        }
        if self._connection.connection_string:
            client = QueueClient.from_connection_string(self._connection.connection_string, name, **options)
        else:
            client = QueueClient(
                self._connection.queue_endpoint, name, credential=self._connection.credential, **options
            )
        if self._connection.create:
            with translated(f"{name} create"), contextlib.suppress(ResourceExistsError):
                await client.create_queue()
        return client
