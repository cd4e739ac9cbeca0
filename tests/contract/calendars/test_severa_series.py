"""Series in Severa with their exceptions: read in one go and one by one, written in all directions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.adapters.severa.quirks import PatchValues
from core.errors import ItemChanged, ItemRefused, RetryLater
from core.model.essence import Essence, Field, with_exceptions
from core.model.exceptions import DateException
from core.model.operation import Draft
from core.model.pattern import Daily, Day, MonthlyByWeekday, Ordinal, Weekly
from core.model.recurrence import Series, WholeDays, series
from core.model.sighting import Activity, Role, Shape
from core.model.when import AllDay, Timed, When, all_day, timed
from tests.contract.calendars.content import wanted
from tests.contract.calendars.severa_stage import SeveraStage, severa_stage
from tests.simulators.common.faults import Action, Fault
from tests.unit.recurrence.made import clock, made

DAILY = made("2026-03-23", times=20)
"""Nine o'clock in Helsinki from Monday 23 March to 11 April: over the change of clocks on the 29th."""
TIME = frozenset({Field.TIME})
VIEW = ["GET /activities"] * 3


@pytest.fixture
async def stage() -> AsyncIterator[SeveraStage]:
    """Anna's calendar."""
    async with severa_stage() as stage:
        yield stage


def at(day: int, hour: int, minutes: int = 60, month: int = 3) -> Timed:
    """A time in UTC: in Helsinki it is two hours later until 28 March, then three."""
    start = datetime(2026, month, day, hour, tzinfo=UTC)
    return timed(start, start + timedelta(minutes=minutes))


def on(day: int, when: When | None = None, subject: str = "Standup", month: int = 3) -> DateException:
    """One date that is not as the series says."""
    assert not isinstance(when, Series)
    return DateException(date(2026, month, day), when, subject if when else "")


async def put(stage: SeveraStage, when: When = DAILY, subject: str = "Standup") -> str:
    """A person makes an entry."""
    return await stage.put(subject, when)


async def seen(stage: SeveraStage, entry: str) -> Activity:
    """The entry, which has to come out the same of a view."""
    found = await stage.calendar.read(entry)
    assert found is not None
    shown = {one.id: one for one in (await stage.calendar.view(stage.window)).sightings}
    assert shown[entry] == found
    stage.asked()
    return found


# --- reading ----------------------------------------------------------------------------------------------------------
async def test_a_series_is_one_sighting(stage: SeveraStage) -> None:
    """It is shown once, by its own row; its occurrences are no entries."""
    entry = await put(stage)
    single = await put(stage, at(25, 15), "Review")
    view = await stage.calendar.view(stage.window)
    assert {one.id: one.shape for one in view.sightings} == {entry: Shape.SERIES, single: Shape.SINGLE}
    shown = next(one for one in view.sightings if one.id == entry)
    assert (shown.essence, shown.role) == (wanted("Standup", DAILY), Role.OWNER)
    assert view.complete


async def test_series_do_not_matter(stage: SeveraStage) -> None:
    """Then one listing of single entries is enough."""
    await put(stage)
    single = await put(stage, at(25, 15), "Review")
    stage.asked()
    view = await stage.calendar.view(stage.window, series=False)
    assert [one.id for one in view.sightings] == [single]
    assert stage.asked() == ["GET /activities"]


async def test_every_kind_of_exception(stage: SeveraStage) -> None:
    """Edited, moved and cancelled dates, the first and the last one among them; a view and a read tell the same."""
    entry = await put(stage)
    stage.people.cancel_occurrence(entry, date(2026, 3, 23))
    stage.people.edit_occurrence(entry, date(2026, 3, 25), name="Retro", notes="text", location="room")
    stage.people.edit_occurrence(entry, date(2026, 3, 27), start=at(27, 11).start, end=at(27, 11).end)
    stage.people.cancel_occurrence(entry, date(2026, 3, 31))
    stage.people.edit_occurrence(entry, date(2026, 4, 11), start=at(12, 6, month=4).start, end=at(12, 6, month=4).end)
    found = await seen(stage, entry)
    assert found.essence.exceptions == (
        on(23),
        DateException(date(2026, 3, 25), at(25, 7), "Retro", "text", "room"),
        on(27, at(27, 11)),
        on(31),
        on(11, at(12, 6, month=4), month=4),
    )


