"""The first look at two calendars, and the second, which writes nothing."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.model.ids import Side
from core.model.sighting import Shape
from core.model.when import AllDay, Timed, all_day, timed
from tests.support.stage import ANNA, BERT, MONDAY, at, entry, make_stage, switch_on


async def test_entries_on_either_side_and_one_on_both() -> None:
    """The same entry is linked, the others are created on the side that lacks them, and both calendars agree."""
    stage = await make_stage()
    stage.anna.add(entry("Lunch", text="at noon", location="Canteen"))
    stage.severa.add(ANNA, entry("Call", at(12)))
    stage.anna.add(entry("Review", at(14)))
    stage.severa.add(ANNA, entry(" review", at(14)))
    report = await stage.run()
    assert report.first
    assert report.full
    assert report.linked == {"matched": 1}
    assert report.written == {"created_severa": 1, "created_microsoft": 1}
    assert stage.activity("Lunch").essence == entry("Lunch", text="at noon", location="Canteen")
    assert stage.event("Call").essence == entry("Call", at(12))
    assert len(stage.severa.activities()) == len(stage.anna.events()) == len(await stage.living()) == 3


async def test_a_second_run_right_after_the_first() -> None:
    """It settles: nothing is written on either side, nothing is told, nothing waits."""
    stage = await make_stage()
    stage.anna.add(entry("Lunch"))
    stage.severa.add(ANNA, entry("Call", at(12)))
    await stage.run()
    before = stage.severa.activities(), stage.anna.events()
    for _ in range(3):
        await stage.poll()
        report = await stage.run()
        assert (report.written, report.again, report.told) == ({}, None, {})
    assert (stage.severa.activities(), stage.anna.events()) == before
    assert await stage.pending() == ()


async def test_what_is_left_out_is_counted_with_its_reason() -> None:
    """Stray dates of series, cancelled, unticked entries and project tasks stay where they are, and are counted."""
    stage = await make_stage()
    stage.anna.add(entry("Standup", at(9)), shape=Shape.OCCURRENCE)
    stage.anna.edit(stage.anna.add(entry("Off", at(9))).id, is_cancelled=True)
    stage.severa.add(ANNA, entry("Build", at(10)), "type-task")
    stage.severa.add(ANNA, entry("Pitch", at(11)), "type-visit")
    stage.severa.add(ANNA, entry("Weekly", at(12)), shape=Shape.OCCURRENCE)
    stage.severa.add(BERT, entry("Bert's", at(13)))
    report = await stage.run()
    assert report.left_out == {"recurring": 2, "cancelled": 1, "project_task": 1, "type_not_ticked": 1}
    assert not report.written
    assert await stage.pending() == ()


async def test_an_entry_that_ended_more_than_thirty_days_before_the_first_sync() -> None:
    """R7: it is not synchronized; one that ended a day later is."""
    stage = await make_stage()
    for name, add in (("event", stage.anna.add), ("activity", lambda essence: stage.severa.add(ANNA, essence))):
        add(entry(f"Past {name}", at(10, day=-29)))
        add(entry(f"Long past {name}", at(7, day=-30)))
    await stage.settle()
    assert stage.subjects() == (
        ["Long past activity", "Past activity", "Past event"],
        ["Long past event", "Past activity", "Past event"],
    )


@pytest.mark.parametrize(("activities", "events"), [(2, 2), (3, 2), (2, 3)])
async def test_p05_several_that_are_all_alike(activities: int, events: int) -> None:
    """P05: they are paired in the order in which they were made; the surplus counts as new. Nothing is doubled."""
    stage = await make_stage()
    made = [stage.severa.add(ANNA, entry("Standup")) for _ in range(activities)]
    held = [stage.anna.add(entry("Standup")) for _ in range(events)]
    report = await stage.run()
    assert report.linked == {"matched": min(activities, events)}
    assert len(stage.severa.activities()) == len(stage.anna.events()) == max(activities, events)
    partner = {link.activity: link.event for link in await stage.living()}
    assert [partner[a.id] for a in made[:2]] == [e.id for e in held[:2]]


async def test_p03_all_that_was_remembered_is_lost() -> None:
    """P03: a reinstalled service matches what is there before it creates anything: nothing is doubled."""
    stage = await make_stage()
    for number in range(5):
        stage.anna.add(entry(f"Event {number}", at(8 + number)))
        stage.severa.add(ANNA, entry(f"Activity {number}", at(8 + number)))
    await stage.settle()
    before = stage.subjects()
    fresh = await make_stage(first_run=False)
    fresh.severa, fresh.mailboxes, fresh.gateways = stage.severa, stage.mailboxes, stage.gateways
    fresh.clock.advance(timedelta(days=1))
    fresh.restart()
    await switch_on(fresh)
    reports = await fresh.settle()
    assert fresh.subjects() == before
    assert sum(r.linked["matched"] + r.linked["rejoined"] for r in reports) == 10
    assert not any(r.written for r in reports)


async def test_matching_is_complete_before_the_first_create() -> None:
    """P03: even of a hundred entries on both sides not one is created before all twins are linked."""
    stage = await make_stage()
    for number in range(60):
        stage.anna.add(entry(f"E{number}", at(number / 4)))
        stage.severa.add(ANNA, entry(f"E{number}", at(number / 4)))
    stage.anna.add(entry("New", at(30)))
    seen: list[int] = []
    stage.watch.interrupt = lambda point: (
        seen.append(len(stage.storage.pairs._of(stage.pair).by_activity)) if (point == "before severa.create") else None
    )
    await stage.run()
    assert seen == [60]


async def test_a_later_newcomer_is_matched_too() -> None:
    """R6: an entry that somebody puts into both calendars long after the first sync is linked, not doubled."""
    stage = await make_stage()
    await stage.settle()
    stage.severa.add(ANNA, entry("Kick-off"))
    stage.anna.add(entry("kick-off"))
    reports = await stage.settle()
    assert sum(r.linked["matched"] for r in reports) == 1
    assert not any(r.written for r in reports)


async def test_a_newcomer_whose_twin_is_of_an_unticked_type() -> None:
    """R9: an activity of an unticked type that is in the mailbox already is linked and rests; it is not doubled."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Pitch"), "type-visit")
    await stage.settle()
    stage.anna.add(entry("Pitch"))
    await stage.settle()
    assert len(stage.severa.activities()) == 1
    assert len(await stage.living()) == 1


