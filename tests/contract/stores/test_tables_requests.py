"""What it costs to ask."""

import pytest

from core.adapters.storage.storage import Storage
from core.adapters.storage.tables import How, Write
from core.model.ids import Side
from core.model.rows import Commit
from tests.contract.stores.samples import LEASE, NOW, a_link, a_pair, event_id, leased, noticed


async def test_an_idle_run(tables: Storage) -> None:
    """Head, lease, cursor, release: four requests, one of them for the head."""
    pair = a_pair()
    await tables.pairs.head(pair)
    tables.calls.reset()
    head = await tables.pairs.head(pair)
    lease = await tables.pairs.acquire(head, NOW, NOW + LEASE)
    assert lease is not None
    lease = await tables.pairs.commit(lease, NOW + LEASE, Commit(cursor="c"))
    await tables.pairs.release(lease, Commit())
    assert tables.calls.counts == {("pairs", "GET"): 1, ("pairs", "POST"): 3}
    assert tables.calls.total == 4


async def test_a_head_with_everything_in_it(tables: Storage) -> None:
    """It is one request still, with a long cursor and hundreds of pending rows, and tells nothing of links."""
    pair = a_pair()
    lease = await leased(tables.pairs, pair)
    change = Commit((a_link("a", event_id("e")),), cursor="x" * 500_000)
    await tables.pairs.commit(lease, NOW, change)
    await tables.pairs.notice(pair, [noticed(str(n)) for n in range(300)])
    tables.calls.reset()
    assert len((await tables.pairs.head(pair)).pending) == 300
    assert tables.calls.total == 1


async def test_links_by_request(tables: Storage) -> None:
    """One link costs two point reads, all of them two queries, an unknown one a single read."""
    pair = a_pair()
    links = tuple(a_link(f"a{n}", event_id(str(n))) for n in range(40))
    await tables.pairs.commit(await leased(tables.pairs, pair), NOW, Commit(links))
    for ask, cost in (
        (tables.pairs.link_of(pair, Side.MICROSOFT, event_id("7")), 2),
        (tables.pairs.link_of(pair, Side.SEVERA, "a7"), 2),
        (tables.pairs.link_of(pair, Side.SEVERA, "unknown"), 1),
        (tables.pairs.links(pair), 2),
    ):
        tables.calls.reset()
        await ask
        assert tables.calls.total == cost


async def test_a_transaction_of_a_hundred_and_one_rows(tables: Storage) -> None:
    """It is refused here: Azurite would kill the connection (facts/microsoft.md L)."""
    rows = [Write({"PartitionKey": "p", "RowKey": str(n)}, How.MERGE) for n in range(101)]
    with pytest.raises(ValueError, match="101 rows"):
        await tables.pairs._table.transact(rows)