@pytest.mark.parametrize("touch", [True, False])
async def test_an_exception_that_leaves_no_stamp_on_its_series(stage: SeveraStage, *, touch: bool) -> None:
    """It is seen whether or not the series' own version moves."""
    stage.severa.options.exceptions_touch = touch
    entry = await put(stage)
    before = await seen(stage, entry)
    stage.clock.advance(minutes=1)
    stage.people.cancel_occurrence(entry, date(2026, 3, 25))
    after = await seen(stage, entry)
    assert (after.version != before.version) is touch
    assert after.essence.exceptions == (on(25),)


async def test_an_exception_that_is_as_the_series_says(stage: SeveraStage) -> None:
    """It is none."""
    entry = await put(stage)
    stage.people.edit_occurrence(entry, date(2026, 3, 25), name="Other")
    stage.people.edit_activity(stage.people.occurrence(entry, date(2026, 3, 25)).guid, name="Standup")
    assert (await seen(stage, entry)).essence.exceptions == ()


async def test_a_series_of_whole_days_with_a_timed_date(stage: SeveraStage) -> None:
    """Dates may be of the other kind than their series."""
    entry = await put(stage, made("2026-03-23", Weekly(1, frozenset({Day.MONDAY, Day.FRIDAY})), WholeDays(2), times=6))
    stage.people.edit_occurrence(
        entry, date(2026, 3, 27), start=at(27, 11).start, end=at(27, 11).end, all_day=False, has_duration=True
    )
    stage.people.edit_occurrence(entry, date(2026, 3, 30), start=date(2026, 3, 31), end=date(2026, 4, 2))
    stage.people.cancel_occurrence(entry, date(2026, 4, 3))
    assert (await seen(stage, entry)).essence.exceptions == (
        on(27, at(27, 11)),
        on(30, AllDay(date(2026, 3, 31), date(2026, 4, 2))),
        on(3, month=4),
    )


async def test_what_a_window_shows_of_series(stage: SeveraStage) -> None:
    """Those with a date in it, and those of which a date was moved into it; the whole of them, far exceptions too."""
    endless = await put(stage, made("2019-01-07", Weekly(1, frozenset({Day.MONDAY}))), "endless")
    over = await put(stage, made("2026-01-05", times=5), "over")
    moved = await put(stage, made("2026-02-02", times=5), "moved")
    far = await put(stage, made("2026-06-01", times=5), "far")
    stage.people.cancel_occurrence(endless, date(2019, 1, 14))
    stage.people.edit_occurrence(endless, date(2031, 1, 6), name="far ahead")
    stage.people.edit_occurrence(moved, date(2026, 2, 6), start=at(6, 7).start, end=at(6, 7).end)
    stage.asked()
    view = await stage.calendar.view(stage.window)
    assert stage.asked() == VIEW
    shown = {one.id: one for one in view.sightings}
    assert shown.keys() == {endless, moved}
    assert [one.day for one in shown[endless].essence.exceptions] == [date(2019, 1, 14), date(2031, 1, 6)]
    for entry in (endless, moved):
        assert await stage.calendar.read(entry) == shown[entry]
    later = await stage.calendar.later(stage.window.end)
    assert [one.id for one in later.sightings] == [far]
    assert over not in shown


@pytest.mark.parametrize("window", ["span", "first"])
async def test_whatever_a_window_means_for_a_series(stage: SeveraStage, window: Any) -> None:
    """A series is shown all the same."""
    stage.severa.options.series_window = window
    entry = await put(stage, made("2019-01-07"))
    assert (await seen(stage, entry)).id == entry


async def test_an_exception_that_is_moved_far_beside_all_others(stage: SeveraStage) -> None:
    """A year is looked through around a series' listed dates, by a view and by a read alike."""
    entry = await put(stage)
    other = await put(stage, made("2027-03-01", times=3), "other")
    stage.people.cancel_occurrence(other, date(2027, 3, 2))
    stage.people.edit_occurrence(entry, date(2026, 3, 25), start=at(25, 7).start + timedelta(days=300), end=None)
    assert [one.is_cancelled for one in (await seen(stage, entry)).essence.exceptions] == [False]
    found = stage.people.occurrence(entry, date(2026, 3, 25))
    stage.people.edit_activity(found.guid, start=at(25, 7).start + timedelta(days=400))
    assert (await seen(stage, entry)).essence.exceptions == (on(25),)


