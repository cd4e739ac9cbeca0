"""What a stolen table tells."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from azure.data.tables.aio import TableServiceClient

from core.adapters.storage.storage import Storage
from core.adapters.storage.tables import How, Write
from core.errors import Stop
from core.model.claim import Claim
from core.model.ids import Side
from core.model.link import Intent
from core.model.operation import Note, NoteKind
from core.model.rows import Commit, Record
from tests.contract.stores.samples import NOW, a_link, a_pair, event_id, leased

CANARY = "kanarialintu"
BUSY_UNTIL = datetime(2031, 7, 19, 13, 37, tzinfo=UTC)


async def everything(azurite: str, company: str) -> list[str]:
    """Every property of every row of the company in every table, as text; bytes as they are."""
    found = []
    mine = f"PartitionKey ge '{company}' and PartitionKey lt '{company}~'"
    async with TableServiceClient.from_connection_string(azurite) as service:
        async for table in service.list_tables():
            async for row in service.get_table_client(table.name).query_entities(mine):
                found += [value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in row.values()]
    return found


async def test_a_stolen_table(azurite: str, tables: Storage) -> None:
    """It holds no text of an entry, and nothing that tells when somebody is busy."""
    pair = a_pair()
    link = a_link("act", event_id("e"), ends=BUSY_UNTIL)
    lease = await tables.pairs.commit(await leased(tables.pairs, pair), NOW, Commit(links=(link,)))
    intent = Intent("i", pair, Side.SEVERA, "s", replace(link, activity=""), NOW, NOW)
    await tables.companies.begin(intent)
    record = Record("r", NOW, Note(NoteKind.DELETED, "removed", Side.SEVERA, {"subject": CANARY, "text": CANARY * 9}))
    await tables.history.append(pair, [record])
    assert await tables.history.read(pair, NOW) == (record,)
    assert await tables.companies.intents(pair) == (intent,)
    claim = await tables.companies.put_claim(pair.company, Claim("k", uid=f"{CANARY}@example.com", lead=pair.user))
    assert await tables.companies.claim(pair.company, "k") == claim
    stored = await everything(azurite, pair.company)
    assert any("removed" in text for text in stored)
    assert not [text for text in stored if CANARY in text or "2031-07" in text]
    await tables.pairs.release(lease, Commit())


async def test_a_row_that_was_moved_to_another_place(tables: Storage) -> None:
    """It does not open: a line of somebody else's history cannot be made one's own."""
    mine, other = a_pair(), a_pair()
    await tables.history.append(other, [Record("r", NOW, Note(NoteKind.REMARK, "c", Side.SEVERA, {"a": CANARY}))])
    table = tables.history._table
    (row,) = [row async for row in table.between((f"{other.company}|", ""), (f"{other.company}~", ""))]
    partition = row["PartitionKey"].replace(other.company, mine.company).replace(other.user, mine.user)
    await table.write(Write({**row, "PartitionKey": partition}, How.INSERT))
    with pytest.raises(Stop, match="storage_tampered"):
        await tables.history.read(mine, NOW)
