"""What this service made, knew under another id, or never recorded: recognized, never doubled."""

from datetime import timedelta

import pytest

from core.errors import OutcomeUnknown, RetryLater
from core.model.ids import Side
from core.model.link import Intent
from core.model.operation import Draft
from tests.support.stage import ANNA, BERT, COMPANY, Stage, at, entry, make_stage
from tests.support.theatre import Died


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("happened", [False, True])
async def test_p01_the_answer_to_a_create_is_lost(side: Side, happened: bool) -> None:  # noqa: FBT001
    """P01: exactly one entry in the end, whether the request took effect or not, and both sides linked."""
    stage = await make_stage()
    add(stage, side.other, "Lunch")
    stage.lose(f"{side.value}.create", happened=happened)
    await stage.settle()
    assert stage.subjects() == (["Lunch"], ["Lunch"])
    assert len(await stage.living()) == 1
    assert await stage.pending() == ()


def add(stage: Stage, side: Side, subject: str) -> None:
    """A person makes an entry on that side."""
    if side is Side.SEVERA:
        stage.severa.add(ANNA, entry(subject))
    else:
        stage.anna.add(entry(subject))


@pytest.mark.parametrize("edited", list(Side))
@pytest.mark.parametrize("made", list(Side))
async def test_p01_an_edit_before_the_answer_is_found(made: Side, edited: Side) -> None:
    """P01: what a person changes meanwhile, on either side, arrives on the other one; nothing is doubled."""
    stage = await make_stage()
    add(stage, made.other, "Lunch")
    stage.lose(f"{made.value}.create")
    await stage.run()
    if edited is Side.SEVERA:
        stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", text="typed meanwhile"))
    else:
        stage.anna.edit(stage.event("Lunch").id, entry("Lunch", text="typed meanwhile"))
    await stage.settle()
    assert stage.activity("Lunch").essence.text == stage.event("Lunch").essence.text == "typed meanwhile"
    assert not await stage.history()


async def test_p01_the_event_gets_another_subject_and_time_meanwhile() -> None:
    """P01: the twin is found by what was sent, not by what its event says by now."""
    stage = await make_stage()
    stage.anna.add(entry("Lunch"))
    stage.lose("severa.create")
    await stage.run()
    stage.anna.edit(stage.event("Lunch").id, entry("Supper", at(19, day=4)))
    await stage.settle()
    assert stage.subjects() == (["Supper"], ["Supper"])
    assert stage.activity("Supper").essence.when == at(19, day=4)


@pytest.mark.parametrize("side", list(Side))
async def test_p01_the_source_is_deleted_meanwhile(side: Side) -> None:
    """P01: what was made of it is recognized, and follows it."""
    stage = await make_stage()
    add(stage, side.other, "Lunch")
    stage.anna.add(entry("Other", at(17)))
    stage.lose(f"{side.value}.create")
    await stage.run()
    if side is Side.SEVERA:
        stage.anna.remove(stage.event("Lunch").id)
    else:
        stage.severa.remove(stage.activity("Lunch").id)
    await stage.settle()
    stage.clock.advance(timedelta(days=1))
    stage.anna.add(entry("New", at(20)))
    await stage.settle(rounds=20)
    assert stage.subjects() == (["New", "Other"], ["New", "Other"])


async def test_a_create_that_may_still_take_effect() -> None:
    """Until its own time-out is over nothing is sent again, however often the pair is looked at."""
    stage = await make_stage()
    stage.anna.add(entry("Lunch"))
    stage.lose("severa.create", happened=False)
    await stage.run()
    for _ in range(4):
        stage.clock.advance(timedelta(seconds=10))
        stage.anna.edit(stage.event("Lunch").id)
        await stage.run()
        assert stage.severa.activities() == ()
    stage.clock.advance(timedelta(seconds=60))
    await stage.run()
    assert stage.subjects()[0] == ["Lunch"]


async def test_two_lost_answers_of_entries_that_are_alike() -> None:
    """Each event gets one of the two twins; nobody is asked."""
    stage = await make_stage()
    stage.anna.add(entry("Standup"))
    stage.anna.add(entry("Standup"))

    stage.fail("after severa.create", OutcomeUnknown("severa_timeout"))
    await stage.run()
    stage.watch.interrupt = None
    await stage.settle()
    assert len(stage.severa.activities()) == len(await stage.living()) == 2
    assert await stage.holds() == ()


