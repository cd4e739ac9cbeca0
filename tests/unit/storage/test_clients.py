from typing import Any, Self

import pytest
from azure.core.credentials import AccessToken

from core.adapters.storage.calls import StorageCalls
from core.adapters.storage.clients import Clients, Connection


class Identity:
    """A managed identity, as far as a client looks at it before the first request."""

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken("token", 0)

    async def close(self) -> None:
        return None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return None


async def test_an_account_without_keys() -> None:
    """Endpoints and an identity are enough; each table and queue has one client, opened once."""
    endpoints = {
        "table_endpoint": "https://a.table.core.windows.net",
        "queue_endpoint": "https://a.queue.core.windows.net",
    }
    clients = Clients(Connection(**endpoints, credential=Identity(), create=False), StorageCalls())
    table, queue = await clients.table("pairs"), await clients.queue("pairs-first")
    assert table.url == "https://a.table.core.windows.net"
    assert queue.url.startswith("https://a.queue.core.windows.net/pairs-first")
    assert table is await clients.table("pairs")
    assert queue is await clients.queue("pairs-first")
    await clients.aclose()


async def test_clients_that_were_never_used() -> None:
    """Closing them opens nothing."""
    calls = StorageCalls()
    await Clients(Connection("UseDevelopmentStorage=true"), calls).aclose()
    assert calls.total == 0


@pytest.mark.parametrize("wrong", ["nonsense", "AccountName=a"])
async def test_a_connection_string_that_is_none(wrong: str) -> None:
    """It is refused when it is first used, without showing it."""
    clients = Clients(Connection(wrong), StorageCalls())
    with pytest.raises(ValueError, match=r"(?i)connection") as caught:
        await clients.table("pairs")
    assert wrong not in str(caught.value)
    await clients.aclose()
