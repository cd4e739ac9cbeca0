"""Graph's subscriptions: every pair that is served has one, whatever happens to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from unittest.mock import patch

from core.errors import LeaseLost
from core.model.rows import Commit
from core.usecases.feed import poll_feed
from core.usecases.hints import PAIRS, PairMessage, Why
from core.usecases.subscription_steps import ANEW, APART, GRACE, LIFE, RENEWAL, SPREAD
from core.usecases.subscriptions import keep_subscriptions, look_at_pair
from core.usecases.words import words
from tests.simulators.common.faults import Action, Fault
from tests.support.live_stage import HERE, SUBSCRIPTIONS, LiveStage, live_stage, refuse

BOTH_DOORS = ["/api/graph/notifications", "/api/graph/lifecycle"]


def kinds(running: LiveStage) -> list[str]:
    """How subscriptions were authorized."""
    return [one.kind for one in running.stage.graph.subscriptions.authorizations]


# --- made -------------------------------------------------------------------------------------------------------------
async def test_a_pair_gets_one(fresh: LiveStage) -> None:
    """With immutable ids, both addresses, a life of a week, and both handshakes answered while Graph was waiting."""
    assert await fresh.keep() == 1
    [one], row = fresh.at_graph, await fresh.row()
    assert fresh.asked == BOTH_DOORS
    assert (one.notifications, one.lifecycle) == tuple(HERE + path for path in BOTH_DOORS)
    assert one.immutable
    assert one.change_type == "created,updated,deleted"
    assert one.mailbox is fresh.stage.mailboxes["anna"]
    assert timedelta(days=6) < one.expires - fresh.now < timedelta(days=7)
    assert (row.id, row.expires, row.code) == (one.id, one.expires, "ok")


async def test_what_is_kept_of_its_secret(fresh: LiveStage) -> None:
    """It is new for each, long enough, and only its digest is stored."""
    await fresh.keep()
    state = str(fresh.at_graph[0].client_state)
    assert len(state) <= 128
    assert len(state.rsplit(".", 1)[1]) == 48
    assert state.rsplit(".", 1)[1] not in repr(await fresh.row())
    fresh.stage.graph.subscriptions.drop(fresh.at_graph[0].id)
    await fresh.deliver()
    await fresh.keep()
    assert fresh.at_graph[0].client_state != state


async def test_nothing_is_needed(kept: LiveStage) -> None:
    """A second look asks Graph nothing, and no look follows."""
    assert await kept.keep() == 0
    assert kept.stage.graph.requests.count() == 0
    assert kept.messages() == 0


async def test_a_pair_whose_mailbox_is_not_known_yet() -> None:
    """Its first run finds the mailbox; then it gets one, and until then it is not looked at every time."""
    async with live_stage(settled=False) as running:
        await running.keep()
        assert (await running.row()).code == "mailbox_not_bound"
        await running.stage.settle()
        running.pass_time(minutes=30)
        await running.keep()
        assert len(running.at_graph) == 1


async def test_nobody_answers_at_our_address(fresh: LiveStage) -> None:
    """The company is left alone for a while: it is the operator's to put right, and everybody's trouble."""
    fresh.door = False
    await fresh.keep()
    await fresh.keep()
    assert fresh.asked == BOTH_DOORS[:1]
    assert words("notifications_not_reached").person
    fresh.door = True
    fresh.pass_time(minutes=16)
    await fresh.keep()
    assert len(fresh.at_graph) == 1


async def test_there_is_no_address(fresh: LiveStage) -> None:
    """Then nothing is asked for; polling serves."""
    assert await keep_subscriptions(replace(fresh.live, address="")) == 0
    assert fresh.at_graph == []


async def test_the_quota_of_the_mailbox_is_used_up(fresh: LiveStage) -> None:
    """It is told in words, once, in the user's history; it is tried again, ever more rarely."""
    fresh.stage.graph.subscriptions.most = 0
    tried = []
    for _ in range(40):
        before = fresh.stage.graph.requests.count("POST", SUBSCRIPTIONS)
        await fresh.keep()
        tried.append(fresh.stage.graph.requests.count("POST", SUBSCRIPTIONS) - before)
        fresh.pass_time(minutes=10)
    assert (await fresh.row()).code == "subscription_quota"
    assert "15 minutes" in words("subscription_quota").sentence
    history = await fresh.stage.ports.history.read(fresh.stage.pair(), fresh.now - timedelta(days=1))
    assert [line.note.code for line in history].count("subscription_quota") == 1
    assert 3 < sum(tried) < 10
    fresh.stage.graph.subscriptions.most = 1000
    fresh.pass_time(hours=6)
    await fresh.keep()
    assert (await fresh.row()).code == "ok"


