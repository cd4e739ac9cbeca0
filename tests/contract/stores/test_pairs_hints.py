import asyncio
from dataclasses import replace
from datetime import timedelta

from core.model.ids import Side
from core.model.rows import Commit
from core.model.state import Hint, Pending
from tests.contract.stores.conftest import Stores
from tests.contract.stores.samples import LEASE, NOW, a_pair, leased

LATER = NOW + timedelta(minutes=15)


async def test_a_first_hint(stores: Stores) -> None:
    """It is stored, and presence with it."""
    pair = a_pair()
    assert await stores.pairs.set_hint(pair, Hint(LATER), NOW)
    head = await stores.pairs.head(pair)
    assert (head.hint.queued_until, head.present_until) == (LATER, NOW)


async def test_a_hint_without_presence(stores: Stores) -> None:
    """What is known of presence stays."""
    pair = a_pair()
    await stores.pairs.set_hint(pair, Hint(LATER), NOW)
    hint = (await stores.pairs.head(pair)).hint
    assert await stores.pairs.set_hint(pair, replace(hint, queued_until=None))
    assert (await stores.pairs.head(pair)).present_until == NOW


async def test_two_hints_from_the_same_look(stores: Stores) -> None:
    """One is stored; the other is told that somebody was quicker, and changes nothing."""
    pair = a_pair()
    for _ in range(2):
        hint = (await stores.pairs.head(pair)).hint
        asked = (stores.pairs.set_hint(pair, replace(hint, queued_until=NOW + timedelta(n)), NOW) for n in range(6))
        assert sorted(await asyncio.gather(*asked)) == [False] * 5 + [True]


async def test_a_run_that_takes_the_hint(stores: Stores) -> None:
    """The hint is gone, so that a later one is one more message; without a later one, release tells of none."""
    pair = a_pair()
    await stores.pairs.set_hint(pair, Hint(LATER))
    lease = await leased(stores.pairs, pair)
    assert (await stores.pairs.head(pair)).hint.queued_until is None
    assert not await stores.pairs.release(lease, Commit())


async def test_a_hint_during_a_run(stores: Stores) -> None:
    """Release tells of it and leaves it for the next run; its own commit is written all the same."""
    pair = a_pair()
    lease = await leased(stores.pairs, pair)
    assert await stores.pairs.set_hint(pair, replace((await stores.pairs.head(pair)).hint, queued_until=LATER))
    assert await stores.pairs.release(lease, Commit(cursor="c"))
    head = await stores.pairs.head(pair)
    assert (head.hint.queued_until, head.cursor, head.lease_until) == (LATER, "c", None)


async def test_a_hint_before_the_run_that_is_set_again_during_it(stores: Stores) -> None:
    """A hint with the tag from before the lease is refused: it has to look again, and so is not lost."""
    pair = a_pair()
    await stores.pairs.set_hint(pair, Hint(LATER))
    old = (await stores.pairs.head(pair)).hint
    lease = await leased(stores.pairs, pair)
    assert not await stores.pairs.set_hint(pair, old)
    assert not await stores.pairs.release(lease, Commit())


async def test_a_hint_between_the_look_and_the_lease(stores: Stores) -> None:
    """The run has not seen what the hint is about, so release tells of it, whether or not it is the pair's first."""
    pair = a_pair()
    for _ in range(2):
        head = await stores.pairs.head(pair)
        assert await stores.pairs.set_hint(pair, replace(head.hint, queued_until=LATER))
        lease = await stores.pairs.acquire(head, NOW, NOW + LEASE)
        assert lease is not None
        assert await stores.pairs.release(lease, Commit())


async def test_presence_during_a_run(stores: Stores) -> None:
    """It disturbs no lease."""
    pair = a_pair()
    lease = await leased(stores.pairs, pair)
    await stores.pairs.set_hint(pair, replace((await stores.pairs.head(pair)).hint, queued_until=LATER), LATER)
    await stores.pairs.commit(lease, NOW, Commit())
    assert (await stores.pairs.head(pair)).present_until == LATER


async def test_a_hint_and_what_it_is_about(stores: Stores) -> None:
    """Both are stored, or, where somebody was quicker, neither."""
    pair = a_pair()
    row = Pending(Side.SEVERA, "activity", named=True, changed=NOW)
    assert await stores.pairs.set_hint(pair, Hint(LATER), pending=[row])
    assert not await stores.pairs.set_hint(pair, Hint(NOW), pending=[replace(row, id="another")])
    assert (await stores.pairs.head(pair)).pending == (row,)
