"""Series in Severa's JSON."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.adapters.severa.parsing import Malformed
from core.adapters.severa.recurrence import build_series, exception_dates, parse_series
from core.errors import ItemRefused
from core.model.pattern import (
    EVERY_DAY,
    WEEKDAYS,
    WEEKEND,
    Daily,
    Day,
    MonthlyByDay,
    MonthlyByWeekday,
    Ordinal,
    Pattern,
    Weekly,
)
from core.model.recurrence import WholeDays
from tests.contract.schema_severa import SeveraSchema
from tests.unit.recurrence.made import NEW_YORK, clock, made
from tests.unit.severa.rows import activity_row

ZONE = ZoneInfo("Europe/Helsinki")
FRIDAY, SUNDAY = frozenset({Day.FRIDAY}), frozenset({Day.SUNDAY})


def row(frequency: str, pattern: dict[str, Any] | None, ends: dict[str, Any] | None = None, **more: Any) -> Any:
    """A series as Severa answers it: every part there, all but one null."""
    parts = dict.fromkeys(("daily", "weekly", "monthly", "yearly")) | {frequency.lower(): pattern}
    recurrence = {"frequency": frequency, "pattern": parts, "range": ends, "exceptions": [], **more}
    return activity_row(
        startDateTime="2026-01-02T09:00:00+02:00",
        endDateTime="2026-01-02T10:00:00+02:00",
        recurrence=recurrence,
        recurrenceType="Series",
    )


def relative(ordinal: str | None, option: str | None, **more: Any) -> dict[str, Any]:
    """The parts of monthly and yearly patterns, null where nothing is said."""
    return {"dayOfMonth": None, "dayOrdinal": ordinal, "dayOrdinalOption": option, **more}


@pytest.mark.parametrize(
    ("frequency", "part", "pattern"),
    [
        ("Daily", {"interval": 3, "everyWeekday": False}, Daily(3)),
        ("Daily", {"interval": None, "everyWeekday": True}, Weekly(1, WEEKDAYS)),
        ("Daily", {"interval": 0, "everyWeekday": False}, Daily(1)),
        ("Weekly", {"interval": 2, "friday": True, "sunday": True, "monday": False}, Weekly(2, FRIDAY | SUNDAY)),
        ("Monthly", {"interval": 1, "dayOfMonth": 31}, MonthlyByDay(1, 31)),
        ("Monthly", relative("Last", "Day", interval=1), MonthlyByWeekday(1, Ordinal.LAST, EVERY_DAY)),
        ("Monthly", relative("First", "WeekDay", interval=3), MonthlyByWeekday(3, Ordinal.FIRST, WEEKDAYS)),
        ("Monthly", relative("Second", "WeekendDay", interval=24), MonthlyByWeekday(24, Ordinal.SECOND, WEEKEND)),
        ("Yearly", relative("Fourth", "Friday", month="January"), MonthlyByWeekday(12, Ordinal.FOURTH, FRIDAY)),
    ],
)
def test_patterns_as_severa_spells_them(frequency: str, part: dict[str, Any], pattern: Pattern) -> None:
    """Each is read; what is 0 or null by habit is every one."""
    assert parse_series(row(frequency, part), ZONE) == made("2026-01-02", pattern)


def test_a_yearly_pattern_of_another_month() -> None:
    """It begins in that month."""
    found = parse_series(row("Yearly", {"month": "May", "dayOfMonth": 17}), ZONE)
    assert found == made("2026-05-17", MonthlyByDay(12, 17))


@pytest.mark.parametrize(
    ("ends", "until", "times"),
    [
        (None, None, None),
        ({"maxOccurrences": None, "recursUntilDate": None}, None, None),
        ({"maxOccurrences": 5, "recursUntilDate": None}, None, 5),
        ({"maxOccurrences": None, "recursUntilDate": "2026-02-01"}, "2026-02-01", None),
        ({"maxOccurrences": None, "recursUntilDate": "2026-02-01T00:00:00Z"}, "2026-02-01", None),
        ({"maxOccurrences": 500, "recursUntilDate": "2026-02-01"}, "2026-02-01", None),
    ],
)
def test_ends_as_severa_spells_them(ends: dict[str, Any] | None, until: str | None, times: int | None) -> None:
    """Endless, a number of times, a date; whichever of two comes first."""
    found = parse_series(row("Daily", {"interval": 1}, ends), ZONE)
    assert found == made("2026-01-02", until=until, times=times)


def test_the_time_of_day() -> None:
    """It is told by the clocks of the owner's zone; whole days are the nearest midnights there."""
    winter = row("Daily", {"interval": 1})
    assert parse_series(winter, ZoneInfo(NEW_YORK)) == made("2026-01-02", at=clock("02:00", zone=NEW_YORK))
    whole = winter | {
        "isAllDay": True,
        "startDateTime": "2026-01-01T22:00:00Z",
        "endDateTime": "2026-01-03T21:59:59Z",
    }
    assert parse_series(whole, ZONE) == made("2026-01-02", at=WholeDays(2))
    assert parse_series(winter | {"endDateTime": None}, ZONE) == made("2026-01-02", at=clock(minutes=0))


