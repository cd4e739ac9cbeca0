"""Lost cursors, comparisons, and runs that break off: nothing is written for their sake, nothing is lost."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import CursorGone, Stop
from core.model.ids import Pair, UserId
from core.model.when import AllDay, Window
from core.usecases.book import COMPARISONS, LISTINGS, comparison_after, listing_after
from core.usecases.limiter import FIRST_SYNCS
from core.usecases.report import Outcome
from core.usecases.switches import set_user_switch
from tests.support.stage import ANNA, COMPANY, MONDAY, Stage, at, entry, make_stage
from tests.support.theatre import Died


# --- P47, P48 ---------------------------------------------------------------------------------------------------------
async def test_p48_a_lost_cursor() -> None:
    """P48: one full round, which writes nothing and finds the changes of meanwhile; the next one is small again."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner", "Supper")
    stage.anna.expire_cursors()
    report = await stage.run()
    assert (report.full, report.noticed, report.written) == (True, 0, {})
    stage.anna.edit(stage.event("Lunch").id, entry("Long lunch", at(8)))
    stage.anna.remove(stage.event("Dinner").id)
    stage.anna.expire_cursors()
    await stage.settle()
    assert stage.subjects() == (["Long lunch", "Supper"], ["Long lunch", "Supper"])
    assert not (await stage.run()).full


async def test_p48_a_cursor_that_goes_in_the_middle_of_a_round() -> None:
    """P48: pages that came before do no harm; the round begins again in full."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    stage.anna.edit(stage.event("Lunch").id, entry("Long lunch", at(8)))
    whole = stage.anna.changes

    async def goes(cursor: str | None, window: Window):  # noqa: ANN202
        async for page in whole(cursor, window):
            yield replace(page, cursor=None, last=False)
            if cursor is not None:
                raise CursorGone("cursor_gone")
            yield page

    stage.anna.changes = goes  # type: ignore[method-assign]
    report = await stage.run()
    assert report.full
    assert stage.subjects() == (["Dinner", "Long lunch"], ["Dinner", "Long lunch"])


async def test_a_round_that_ends_without_a_cursor() -> None:
    """The next round is a full one, and writes nothing."""
    stage = await make_stage()
    await stage.linked("Lunch")
    whole = stage.anna.changes

    async def without(cursor: str | None, window: Window):  # noqa: ANN202
        async for page in whole(cursor, window):
            yield replace(page, cursor=None)

    stage.anna.changes = without  # type: ignore[method-assign]
    await stage.run()
    assert (await stage.head()).cursor is None
    report = await stage.run()
    assert (report.full, report.written) == (True, {})


async def test_the_weekly_comparison() -> None:
    """R8: it reads both sides in full, asks again who the user is, and writes nothing."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    stage.anna.add(entry("Fair", AllDay(MONDAY.date(), MONDAY.date() + timedelta(days=2))))
    await stage.settle()
    stage.clock.advance(timedelta(days=8))
    report = await stage.run()
    assert (report.full, report.written, report.noticed) == (True, {}, 0)
    assert not (await stage.run()).full


async def test_what_a_stop_in_the_middle_leaves() -> None:
    """A mailbox that refuses from one moment on: what was done is recorded, the rest waits, nothing is done twice."""
    stage = await make_stage()
    for number in range(6):
        stage.severa.add(ANNA, entry(f"Activity {number}", at(8 + number)))
    count = [0]

    def interrupt(point: str) -> None:
        if point == "before microsoft.create":
            count[0] += 1
            if count[0] > 3:
                raise Stop("mailbox_access_denied")

    stage.watch.interrupt = interrupt
    report = await stage.run()
    assert (report.outcome, report.code) == (Outcome.STOPPED, "mailbox_access_denied")
    assert len(stage.anna.events()) == len(await stage.living()) == 3
    stage.watch.interrupt = None
    await stage.settle()
    assert len(stage.anna.events()) == 6


async def test_p47_a_crash_between_the_rows_of_a_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    """P47: the listing counts as done when all that it lacked is put down; else the next run lists again."""
    monkeypatch.setattr("core.usecases.recorder.ROWS", 2)
    stage = await make_stage()
    await stage.linked(*(f"Event {n}" for n in range(10)))
    for number in range(4):
        stage.severa.remove(stage.activity(f"Event {number}").id)
    stage.clock.advance(timedelta(days=1))
    listed = (await stage.head()).state.listed

    def interrupt(point: str) -> None:
        if point == "after pairs.commit" and len(stage.storage.pairs._of(stage.pair).pending) == 2:
            raise Died(point)

    stage.watch.interrupt = interrupt
    with pytest.raises(Died):
        await stage.run()
    stage.watch.interrupt = None
    assert (await stage.head()).state.listed == listed
    stage.clock.advance(timedelta(minutes=10))
    await stage.settle()
    assert len(stage.anna.events()) == 6


