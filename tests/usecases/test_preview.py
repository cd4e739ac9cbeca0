"""What the next run would do, told without doing it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import RetryLater, Stop
from core.model.caller import Caller
from core.model.company import SyncWhile
from core.model.ids import Side
from core.model.state import Verdict
from core.model.when import all_day
from core.usecases import preview as previewing
from core.usecases.preview import Does, Preview, preview
from core.usecases.releasing import decide
from core.usecases.switches import set_company_switch, set_user_switch
from tests.support.series import TUESDAY, weekly
from tests.support.stage import ANNA, COMPANY, Stage, at, entry, make_stage

Scene = Callable[[], Awaitable[Stage]]


async def first_sync() -> Stage:
    """Two calendars that have not met: something alike, something new on both sides, something left out."""
    stage = await make_stage()
    stage.anna.add(entry("Alike", at(8)))
    stage.severa.add(ANNA, entry("Alike", at(8)))
    stage.anna.add(entry("Only in Outlook", at(9)))
    stage.severa.add(ANNA, entry("Only in Severa", at(10)))
    stage.severa.add(ANNA, entry("Task", at(11)), "type-task")
    return stage


async def changes() -> Stage:
    """Linked entries that were edited, deleted, and one that is new; one that cannot be read just now."""
    stage = await make_stage()
    await stage.linked("Edited", "Deleted", "Same")
    stage.anna.edit(stage.event("Edited").id, entry("Edited", at(15)))
    stage.anna.remove(stage.event("Deleted").id)
    stage.severa.add(ANNA, entry("New", at(16)))
    await stage.poll()
    return stage


async def deleted_too_many() -> Stage:
    """Twelve of twenty are deleted; the guard would hold that."""
    stage = await make_stage()
    for number in range(20):
        stage.anna.add(entry(f"Event {number:02}", at(number / 2)))
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    for event in stage.anna.events()[:12]:
        stage.anna.remove(event.id)
    return stage


async def calm() -> Stage:
    """Nothing to do."""
    stage = await make_stage()
    await stage.linked("Same")
    return stage


async def conflict() -> Stage:
    """Both sides edited the same field."""
    stage = await calm()
    stage.severa.edit(stage.activity("Same").id, entry("Same", at(8), "by Severa"))
    stage.clock.advance(timedelta(minutes=5))
    stage.anna.edit(stage.event("Same").id, entry("Same", at(8), "by Outlook"))
    await stage.poll()
    return stage


async def meeting() -> Stage:
    """A meeting that nobody has an activity for yet, and one that was changed."""
    stage = await make_stage()
    stage.anna.add(entry("Linked", at(8)), is_meeting=True)
    await stage.settle()
    stage.anna.add(entry("Meeting", at(9)), is_meeting=True)
    stage.anna.edit(stage.event("Linked").id, entry("Linked", at(12)))
    return stage


async def lost_answer(*, twice: bool = False) -> Stage:
    """An activity was made, and the answer was lost: its intent is still there. `twice`: so is one just like it."""
    stage = await calm()
    stage.anna.add(entry("Lost", at(9)))
    stage.lose("severa.create")
    await stage.run()
    stage.restart()
    stage.watch.interrupt = None
    if twice:
        stage.severa.add(ANNA, entry("Lost", at(9)))
        await stage.poll()
    stage.clock.advance(timedelta(minutes=10))
    return stage


SCENES = [first_sync, changes, deleted_too_many, calm, conflict, meeting, lost_answer]


async def everything(stage: Stage) -> object:
    """All that is stored and queued anywhere, and all that both calendars hold."""
    storage = stage.storage
    return (
        [await storage.pairs.head(stage.pair), await storage.pairs.links(stage.pair)],
        [repr(sorted(vars(storage.companies).items(), key=str)), await storage.companies.feed(COMPANY)],
        [await stage.history(), await stage.holds(), stage.messages()],
        [stage.severa.activities(), stage.anna.events(), stage.bert.events()],
    )


@pytest.mark.parametrize("scene", SCENES)
async def test_nothing_is_written(scene: Scene) -> None:
    """Not one effect on any store, queue or calendar: no commit, no cursor, no intent, no history, no hold, no mail."""
    stage = await scene()
    before = await everything(stage)
    stage.watch.reset()
    await preview(stage.ports, stage.pair)
    assert [name for name in stage.watch.effects if name not in READING] == []
    assert stage.watch.of("queues", "due", "history") == 0
    assert await everything(stage) == before


READING = {"severa.later", "microsoft.later", "companies.claim", "holds.find"}
"""Reads that the watch does not know as such."""


@pytest.mark.parametrize("scene", SCENES)
async def test_what_is_told_then_happens(scene: Scene) -> None:
    """The run that follows writes just that."""
    stage = await scene()
    told = await preview(stage.ports, stage.pair)
    report = await stage.run()
    expected = {f"{does}_{side}": n for (does, side), n in told.counts.items()}
    assert report.written == expected
    assert report.held.total() == told.held.total()
    assert report.left_out == told.left_out


def listed(found: Preview) -> set[tuple[Does, Side, str]]:
    """The entries that are named."""
    return {(one.does, one.side, one.subject) for one in found.entries}


async def test_before_the_first_synchronization() -> None:
    """What is alike is joined, the rest is created; a pair that was never bound is not bound by looking."""
    stage = await first_sync()
    found = await preview(stage.ports, stage.pair)
    assert (found.first, found.joined, found.unclear) == (True, 1, 0)
    assert listed(found) == {
        (Does.CREATED, Side.SEVERA, "Only in Outlook"),
        (Does.CREATED, Side.MICROSOFT, "Only in Severa"),
    }
    assert found.left_out == {"project_task": 1}
    assert {one.starts for one in found.entries} == {"2026-11-24T09:00:00+00:00", "2026-11-24T10:00:00+00:00"}


async def test_changes_of_all_kinds() -> None:
    """Created, updated, deleted, each with its side and subject."""
    found = await preview((stage := await changes()).ports, stage.pair)
    assert listed(found) == {
        (Does.UPDATED, Side.SEVERA, "Edited"),
        (Does.DELETED, Side.SEVERA, "Deleted"),
        (Does.CREATED, Side.MICROSOFT, "New"),
    }


async def test_what_would_be_held() -> None:
    """It is told with its reason, and as held already once it is."""
    stage = await deleted_too_many()
    found = await preview(stage.ports, stage.pair)
    assert (found.counts, found.held) == ({}, {"many_deletions": 12})
    assert {(one.does, one.code) for one in found.entries} == {(Does.HELD, "many_deletions")}
    await stage.run()
    again = await preview(stage.ports, stage.pair)
    assert (again.counts, again.held, again.entries) == ({}, {"many_deletions": 12}, [])


async def test_what_a_person_released() -> None:
    """The preview knows that it will be done."""
    stage = await deleted_too_many()
    await stage.run()
    [hold] = await stage.holds()
    await decide(stage.ports, Caller(COMPANY, ANNA, is_admin=False), hold.id, Verdict.RELEASE)
    found = await preview(stage.ports, stage.pair)
    assert (found.counts, found.held) == ({(Does.DELETED, Side.SEVERA): 12}, {})


async def test_many_entries() -> None:
    """All are counted, two hundred are listed."""
    stage = await make_stage()
    for number in range(205):
        stage.anna.add(entry(f"Event {number}", at(number)))
    found = await preview(stage.ports, stage.pair)
    assert found.counts == {(Does.CREATED, Side.SEVERA): 205}
    assert (len(found.entries), found.more) == (200, True)


async def test_an_entry_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is counted as unclear; the others are told."""
    stage = await changes()
    deleted = stage.activity("Deleted")

    async def refuse(*_: object) -> None:
        raise RetryLater("unavailable")

    monkeypatch.setattr(type(stage.anna), "verify", refuse)
    found = await preview(stage.ports, stage.pair)
    assert found.unclear == 1
    assert listed(found) == {(Does.UPDATED, Side.SEVERA, "Edited"), (Does.CREATED, Side.MICROSOFT, "New")}
    assert stage.activity("Deleted") == deleted