# --- times ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "when",
    [
        AllDay(date(2026, 11, 30), date(2026, 12, 1)),
        AllDay(date(2026, 11, 30), date(2026, 12, 5)),
        all_day(date(2026, 11, 30), date(2026, 11, 30)),
    ],
)
async def test_p20_whole_days(when: AllDay) -> None:
    """P20: whole days stay the same days both ways, with their exclusive end, whatever the user's zone."""
    stage = await make_stage()
    stage.anna.add(entry("Fair", when))
    stage.severa.add(ANNA, entry("Leave", when))
    await stage.settle()
    assert stage.activity("Fair").essence.when == stage.event("Leave").essence.when == when
    moved = AllDay(when.first + timedelta(days=7), when.until + timedelta(days=7))
    stage.severa.edit(stage.activity("Fair").id, entry("Fair", moved))
    await stage.settle()
    assert stage.event("Fair").essence.when == moved


async def test_p18_both_edges_of_summer_time() -> None:
    """P18: timed entries keep their instants, on both sides of a change of summer time; zones are carried only."""
    stage = await make_stage()
    instants = [datetime(2027, 3, 28, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)]
    for number, start in enumerate(instants):
        stage.anna.add(entry(f"Event {number}", timed(start, start + timedelta(hours=1), "Europe/Helsinki")))
        stage.severa.add(
            ANNA, entry(f"Activity {number}", timed(start, start + timedelta(hours=2), "America/New_York"))
        )
    await stage.settle()
    for number, start in enumerate(instants):
        there = stage.activity(f"Event {number}").essence.when, stage.event(f"Activity {number}").essence.when
        assert [w.start for w in there if isinstance(w, Timed)] == [start, start]


async def test_p22_no_length_and_an_inverted_end() -> None:
    """P22: an entry without length, and one that ends before it begins, are synchronized once and then rest."""
    stage = await make_stage()
    noon = MONDAY + timedelta(days=1, hours=3)
    stage.anna.add(entry("Moment", timed(noon, noon)))
    stage.anna.add(entry("Inverted", timed(noon, noon - timedelta(hours=1))))
    reports = await stage.settle()
    assert stage.activity("Moment").essence.when == stage.activity("Inverted").essence.when == timed(noon, noon)
    assert sum(r.written.total() for r in reports) == 2


async def test_p21_time_goes_on_and_the_window_with_it() -> None:
    """P21, R8: entries enter and leave the window for a year; comparisons write and delete nothing on the way."""
    stage = await make_stage()
    for weeks in range(0, 102, 6):
        stage.anna.add(entry(f"Event {weeks}", at(10, day=7 * weeks)))
        stage.severa.add(
            ANNA, entry(f"Day {weeks}", AllDay(*(MONDAY.date() + timedelta(days=7 * weeks + n) for n in (0, 1))))
        )
    await stage.settle()
    before = stage.subjects()
    for _ in range(50):
        stage.clock.advance(timedelta(days=7, hours=5))
        await stage.poll()
        report = await stage.run()
        assert report.full
        assert not report.written
        assert report.again is None
    await stage.settle()
    assert stage.subjects() == before
    assert {link.origin for link in await stage.living()} == set(Side)
