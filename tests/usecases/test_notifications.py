"""Graph's notifications: what is truly ours becomes one hint for each pair, and nothing else becomes of any."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.errors import RetryLater
from core.model.company import CompanySettings, SyncWhile
from core.model.ids import CompanyId, Pair
from core.model.rows import Commit
from core.model.subscription import Lifecycle, Subscription
from core.usecases.hints import PAIRS, PAIRS_FIRST, PRESENCE, note_presence
from core.usecases.notifications import KNOWN, MOST, Inbox, MalformedError, Notice, parse
from core.usecases.subscribing import digest_of
from core.usecases.switches import set_user_switch
from tests.support.live_stage import LiveStage, live_stage


@pytest.fixture
async def told() -> AsyncIterator[LiveStage]:
    """Anna's and Bert's mailboxes are watched, and nothing waits."""
    async with live_stage(("anna", "bert")) as running:
        await running.keep()
        await running.work()
        yield running


def meet_at(running: LiveStage, name: str = "anna", subject: str = "Lunch") -> str:
    """Something new in a mailbox."""
    start = running.now + timedelta(days=1)
    people = running.stage.graph.people
    return people.add_event(running.stage.mailboxes[name], subject, start, start + timedelta(hours=1))


def body(running: LiveStage, *names: str, **changes: Any) -> dict[str, Any]:
    """What Graph would send of these mailboxes, changed."""
    boxes = {name: running.stage.mailboxes[name] for name in names}
    by_name = {name: one for one in running.at_graph for name in names if one.mailbox is boxes[name]}
    heads = [{"subscriptionId": by_name[n].id, "clientState": by_name[n].client_state} for n in names]
    return {"value": [{**head, "changeType": "updated", **changes} for head in heads]}


async def take(running: LiveStage, document: dict[str, Any], inbox: Inbox | None = None) -> Counter[str]:
    """What becomes of a document."""
    notices, others = parse(json.dumps(document).encode())
    counts = await (inbox or running.inbox).take(notices)
    return counts + Counter(others=others)


async def test_a_change_in_outlook(told: LiveStage) -> None:
    """Graph tells, a hint is stored, the run brings it to Severa, and its own writes make no end of it."""
    meet_at(told)
    assert await told.deliver() == 1
    assert told.messages() == 1
    [report] = await told.work()
    assert report.written.total() == 1
    assert [a.name for a in told.stage.severa.people.activities_of(told.stage.users["anna"])] == ["Lunch"]
    assert told.stage.graph.subscriptions.deliveries.answers == [202]


async def test_a_change_in_severa_comes_back_as_a_notification(told: LiveStage) -> None:
    """Graph tells of our own writes, too: they are looked at once and come to nothing."""
    start = told.now + timedelta(days=1)
    told.stage.severa.people.add_activity(told.stage.users["anna"], "Planning", start, start + timedelta(hours=1))
    await told.stage.settle("anna", "bert")
    await told.work()
    assert await told.deliver() >= 1
    reports = await told.work()
    assert reports
    assert sum(report.written.total() for report in reports) == 0
    assert await told.deliver() == 0


async def test_many_notifications_of_one_mailbox(told: LiveStage) -> None:
    """One POST, one hint, one message."""
    for number in range(20):
        meet_at(told, subject=f"Lunch {number}")
    effects = Counter[str]()
    told.stage.storage.effects.on_effect = lambda name: effects.update([name])
    assert await told.deliver() == 20
    assert (effects["after pairs.set_hint"], effects["after queues.put"]) == (1, 1)


async def test_many_posts_at_once(told: LiveStage) -> None:
    """Those that come while a hint is being stored share the next one: it begins after all of them had come."""
    effects = Counter[str]()
    told.stage.storage.effects.on_effect = lambda name: effects.update([name])
    counts = await asyncio.gather(*(take(told, body(told, "anna")) for _ in range(30)))
    assert sum(counts, Counter[str]())["coalesced"] == 28
    assert effects["after pairs.set_hint"] == 2
    assert told.messages() == 1


async def test_a_run_has_begun_already(told: LiveStage) -> None:
    """While a message is on its way none is added, but the hint is put anew, so that the run looks again."""
    await take(told, body(told, "anna"))
    pairs, pair = told.stage.ports.pairs, told.stage.pair()
    lease = await pairs.acquire(await pairs.head(pair), told.now, told.now + timedelta(minutes=1))
    assert lease is not None
    counts = await take(told, body(told, "anna"))
    assert counts["pairs"] == 1
    assert await pairs.release(lease, Commit())


async def test_several_pairs_and_strangers_in_one_post(told: LiveStage) -> None:
    """Each pair that it is truly of gets its hint; the rest is counted, and nothing else."""
    document = body(told, "anna", "bert")
    anna, bert = document["value"]
    strange = [
        {**anna, "subscriptionId": bert["subscriptionId"]},
        {**anna, "clientState": anna["clientState"][:-1] + "x"},
        {**anna, "clientState": "a.b.c"},
        {**anna, "clientState": "nothing"},
        {**anna, "clientState": None},
        {**anna, "clientState": anna["clientState"] + "ä"},
        {"subscriptionId": anna["subscriptionId"]},
        {},
    ]
    counts = await take(told, {"value": [*strange, anna, bert]})
    assert (counts["pairs"], counts["sent"], counts["ignored"] + counts["others"]) == (2, 2, 8)
    assert told.messages() == 2


@pytest.mark.parametrize("reachable", [True, False])
async def test_several_companies_in_one_post(told: LiveStage, monkeypatch: pytest.MonkeyPatch, reachable: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Each notification is of the company that its `clientState` names; one's trouble loses none of another's."""
    ports, user, other = told.stage.ports, told.stage.pair().user, CompanyId("ffffffff-ffff-4fff-8fff-ffffffffffff")
    settings, _ = await ports.companies.settings(told.stage.company) or (CompanySettings(), "")
    await ports.companies.put_settings(other, settings, "")
    await set_user_switch(ports, Pair(other, user), on=True)
    while told.stage.storage.queues.take(PAIRS_FIRST, told.now):
        pass
    told.pass_time(minutes=6)
    state = f"{other}.{user}.{'a' * 48}"
    await told.live.subscriptions.put(other, Subscription(user, "s-1", digest=digest_of(ports, other, state)))
    theirs = {"subscriptionId": "s-1", "clientState": state}
    stolen = {**theirs, "clientState": state.replace(other, told.stage.company)}
    document = {"value": [theirs, stolen, *body(told, "anna")["value"]]}
    head = told.stage.storage.pairs.head

    async def fails(pair: Pair) -> object:
        if pair.company == other and not reachable:
            raise RetryLater("storage_unavailable")
        return await head(pair)

    monkeypatch.setattr(told.stage.storage.pairs, "head", fails)
    if reachable:
        counts = await take(told, document)
        assert (counts["pairs"], counts["sent"], counts["ignored"]) == (2, 2, 1)
    else:
        with pytest.raises(RetryLater):
            await take(told, document)
    queues = told.stage.storage.queues
    asked = [one.message["company"] for queue in (PAIRS, PAIRS_FIRST) for one in queues.waiting(queue)]
    assert asked == [told.stage.company, *([other] if reachable else [])]


