"""What is refused as suspicious waits for a person; everything else goes on."""

from datetime import timedelta

import pytest

from core.errors import StorageConflict
from core.usecases import holding
from core.usecases.hints import note_activity_changed
from core.usecases.report import Outcome
from core.usecases.switches import set_company_switch, set_user_switch
from tests.support.stage import ANNA, COMPANY, MONDAY, Stage, at, entry, make_stage
from tests.support.theatre import Died


async def many(stage: Stage, count: int) -> None:
    """So many linked entries."""
    for number in range(count):
        stage.anna.add(entry(f"Event {number:02}", at(number / 2)))
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))


async def delete(stage: Stage, count: int) -> None:
    """So many events are deleted, the first ones."""
    for event in stage.anna.events()[:count]:
        stage.anna.remove(event.id)


async def test_many_deletions_at_once() -> None:
    """R20: they are held, everything else proceeds; rows and history name the hold."""
    stage = await make_stage()
    await many(stage, 20)
    await delete(stage, 12)
    stage.anna.add(entry("New", at(20)))
    stage.severa.edit(stage.activity("Event 19").id, entry("Edited", at(9.5)))
    await stage.poll()
    report = await stage.run()
    assert report.held == {"delete": 12}
    assert report.written == {"created_severa": 1, "updated_microsoft": 1}
    [hold] = await stage.holds()
    assert (hold.user, hold.kind, hold.reason, len(hold.entries)) == (ANNA, "delete", "many_deletions", 12)
    assert {row.hold for row in await stage.pending()} == {hold.id}
    assert await stage.told() == ["many_deletions"] * 12


async def test_what_is_held_is_not_asked_again() -> None:
    """The next runs look at none of it, and a comparison does not hold it again."""
    stage = await make_stage()
    await many(stage, 20)
    await delete(stage, 12)
    await stage.run()
    stage.watch.reset()
    report = await stage.run()
    assert (report.noticed, report.again) == (0, None)
    assert stage.watch.of("severa") == 0
    stage.clock.advance(timedelta(days=8))
    await stage.settle()
    assert len(stage.severa.activities()) == 20
    assert len(await stage.holds()) == 1


async def test_the_survivors_of_held_deletions_are_touched() -> None:
    """A change of something else releases no deletion: it is still a person who decides."""
    stage = await make_stage()
    await many(stage, 20)
    await delete(stage, 12)
    await stage.run()
    for number in range(3):
        stage.severa.edit(stage.activity(f"Event {number:02}").id)
    await stage.settle()
    stage.clock.advance(timedelta(days=2))
    await stage.settle()
    assert len(stage.severa.activities()) == 20


async def test_the_survivor_of_a_held_deletion_is_edited() -> None:
    """R18: the edit outlives the deletion, held or not; the rest stays held."""
    stage = await make_stage()
    await many(stage, 20)
    await delete(stage, 12)
    await stage.run()
    stage.severa.edit(stage.activity("Event 03").id, entry("Edited", at(1.5)))
    reports = await stage.settle()
    assert stage.event("Edited").essence.when == at(1.5)
    assert len(stage.severa.activities()) == 20
    assert len(reports) < 12
    assert len([row for row in await stage.pending() if row.hold]) == 11


async def test_an_event_whose_deletion_is_held_comes_back_and_is_edited() -> None:
    """It is no deletion any more, so its edit does not wait for a person; the others do."""
    stage = await make_stage()
    await many(stage, 12)
    removed = stage.anna.events()[0]
    await delete(stage, 12)
    assert (await stage.run()).held == {"delete": 12}
    stage.anna.restore(removed.id)
    stage.anna.edit(removed.id, entry("Back again", removed.essence.when))
    await stage.settle()
    assert stage.activity("Back again")
    assert len(stage.severa.activities()) == 12
    assert len(await stage.pending()) == 11


async def test_few_deletions_or_a_small_share() -> None:
    """R20: ten deletions, or fewer than 30 %, are passed on."""
    stage = await make_stage()
    await many(stage, 40)
    await delete(stage, 12)
    await stage.settle()
    assert len(stage.severa.activities()) == 28


async def test_deletions_spread_over_a_day() -> None:
    """R20: what was deleted in the last 24 hours counts; a day later it does not."""
    stage = await make_stage()
    await many(stage, 30)
    for _ in range(2):
        await delete(stage, 6)
        await stage.settle()
        stage.clock.advance(timedelta(hours=2))
    assert len(await stage.holds()) == 1
    assert len(stage.severa.activities()) == 24
    stage.clock.advance(timedelta(days=2))
    await delete(stage, 3)
    await stage.settle()
    assert len(stage.severa.activities()) == 21


async def test_many_deletions_in_a_company() -> None:
    """R20: the company's count holds even a single user's single deletion."""
    stage = await make_stage()
    await many(stage, 5)
    await stage.storage.companies.put_counter(COMPANY, f"deleted-{MONDAY:%Y%m%d}", 500, "")
    await delete(stage, 1)
    await stage.settle()
    assert [hold.reason for hold in await stage.holds()] == ["many_deletions_in_company"]


async def test_the_companys_count_under_contention() -> None:
    """Every deletion is counted, also where another pair counts at the same moment."""
    stage = await make_stage()
    name = f"deleted-{MONDAY:%Y%m%d}"
    counters = stage.storage.companies._counters
    stage.meddle("before companies.put_counter", lambda: counters.update({(COMPANY, name): (7.0, "moved")}))
    await holding.count_company_deletion(stage.ports, COMPANY, MONDAY)
    assert (await stage.storage.companies.counter(COMPANY, name))[0] == 8.0


