"""Recurring entries from end to end on memory: both ways, with their exceptions (R12, R17; peers.md P06 to P18)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.adapters.memory.severa import STANDARD_TYPES
from core.errors import ItemRefused
from core.model.essence import Essence
from core.model.ids import Side
from core.model.operation import NoteKind
from core.model.pattern import WEEKEND, Day, MonthlyByWeekday, Ordinal, Weekly
from core.model.policy import ConflictRule
from core.model.sighting import Activity, Event, Shape
from tests.support.series import TUESDAY, cancelled, changed, daily, nth, weekly
from tests.support.stage import ANNA, Stage, at, entry, make_stage

A_WEEK = timedelta(days=8)

STANDUP = entry("Standup", weekly())


async def agreed(essence: Essence = STANDUP, **settings: object) -> Stage:
    """A stage whose calendars agree on this series, which began in Outlook."""
    stage = await make_stage(settings=settings)
    stage.anna.add(essence)
    await stage.settle()
    return stage


def both(stage: Stage, subject: str = "Standup") -> tuple[Activity, Event]:
    """The series on both sides."""
    return stage.activity(subject), stage.event(subject)


# --- a series travels -------------------------------------------------------------------------------------------------
async def test_a_series_of_outlook() -> None:
    """It becomes one activity that recurs, and a second run writes nothing."""
    stage = await agreed()
    activity, event = both(stage)
    assert activity.shape is Shape.SERIES
    assert activity.essence.when == event.essence.when == weekly()
    assert len(stage.severa.activities()) == 1
    assert not (await stage.run()).written


async def test_a_series_of_severa() -> None:
    """It becomes one event that recurs."""
    stage = await make_stage()
    stage.severa.add(ANNA, STANDUP)
    await stage.settle()
    assert stage.event("Standup").essence.when == weekly()
    assert len(stage.anna.events()) == 1


@pytest.mark.parametrize("side", ["severa", "microsoft"])
async def test_a_series_with_exceptions(side: str) -> None:
    """The first date moved, the second cancelled, the last with another subject: all of it is on the other side."""
    content = replace(STANDUP, when=weekly(times=5))
    content = cancelled(changed(changed(content, nth(0), hour=12), nth(4), subject="Farewell"), nth(1))
    stage = await make_stage()
    stage.severa.add(ANNA, content) if side == "severa" else stage.anna.add(content)
    await stage.settle()
    activity, event = both(stage)
    assert activity.essence.exceptions == event.essence.exceptions == content.exceptions
    assert len(content.exceptions) == 3
    assert not (await stage.run()).written


@pytest.mark.parametrize("side", ["severa", "microsoft"])
async def test_first_sync_matches_by_recurrence(side: str) -> None:
    """R6: a series and a single entry of the same name and time are two; two alike series are one."""
    stage = await make_stage()
    single = entry("Standup", at(8))
    stage.anna.add(STANDUP)
    stage.severa.add(ANNA, STANDUP)
    stage.severa.add(ANNA, single) if side == "severa" else stage.anna.add(single)
    await stage.settle()
    assert len(stage.severa.activities()) == len(stage.anna.events()) == 2
    assert len(await stage.living()) == 2


async def test_different_dates_cancelled_before_the_first_sync() -> None:
    """Matched for the first time, exceptions of both sides are united: nothing is brought back, nothing overwritten."""
    stage = await make_stage()
    stage.anna.add(cancelled(STANDUP, nth(1)))
    stage.severa.add(ANNA, changed(STANDUP, nth(2), subject="Planning"))
    await stage.settle()
    activity, event = both(stage)
    assert activity.essence == event.essence
    assert [one.day for one in event.essence.exceptions] == [nth(1), nth(2)]


async def test_an_old_series_with_occurrences_to_come() -> None:
    """R7: it began years ago and goes on, so it is synchronized; one that has ended is not."""
    stage = await make_stage()
    stage.anna.add(entry("Goes on", weekly(date(2019, 1, 7))))
    stage.anna.add(entry("Is over", weekly(date(2019, 1, 7), times=10)))
    over = entry("Rest is cancelled", weekly(date(2026, 9, 1), times=13))
    stage.anna.add(cancelled(over, *(date(2026, 9, 1) + timedelta(weeks=n) for n in range(7, 13))))
    await stage.settle()
    assert stage.subjects()[0] == ["Goes on"]


async def test_single_entries_beyond_the_window() -> None:
    """R7: the weekly comparison finds them by a listing of their own, on either side."""
    stage = await agreed()
    stage.anna.add(entry("Jubilee", at(10, 1200)))
    stage.severa.add(ANNA, entry("Centenary", at(10, 1300)))
    stage.severa.add(ANNA, entry("Far series", weekly(date(2030, 1, 7))))
    stage.clock.advance(timedelta(days=8))
    await stage.settle()
    assert stage.subjects()[0] == stage.subjects()[1] == ["Centenary", "Far series", "Jubilee", "Standup"]


# --- one date of it changes -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("number", [0, 1, 4])
@pytest.mark.parametrize("side", ["severa", "microsoft"])
@pytest.mark.parametrize("what", ["cancelled", "moved", "edited"])
async def test_p16_one_date_is_changed(side: str, what: str, number: int) -> None:
    """The first, the second or the last date: the other side follows on that date alone, in one write."""
    stage = await agreed(replace(STANDUP, when=weekly(times=5)))
    activity, event = both(stage)
    day = nth(number)
    new = cancelled(event.essence, day) if what == "cancelled" else changed(event.essence, day, subject="Other")
    new = changed(event.essence, day, hour=12.5) if what == "moved" else new
    stage.severa.edit(activity.id, new) if side == "severa" else stage.anna.edit(event.id, new)
    reports = await stage.settle()
    written = sum((report.written for report in reports), start=reports[0].written.__class__())
    assert dict(written) == {f"dates_{'microsoft' if side == 'severa' else 'severa'}": 1}
    activity, event = both(stage)
    assert activity.essence == event.essence == new


@pytest.mark.parametrize("side", ["severa", "microsoft"])
async def test_p14_moved_and_then_deleted(side: str) -> None:
    """A date that was moved, and cancelled later, is cancelled on the other side."""
    stage = await agreed()
    for make in (lambda e: changed(e, nth(1), hour=13), lambda e: cancelled(e, nth(1))):
        activity, event = both(stage)
        new = make(event.essence)
        stage.severa.edit(activity.id, new) if side == "severa" else stage.anna.edit(event.id, new)
        await stage.settle()
    activity, event = both(stage)
    assert activity.essence == event.essence == cancelled(STANDUP, nth(1))


async def test_different_dates_cancelled_on_both_sides() -> None:
    """They merge: neither side's is lost, and it is no conflict."""
    stage = await agreed()
    activity, event = both(stage)
    stage.severa.edit(activity.id, cancelled(activity.essence, nth(1)))
    stage.anna.edit(event.id, cancelled(event.essence, nth(2)))
    await stage.settle()
    activity, event = both(stage)
    assert activity.essence == event.essence == cancelled(STANDUP, nth(1), nth(2))
    assert await stage.told() == []