# --- what is regular waits for its turn -------------------------------------------------------------------------------
async def taken(stage: Stage, seconds: float) -> None:
    """The first syncs' budget is given away for so long."""
    name = f"rate:{FIRST_SYNCS}"
    _, tag = await stage.storage.companies.counter(COMPANY, name)
    await stage.storage.companies.put_counter(COMPANY, name, stage.clock.now().timestamp() + seconds, tag)


@pytest.mark.parametrize("days", [1, 7])
async def test_many_are_due_at_once(days: int) -> None:
    """A daily listing, or weekly comparison, whose turn is not soon comes with a later look; changes travel at once."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    stage.clock.advance(timedelta(days=days))
    stage.severa.remove(stage.activity("Dinner").id)
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), "edited"))
    await taken(stage, 61)
    stage.watch.reset()
    report = await stage.run()
    assert (report.full, report.written) == (False, {"updated_severa": 1})
    assert stage.watch.calls["severa.view"] == 0
    assert stage.watch.of("company") == 0
    stage.clock.advance(timedelta(minutes=15))
    report = await stage.run()
    assert (report.full, report.written) == (days == 7, {"deleted_microsoft": 1})


async def test_a_short_wait_for_a_turn() -> None:
    """It is waited out."""
    stage = await make_stage()
    await stage.linked("Lunch")
    stage.clock.advance(timedelta(days=1))
    await taken(stage, 5)
    began = stage.clock.now()
    await stage.run()
    assert stage.clock.now() - began == timedelta(seconds=5)
    assert stage.watch.calls["severa.view"] >= 1


@pytest.mark.parametrize("comes", ["when it is there", "long after it"])
async def test_a_turn_that_is_not_at_once(comes: str) -> None:
    """A message comes when it is there, and nobody else gets it meanwhile; a turn that was missed is asked for anew."""
    stage = await make_stage()
    await stage.linked("Lunch")
    stage.clock.advance(timedelta(days=1))
    await taken(stage, 40)
    began = stage.clock.now()
    stage.watch.reset()
    report = await stage.run()
    assert (report.outcome, report.again) == (Outcome.DONE, began + timedelta(seconds=40))
    assert (await stage.run()).again == report.again
    assert stage.watch.calls["severa.view"] == 0
    assert stage.watch.calls["companies.put_counter"] == 1
    stage.clock.advance(timedelta(seconds=40) if comes == "when it is there" else timedelta(hours=1))
    assert (await stage.run()).again is None
    assert stage.watch.calls["severa.view"] == 1
    assert (await stage.head()).state.turn is None


async def test_a_listing_that_is_due_while_there_are_changes() -> None:
    """They go first; the next look lists. What is older than a day does not wait for that."""
    stage = await make_stage()
    await stage.linked("Lunch")
    listed = (await stage.head()).state.listed
    assert listed is not None
    stage.clock.advance_to(listed + LISTINGS[1])
    for minutes, lists in ((1, 0), (10, 0), (10, 1)):
        stage.clock.advance(timedelta(minutes=minutes))
        stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(8), str(minutes)))
        stage.watch.reset()
        await stage.run()
        assert stage.watch.calls["severa.view"] == lists
        assert stage.activity("Lunch").essence.text == str(minutes)


async def test_a_person_asks_while_many_are_due() -> None:
    """Whoever was off is compared at once, whatever else waits (R5)."""
    stage = await make_stage()
    await stage.linked("Lunch")
    await set_user_switch(stage.ports, stage.pair, on=False)
    await set_user_switch(stage.ports, stage.pair, on=True)
    await taken(stage, 60)
    assert (await stage.run()).full


def test_pairs_that_began_together() -> None:
    """Each has its own rhythm within the day and the week, so that they drift apart."""
    pairs = [Pair(COMPANY, UserId(f"user-{n}")) for n in range(2000)]
    for after, (least, most) in ((listing_after, LISTINGS), (comparison_after, COMPARISONS)):
        found = [after(pair) for pair in pairs]
        assert least <= min(found) <= least + timedelta(minutes=10)
        assert most - timedelta(minutes=10) <= max(found) <= most
        assert len(set(found)) > 200
