"""What is gone, what only seems to be, and what an edit outlives."""

from datetime import timedelta

import pytest

from core.model.ids import Side
from core.model.link import LinkState
from core.usecases.hints import note_activity_changed
from core.usecases.report import Outcome
from tests.support.stage import ANNA, COMPANY, Stage, at, entry, make_stage


async def test_an_event_is_deleted() -> None:
    """Its activity follows at once; what it held is in history."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    stage.anna.remove(stage.event("Lunch").id)
    await stage.settle()
    assert stage.subjects() == (["Dinner"], ["Dinner"])
    [record] = await stage.history()
    assert record.note.code == "deleted"
    assert record.note.values["subject"] == "Lunch"


async def test_an_activity_is_deleted_and_the_front_end_says_so() -> None:
    """R19: its word and a 404 by id, while another activity still answers, are proof at once."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    gone = stage.activity("Lunch").id
    stage.severa.remove(gone)
    assert await note_activity_changed(stage.ports, COMPANY, ANNA, gone) == 1
    await stage.run()
    assert stage.subjects() == (["Dinner"], ["Dinner"])


async def test_an_activity_is_deleted_right_after_it_was_linked_and_the_front_end_says_so() -> None:
    """P30 is for what nobody named: a person's own deletion does not wait until the entry is old enough."""
    stage = await make_stage()
    stage.anna.add(entry("Lunch"))
    stage.anna.add(entry("Dinner", at(18)))
    await stage.run()
    gone = stage.activity("Lunch").id
    stage.severa.remove(gone)
    await note_activity_changed(stage.ports, COMPANY, ANNA, gone)
    await stage.run()
    assert stage.subjects() == (["Dinner"], ["Dinner"])


async def test_the_front_end_names_an_activity_that_is_alive() -> None:
    """Its word is evidence, never proof: an activity that answers is not deleted, and its edit arrives."""
    stage = await make_stage()
    await stage.linked("Lunch")
    stage.severa.edit(stage.activity("Lunch").id, entry("Long lunch", at(8)))
    await note_activity_changed(stage.ports, COMPANY, ANNA, stage.activity("Long lunch").id)
    await stage.run()
    assert stage.subjects() == (["Long lunch"], ["Long lunch"])


async def test_the_front_end_names_an_activity_that_never_was() -> None:
    """A made-up id does no harm and waits for nothing."""
    stage = await make_stage()
    await stage.linked("Lunch")
    await note_activity_changed(stage.ports, COMPANY, ANNA, "no-such-activity")
    report = await stage.run()
    assert (report.outcome, report.again, report.written) == (Outcome.DONE, None, {})
    assert await stage.pending() == ()


async def test_an_activity_is_deleted_and_nobody_says_so() -> None:
    """R8: the daily listing finds it."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    stage.severa.remove(stage.activity("Lunch").id)
    await stage.settle()
    assert stage.subjects() == (["Dinner"], ["Dinner", "Lunch"])
    stage.clock.advance(timedelta(hours=24))
    await stage.settle()
    assert stage.subjects() == (["Dinner"], ["Dinner"])


async def test_three_events_are_deleted_right_after_they_were_made() -> None:
    """P30: what is young waits, until its absence proves something; that stops nothing else, and loses nothing."""
    stage = await make_stage()
    for number in range(4):
        stage.anna.add(entry(f"Event {number}", at(8 + number)))
    await stage.run()
    for number in range(4):
        stage.severa.remove(stage.activity(f"Event {number}").id)
    stage.severa.add(ANNA, entry("New", at(15)))
    stage.clock.advance(timedelta(minutes=1))
    stage.anna.expire_cursors()  # The full round makes the listing due.
    report = await stage.run()
    assert report.outcome is Outcome.DONE
    assert report.written == {"created_microsoft": 1}
    assert report.again is not None
    stage.clock.advance_to(report.again)
    await stage.run()
    assert stage.subjects() == (["New"], ["New"])


# --- P28, P29 ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("side", list(Side))
async def test_p28_what_was_deleted_does_not_come_back(side: Side) -> None:
    """P28: not in the next run, not in the weekly comparison, not after a lost cursor."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    await remove(stage, "Lunch", side)
    await stage.settle()
    for days in (0, 1, 8):
        stage.clock.advance(timedelta(days=days))
        stage.anna.expire_cursors()
        assert not any(r.written for r in await stage.settle())
    assert stage.subjects() == (["Dinner"], ["Dinner"])


async def remove(stage: Stage, subject: str, side: Side) -> None:
    """A person deletes it; in Severa, the front end says so."""
    if side is Side.SEVERA:
        gone = stage.activity(subject).id
        stage.severa.remove(gone)
        await note_activity_changed(stage.ports, COMPANY, ANNA, gone)
    else:
        stage.anna.remove(stage.event(subject).id)


@pytest.mark.parametrize("deleted", list(Side))
@pytest.mark.parametrize("edit_first", [False, True])
async def test_p29_an_edit_outlives_a_deletion(deleted: Side, edit_first: bool) -> None:  # noqa: FBT001
    """P29, R18: in both orders, on both sides, the edit survives; the entry is made again where it was deleted."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    activity, event = stage.activity("Lunch").id, stage.event("Lunch").id

    async def edit() -> None:
        if deleted is Side.SEVERA:
            stage.anna.edit(event, entry("Long lunch", at(8)))
        else:
            stage.severa.edit(activity, entry("Long lunch", at(8)))

    if edit_first:
        await edit()
    await remove(stage, "Lunch", deleted)
    if not edit_first:
        await edit()
    await stage.settle()
    assert stage.subjects() == (["Dinner", "Long lunch"], ["Dinner", "Long lunch"])
    assert await stage.told() == ["revived_without_customer" if deleted is Side.SEVERA else "revived"]
    assert (await stage.link("Long lunch")).generation == 1
    assert not any(r.written for r in await stage.settle())


async def test_an_edit_after_the_deletion_was_seen_and_before_it_was_passed_on() -> None:
    """The survivor is read just before it is deleted: an edit of the last second saves it."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    stage.anna.remove(stage.event("Lunch").id)
    stage.meddle(
        "after companies.put_activity",
        lambda: stage.severa.edit(stage.activity("Lunch").id, entry("Long lunch", at(8))),
    )
    await stage.settle()
    assert stage.subjects() == (["Dinner", "Long lunch"], ["Dinner", "Long lunch"])


async def test_both_ends_are_deleted() -> None:
    """Nothing is written; the link is dead, and kept."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    link = await stage.link("Lunch")
    for side in Side:
        await remove(stage, "Lunch", side)
    assert not any(r.written for r in await stage.settle())
    [dead] = [one for one in await stage.storage.pairs.links(stage.pair) if one.activity == link.activity]
    assert dead.state is LinkState.DEAD


async def test_a_person_gets_a_deleted_event_back() -> None:
    """It is an entry again, on both sides, once."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    event = stage.event("Lunch").id
    stage.anna.remove(event)
    await stage.settle()
    stage.anna.restore(event)
    await stage.settle()
    assert stage.subjects() == (["Dinner", "Lunch"], ["Dinner", "Lunch"])
