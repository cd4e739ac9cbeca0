"""Copies, marks and changed ids."""

from dataclasses import replace

import pytest

from core.model.ids import Side
from core.model.sighting import Event, Mark
from tests.support.stage import ANNA, Stage, at, entry, make_stage


# --- P04 --------------------------------------------------------------------------------------------------------------
async def test_p04_an_event_of_ours_is_copied() -> None:
    """P04: the copy carries our mark, and is a new entry all the same; the original stays what it is."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Call"))
    await stage.settle()
    stage.anna.edit(stage.anna.copy(stage.event("Call").id).id, entry("Call, again", at(14)))
    await stage.settle()
    assert stage.subjects() == (["Call", "Call, again"], ["Call", "Call, again"])
    assert len(await stage.living()) == 2


@pytest.mark.parametrize("mark", ["another company", "another mailbox", "forged"])
async def test_p04_a_mark_from_elsewhere(mark: str) -> None:
    """P04: a mark of another company or mailbox, or one that is made up, is no mark."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Call"))
    await stage.settle()
    ours = stage.event("Call").mark
    assert ours is not None
    changes = {
        "another company": {"company": "99999999"},
        "another mailbox": {"mailbox": stage.bert.mailbox.id},
        "forged": {"generation": 7},
    }
    stage.anna.add(entry("Stranger", at(13)), mark=replace(ours, **changes[mark]))  # type: ignore[arg-type]
    await stage.settle()
    assert stage.subjects() == (["Call", "Stranger"], ["Call", "Stranger"])


async def test_marks_of_many_newcomers_are_read_at_once() -> None:
    """Beyond twenty, one view tells all the marks."""
    stage = await make_stage()
    await stage.settle()
    for number in range(30):
        stage.anna.add(entry(f"Event {number}", at(number / 2)))
    stage.watch.reset()
    await stage.run()
    assert stage.watch.calls["microsoft.read"] == 0
    assert stage.watch.calls["microsoft.view"] == 1
    assert len(stage.severa.activities()) == 30


async def test_p03_marks_tell_what_is_linked_after_everything_was_forgotten() -> None:
    """P03: a copy whose subject was changed since is still known by its mark."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Call"))
    await stage.settle()
    event: Event = stage.event("Call")
    assert isinstance(event.mark, Mark)
    fresh = await make_stage()
    fresh.severa._held = stage.severa._held
    fresh.anna.add(entry("Call back", text="renamed"), mark=event.mark)
    await fresh.settle()
    assert len(fresh.severa.activities()) == len(fresh.anna.events()) == 1


# --- P63 --------------------------------------------------------------------------------------------------------------
def rehome(stage: Stage, subject: str) -> Event:
    """The service gives an event another id; its uid stays."""
    event = stage.event(subject)
    stage.anna.remove(event.id)
    moved = stage.anna.add(event.essence)
    stage.anna._held[moved.id] = replace(moved, uid=event.uid)
    return stage.anna._held[moved.id]


@pytest.mark.parametrize("edited", [None, *Side])
async def test_p63_an_event_s_id_changes(edited: Side | None) -> None:
    """P63: the same uid means the same event: relinked, with what was edited meanwhile; nothing is deleted or made."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    activity = stage.activity("Lunch").id
    moved = rehome(stage, "Lunch")
    if edited is Side.SEVERA:
        stage.severa.edit(activity, entry("Lunch", at(8), "edited"))
    elif edited is Side.MICROSOFT:
        moved = stage.anna.edit(moved.id, entry("Lunch", at(8), "edited"))
    await stage.poll()
    report = await stage.run()
    assert report.linked["relinked"] == 1
    assert report.written.total() == (edited is not None)
    assert await stage.pending() == ()
    link = await stage.link("Lunch")
    assert (link.activity, link.event) == (activity, moved.id)
    assert stage.activity("Lunch").essence == stage.event("Lunch").essence
    assert not any(r.written for r in await stage.settle())
    assert await stage.pending() == ()


async def test_p63_every_id_of_a_mailbox_changes() -> None:
    """P63: after a move of the whole mailbox everything is relinked, and the guard sees nothing."""
    stage = await make_stage()
    await stage.linked(*(f"Event {n:02}" for n in range(25)))
    for number in range(25):
        rehome(stage, f"Event {number:02}")
    stage.anna.expire_cursors()
    reports = await stage.settle()
    assert sum(r.linked["relinked"] for r in reports) == 25
    assert not any(r.written or r.held for r in reports)


async def test_p63_the_new_id_shows_before_the_old_one_is_gone() -> None:
    """P63: a second event with the same uid beside a living one is a new entry, not the same."""
    stage = await make_stage()
    await stage.linked("Lunch")
    twin = stage.anna.add(entry("Lunch, copied", at(9)))
    stage.anna._held[twin.id] = replace(twin, uid=stage.event("Lunch").uid)
    await stage.settle()
    assert stage.subjects() == (["Lunch", "Lunch, copied"], ["Lunch", "Lunch, copied"])


async def test_p63_only_the_new_id_is_told_of() -> None:
    """P63: where the round does not tell that the old id is gone, it is asked."""
    stage = await make_stage()
    await stage.linked("Lunch")
    old = stage.event("Lunch")
    moved = rehome(stage, "Lunch")
    del stage.anna._changed[old.id]
    report = await stage.run()
    assert report.linked["relinked"] == 1
    assert (await stage.link("Lunch")).event == moved.id


async def test_p03_a_mark_of_an_activity_that_is_no_more() -> None:
    """P03: after everything was forgotten such an event is a new entry."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Call"))
    await stage.settle()
    fresh = await make_stage()
    fresh.anna.add(entry("Call"), mark=stage.event("Call").mark)
    await fresh.settle()
    assert fresh.subjects() == (["Call"], ["Call"])
    assert len(await fresh.living()) == 1
