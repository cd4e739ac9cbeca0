"""How long a process goes on with a secret, and what the environment is for."""

import asyncio
from datetime import timedelta

import pytest

from core.adapters.kept_secrets import KEPT, KeptSecrets
from core.adapters.memory.secrets import MemorySecrets
from core.adapters.memory.undetermined import ManualClock
from core.errors import RetryLater
from core.model.ids import CompanyId
from core.settings import secret_name
from tests.contract.stores.samples import NOW, a_company

SEVERA = "SEVERA_CLIENT_SECRET"


class CountedSecrets(MemorySecrets):
    """Counts reads; a gate may hold them up, a fault may break writes."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.fault: Exception | None = None

    async def secret(self, company: CompanyId, name: str) -> str | None:
        self.reads += 1
        found = await super().secret(company, name)
        await self.gate.wait()
        return found

    async def put_secret(self, company: CompanyId, name: str, secret: str) -> None:
        await super().put_secret(company, name, secret)
        if self.fault:
            raise self.fault


async def test_many_runs_in_a_minute() -> None:
    """The store is asked once; after that minute it is asked again."""
    store, clock, company = CountedSecrets(), ManualClock(NOW), a_company()
    kept = KeptSecrets(store, {}, clock)
    store.put(company, SEVERA, "old")
    assert [await kept.secret(company, SEVERA) for _ in range(5)] == ["old"] * 5
    assert store.reads == 1
    store.put(company, SEVERA, "new")
    clock.advance(KEPT - timedelta(seconds=1))
    assert await kept.secret(company, SEVERA) == "old"
    assert await kept.fresh(company, SEVERA) == "new"
    assert await kept.secret(company, SEVERA) == "new"
    store.put(company, SEVERA, "newest")
    clock.advance(KEPT)
    assert await kept.secret(company, SEVERA) == "newest"


async def test_a_secret_that_this_process_replaced() -> None:
    """The new one counts at once, also if the answer to the write was lost."""
    store, company = CountedSecrets(), a_company()
    kept = KeptSecrets(store, {}, ManualClock(NOW))
    store.put(company, SEVERA, "old")
    assert await kept.secret(company, SEVERA) == "old"
    store.fault = RetryLater("vault_unavailable")
    with pytest.raises(RetryLater):
        await kept.put_secret(company, SEVERA, "new")
    assert await kept.secret(company, SEVERA) == "new"
    assert await kept.remove_secret(company, SEVERA)
    assert await kept.secret(company, SEVERA) is None


async def test_a_read_that_was_under_way_meanwhile() -> None:
    """The old value that it brings is not kept."""
    store, company = CountedSecrets(), a_company()
    kept = KeptSecrets(store, {}, ManualClock(NOW))
    store.put(company, SEVERA, "old")
    store.gate.clear()
    slow = asyncio.create_task(kept.secret(company, SEVERA))
    await asyncio.sleep(0)
    await kept.put_secret(company, SEVERA, "new")
    store.gate.set()
    assert await slow == "old"
    assert await kept.secret(company, SEVERA) == "new"


async def test_a_secret_that_is_not_there_yet() -> None:
    """It is looked for each time: a process does not go on without one that another has stored."""
    store, company = CountedSecrets(), a_company()
    kept = KeptSecrets(store, {}, ManualClock(NOW))
    assert await kept.secret(company, SEVERA) is None
    store.put(company, SEVERA, "s3cret")
    assert await kept.secret(company, SEVERA) == "s3cret"


async def test_a_secret_of_the_environment() -> None:
    """It is read where the store has none, and cannot be written: a stored one goes before it."""
    company, other = a_company(), a_company()
    kept = KeptSecrets(MemorySecrets(), {secret_name(company, SEVERA): "the operator's"}, ManualClock(NOW))
    assert await kept.secret(company, SEVERA) == "the operator's"
    assert await kept.secret(other, SEVERA) is None
    await kept.put_secret(company, SEVERA, "the administrator's")
    assert await kept.secret(company, SEVERA) == "the administrator's"
    assert [await kept.remove_secret(company, SEVERA) for _ in range(2)] == [True, False]
    assert await kept.secret(company, SEVERA) == "the operator's"


async def test_more_companies_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest one goes, and is read again when it is needed."""
    monkeypatch.setattr("core.adapters.kept_secrets.MOST_KEPT", 2)
    store, companies = CountedSecrets(), [a_company() for _ in range(3)]
    kept = KeptSecrets(store, {}, ManualClock(NOW))
    for company in companies:
        await kept.put_secret(company, SEVERA, "s")
        await kept.secret(company, SEVERA)
    assert [await kept.secret(company, SEVERA) for company in companies[1:]] == ["s", "s"]
    assert store.reads == 3
    await kept.secret(companies[0], SEVERA)
    assert store.reads == 4


def test_what_is_kept_does_not_print() -> None:
    """Neither in a traceback nor in a log."""
    kept = KeptSecrets(MemorySecrets(), {}, ManualClock(NOW))
    kept._keep((a_company(), SEVERA), "canary", NOW)
    assert "canary" not in repr(kept) + repr(kept._kept)
