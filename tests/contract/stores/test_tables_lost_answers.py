"""What a run makes of a transaction whose answer never came (P18)."""

from collections.abc import AsyncIterator

import pytest

from core.adapters.storage.cipher import Cipher
from core.adapters.storage.clients import Connection
from core.adapters.storage.storage import Storage
from core.errors import LeaseLost, RetryLater
from core.model.rows import Commit
from core.model.state import Hint
from tests.contract.stores.lossy import LossyWire
from tests.contract.stores.samples import LEASE, MASTER, NOW, a_link, a_pair, committed, event_id, leased, noticed


@pytest.fixture
async def wire(azurite: str) -> AsyncIterator[LossyWire]:
    """A wire that loses nothing yet."""
    async with LossyWire(azurite) as wire:
        yield wire


@pytest.fixture
async def storage(wire: LossyWire) -> AsyncIterator[Storage]:
    """Stores on that wire, whose table is there."""
    storage = Storage(Connection(wire.connection_string), Cipher(MASTER))
    await storage.pairs.head(a_pair())
    yield storage
    await storage.aclose()


async def test_a_commit_that_happened(wire: LossyWire, storage: Storage) -> None:
    """It counts as happened, is not sent again, and its lease goes on."""
    pair = a_pair()
    lease = await leased(storage.pairs, pair)
    wire.transactions, wire.lose_answers = 0, 1
    lease = await committed(storage.pairs, lease, links=(a_link("a", event_id("e")),), cursor="c")
    assert wire.transactions == 1
    await committed(storage.pairs, lease, cursor="c2")
    assert len(await storage.pairs.links(pair)) == 1


async def test_a_commit_that_did_not_happen(wire: LossyWire, storage: Storage) -> None:
    """It is sent again."""
    pair = a_pair()
    lease = await leased(storage.pairs, pair)
    wire.transactions, wire.lose_requests = 0, 2
    await committed(storage.pairs, lease, cursor="c")
    assert wire.transactions == 3
    assert (await storage.pairs.head(pair)).cursor == "c"


async def test_a_storage_that_does_not_come_back(wire: LossyWire, storage: Storage) -> None:
    """After three tries the run hears that storage is unavailable, not that its lease is lost."""
    lease = await leased(storage.pairs, a_pair())
    wire.lose_requests = 3
    with pytest.raises(RetryLater, match="storage_unavailable"):
        await committed(storage.pairs, lease)
    await committed(storage.pairs, lease)


async def test_a_lost_answer_for_a_run_that_was_taken_over(wire: LossyWire, storage: Storage) -> None:
    """Its lease is lost, and nothing of it is written."""
    pair = a_pair()
    slow = await leased(storage.pairs, pair)
    await leased(storage.pairs, pair, NOW + LEASE)
    wire.lose_answers = 1
    with pytest.raises(LeaseLost):
        await committed(storage.pairs, slow, cursor="c")
    assert (await storage.pairs.head(pair)).cursor is None


async def test_a_lease_whose_answer_was_lost(wire: LossyWire, storage: Storage) -> None:
    """It is taken all the same, for a new pair and for an old one, and so is the hint."""
    pair = a_pair()
    for epoch in (1, 2):
        wire.lose_answers = 1
        lease = await leased(storage.pairs, pair)
        assert lease.epoch == epoch
        assert not await storage.pairs.release(lease, Commit())


async def test_a_hint_while_the_answer_about_the_lease_was_lost(
    wire: LossyWire, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run does not take it for its own: release tells of it."""
    pair, read = a_pair(), storage.pairs._table.read

    async def late(partition: str, key: str) -> object:
        if key == "head:hint":
            await storage.pairs.set_hint(pair, (await storage.pairs.head(pair)).hint)
        return await read(partition, key)

    monkeypatch.setattr(storage.pairs._table, "read", late)
    wire.lose_answers = 1
    lease = await leased(storage.pairs, pair)
    assert await storage.pairs.release(lease, Commit())


async def test_a_release_whose_answer_was_lost(wire: LossyWire, storage: Storage) -> None:
    """The lease is given back once, and a hint that came in is told of."""
    pair = a_pair()
    lease = await leased(storage.pairs, pair)
    await storage.pairs.set_hint(pair, (await storage.pairs.head(pair)).hint)
    wire.lose_answers = 2
    assert await storage.pairs.release(lease, Commit(cursor="c"))
    head = await storage.pairs.head(pair)
    assert (head.lease_until, head.cursor) == (None, "c")


async def test_a_hint_whose_answer_was_lost(wire: LossyWire, storage: Storage) -> None:
    """Whoever gave it hears so, and looks again."""
    pair = a_pair()
    wire.lose_answers = 1
    with pytest.raises(RetryLater, match="storage_unavailable"):
        await storage.pairs.set_hint(pair, Hint(NOW))
    assert (await storage.pairs.head(pair)).hint.queued_until == NOW


async def test_a_notice_whose_answer_was_lost(wire: LossyWire, storage: Storage) -> None:
    """Whoever gave it hears so; giving it again is harmless."""
    pair = a_pair()
    wire.lose_answers = 1
    with pytest.raises(RetryLater, match="storage_unavailable"):
        await storage.pairs.notice(pair, [noticed("x")])
    await storage.pairs.notice(pair, [noticed("x")])
    assert len((await storage.pairs.head(pair)).pending) == 1