async def test_what_begins_later(stage: SeveraStage) -> None:
    """Single entries and series, however far ahead, with their exceptions; what has begun is not among them."""
    after = stage.window.end
    await put(stage, timed(after - timedelta(hours=1), after + timedelta(hours=1)), "over the edge")
    await put(stage, made("2026-04-20"), "has begun")
    ids = {
        await put(stage, timed(after + timedelta(days=900), after + timedelta(days=901)), "single"),
        await put(stage, all_day(date(2031, 5, 1), date(2031, 5, 2)), "days"),
        (coming := await put(stage, made("2026-05-11", times=4), "series")),
    }
    stage.people.cancel_occurrence(coming, date(2026, 5, 12))
    stage.asked()
    later = await stage.calendar.later(after)
    assert stage.asked() == VIEW
    assert {one.id for one in later.sightings} == ids
    assert later.complete
    for one in later.sightings:
        assert await stage.calendar.read(one.id) == one


@pytest.mark.parametrize("changed", [False, True])
async def test_what_reading_a_series_costs(stage: SeveraStage, *, changed: bool) -> None:
    """Its row, and one listing where it has exceptions."""
    entry = await put(stage)
    if changed:
        stage.people.cancel_occurrence(entry, date(2026, 3, 25))
    await stage.calendar.read(entry)
    assert stage.asked() == ["GET /activities/{guid}", *(["GET /activities"] if changed else [])]


async def test_a_view_costs_the_same_for_many_series(stage: SeveraStage) -> None:
    """Three listings."""
    for n in range(30):
        entry = await put(stage, DAILY, f"n {n}")
        stage.people.cancel_occurrence(entry, date(2026, 3, 24))
    stage.asked()
    assert len((await stage.calendar.view(stage.window)).sightings) == 30
    assert stage.asked() == VIEW


async def test_the_date_of_an_occurrence_read_by_its_own_guid(stage: SeveraStage) -> None:
    """It is no entry, but it answers, and names its series."""
    entry = await put(stage)
    row = stage.people.occurrence(entry, date(2026, 3, 24))
    found = await stage.calendar.read(row.guid)
    assert found is not None
    assert (found.shape, found.series, found.essence.when) == (Shape.OCCURRENCE, entry, at(24, 7))
    stage.people.edit_activity(row.guid, name="Other")
    found = await stage.calendar.read(row.guid)
    assert found is not None
    assert (found.shape, found.series, found.essence.subject) == (Shape.EXCEPTION, entry, "Other")


async def test_a_series_that_is_deleted(stage: SeveraStage) -> None:
    """Its guid proves it, as that of any activity."""
    entry, witness = await put(stage), await put(stage)
    alive = await stage.calendar.verify(entry, witness)
    assert alive is not None
    assert alive.shape is Shape.SERIES
    await stage.remove(entry)
    assert await stage.calendar.verify(entry, witness) is None


async def test_a_listing_that_fails_halfway(stage: SeveraStage) -> None:
    """Nothing is shown: not even what came before (P23)."""
    await put(stage)
    for after in range(3):
        stage.severa.faults.add(Fault(Action.STATUS, path="/activities", status=503, after=after))
        with pytest.raises(RetryLater):
            await stage.calendar.view(stage.window)


# --- writing ----------------------------------------------------------------------------------------------------------
KINDS: dict[str, When] = {
    "single": at(25, 15),
    "day": all_day(date(2026, 3, 26), date(2026, 3, 28)),
    "daily": DAILY,
    "days": made("2026-03-24", Daily(3), WholeDays(2), until="2026-04-20"),
    "monthly": series(
        date(2026, 3, 5), clock("22:30", 120), MonthlyByWeekday(2, Ordinal.LAST, frozenset({Day.FRIDAY}))
    ),
}


@pytest.mark.parametrize("kind", ["daily", "days", "monthly"])
async def test_creating_a_series(stage: SeveraStage, kind: str) -> None:
    """One request; the echo is what a read and a view then show, with the number of times or the last date."""
    asked = wanted("made", KINDS[kind], "text", "place")
    echo = await stage.calendar.create(stage.draft(asked), stage.stamp())
    assert stage.asked() == ["POST /activities"]
    assert (echo.essence, echo.shape, echo.role) == (asked, Shape.SERIES, Role.OWNER)
    assert await seen(stage, echo.id) == echo


@pytest.mark.parametrize("values", PatchValues)
@pytest.mark.parametrize("to", KINDS)
@pytest.mark.parametrize("was", KINDS)
async def test_another_time(was: str, to: str, values: PatchValues) -> None:
    """Single entries become series, series other series or single entries, by one request; nothing else is written."""
    async with severa_stage(values=values) as stage:
        entry = await put(stage, KINDS[was], "kept")
        before = await seen(stage, entry)
        other = Draft(wanted("not written", KINDS[to], "not written"))
        echo = await stage.calendar.update(before, other, TIME)
        assert stage.asked() == ["PATCH /activities/{guid}"]
        assert echo.essence == replace(before.essence, when=KINDS[to])
        assert await seen(stage, entry) == echo


