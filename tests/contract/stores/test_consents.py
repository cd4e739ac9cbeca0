"""Attempts to consent and tenants' bindings, on either store."""

import asyncio
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from core.adapters.memory.consents import MemoryConsentStore
from core.adapters.storage.calls import StorageCalls
from core.adapters.storage.cipher import Cipher
from core.adapters.storage.clients import Clients, Connection
from core.adapters.storage.consents import TableConsentStore
from core.adapters.storage.storage import Storage
from core.adapters.storage.tables import Table
from core.errors import Stop, StorageConflict
from core.model.consent import ConsentAttempt, Step, TenantBinding
from core.model.ids import CompanyId, UserId
from core.ports_consent import ConsentStore
from tests.contract.stores.samples import NOW, a_company

ADMIN, OTHER = UserId("admin"), UserId("other")


@pytest.fixture(params=["memory", "tables"])
def consents(request: pytest.FixtureRequest) -> ConsentStore:
    """Either implementation."""
    if request.param == "memory":
        return MemoryConsentStore()
    storage: Storage = request.getfixturevalue("tables")
    return storage.consents


def an_attempt(company: CompanyId, digest: str = "d1", **changes: object) -> ConsentAttempt:
    """An attempt with something in every part."""
    made = ConsentAttempt(
        digest,
        company,
        ADMIN,
        "Åkerlund & Söner <Oy>",
        Step.SIGN_IN,
        NOW + timedelta(minutes=10),
        "https://severa.example",
        "b" * 64,
        "tenant",
        "person",
        "root@acme.example",
        '{"code_verifier": "v"}',
    )
    return replace(made, **changes)


async def test_an_attempt_serves_once(consents: ConsentStore) -> None:
    """It comes back whole to the first who asks, and to nobody after."""
    company = a_company()
    await consents.put(an_attempt(company))
    assert await consents.take(a_company(), "d1") is None
    assert await consents.take(company, "d2") is None
    assert await consents.take(company, "d1") == an_attempt(company)
    assert await consents.take(company, "d1") is None


async def test_several_take_it_at_once(consents: ConsentStore) -> None:
    """One gets it."""
    company = a_company()
    await consents.put(an_attempt(company))
    taken = await asyncio.gather(*(consents.take(company, "d1") for _ in range(8)))
    assert [one for one in taken if one is not None] == [an_attempt(company)]


async def test_an_attempt_is_never_replaced(consents: ConsentStore) -> None:
    """The digest is there already: nothing is written."""
    company = a_company()
    await consents.put(an_attempt(company))
    with pytest.raises(StorageConflict):
        await consents.put(an_attempt(company, admin=OTHER))
    assert await consents.take(company, "d1") == an_attempt(company)


async def test_forgetting(consents: ConsentStore) -> None:
    """The administrator's own and what expired goes; another's and another company's stays."""
    company, stranger = a_company(), a_company()
    await consents.put(an_attempt(company, "own"))
    await consents.put(an_attempt(company, "old", admin=OTHER, expires=NOW))
    await consents.put(an_attempt(company, "other", admin=OTHER))
    await consents.put(an_attempt(stranger, "own"))
    await consents.forget(company, ADMIN, NOW)
    left = [await consents.take(company, digest) for digest in ("own", "old", "other")]
    assert left == [None, None, an_attempt(company, "other", admin=OTHER)]
    assert await consents.take(stranger, "own") == an_attempt(stranger, "own")


def a_binding(company: CompanyId, tenant: str) -> TenantBinding:
    """A company's."""
    return TenantBinding(tenant, company, ADMIN, "person", NOW)


async def test_a_tenant_belongs_to_one_company(consents: ConsentStore) -> None:
    """The first one has it, also when it asks again, until it gives it up; nobody else can give it up."""
    tenant, first, second = str(uuid.uuid4()), a_company(), a_company()
    own = a_binding(first, tenant)
    assert await consents.bind_tenant(own) == own
    assert await consents.bind_tenant(replace(own, admin=OTHER)) == own
    assert await consents.bind_tenant(a_binding(second, tenant)) == own
    await consents.free_tenant(tenant, second)
    assert await consents.bind_tenant(a_binding(second, tenant)) == own
    for _ in range(2):
        await consents.free_tenant(tenant, first)
    assert await consents.bind_tenant(a_binding(second, tenant)) == a_binding(second, tenant)


async def test_several_bind_it_at_once(consents: ConsentStore) -> None:
    """All are told the same one."""
    tenant = str(uuid.uuid4())
    held = await asyncio.gather(*(consents.bind_tenant(a_binding(a_company(), tenant)) for _ in range(8)))
    assert len(set(held)) == 1


async def test_an_attempt_at_rest(azurite: str, tables: Storage) -> None:
    """Secrets, names and addresses are not in the table's plain properties; another key opens nothing."""
    company = a_company()
    await tables.consents.put(an_attempt(company))
    clients = Clients(Connection(azurite), StorageCalls())
    table = Table(clients, "companies")
    row = await table.read(company, "consent:d1")
    assert row is not None
    kept = " ".join(str(value) for name, value in row.items() if name != "attempt")
    assert not any(text in kept for text in ("code_verifier", "root@", "Åkerlund", "tenant"))
    with pytest.raises(Stop):
        await TableConsentStore(table, Cipher(bytes(32))).take(company, "d1")
    await clients.aclose()