async def test_only_strangers(told: LiveStage) -> None:
    """Nothing happens."""
    effects = Counter[str]()
    told.stage.storage.effects.on_effect = lambda name: effects.update([name])
    await take(told, body(told, "anna", clientState="x.y.z"))
    await take(told, body(told, "anna", subscriptionId="00000000-0000-4000-8000-000000000000"))
    assert not effects
    assert told.messages() == 0


async def test_a_row_without_a_subscription(told: LiveStage) -> None:
    """An empty id and an empty digest fit nothing, whatever is sent."""
    pair = told.stage.pair()
    row = replace(await told.row(), id="", digest="")
    await told.live.subscriptions.put(pair.company, row)
    notice = Notice(pair, "", f"{pair.company}.{pair.user}.x")
    assert (await Inbox(told.live).take([notice]))["ignored"] == 1


async def test_a_subscription_was_made_anew(told: LiveStage) -> None:
    """Another process made it: this one's memory does not fit, so it reads again, and believes."""
    await take(told, body(told, "anna"))
    await told.work()
    old = body(told, "anna")
    told.stage.graph.subscriptions.drop(old["value"][0]["subscriptionId"])
    await take(told, {"value": [{**old["value"][0], "lifecycleEvent": "subscriptionRemoved"}]}, Inbox(told.live))
    await told.keep()
    await told.work()
    assert (await take(told, body(told, "anna")))["pairs"] == 1
    assert (await take(told, old))["ignored"] == 1


async def test_nobody_is_logged_in() -> None:
    """What changes while the user is away costs no message: presence brings the look (R3)."""
    async with live_stage() as running:
        company = running.stage.company
        found = await running.stage.ports.companies.settings(company)
        assert found is not None
        changed = replace(found[0], sync_while=SyncWhile.LOGGED_IN)
        await running.stage.ports.companies.put_settings(company, changed, found[1])
        await running.keep()
        await running.work()
        running.pass_time(seconds=PRESENCE.total_seconds() + 60)
        meet_at(running)
        assert await running.deliver() == 1
        assert running.messages() == 0
        assert (await running.row()).heard.delivered is not None
        await note_presence(running.stage.ports, running.stage.pair())
        [report] = await running.work()
        assert report.noticed == 1