@pytest.mark.parametrize("rule", [ConflictRule.SEVERA, ConflictRule.MICROSOFT])
async def test_the_same_date_changed_on_both_sides(rule: ConflictRule) -> None:
    """The rule decides for that date alone, and the losing value is kept in history."""
    stage = await agreed(conflict=rule)
    activity, event = both(stage)
    stage.severa.edit(activity.id, changed(activity.essence, nth(1), subject="Severa's"))
    stage.anna.edit(event.id, changed(event.essence, nth(1), subject="Outlook's"))
    await stage.settle()
    activity, event = both(stage)
    assert activity.essence == event.essence
    wins, loses = ("Severa's", "Outlook's") if rule is ConflictRule.SEVERA else ("Outlook's", "Severa's")
    assert event.essence.exceptions[0].subject == wins
    [told] = await stage.history()
    assert told.note.code == "conflict_exception"
    assert loses in told.note.values[f"exception:{nth(1)}"]


async def test_an_edited_date_is_put_back() -> None:
    """What is again as the series says is no exception any more, on either side."""
    stage = await agreed(changed(STANDUP, nth(1), subject="Other"))
    _, event = both(stage)
    stage.anna.edit(event.id, STANDUP)
    await stage.settle()
    assert stage.activity("Standup").essence == STANDUP


