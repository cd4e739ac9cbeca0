import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.storage import keys
from core.model.ids import CompanyId, Pair, Side, UserId

SPEAKABLE = re.compile(r"[^/\\#?%'\x00-\x1f\x7f-\x9f]{1,512}")
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
IDS = st.text(min_size=1, max_size=200)


@given(IDS, IDS, INSTANTS)
def test_keys_of_any_ids(one: str, two: str, at: datetime) -> None:
    """No key holds what Azure forbids, and none is too long."""
    pair = Pair(CompanyId(one), UserId(two))
    made = [keys.pair_partition(pair), keys.pending_key(Side.SEVERA, one), keys.link_key(Side.MICROSOFT, two)]
    made += [keys.due_partition(keys.shard_of(pair.company), at), keys.history_partition(pair, at)]
    made += [keys.history_key(at, one)]
    assert all(SPEAKABLE.fullmatch(key) for key in made)


@given(IDS, IDS)
def test_two_ids(one: str, two: str) -> None:
    """Different ids never share a key."""
    assert (keys.safe(one) == keys.safe(two)) == (one == two)


@pytest.mark.parametrize("name", ["3f2b8c1e-0000-4000-8000-000000000000", "limiter.severa", "A_b-1"])
def test_ids_that_operators_know(name: str) -> None:
    """They are in the key as they are."""
    assert keys.safe(name) == name


@given(st.sampled_from([keys.HEAD, keys.PENDING, keys.links_from(Side.SEVERA)]), st.text("0123456789abcdef~:|zZ"))
def test_a_range_of_keys(prefix: str, rest: str) -> None:
    """It holds every key with that prefix and no other one."""
    first, before = keys.range_of(prefix)
    assert first <= prefix + rest < before
    assert not first <= keys.links_from(Side.MICROSOFT) + rest < before
    others = {keys.STATE, keys.link_key(Side.SEVERA, rest)}
    assert {key for key in others if first <= key < before} == {key for key in others if key.startswith(prefix)}


def test_the_heads_rows() -> None:
    """All of them are in the head's range, so that one query finds them; links are not."""
    first, before = keys.range_of(keys.HEAD)
    rows = (keys.STATE, keys.CURSOR, keys.HINT, keys.PRESENCE, keys.SWITCH, keys.pending_key(Side.SEVERA, "x"))
    assert all(first <= key < before for key in rows)
    assert not first <= keys.link_key(Side.SEVERA, "x") < before


@given(INSTANTS, INSTANTS)
def test_the_order_of_history(one: datetime, two: datetime) -> None:
    """What is later by a millisecond comes first, over months and years."""
    pair = Pair(CompanyId("c"), UserId("u"))
    if two - one >= timedelta(milliseconds=1):
        first, second = ((keys.history_partition(pair, at), keys.history_key(at, "r")) for at in (two, one))
        assert first < second


@given(INSTANTS, INSTANTS)
def test_the_order_of_what_is_due(one: datetime, two: datetime) -> None:
    """Within a shard a later minute comes later, whatever zone the instants are in."""
    minutes = [at.replace(second=0, microsecond=0) for at in (one, two)]
    assert (keys.due_partition("03", one) < keys.due_partition("03", two)) == (minutes[0] < minutes[1])


def test_shards() -> None:
    """A company always has the same one, of sixteen, and companies are spread over all of them."""
    shards = [keys.shard_of(CompanyId(f"company {n}")) for n in range(400)]
    assert shards[7] == keys.shard_of(CompanyId("company 7")) == "14"
    assert set(shards) == {f"{n:02d}" for n in range(16)}
