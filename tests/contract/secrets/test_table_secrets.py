"""Secrets in a table: what a thief finds, and how the master key changes while the service runs."""

import itertools

import pytest
from azure.data.tables.aio import TableServiceClient

from core.adapters.storage.cipher import Cipher
from core.adapters.storage.clients import Connection
from core.adapters.storage.storage import Storage
from core.adapters.storage.tables import How, Write
from core.errors import Stop
from core.settings import SettingsError, load
from tests.contract.stores.samples import MASTER, a_company

SEVERA = "SEVERA_CLIENT_SECRET"
OLD, NEW = MASTER, bytes(range(1, 33))


async def test_a_stolen_table(azurite: str, tables: Storage) -> None:
    """It holds no secret, neither as text nor as bytes."""
    company = a_company()
    await tables.secrets.put_secret(company, SEVERA, "canary-secret")
    async with TableServiceClient.from_connection_string(azurite) as service:
        client = service.get_table_client("secrets")
        (row,) = [row async for row in client.query_entities(f"PartitionKey eq '{company}'")]
    assert not [value for value in row.values() if "canary" in str(value)]


async def test_a_row_that_was_moved(tables: Storage) -> None:
    """It does not open: nobody makes another company's secret their own."""
    mine, other = a_company(), a_company()
    await tables.secrets.put_secret(other, SEVERA, "s3cret")
    table = tables.secrets._table
    row = await table.read(other, SEVERA)
    await table.write(Write({**row, "PartitionKey": mine}, How.INSERT))
    with pytest.raises(Stop, match="storage_tampered"):
        await tables.secrets.secret(mine, SEVERA)


async def test_the_master_key_is_replaced(azurite: str) -> None:
    """Processes of one step and of the next run side by side: everybody reads what anybody wrote (docs/secrets.md).

    First the new key is made known, then it takes over; the earlier one stays known, for what it sealed.
    """
    steps = [Cipher(OLD), Cipher(OLD, [NEW, OLD]), Cipher(NEW, [OLD])]
    company = a_company()
    assert len({cipher.digest_key(company) for cipher in steps}) == 1
    for before, after in itertools.pairwise(steps):
        running = [Storage(Connection(azurite), cipher) for cipher in (before, after)]
        for writer in running:
            await writer.secrets.put_secret(company, SEVERA, "s3cret")
            assert [await reader.secrets.secret(company, SEVERA) for reader in running] == ["s3cret", "s3cret"]
        for storage in running:
            await storage.aclose()


def test_no_master_key() -> None:
    """The service does not start, and says what is missing; a short one does not do either."""
    with pytest.raises(SettingsError, match="SYNC_MASTER_KEY is missing: base64 of 32 random bytes"):
        load({})
    with pytest.raises(SettingsError, match="SYNC_MASTER_KEY is 5 bytes long, not 32"):
        load({"SYNC_MASTER_KEY": "c2hvcnQ="})
