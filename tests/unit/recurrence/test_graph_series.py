"""Series in Graph's JSON."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.adapters.graph.recurrence import build_series, cancelled_dates, occurrence_date, parse_series
from core.adapters.zones import UNKNOWN
from core.model.pattern import WEEKDAYS, Daily, Day, MonthlyByDay, MonthlyByWeekday, Ordinal, Pattern, Weekly
from core.model.recurrence import Series, WholeDays
from tests.contract.schema_graph import GraphSchema
from tests.unit.recurrence.made import NEW_YORK, clock, made

FLE = "FLE Standard Time"
KYIV = "Europe/Kiev"
"""What tzlocal and CLDR call it (facts/microsoft.md L)."""
CUSTOM = "tzone://Microsoft/Custom"
MONDAY = frozenset({Day.MONDAY})
BOTH = Weekly(2, frozenset({Day.MONDAY, Day.SUNDAY}), Day.SUNDAY)


def master(pattern: dict[str, Any], ends: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A series master read in UTC: nine to ten in Helsinki from Friday, 2 January 2026."""
    limit = {"startDate": "2026-01-02", "endDate": "0001-01-01", "recurrenceTimeZone": FLE, "numberOfOccurrences": 0}
    event = {
        "start": {"dateTime": "2026-01-02T07:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2026-01-02T08:00:00.0000000", "timeZone": "UTC"},
        "isAllDay": False,
        "originalStartTimeZone": FLE,
        "recurrence": {"pattern": pattern, "range": limit | (ends or {"type": "noEnd"})},
    }
    return event | changes


def full(kind: str, **given: Any) -> dict[str, Any]:
    """A pattern as Graph answers it: every property there."""
    nothing = {"interval": 1, "month": 0, "dayOfMonth": 0, "daysOfWeek": [], "firstDayOfWeek": "sunday"}
    return {"type": kind, **nothing, "index": "first", **given}


DAILY = full("daily")


def at(moment: str, zone: str) -> dict[str, str]:
    """A dateTimeTimeZone."""
    return {"dateTime": f"{moment}:00.0000000", "timeZone": zone}


def read(item: dict[str, Any]) -> Series:
    """The series of a master of which there is nothing to tell."""
    found, remarks = parse_series(item)
    assert not remarks
    return found


@pytest.mark.parametrize(
    ("pattern", "start", "expected"),
    [
        (full("daily", interval=3), "2026-01-02", Daily(3)),
        (full("weekly", daysOfWeek=["monday"], interval=2), "2026-01-12", Weekly(2, MONDAY)),
        (full("weekly", daysOfWeek=["monday", "sunday"], interval=2, firstDayOfWeek=""), "2026-01-11", BOTH),
        (full("absoluteMonthly", dayOfMonth=31), "2026-01-31", MonthlyByDay(1, 31)),
        (full("absoluteYearly", dayOfMonth=2, month=1, interval=2), "2026-01-02", MonthlyByDay(24, 2)),
        (full("absoluteYearly", dayOfMonth=2, month=4), "2026-04-02", MonthlyByDay(12, 2)),
        (
            full("relativeMonthly", index="last", daysOfWeek=["monday"]),
            "2026-01-26",
            MonthlyByWeekday(1, Ordinal.LAST, MONDAY),
        ),
        (
            full("relativeYearly", index="", daysOfWeek=["monday"], month=2),
            "2026-02-02",
            MonthlyByWeekday(12, Ordinal.FIRST, MONDAY),
        ),
    ],
)
def test_patterns_as_graph_spells_them(pattern: dict[str, Any], start: str, expected: Pattern) -> None:
    """Each is read, from its first occurrence on; Sunday is where Microsoft's weeks begin."""
    found = read(master(pattern))
    assert found == made(start, expected, clock(zone=KYIV))
    assert found.first == date.fromisoformat(start)


@pytest.mark.parametrize(
    ("ends", "until", "times"),
    [
        ({"type": "noEnd"}, None, None),
        ({"type": "endDate", "endDate": "2026-01-20"}, "2026-01-20", None),
        ({"type": "numbered", "numberOfOccurrences": 4}, None, 4),
    ],
)
def test_ends_as_graph_spells_them(ends: dict[str, Any], until: str | None, times: int | None) -> None:
    """Only what the type names counts: the rest is filler."""
    found = read(master(DAILY, ends))
    assert found == made("2026-01-02", at=clock(zone=KYIV), until=until, times=times)
    assert found.counted == (times is not None)


def test_an_answer_in_any_zone() -> None:
    """The series' own zone is the range's, whatever zone start and end are in, and though they be in two."""
    expected = made("2026-01-02", at=clock(zone=KYIV))
    for start, end in (
        (at("2026-01-02T09:00", FLE), at("2026-01-02T10:00", FLE)),
        (at("2026-01-02T02:00", "Eastern Standard Time"), at("2026-01-02T10:00", "Europe/Helsinki")),
        (at("2026-01-02T07:00", ""), at("2026-01-02T08:00", "tzone://Microsoft/Utc")),
    ):
        assert read(master(DAILY, start=start, end=end, originalStartTimeZone="Tokyo Standard Time")) == expected