async def test_graph_throttles(fresh: LiveStage) -> None:
    """The whole company waits as long as Graph says."""
    refuse(fresh, "POST", 429, retry_after=300)
    await fresh.keep()
    fresh.pass_time(seconds=200)
    await fresh.keep()
    assert fresh.stage.graph.requests.count("POST", SUBSCRIPTIONS) == 1
    fresh.pass_time(seconds=101)
    await fresh.keep()
    assert len(fresh.at_graph) == 1


async def test_the_answer_to_a_creation_is_lost(fresh: LiveStage) -> None:
    """What Graph made without our knowing its id is ended, and another is made: its secret would be unknown."""
    fresh.stage.graph.faults.add(Fault(Action.DROP_AFTER_COMMIT, method="POST", path=SUBSCRIPTIONS))
    await fresh.keep()
    [lost] = fresh.at_graph
    fresh.pass_time(minutes=5)
    await fresh.keep()
    [one] = fresh.at_graph
    assert one.id != lost.id
    assert (await fresh.row()).id == one.id


async def test_graph_names_no_id_in_its_conflict(fresh: LiveStage) -> None:
    """Then those of the organization are listed, and the mailbox's own is found."""
    fresh.stage.graph.faults.add(Fault(Action.DROP_AFTER_COMMIT, method="POST", path=SUBSCRIPTIONS))
    await fresh.keep()
    refuse(fresh, "POST", 409, body={"error": {"code": "Conflict", "message": "There is one."}})
    fresh.pass_time(minutes=5)
    await fresh.keep()
    assert (await fresh.row()).id == fresh.at_graph[0].id
    assert fresh.stage.graph.requests.count("GET", SUBSCRIPTIONS) == 1


async def test_another_installation_watches_the_mailbox(fresh: LiveStage) -> None:
    """Its subscription is left alone, and the reason is told."""
    theirs = replace(fresh.live, address="https://other.example")
    await keep_subscriptions(theirs)
    [one] = fresh.at_graph
    await fresh.live.subscriptions.remove(fresh.stage.company, fresh.stage.pair().user)
    await fresh.keep()
    assert fresh.at_graph == [one]
    assert (await fresh.row()).code == "subscription_elsewhere"


async def test_our_address_changes(kept: LiveStage) -> None:
    """The old one is ended, since the lifecycle's address cannot be changed; the new one delivers there."""
    await keep_subscriptions(replace(kept.live, address="https://new.example"))
    [one] = kept.at_graph
    assert one.notifications.startswith("https://new.example/")
    assert (await kept.row()).id == one.id


# --- renewed ----------------------------------------------------------------------------------------------------------
async def test_it_is_renewed_long_before_it_ends(kept: LiveStage) -> None:
    """Once a day, by the call that authorizes too, for a full week each time; no look follows."""
    first = kept.at_graph[0].expires
    kept.pass_time(seconds=(RENEWAL + SPREAD).total_seconds())
    await kept.keep()
    assert kinds(kept) == ["renewed"]
    assert kept.at_graph[0].expires > first
    assert kept.messages() == 0


