"""One entry's trouble is its own; everybody's trouble ends the run, and is no success."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.errors import ItemRefused, OutcomeUnknown, RetryLater, Stop, StorageConflict
from core.model.ids import Side
from core.model.state import Pending
from core.usecases.hints import note_activity_changed
from core.usecases.recorder import Recorder
from core.usecases.report import Outcome
from tests.support.stage import ANNA, BERT, COMPANY, at, entry, make_stage


async def test_p49_one_entry_is_refused() -> None:
    """P49: the others go on in the same run; it waits longer and longer, is told once, and goes on when it changes."""
    stage = await make_stage()
    await stage.linked("Bad", "Good")
    stage.anna.edit(stage.event("Bad").id, entry("Bad", at(8), "refused"))
    stage.anna.edit(stage.event("Good").id, entry("Good", at(9), "accepted"))
    update = stage.severa.api_update

    def refuses(activity: str, draft, fields):  # noqa: ANN001, ANN202
        if draft.essence.text == "refused":
            raise ItemRefused("severa_invalid_parameter")
        return update(activity, draft, fields)

    stage.severa.api_update = refuses  # type: ignore[method-assign]
    report = await stage.run()
    assert (report.outcome, report.written, report.refused) == (
        Outcome.DONE,
        {"updated_severa": 1},
        {"severa_invalid_parameter": 1},
    )
    pauses = []
    for _ in range(4):
        assert report.again is not None
        pauses.append(report.again - stage.clock.now())
        stage.clock.advance_to(report.again)
        report = await stage.run()
        [row] = await stage.pending()
        assert row.not_before is not None
        report.again = row.not_before
    assert pauses == sorted(set(pauses))
    assert pauses[0] == timedelta(minutes=5)
    assert await stage.told() == ["severa_invalid_parameter"]
    stage.anna.edit(stage.event("Bad").id, entry("Bad", at(8), "accepted now"))
    await stage.run()
    assert stage.activity("Bad").essence.text == "accepted now"
    assert await stage.pending() == ()


async def test_the_pause_of_a_refused_entry_has_an_end() -> None:
    """However often it was refused, it is asked again within a day."""
    stage = await make_stage()
    await stage.linked("Lunch")
    stage.anna.edit(stage.event("Lunch").id, entry("Long lunch", at(8)))
    stage.fail("before severa.update", ItemRefused("severa_invalid_request"))
    for _ in range(14):
        await stage.run()
        [row] = await stage.pending()
        assert row.not_before is not None
        assert row.not_before - stage.clock.now() <= timedelta(hours=24)
        stage.clock.advance_to(row.not_before)


async def test_p41_everything_fails() -> None:
    """P41: a run in which nothing goes through is no success: health says so, and the pauses grow."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    for subject in ("Lunch", "Dinner"):
        stage.anna.edit(stage.event(subject).id, entry(subject, at(15), "edited"))
    stage.fail("before severa.update", ItemRefused("severa_permission_denied"))
    report = await stage.run()
    assert (report.outcome, report.code) == (Outcome.LATER, "nothing_went_through")
    head = await stage.head()
    assert (head.state.health.code, head.state.health.failures) == ("nothing_went_through", 1)
    stage.watch.interrupt = None
    stage.clock.advance(timedelta(hours=1))
    await stage.run()
    assert (await stage.head()).state.health.code == "ok"


async def test_p41_the_pauses_of_a_pair_that_keeps_failing() -> None:
    """P41, P57: they double, and never get longer than the regular look."""
    stage = await make_stage()
    await stage.settle()
    stage.anna.changes = _unavailable  # type: ignore[method-assign, assignment]
    pauses = []
    for _ in range(7):
        report = await stage.run()
        assert report.again is not None
        pauses.append((report.again - stage.clock.now()).total_seconds() / 60)
        stage.clock.advance_to(report.again)
    assert pauses == [1, 2, 4, 8, 15, 15, 15]


async def _unavailable(*_: object):  # noqa: ANN202
    raise RetryLater("unavailable")
    yield