def test_an_answer_that_names_no_zone() -> None:
    """It is that of the start."""
    unnamed = {"type": "noEnd", "recurrenceTimeZone": None}
    assert read(master(DAILY, unnamed, originalStartTimeZone="")) == made("2026-01-02", at=clock("07:00", zone="UTC"))


def test_a_first_occurrence_whose_time_is_skipped() -> None:
    """An answer in the series' own zone tells its time of day; one in UTC cannot."""
    limit = {"type": "noEnd", "startDate": "2026-03-29"}
    own = master(DAILY, limit, start=at("2026-03-29T03:30", FLE), end=at("2026-03-29T05:00", FLE))
    assert read(own) == made("2026-03-29", at=clock("03:30", 90, KYIV))
    two = master(DAILY, limit, start=at("2026-03-29T03:30", FLE), end=at("2026-03-29T02:00", "UTC"))
    assert read(two) == made("2026-03-29", at=clock("03:30", 90, KYIV))
    utc = master(DAILY, limit, start=at("2026-03-29T01:30", "UTC"), end=at("2026-03-29T02:00", "UTC"))
    assert read(utc) == made("2026-03-29", at=clock("04:30", 30, KYIV))


def test_an_occurrence_over_the_hour_that_comes_twice() -> None:
    """Where clocks tell its end before its start, its length is the time that passed."""
    limit = {"type": "noEnd", "startDate": "2026-10-25"}
    utc = master(DAILY, limit, start=at("2026-10-25T00:45", "UTC"), end=at("2026-10-25T01:15", "UTC"))
    assert read(utc) == made("2026-10-25", at=clock("03:45", 30, KYIV))


def test_whole_days() -> None:
    """They are dates, whatever the zones say."""
    found = master(DAILY, start=at("2026-01-02T00:00", "UTC"), end=at("2026-01-04T00:00", "UTC"), isAllDay=True)
    assert read(found | {"originalStartTimeZone": CUSTOM}) == made("2026-01-02", at=WholeDays(2))


@pytest.mark.parametrize("name", [CUSTOM, "Customized Time Zone", "Mars/Olympus", "(UTC+02:00) Helsinki, Kyiv"])
def test_a_zone_that_nobody_knows(name: str) -> None:
    """The series is kept in UTC, and that is told (P19); a known zone beside it is believed."""
    limit = {"type": "endDate", "endDate": "2026-01-31", "recurrenceTimeZone": name}
    found, remarks = parse_series(master(DAILY, limit, originalStartTimeZone=name))
    assert found == made("2026-01-02", at=clock("07:00", zone="UTC"), until="2026-01-31")
    assert remarks == (UNKNOWN,)
    assert read(master(DAILY, limit)) == made("2026-01-02", at=clock(zone=KYIV), until="2026-01-31")


def test_an_unknown_zone_in_which_it_is_another_day() -> None:
    """The pattern turns with it; where it cannot, the one entry is refused."""
    late = {"start": at("2026-01-04T22:30", "UTC"), "end": at("2026-01-04T23:30", "UTC")}
    limit = {"type": "endDate", "startDate": "2026-01-05", "endDate": "2026-02-02", "recurrenceTimeZone": CUSTOM}
    mondays = master(full("weekly", daysOfWeek=["monday"]), limit, originalStartTimeZone=CUSTOM, **late)
    sundays = Weekly(1, frozenset({Day.SUNDAY}))
    assert parse_series(mondays)[0] == made("2026-01-04", sundays, clock("22:30", zone="UTC"), until="2026-02-01")
    first = full("relativeMonthly", daysOfWeek=["monday"])
    with pytest.raises(LookupError):
        parse_series(master(first, limit, originalStartTimeZone=CUSTOM, **late))


def test_a_start_in_a_zone_that_nobody_knows() -> None:
    """It has no instant, so the entry cannot be kept."""
    with pytest.raises(LookupError):
        parse_series(master(DAILY, start=at("2026-01-02T07:00", CUSTOM)))


