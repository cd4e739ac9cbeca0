"""What a person decides about what was held (R20)."""

from datetime import timedelta

import pytest

from core.errors import RetryLater, Stop
from core.model.caller import Caller
from core.model.link import LinkState, ParkReason
from core.model.rows import Hold
from core.model.state import Verdict
from core.usecases.releasing import decide, waiting
from core.usecases.report import Outcome
from core.usecases.switches import set_company_switch, set_user_switch
from tests.support.series import weekly
from tests.support.stage import ANNA, BERT, COMPANY, Stage, at, entry, make_stage

ANNA_HERSELF, ADMIN = Caller(COMPANY, ANNA, is_admin=False), Caller(COMPANY, BERT, is_admin=True)
BERT_HIMSELF = Caller(COMPANY, BERT, is_admin=False)


async def held_deletions(count: int = 12) -> tuple[Stage, Hold]:
    """Twenty linked entries, so many of whose events were deleted: the guard holds that."""
    stage = await make_stage()
    for number in range(20):
        stage.anna.add(entry(f"Event {number:02}", at(number / 2)))
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    for event in stage.anna.events()[:count]:
        stage.anna.remove(event.id)
    await stage.run()
    [hold] = await stage.holds()
    return stage, hold


async def held_creates(monkeypatch: pytest.MonkeyPatch) -> tuple[Stage, Hold]:
    """A flood of six newcomers, one of them a series: the guard holds it."""
    monkeypatch.setattr("core.sync.guard.CREATES_A_DAY", 5)
    stage = await make_stage()
    await stage.linked("Lunch")
    for number in range(5):
        stage.anna.add(entry(f"Flood {number}", at(15 + number / 2)))
    stage.anna.add(entry("Flood, weekly", weekly()))
    await stage.run()
    [hold] = await stage.holds()
    return stage, hold


async def test_a_hold_is_released() -> None:
    """Its deletions are proven once more and then done, although the guard would hold them; nothing waits any more."""
    stage, hold = await held_deletions()
    before = stage.messages()
    assert await decide(stage.ports, ANNA_HERSELF, hold.id, Verdict.RELEASE) == 12
    assert await stage.holds() == ()
    stage.watch.reset()
    assert stage.messages() == before + 1
    report = await stage.run()
    assert report.written == {"deleted_severa": 12}
    assert stage.watch.calls["microsoft.verify"] == 12
    assert len(stage.severa.activities()) == 8
    assert await stage.pending() == ()
    assert "hold_released" in await stage.told()
    assert (await stage.run()).written == {}


async def test_an_event_came_back_before_the_release() -> None:
    """Its deletion cannot be proven, so its activity stays; the others go."""
    stage, hold = await held_deletions()
    name = next(e for e in hold.entries)[1]
    stage.anna.restore(name)
    await decide(stage.ports, ANNA_HERSELF, hold.id, Verdict.RELEASE)
    await stage.settle()
    assert len(stage.severa.activities()) == 9


async def test_a_survivor_is_edited_before_the_release() -> None:
    """R18: the edit outlives the deletion, released or not."""
    stage, hold = await held_deletions()
    await decide(stage.ports, ANNA_HERSELF, hold.id, Verdict.RELEASE)
    stage.severa.edit(stage.activity("Event 03").id, entry("Edited", at(1.5)))
    await stage.settle()
    assert stage.event("Edited").essence.subject
    assert len(stage.severa.activities()) == 9


async def test_deletions_after_a_release() -> None:
    """A release is for what was held: what is deleted later is guarded as ever."""
    stage, hold = await held_deletions()
    await decide(stage.ports, ANNA_HERSELF, hold.id, Verdict.RELEASE)
    await stage.settle()
    for event in stage.anna.events()[:3]:
        stage.anna.remove(event.id)
    await stage.settle()
    assert len(stage.severa.activities()) == 8
    assert [one.reason for one in await stage.holds()] == ["many_deletions"]