@pytest.mark.parametrize("effect", ["severa.create", "microsoft.create", "severa.update", "microsoft.update"])
async def test_p56_throttled_writes(effect: str) -> None:
    """P56: what the service had no time for is not dropped: it is done when the service asked to be asked again."""
    stage = await make_stage()
    await stage.linked("Old")
    stage.anna.edit(stage.event("Old").id, entry("Old", at(8), "edited"))
    await stage.run()
    stage.severa.edit(stage.activity("Old").id, entry("Old", at(8), "edited again"))
    stage.anna.edit(stage.event("Old").id, entry("Old", at(8), "edited", "there"))
    stage.anna.add(entry("New event", at(14)))
    stage.severa.add(ANNA, entry("New activity", at(15)))
    await stage.poll()
    stage.fail(f"before {effect}", RetryLater("throttled", after=70))
    report = await stage.run()
    assert report.refused == {"throttled": 1}
    assert report.again == stage.clock.now() + timedelta(seconds=70)
    stage.watch.interrupt = None
    stage.clock.advance(timedelta(seconds=70))
    await stage.run()
    assert stage.subjects() == (["New activity", "New event", "Old"], ["New activity", "New event", "Old"])
    assert stage.activity("Old").essence == stage.event("Old").essence == entry("Old", at(8), "edited again", "there")


async def test_p56_a_service_that_throttles_everything() -> None:
    """Three refusals in a row end the run: it comes back as a whole, when the service asked for it; nothing is lost."""
    stage = await make_stage()
    for number in range(20):
        stage.severa.add(ANNA, entry(f"Activity {number}", at(number / 2)))
    stage.fail("before microsoft.create", RetryLater("throttled", after=120))
    report = await stage.run()
    assert (report.outcome, report.code) == (Outcome.LATER, "throttled")
    assert report.again == stage.clock.now() + timedelta(seconds=120)
    assert report.refused.total() <= 5
    assert not (await stage.head()).state.matched
    stage.watch.interrupt = None
    await stage.settle()
    assert len(stage.anna.events()) == 20
    assert (await stage.head()).state.matched


async def test_a_write_lock_that_somebody_holds() -> None:
    """Another pair writes that activity just now: this entry waits a moment, the others go on, nothing has failed."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    row = await stage.storage.companies.activity(COMPANY, stage.activity("Lunch").id)
    until = stage.clock.now() + timedelta(seconds=4)
    await stage.storage.companies.put_activity(COMPANY, replace(row, locked_by="other", locked_until=until))
    for subject in ("Lunch", "Dinner"):
        stage.anna.edit(stage.event(subject).id, entry(subject, at(15), "edited"))
    report = await stage.run()
    assert (report.written, report.refused) == ({"updated_severa": 1}, {})
    stage.clock.advance(timedelta(seconds=5))
    await stage.run()
    assert stage.activity("Lunch").essence.text == "edited"


async def test_the_lock_is_given_back() -> None:
    """After a write, and after a failed one, the activity is free, and its holders are as they were."""
    stage = await make_stage()
    await stage.linked("Lunch")
    for failure in (None, ItemRefused("severa_invalid_request")):
        stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(15), f"edited {failure}"))
        if failure:
            stage.fail("before severa.update", failure)
        await stage.run()
        row = await stage.storage.companies.activity(COMPANY, stage.activity("Lunch").id)
        assert (row.locked_by, row.locked_until, row.holders) == ("", None, (ANNA,))


async def test_an_entry_that_cannot_be_read() -> None:
    """A read that the service refuses, or that the adapter cannot make sense of, is that entry's trouble alone."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    await note_activity_changed(stage.ports, COMPANY, ANNA, "not/an/id")
    for subject in ("Lunch", "Dinner"):
        stage.severa.edit(stage.activity(subject).id, entry(subject, at(15), "edited"))
    bad = stage.activity("Dinner").id
    read = stage.severa.get

    def refuses(activity: str):  # noqa: ANN202
        if activity in ("not/an/id", bad):
            raise ItemRefused("severa_malformed_id")
        return read(activity)

    stage.severa.get = refuses  # type: ignore[method-assign]
    await stage.poll()
    report = await stage.run()
    assert report.outcome is Outcome.DONE
    assert report.written == {"updated_microsoft": 1}
    assert report.refused == {"severa_malformed_id": 2}
    assert len(await stage.pending()) == 2
    assert await stage.told() == ["severa_malformed_id"] * 2


