"""Passive pairs (R4): what others share reaches a user whose own switch is off, and nothing else does."""

from datetime import timedelta

from core.model.ids import Pair
from core.usecases.hints import note_activity_changed
from core.usecases.switches import set_user_switch
from tests.support.stage import ANNA, BERT, COMPANY, Stage, at, entry, make_stage


async def with_bert_passive() -> Stage:
    """Anna is active, Bert is not."""
    stage = await make_stage()
    await set_user_switch(stage.ports, Pair(COMPANY, BERT), on=False)
    return stage


async def test_what_is_shared_is_found_within_a_day() -> None:
    """Bert's own listing shows what he takes part in; his other entries stay on their own sides."""
    stage = await with_bert_passive()
    stage.severa.add(BERT, entry("Bert's own", at(14)))
    stage.bert.add(entry("Bert's event", at(15)))
    visit = stage.severa.add(ANNA, entry("Visit"))
    stage.severa.participants[visit.id] = {BERT}
    await stage.work(minutes=26 * 60)
    assert stage.subjects()[1] == ["Visit"]
    assert [e.essence.subject for e in stage.bert.events()] == ["Bert's event", "Visit"]
    assert sorted(a.essence.subject for a in stage.severa.activities()) == ["Bert's own", "Visit"]


async def test_an_owner_who_is_passive() -> None:
    """What Anna takes part in reaches its owner at once: her run says so."""
    stage = await with_bert_passive()
    visit = stage.severa.add(BERT, entry("Visit"))
    stage.severa.participants[visit.id] = {ANNA}
    await note_activity_changed(stage.ports, COMPANY, ANNA, visit.id)
    await stage.work(minutes=3)
    assert [e.essence.subject for e in stage.bert.events()] == ["Visit"]


async def test_the_front_end_names_who_takes_part() -> None:
    """Nobody waits for a listing then, and an edit reaches everybody."""
    stage = await with_bert_passive()
    visit = stage.severa.add(ANNA, entry("Visit"))
    stage.severa.participants[visit.id] = {BERT}
    await note_activity_changed(stage.ports, COMPANY, ANNA, visit.id, [BERT])
    await stage.work(minutes=10)
    assert [e.essence.subject for e in stage.bert.events()] == ["Visit"]
    stage.anna.edit(stage.event("Visit").id, entry("Site visit"))
    await stage.work(minutes=20)
    assert [e.essence.subject for e in stage.bert.events()] == ["Site visit"]
    stage.severa.remove(visit.id)
    await note_activity_changed(stage.ports, COMPANY, ANNA, visit.id)
    await stage.work(minutes=30)
    assert stage.bert.events() == ()


async def test_nobody_is_active() -> None:
    """Then nobody is looked at."""
    stage = await with_bert_passive()
    await set_user_switch(stage.ports, stage.pair, on=False)
    visit = stage.severa.add(ANNA, entry("Visit"))
    stage.severa.participants[visit.id] = {BERT}
    await stage.work(minutes=26 * 60)
    assert (stage.anna.events(), stage.bert.events()) == ((), ())


async def test_what_was_synchronized_before_stays_as_it_is() -> None:
    """R5: Bert's own entries rest while his switch is off; their deletion waits for a person afterwards."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner", user=BERT)
    await set_user_switch(stage.ports, Pair(COMPANY, BERT), on=False)
    lunch = stage.activity("Lunch", BERT)
    stage.severa.remove(lunch.id)
    stage.clock.advance(timedelta(minutes=30))
    await note_activity_changed(stage.ports, COMPANY, BERT, lunch.id)
    await stage.work(minutes=26 * 60)
    assert len(stage.bert.events()) == 2
    await set_user_switch(stage.ports, Pair(COMPANY, BERT), on=True)
    await stage.work(minutes=30)
    assert len(stage.bert.events()) == 2
    assert [hold.reason for hold in await stage.holds()] == ["deleted_while_off"]
