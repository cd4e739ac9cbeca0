"""Claims: one row of the company for each meeting."""

import asyncio
from dataclasses import fields, replace

import pytest

from core.adapters.storage.storage import Storage
from core.errors import Stop, StorageConflict
from core.model.claim import Claim
from core.model.ids import UserId
from tests.contract.stores.conftest import Stores
from tests.contract.stores.samples import NOW, a_company, event_id

ANNA, BERT, CARL = UserId("anna"), UserId("bert"), UserId("carl")
APART = ((CARL, "2026-12-08"),), ((BERT, "digest"),), ((CARL, "2026-12-15"),), (BERT,)
CLAIM = Claim("k", event_id("uid ä"), "act", ANNA, (BERT, CARL), BERT, NOW, "series", *APART)


async def test_the_life_of_a_claim(stores: Stores) -> None:
    """All of it comes back, the example leaves no field at its default, and it goes; going twice is harmless."""
    company = a_company()
    unknown = await stores.companies.claim(company, "k")
    assert (unknown, unknown.tag) == (Claim("k"), "")
    stored = await stores.companies.put_claim(company, CLAIM)
    found = await stores.companies.claim(company, "k")
    assert (found, found.tag) == (CLAIM, stored.tag)
    assert not [one.name for one in fields(CLAIM) if one.compare and getattr(CLAIM, one.name) == one.default]
    assert (await stores.companies.claim(a_company(), "k")).tag == ""
    for _ in range(2):
        await stores.companies.drop_claim(company, "k")
    assert (await stores.companies.claim(company, "k")).tag == ""


async def test_a_meeting_that_several_claim_at_once(stores: Stores) -> None:
    """One of them has it; the others hear that they were late, and see whose it is."""
    company = a_company()
    mine = [replace(CLAIM, activity="", made_by=user, begun=NOW) for user in (ANNA, BERT, CARL)]
    answers = await asyncio.gather(*(stores.companies.put_claim(company, one) for one in mine), return_exceptions=True)
    (winner,) = [answer for answer in answers if isinstance(answer, Claim)]
    assert sum(isinstance(answer, StorageConflict) for answer in answers) == 2
    assert await stores.companies.claim(company, "k") == winner


async def test_a_claim_that_was_changed_meanwhile(stores: Stores) -> None:
    """Only who saw the last state stores the next; what it has no more is gone."""
    company = a_company()
    stored = await stores.companies.put_claim(company, CLAIM)
    newer = await stores.companies.put_claim(company, replace(stored, uid="", attendees=(), begun=None))
    for stale in (CLAIM, stored):
        with pytest.raises(StorageConflict):
            await stores.companies.put_claim(company, stale)
    assert await stores.companies.claim(company, "k") == newer == replace(CLAIM, uid="", attendees=(), begun=None)
    await stores.companies.drop_claim(company, "k")
    with pytest.raises(StorageConflict):
        await stores.companies.put_claim(company, newer)


async def test_a_meeting_of_the_whole_house(stores: Stores) -> None:
    """Three thousand attendees are all kept."""
    company = a_company()
    everybody = tuple(UserId(f"{n:08x}-17de-408a-b874-0445c86b69e6") for n in range(3000))
    await stores.companies.put_claim(company, replace(CLAIM, attendees=everybody[::-1]))
    assert (await stores.companies.claim(company, "k")).attendees == everybody


async def test_a_uid_that_was_moved_to_another_claim(tables: Storage) -> None:
    """It does not open there."""
    company = a_company()
    for key in ("k", "other"):
        await tables.companies.put_claim(company, replace(CLAIM, key=key))
    table = tables.companies._table
    rows = [dict(await table.read(company, f"claim:{key}") or {}) for key in ("k", "other")]
    client = await table._clients.table("companies")
    await client.upsert_entity({**rows[1], "uid": rows[0]["uid"]})
    with pytest.raises(Stop, match="storage_tampered"):
        await tables.companies.claim(company, "other")
