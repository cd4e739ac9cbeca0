"""The company's Severa feed: what changed reaches the pairs before the cursor moves."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.errors import RetryLater, Stop
from core.model.ids import Side
from core.model.sighting import Activity
from core.model.when import Window
from core.usecases.hints import PAIRS, PAIRS_FIRST
from core.usecases.side_by_side import AT_ONCE
from core.usecases.switches import set_user_switch
from tests.support.stage import ANNA, BERT, COMPANY, Stage, at, entry, make_stage
from tests.support.theatre import Died


async def settled(*subjects: str) -> Stage:
    """A stage whose feed has told of everything."""
    stage = await make_stage()
    await stage.linked(*subjects)
    await stage.settle((ANNA, BERT))
    return stage


async def test_a_change_goes_to_whom_it_concerns() -> None:
    """The owner gets a pending row and a hint; nobody else does; project tasks concern nobody."""
    stage = await settled("Lunch")
    stage.severa.add(BERT, entry("Bert's"))
    stage.severa.add(ANNA, entry("Build", at(11)), "type-task")
    assert await stage.poll() == 1
    assert await stage.pending(ANNA) == ()
    [row] = await stage.pending(BERT)
    assert (row.side, row.id) == (Side.SEVERA, stage.activity("Bert's", BERT).id)
    assert row.version == stage.activity("Bert's", BERT).version


async def test_who_held_an_activity_hears_of_it_too() -> None:
    """An activity that went to somebody else is told to both."""
    stage = await settled("Lunch")
    stage.severa.edit(stage.activity("Lunch").id, owner=BERT)
    assert await stage.poll() == 2
    assert len(await stage.pending(ANNA)) == len(await stage.pending(BERT)) == 1


async def test_somebody_whose_switch_is_off() -> None:
    """Nothing is put down for them."""
    stage = await settled("Lunch")
    await set_user_switch(stage.ports, stage.pair, on=False)
    stage.severa.edit(stage.activity("Lunch").id)
    assert await stage.poll() == 0


@pytest.mark.parametrize(
    "point",
    [
        "before pairs.notice",
        "after pairs.notice",
        "before pairs.set_hint",
        "before queues.put",
        "before companies.put_feed",
    ],
)
async def test_p47_the_cursor_moves_last(point: str) -> None:
    """P47: a poll that dies anywhere has not moved the cursor; the next one tells of the change."""
    stage = await settled("Lunch")
    cursor = (await stage.storage.companies.feed(COMPANY)).cursor
    stage.severa.edit(stage.activity("Lunch").id, entry("Long lunch", at(8)))
    stage.clock.advance(timedelta(minutes=6))
    seen = [0]

    def interrupt(at_point: str) -> None:
        seen[0] += at_point == point
        if at_point == point and (seen[0] == 2 or point != "before companies.put_feed"):
            raise Died(point)

    stage.watch.interrupt = interrupt
    with pytest.raises(Died):
        await stage.poll()
    stage.watch.interrupt = None
    assert (await stage.storage.companies.feed(COMPANY)).cursor == cursor
    stage.clock.advance(timedelta(minutes=6))
    await stage.settle()
    assert stage.subjects()[1] == ["Long lunch"]


async def test_an_idle_poll() -> None:
    """It reads once, tells nobody, stores nothing but its own row, although the cursor stays behind on purpose."""
    stage = await settled("Lunch")
    stage.severa.edit(stage.activity("Lunch").id)
    await stage.poll()
    before = await stage.storage.companies.feed(COMPANY)
    stage.watch.reset()
    assert await stage.poll() == 0
    assert stage.watch.calls["company.changes"] == 1
    assert stage.watch.of("company") == 1
    assert stage.watch.effects == ["companies.put_feed"]
    after = await stage.storage.companies.feed(COMPANY)
    assert replace(after, tag="") == replace(before, tag="")


async def test_a_change_that_shows_late() -> None:
    """The cursor stays two minutes behind the newest change: an older one that shows only now is still told of."""
    stage = await settled("Lunch", "Dinner")
    late = stage.severa.edit(stage.activity("Lunch").id, entry("Late", at(8)))
    del stage.severa._held[late.id]
    stage.clock.advance(timedelta(seconds=90))
    stage.severa.edit(stage.activity("Dinner").id, entry("Supper", at(9)))
    await stage.poll()
    stage.severa._held[late.id] = late
    assert await stage.poll() == 1
    await stage.run()
    assert stage.subjects()[1] == ["Late", "Supper"]


async def test_two_polls_at_once() -> None:
    """One has the lease, the other does nothing; a lease of a poll that died ends after five minutes."""
    stage = await settled("Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Long lunch", at(8)))
    state = await stage.storage.companies.feed(COMPANY)
    until = stage.clock.now() + timedelta(minutes=5)
    await stage.storage.companies.put_feed(COMPANY, replace(state, lease_until=until))
    assert await stage.poll() == 0
    stage.clock.advance(timedelta(minutes=5))
    assert await stage.poll() == 1


async def test_the_lease_goes_to_who_is_quicker() -> None:
    """A poll whose first write comes too late does nothing."""
    stage = await settled("Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Long lunch", at(8)))
    feeds = stage.storage.companies._feeds
    stage.meddle("before companies.put_feed", lambda: feeds.update({COMPANY: replace(feeds[COMPANY], tag="moved")}))
    assert await stage.poll() == 0
    assert await stage.pending() == ()


async def test_a_poll_that_outlives_its_lease() -> None:
    """What it told of is stored; the other poll's cursor counts; nothing is raised."""
    stage = await settled("Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Long lunch", at(8)))
    feeds = stage.storage.companies._feeds
    stage.meddle("after pairs.notice", lambda: feeds.update({COMPANY: replace(feeds[COMPANY], tag="moved")}))
    assert await stage.poll() == 1
    assert len(await stage.pending()) == 1