async def test_renewals_are_spread() -> None:
    """Those that were made together are not renewed together."""
    async with live_stage(("anna", "bert", "cecilia")) as running:
        await running.keep()
        due = sorted([(await running.row(name)).renew_at for name in ("anna", "bert", "cecilia")])
        assert due[2] - due[0] > timedelta(minutes=10)
        assert due[2] < running.now + RENEWAL + SPREAD


async def test_it_is_gone_when_it_is_renewed(kept: LiveStage) -> None:
    """Another is made, and the pair is read in full: nobody knows since when nothing was told."""
    old = kept.at_graph[0].id
    kept.stage.graph.subscriptions.drop(old, told=False)
    kept.pass_time(hours=28)
    await kept.keep()
    assert kept.at_graph[0].id == (await kept.row()).id != old
    assert await kept.is_full_round_due()
    assert kept.messages() == 1
    assert (await kept.row()).full is False


async def test_it_is_to_be_read_in_full_while_a_run_is_under_way(kept: LiveStage) -> None:
    """The cursor is the run's; it is dropped as soon as the run has ended."""
    kept.stage.graph.subscriptions.drop(kept.at_graph[0].id, told=False)
    kept.pass_time(hours=28)
    pairs, pair = kept.stage.ports.pairs, kept.stage.pair()
    lease = await pairs.acquire(await pairs.head(pair), kept.now, kept.now + timedelta(minutes=3))
    assert lease is not None
    await kept.keep()
    assert not await kept.is_full_round_due()
    assert (await kept.row()).full
    await pairs.release(lease, Commit())
    kept.pass_time(minutes=2)
    await kept.keep()
    assert await kept.is_full_round_due()


async def test_it_is_to_be_read_in_full_and_a_run_takes_the_pair_over_just_then(kept: LiveStage) -> None:
    """The timer goes on with everybody else; the cursor is dropped at its next turn."""
    kept.stage.graph.subscriptions.drop(kept.at_graph[0].id, told=False)
    kept.pass_time(hours=28)
    with patch.object(kept.stage.storage.pairs, "release", side_effect=LeaseLost("lease_lost")):
        assert await kept.keep() == 1
    assert (await kept.row()).full
    kept.pass_time(minutes=2)
    await kept.keep()
    assert await kept.is_full_round_due()


async def test_it_ran_out(kept: LiveStage) -> None:
    """Nobody renewed it for a week: another is made, and the pair is read in full."""
    kept.pass_time(seconds=LIFE.total_seconds() + 1)
    await kept.keep()
    assert len(kept.at_graph) == 1
    assert await kept.is_full_round_due()


async def test_the_consent_is_revoked(kept: LiveStage) -> None:
    """The company is left alone for a quarter of an hour at a time; afterwards all is well by itself."""
    kept.pass_time(hours=28)
    refuse(kept, "PATCH", 401, times=2)
    await kept.keep()
    await kept.keep()
    assert kept.stage.graph.requests.count("PATCH") == 2  # the refused token is replaced once
    kept.pass_time(minutes=16)
    await kept.keep()
    assert (await kept.row()).code == "ok"
    assert kinds(kept) == ["renewed"]


# --- what Graph says of it --------------------------------------------------------------------------------------------
async def test_graph_asks_for_authorization(kept: LiveStage) -> None:
    """It is renewed, which authorizes too: one call; what may have been withheld is looked for."""
    kept.pass_time(hours=1)
    kept.stage.graph.subscriptions.require_reauthorization(kept.at_graph[0].id)
    assert await kept.deliver() == 1
    await kept.keep()
    assert kinds(kept) == ["renewed"]
    assert kept.messages() == 1
    await kept.keep()
    assert kinds(kept) == ["renewed"]


async def test_graph_asks_again_and_again(kept: LiveStage) -> None:
    """However often it asks, two calls that authorize are never within ten minutes."""
    for _ in range(40):
        kept.stage.graph.subscriptions.require_reauthorization(kept.at_graph[0].id)
        await kept.deliver()
        await kept.keep()
        kept.pass_time(minutes=2)
    calls = kept.stage.graph.subscriptions.authorizations
    assert 5 <= len(calls) <= 8
    assert min(later.at - earlier.at for earlier, later in pairwise(calls)) >= APART
    assert "reauthorized" not in kinds(kept)