@pytest.mark.parametrize("keeps", [True, False])
async def test_a_new_pattern_that_drops_exceptions(stage: SeveraStage, *, keeps: bool) -> None:
    """The echo has what is left, and no cancelled date that the draft does not have (R17)."""
    stage.severa.options.series_edit_keeps_exceptions = keeps
    entry = await put(stage)
    stage.people.cancel_occurrence(entry, date(2026, 3, 24))
    stage.people.cancel_occurrence(entry, date(2026, 3, 25))
    stage.people.edit_occurrence(entry, date(2026, 3, 27), name="Retro")
    before = await seen(stage, entry)
    target = with_exceptions(
        replace(before.essence, when=made("2026-03-23", times=20, at=clock("10:00"))), before.essence.exceptions[1:]
    )
    echo = await stage.calendar.update(before, Draft(target), TIME)
    assert echo.essence.when == target.when
    assert echo.essence.exceptions == ()
    expected = ["PATCH /activities/{guid}"]
    if keeps:
        expected += ["GET /activities", "DELETE /activities/{guid}/exceptions", "GET /activities/{guid}"]
    assert stage.asked() == expected
    assert await seen(stage, entry) == echo


async def test_a_new_pattern_that_keeps_exceptions(stage: SeveraStage) -> None:
    """Those that are wanted stay, and nothing is reset."""
    stage.severa.options.series_edit_keeps_exceptions = True
    entry = await put(stage)
    stage.people.cancel_occurrence(entry, date(2026, 3, 24))
    stage.people.edit_occurrence(entry, date(2026, 3, 27), name="Retro")
    before = await seen(stage, entry)
    target = replace(before.essence, when=made("2026-03-23", times=30))
    echo = await stage.calendar.update(before, Draft(target), TIME)
    assert stage.asked() == ["PATCH /activities/{guid}", "GET /activities"]
    assert echo.essence == target


async def test_a_new_subject_of_a_series(stage: SeveraStage) -> None:
    """Its exceptions stay as they are, and are in the echo."""
    entry = await put(stage)
    stage.people.cancel_occurrence(entry, date(2026, 3, 24))
    stage.people.edit_occurrence(entry, date(2026, 3, 27), name="Retro")
    before = await seen(stage, entry)
    echo = await stage.calendar.update(before, Draft(wanted("new", DAILY)), frozenset({Field.SUBJECT}))
    assert stage.asked() == ["PATCH /activities/{guid}", "GET /activities"]
    assert echo.essence == replace(before.essence, subject="new")
    assert await seen(stage, entry) == echo


@pytest.mark.parametrize(
    "when",
    [
        made("2026-03-23", Weekly(2, frozenset({Day.SUNDAY, Day.MONDAY}), Day.SUNDAY)),
        made(
            "2026-03-24",
            MonthlyByWeekday(1, Ordinal.FIRST, frozenset({Day.TUESDAY})),
            clock("01:00", zone="Asia/Tokyo"),
        ),
    ],
)
async def test_what_severa_cannot_hold(stage: SeveraStage, when: Series) -> None:
    """It is refused before anything is sent; the core narrows it before (R22)."""
    entry = await put(stage, at(25, 15))
    before = await seen(stage, entry)
    for call in (
        stage.calendar.create(stage.draft(wanted("a", when)), stage.stamp()),
        stage.calendar.update(before, Draft(wanted("a", when)), TIME),
    ):
        with pytest.raises(ItemRefused, match="severa_recurrence"):
            await call
    assert stage.asked() == []


async def test_deleting_a_series(stage: SeveraStage) -> None:
    """All of it, unless it is no longer as seen: an exception counts, whether or not it moves the version."""
    stage.severa.options.exceptions_touch = False
    entry = await put(stage)
    before = await seen(stage, entry)
    stage.people.edit_occurrence(entry, date(2026, 3, 27), name="Retro")
    with pytest.raises(ItemChanged):
        await stage.calendar.delete(before)
    now = await seen(stage, entry)
    await stage.calendar.delete(now)
    assert stage.asked() == ["GET /activities/{guid}", "GET /activities", "DELETE /activities/{guid}"]
    assert await stage.calendar.read(entry) is None


def test_the_pictures() -> None:
    """The shorthand of this file says what it seems to say."""
    assert Essence("a", DAILY).on(date(2026, 3, 30)) == DateException(date(2026, 3, 30), at(30, 6), "a")
