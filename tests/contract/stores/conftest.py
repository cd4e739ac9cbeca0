"""The stores under contract: in memory, and on Azure Storage as Azurite plays it."""

from collections.abc import AsyncIterator

import pytest

from core.adapters.memory.storage import MemoryStorage
from core.adapters.memory.undetermined import ManualClock
from core.adapters.storage.cipher import Cipher
from core.adapters.storage.clients import Connection
from core.adapters.storage.storage import Storage
from tests.contract.stores.samples import MASTER, NOW

Stores = MemoryStorage | Storage


@pytest.fixture
async def tables(azurite: str) -> AsyncIterator[Storage]:
    """The stores on Azurite."""
    storage = Storage(Connection(azurite), Cipher(MASTER))
    yield storage
    await storage.aclose()


@pytest.fixture(params=["memory", "tables"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """Either implementation; ids are unique per test, so that one Azurite serves all."""
    if request.param == "memory":
        return MemoryStorage(ManualClock(NOW))
    storage: Storage = request.getfixturevalue("tables")
    return storage
