"""Forgetting a company: everything of it, nothing of anybody else's, step by step, as often as one likes."""

import asyncio
import uuid
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from core.adapters.memory.consents import MemoryConsentStore
from core.adapters.storage import forgetting
from core.adapters.storage.storage import Storage
from core.errors import StorageConflict
from core.model.claim import Claim
from core.model.company import ActivityRow, CompanySettings, FeedState
from core.model.consent import TenantBinding
from core.model.ids import CompanyId, MailboxId, Pair, Side, UserId
from core.model.link import Intent
from core.model.operation import Note, NoteKind
from core.model.rows import Due, Hold, Member, Record
from core.model.state import Switch
from tests.contract.stores.conftest import Stores
from tests.contract.stores.samples import NOW, a_company, a_link, committed, event_id, leased, noticed

LONG_AGO = NOW - timedelta(days=365)
ANNA, BERT = UserId(str(uuid.uuid4())), UserId(str(uuid.uuid4()))
STORES = ("pairs", "history", "holds", "due", "companies")


async def lived_in(stores: Stores, company: CompanyId) -> str:
    """A company with two users and something of every kind; the tag of its settings."""
    tag = await stores.companies.put_settings(company, CompanySettings(enabled=True), "")
    for number, user in enumerate((ANNA, BERT)):
        pair = Pair(company, user)
        link = a_link(f"act-{number}", event_id(user))
        await stores.companies.put_member(company, Member(user, on=True))
        await stores.companies.bind_mailbox(company, MailboxId(f"box-{number}"), user)
        await stores.companies.begin(Intent(f"i-{number}", pair, Side.SEVERA, "s", link, NOW, NOW))
        await stores.pairs.set_switch(pair, Switch(on=True))
        await stores.pairs.notice(pair, [noticed("p1"), noticed("p2")])
        await committed(stores.pairs, await leased(stores.pairs, pair), links=(link,), cursor="c")
        note = Note(NoteKind.REMARK, "c", Side.SEVERA, {"subject": "x"})
        lines = [Record(f"r{days}", NOW - timedelta(days=days), note) for days in (0, 40, 80)]
        await stores.history.append(pair, lines)
        await stores.holds.put(Hold(f"h-{number}", company, user, "delete", "many", NOW, ()))
        await stores.due.put(Due(NOW + timedelta(hours=number), company, user))
    await stores.companies.put_activity(company, ActivityRow("act-0", holders=(ANNA,)))
    for key in ("k1", "k2", "k3"):
        await stores.companies.put_claim(company, Claim(key, uid="uid", lead=ANNA))
    await stores.companies.put_feed(company, FeedState(cursor=NOW))
    await stores.companies.put_counter(company, "deleted-20261123", 3.0, "")
    await stores.due.put(Due(NOW, company))
    return tag


async def forgotten(stores: Stores, company: CompanyId) -> Counter[str]:
    """What goes until nothing is left."""
    counts: Counter[str] = Counter()
    for name in STORES:
        more = True
        while more:
            step = await getattr(stores, name).forget(company)
            counts.update(step.counts)
            more = step.more
    return +counts


ALL = {
    "links": 2,
    "pending": 4,
    "history": 6,
    "holds": 2,
    "due": 3,
    "users": 2,
    "mailboxes": 2,
    "activities": 1,
    "intents": 2,
    "claims": 3,
}


async def is_as_new(stores: Stores, company: CompanyId) -> bool:
    """Whether nothing but settings is there."""
    heads = [await stores.pairs.head(Pair(company, user)) for user in (ANNA, BERT)]
    due = [one async for one in stores.due.until(NOW + timedelta(days=1)) if one.company == company]
    return not (
        any(head.tag or head.pending or head.switch.on or head.cursor for head in heads)
        or [link for user in (ANNA, BERT) for link in await stores.pairs.links(Pair(company, user))]
        or [line for user in (ANNA, BERT) for line in await stores.history.read(Pair(company, user), LONG_AGO)]
        or await stores.holds.of_company(company)
        or due
        or await stores.companies.members(company)
        or (await stores.companies.activity(company, "act-0")).tag
        or (await stores.companies.claim(company, "k1")).tag
        or (await stores.companies.feed(company)).tag
        or (await stores.companies.counter(company, "deleted-20261123"))[1]
        or await stores.companies.intents(Pair(company, ANNA))
    )


