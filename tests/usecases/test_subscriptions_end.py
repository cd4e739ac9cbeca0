"""Graph's subscriptions end with what they were for; the timer that keeps them shares its time, and survives."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from core.errors import Stop
from core.model.caller import Caller
from core.model.company import CompanySettings
from core.model.ids import CompanyId, Pair
from core.model.rows import Commit
from core.model.state import Health
from core.usecases import subscriptions
from core.usecases.offboarding import remove_company
from core.usecases.subscriptions import keep_company
from core.usecases.switches import set_company_switch, set_user_switch
from tests.support.live_stage import SUBSCRIPTIONS, LiveStage, live_stage, refuse
from tests.support.theatre import Died


# --- removed ----------------------------------------------------------------------------------------------------------
async def test_a_user_switches_off(kept: LiveStage) -> None:
    """The subscription is ended at Graph, and forgotten here."""
    await set_user_switch(kept.stage.ports, kept.stage.pair(), on=False)
    await kept.keep()
    assert kept.at_graph == []
    assert await kept.row() is None


async def test_a_company_is_switched_off_and_on() -> None:
    """All are ended; all come back."""
    async with live_stage(("anna", "bert")) as running:
        await running.keep()
        await set_company_switch(running.stage.ports, running.stage.company, on=False)
        await running.keep()
        assert running.at_graph == []
        await set_company_switch(running.stage.ports, running.stage.company, on=True)
        await running.keep()
        assert len(running.at_graph) == 2


async def test_the_consent_is_gone_when_a_user_switches_off(kept: LiveStage) -> None:
    """Graph cannot be asked: the row goes, and the subscription runs out."""
    await set_user_switch(kept.stage.ports, kept.stage.pair(), on=False)
    refuse(kept, "DELETE", 401, times=2)
    await kept.keep()
    assert await kept.row() is None
    assert len(kept.at_graph) == 1


async def test_graph_does_not_answer_when_a_user_switches_off(kept: LiveStage) -> None:
    """It is tried again."""
    await set_user_switch(kept.stage.ports, kept.stage.pair(), on=False)
    refuse(kept, "DELETE", 503)
    await kept.keep()
    assert (await kept.row()).code == "unavailable"
    kept.pass_time(minutes=10)
    await kept.keep()
    assert kept.at_graph == []
    assert await kept.row() is None


async def test_the_address_leads_to_another_mailbox(kept: LiveStage) -> None:
    """The pair stops and asks (R1): the old mailbox is watched no longer, at the next renewal at the latest."""
    pairs, pair = kept.stage.ports.pairs, kept.stage.pair()
    head = await pairs.head(pair)
    lease = await pairs.acquire(head, kept.now, kept.now + timedelta(minutes=1))
    assert lease is not None
    await pairs.release(lease, Commit(state=replace(head.state, health=Health("mailbox_changed", kept.now, 1))))
    kept.pass_time(hours=28)
    await kept.keep()
    assert kept.at_graph == []
    assert (await kept.row()).code == "mailbox_not_bound"


async def test_a_company_leaves(kept: LiveStage) -> None:
    """Its subscriptions are ended, and counted."""
    caller = Caller(kept.stage.company, kept.stage.pair().user, is_admin=True)
    storage = kept.stage.storage
    removal = await remove_company(kept.stage.ports, storage.consents, None, caller, copies=False, live=kept.live)
    assert removal.finished
    assert removal.counts["subscriptions"] == 1
    assert kept.at_graph == []
    assert await kept.row() is None


async def test_a_company_leaves_whose_consent_is_gone(kept: LiveStage) -> None:
    """It is forgotten all the same; Graph's subscription runs out, and what it delivers is ignored."""

    def unreachable(_: str) -> Any:
        raise Stop("consent_missing", whole_company=True)

    caller = Caller(kept.stage.company, kept.stage.pair().user, is_admin=True)
    storage, live = kept.stage.storage, replace(kept.live, graph=unreachable)
    removal = await remove_company(kept.stage.ports, storage.consents, None, caller, copies=False, live=live)
    assert removal.finished
    assert removal.counts["subscriptions"] == 0
    assert await kept.row() is None


# --- the timer --------------------------------------------------------------------------------------------------------
async def test_two_timers_at_once() -> None:
    """They make one for each pair."""
    names = ("anna", "bert", "cecilia")
    async with live_stage(names) as running:
        await asyncio.gather(running.keep(), running.keep())
        await running.keep()
        assert len(running.at_graph) == 3
        assert running.stage.graph.requests.count("POST", SUBSCRIPTIONS) == 3