async def test_p16b_a_date_that_may_not_cross_its_neighbour() -> None:
    """The refusal is told in words; the other dates and fields arrive, and nobody tries again for ever."""
    stage = await agreed()
    activity, _ = both(stage)
    write = stage.anna.change_date

    async def refuses(entry: str, seen: Event | None, change: object, **_: object) -> object:
        if change.day == nth(1):  # type: ignore[attr-defined]
            raise ItemRefused("occurrence_crosses")
        return await write(entry, seen, change)  # type: ignore[arg-type]

    stage.anna.change_date = refuses  # type: ignore[assignment, method-assign]
    new = changed(changed(activity.essence, nth(1), hour=12), nth(2), hour=12)
    stage.severa.edit(activity.id, replace(new, location="Room 7"))
    await stage.settle()
    assert await stage.told() == ["occurrence_crosses"]
    event = stage.event("Standup").essence
    assert event.location == "Room 7"
    assert [one.day for one in event.exceptions] == [nth(2)]
    assert not (await stage.run()).written


# --- the series itself changes ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("side", ["severa", "microsoft"])
async def test_p13_another_pattern_costs_exceptions(side: str) -> None:
    """Exchange drops them all: those that still have a date are written again, the others are named in history."""
    stage = await agreed(
        cancelled(changed(replace(STANDUP, when=daily(times=14)), nth(1), subject="Other"), date(2026, 11, 25))
    )
    activity, event = both(stage)
    every_week = replace(event.essence, when=weekly(times=4))
    kept = changed(replace(every_week, exceptions=()), nth(1), subject="Other")
    if side == "severa":  # Severa keeps what has a date.
        stage.severa.edit(activity.id, kept)
    else:
        stage.anna.edit(event.id, replace(every_week, exceptions=()))
    await stage.settle()
    activity, event = both(stage)
    assert activity.essence == event.essence
    assert event.essence == (kept if side == "severa" else replace(every_week, exceptions=()))


@pytest.mark.parametrize("side", ["severa", "microsoft"])
async def test_the_series_moves_to_another_hour(side: str) -> None:
    """Its dates stay its dates: what was cancelled stays cancelled, what was edited stays edited, where it began."""
    stage = await agreed(cancelled(changed(STANDUP, nth(2), subject="Other"), nth(1)))
    activity, event = both(stage)
    new = replace(cancelled(STANDUP, nth(1)), when=weekly(hour=14), exceptions=())
    new = changed(cancelled(new, nth(1)), nth(2), subject="Other")
    stage.severa.edit(activity.id, new) if side == "severa" else stage.anna.edit(event.id, new)
    await stage.settle()
    activity, event = both(stage)
    assert activity.essence == event.essence == new


@pytest.mark.parametrize("side", ["severa", "microsoft"])
async def test_this_and_following(side: str) -> None:
    """The old series is cut, the rest is a new one; both sides have two series, nothing is doubled."""
    stage = await agreed(cancelled(STANDUP, nth(1)))
    activity, event = both(stage)
    cut = cancelled(replace(STANDUP, when=weekly(until=nth(3))), nth(1))
    rest = entry("Standup", weekly(nth(4), 15))
    if side == "severa":
        stage.severa.edit(activity.id, cut)
        stage.severa.add(ANNA, rest)
    else:
        stage.anna.edit(event.id, cut)
        stage.anna.add(rest)
    await stage.settle()
    for held in (stage.severa.activities(), stage.anna.events()):
        assert [one.essence for one in held] == [cut, rest]


@pytest.mark.parametrize("side", ["severa", "microsoft"])
async def test_a_single_entry_becomes_a_series_and_back(side: str) -> None:
    """The entry stays the same one, its time is another."""
    stage = await agreed(entry("Standup", at(8)))
    for when in (weekly(), at(9)):
        activity, event = both(stage)
        new = replace(event.essence, when=when)
        stage.severa.edit(activity.id, new) if side == "severa" else stage.anna.edit(event.id, new)
        await stage.settle()
        assert [one.essence.when for one in both(stage)] == [when, when]
    assert len(await stage.living()) == 1


@pytest.mark.parametrize("side", ["severa", "microsoft"])
async def test_a_series_is_deleted(side: str) -> None:
    """The whole series goes on the other side."""
    stage = await agreed()
    await stage.linked("Lunch")
    activity, event = both(stage)
    stage.severa.remove(activity.id) if side == "severa" else stage.anna.remove(event.id)
    stage.clock.advance(timedelta(hours=25))
    await stage.settle()
    assert stage.subjects() == (["Lunch"], ["Lunch"])


