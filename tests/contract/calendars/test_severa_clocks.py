"""Activities of owners whose clocks show another time (R23): read by the owner's, told by the user's, written back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.errors import ItemRefused
from core.model.essence import Field
from core.model.exceptions import DateChange, DateException
from core.model.expand import occurrence_on
from core.model.ids import UserId
from core.model.operation import Draft
from core.model.pattern import Daily, Day, MonthlyByWeekday, Ordinal, Weekly
from core.model.recurrence import Series, WholeDays
from core.model.sighting import Activity, Role
from core.model.when import Timed, all_day
from tests.contract.calendars.content import an_hour, wanted
from tests.contract.calendars.severa_stage import SeveraStage, severa_stage
from tests.contract.calendars.test_severa_series import seen
from tests.unit.recurrence.made import clock, made

TIME = frozenset({Field.TIME})
DAY = all_day(date(2026, 4, 1), date(2026, 4, 2))
ZONES = {"Pacific/Auckland": "Kiri", "America/New_York": "Nora", "Europe/Berlin": "Bert"}


@pytest.fixture
async def stage() -> AsyncIterator[SeveraStage]:
    """Anna's calendar; her clocks are Helsinki's."""
    async with severa_stage() as stage:
        yield stage


def owner(stage: SeveraStage, zone: str) -> Any:
    """A user with the clocks of that zone."""
    return stage.people.add_user(stage.company, f"{ZONES[zone]} N", f"{ZONES[zone]}@acme.example", timezone=zone)


async def shared(stage: SeveraStage, zone: str, when: Any, subject: str = "Standup") -> str:
    """An activity of somebody's with those clocks, in which Anna takes part."""
    entry = await stage.put(subject, when, owner=owner(stage, zone), participants=[stage.anna])
    stage.severa.requests.reset()
    return entry


def series_of(activity: Activity) -> Series:
    """When it takes place."""
    assert isinstance(activity.essence.when, Series)
    return activity.essence.when


# --- reading ----------------------------------------------------------------------------------------------------------
async def test_whole_days(stage: SeveraStage) -> None:
    """They are dates of the owner's clocks; the zone is asked for once, whoever asks."""
    entry = await shared(stage, "Pacific/Auckland", DAY)
    for _ in range(2):
        view = await stage.calendar.view(stage.window, series=False)
        assert [(one.id, one.essence.when) for one in view.sightings] == [(entry, DAY)]
    assert stage.asked() == ["GET /activities", "GET /users/{guid}", "GET /activities"]
    assert await stage.calendar.read(entry) == view.sightings[0]


async def test_timed_activities(stage: SeveraStage) -> None:
    """They are instants, so nobody asks for a zone; the user's is carried."""
    entry = await shared(stage, "Pacific/Auckland", an_hour(stage))
    [found] = (await stage.calendar.view(stage.window)).sightings
    assert (found.id, found.essence.when, found.role) == (entry, an_hour(stage), Role.PARTICIPANT)
    assert isinstance(found.essence.when, Timed)
    assert found.essence.when.zone == "Europe/Helsinki"
    assert "GET /users/{guid}" not in stage.asked()


async def test_zones_that_are_known_already(stage: SeveraStage) -> None:
    """Every user's is, once all of them were listed."""
    entry = await shared(stage, "Pacific/Auckland", DAY)
    await stage.gateway.users()
    stage.severa.requests.reset()
    found = await stage.calendar.read(entry)
    assert found is not None
    assert found.essence.when == DAY
    assert stage.asked() == ["GET /activities/{guid}", "GET /activities"]


async def test_an_owner_in_a_zone_that_nobody_knows(stage: SeveraStage) -> None:
    """The company's serves."""
    entry = await stage.put("day", DAY, owner=stage.ben, participants=[stage.anna])
    stage.people.edit_user(stage.ben, timezone="tzone://Microsoft/Custom")
    found = await stage.calendar.read(entry)
    assert found is not None
    assert found.essence.when == DAY


async def test_a_series_that_both_clocks_tell_alike(stage: SeveraStage) -> None:
    """Berlin and Helsinki are always an hour apart."""
    berlin = made("2026-03-23", at=clock("08:00", zone="Europe/Berlin"), times=20)
    entry = await shared(stage, "Europe/Berlin", berlin)
    stage.people.cancel_occurrence(entry, date(2026, 3, 25))
    stage.people.edit_occurrence(entry, date(2026, 3, 30), name="Retro")
    found = await seen(stage, entry)
    assert found.essence.when == made("2026-03-23", times=20)
    monday = occurrence_on(series_of(found), date(2026, 3, 30))
    assert found.essence.exceptions == (
        DateException(date(2026, 3, 25)),
        DateException(date(2026, 3, 30), monday, "Retro"),
    )


async def test_a_series_that_is_on_the_day_before(stage: SeveraStage) -> None:
    """Its exceptions move along with its dates."""
    auckland = made(
        "2026-03-24", at=clock("08:00", zone="Pacific/Auckland"), pattern=Weekly(1, frozenset({Day.TUESDAY}))
    )
    entry = await shared(stage, "Pacific/Auckland", auckland)
    stage.people.cancel_occurrence(entry, date(2026, 3, 31))
    found = await seen(stage, entry)
    assert (series_of(found).first, series_of(found).pattern) == (date(2026, 3, 23), Weekly(1, frozenset({Day.MONDAY})))
    assert found.essence.exceptions == (DateException(date(2026, 3, 30)),)


