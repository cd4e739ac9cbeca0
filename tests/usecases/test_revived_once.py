"""An activity of two people, deleted in Severa while both edited their copies: edits outlive it, and it stays one."""

import asyncio
from datetime import timedelta

from core.usecases.hints import note_activity_changed
from tests.support.stage import ANNA, BERT, COMPANY, Stage, at, entry, make_stage

BOTH = (ANNA, BERT)


async def _deleted_and_edited() -> Stage:
    """Anna's visit, with Bert: gone in Severa, edited in both mailboxes."""
    stage = await make_stage()
    visit = stage.severa.add(ANNA, entry("Visit"))
    stage.severa.add(ANNA, entry("Witness", at(18)))
    stage.severa.participants[visit.id] = {BERT}
    await stage.settle(BOTH)
    stage.clock.advance(timedelta(minutes=30))
    stage.anna.edit(stage.event("Visit").id, entry("Site visit"))
    stage.bert.edit(stage.event("Visit", BERT).id, entry("Visit", location="Espoo"))
    stage.severa.remove(visit.id)
    await note_activity_changed(stage.ports, COMPANY, ANNA, visit.id)
    return stage


def _shown(stage: Stage) -> list[tuple[str, str]]:
    """The visit as it is in Severa and in both mailboxes."""
    entries = [*stage.severa.activities(), *stage.anna.events(), *stage.bert.events()]
    return [(e.essence.subject, e.essence.location) for e in entries if e.essence.subject != "Witness"]


async def test_two_copies_of_a_deleted_activity_are_edited() -> None:
    """Both take part in one activity again, with what either wrote."""
    stage = await _deleted_and_edited()
    await stage.settle(BOTH)
    assert _shown(stage) == [("Site visit", "Espoo")] * 3
    assert {*stage.severa.participants[stage.activity("Site visit").id], stage.activity("Site visit").owner} == {*BOTH}


async def test_both_pairs_are_at_it_at_once() -> None:
    """The one that comes second waits for the other's activity."""
    stage = await _deleted_and_edited()
    await asyncio.gather(stage.run(ANNA), stage.run(BERT))
    await stage.settle(BOTH)
    assert _shown(stage) == [("Site visit", "Espoo")] * 3


async def test_the_answer_to_the_first_is_lost() -> None:
    """The other pair waits until that is found again."""
    stage = await _deleted_and_edited()
    stage.lose("severa.create")
    await stage.run(ANNA)
    await stage.run(BERT)
    await stage.settle(BOTH)
    assert _shown(stage) == [("Site visit", "Espoo")] * 3


async def test_the_first_deletes_what_it_wanted_to_make_again() -> None:
    """Then the other's edit is what is left, and outlives the deletion."""
    stage = await _deleted_and_edited()
    stage.lose("severa.create", happened=False)
    await stage.run(ANNA)
    stage.anna.remove(stage.event("Site visit").id)
    await stage.settle(BOTH)
    await stage.settle(BOTH)
    assert _shown(stage) == [("Visit", "Espoo")] * 2


async def test_what_was_made_again_is_deleted_once_more() -> None:
    """A copy that was edited only then is an activity anew."""
    stage = await _deleted_and_edited()
    await stage.run(ANNA)
    stage.severa.remove(stage.activity("Site visit").id)
    await stage.run(BERT)
    assert [a.essence.location for a in stage.severa.activities(BERT)] == ["Espoo"]
