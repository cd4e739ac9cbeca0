"""The rows of activities as Azure Tables hold them: earlier layouts, full rows, what it costs.

Azurite does not count properties (Azure/Azurite issue 1446), so these tests do it in its place.
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from azure.data.tables import TableTransactionError

from core.adapters.storage.storage import Storage
from core.adapters.storage.tables import How, Table, Write
from core.errors import RetryLater
from core.model.company import ActivityRow
from core.model.ids import CompanyId, Side, UserId
from tests.contract.stores.samples import NOW, a_company

MOST_PROPERTIES = 252
SYSTEM = {"PartitionKey", "RowKey", "Timestamp"}
USERS = [UserId(f"{n:08x}-17de-408a-b874-0445c86b69e6") for n in range(600)]
ANNA, BERT, CARL = USERS[:3]


def held_by(user: UserId, activity: str = "act", claim: str = "") -> ActivityRow:
    """What a pair says when it records a link."""
    return ActivityRow(activity, Side.MICROSOFT, (user,), claim)


@pytest.fixture
def refusals(tables: Storage, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Rows that would be too wide are refused as the service does; the positions of those that were."""
    refused: list[int] = []
    transact = Table.transact

    async def strict(table: Table, writes: Sequence[Write]) -> dict[str, str]:
        for index, write in enumerate(writes):
            held = await table.read(write.row["PartitionKey"], write.key) if write.how is How.MERGE else None
            if len({*(held or {}), *write.row} - SYSTEM) > MOST_PROPERTIES:
                refused.append(index)
                failure = TableTransactionError(message=f"{index}:The entity contains more properties than allowed.")
                failure.status_code = 400
                raise failure
        return await transact(table, writes)

    monkeypatch.setattr(Table, "transact", strict)
    return refused


async def width(tables: Storage, company: CompanyId, activity: str = "act") -> int:
    """Properties of the stored row."""
    return len(set(await tables.companies._table.read(company, f"a:{activity}") or {}) - SYSTEM)


async def test_more_holders_than_a_row_has_properties(tables: Storage, refusals: list[int]) -> None:
    """All are kept, those who left meanwhile are not, and neither is the lock lost."""
    company = a_company()
    await tables.companies.put_activity(company, ActivityRow("act", locked_by="run", locked_until=NOW))
    for user in USERS:
        await tables.companies.put_holders(company, [held_by(user, claim="claim")])
        if user in USERS[:100]:
            await tables.companies.drop_holder(company, "act", user)
    row = await tables.companies.activity(company, "act")
    assert row == ActivityRow("act", Side.MICROSOFT, tuple(USERS[100:]), "claim", "run", NOW)
    assert len(refusals) == 2
    assert await width(tables, company) <= MOST_PROPERTIES


async def test_who_leaves_a_full_row(tables: Storage, refusals: list[int]) -> None:
    """They are gone, though the row had no room to say so."""
    company = a_company()
    await tables.companies.put_activity(company, ActivityRow("act", holders=tuple(USERS[:300])))
    for user in USERS[:251]:
        await tables.companies.drop_holder(company, "act", user)
    assert refusals
    assert (await tables.companies.activity(company, "act")).holders == tuple(USERS[251:300])


async def test_full_rows_among_others(tables: Storage, refusals: list[int]) -> None:
    """The others of the same transaction are stored with them."""
    company = a_company()
    for full in ("act-3", "act-7"):
        row = ActivityRow(full, Side.MICROSOFT, tuple(USERS[10:250]), "claim")
        await tables.companies.put_holders(company, [row])
    await tables.companies.put_holders(
        company, [replace(held_by(ANNA, f"act-{n}"), holders=tuple(USERS[:10])) for n in range(10)]
    )
    assert refusals == [3, 7]
    for number in range(10):
        expected = USERS[:250] if number in {3, 7} else USERS[:10]
        assert (await tables.companies.activity(company, f"act-{number}")).holders == tuple(expected)


async def test_a_row_that_is_refused_for_something_else(tables: Storage) -> None:
    """That is said, and not tried for ever: packing it changes nothing."""
    company = a_company()
    await tables.companies.put_holders(company, [held_by(ANNA), held_by(BERT, "other")])
    with pytest.raises(RetryLater, match="storage_refused"):
        await tables.companies.put_holders(company, [held_by(ANNA, "other"), held_by(CARL, claim="x" * 40_000)])
    assert (await tables.companies.activity(company, "act")).holders == (ANNA,)
    assert (await tables.companies.activity(company, "other")).holders == (BERT,)


async def test_a_row_of_an_earlier_deployment(tables: Storage) -> None:
    """It is read, added to and taken from as it is, and becomes a row of today when it is written whole."""
    company, text = a_company(), f'{{"activity":"act","origin":"microsoft","holders":["{BERT}","{ANNA}"]}}'
    earlier = {"PartitionKey": company, "RowKey": "a:act", "holding": text, "locked_by": "run"}
    await tables.companies._table.write(Write(earlier, How.INSERT))
    row = ActivityRow("act", Side.MICROSOFT, (ANNA, BERT), locked_by="run")
    assert await tables.companies.activity(company, "act") == row
    await tables.companies.drop_holder(company, "act", ANNA)
    added = ActivityRow("act", Side.SEVERA, (CARL,), "claim")
    await tables.companies.put_holders(company, [added])
    expected = ActivityRow("act", Side.SEVERA, (BERT, CARL), "claim", "run")
    found = await tables.companies.activity(company, "act")
    assert found == expected
    await tables.companies.put_activity(company, found)
    assert await tables.companies.activity(company, "act") == expected
    assert "holding" not in (await tables.companies._table.read(company, "a:act") or {})


async def test_holders_by_request(tables: Storage) -> None:
    """A hundred activities are one request; so is each holder who goes, and each look at a row or a claim."""
    company = a_company()
    rows = [held_by(ANNA, f"act-{n}") for n in range(100)]
    await tables.companies.put_holders(company, rows[:1])
    for ask in (
        tables.companies.put_holders(company, rows),
        tables.companies.drop_holder(company, "act-1", ANNA),
        tables.companies.drop_holder(company, "act-1", BERT),
        tables.companies.activity(company, "act-1"),
        tables.companies.claim(company, "k"),
        tables.companies.drop_claim(company, "k"),
    ):
        tables.calls.reset()
        await ask
        assert tables.calls.total == 1
