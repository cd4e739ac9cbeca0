"""Housekeeping: what is old goes, what may be needed stays, and it never takes long."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest

from core.errors import RetryLater
from core.model.company import CompanySettings
from core.model.consent import ConsentAttempt, Step
from core.model.ids import CompanyId, Pair, Side, UserId
from core.model.link import Intent, Link, LinkState
from core.model.operation import Note, NoteKind
from core.model.rows import Commit, Record
from core.model.state import Pending
from core.model.subscription import Subscription
from core.ports_live import LivePorts
from core.usecases import housekeeping
from core.usecases.housekeeping import BUDGET, keep_house
from core.usecases.switches import set_user_switch
from tests.support.stage import ANNA, BERT, COMPANY, LONG_AGO, Stage, make_stage

SECOND = CompanyId("22222222-2222-4222-8222-222222222222")
EVERYBODY = ((COMPANY, ANNA), (COMPANY, BERT), (SECOND, ANNA))


def house(stage: Stage) -> LivePorts:
    """What it is given; Graph is out of reach, for it needs nothing of it."""

    def nobody(_: str) -> None:
        raise AssertionError("housekeeping never asks Graph")

    storage = stage.storage
    return LivePorts(stage.ports, storage.subscriptions, nobody, storage.directory, storage.attic, storage.consents)


async def dead_link(stage: Stage, pair: Pair, name: str, days: float) -> None:
    """A link that died so long ago."""
    now, pairs = stage.clock.now(), stage.storage.pairs
    lease = await pairs.acquire(await pairs.head(pair), now, now + timedelta(minutes=1))
    assert lease is not None
    agreed = now - timedelta(days=days)
    link = Link(name, f"e-{name}", Side.SEVERA, state=LinkState.DEAD, agreed=agreed)
    await pairs.release(lease, Commit(links=(link,)))


async def line(stage: Stage, pair: Pair, name: str, days: float) -> None:
    """A line of history that is so old."""
    note = Note(NoteKind.REMARK, "c", Side.SEVERA)
    await stage.storage.history.append(pair, [Record(name, stage.clock.now() - timedelta(days=days), note)])


async def cluttered() -> Stage:
    """Two companies with something old and something young of every kind."""
    stage = await make_stage()
    now, company = stage.clock.now(), stage.storage.companies
    await company.put_settings(SECOND, CompanySettings(), "")
    for pair in (Pair(COMPANY, ANNA), Pair(COMPANY, BERT), Pair(SECOND, ANNA)):
        for days in (89, 91, 200):
            await line(stage, pair, f"r{days}", days)
            await dead_link(stage, pair, f"l{days}", days)
    for name, days in (("old", 8.0), ("young", 6.0), ("needed", 8.0)):
        settled = now - timedelta(days=days)
        base = Link(name, "", Side.SEVERA)
        await company.begin(Intent(name, stage.pair, Side.MICROSOFT, name, base, settled, settled))
    await stage.storage.pairs.notice(stage.pair, [Pending(Side.SEVERA, "needed")])
    for digest, minutes in (("expired", -1), ("open", 5)):
        attempt = ConsentAttempt(digest, COMPANY, ANNA, "Acme", Step.START, now + timedelta(minutes=minutes))
        await stage.storage.consents.put(attempt)
    await set_user_switch(stage.ports, Pair(COMPANY, BERT), on=False)
    for user in (ANNA, BERT):
        ran_out = Subscription(user, f"s-{user}", expires=now - timedelta(days=2))
        await stage.storage.subscriptions.put(COMPANY, ran_out)
    return stage


async def left(stage: Stage, pair: Pair) -> tuple[list[str], list[str]]:
    """History and dead links of a pair."""
    history = await stage.storage.history.read(pair, LONG_AGO, 1000)
    links = await stage.storage.pairs.links(pair)
    dead = [link.activity for link in links if link.state is LinkState.DEAD]
    return [record.id for record in history if record.id.startswith("r")], dead


async def is_clean(stage: Stage) -> bool:
    """Whether all that is old is gone, everywhere."""
    pairs = (Pair(COMPANY, ANNA), Pair(COMPANY, BERT), Pair(SECOND, ANNA))
    return [await left(stage, pair) for pair in pairs] == [(["r89"], ["l89"])] * 3


async def test_what_is_old_goes() -> None:
    """Of every kind, and nothing else."""
    stage = await cluttered()
    counts = await keep_house(house(stage))
    assert counts == {"history": 6, "links": 6, "intents": 1, "subscriptions": 1}
    assert await is_clean(stage)
    assert [intent.id for intent in await stage.storage.companies.intents(stage.pair)] == ["needed", "young"]
    assert [row.user for row in await stage.storage.subscriptions.of_company(COMPANY)] == [ANNA]
    taken = [await stage.storage.consents.take(COMPANY, digest) for digest in ("expired", "open")]
    assert [one is not None for one in taken] == [False, True]


async def test_a_second_round() -> None:
    """Once a day: an hour later there is nothing to do, the next day there is."""
    stage = await cluttered()
    await keep_house(house(stage))
    await line(stage, stage.pair, "r-old", 100)
    stage.clock.advance(timedelta(hours=1))
    assert not await keep_house(house(stage))
    stage.clock.advance(timedelta(hours=23))
    assert (await keep_house(house(stage)))["history"] >= 1


async def test_it_runs_out_of_time() -> None:
    """It stops, and goes on where it was, until all is done."""
    stage = await cluttered()
    attic, invocations = stage.storage.attic, []

    class Slow:
        purge_links, old_intents = attic.purge_links, attic.old_intents

        async def purge_history(self, *which: object) -> object:
            stage.clock.advance(timedelta(seconds=60))
            return await attic.purge_history(*which)  # type: ignore[arg-type]

    live = replace(house(stage), attic=Slow())
    while not await is_clean(stage):
        began = stage.clock.now()
        with patch.object(housekeeping, "AT_ONCE", 1):  # On this clock, who waits side by side waits in turn.
            await keep_house(live)
        invocations.append(stage.clock.now() - began)
        assert len(invocations) < 10
    assert len(invocations) > 1
    assert max(invocations) <= BUDGET + timedelta(seconds=60)


@pytest.mark.parametrize("point", range(12))
async def test_it_dies_on_the_way(point: int) -> None:
    """The next invocation goes on; repeating is harmless."""
    stage, steps = await cluttered(), []

    def die(name: str) -> None:
        steps.append(name)
        if len(steps) == point + 1:
            raise RetryLater("storage_unavailable")

    with patch.object(housekeeping, "AT_ONCE", 1):
        stage.effects.on_effect = die
        with pytest.raises(RetryLater):
            await keep_house(house(stage))
        stage.effects.on_effect = lambda _: None
        await keep_house(house(stage))
    assert await is_clean(stage)


@pytest.mark.parametrize("where", ["pairs.purge", "consents.forget", "companies.end"])
async def test_p49_something_fails_for_good(where: str) -> None:
    """P49: one pair's or company's trouble is its own; all others are cleaned, and the operator hears of it."""
    stage, failures = await cluttered(), []

    def fail(name: str) -> None:
        if name == f"before {where}" and not failures:
            failures.append(name)
            raise ValueError("a row that cannot be read")

    stage.effects.on_effect = fail
    with pytest.raises(ValueError, match="cannot be read"):
        await keep_house(house(stage))
    assert failures == [f"before {where}"]
    assert [len(await stage.storage.history.read(Pair(c, u), LONG_AGO, 9)) for c, u in EVERYBODY] == [1, 1, 1]
    stage.clock.advance(timedelta(days=1))
    await keep_house(house(stage))
    assert await is_clean(stage)


async def test_two_at_once() -> None:
    """Between them all is done once, and neither fails."""
    stage = await cluttered()
    counts = await asyncio.gather(keep_house(house(stage)), keep_house(house(stage)))
    assert sum(one["history"] for one in counts) == 6
    assert await is_clean(stage)


async def test_a_pair_that_nobody_switched_on() -> None:
    """Rows of passive pairs are looked after, too: the walk goes over pairs, not over members."""
    stage = await make_stage()
    passive = Pair(COMPANY, UserId("cccccccc-0000-4000-8000-000000000003"))
    await line(stage, passive, "r-old", 100)
    await stage.storage.pairs.notice(passive, [Pending(Side.SEVERA, "x")])
    assert (await keep_house(house(stage)))["history"] == 1
