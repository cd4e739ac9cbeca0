"""What reviews of series found, from end to end on memory."""

from dataclasses import replace
from datetime import timedelta

from core.adapters.memory.severa import STANDARD_TYPES
from core.errors import ItemChanged
from core.model.essence import Essence
from core.model.exceptions import DateChange, DateException
from core.model.sighting import Event
from tests.support.series import cancelled, changed, nth, weekly
from tests.support.stage import ANNA, Stage, at, entry, make_stage

WITHOUT_PERSONAL = {"types": [kind for kind in STANDARD_TYPES if kind.category != "Personal"]}


def doctor(*, private: bool) -> Essence:
    """A series of which one date has another subject, one another time, and one is cancelled."""
    whole = replace(entry("Doctor", weekly(times=6)), text="Knee", private=private)
    return cancelled(changed(changed(whole, nth(1), subject="Surgeon"), nth(2), hour=12), nth(3))


async def agreed(*, private: bool) -> Stage:
    """A stage whose calendars agree on that series; Severa cannot keep it private."""
    stage = await make_stage(severa=WITHOUT_PERSONAL)
    stage.anna.add(doctor(private=private))
    await stage.settle()
    return stage


async def test_p59_a_series_becomes_private() -> None:
    """R10: where Severa cannot keep it private, nothing of its dates shows any more but when they are."""
    stage = await agreed(private=False)
    assert stage.activity("Doctor").essence == doctor(private=False)
    stage.anna.edit(stage.event("Doctor").id, doctor(private=True))
    await stage.settle()
    shown = stage.activity("Private").essence
    assert not [word for word in ("Doctor", "Knee", "Surgeon") if word in repr(shown)]
    assert [one.day for one in shown.exceptions] == [nth(2), nth(3)]
    assert stage.event("Doctor").essence == doctor(private=True)
    assert not (await stage.run()).written


async def test_p59_a_series_is_private_no_more() -> None:
    """R10: each date shows again what it has of its own, also one that showed nothing of its own before."""
    stage = await agreed(private=True)
    stage.anna.edit(stage.event("Doctor").id, doctor(private=False))
    await stage.settle()
    assert stage.activity("Doctor").essence == doctor(private=False)
    assert stage.event("Doctor").essence == doctor(private=False)
    assert not (await stage.run()).written


# --- dates ------------------------------------------------------------------------------------------------------------
async def test_p41_a_date_that_is_never_as_it_was_told() -> None:
    """Nobody waits for it for ever: after some tries it is told in words, and everything else of the series arrives."""
    stage = await make_stage()
    stage.anna.add(entry("Standup", weekly()))
    await stage.settle()
    write = stage.anna.change_date

    async def lies(entry_id: str, seen: Event | None, change: DateChange, *, announces: bool = False) -> DateException:
        if change.day == nth(1):
            raise ItemChanged("date_changed")
        return await write(entry_id, seen, change, announces=announces)

    stage.anna.change_date = lies  # type: ignore[method-assign]
    activity = stage.activity("Standup")
    new = changed(changed(activity.essence, nth(1), hour=12), nth(2), hour=12)
    stage.severa.edit(activity.id, new)
    for _ in range(12):
        stage.clock.advance(timedelta(minutes=10))
        await stage.poll()
        await stage.run()
    assert await stage.told() == ["date_never_found"]
    assert [one.day for one in stage.event("Standup").essence.exceptions] == [nth(2)]
    assert await stage.pending() == ()
    assert not (await stage.run()).written


# --- P-numbers that no other test names -------------------------------------------------------------------------------
async def test_p07_hundreds_of_copies_that_some_tool_made() -> None:
    """All alike, single entries and series: each becomes one activity, others go on, and nothing comes again."""
    stage = await make_stage()
    for _ in range(150):
        stage.anna.add(entry("Copy", at(9)))
        stage.anna.add(entry("Standup", weekly()))
    stage.severa.add(stage.pair.user, entry("Lunch", at(12)))
    await stage.settle()
    assert len(stage.severa.activities()) == len(stage.anna.events()) == 301
    assert stage.event("Lunch")
    assert not (await stage.run()).written


async def test_p37_whatever_changes_it_stays_the_same_entry() -> None:
    """Nothing is deleted and made anew: an update keeps ids, also where an entry becomes a series."""
    stage = await make_stage()
    await stage.linked("Review")
    ends = {(stage.activity("Review").id, stage.event("Review").id)}
    for when in (at(15), weekly(), weekly(hour=14), at(16)):
        stage.anna.edit(stage.event("Review").id, entry("Review", when, "Agenda", "Room 7"))
        reports = await stage.settle()
        assert not [name for report in reports for name in report.written if name.startswith(("created", "deleted"))]
        ends.add((stage.activity("Review").id, stage.event("Review").id))
    assert len(ends) == 1


async def test_p44_a_change_that_no_version_tells() -> None:
    """The weekly comparison asks for content: what changed under the version that is known arrives then."""
    stage = await make_stage()
    await stage.linked("Review")
    activity = stage.activity("Review")
    edited = stage.severa.edit(activity.id, entry("Review", at(15)))
    stage.severa._held[activity.id] = replace(edited, version=activity.version, modified=activity.modified)
    stage.clock.advance(timedelta(days=8))
    await stage.settle()
    assert stage.event("Review").essence.when == at(15)


async def test_a_deleted_series_is_edited_and_its_deletion_is_looked_at_once_more() -> None:
    """What the series that is made anew still lacks, its changed dates, is not forgotten with the old one (R18)."""
    stage = await make_stage()
    stage.anna.add(entry("Standup", weekly()))
    stage.severa.add(ANNA, entry("Witness", at(18)))
    await stage.settle()
    stage.clock.advance(timedelta(minutes=30))
    stage.anna.edit(stage.event("Standup").id, changed(entry("Standup", weekly()), nth(1), subject="Retro"))
    stage.severa.remove(stage.activity("Standup").id)
    for _ in range(4):
        await stage.run()
        stage.clock.advance(timedelta(seconds=5))
    await stage.settle()
    assert [one.subject for one in stage.activity("Standup").essence.exceptions] == ["Retro"]
