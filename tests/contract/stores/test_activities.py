"""The company's rows of activities: holders who come and go, and the lock of whoever writes."""

import asyncio
from dataclasses import fields, replace

import pytest

from core.errors import StorageConflict
from core.model.company import ActivityRow
from core.model.ids import Side, UserId
from tests.contract.stores.conftest import Stores
from tests.contract.stores.samples import NOW, a_company

ANNA, BERT, CARL = (UserId(f"{n}4633458-17de-408a-b874-0445c86b69e6") for n in "123")
ODD = UserId("user_4 with / odd id")
LOCKED = ActivityRow("act-0", Side.MICROSOFT, (ANNA, BERT), "claim", "run", NOW)


def holding(*users: UserId, activity: str = "act-0", claim: str = "") -> ActivityRow:
    """What a pair says when it records a link."""
    return ActivityRow(activity, Side.MICROSOFT, users, claim)


async def test_the_row_of_an_activity(stores: Stores) -> None:
    """Taken by its tag: of several who saw it free, one gets the lock."""
    company = a_company()
    row = await stores.companies.activity(company, "act")
    assert (row, row.tag) == (ActivityRow("act"), "")
    for _ in range(2):
        tries = (replace(row, holders=(ANNA,), locked_by=f"run-{n}", locked_until=NOW) for n in range(5))
        asked = (stores.companies.put_activity(company, mine) for mine in tries)
        answers = await asyncio.gather(*asked, return_exceptions=True)
        (winner,) = [answer for answer in answers if isinstance(answer, ActivityRow)]
        assert sum(isinstance(answer, StorageConflict) for answer in answers) == 4
        row = await stores.companies.activity(company, "act")
        assert (row, row.tag) == (winner, winner.tag)


async def test_everything_that_a_row_holds(stores: Stores) -> None:
    """All of it comes back, and goes again; the example leaves no field at its default."""
    company = a_company()
    stored = await stores.companies.put_activity(company, LOCKED)
    assert stored == LOCKED
    assert await stores.companies.activity(company, "act-0") == LOCKED
    assert not [one.name for one in fields(LOCKED) if one.compare and getattr(LOCKED, one.name) == one.default]
    await stores.companies.put_activity(company, ActivityRow("act-0", tag=stored.tag))
    assert await stores.companies.activity(company, "act-0") == ActivityRow("act-0")


async def test_a_holder_is_added(stores: Stores) -> None:
    """Those who are there stay, in the order of ids, and so does the lock; an empty claim changes none."""
    company = a_company()
    await stores.companies.put_activity(company, replace(LOCKED, holders=(BERT,), origin=Side.SEVERA))
    for row in (holding(CARL), holding(ANNA), holding(ANNA)):
        await stores.companies.put_holders(company, [row])
    assert await stores.companies.activity(company, "act-0") == replace(LOCKED, holders=(ANNA, BERT, CARL))
    await stores.companies.put_holders(company, [holding(ANNA, claim="other")])
    assert (await stores.companies.activity(company, "act-0")).claim == "other"


async def test_several_are_added_at_once(stores: Stores) -> None:
    """None is lost, whoever they are, and nobody has to look first."""
    company = a_company()
    users = (ANNA, BERT, CARL, ODD)
    await asyncio.gather(*(stores.companies.put_holders(company, [holding(user)]) for user in users))
    row = await stores.companies.activity(company, "act-0")
    assert (row.holders, row.claim, row.locked_by) == (tuple(sorted(users)), "", "")


async def test_an_activity_that_is_named_twice(stores: Stores) -> None:
    """Both its holders are added."""
    company = a_company()
    await stores.companies.put_holders(company, [holding(ANNA, claim="claim"), holding(BERT)])
    assert await stores.companies.activity(company, "act-0") == holding(ANNA, BERT, claim="claim")


async def test_a_holder_goes(stores: Stores) -> None:
    """The others and the lock stay; going twice is harmless, and coming back is possible."""
    company = a_company()
    await stores.companies.put_activity(company, LOCKED)
    await stores.companies.put_holders(company, [holding(CARL), holding(ODD)])
    for user in (BERT, CARL, CARL, ODD):
        await stores.companies.drop_holder(company, "act-0", user)
    assert await stores.companies.activity(company, "act-0") == replace(LOCKED, holders=(ANNA,))
    await stores.companies.put_holders(company, [holding(BERT)])
    assert (await stores.companies.activity(company, "act-0")).holders == (ANNA, BERT)


async def test_who_goes_from_an_activity_without_a_row(stores: Stores) -> None:
    """There is none afterwards either."""
    company = a_company()
    await stores.companies.drop_holder(company, "act-0", ANNA)
    row = await stores.companies.activity(company, "act-0")
    assert (row, row.tag) == (ActivityRow("act-0"), "")


@pytest.mark.parametrize("change", ["added", "gone"])
async def test_holders_change_while_somebody_writes(stores: Stores, change: str) -> None:
    """Who read the row before does not undo it."""
    company = a_company()
    seen = await stores.companies.put_activity(company, LOCKED)
    if change == "added":
        await stores.companies.put_holders(company, [holding(CARL)])
    else:
        await stores.companies.drop_holder(company, "act-0", BERT)
    with pytest.raises(StorageConflict):
        await stores.companies.put_activity(company, replace(seen, locked_by="", locked_until=None))


async def test_who_goes_is_not_brought_back_by_a_whole_write(stores: Stores) -> None:
    """A row that is written as it was read holds whom it held."""
    company = a_company()
    await stores.companies.put_holders(company, [holding(ANNA, BERT, CARL)])
    await stores.companies.drop_holder(company, "act-0", BERT)
    for name in ("run-1", "run-2"):
        row = await stores.companies.activity(company, "act-0")
        await stores.companies.put_activity(company, replace(row, locked_by=name))
    assert (await stores.companies.activity(company, "act-0")).holders == (ANNA, CARL)


async def test_the_holders_of_many_activities(stores: Stores) -> None:
    """More than one transaction takes; none at all is harmless."""
    company = a_company()
    rows = [holding(ANNA, BERT, activity=f"act-{n}") for n in range(130)]
    await stores.companies.put_holders(company, rows)
    for number in (0, 99, 100, 129):
        assert await stores.companies.activity(company, f"act-{number}") == rows[number]
    await stores.companies.put_holders(company, [])