@pytest.mark.parametrize(
    ("found", "field"),
    [
        (row("Hourly", {"interval": 1}), "frequency"),
        (row("Daily", None), "pattern"),
        (row("Daily", {"interval": "1"}), "interval"),
        (row("Daily", {"interval": True}), "interval"),
        (row("Daily", {"interval": -1}), "recurrence"),
        (row("Weekly", {"interval": 1, "monday": False}), "recurrence"),
        (row("Monthly", relative("Fifth", "Friday", interval=1)), "dayOrdinal"),
        (row("Monthly", relative("First", None, interval=1)), "dayOrdinal"),
        (row("Monthly", relative(None, None, interval=1)), "dayOfMonth"),
        (row("Monthly", {"interval": 1, "dayOfMonth": 0}), "recurrence"),
        (row("Yearly", {"month": "Maj", "dayOfMonth": 1}), "month"),
        (row("Daily", {"interval": 1}, {"maxOccurrences": 0}), "recurrence"),
        (row("Daily", {"interval": 1}, {"recursUntilDate": "2025-01-01"}), "recurrence"),
        (row("Daily", {"interval": 1}, {"recursUntilDate": "soon"}), "recurrence"),
        (row("Daily", {"interval": 1}) | {"recurrence": None}, "pattern"),
        (row("Daily", {"interval": 1}) | {"startDateTime": None}, "startDateTime"),
        (row("Daily", {"interval": 1}) | {"startDateTime": "0001-01-01T00:00:00Z", "endDateTime": None}, "recurrence"),
        (row("Daily", {"interval": 1}) | {"endDateTime": "9999-12-31T23:59:59Z", "isAllDay": True}, "startDateTime"),
    ],
)
def test_what_has_no_meaning(found: Any, field: str) -> None:
    """It is malformed, and the field is named; nothing is guessed (P16c)."""
    with pytest.raises(Malformed, match=field):
        parse_series(found, ZONE)


def test_exceptions() -> None:
    """They are dates in the owner's zone; whole days the nearest midnights."""
    found = row("Daily", {"interval": 1}, exceptions=["2026-01-03T07:00:00Z", "2026-03-29T06:00:00Z"])
    known = parse_series(found, ZONE)
    assert exception_dates(found, known, ZONE) == {date(2026, 1, 3), date(2026, 3, 29)}
    whole = found | {"isAllDay": True, "startDateTime": "2026-01-01T22:00:00Z"}
    known = made("2026-01-02", at=WholeDays())
    whole["recurrence"]["exceptions"] = ["2026-01-03T22:00:00Z"]
    assert exception_dates(whole, known, ZONE) == {date(2026, 1, 4)}
    none = row("Daily", {"interval": 1}, exceptions=None)
    assert exception_dates(none, known, ZONE) == frozenset()


def test_an_exception_that_was_moved() -> None:
    """A moment at which no occurrence begins is taken by its date."""
    found = row("Daily", {"interval": 1}, exceptions=["2026-01-03T11:00:00Z"])
    assert exception_dates(found, parse_series(found, ZONE), ZONE) == {date(2026, 1, 3)}


