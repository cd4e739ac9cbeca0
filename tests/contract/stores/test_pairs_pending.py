from dataclasses import replace
from datetime import timedelta

from core.model.ids import Pair, Side
from core.model.rows import Commit
from core.model.state import Pending, Verdict
from tests.contract.stores.conftest import Stores
from tests.contract.stores.samples import NOW, a_pair, committed, event_id, leased, noticed

FULL = Pending(
    Side.MICROSOFT,
    event_id("full"),
    "v1",
    gone=True,
    named=True,
    fingerprint="print",
    changed=NOW,
    attempts=3,
    not_before=NOW + timedelta(1),
    hold="hold-1",
    verdict=Verdict.RELEASE,
)


async def pending(stores: Stores, pair: Pair) -> tuple[Pending, ...]:
    """The pair's pending rows."""
    return (await stores.pairs.head(pair)).pending


async def test_every_field_of_a_pending_row(stores: Stores) -> None:
    """It comes back as it was put, by a notice as by a commit."""
    pair, other = a_pair(), a_pair()
    await stores.pairs.notice(pair, [FULL])
    await committed(stores.pairs, await leased(stores.pairs, other), pending=(FULL,))
    assert await pending(stores, pair) == await pending(stores, other) == (FULL,)


async def test_the_same_id_on_both_sides(stores: Stores) -> None:
    """These are two entries."""
    pair = a_pair()
    await stores.pairs.notice(pair, [noticed("x", Side.SEVERA), noticed("x", Side.MICROSOFT)])
    assert {row.side for row in await pending(stores, pair)} == set(Side)


async def test_more_entries_than_a_transaction_holds(stores: Stores) -> None:
    """All of them are noticed."""
    pair = a_pair()
    await stores.pairs.notice(pair, [noticed(event_id(str(n))) for n in range(230)])
    assert len(await pending(stores, pair)) == 230


async def test_one_entry_noticed_several_times_at_once(stores: Stores) -> None:
    """It is one row, and the last one says its version; by a notice as by a commit."""
    pair, other = a_pair(), a_pair()
    rows = [noticed("x", fingerprint="old", changed=NOW), noticed("x", version="v2")]
    await stores.pairs.notice(pair, rows)
    await committed(stores.pairs, await leased(stores.pairs, other), pending=tuple(rows))
    for found in (await pending(stores, pair), await pending(stores, other)):
        assert found == (noticed("x", version="v2", fingerprint="old", changed=NOW),)


async def test_noticed_again_with_less_knowledge(stores: Stores) -> None:
    """Fingerprint, its moment, the person's word and the hold stay; version and `gone` are what was said last."""
    pair = a_pair()
    await stores.pairs.notice(pair, [FULL])
    (before,) = await pending(stores, pair)
    await stores.pairs.notice(pair, [Pending(Side.MICROSOFT, FULL.id, "v2")])
    (after,) = await pending(stores, pair)
    assert after == replace(FULL, version="v2", gone=False, attempts=0, not_before=None)
    assert after.tag != before.tag


async def test_a_person_decides_about_what_is_held(stores: Stores) -> None:
    """The row as it was read is replaced: it waits no more, and says what was decided; noticed again, it still does."""
    pair = a_pair()
    await stores.pairs.notice(pair, [noticed("x", hold="hold-1")])
    (row,) = await pending(stores, pair)
    decided = replace(row, hold="", verdict=Verdict.DISCARD)
    await committed(stores.pairs, await leased(stores.pairs, pair), pending=(decided,))
    assert await pending(stores, pair) == (decided,)
    await stores.pairs.notice(pair, [noticed("x", version="v2")])
    assert await pending(stores, pair) == (replace(decided, version="v2"),)


async def test_settled(stores: Stores) -> None:
    """The row is gone with the commit that settled it."""
    pair = a_pair()
    await stores.pairs.notice(pair, [noticed("x"), noticed("y")])
    rows = {row.id: row for row in await pending(stores, pair)}
    await committed(stores.pairs, await leased(stores.pairs, pair), settled=(rows["x"],))
    assert [row.id for row in await pending(stores, pair)] == ["y"]


async def test_settled_but_noticed_again_since(stores: Stores) -> None:
    """The row stays, whatever else the commit says is written, and rows beside it are settled."""
    pair = a_pair()
    await stores.pairs.notice(pair, [noticed(name) for name in "abc"])
    rows = await pending(stores, pair)
    lease = await leased(stores.pairs, pair)
    await stores.pairs.notice(pair, [noticed("a"), noticed("c", version="v2")])
    await committed(stores.pairs, lease, settled=rows, cursor="c1")
    head = await stores.pairs.head(pair)
    assert ({row.id for row in head.pending}, head.cursor) == ({"a", "c"}, "c1")


async def test_settled_twice(stores: Stores) -> None:
    """A row that is gone already disturbs no commit and no release."""
    pair = a_pair()
    await stores.pairs.notice(pair, [noticed("x")])
    rows = await pending(stores, pair)
    lease = await committed(stores.pairs, await leased(stores.pairs, pair), settled=rows)
    lease = await committed(stores.pairs, lease, settled=rows, cursor="c1")
    assert not await stores.pairs.release(lease, Commit(settled=rows, cursor="c2"))
    assert (await stores.pairs.head(pair)).cursor == "c2"


async def test_settled_without_having_been_there(stores: Stores) -> None:
    """A row that had no tag when it was read was not there: one that is there now was noticed since, and stays."""
    pair = a_pair()
    lease = await leased(stores.pairs, pair)
    await stores.pairs.notice(pair, [noticed("x")])
    await committed(stores.pairs, lease, settled=(noticed("x"),))
    assert [row.id for row in await pending(stores, pair)] == ["x"]


async def test_put_off(stores: Stores) -> None:
    """A run rewrites the row that it read; one that was noticed again since stays as it was noticed."""
    pair = a_pair()
    await stores.pairs.notice(pair, [noticed("x"), noticed("y")])
    rows = {row.id: row for row in await pending(stores, pair)}
    lease = await leased(stores.pairs, pair)
    await stores.pairs.notice(pair, [noticed("y", version="v2")])
    late = [replace(row, attempts=1, not_before=NOW, fingerprint="") for row in rows.values()]
    await committed(stores.pairs, lease, pending=tuple(late))
    after = {row.id: row for row in await pending(stores, pair)}
    assert (after["x"].attempts, after["x"].not_before, after["y"].attempts) == (1, NOW, 0)
    assert after["y"].version == "v2"


async def test_nothing_noticed(stores: Stores) -> None:
    """It is no write at all."""
    pair = a_pair()
    await stores.pairs.notice(pair, [])
    assert await pending(stores, pair) == ()