async def test_several_twins() -> None:
    """One lost answer, two activities that may be it: both sides wait for a person, who is told; others go on."""
    stage = await make_stage()
    stage.anna.add(entry("Lunch"))
    stage.lose("severa.create")
    await stage.run()
    stage.severa.add(ANNA, entry("Lunch"))
    stage.anna.add(entry("Other", at(15)))
    await stage.settle()
    assert stage.subjects() == (["Lunch", "Lunch", "Other"], ["Lunch", "Other"])
    [hold] = await stage.holds()
    assert (hold.kind, hold.reason, len(hold.entries)) == ("twin", "several_twins", 3)
    assert await stage.told() == ["several_twins"]
    stage.anna.add(entry("Another", at(16)))
    await stage.settle()
    stage.clock.advance(timedelta(days=8))
    await stage.settle()
    assert len(await stage.holds()) == 1
    assert stage.subjects() == (["Another", "Lunch", "Lunch", "Other"], ["Another", "Lunch", "Other"])


async def test_a_twin_that_was_renamed_meanwhile() -> None:
    """An activity that only resembles what was sent may be it, or not: a person decides, nothing is overwritten."""
    stage = await make_stage()
    stage.anna.add(entry("Lunch"))
    stage.lose("severa.create")
    await stage.run()
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch with Bert"))
    await stage.settle()
    assert stage.subjects() == (["Lunch with Bert"], ["Lunch"])
    assert [hold.reason for hold in await stage.holds()] == ["several_twins"]


async def test_a_newcomer_alike_that_is_older_than_the_lost_create() -> None:
    """What was there before the create was sent is not its twin: it is matched like any other."""
    stage = await make_stage()
    await stage.settle()
    stage.severa.add(ANNA, entry("Lunch"), "type-visit")
    stage.clock.advance(timedelta(hours=1))
    stage.anna.add(entry("Dinner"))
    stage.lose("severa.create", happened=False)
    await stage.run()
    stage.anna.edit(stage.event("Dinner").id, entry("Lunch"))
    await stage.settle()
    assert stage.subjects() == (["Lunch"], ["Lunch"])
    assert len(await stage.living()) == 1


async def test_another_users_activity_is_nobody_s_twin() -> None:
    """Bert's activity of the same name, time and moment is his own."""
    stage = await make_stage()
    stage.anna.add(entry("Lunch"))
    stage.lose("severa.create", happened=False)
    await stage.run()
    stage.severa.add(BERT, entry("Lunch"))
    await stage.settle((ANNA, BERT))
    assert len(stage.severa.activities(ANNA)) == len(stage.severa.activities(BERT)) == 1


@pytest.mark.parametrize("side", list(Side))
async def test_a_crash_between_the_record_and_the_end_of_the_intent(side: Side) -> None:
    """The intent that was left over is forgotten with the next newcomer, and stands in nobody's way."""
    stage = await make_stage()
    add(stage, side.other, "Lunch")
    stage.fail("before companies.end", Died("here"))
    with pytest.raises(Died):
        await stage.run()
    stage.watch.interrupt = None
    stage.clock.advance(timedelta(minutes=10))
    assert len(await stage.storage.companies.intents(stage.pair)) == 1
    stage.anna.add(entry("Dinner", at(18)))
    await stage.settle()
    assert await stage.storage.companies.intents(stage.pair) == ()
    assert stage.subjects() == (["Dinner", "Lunch"], ["Dinner", "Lunch"])


async def test_the_holders_of_an_activity_are_written_however_it_was_linked() -> None:
    """Created, matched, matched with an update, rejoined: the company's row knows who holds it."""
    stage = await make_stage()
    stage.anna.add(entry("Created"))
    stage.severa.add(ANNA, entry("Created there", at(11)))
    for subject, hour, text in (("Matched", 12, ""), ("Matched and filled", 13, "text")):
        stage.anna.add(entry(subject, at(hour)))
        stage.severa.add(ANNA, entry(subject, at(hour), text))
    stage.anna.add(entry("Rejoined", at(14)))
    stage.lose("severa.create")
    await stage.settle()
    for activity in stage.severa.activities():
        assert (await stage.storage.companies.activity(COMPANY, activity.id)).holders == (ANNA,), (
            activity.essence.subject
        )


