import random
import string

import pytest

from core.model.rows import Commit
from tests.contract.stores.conftest import Stores
from tests.contract.stores.samples import a_pair, committed, leased


def opaque(length: int) -> str:
    """A text that hardly shrinks."""
    return "".join(random.Random(length).choices(string.ascii_letters + string.digits + "-_", k=length))


@pytest.mark.parametrize("length", [1, 70_000, 200 * 1024])
async def test_a_cursor_of_any_length(stores: Stores, length: int) -> None:
    """It comes back unharmed."""
    pair, cursor = a_pair(), opaque(length)
    await committed(stores.pairs, await leased(stores.pairs, pair), cursor=cursor)
    assert (await stores.pairs.head(pair)).cursor == cursor


async def test_a_short_cursor_after_a_long_one(stores: Stores) -> None:
    """Nothing of the long one is left."""
    pair = a_pair()
    lease = await committed(stores.pairs, await leased(stores.pairs, pair), cursor=opaque(200 * 1024))
    await committed(stores.pairs, lease, cursor="short")
    assert (await stores.pairs.head(pair)).cursor == "short"


async def test_a_cursor_that_is_too_long(stores: Stores) -> None:
    """It is kept whole or not at all, the one before it is gone, and the rest of the commit is stored."""
    pair, cursor = a_pair(), opaque(2 * 1024 * 1024)
    lease = await committed(stores.pairs, await leased(stores.pairs, pair), cursor="before")
    await stores.pairs.release(lease, Commit(cursor=cursor))
    head = await stores.pairs.head(pair)
    assert head.cursor in {None, cursor}
    assert head.lease_until is None


async def test_a_cursor_that_is_dropped(stores: Stores) -> None:
    """There is none afterwards, whether or not there was one before."""
    pair = a_pair()
    lease = await committed(stores.pairs, await leased(stores.pairs, pair), drop_cursor=True)
    lease = await committed(stores.pairs, lease, cursor="c")
    await committed(stores.pairs, lease, drop_cursor=True)
    assert (await stores.pairs.head(pair)).cursor is None


async def test_a_commit_that_does_not_mention_the_cursor(stores: Stores) -> None:
    """The cursor stays."""
    pair = a_pair()
    lease = await committed(stores.pairs, await leased(stores.pairs, pair), cursor="c")
    await committed(stores.pairs, lease)
    assert (await stores.pairs.head(pair)).cursor == "c"