async def test_a_poll_that_takes_long() -> None:
    """It keeps its lease from page to page: nobody begins anew beside it, and in the end its cursor counts (P47)."""
    stage = await settled()
    stage.severa._page_size = 1
    for number in range(4):
        stage.severa.add(ANNA, entry(f"Activity {number}", at(8 + number)))
    whole, others = stage.severa.changes, list[int]()

    async def slow(since: datetime | None, window: Window) -> AsyncIterator[tuple[Activity, ...]]:
        async for page in whole(since, window):
            yield page
            stage.clock.advance(timedelta(minutes=2.4))
            others.append(await stage.poll())

    stage.severa.changes = slow  # type: ignore[method-assign]
    assert await stage.poll() == 4
    stage.severa.changes = whole  # type: ignore[method-assign]
    assert others == [0, 0, 0, 0]
    state = await stage.storage.companies.feed(COMPANY)
    assert (state.lease_until, state.code) == (None, "ok")
    assert await stage.poll() == 0


async def test_a_long_poll_whose_lease_was_taken() -> None:
    """It ends; the other poll's cursor counts, and nothing that was told of is lost."""
    stage = await settled()
    stage.severa._page_size = 1
    for number in range(3):
        stage.severa.add(ANNA, entry(f"Activity {number}", at(8 + number)))
    feeds = stage.storage.companies._feeds

    def taken() -> None:
        stage.clock.advance(timedelta(minutes=4))
        feeds.update({COMPANY: replace(feeds[COMPANY], tag="moved")})

    stage.meddle("after pairs.notice", taken)
    await stage.poll()
    assert len(await stage.pending()) == 1
    stage.clock.advance(timedelta(minutes=5))
    await stage.poll()
    assert len(await stage.pending()) == 3