async def test_the_companys_count_that_is_always_moved() -> None:
    """After a few lost races the deletion goes on uncounted: the guard is a little late, nobody is stopped by it."""
    stage = await make_stage()
    stage.fail("before companies.put_counter", StorageConflict("storage_conflict"))
    await holding.count_company_deletion(stage.ports, COMPANY, MONDAY)
    assert (await stage.storage.companies.counter(COMPANY, f"deleted-{MONDAY:%Y%m%d}"))[0] == 0


async def test_a_flood_of_newcomers_after_the_first_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """R20, P06: beyond a thousand creates a day they are held; the first sync's own do not count."""
    monkeypatch.setattr("core.sync.guard.CREATES_A_DAY", 5)
    stage = await make_stage()
    await many(stage, 8)
    assert len(stage.severa.activities()) == 8
    for number in range(6):
        stage.anna.add(entry(f"Flood {number}", at(15 + number / 2)))
    report = await stage.run()
    assert report.held == {"create": 6}
    assert [hold.reason for hold in await stage.holds()] == ["many_creates"]
    assert len(stage.severa.activities()) == 8


# --- off and on again -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("whose", ["user", "company"])
async def test_off_and_on_again(whose: str) -> None:
    """R5: links are kept, so that nothing is doubled; edits of meanwhile travel, deletions of meanwhile are held."""
    stage = await make_stage()
    await many(stage, 3)
    await switch(stage, whose, on=False)
    await delete(stage, 1)
    stage.anna.edit(stage.event("Event 02").id, entry("Edited", at(1)))
    stage.severa.add(ANNA, entry("New", at(20)))
    assert (await stage.run()).outcome is Outcome.SKIPPED
    stage.clock.advance(timedelta(days=3))
    await switch(stage, whose, on=True)
    reports = await stage.settle()
    assert reports[0].full
    assert stage.subjects() == (["Edited", "Event 00", "Event 01", "New"], ["Edited", "Event 01", "New"])
    assert [hold.reason for hold in await stage.holds()] == ["deleted_while_off"]
    await delete(stage, 1)
    await stage.settle()
    assert "Event 01" not in stage.subjects()[0]


async def switch(stage: Stage, whose: str, *, on: bool) -> None:
    """Turn the switch."""
    if whose == "user":
        await set_user_switch(stage.ports, stage.pair, on=on)
    else:
        await set_company_switch(stage.ports, COMPANY, on=on)


async def test_a_deletion_of_meanwhile_that_cannot_be_proven_at_once() -> None:
    """R5: it is held when it is proven, not passed on because the comparison is over by then."""
    stage = await make_stage()
    await many(stage, 3)
    stage.anna.add(entry("Young", at(20)))
    await stage.run()
    await set_user_switch(stage.ports, stage.pair, on=False)
    stage.severa.remove(stage.activity("Young").id)
    await set_user_switch(stage.ports, stage.pair, on=True)
    report = await stage.run()
    assert report.again is not None
    assert not report.held
    stage.clock.advance_to(report.again + timedelta(minutes=1))
    report = await stage.run()
    assert report.held == {"delete": 1}
    await stage.settle()
    assert "Young" in stage.subjects()[1]


async def test_a_crash_between_the_comparison_and_its_holds() -> None:
    """R5: the next run compares again: what was deleted while the sync was off is still held."""
    stage = await make_stage()
    await many(stage, 3)
    await set_user_switch(stage.ports, stage.pair, on=False)
    await delete(stage, 1)
    await set_user_switch(stage.ports, stage.pair, on=True)
    stage.fail("before holds.put", Died("here"))
    with pytest.raises(Died):
        await stage.run()
    stage.watch.interrupt = None
    stage.clock.advance(timedelta(minutes=10))
    await stage.settle()
    assert len(stage.severa.activities()) == 3
    assert len(await stage.holds()) == 1


async def test_the_front_ends_word_on_a_held_entry() -> None:
    """Naming a held deletion again releases nothing."""
    stage = await make_stage()
    await many(stage, 3)
    await set_user_switch(stage.ports, stage.pair, on=False)
    gone = stage.activity("Event 00").id
    stage.severa.remove(gone)
    await set_user_switch(stage.ports, stage.pair, on=True)
    await stage.settle()
    await note_activity_changed(stage.ports, COMPANY, ANNA, gone)
    await stage.settle()
    assert len(stage.anna.events()) == 3


async def test_a_crash_between_the_rows_of_one_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """R5: a hold of more entries than one transaction holds is put whole, even if the process dies in the middle."""
    monkeypatch.setattr("core.usecases.world.ROWS", 2)
    stage = await make_stage()
    await many(stage, 20)
    await set_user_switch(stage.ports, stage.pair, on=False)
    await delete(stage, 5)
    await set_user_switch(stage.ports, stage.pair, on=True)
    put = [False]

    def interrupt(point: str) -> None:
        put[0] = put[0] or point == "after holds.put"
        if put[0] and point == "after pairs.commit":
            raise Died(point)

    stage.watch.interrupt = interrupt
    with pytest.raises(Died):
        await stage.run()
    stage.watch.interrupt = None
    stage.clock.advance(timedelta(minutes=10))
    await stage.settle()
    assert len(stage.severa.activities()) == 20
    assert len([row for row in await stage.pending() if row.hold]) == 5
