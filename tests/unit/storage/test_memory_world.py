"""Time, waiting, chance, queues and keys of the memory adapters."""

from datetime import UTC, datetime, timedelta

import pytest

from core.adapters.memory.effects import Effects
from core.adapters.memory.gateways import MemoryGateways
from core.adapters.memory.microsoft import MemoryMicrosoft
from core.adapters.memory.queues import MemoryQueues
from core.adapters.memory.secrets import MemoryKeys, MemorySecrets
from core.adapters.memory.severa import MemorySevera
from core.adapters.memory.storage import MemoryStorage
from core.adapters.memory.undetermined import InlineExecutor, ManualClock, ManualSleeper, SeededRandomness
from core.errors import Stop
from core.model.company import CompanySettings
from core.model.ids import CompanyId, Pair, UserId
from core.model.rows import Commit

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
ONE, OTHER = CompanyId("one"), CompanyId("other")


async def test_time_and_waiting() -> None:
    """Time moves when somebody moves it or sleeps, and never back."""
    clock = ManualClock(NOW)
    sleeper = ManualSleeper(clock)
    await sleeper.sleep(20)
    await sleeper.sleep(-5)
    assert (clock.now(), sleeper.slept) == (NOW + timedelta(seconds=20), 20.0)
    assert clock.advance_to(NOW) == NOW + timedelta(seconds=20)
    assert clock.advance(timedelta(hours=1)) == clock.now()
    with pytest.raises(ValueError, match="zone"):
        ManualClock(datetime(2026, 1, 1))  # noqa: DTZ001 - the point


def test_chance() -> None:
    """The same seed, the same chances."""
    one, same, other = SeededRandomness(1), SeededRandomness(1), SeededRandomness(2)
    token = one.token()
    assert len(token) == 32
    assert (token, one.fraction()) == (same.token(), same.fraction())
    assert other.token() != token


async def test_a_blocking_call() -> None:
    """It runs at once, where it is made."""
    assert await InlineExecutor().run(divmod, 7, 2) == (3, 1)


async def test_a_queue() -> None:
    """Messages show in the order of their time, then in the order in which they were put; hidden ones wait."""
    queues = MemoryQueues(ManualClock(NOW))
    for number, delay in enumerate((60.0, 0.0, -3.0, 30.0)):
        await queues.put("pairs", {"n": number}, delay)
    assert [one.message["n"] for one in queues.waiting("pairs")] == [1, 2, 3, 0]
    assert [queues.take("pairs", NOW) for _ in range(3)] == [{"n": 1}, {"n": 2}, None]
    assert queues.next_shows() == NOW + timedelta(seconds=30)
    assert queues.take("feeds", NOW) is None
    with pytest.raises(ValueError, match="seven days"):
        await queues.put("pairs", {}, 8 * 24 * 3600.0)


async def test_keys_and_secrets() -> None:
    """Each company has its own."""
    keys, secrets = MemoryKeys(), MemorySecrets()
    secrets.put(ONE, "severa", "s3cret")
    assert await secrets.secret(ONE, "severa") == "s3cret"
    assert await secrets.secret(OTHER, "severa") is None
    assert keys.digest_key(ONE) == keys.digest_key(ONE) != keys.digest_key(OTHER)


async def test_a_company_that_is_not_connected() -> None:
    """It stops, as a whole; a connected one gets its own calendars."""
    gateways = MemoryGateways()
    severa, microsoft = MemorySevera(ManualClock(NOW)), MemoryMicrosoft()
    gateways.connect(ONE, severa, microsoft)
    assert await gateways.severa(ONE, CompanySettings()) is severa
    assert await gateways.microsoft(ONE, CompanySettings()) is microsoft
    with pytest.raises(Stop, match="not_connected") as caught:
        await gateways.severa(OTHER, CompanySettings())
    assert caught.value.whole_company


async def test_a_crash_after_a_commit() -> None:
    """The hook sees every store's effects; what was committed stays committed."""

    def crash(moment: str) -> None:
        if moment == "after pairs.commit":
            raise SystemError(moment)

    storage = MemoryStorage(ManualClock(NOW), Effects(crash))
    pair = Pair(ONE, UserId("u"))
    lease = await storage.pairs.acquire(await storage.pairs.head(pair), NOW, NOW + timedelta(minutes=3))
    assert lease is not None
    with pytest.raises(SystemError):
        await storage.pairs.commit(lease, NOW, Commit(cursor="c"))
    assert (await storage.pairs.head(pair)).cursor == "c"
