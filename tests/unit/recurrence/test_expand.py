"""Occurrences: both edges of daylight saving, far windows, first and last ones."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest

from core.model.expand import has_occurrence_after, last_occurrence, nth, occurrence_on, occurrences, original_date
from core.model.pattern import WEEKDAYS, Daily, Day, MonthlyByDay, MonthlyByWeekday, Ordinal, Pattern, Weekly
from core.model.recurrence import WholeDays
from core.model.when import AllDay, Window
from tests.unit.recurrence.made import HELSINKI, LORD_HOWE, NEW_YORK, clock, made, on, shown


@pytest.mark.parametrize(
    ("zone", "start", "since", "expected"),
    [
        # forward: at three in Helsinki, at two in New York, at two by half an hour on Lord Howe
        (HELSINKI, "09:00", "2026-03-28", ["03-28 07:00/08:00", "03-29 06:00/07:00", "03-30 06:00/07:00"]),
        (HELSINKI, "02:30", "2026-03-28", ["03-28 00:30/01:30", "03-29 00:30/01:30", "03-29 23:30/00:30"]),
        (HELSINKI, "03:30", "2026-03-28", ["03-28 01:30/02:30", "03-29 01:30/02:30", "03-30 00:30/01:30"]),
        (NEW_YORK, "02:15", "2026-03-07", ["03-07 07:15/08:15", "03-08 07:15/08:15", "03-09 06:15/07:15"]),
        (LORD_HOWE, "02:15", "2026-10-02", ["10-02 15:45/16:45", "10-03 15:45/16:45", "10-04 15:15/16:15"]),
        # back: at four in Helsinki, at two in New York, at two by half an hour on Lord Howe
        (HELSINKI, "09:00", "2026-10-24", ["10-24 06:00/07:00", "10-25 07:00/08:00", "10-26 07:00/08:00"]),
        (HELSINKI, "03:30", "2026-10-24", ["10-24 00:30/01:30", "10-25 00:30/02:30", "10-26 01:30/02:30"]),
        (NEW_YORK, "01:15", "2026-10-31", ["10-31 05:15/06:15", "11-01 05:15/07:15", "11-02 06:15/07:15"]),
        (LORD_HOWE, "01:45", "2026-04-03", ["04-03 14:45/15:45", "04-04 14:45/16:15", "04-05 15:15/16:15"]),
    ],
)
def test_a_daily_series_when_clocks_are_moved(zone: str, start: str, since: str, expected: list[str]) -> None:
    """It keeps its time of day; a time that is skipped moves forward, of two equal ones it is the first (P18, P22b)."""
    known = made("2020-01-01", at=clock(start, 60, zone))
    assert shown(known, 3, since) == expected


def test_a_series_that_begins_in_the_second_of_two_equal_hours() -> None:
    """Its fold holds for every occurrence whose time comes twice, and for no other."""
    known = made("2026-10-25", Weekly(1, frozenset({Day.SUNDAY})), clock("03:30", 30, fold=1))
    assert shown(known, 2) == ["10-25 01:30/02:00", "11-01 01:30/02:00"]
    assert shown(known, 1, "2027-03-27") == ["03-28 01:30/02:00"]
    assert shown(known, 1, "2027-10-30") == ["10-31 01:30/02:00"]


def test_clocks_that_are_moved_at_midnight() -> None:
    """In Cairo the day begins at one then; no date is lost."""
    known = made("2026-04-23", at=clock("00:00", 30, "Africa/Cairo"), times=3)
    assert on(known, 5) == ["2026-04-23", "2026-04-24", "2026-04-25"]
    assert shown(known, 3) == ["04-22 22:00/22:30", "04-23 22:00/22:30", "04-24 21:00/21:30"]


def test_a_date_that_a_whole_country_skipped() -> None:
    """Samoa had no 30 December 2011: that occurrence is a day later, and each is found by its start or its twin's."""
    known = made("2011-12-29", at=clock("09:00", 60, "Pacific/Apia"), times=3)
    assert on(known, 5) == ["2011-12-29", "2011-12-30", "2011-12-31"]
    assert shown(known, 3) == ["12-29 19:00/20:00", "12-30 19:00/20:00", "12-30 19:00/20:00"]
    assert original_date(known, datetime(2011, 12, 30, 19, tzinfo=UTC)) == date(2011, 12, 31)
    cut = made("2011-12-29", at=clock("09:00", 60, "Pacific/Apia"), times=2)
    assert original_date(cut, datetime(2011, 12, 30, 19, tzinfo=UTC)) == date(2011, 12, 30)


def test_nights() -> None:
    """From ten to six is what clocks show, also in the two nights that are not eight hours long."""
    known = made("2020-01-01", at=clock("22:00", 480))
    assert shown(known, 2, "2026-03-28T12:00") == ["03-28 20:00/03:00", "03-29 19:00/03:00"]
    assert shown(known, 2, "2026-10-24T12:00") == ["10-24 19:00/04:00", "10-25 20:00/04:00"]