async def test_a_create_of_a_run_that_was_taken_over_is_on_its_way() -> None:
    """An intent that nobody knew of when the run began: the create is not sent beside it, but looked for later."""
    stage = await make_stage()
    stage.anna.add(entry("Lunch"))
    begin = stage.storage.companies.begin

    async def begun_by_another(intent: Intent) -> Intent | None:
        stage.storage.companies.begin = begin  # type: ignore[method-assign]
        await begin(intent)
        await stage.severa.calendar((await stage.severa.user(ANNA)), "UTC").create(Draft(entry("Lunch")), None)  # type: ignore[arg-type]
        return await begin(intent)

    stage.storage.companies.begin = begun_by_another  # type: ignore[method-assign]
    report = await stage.run()
    assert report.refused == {"create_not_settled": 1}
    assert report.again == stage.clock.now() + timedelta(seconds=45)
    await stage.settle()
    assert stage.subjects() == (["Lunch"], ["Lunch"])


async def test_a_source_that_is_gone_before_its_create_is_settled() -> None:
    """Nothing waits for it; when the time is over, the intent is forgotten."""
    stage = await make_stage()
    stage.anna.add(entry("Lunch"))
    stage.lose("severa.create", happened=False)
    await stage.run()
    stage.anna.remove(stage.event("Lunch").id)
    stage.clock.advance(timedelta(seconds=10))
    stage.anna.add(entry("Dinner", at(18)))
    await stage.run()
    await stage.settle()
    stage.anna.add(entry("Supper", at(20)))
    await stage.settle()
    assert stage.subjects() == (["Dinner", "Supper"], ["Dinner", "Supper"])
    assert await stage.storage.companies.intents(stage.pair) == ()


async def test_p01_the_event_that_was_made_does_not_show_yet() -> None:
    """P01: the create is sent again, the mailbox answers with what the first one made; an edit of it is not lost."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Lunch"))
    stage.lose("microsoft.create")
    await stage.run()
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", text="typed meanwhile"))
    shows, stage.anna._shows = stage.anna._shows, lambda *_: False  # type: ignore[method-assign]
    stage.clock.advance(timedelta(minutes=2))
    report = await stage.run()
    assert stage.watch.calls["microsoft.create"] == 2
    assert report.again is not None
    stage.anna._shows = shows  # type: ignore[method-assign]
    await stage.settle()
    assert len(stage.anna.events()) == len(await stage.living()) == 1
    assert stage.activity("Lunch").essence.text == stage.event("Lunch").essence.text == "typed meanwhile"


async def test_p01_a_crash_after_a_create_was_sent_again() -> None:
    """P01: what the first one sent stays the base, for its event is the one that is there: no edit is lost."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Lunch"))
    stage.lose("microsoft.create")
    await stage.run()
    stage.severa.edit(stage.activity("Lunch").id, entry("Lunch", text="typed meanwhile"))
    shows, stage.anna._shows = stage.anna._shows, lambda *_: False  # type: ignore[method-assign]
    stage.clock.advance(timedelta(minutes=2))
    stage.fail("after microsoft.create", Died(), times=1)
    with pytest.raises(Died):
        await stage.run()
    stage.watch.interrupt = None
    stage.anna._shows = shows  # type: ignore[method-assign]
    stage.clock.advance(timedelta(minutes=30))
    stage.restart()
    await stage.settle()
    assert stage.activity("Lunch").essence.text == stage.event("Lunch").essence.text == "typed meanwhile"


async def test_p01_a_create_that_is_refused_the_second_time() -> None:
    """P01: the first one may have happened all the same: what it sent is still known, so an edit is no conflict."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Lunch"))
    stage.lose("microsoft.create")
    await stage.run()
    shows, stage.anna._shows = stage.anna._shows, lambda *_: False  # type: ignore[method-assign]
    stage.clock.advance(timedelta(minutes=2))
    stage.fail("before microsoft.create", RetryLater("graph_throttled"), times=1)
    await stage.run()
    stage.anna._shows = shows  # type: ignore[method-assign]
    stage.anna.edit(stage.event("Lunch").id, entry("Long lunch"))
    await stage.settle()
    assert stage.subjects() == (["Long lunch"], ["Long lunch"])
    assert not await stage.history()