async def test_a_company_is_forgotten(stores: Stores) -> None:
    """Every row of it goes and is counted by its kind; the settings go last, by their own call."""
    company, neighbour = a_company(), a_company()
    tag = await lived_in(stores, company)
    await lived_in(stores, neighbour)
    before = [await stores.pairs.head(Pair(neighbour, user)) for user in (ANNA, BERT)]
    assert await forgotten(stores, company) == ALL
    assert await is_as_new(stores, company)
    assert await stores.companies.bind_mailbox(company, MailboxId("box-0"), BERT) == BERT
    assert await stores.companies.settings(company) == (CompanySettings(enabled=True), tag)
    assert [await stores.pairs.head(Pair(neighbour, user)) for user in (ANNA, BERT)] == before
    assert await forgotten(stores, neighbour) == ALL


async def test_a_company_that_is_not_there(stores: Stores) -> None:
    """Nothing goes, and nothing is wrong with that."""
    assert await forgotten(stores, a_company()) == {}


async def test_one_pair_is_forgotten(stores: Stores) -> None:
    """The others of the company stay; a run that holds the lease has lost it."""
    company = a_company()
    await lived_in(stores, company)
    anna, bert = Pair(company, ANNA), Pair(company, BERT)
    step = await stores.pairs.forget(company, ANNA)
    assert (dict(step.counts), step.more) == ({"links": 1, "pending": 2}, False)
    assert (await stores.pairs.head(anna)).tag == ""
    assert len(await stores.pairs.links(bert)) == 1
    await stores.companies.remove_member(company, ANNA)
    await stores.companies.remove_member(company, ANNA)
    assert await stores.companies.members(company) == (Member(BERT, on=True),)


async def test_a_company_whose_name_begins_alike(stores: Stores) -> None:
    """It is another company."""
    company = CompanyId(str(uuid.uuid4()))
    longer = CompanyId(f"{company}0")
    await lived_in(stores, longer)
    assert await forgotten(stores, company) == {}
    assert await forgotten(stores, longer) == ALL


async def test_more_rows_than_one_step_takes(tables: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is more until there is no more; nothing is counted twice."""
    monkeypatch.setattr(forgetting, "MOST", 3)
    company = a_company()
    await lived_in(tables, company)
    step = await tables.pairs.forget(company)
    assert step.more
    counts = Counter(step.counts) + await forgotten(tables, company)
    assert counts == ALL
    assert await is_as_new(tables, company)


async def test_two_forget_it_at_once(stores: Stores) -> None:
    """Neither fails because the other was quicker, and nothing is left."""
    company = a_company()
    await lived_in(stores, company)
    await asyncio.gather(*(forgotten(stores, company) for _ in range(3)))
    assert await is_as_new(stores, company)


async def test_settings_that_were_changed_meanwhile(stores: Stores) -> None:
    """They stay; so does the truth about settings that are gone."""
    company = a_company()
    tag = await stores.companies.put_settings(company, CompanySettings(), "")
    newer = await stores.companies.put_settings(company, CompanySettings(tenant="t"), tag)
    with pytest.raises(StorageConflict):
        await stores.companies.remove_settings(company, tag)
    assert await stores.companies.settings(company) == (CompanySettings(tenant="t"), newer)
    await stores.companies.remove_settings(company, newer)
    assert await stores.companies.settings(company) is None
    with pytest.raises(StorageConflict):
        await stores.companies.remove_settings(company, newer)


async def test_tenants_of_a_company(tables: Storage) -> None:
    """All of its bindings go, also one that its settings do not name; others' stay."""
    for consents in (MemoryConsentStore(), tables.consents):
        company, neighbour = a_company(), a_company()
        first, second, theirs = (str(uuid.uuid4()) for _ in range(3))
        bindings = [(first, company), (second, company), (theirs, neighbour)]
        for tenant, owner in bindings:
            await consents.bind_tenant(TenantBinding(tenant, owner, ANNA, "person", NOW))
        assert [await consents.free_tenants(company) for _ in range(2)] == [2, 0]
        wanted = TenantBinding(first, neighbour, ANNA, "person", NOW)
        assert await consents.bind_tenant(wanted) == wanted
        assert (await consents.bind_tenant(replace(wanted, tenant=theirs, company=company))).company == neighbour