def test_whole_days() -> None:
    """They are dates in no zone, shown by any window that touches them in any zone."""
    known = made("2026-01-30", MonthlyByDay(1, 31), WholeDays(2))
    window = Window(datetime(2026, 3, 3, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC))
    assert list(occurrences(known, window)) == [
        (date(2026, 2, 28), AllDay(date(2026, 2, 28), date(2026, 3, 2))),
        (date(2026, 3, 31), AllDay(date(2026, 3, 31), date(2026, 4, 2))),
    ]


def test_an_endless_series_far_in_the_future() -> None:
    """A window of any year costs the same; Exchange's calendar ends in 4500."""
    known = made("1990-01-01", Weekly(1, WEEKDAYS))
    assert on(known, 2, "3990-01-01") == ["3990-01-01", "3990-01-02"]
    assert on(known, 9, "4500-08-30") == ["4500-08-30", "4500-08-31"]
    assert on(known, 9, "4600-01-01") == []


@pytest.mark.parametrize(
    "pattern",
    [Daily(9999), Weekly(9999, WEEKDAYS), MonthlyByDay(9999, 31), MonthlyByWeekday(9999, Ordinal.LAST, WEEKDAYS)],
)
def test_windows_at_the_ends_of_time(pattern: Pattern) -> None:
    """Windows may lie at the first and the last instant that can be named, however far apart occurrences are."""
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    for known in (made("2026-01-05", pattern), made("2026-01-05", pattern, times=1)):
        assert list(occurrences(known, Window(first, first))) == []
        assert list(occurrences(known, Window(last, last))) == []
        assert next(occurrences(known, Window(first, last)))[0] == known.first
    assert len(list(occurrences(made("2026-01-05", pattern, times=1), Window(first, last)))) == 1


def test_a_series_is_read_as_far_as_it_is_asked() -> None:
    """Expansion is lazy (P16d)."""
    ever = Window(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    assert len(list(islice(occurrences(made("1990-01-01"), ever), 5))) == 5


@pytest.mark.untraced
def test_two_years_of_an_endless_daily_series() -> None:
    """They take a few milliseconds; thirty are allowed to a busy machine, in the best of five runs."""
    known, start = made("1990-01-01"), datetime(2026, 1, 1, tzinfo=UTC)
    window, took = Window(start, start + timedelta(days=730)), []
    for _ in range(5):
        began = time.process_time()
        assert len(list(occurrences(known, window))) == 730
        took.append(time.process_time() - began)
    assert min(took) < 0.03


def test_by_number() -> None:
    """From 1, as EWS counts, up to the last one."""
    known = made("2026-01-05", Daily(2), times=3)
    assert [found and found[0].isoformat() for found in (nth(known, n) for n in (1, 3, 4))] == [
        "2026-01-05",
        "2026-01-09",
        None,
    ]
    endless = nth(made("2026-01-05"), 1_000_000)
    assert endless is None
    with pytest.raises(ValueError, match="from 1"):
        nth(known, 0)


def test_by_original_date() -> None:
    """The first and the last one are occurrences like any other (P15); a date that the pattern has not is none."""
    known = made("2026-01-05", Daily(2), times=3)
    found = [occurrence_on(known, date(2026, 1, day)) for day in (3, 5, 6, 9, 11)]
    assert [when is not None for when in found] == [False, True, False, True, False]


def test_by_start() -> None:
    """The date is that in the series' own zone (P14)."""
    known = made("2026-01-05", at=clock("01:00"))
    assert original_date(known, datetime(2026, 3, 28, 23, tzinfo=UTC)) == date(2026, 3, 29)
    assert original_date(known, datetime(2026, 3, 29, 22, tzinfo=UTC)) == date(2026, 3, 30)
    assert original_date(known, datetime(2026, 3, 29, 23, tzinfo=UTC)) is None
    whole = made("2026-01-05", at=WholeDays())
    assert original_date(whole, datetime(2026, 1, 7, tzinfo=UTC)) == date(2026, 1, 7)
    assert original_date(whole, datetime(2026, 1, 4, tzinfo=UTC)) is None


def test_the_last_one() -> None:
    """It is known of every series that has an end."""
    found = last_occurrence(made("2026-01-05", MonthlyByWeekday(12, Ordinal.LAST, WEEKDAYS), times=3))
    assert found is not None
    assert found[0] == date(2028, 1, 31)
    assert last_occurrence(made("2026-01-05")) is None


def test_whether_one_is_still_to_come() -> None:
    """A series that began long ago counts while one that is not cancelled ends later (R7)."""
    known = made("2010-01-04", Weekly(1, frozenset({Day.MONDAY})), until="2026-01-05")
    last, before = datetime(2026, 1, 5, 8, tzinfo=UTC), timedelta(seconds=1)
    assert has_occurrence_after(known, last - before)
    assert not has_occurrence_after(known, last)
    assert not has_occurrence_after(known, last - before, {date(2026, 1, 5)})
    assert has_occurrence_after(known, last - timedelta(days=8), {date(2026, 1, 5)})
    assert has_occurrence_after(made("2010-01-04"), last)
    single = made("2026-01-05", times=1)
    assert not has_occurrence_after(single, last - before, {date(2026, 1, 5)})