async def test_activity_types_are_read_once_an_hour() -> None:
    """Runs take them from the feed's row, and ask Severa only where it has none yet."""
    stage = await make_stage()
    stage.watch.reset()
    await stage.run()
    assert stage.watch.calls["company.activity_types"] == 1
    for _ in range(6):
        stage.anna.add(entry("Event", at(10)))
        await stage.poll()
        await stage.run()
        stage.clock.advance(timedelta(minutes=10))
    assert stage.watch.calls["company.activity_types"] == 2
    await stage.poll()
    assert stage.watch.calls["company.activity_types"] == 3


@pytest.mark.parametrize(
    ("failure", "pauses"),
    [
        (RetryLater("severa_unavailable"), [1, 2, 4, 8, 15, 15]),
        (RetryLater("severa_throttled", after=300), [5, 5, 5]),
        (Stop("severa_credentials_refused", whole_company=True), [1, 2, 4, 8, 15, 15]),
    ],
)
async def test_a_severa_that_does_not_answer(failure: Exception, pauses: list[int]) -> None:
    """P41: the feed's row says what is wrong, and how often; it is asked less and less often; then it heals."""
    stage = await settled("Lunch")
    whole = stage.severa.changes
    asked = [0]

    async def down(*_: object):  # noqa: ANN202
        asked[0] += 1
        raise failure
        yield

    stage.severa.changes = down  # type: ignore[method-assign, assignment]
    for number, minutes in enumerate(pauses):
        await stage.poll()
        state = await stage.storage.companies.feed(COMPANY)
        assert (state.failures, asked[0]) == (number + 1, number + 1)
        assert state.code == failure.code  # type: ignore[attr-defined]
        for _ in range(minutes):
            await stage.poll()
            stage.clock.advance(timedelta(minutes=1))
    stage.severa.changes = whole  # type: ignore[method-assign]
    stage.severa.edit(stage.activity("Lunch").id)
    assert await stage.poll() == 1
    assert (await stage.storage.companies.feed(COMPANY)).code == "ok"


async def test_a_large_change() -> None:
    """Several pages, several users: one hint each, and every row."""
    stage = await settled()
    for number in range(250):
        stage.severa.add(ANNA if number % 2 else BERT, entry(f"Activity {number}", at(number / 10)))
    before = stage.messages(PAIRS, PAIRS_FIRST)
    assert await stage.poll() == 250
    assert len(await stage.pending(ANNA)) == len(await stage.pending(BERT)) == 125
    assert stage.messages(PAIRS, PAIRS_FIRST) <= before + 2
    await stage.settle((ANNA, BERT))
    assert len(stage.anna.events()) == len(stage.bert.events()) == 125


@pytest.mark.parametrize("days", [0, 60])
async def test_an_edit_of_something_that_was_long_ago(days: int) -> None:
    """Linked, it travels however long ago it was; what nobody holds, and ended before the window, is nobody's (R7)."""
    stage = await settled("Lunch")
    stage.clock.advance(timedelta(days=days))
    lunch, old = stage.activity("Lunch"), stage.severa.add(BERT, entry("Old", at(8)))
    stage.severa.edit(lunch.id, entry("Lunch", at(8), "minutes of it"))
    await stage.poll()
    assert [(row.side, row.id) for row in await stage.pending()] == [(Side.SEVERA, lunch.id)]
    assert [row.id for row in await stage.pending(BERT)] == ([] if days else [old.id])
    await stage.run()
    assert stage.event("Lunch").essence.text == "minutes of it"


async def test_ten_thousand_changes_at_once() -> None:
    """At 5 ms a call of the stores, what the poll does with them takes a fraction of its lease."""
    stage = await settled()
    for number in range(2_000):
        stage.severa.add(ANNA if number % 2 else BERT, entry(f"Activity {number}", at(number / 50)))
    stage.watch.reset()
    assert await stage.poll() == 2_000
    in_groups = (stage.watch.of("companies", "pairs", "queues") + 20) / AT_ONCE
    assert in_groups * 5 * 0.005 < 60
