import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import StorageConflict
from core.model.company import AUTHORITY_MAX, CompanySettings, FeedState, Version
from core.model.ids import MailboxId, Side, UserId
from core.model.link import Intent
from core.model.policy import ActivityType, ConflictRule
from core.model.rows import Member
from core.model.sighting import Category
from tests.contract.stores.conftest import Stores
from tests.contract.stores.samples import NOW, a_company, a_link, a_pair, event_id

SETTINGS = CompanySettings(
    Version.EXCHANGE_SERVER,
    enabled=True,
    enabled_since=NOW,
    tenant="tenant",
    severa_client_id="client",
    synced_types=frozenset({"t1", "t2"}),
    conflict=ConflictRule.SEVERA,
)


async def test_settings(stores: Stores) -> None:
    """They come back as they were stored; nobody overwrites what they have not seen."""
    company = a_company()
    assert await stores.companies.settings(company) is None
    tag = await stores.companies.put_settings(company, SETTINGS, "")
    assert await stores.companies.settings(company) == (SETTINGS, tag)
    newer = await stores.companies.put_settings(company, replace(SETTINGS, enabled=False), tag)
    assert newer != tag
    for stale in ("", tag):
        with pytest.raises(StorageConflict):
            await stores.companies.put_settings(company, SETTINGS, stale)


async def test_settings_with_all_that_they_may_hold(stores: Stores) -> None:
    """The longest list of activity types and the largest authority fit side by side; without it, it is gone."""
    types = frozenset(f"{n:08}-1111-4111-8111-111111111111" for n in range(500))
    company, full = a_company(), replace(SETTINGS, synced_types=types, exchange_authority="A" * AUTHORITY_MAX)
    tag = await stores.companies.put_settings(company, full, "")
    assert await stores.companies.settings(company) == (full, tag)
    tag = await stores.companies.put_settings(company, SETTINGS, tag)
    assert await stores.companies.settings(company) == (SETTINGS, tag)


async def test_members(stores: Stores) -> None:
    """Everybody of the company, each once, as stored last, and nobody of another company."""
    company = a_company()
    anna, bert = Member(UserId("anna"), on=True), Member(UserId("bert"), on=True)
    for member in (anna, bert, replace(bert, on=False)):
        await stores.companies.put_member(company, member)
    await stores.companies.put_member(a_company(), anna)
    assert set(await stores.companies.members(company)) == {anna, replace(bert, on=False)}


async def test_a_mailbox_that_two_users_want_at_once(stores: Stores) -> None:
    """One of them has it, and everybody is told who (R1); in another company it is free."""
    company, mailbox = a_company(), MailboxId("00000000-box")
    wanted = (stores.companies.bind_mailbox(company, mailbox, UserId(f"user-{n}")) for n in range(6))
    (owner,) = set(await asyncio.gather(*wanted))
    assert await stores.companies.bind_mailbox(company, mailbox, UserId("late")) == owner
    assert await stores.companies.bind_mailbox(a_company(), mailbox, UserId("late")) == "late"


def an_intent(name: str, source: str = "source", **changes: object) -> Intent:
    """An intent to create an activity for an event."""
    base = a_link("", source)
    return replace(Intent(name, a_pair(), Side.SEVERA, source, base, NOW, NOW + timedelta(seconds=45)), **changes)


async def test_an_intent_that_several_begin_at_once(stores: Stores) -> None:
    """One is first; all the others are shown the one that is stored."""
    pair = a_pair()
    tries = [an_intent("i1", event_id(str(n)), pair=pair) for n in range(6)]
    found = await asyncio.gather(*(stores.companies.begin(intent) for intent in tries))
    (winner,) = [intent for intent, earlier in zip(tries, found, strict=True) if earlier is None]
    assert {earlier for earlier in found if earlier is not None and earlier != winner} == set()


async def test_the_life_of_an_intent(stores: Stores) -> None:
    """Begun, ended; a pair's own are found in one read, and ending twice is harmless."""
    pair = a_pair()
    one, two = an_intent("i1", pair=pair), an_intent("i/2 with odd id", pair=pair)
    other = an_intent("i3", pair=a_pair(pair.company))
    for intent in (one, two, other):
        assert await stores.companies.begin(intent) is None
    assert sorted(await stores.companies.intents(pair), key=lambda i: i.id) == sorted([one, two], key=lambda i: i.id)
    for _ in range(2):
        await stores.companies.end(pair.company, "i1")
    assert await stores.companies.intents(pair) == (two,)
    assert await stores.companies.begin(one) is None


async def test_the_feed(stores: Stores) -> None:
    """All of it comes back, and only who saw the last state stores the next."""
    company = a_company()
    assert await stores.companies.feed(company) == FeedState()
    types = (ActivityType("t", "Työ", Category.TASK, is_active=False), ActivityType("u", "", Category.PERSONAL))
    state = FeedState(NOW, tuple((f"act-{n}", f"v{n}") for n in range(3000)), NOW, types, NOW, NOW, 2, "late")
    stored = await stores.companies.put_feed(company, state)
    found = await stores.companies.feed(company)
    assert (found, found.tag) == (state, stored.tag)
    newer = await stores.companies.put_feed(company, replace(stored, recent=()))
    assert newer.tag != stored.tag
    for stale in (state, stored):
        with pytest.raises(StorageConflict):
            await stores.companies.put_feed(company, stale)


async def test_a_counter_that_many_count_with(stores: Stores) -> None:
    """No count is lost: who was overtaken looks again."""
    company = a_company()
    assert await stores.companies.counter(company, "limiter severa") == (0.0, "")

    async def add() -> None:
        while True:
            value, tag = await stores.companies.counter(company, "limiter severa")
            try:
                await stores.companies.put_counter(company, "limiter severa", value + 0.5, tag)
            except StorageConflict:
                continue
            return

    await asyncio.gather(*(add() for _ in range(5)))
    assert (await stores.companies.counter(company, "limiter severa"))[0] == 2.5
    assert await stores.companies.counter(company, "other") == (0.0, "")
