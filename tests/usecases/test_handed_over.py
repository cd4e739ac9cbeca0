"""An activity is handed over while the one who owned it edits their copy: it stays one, with the edit in it."""

from datetime import timedelta

from core.model.sighting import Activity
from tests.support.stage import ANNA, BERT, Stage, at, entry, make_stage

BOTH = (ANNA, BERT)
LATER = timedelta(minutes=30)


async def _handed_over() -> tuple[Stage, Activity]:
    """Anna's visit, which is Bert's from now on and not hers any more; she has just changed its place in Outlook."""
    stage = await make_stage()
    visit = stage.severa.add(ANNA, entry("Visit"))
    stage.severa.add(ANNA, entry("Witness", at(18)))
    stage.severa.participants[visit.id] = {BERT}
    await stage.settle(BOTH)
    stage.clock.advance(LATER)
    stage.anna.edit(stage.event("Visit").id, entry("Visit", location="Espoo"))
    stage.severa.participants[visit.id] = set()
    return stage, stage.severa.edit(visit.id, owner=BERT)


async def _ends(stage: Stage) -> None:
    """What is in Severa, in Anna's mailbox, and in Bert's, is one visit: Bert's."""
    await stage.settle(BOTH)
    stage.clock.advance(LATER)
    await stage.settle(BOTH)
    assert [e.essence.subject for e in stage.anna.events()] == ["Witness"]
    assert len(stage.severa.activities()) == 2


def _places(stage: Stage) -> list[str]:
    visits = [e.essence for e in stage.severa.activities(BERT)] + [e.essence for e in stage.bert.events()]
    return [visit.location for visit in visits]


async def test_the_copy_was_edited() -> None:
    """The edit is in the activity that goes on, none is made beside it, and the copy goes."""
    stage, _ = await _handed_over()
    await _ends(stage)
    assert _places(stage) == ["Espoo", "Espoo"]


async def test_both_edited_it() -> None:
    """One value stays as anywhere; the other one is in history."""
    stage, visit = await _handed_over()
    stage.clock.advance(LATER)
    stage.severa.edit(visit.id, entry("Visit", location="Vantaa"))
    await _ends(stage)
    assert _places(stage) == ["Vantaa", "Vantaa"]
    told = [record.note for record in await stage.history()]
    assert any("Espoo" in note.values.values() for note in told)


async def test_only_the_copy_goes_where_nothing_was_edited() -> None:
    """Whoever is in it no more has no copy of it."""
    stage, visit = await _handed_over()
    stage.severa.edit(visit.id, entry("Visit", location="Espoo"))
    await _ends(stage)
    assert _places(stage) == ["Espoo", "Espoo"]