async def test_a_series_that_no_pattern_can_tell(stage: SeveraStage) -> None:
    """The evening before the first Tuesday is no pattern: it stays as its owner's clocks tell it."""
    auckland = made(
        "2026-03-03",
        MonthlyByWeekday(1, Ordinal.FIRST, frozenset({Day.TUESDAY})),
        clock("08:00", zone="Pacific/Auckland"),
    )
    entry = await shared(stage, "Pacific/Auckland", auckland)
    stage.people.cancel_occurrence(entry, date(2026, 4, 7))
    found = await seen(stage, entry)
    assert found.essence.when == auckland
    assert found.essence.exceptions == (DateException(date(2026, 4, 7)),)
    again = replace(auckland, first=date(2026, 4, 7))
    assert (await stage.calendar.update(found, Draft(replace(found.essence, when=again)), TIME)).essence.when == again


async def test_days_of_an_owner_abroad(stage: SeveraStage) -> None:
    """A series of whole days is in no zone."""
    days = made("2026-03-24", Daily(2), WholeDays(), times=10)
    entry = await shared(stage, "Pacific/Auckland", days)
    stage.people.edit_occurrence(entry, date(2026, 3, 28), start=date(2026, 3, 29), end=date(2026, 3, 30))
    found = await seen(stage, entry)
    assert found.essence.when == days
    [moved] = found.essence.exceptions
    assert (moved.day, moved.when) == (date(2026, 3, 28), all_day(date(2026, 3, 29), date(2026, 3, 30)))


async def test_whole_days_in_the_feed(stage: SeveraStage) -> None:
    """They are read by their owner's clocks as well."""
    await shared(stage, "Pacific/Auckland", DAY)
    told = [one async for page in stage.gateway.changes(None, stage.window) for one in page]
    assert [one.essence.when for one in told] == [DAY]


# --- writing ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "to",
    [
        all_day(date(2026, 4, 8), date(2026, 4, 10)),
        made("2026-04-08", times=5),
        made("2026-04-08", Daily(2), WholeDays(2), times=5),
        made("2026-04-06", Weekly(1, frozenset({Day.MONDAY, Day.THURSDAY})), clock("01:30")),
    ],
)
async def test_another_time(stage: SeveraStage, zone: str, to: Any) -> None:
    """What the user's clocks tell is written by the owner's, and comes back."""
    entry = await shared(stage, zone, an_hour(stage))
    before = await seen(stage, entry)
    echo = await stage.calendar.update(before, Draft(wanted("a", to)), TIME)
    assert echo.essence.when == to
    assert echo.role is Role.PARTICIPANT
    assert await seen(stage, entry) == echo


async def test_a_time_that_the_owner_s_clocks_cannot_tell(stage: SeveraStage) -> None:
    """It is refused, and nothing is sent."""
    entry = await shared(stage, "America/New_York", an_hour(stage))
    before = await seen(stage, entry)
    await stage.gateway.users()
    stage.severa.requests.reset()
    early = made("2026-04-07", MonthlyByWeekday(1, Ordinal.FIRST, frozenset({Day.TUESDAY})), clock("02:00"))
    with pytest.raises(ItemRefused, match="severa_recurrence"):
        await stage.calendar.update(before, Draft(wanted("a", early)), TIME)
    assert stage.asked() == []


async def test_a_date_that_is_told_an_hour_beside(stage: SeveraStage) -> None:
    """New York's clocks moved on 8 March: its date is found all the same, and stays at its time when it is edited."""
    entry = await shared(stage, "America/New_York", made("2026-03-23", at=clock("03:00", zone="America/New_York")))
    told = await seen(stage, entry)
    day = date(2026, 3, 24)
    held, original = told.essence.on(day), occurrence_on(series_of(told), day)
    assert held is not None
    assert isinstance(original, Timed)
    before = stage.people.occurrence(entry, day)
    assert before.start != original.start
    for known in (told, None):
        subject = "Retro" if known else "Retro again"
        day = date(2026, 3, 24) if known else date(2026, 3, 25)
        original = occurrence_on(series_of(told), day)
        before = stage.people.occurrence(entry, day)
        assert original is not None
        change = DateChange(original, replace(held, day=day, when=original, subject=subject))
        echo = await stage.calendar.change_date(entry, known, change)
        row = stage.people.occurrence(entry, day)
        assert (row.name, row.start, echo.subject) == (subject, before.start, subject)
        found = (await seen(stage, entry)).essence
        assert found.exception(day) == echo


async def test_whole_days_of_one_date_abroad(stage: SeveraStage) -> None:
    """They begin at the owner's midnight."""
    entry = await shared(stage, "Europe/Berlin", made("2026-03-23", at=clock("08:00", zone="Europe/Berlin")))
    original = occurrence_on(made("2026-03-23"), date(2026, 3, 25))
    assert original is not None
    asked = DateException(date(2026, 3, 25), all_day(date(2026, 3, 25), date(2026, 3, 26)), "Standup")
    assert await stage.calendar.change_date(entry, None, DateChange(original, asked)) == asked
    assert (await seen(stage, entry)).essence.exceptions == (asked,)
    assert UserId(stage.people.activity(entry).owner) != stage.anna.guid