async def test_a_refused_entry_of_which_nobody_knows_when_it_changed() -> None:
    """P42: it is told once, however often it is refused."""
    stage = await make_stage()
    await stage.linked("Lunch")
    await stage.storage.pairs.notice(stage.pair, [Pending(Side.SEVERA, stage.activity("Lunch").id)])

    def refuses(_: str) -> None:
        raise ItemRefused("severa_malformed_id")

    stage.severa.get = refuses  # type: ignore[method-assign]
    for _ in range(3):
        await stage.run()
        stage.clock.advance(timedelta(hours=2))
    assert await stage.told() == ["severa_malformed_id"]


async def test_a_newcomer_whose_mark_cannot_be_read() -> None:
    """It waits: without its mark nobody knows whether it is a copy of ours. The others go on."""
    stage = await make_stage()
    await stage.settle()
    stage.anna.add(entry("Bad"))
    stage.anna.add(entry("Good", at(12)))
    bad, read = stage.event("Bad").id, stage.anna.read

    async def refuses(one: str):  # noqa: ANN202
        if one == bad:
            raise ItemRefused("unreadable_event")
        return await read(one)

    stage.anna.read = refuses  # type: ignore[method-assign]
    await stage.run()
    assert stage.subjects()[0] == ["Good"]
    stage.anna.read = read  # type: ignore[method-assign]
    await stage.settle(rounds=20)
    assert stage.subjects()[0] == ["Bad", "Good"]


async def test_storage_that_does_not_record() -> None:
    """Failing to record ends the run before another effect; what happened is recognized later, never doubled."""
    stage = await make_stage()
    for number in range(6):
        stage.anna.add(entry(f"Event {number}", at(8 + number)))
    created = [0]

    def interrupt(point: str) -> None:
        created[0] += point == "after severa.create"
        if point == "before pairs.commit" and created[0]:
            raise RetryLater("storage_unavailable")

    stage.watch.interrupt = interrupt
    report = await stage.run()
    assert (report.outcome, report.code) == (Outcome.LATER, "storage_unavailable")
    assert created[0] <= 3
    stage.watch.interrupt = None
    await stage.settle()
    assert len(stage.severa.activities()) == 6


async def test_a_run_that_could_not_record_starts_nothing() -> None:
    """Once a record has failed, neither a request nor another record begins."""
    stage = await make_stage()
    now = stage.clock.now()
    lease = await stage.ports.pairs.acquire(await stage.head(), now, now + timedelta(minutes=3))
    assert lease is not None
    recorder = Recorder(stage.ports, lease, (await stage.head()).state)
    await recorder.ensure(30)
    stage.fail("before pairs.commit", RetryLater("storage_unavailable"), times=1)
    for call in (recorder.drop_cursor(), recorder.ensure(30), recorder.drop_cursor()):
        with pytest.raises(RetryLater, match="storage_unavailable"):
            await call


async def test_storage_that_does_not_take_the_lease_back() -> None:
    """The run's work is done; the lease runs out by itself, and the next run finds nothing to do."""
    stage = await make_stage()
    stage.anna.add(entry("Lunch"))
    stage.fail("before pairs.release", RetryLater("storage_unavailable"))
    report = await stage.run()
    assert (report.outcome, report.code, report.written) == (
        Outcome.LATER,
        "storage_unavailable",
        {"created_severa": 1},
    )
    stage.watch.interrupt = None
    assert (await stage.run()).outcome is Outcome.BUSY
    assert not any(r.written for r in await stage.settle())


async def test_a_row_that_somebody_moved_meanwhile() -> None:
    """A conflict in a company's table lets the entry wait, nothing more."""
    stage = await make_stage()
    await stage.linked("Lunch", "Dinner")
    for subject in ("Lunch", "Dinner"):
        stage.anna.edit(stage.event(subject).id, entry(subject, at(15), "edited"))
    stage.fail("before companies.put_activity", StorageConflict("storage_conflict"), times=1)
    report = await stage.run()
    assert report.outcome is Outcome.DONE
    await stage.settle()
    assert stage.activity("Lunch").essence.text == stage.activity("Dinner").essence.text == "edited"


async def test_p49_one_user_s_trouble_is_not_another_s() -> None:
    """P49: Bert is served while Anna's mailbox refuses everything."""
    stage = await make_stage()
    stage.anna.changes = _unavailable  # type: ignore[method-assign, assignment]
    stage.bert.add(entry("Lunch"))
    assert (await stage.run(ANNA)).outcome is Outcome.LATER
    assert (await stage.run(BERT)).written == {"created_severa": 1}


