"""The sweep: whoever is due is looked at, whatever was lost or died."""

import asyncio
from datetime import timedelta

import pytest

from core.errors import RetryLater
from core.model.company import SyncWhile
from core.model.ids import CompanyId, Pair, UserId
from core.model.rows import Due
from core.model.state import Switch
from core.usecases.hints import PAIRS, PAIRS_FIRST
from core.usecases.report import Outcome
from core.usecases.side_by_side import AT_ONCE
from core.usecases.sweep import BUDGET, sweep
from core.usecases.switches import set_company_switch, set_user_switch
from tests.support.stage import ANNA, BERT, COMPANY, at, entry, quiet_stage
from tests.support.theatre import Died


# --- the sweep --------------------------------------------------------------------------------------------------------
async def test_a_pair_is_looked_at_every_quarter_of_an_hour() -> None:
    """Without any hint; in minutes of its own, so that companies are spread over the hour."""
    stage = await quiet_stage("Lunch")
    seen = []
    for _ in range(120):
        reports = await stage.work(minutes=1)
        seen += [stage.clock.now().minute] * sum(r.outcome is Outcome.DONE for r in reports)
    assert len(set(seen)) <= 8
    assert 8 <= len(seen) // 2 <= 9
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "unhinted"))
    await stage.work(minutes=16)
    assert stage.activity("Lunch").essence.text == "unhinted"


async def test_two_sweeps_at_once() -> None:
    """The book does not grow, and nobody is looked at twice."""
    stage = await quiet_stage("Lunch")
    stage.clock.advance(timedelta(minutes=16))
    rows = [due async for due in stage.storage.due.until(stage.clock.now() + timedelta(hours=12))]
    await asyncio.gather(sweep(stage.ports), sweep(stage.ports))
    assert stage.messages(PAIRS) == 2  # Anna's and Bert's.
    after = [due async for due in stage.storage.due.until(stage.clock.now() + timedelta(hours=12)) if not due.late]
    assert len(after) == 3 <= len(rows)  # Anna's, Bert's, and the feed.


@pytest.mark.parametrize("failure", [RetryLater("storage_unavailable"), ValueError("a row that cannot be read")])
async def test_a_row_that_fails(failure: Exception) -> None:
    """P49: it stays in the book and keeps nobody else waiting; the timer's invocation counts as failed."""
    stage = await quiet_stage("Lunch")
    stage.clock.advance(timedelta(minutes=16))
    head = stage.storage.pairs.head

    async def fails(pair: Pair) -> object:
        if pair.user == ANNA:
            raise failure
        return await head(pair)

    stage.storage.pairs.head = fails  # type: ignore[method-assign, assignment]
    with pytest.raises(type(failure)):
        await sweep(stage.ports)
    stage.storage.pairs.head = head  # type: ignore[method-assign]
    assert {str(one.message["user"]) for one in stage.storage.queues.waiting(PAIRS)} == {BERT}
    left = [due async for due in stage.storage.due.until(stage.clock.now())]
    assert {due.user for due in left} == {ANNA}


async def test_a_sweep_that_runs_out_of_time() -> None:
    """It ends, and what it left is the next one's."""
    stage = await quiet_stage()
    stage.clock.advance(timedelta(minutes=16))
    await sweep(stage.ports)
    for number in range(100):
        pair = Pair(COMPANY, UserId(f"user-{number}"))
        await stage.storage.pairs.set_switch(pair, Switch(on=True, since=stage.clock.now()))
        await stage.storage.due.put(Due(stage.clock.now(), COMPANY, pair.user))
    before = stage.messages(PAIRS, PAIRS_FIRST)
    done, slow = stage.storage.due.done, [True]

    async def slowly(due: Due) -> None:
        if slow[0]:
            stage.clock.advance(timedelta(seconds=1))
        await done(due)

    stage.storage.due.done = slowly  # type: ignore[method-assign]
    began = stage.clock.now()
    await sweep(stage.ports)
    assert BUDGET <= stage.clock.now() - began <= BUDGET + timedelta(seconds=AT_ONCE)
    assert 0 < stage.messages(PAIRS, PAIRS_FIRST) - before < 100
    slow[0] = False
    await sweep(stage.ports)
    assert stage.messages(PAIRS, PAIRS_FIRST) - before >= 100


@pytest.mark.parametrize("effect", ["due.put", "due.done", "pairs.set_hint", "queues.put"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_sweep_that_dies(effect: str, when: str) -> None:
    """Whatever it was doing, the next sweeps serve everybody: nobody falls out of the book."""
    stage = await quiet_stage("Lunch")
    stage.clock.advance(timedelta(minutes=16))
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "found"))
    stage.severa.add(BERT, entry("Bert's"))
    stage.fail(f"{when} {effect}", Died("here"), times=1)
    with pytest.raises(Died):
        await sweep(stage.ports)
    stage.restart()
    await stage.work(minutes=40)
    assert stage.activity("Lunch").essence.text == "found"
    assert stage.subjects(BERT)[1] == ["Bert's"]


async def test_somebody_who_is_away_or_waits_for_a_person() -> None:
    """They are looked at every six hours only; who merely failed for a while keeps the quarter of an hour."""
    stage = await quiet_stage()
    stage.severa.users_by_id.pop(ANNA)
    stage.clock.advance(timedelta(days=8))
    reports = await stage.work(minutes=24 * 60)
    assert 4 <= len([r for r in reports if r.code == "user_not_found"]) <= 6


async def test_a_company_that_is_off() -> None:
    """It falls out of the book, and comes back with its switch."""
    stage = await quiet_stage("Lunch")
    await set_company_switch(stage.ports, COMPANY, on=False)
    assert await stage.work(minutes=60) == []
    assert [due async for due in stage.storage.due.until(stage.clock.now() + timedelta(days=1))] == []
    await set_company_switch(stage.ports, COMPANY, on=True)
    await set_user_switch(stage.ports, Pair(COMPANY, BERT), on=False)
    reports = await stage.work(minutes=60)
    assert len(reports) >= 4
    rows = [due async for due in stage.storage.due.until(stage.clock.now() + timedelta(days=1))]
    assert {due.user for due in rows} == {None, ANNA}


async def test_a_pair_that_nobody_knows() -> None:
    """A row of the book that is left over from somebody is cleared away."""
    stage = await quiet_stage()
    for company, user in ((COMPANY, UserId("nobody")), (CompanyId("nowhere"), ANNA), (CompanyId("nowhere"), None)):
        await stage.storage.due.put(Due(stage.clock.now(), company, user))
    await sweep(stage.ports)
    rows = [due async for due in stage.storage.due.until(stage.clock.now() + timedelta(days=1))]
    assert {due.company for due in rows} == {COMPANY}
    assert "nobody" not in {due.user for due in rows}


async def test_somebody_who_is_away_stays_in_the_book() -> None:
    """When the company lets the sync run for everybody, they need no sign of life to be served again."""
    stage = await quiet_stage("Lunch")
    await stage.change_settings(sync_while=SyncWhile.LOGGED_IN)
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "meanwhile"))
    await stage.work(minutes=60)
    await stage.change_settings(sync_while=SyncWhile.ALWAYS)
    await stage.work(minutes=6 * 60)
    assert stage.activity("Lunch").essence.text == "meanwhile"
