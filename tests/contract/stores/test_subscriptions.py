"""Subscriptions, the walk over all that is stored, and what is old enough to go, on either store."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.adapters.storage import attic as table_attic
from core.adapters.storage.storage import Storage
from core.errors import StorageConflict
from core.model.company import ActivityRow, CompanySettings
from core.model.ids import MailboxId, Pair, Side, UserId
from core.model.link import Intent, LinkState
from core.model.operation import Note, NoteKind
from core.model.rows import Record
from core.model.state import Switch
from core.model.subscription import Heard, Lifecycle, OldIntent, Place, Subscription
from tests.contract.stores.conftest import Stores
from tests.contract.stores.samples import NOW, a_company, a_link, a_pair, committed, event_id, leased

ANNA, BERT = UserId("a-anna"), UserId("b-bert")
OLD = NOW - timedelta(days=90)


def a_subscription(user: UserId = ANNA, **changes: object) -> Subscription:
    """One with something in every part."""
    made = Subscription(
        user,
        "sub-1",
        "tenant",
        MailboxId("box"),
        "https://sync.example",
        "d" * 64,
        NOW,
        NOW + timedelta(days=6),
        NOW,
        NOW + timedelta(days=1),
        NOW,
        full=True,
        code="throttled",
        failures=2,
        not_before=NOW,
    )
    return replace(made, **changes)


async def test_a_subscription_comes_back_whole(stores: Stores) -> None:
    """By its pair, and among its company's; nobody else's is there."""
    company, store = a_company(), stores.subscriptions
    await store.put(company, a_subscription(BERT))
    await store.put(company, a_subscription())
    await store.put(a_company(), a_subscription())
    assert await store.find(company, ANNA) == a_subscription()
    assert await store.of_company(company) == (a_subscription(), a_subscription(BERT))
    assert await store.find(company, UserId("nobody")) is None


async def test_what_is_heard_and_what_is_stored_do_not_meet(stores: Stores) -> None:
    """Each part of what is heard stays until it is heard anew, whatever the timer stores meanwhile."""
    company, store = a_company(), stores.subscriptions
    await store.put(company, a_subscription())
    await store.hear(company, ANNA, Heard(delivered=NOW))
    await store.hear(company, ANNA, Heard(event=Lifecycle.REMOVED, event_at=NOW))
    await store.put(company, a_subscription(id="sub-2"))
    await store.hear(company, ANNA, Heard(suspected=NOW))
    expected = Heard(NOW, Lifecycle.REMOVED, NOW, NOW)
    assert await store.find(company, ANNA) == a_subscription(id="sub-2", heard=expected)


async def test_something_is_heard_of_one_that_is_forgotten(stores: Stores) -> None:
    """It leaves no row behind; forgetting twice is forgetting."""
    company, store = a_company(), stores.subscriptions
    await store.put(company, a_subscription())
    for _ in range(2):
        await store.remove(company, ANNA)
    await store.hear(company, ANNA, Heard(delivered=NOW))
    assert await store.of_company(company) == ()


async def test_a_walk_over_companies_and_users(stores: Stores) -> None:
    """Every one is met once, in order; rows that belong to no company are passed over."""
    first, second = sorted((a_company(), a_company()))
    for company in (first, second):
        await stores.companies.put_settings(company, CompanySettings(), "")
        for number in range(3):
            await stores.companies.put_activity(company, ActivityRow(f"act-{number}"))
        for user in (BERT, ANNA):
            await stores.pairs.set_switch(Pair(company, user), Switch(on=True))
            await committed(stores.pairs, await leased(stores.pairs, Pair(company, user)), links=(a_link("a", "e"),))
    await stores.directory.put_place(f"walk-{first}", Place())
    met, at = [], ""
    while (found := await stores.directory.company_after(at)) is not None:
        met.append(found)
        at = found
    assert [one for one in met if one in (first, second)] == [first, second]
    assert len(met) == len(set(met))
    assert not [one for one in met if one.startswith(("service", "tenant"))]
    users, at = [], ""
    while (user := await stores.directory.user_after(first, at)) is not None:
        users.append(user)
        at = user
    assert users == [ANNA, BERT]
    assert await stores.directory.user_after(a_company(), "") is None


async def test_a_place_is_kept(stores: Stores) -> None:
    """Of two that store it at once, one is told that it came too late."""
    name = a_company()
    assert await stores.directory.place(name) == Place()
    kept = await stores.directory.put_place(name, Place("company", "user", NOW))
    assert await stores.directory.place(name) == Place("company", "user", NOW)
    assert (await stores.directory.place(name)).tag == kept.tag
    await stores.directory.put_place(name, replace(kept, user="next"))
    with pytest.raises(StorageConflict):
        await stores.directory.put_place(name, replace(kept, user="late"))
    assert (await stores.directory.place(name)).user == "next"


async def test_old_history_goes(stores: Stores) -> None:
    """To the moment, through all earlier months, of that pair alone."""
    pair, other = a_pair(), a_pair()
    note = Note(NoteKind.REMARK, "c", Side.SEVERA, {"subject": "x"})
    lines = [Record(f"r{days}", NOW - timedelta(days=days), note) for days in (0, 30, 89, 91, 130, 400)]
    for one in (pair, other):
        await stores.history.append(one, lines)
    assert dict((await stores.attic.purge_history(pair, OLD)).counts) == {"history": 3}
    assert dict((await stores.attic.purge_history(pair, OLD)).counts) == {"history": 0}
    left = await stores.history.read(pair, NOW - timedelta(days=1000))
    assert [record.id for record in left] == ["r0", "r30", "r89"]
    assert len(await stores.history.read(other, NOW - timedelta(days=1000))) == 6


async def test_old_dead_links_go(stores: Stores) -> None:
    """Living and parked ones stay however old they are, and so does a link that died lately."""
    pair, long_ago = a_pair(), OLD - timedelta(days=1)
    links = (
        a_link("old", event_id("old"), state=LinkState.DEAD, agreed=long_ago),
        a_link("late", event_id("late"), state=LinkState.DEAD, agreed=NOW),
        a_link("parked", event_id("parked"), state=LinkState.PARKED, agreed=long_ago),
        a_link("live", event_id("live"), agreed=long_ago),
    )
    await committed(stores.pairs, await leased(stores.pairs, pair), links=links)
    step = await stores.attic.purge_links(pair, OLD)
    assert (dict(step.counts), step.more) == ({"links": 1}, False)
    assert {link.activity for link in await stores.pairs.links(pair)} == {"late", "parked", "live"}
    for side, entry in ((Side.SEVERA, "old"), (Side.MICROSOFT, event_id("old"))):
        assert await stores.pairs.link_of(pair, side, entry) is None
    assert dict((await stores.attic.purge_links(pair, OLD)).counts) == {"links": 0}


async def test_intents_that_are_old(stores: Stores) -> None:
    """They are told with the side that their source is on; those that may still take effect are not."""
    company = a_company()
    for name, days in (("old", 8), ("new", 6)):
        settled = NOW - timedelta(days=days)
        intent = Intent(name, Pair(company, ANNA), Side.MICROSOFT, "act", a_link("act", ""), settled, settled)
        await stores.companies.begin(intent)
    found = await stores.attic.old_intents(company, NOW - timedelta(days=7))
    assert found == (OldIntent("old", ANNA, "severa", "act"),)


async def test_more_than_one_step(tables: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps are bounded, and say whether there is more."""
    monkeypatch.setattr(table_attic, "MOST", 2)
    pair = a_pair()
    lines = [
        Record(f"r{n}", OLD - timedelta(days=40 * n, hours=1), Note(NoteKind.REMARK, "c", Side.SEVERA))
        for n in range(5)
    ]
    await tables.history.append(pair, lines)
    steps = []
    while True:
        step = await tables.attic.purge_history(pair, OLD)
        steps.append((step.counts["history"], step.more))
        if not step.more:
            break
    assert sum(count for count, _ in steps) == 5
    assert [more for _, more in steps[:-1]] == [True] * (len(steps) - 1)


async def test_what_a_lookup_costs(tables: Storage) -> None:
    """One read for a pair's, one query for a company's, one small query for each leap of a walk."""
    company, store = a_company(), tables.subscriptions
    await store.put(company, a_subscription())
    for ask in (store.find(company, ANNA), store.of_company(company), store.hear(company, ANNA, Heard(delivered=NOW))):
        tables.calls.reset()
        await ask
        assert tables.calls.total == 1
    await tables.directory.user_after(company, "")
    tables.calls.reset()
    await asyncio.gather(*(tables.directory.user_after(company, "") for _ in range(3)))
    assert tables.calls.total == 3


async def test_a_company_that_is_forgotten(tables: Storage) -> None:
    """Its subscriptions' rows go with its partition."""
    company = a_company()
    await tables.subscriptions.put(company, a_subscription())
    await tables.companies.forget(company)
    assert await tables.subscriptions.of_company(company) == ()