async def test_a_pair_that_is_switched_off(told: LiveStage) -> None:
    """Until its subscription is ended, what Graph tells is acknowledged, and nothing follows."""
    await set_user_switch(told.stage.ports, told.stage.pair(), on=False)
    assert (await take(told, body(told, "anna")))["waiting"] == 1
    assert told.messages() == 0


async def test_health_costs_next_to_nothing(told: LiveStage) -> None:
    """That notifications come is stored once an hour, not with each."""
    effects = Counter[str]()
    told.stage.storage.effects.on_effect = lambda name: effects.update([name])
    for _ in range(12):
        await take(told, body(told, "anna"))
        told.pass_time(minutes=10)
    assert effects["after subscriptions.hear"] == 2


async def test_what_is_read_again(told: LiveStage) -> None:
    """For a minute a process remembers whose a subscription is; then it asks."""
    asked = []
    store = told.live.subscriptions

    class Counted:
        async def find(self, *which: Any) -> Any:
            asked.append(which)
            return await store.find(*which)

        hear = store.hear

    inbox = Inbox(replace(told.live, subscriptions=Counted()))
    for _ in range(3):
        await take(told, body(told, "anna"), inbox)
    assert len(asked) == 1
    told.pass_time(seconds=KNOWN.total_seconds())
    await take(told, body(told, "anna"), inbox)
    assert len(asked) == 2


@pytest.mark.parametrize("point", ["before pairs.set_hint", "before queues.put"])
async def test_a_hint_cannot_be_stored(told: LiveStage, point: str) -> None:
    """It is said so, after everybody else's was stored; what comes again is stored then."""
    left = [1]

    def fail(name: str) -> None:
        if name == point and left[0]:
            left[0] -= 1
            raise RetryLater("storage_unavailable")

    told.stage.storage.effects.on_effect = fail
    with pytest.raises(RetryLater):
        await take(told, body(told, "anna", "bert"))
    assert told.messages() == 1
    counts = await take(told, body(told, "anna", "bert"))
    assert (counts["sent"], counts["queued"], told.messages()) == (1, 1, 2)


async def test_health_cannot_be_stored(told: LiveStage) -> None:
    """That is no reason to send everything again."""

    def fail(name: str) -> None:
        if name == "before subscriptions.hear":
            raise RetryLater("storage_unavailable")

    told.stage.storage.effects.on_effect = fail
    assert (await take(told, body(told, "anna")))["sent"] == 1


async def test_a_caller_gives_up(told: LiveStage) -> None:
    """The hint that it began is stored all the same, for whoever waits for it too."""
    first = asyncio.ensure_future(take(told, body(told, "anna")))
    for _ in range(3):
        await asyncio.sleep(0)
    assert told.inbox._running
    second = asyncio.ensure_future(take(told, body(told, "anna")))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second)["pairs"] == 1
    assert told.messages() == 1
    assert (told.inbox._running, told.inbox._following) == ({}, {})


async def test_something_was_missed(told: LiveStage) -> None:
    """A look: the cursor knows what it was."""
    meet_at(told)
    told.stage.graph.subscriptions.miss((await told.row()).id)
    assert await told.deliver() == 1
    [report] = await told.work()
    assert report.noticed == 1


async def test_what_graph_says_of_a_subscription(told: LiveStage) -> None:
    """It is noted for the timer, and asks for no look of its own; a removal goes before all else."""
    row = await told.row()
    events = [
        {**body(told, "anna")["value"][0], "lifecycleEvent": event}
        for event in ("subscriptionRemoved", "reauthorizationRequired")
    ]
    counts = await take(told, {"value": events})
    assert (counts["subscriptionRemoved"], counts["reauthorizationRequired"], told.messages()) == (1, 1, 0)
    assert (await told.row()).heard == replace(row.heard, event=Lifecycle.REMOVED, event_at=told.now)


async def test_an_event_that_is_not_known_yet(told: LiveStage) -> None:
    """It is acknowledged and comes to nothing."""
    await take(told, body(told, "anna", lifecycleEvent="somethingNew"))
    assert told.messages() == 0
    assert (await told.row()).heard.event is None


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"value": null}',
        b'{"value": {}}',
        b'{"value": [1]}',
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps({"value": [{}] * (MOST + 1)}).encode(),
    ],
)
def test_what_is_malformed(sent: bytes) -> None:
    """It is refused with a reason that repeats nothing of it."""
    with pytest.raises(MalformedError, match=r"^The body is|^There are more than"):
        parse(sent)


def test_a_secret_does_not_show() -> None:
    """Whoever prints a notification prints no `clientState`."""
    [notice], _ = parse(b'{"value": [{"subscriptionId": "s", "clientState": "c.u.secret"}]}')
    assert "secret" not in repr(notice)