async def test_twins_that_nobody_can_tell_apart() -> None:
    """They would be held; so would they at the next look."""
    stage = await lost_answer(twice=True)
    assert (await preview(stage.ports, stage.pair)).held == {"several_twins": 3}


async def test_when_entries_begin() -> None:
    """An instant, a date, and of a series the first date."""
    stage = await make_stage()
    stage.anna.add(entry("Days", all_day(TUESDAY, TUESDAY)))
    stage.anna.add(entry("Weekly", weekly(TUESDAY)))
    found = await preview(stage.ports, stage.pair)
    assert {(one.subject, one.starts) for one in found.entries} == {("Days", "2026-11-24"), ("Weekly", "2026-11-24")}


async def test_a_user_whose_switch_is_off() -> None:
    """They see what switching on would do; deletions since would be held (R5). The switch stays off."""
    stage = await calm()
    await stage.linked("Removed")
    await set_user_switch(stage.ports, stage.pair, on=False)
    stage.clock.advance(timedelta(hours=1))
    stage.anna.remove(stage.event("Removed").id)
    found = await preview(stage.ports, stage.pair)
    assert found.held == {"deleted_while_off": 1}
    assert not (await stage.head()).switch.on


async def test_a_user_who_is_away() -> None:
    """Whoever asks is there, whatever presence says."""
    stage = await changes()
    await stage.change_settings(sync_while=SyncWhile.LOGGED_IN)
    stage.clock.advance(timedelta(hours=2))
    assert (await preview(stage.ports, stage.pair)).counts


async def test_the_company_s_switch_is_off() -> None:
    """Nothing would happen."""
    stage = await changes()
    await set_company_switch(stage.ports, COMPANY, on=False)
    with pytest.raises(Stop, match="company_off"):
        await preview(stage.ports, stage.pair)


async def test_a_mailbox_that_is_not_found() -> None:
    """What would stop the run stops the preview, in the same words."""
    stage = await make_stage()
    stage.severa.users_by_id[ANNA] = replace(stage.severa.users_by_id[ANNA], addresses=("nobody@example.org",))
    with pytest.raises(Stop, match="mailbox_not_found"):
        await preview(stage.ports, stage.pair)


async def test_calendars_that_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends after a minute, with when to try again."""
    stage = await changes()
    monkeypatch.setattr(previewing, "LONGEST", 0.01)

    async def slow(*_: object) -> None:
        await asyncio.sleep(5)

    monkeypatch.setattr(previewing, "observe", slow)
    with pytest.raises(RetryLater, match="preview_too_long"):
        await preview(stage.ports, stage.pair)


async def test_while_a_run_is_under_way() -> None:
    """Looking takes nobody's lease."""
    stage = await changes()
    now = stage.clock.now()
    assert await stage.ports.pairs.acquire(await stage.head(), now, now + timedelta(minutes=3))
    assert (await preview(stage.ports, stage.pair)).counts