@pytest.mark.parametrize("exceptions", ["2026-01-03", [None], [3], ["0001-01-01T00:00:00Z"], ["2026-01-03T11:00:00"]])
def test_exceptions_that_are_none(exceptions: Any) -> None:
    """They are malformed."""
    with pytest.raises(Malformed, match="exceptions"):
        exception_dates(row("Daily", {"interval": 1}, exceptions=exceptions), made("2026-01-02"), ZoneInfo(NEW_YORK))


@pytest.mark.parametrize(
    ("start", "pattern", "part"),
    [
        ("2026-01-31", MonthlyByDay(1, 31), relative("Last", "Day", interval=1)),
        ("2026-01-29", MonthlyByDay(1, 29), relative(None, None, interval=1) | {"dayOfMonth": 29}),
        ("2024-02-29", MonthlyByDay(12, 29), relative("Last", "Day", month="February")),
        ("2026-04-30", MonthlyByDay(12, 30), relative(None, None, month="April") | {"dayOfMonth": 30}),
        ("2026-12-31", MonthlyByDay(24, 31), relative(None, None, interval=24) | {"dayOfMonth": 31}),
        ("2026-01-01", MonthlyByWeekday(12, Ordinal.LAST, WEEKEND), relative("Last", "WeekendDay", month="January")),
    ],
)
def test_the_last_day_as_we_spell_it(start: str, pattern: Pattern, part: dict[str, Any]) -> None:
    """Where months differ it is spelt as such: what Severa makes of a day that a month lacks is unknown."""
    sent = build_series(made(start, pattern), ZONE)["recurrence"]
    assert list(sent["pattern"].values()) == [part]


def test_times_as_we_spell_them() -> None:
    """In UTC; whole days are midnights of the owner's zone, the end exclusive, also where clocks are moved between."""
    timed = build_series(made("2026-03-28", at=clock("22:00", 480)), ZONE)
    assert (timed["startDateTime"], timed["endDateTime"]) == ("2026-03-28T20:00:00Z", "2026-03-29T03:00:00Z")
    whole = build_series(made("2026-03-29", at=WholeDays(2)), ZONE)
    assert (whole["startDateTime"], whole["endDateTime"]) == ("2026-03-28T22:00:00Z", "2026-03-30T21:00:00Z")
    assert (timed["isAllDay"], whole["isAllDay"]) == (False, True)


@pytest.mark.parametrize(
    ("pattern", "times", "until"),
    [
        (Daily(3), None, None),
        (Weekly(2, WEEKDAYS), 3, None),
        (MonthlyByDay(1, 31), None, "2027-01-01"),
        (MonthlyByDay(12, 24), None, None),
        (MonthlyByWeekday(1, Ordinal.FIRST, FRIDAY), None, None),
    ],
)
def test_the_official_schema(shared: Path, pattern: Pattern, times: int | None, until: str | None) -> None:
    """It allows what is sent."""
    schema = SeveraSchema(shared / "schemas" / "severa-calendar.openapi.yaml")
    sent = build_series(made("2026-01-31", pattern, times=times, until=until), ZONE)
    body = {"name": "Review", "activityType": {"guid": "t"}, "ownerUser": {"guid": "anna"}, **sent}
    assert schema.check_request("POST", "/v1/activities", body=body) == []


@pytest.mark.parametrize(
    ("pattern", "zone"),
    [
        (Weekly(2, FRIDAY | SUNDAY, Day.SUNDAY), "Europe/Helsinki"),
        (MonthlyByWeekday(1, Ordinal.LAST, FRIDAY | SUNDAY), "Europe/Helsinki"),
        (Daily(), NEW_YORK),
    ],
)
def test_what_was_not_narrowed(pattern: Pattern, zone: str) -> None:
    """It is refused, never sent as something else."""
    with pytest.raises(ItemRefused, match="severa_recurrence"):
        build_series(made("2026-01-02", pattern, clock(zone=zone)), ZONE)