# --- what one side cannot hold ----------------------------------------------------------------------------------------
async def test_p18_a_series_in_another_zone() -> None:
    """Severa tells it by the owner's clocks, a day later here; its exceptions move along, and history is told once."""
    late = entry("New York", weekly(date(2026, 11, 23), 20, zone="America/New_York", times=20))
    stage = await agreed(cancelled(late, date(2026, 11, 30)))
    activity = stage.activity("New York").essence
    assert activity.when == weekly(TUESDAY, 3, times=20)
    assert [one.day for one in activity.exceptions] == [date(2026, 12, 1)]
    assert await stage.told() == ["time_zone_not_the_owners"]
    held = stage.activity("New York")
    stage.severa.edit(held.id, changed(held.essence, date(2026, 12, 8), subject="Other"))
    await stage.settle()
    assert [one.day for one in stage.event("New York").essence.exceptions] == [date(2026, 11, 30), date(2026, 12, 7)]
    assert stage.event("New York").essence.when == late.when


async def test_p16c_a_series_that_severa_cannot_hold() -> None:
    """It stays in Outlook, which is told once under the rule's name; a linked one that becomes so rests, in words."""
    days = frozenset({Day.MONDAY, Day.WEDNESDAY})
    odd = weekly(pattern=MonthlyByWeekday(1, Ordinal.FIRST, days))
    stage = await make_stage()
    stage.anna.add(entry("Odd", odd))
    stage.anna.add(entry("Fine", weekly(pattern=MonthlyByWeekday(1, Ordinal.LAST, WEEKEND))))
    report = await stage.run()
    assert report.left_out == {"time_weekday_set": 1}
    stage.anna.edit(stage.event("Odd").id, entry("Odd", odd, "Text"))
    await stage.settle()
    stage.anna.edit(stage.event("Fine").id, entry("Fine", odd))
    stage.clock.advance(A_WEEK)
    await stage.settle()
    assert [link.parked for link in await stage.living()] == ["recurring"]
    stage.anna.edit(stage.event("Fine").id, entry("Fine", odd, "Text"))
    stage.clock.advance(A_WEEK)
    await stage.settle()
    told = [record.note for record in await stage.history() if record.note.code == "time_weekday_set"]
    assert [(note.kind, note.values["subject"]) for note in told] == [
        (NoteKind.REMARK, "Fine"),
        (NoteKind.REMARK, "Odd"),
    ]
    assert stage.subjects() == (["Fine"], ["Fine", "Odd"])


async def test_p16c_a_series_that_a_mailbox_cannot_hold() -> None:
    """It stays in Severa, which is told once under the rule's name."""
    stage = await make_stage()
    stage.severa.add(ANNA, entry("Marathon", weekly(pattern=Weekly(1, frozenset(Day)), days=3)))
    report = await stage.run()
    assert report.left_out == {"time_overlaps": 1}
    assert stage.anna.events() == ()
    stage.clock.advance(A_WEEK)
    await stage.settle()
    [told] = await stage.history()
    assert (told.note.code, told.note.side, told.note.values["subject"]) == (
        "time_overlaps",
        Side.SEVERA,
        "Marathon",
    )


# --- masks ------------------------------------------------------------------------------------------------------------
async def test_a_masked_series() -> None:
    """Its dates are shown, nothing else; a date moved in Severa moves in Outlook, with Outlook's own content."""
    stage = await make_stage(severa={"types": [k for k in STANDARD_TYPES if k.category != "Personal"]})
    secret = changed(replace(STANDUP, subject="Doctor", text="Knee", private=True), nth(1), subject="Surgeon")
    stage.anna.add(cancelled(secret, nth(2)))
    await stage.settle()
    activity = stage.activity("Private")
    assert not {"Doctor", "Knee", "Surgeon"} & set(repr(activity).replace("'", " ").split())
    assert [one.day for one in activity.essence.exceptions] == [nth(2)]
    stage.severa.edit(activity.id, changed(activity.essence, nth(1), hour=12))
    await stage.settle()
    held = stage.event("Doctor").essence.exception(nth(1))
    assert held is not None
    assert (held.subject, str(held.when)[:40] != "") == ("Surgeon", True)
    assert not (await stage.run()).written
