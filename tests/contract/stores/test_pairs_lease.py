import asyncio
from dataclasses import replace

import pytest

from core.errors import LeaseLost
from core.model.ids import MailboxId
from core.model.rows import Commit
from core.model.state import Health, PairState, Switch
from tests.contract.stores.conftest import Stores
from tests.contract.stores.samples import LEASE, NOW, a_link, a_pair, committed, event_id, leased, noticed


async def test_a_pair_that_nobody_knows(stores: Stores) -> None:
    """Its head is empty: no state, no lease, off."""
    head = await stores.pairs.head(a_pair())
    assert (head.state, head.tag, head.switch) == (PairState(), "", Switch())
    assert (head.cursor, head.present_until, head.pending, head.lease_until, head.epoch) == (None, None, (), None, 0)


async def test_a_first_lease(stores: Stores) -> None:
    """The first run of a pair gets epoch 1, and the head tells of its lease."""
    pair = a_pair()
    lease = await leased(stores.pairs, pair)
    head = await stores.pairs.head(pair)
    assert (lease.epoch, head.epoch, head.lease_until) == (1, 1, NOW + LEASE)


async def test_a_lease_that_is_held(stores: Stores) -> None:
    """A second run gets none while the first one's lasts."""
    pair = a_pair()
    await leased(stores.pairs, pair)
    assert await stores.pairs.acquire(await stores.pairs.head(pair), NOW, NOW + LEASE) is None


async def test_a_lease_that_was_given_back(stores: Stores) -> None:
    """The next run gets one at once, with a new epoch, and finds the state that the last one left."""
    pair, state = a_pair(), PairState(MailboxId("m"), first_sync=NOW, matched=True, health=Health("late", NOW, 2))
    await stores.pairs.release(await leased(stores.pairs, pair), Commit(state=state))
    head = await stores.pairs.head(pair)
    assert (head.state, head.lease_until) == (state, None)
    assert (await leased(stores.pairs, pair)).epoch == 2


async def test_a_run_that_is_taken_over(stores: Stores) -> None:
    """After its lease ended, another run takes over; what the first one then writes is nowhere to be found."""
    pair = a_pair()
    slow = await leased(stores.pairs, pair)
    quick = await leased(stores.pairs, pair, NOW + LEASE)
    change = Commit((a_link("a", event_id("e")),), pending=(noticed("p"),), cursor="c", state=PairState(matched=True))
    with pytest.raises(LeaseLost):
        await stores.pairs.commit(slow, NOW + LEASE, change)
    with pytest.raises(LeaseLost):
        await stores.pairs.release(slow, change)
    head = await stores.pairs.head(pair)
    assert (head.state, head.cursor, head.pending, head.epoch) == (PairState(), None, (), 2)
    assert await stores.pairs.links(pair) == ()
    await committed(stores.pairs, quick, cursor="c2")


async def test_an_expired_lease_that_nobody_wanted(stores: Stores) -> None:
    """Its run goes on: a commit renews it."""
    pair = a_pair()
    lease = await leased(stores.pairs, pair)
    renewed = await stores.pairs.commit(lease, NOW + 2 * LEASE, Commit())
    assert renewed.epoch == lease.epoch
    assert (await stores.pairs.head(pair)).lease_until == renewed.until == NOW + 2 * LEASE


async def test_a_lease_from_before_the_last_commit(stores: Stores) -> None:
    """Only the latest lease that a run was given writes."""
    lease = await leased(stores.pairs, a_pair())
    await committed(stores.pairs, lease)
    with pytest.raises(LeaseLost):
        await committed(stores.pairs, lease)


async def test_eight_runs_at_the_same_moment(stores: Stores) -> None:
    """One of them gets the lease, whether the pair is new or not."""
    pair = a_pair()
    for _ in range(2):
        head = await stores.pairs.head(pair)
        leases = await asyncio.gather(*(stores.pairs.acquire(head, NOW, NOW + LEASE) for _ in range(8)))
        (winner,) = [lease for lease in leases if lease is not None]
        await stores.pairs.release(winner, Commit())


async def test_a_commit_without_a_state(stores: Stores) -> None:
    """The state stays as it was."""
    pair, state = a_pair(), PairState(deleted=(("2026-11-23T10", 3),), created=(("2026-11-23", 2000),))
    lease = await committed(stores.pairs, await leased(stores.pairs, pair), state=state)
    await committed(stores.pairs, lease, cursor="c")
    assert (await stores.pairs.head(pair)).state == state


async def test_a_commit_that_no_transaction_can_hold(stores: Stores) -> None:
    """It is refused before anything is sent, and the lease is still good."""
    lease = await leased(stores.pairs, a_pair())
    many = tuple(noticed(str(n)) for n in range(99))
    twice = (a_link("a", event_id("e")), a_link("a", event_id("f")))
    half = (a_link("a", ""),)
    for change in (Commit(pending=many), Commit(twice), Commit(half), Commit(settled=many[:1], pending=many[:1])):
        with pytest.raises(ValueError, match=r"commit|both its ends"):
            await stores.pairs.commit(lease, NOW, change)
    await committed(stores.pairs, lease, pending=many[:98])


async def test_the_users_switch(stores: Stores) -> None:
    """It is stored beside the run's own rows and disturbs no lease."""
    pair, switch = a_pair(), Switch(on=True, since=NOW)
    lease = await leased(stores.pairs, pair)
    await stores.pairs.set_switch(pair, switch)
    await committed(stores.pairs, lease)
    assert (await stores.pairs.head(pair)).switch == switch
    await stores.pairs.set_switch(pair, replace(switch, on=False))
    assert not (await stores.pairs.head(pair)).switch.on