async def test_a_run_that_takes_too_long() -> None:
    """After four minutes it gives the lease back and asks for another run at once; the first sync goes on there."""
    stage = await make_stage()
    for number in range(10):
        stage.anna.add(entry(f"Event {number}", at(number)))

    def interrupt(point: str) -> None:
        if point == "before severa.create":
            stage.clock.advance(timedelta(seconds=29))

    stage.watch.interrupt = interrupt
    report = await stage.run()
    assert report.outcome is Outcome.DONE
    assert report.again is not None
    assert report.again <= stage.clock.now()
    assert 5 < len(stage.severa.activities()) < 10
    assert not (await stage.head()).state.matched
    stage.watch.interrupt = None
    await stage.run()
    assert len(stage.severa.activities()) == 10
    assert (await stage.head()).state.matched


async def test_one_refused_entry_does_not_keep_the_first_sync_from_ending() -> None:
    """The first sync is over when everything was tried: a refused entry waits like any other later."""
    stage = await make_stage()
    stage.anna.add(entry("Bad"))
    stage.anna.add(entry("Good", at(12)))
    stage.fail("before severa.create", ItemRefused("severa_invalid_request"), times=1)
    await stage.run()
    assert (await stage.head()).state.matched


@pytest.mark.parametrize("effect", ["severa.create", "microsoft.create", "severa.update", "severa.delete"])
async def test_a_lost_answer_that_was_a_refusal_of_time(effect: str) -> None:
    """Time-outs in a row end the run too: the fourth entry is not sent into the same trouble."""
    stage = await make_stage()
    await stage.linked(*(f"Event {n:02}" for n in range(12)))
    for number in range(6):
        if effect == "severa.create":
            stage.anna.add(entry(f"New {number}", at(8 + number)))
        elif effect == "microsoft.create":
            stage.severa.add(ANNA, entry(f"New {number}", at(8 + number)))
        elif effect == "severa.update":
            stage.anna.edit(stage.event(f"Event {number:02}").id, entry(f"Edited {number}", at(8 + number)))
        else:
            stage.anna.remove(stage.event(f"Event {number:02}").id)
    await stage.poll()
    stage.fail(f"after {effect}", OutcomeUnknown("severa_timeout"))
    report = await stage.run()
    assert (report.outcome, report.code) == (Outcome.LATER, "severa_timeout")
    assert report.refused.total() <= 5
    stage.watch.interrupt = None
    stage.clock.advance(timedelta(minutes=30))
    await stage.settle()
    activities, events = stage.subjects()
    assert activities == events
    assert (
        len(activities)
        == {"severa.create": 18, "microsoft.create": 18, "severa.update": 12, "severa.delete": 6}[effect]
    )


async def test_what_ends_the_run_ends_it_for_all_of_its_work() -> None:
    """The others finish the entry that they are at, so that no answer is thrown away, and begin no other one."""
    stage = await make_stage()
    for number in range(12):
        stage.severa.add(ANNA, entry(f"Activity {number}", at(8 + number / 2)))
    stage.fail("before microsoft.create", Stop("mailbox_access_denied"), times=1)
    report = await stage.run()
    assert report.outcome is Outcome.STOPPED
    assert len(stage.anna.events()) == len(await stage.living()) == 2


async def test_what_was_revived_is_named_once_more_by_its_old_id() -> None:
    """Burying what it was before settles nothing of what it is now: an edit that fails in that very run is not lost."""
    stage = await make_stage()
    await stage.linked("Lunch")
    old = stage.activity("Lunch").id
    stage.severa.remove(old)
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(12), "edited"))
    await note_activity_changed(stage.ports, COMPANY, ANNA, old)
    await stage.settle()
    assert stage.activity("Lunch").id != old
    stage.anna.edit(stage.event("Lunch").id, entry("Lunch", at(12), "edited again"))
    await note_activity_changed(stage.ports, COMPANY, ANNA, old)
    stage.fail("before severa.update", RetryLater("severa_throttled"), times=1)
    await stage.run()
    stage.clock.advance(timedelta(minutes=2))
    await stage.settle()
    assert stage.activity("Lunch").essence.text == "edited again"