async def test_graph_removes_it(kept: LiveStage) -> None:
    """Another is made at the next look; the cursor knows what changed in between, so a look is enough."""
    old = kept.at_graph[0].id
    kept.stage.graph.subscriptions.drop(old)
    assert await kept.deliver() == 1
    await kept.keep()
    assert kept.at_graph[0].id == (await kept.row()).id != old
    assert kept.messages() == 1
    assert not await kept.is_full_round_due()
    assert await kept.keep() == 0


async def test_graph_says_that_it_removed_one_that_lives(kept: LiveStage) -> None:
    """The one that there is is adopted: nothing is made, nothing is ended."""
    one = kept.at_graph[0]
    kept.stage.graph.subscriptions.deliveries.tell(one, "subscriptionRemoved")
    await kept.deliver()
    await kept.keep()
    assert kept.at_graph == [one]
    assert (await kept.row()).id == one.id
    assert await kept.keep() == 0


async def test_it_falls_silent(kept: LiveStage) -> None:
    """Polling finds what nobody told of; a while later, if still nothing is heard, another is made (P51)."""
    kept.pass_time(hours=25)
    await kept.keep()
    kept.stage.graph.people.add_event(
        kept.stage.mailboxes["anna"], "Untold", kept.now + timedelta(days=1), kept.now + timedelta(days=1, hours=1)
    )
    old, message = kept.at_graph[0].id, PairMessage(kept.stage.pair(), Why.DUE)
    report = await look_at_pair(kept.live, message, PAIRS)
    assert report.noticed == 1
    assert await kept.keep() == 0
    kept.pass_time(seconds=GRACE.total_seconds())
    await kept.keep()
    assert kept.at_graph[0].id == (await kept.row()).id != old


async def test_it_was_only_slow(kept: LiveStage) -> None:
    """What polling found first is told a minute later: nothing is made anew."""
    kept.pass_time(hours=25)
    await kept.keep()
    kept.stage.graph.people.add_event(
        kept.stage.mailboxes["anna"], "Told late", kept.now + timedelta(days=1), kept.now + timedelta(days=1, hours=1)
    )
    await look_at_pair(kept.live, PairMessage(kept.stage.pair(), Why.DUE), PAIRS)
    old = kept.at_graph[0].id
    kept.pass_time(minutes=1)
    await kept.deliver()
    kept.pass_time(seconds=GRACE.total_seconds())
    await kept.keep()
    assert kept.at_graph[0].id == old


async def test_a_look_finds_something_of_severa_s(kept: LiveStage) -> None:
    """No notification could have told of that: nothing is said against them."""
    kept.pass_time(hours=25)
    await kept.keep()
    start, stage = kept.now + timedelta(days=1), kept.stage
    stage.severa.people.add_activity(stage.users["anna"], "Call", start, start + timedelta(hours=1))
    await poll_feed(stage.ports, stage.company)
    report = await look_at_pair(kept.live, PairMessage(stage.pair(), Why.DUE), PAIRS)
    assert report.written == {"created_microsoft": 1}
    assert (await kept.row()).heard.suspected is None


async def test_a_hinted_look_finds_something(kept: LiveStage) -> None:
    """That is what hints are for: it says nothing against the notifications."""
    kept.pass_time(seconds=(ANEW + GRACE).total_seconds())
    kept.stage.graph.people.add_event(
        kept.stage.mailboxes["anna"], "Told", kept.now + timedelta(days=1), kept.now + timedelta(days=1, hours=1)
    )
    await look_at_pair(kept.live, PairMessage(kept.stage.pair(), Why.HINT), PAIRS)
    assert (await kept.row()).heard.suspected is None