async def test_a_hold_is_discarded() -> None:
    """The survivors stay, their links are parked, and no comparison brings it up again; an edit makes an entry anew."""
    stage, hold = await held_deletions()
    assert await decide(stage.ports, ANNA_HERSELF, hold.id, Verdict.DISCARD) == 12
    report = await stage.run()
    assert (report.written, report.linked["parked"]) == ({}, 12)
    stage.clock.advance(timedelta(days=8))
    await stage.settle()
    parked = [link for link in await stage.living() if link.state is LinkState.PARKED]
    assert {link.parked for link in parked} == {ParkReason.DISCARDED}
    assert len(parked) == 12
    assert (len(stage.severa.activities()), len(stage.anna.events())) == (20, 8)
    assert await stage.holds() == ()
    stage.severa.edit(stage.activity("Event 03").id, entry("Edited", at(24 * 8 + 1.5)))
    await stage.settle()
    assert stage.event("Edited").essence.subject
    assert {"hold_discarded", "discarded"} <= set(await stage.told())


async def test_a_flood_is_released(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is created, once."""
    stage, hold = await held_creates(monkeypatch)
    await decide(stage.ports, ANNA_HERSELF, hold.id, Verdict.RELEASE)
    await stage.settle()
    assert len(stage.severa.activities()) == 7


async def test_a_flood_is_discarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of it is created, today or at a comparison, until somebody edits it; then that entry alone is."""
    stage, hold = await held_creates(monkeypatch)
    await decide(stage.ports, ANNA_HERSELF, hold.id, Verdict.DISCARD)
    await stage.settle()
    stage.clock.advance(timedelta(days=8))
    reports = await stage.settle()
    assert [report.written for report in reports] == [{}] * len(reports)
    assert [a.essence.subject for a in stage.severa.activities()] == ["Lunch"]
    assert await stage.pending() == ()
    stage.anna.edit(stage.event("Flood 2").id, entry("Wanted", at(24 * 9)))
    stage.anna.edit(stage.event("Flood, weekly").id, entry("Wanted, weekly", weekly()))
    await stage.settle()
    assert sorted(a.essence.subject for a in stage.severa.activities()) == ["Lunch", "Wanted", "Wanted, weekly"]


async def test_two_decide_at_once() -> None:
    """Whoever is first has decided; the other finds nothing left to decide."""
    stage, hold = await held_deletions()
    assert await decide(stage.ports, ADMIN, hold.id, Verdict.DISCARD) == 12
    assert await decide(stage.ports, ANNA_HERSELF, hold.id, Verdict.RELEASE) == 0
    await stage.settle()
    assert len(stage.severa.activities()) == 20


async def test_two_decide_in_the_same_moment() -> None:
    """While the first one writes, the second is told to come back; each entry has one verdict."""
    stage, hold = await held_deletions()
    failures: list[RetryLater] = []

    async def second() -> None:
        with pytest.raises(RetryLater, match="busy") as failure:
            await decide(stage.ports, ADMIN, hold.id, Verdict.DISCARD)
        failures.append(failure.value)

    pending = stage.storage.pairs.commit

    async def meanwhile(*args: object) -> object:
        stage.storage.pairs.commit = pending  # type: ignore[method-assign]
        await second()
        return await pending(*args)  # type: ignore[arg-type]

    stage.storage.pairs.commit = meanwhile  # type: ignore[method-assign, assignment]
    assert await decide(stage.ports, ANNA_HERSELF, hold.id, Verdict.RELEASE) == 12
    assert [failure.after for failure in failures] == [30.0]


async def test_who_decides_dies_in_between() -> None:
    """The hold is still there, with what is left of it; deciding again finishes it."""
    stage, hold = await held_deletions()
    stage.fail("before holds.remove", RuntimeError("killed"), times=1)
    with pytest.raises(RuntimeError):
        await decide(stage.ports, ANNA_HERSELF, hold.id, Verdict.RELEASE)
    stage.restart()
    stage.clock.advance(timedelta(hours=2))
    assert await decide(stage.ports, ANNA_HERSELF, hold.id, Verdict.RELEASE) == 0
    assert await stage.holds() == ()
    await stage.settle()
    assert len(stage.severa.activities()) == 8


async def test_while_a_run_is_under_way() -> None:
    """It is not disturbed."""
    stage, hold = await held_deletions()
    now = stage.clock.now()
    assert await stage.ports.pairs.acquire(await stage.head(), now, now + timedelta(minutes=3))
    with pytest.raises(RetryLater, match="busy"):
        await decide(stage.ports, ANNA_HERSELF, hold.id, Verdict.RELEASE)


async def test_somebody_else_s_hold() -> None:
    """A user does not see it and decides nothing about it; an administrator does, and the user is no less away."""
    stage, hold = await held_deletions()
    assert await waiting(stage.ports, BERT_HIMSELF, "", 50) == ((), None)
    assert await decide(stage.ports, BERT_HIMSELF, hold.id, Verdict.RELEASE) == 0
    assert len(await stage.holds()) == 1
    [shown], following = await waiting(stage.ports, ADMIN, "", 50)
    assert (shown.hold.id, shown.entries, following) == (hold.id, 12, None)
    before, messages = (await stage.head()).present_until, stage.messages()
    assert await decide(stage.ports, ADMIN, hold.id, Verdict.RELEASE) == 12
    assert (await stage.head()).present_until == before
    assert stage.messages() == messages + 1


async def test_holds_page_by_page() -> None:
    """In the order of their ids; a hold of which nothing waits is not shown, and after an hour it is forgotten."""
    stage, hold = await held_deletions()
    over = Hold("create-0", COMPANY, ANNA, "create", "many_creates", stage.clock.now(), ())
    await stage.storage.holds.put(over)
    assert await waiting(stage.ports, ANNA_HERSELF, "", 1) == ((), "create-0")
    [shown], following = await waiting(stage.ports, ANNA_HERSELF, "create-0", 1)
    assert (shown.hold.id, following) == (hold.id, None)
    assert len(await stage.holds()) == 2
    stage.clock.advance(timedelta(hours=2))
    await waiting(stage.ports, ANNA_HERSELF, "", 50)
    assert await stage.holds() == (hold,)


async def test_deletions_while_the_sync_was_off() -> None:
    """R5: held for a person; released, they are done; the switch that was off does not hold them again."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    await set_user_switch(stage.ports, stage.pair, on=False)
    stage.anna.remove(stage.event("Lunch").id)
    stage.clock.advance(timedelta(hours=1))
    await set_user_switch(stage.ports, stage.pair, on=True)
    await stage.settle()
    [hold] = await stage.holds()
    assert hold.reason == "deleted_while_off"
    await decide(stage.ports, ANNA_HERSELF, hold.id, Verdict.RELEASE)
    await stage.settle()
    assert stage.subjects() == (["Dinner"], ["Dinner"])


async def test_the_company_s_switch_is_off() -> None:
    """Nothing is decided while nothing could be done."""
    stage, hold = await held_deletions()
    await set_company_switch(stage.ports, COMPANY, on=False)
    with pytest.raises(Stop, match="company_off"):
        await decide(stage.ports, ANNA_HERSELF, hold.id, Verdict.RELEASE)
    assert (await stage.run()).outcome is Outcome.SKIPPED


async def held_twins() -> tuple[Stage, Hold]:
    """The answer to a create was lost, and two activities may be what it made."""
    stage = await make_stage()
    stage.anna.add(entry("Lunch"))
    stage.lose("severa.create")
    await stage.run()
    stage.severa.add(ANNA, entry("Lunch"))
    await stage.settle()
    [hold] = await stage.holds()
    assert hold.kind == "twin"
    return stage, hold


async def test_twins_of_which_one_was_removed() -> None:
    """Released, the other one is recognized."""
    stage, hold = await held_twins()
    stage.severa.remove(stage.severa.activities()[1].id)
    await decide(stage.ports, ANNA_HERSELF, hold.id, Verdict.RELEASE)
    await stage.settle()
    assert stage.subjects() == (["Lunch"], ["Lunch"])
    assert len(await stage.living()) == 1


async def test_twins_that_are_released_as_they_are() -> None:
    """It is still not clear which one it is: they are held once more, under a hold that can be decided."""
    stage, hold = await held_twins()
    await decide(stage.ports, ANNA_HERSELF, hold.id, Verdict.RELEASE)
    await stage.settle()
    [again] = await stage.holds()
    assert await decide(stage.ports, ANNA_HERSELF, again.id, Verdict.DISCARD) == 3


async def test_twins_are_discarded() -> None:
    """No activity and no event is made of any of them, now or at a comparison, and nobody is asked again."""
    stage, hold = await held_twins()
    await decide(stage.ports, ANNA_HERSELF, hold.id, Verdict.DISCARD)
    await stage.settle()
    stage.clock.advance(timedelta(days=8))
    reports = await stage.settle()
    assert [report.written for report in reports] == [{}] * len(reports)
    assert stage.subjects() == (["Lunch", "Lunch"], ["Lunch"])
    assert (await stage.holds(), await stage.pending()) == ((), ())
    assert await stage.storage.companies.intents(stage.pair) == ()