async def test_a_timer_that_runs_out_of_time() -> None:
    """It stops in good time, and the next one goes on."""
    names = ("anna", "bert", "cecilia")
    async with live_stage(names) as running:
        with patch.object(subscriptions, "BUDGET", timedelta(seconds=1.5)), patch.object(subscriptions, "AT_ONCE", 1):
            began = running.now
            await running.keep()
            assert len(running.at_graph) == 2
            assert running.now - began == timedelta(seconds=2)
            await running.keep()
        assert len(running.at_graph) == 3


async def test_many_at_once() -> None:
    """Five in a second, no more: Graph throttles bursts."""
    names = tuple(f"user{number}" for number in range(12))
    async with live_stage(names) as running:
        await running.keep()
        made = [one.at for one in running.stage.graph.subscriptions.authorizations]
        assert len(made) == 12
        assert max(made.count(at) for at in made) == 5
        assert made[-1] - made[0] == timedelta(seconds=2)


async def test_two_companies() -> None:
    """One that has much to do lets the other have its turn, and goes on afterwards."""
    async with live_stage(("anna", "bert", "cecilia")) as running:
        stage, other = running.stage, CompanyId("ffffffff-ffff-4fff-8fff-ffffffffffff")
        settings = (await stage.ports.companies.settings(stage.company) or (CompanySettings(), ""))[0]
        await stage.ports.companies.put_settings(other, settings, "")
        await set_user_switch(stage.ports, Pair(other, stage.pair().user), on=True)
        turns = []

        async def company(live: Any, which: CompanyId, until: Any) -> Any:
            turns.append(which)
            return await keep_company(live, which, until)

        with (
            patch.object(subscriptions, "TURN", timedelta(seconds=0.5)),
            patch.object(subscriptions, "AT_ONCE", 1),
            patch.object(subscriptions, "keep_company", company),
        ):
            await running.keep()
        assert turns == [stage.company, other, stage.company, stage.company]
        assert len(running.at_graph) == 3
        assert (await stage.storage.directory.place("subscriptions")).company == other
        turns.clear()
        with patch.object(subscriptions, "keep_company", company):
            await running.keep()
        assert turns == [stage.company, other]


async def test_p49_a_company_whose_rows_cannot_be_read(fresh: LiveStage) -> None:
    """P49: the others are seen to all the same, and the operator hears of it."""
    stage, broken = fresh.stage, CompanyId("00000000-0000-4000-8000-000000000000")
    await stage.ports.companies.put_settings(broken, CompanySettings(), "")

    async def company(live: Any, which: CompanyId, until: Any) -> Any:
        if which == broken:
            raise ValueError("a row that cannot be read")
        return await keep_company(live, which, until)

    with patch.object(subscriptions, "keep_company", company), pytest.raises(ValueError, match="cannot be read"):
        await fresh.keep()
    assert len(fresh.at_graph) == 1


async def test_one_pair_that_fails_holds_up_nobody() -> None:
    """The others get theirs; it is tried again on its own."""
    names = ("anna", "bert", "cecilia")
    async with live_stage(names) as running:
        refuse(running, "POST", 403)
        await running.keep()
        assert len(running.at_graph) == 2
        codes = sorted([(await running.row(name)).code for name in names])
        assert codes == ["mailbox_access_denied", "ok", "ok"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("effect", ["companies.put_counter", "subscriptions.put", "pairs.set_hint", "queues.put"])
async def test_the_process_dies(fresh: LiveStage, effect: str, when: str) -> None:
    """Wherever that is, in the end there is one subscription, and what it tells is believed."""

    def die(name: str) -> None:
        if name == f"{when} {effect}":
            raise Died

    fresh.stage.storage.effects.on_effect = die
    with pytest.raises(Died):
        await fresh.keep()
    fresh.stage.storage.effects.on_effect = lambda _: None
    fresh.pass_time(minutes=5)
    await fresh.keep()
    [one] = fresh.at_graph
    assert (await fresh.row()).id == one.id
    start = fresh.now + timedelta(days=1)
    fresh.stage.graph.people.add_event(one.mailbox, "Lunch", start, start + timedelta(hours=1))
    assert await fresh.deliver() == 1
    assert (await fresh.row()).heard.delivered == fresh.now