@pytest.mark.parametrize(
    "item",
    [
        master(full("hourly")),
        master(full("daily", interval=0)),
        master(full("daily", interval="1")),
        master(full("daily", interval=True)),
        master(full("weekly")),
        master(full("weekly", daysOfWeek="monday")),
        master(full("weekly", daysOfWeek=["maanantai"])),
        master(full("weekly", daysOfWeek=[["monday"]])),
        master(full("weekly", daysOfWeek=["monday"], firstDayOfWeek="someday")),
        master(full("absoluteMonthly")),
        master(full("absoluteYearly", dayOfMonth=3)),
        master(full("relativeMonthly", daysOfWeek=["monday"], index="fifth")),
        master(DAILY, {"type": "forever"}),
        master(DAILY, {"type": "numbered"}),
        master(DAILY, {"type": "endDate"}),
        master(DAILY, {"type": "endDate", "endDate": "soon"}),
        master(DAILY, {"type": "noEnd", "startDate": None}),
        master(DAILY, recurrence=None),
        master(DAILY, recurrence={"pattern": DAILY}),
        master(DAILY, start=None),
        master(DAILY, start=at("soon", "UTC")),
        master(DAILY, end=None),
    ],
)
def test_what_has_no_meaning(item: dict[str, Any]) -> None:
    """It cannot be read; no failure but ValueError leaves the parser, and that never for want of a zone (P16c)."""
    with pytest.raises(ValueError, match=r".*"):
        parse_series(item)


def test_cancelled_occurrences() -> None:
    """They are named by their original date in the series' own zone; ids may have dots of their own."""
    found = {"cancelledOccurrences": ["OID.AAMk.x_-=.2026-03-29", "OID.AAMk.2026-01-02"]}
    assert cancelled_dates(found) == {date(2026, 3, 29), date(2026, 1, 2)}
    assert cancelled_dates({}) == frozenset()
    assert cancelled_dates({"cancelledOccurrences": None}) == frozenset()
    for wrong in (None, "", "OID.AAMk", 7):
        with pytest.raises(ValueError, match=r".*"):
            occurrence_date(wrong)


@pytest.mark.parametrize(
    ("known", "pattern"),
    [
        (made("2026-01-02"), {"type": "daily", "interval": 1}),
        (
            made("2026-01-02", Weekly(1, frozenset({Day.MONDAY, Day.FRIDAY}))),
            {"type": "weekly", "interval": 1, "daysOfWeek": ["monday", "friday"], "firstDayOfWeek": "monday"},
        ),
        (made("2026-01-31", MonthlyByDay(3, 31)), {"type": "absoluteMonthly", "interval": 3, "dayOfMonth": 31}),
        (
            made("2024-02-29", MonthlyByDay(12, 29)),
            {"type": "absoluteYearly", "interval": 1, "month": 2, "dayOfMonth": 29},
        ),
        (
            made("2026-04-30", MonthlyByDay(24, 31)),
            {"type": "absoluteYearly", "interval": 2, "month": 4, "dayOfMonth": 30},
        ),
    ],
)
def test_patterns_as_we_spell_them(known: Series, pattern: dict[str, Any]) -> None:
    """Only what the type takes, and no day that a month never has."""
    assert build_series(known)["recurrence"]["pattern"] == pattern


def test_zones_as_we_spell_them() -> None:
    """By their Windows names; by their own where they have none."""
    assert build_series(made("2026-01-02"))["start"] == {"dateTime": "2026-01-02T09:00:00", "timeZone": FLE}
    assert build_series(made("2026-01-02"))["recurrence"]["range"]["recurrenceTimeZone"] == FLE
    assert build_series(made("2026-01-02", at=clock(zone="Antarctica/Troll")))["end"]["timeZone"] == "Antarctica/Troll"
    whole = build_series(made("2026-01-02", at=WholeDays(2)))
    assert (whole["isAllDay"], whole["end"]) == (True, {"dateTime": "2026-01-04T00:00:00", "timeZone": "UTC"})


@pytest.mark.parametrize(
    ("times", "until", "ends"),
    [
        (None, None, {"type": "noEnd"}),
        (999, None, {"type": "numbered", "numberOfOccurrences": 999}),
        (1000, None, {"type": "endDate", "endDate": "2028-09-27"}),
        (None, "2026-01-31", {"type": "endDate", "endDate": "2026-01-31"}),
    ],
)
def test_ends_as_we_spell_them(times: int | None, until: str | None, ends: dict[str, Any]) -> None:
    """As they were given; more times than Outlook counts are a date."""
    sent = build_series(made("2026-01-02", times=times, until=until))["recurrence"]["range"]
    assert sent == {"startDate": "2026-01-02", "recurrenceTimeZone": FLE, **ends}


@pytest.mark.parametrize(
    "pattern",
    [
        Daily(3),
        Weekly(2, WEEKDAYS, Day.SUNDAY),
        MonthlyByDay(1, 31),
        MonthlyByDay(12, 24),
        MonthlyByWeekday(1, Ordinal.LAST, WEEKDAYS),
        MonthlyByWeekday(36, Ordinal.FIRST, MONDAY),
    ],
)
def test_the_official_schema(shared: Path, pattern: Pattern) -> None:
    """It allows what is sent."""
    schema = GraphSchema(shared / "schemas" / "graph-calendar.openapi.json")
    body = {"subject": "Review", **build_series(made("2026-01-31", pattern, clock(zone=NEW_YORK), times=5))}
    assert schema.check_request("POST", "/users/u/calendar/events", body=body) == []
