"""Messages that failed for good."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.operation import NoteKind
from core.usecases.hints import FEEDS, PAIRS, PairMessage
from core.usecases.poison import record_poison
from core.usecases.status import own_status
from core.usecases.work import handle_feed, handle_pair
from tests.support.stage import COMPANY, at, entry, make_stage, quiet_stage


async def test_a_run_that_failed_five_times() -> None:
    """Health and the user's history say so; the lease is free; the next run that works sets health right."""
    stage = await make_stage()
    await stage.linked("Lunch")
    body = json.dumps(PairMessage(stage.pair).body()).encode()
    assert await record_poison(stage.ports, PAIRS, body)
    head = await stage.head()
    assert (head.state.health.code, head.state.health.failures, head.lease_until) == ("poisoned", 1, None)
    assert head.state.first_sync is not None
    [record] = await stage.history()
    assert (record.note.kind, record.note.code) == (NoteKind.REMARK, "poisoned")
    await stage.run()
    assert (await stage.head()).state.health.code == "ok"


async def test_it_goes_on_failing_for_hours() -> None:
    """History says it once; the state says since when, and how often."""
    stage = await make_stage()
    since = stage.clock.now()
    body = json.dumps(PairMessage(stage.pair).body()).encode()
    for _ in range(3):
        await record_poison(stage.ports, PAIRS, body)
        stage.clock.advance(timedelta(minutes=15))
    health = (await stage.head()).state.health
    assert (health.since, health.failures) == (since, 3)
    assert await stage.told() == ["poisoned"]


async def test_a_run_that_is_under_way() -> None:
    """Its own health counts; the remark is written all the same."""
    stage = await make_stage()
    now = stage.clock.now()
    await stage.ports.pairs.acquire(await stage.head(), now, now + timedelta(minutes=3))
    assert await record_poison(stage.ports, PAIRS, json.dumps(PairMessage(stage.pair).body()).encode())
    assert (await stage.head()).state.health.code == "ok"
    assert await stage.told() == ["poisoned"]


async def test_a_run_that_takes_over_just_then() -> None:
    """The same: nothing is raised."""
    stage = await make_stage()

    def take_over() -> None:
        stage.storage.pairs._of(stage.pair).tag = "somebody else"

    stage.meddle("before pairs.release", take_over)
    assert await record_poison(stage.ports, PAIRS, json.dumps(PairMessage(stage.pair).body()).encode())


async def test_a_feed_that_failed_five_times() -> None:
    """The feed's row says so, whatever else moves it just then."""
    stage = await make_stage()
    await stage.poll()
    body = json.dumps({"company": COMPANY}).encode()
    assert await record_poison(stage.ports, FEEDS, body)
    state = await stage.storage.companies.feed(COMPANY)
    assert (state.code, state.failures) == ("poisoned", 1)
    feeds = stage.storage.companies._feeds
    stage.meddle("before companies.put_feed", lambda: feeds.update({COMPANY: replace(state, tag="moved")}))
    assert await record_poison(stage.ports, FEEDS, body)


@pytest.mark.parametrize("queue", [PAIRS, FEEDS])
@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\xfe", b'["a"]', b'{"company": 3}'])
async def test_a_malformed_message(queue: str, body: bytes) -> None:
    """It concerns nobody: it is only counted."""
    stage = await make_stage()
    stage.watch.reset()
    assert not await record_poison(stage.ports, queue, body)
    assert not stage.watch.calls


async def test_a_run_that_fails_in_a_way_that_nobody_thought_of() -> None:
    """Each delivery of its message fails, so that the queue gives it up after five; none finds the pair taken by it."""
    stage = await quiet_stage("Lunch")
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "edited"))
    stage.fail("before severa.update", ZeroDivisionError("a mistake of ours"))
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            await handle_pair(stage.ports, PairMessage(stage.pair), PAIRS)
        stage.clock.advance(timedelta(seconds=30))
    assert await record_poison(stage.ports, PAIRS, json.dumps(PairMessage(stage.pair).body()).encode())
    assert (await own_status(stage.ports, stage.pair)).pair.code == "poisoned"
    stage.watch.interrupt = None
    await stage.work(minutes=20)
    assert stage.activity("Lunch").essence.text == "edited"
    assert (await own_status(stage.ports, stage.pair)).pair.code == "ok"


async def test_a_feed_that_fails_in_a_way_that_nobody_thought_of() -> None:
    """The same: each delivery fails, and the feed's row says so in the end; then it is well again by itself."""
    stage = await quiet_stage("Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", at(8), "edited"))
    stage.fail("before pairs.notice", ZeroDivisionError("a mistake of ours"))
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            await handle_feed(stage.ports, COMPANY)
        stage.clock.advance(timedelta(seconds=30))
    assert await record_poison(stage.ports, FEEDS, json.dumps({"company": COMPANY}).encode())
    assert (await stage.storage.companies.feed(COMPANY)).code == "poisoned"
    stage.watch.interrupt = None
    await stage.work(minutes=2)
    assert (await stage.storage.companies.feed(COMPANY)).code == "ok"
    assert stage.event("Lunch").essence.text == "edited"
