"""What is heard where storage is not as it should be."""

import pytest

from core.adapters.storage.calls import StorageCalls
from core.adapters.storage.cipher import Cipher
from core.adapters.storage.clients import Clients, Connection
from core.adapters.storage.storage import Storage
from core.adapters.storage.tables import How, Table, Write
from core.errors import RetryLater, StorageConflict
from tests.contract.stores.samples import MASTER, a_pair


async def test_tables_that_are_not_there(azurite: str) -> None:
    """Without the right to make them, a table that is missing is not taken for an empty one."""
    clients = Clients(Connection(azurite, create=False), StorageCalls())
    missing = Table(clients, "missing")
    with pytest.raises((RetryLater, StorageConflict)):
        _ = [row async for row in missing.between(("p", "a"), ("p", "b"))]
    with pytest.raises(RetryLater):
        await missing.write(Write({"PartitionKey": "p", "RowKey": "r"}, How.MERGE))
    await clients.aclose()


async def test_a_storage_that_is_not_running(unused_tcp_port: int) -> None:
    """The answer is "retry later", soon and without a traceback's worth of detail."""
    text = f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:{unused_tcp_port}/a;"
    storage = Storage(Connection(f"{text}QueueEndpoint=http://127.0.0.1:{unused_tcp_port}/a;"), Cipher(MASTER))
    for asked in (storage.pairs.head(a_pair()), storage.queues.put("pairs", {})):
        with pytest.raises(RetryLater) as caught:
            await asked
        assert caught.value.code == "storage_unavailable"
    await storage.aclose()
