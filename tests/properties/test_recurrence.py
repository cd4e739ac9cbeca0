"""Recurrence against independent libraries, and what must hold of any series."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from core.adapters import zones
from core.adapters.graph import recurrence as graph
from core.adapters.severa import recurrence as severa
from core.model import pattern as patterns
from core.model.dates import dates
from core.model.expand import (
    has_occurrence_after,
    last_occurrence,
    nth,
    occurrence_on,
    occurrences,
    original_date,
)
from core.model.pattern import EVERY_DAY, Daily, Day, MonthlyByDay, MonthlyByWeekday, Ordinal, Pattern, Weekly
from core.model.recurrence import ClockTime, Series, WholeDays, canonical, count, instant, is_skipped, series
from core.model.rezone import in_zone, moved
from core.model.when import Timed, Window, around, ends_at
from core.sync.narrow import Rule, on_microsoft, on_severa
from tests.support.recurring import (
    BY_DAY,
    BY_WEEKDAY,
    DAILY,
    DAY_SETS,
    PATTERNS,
    STARTS,
    WEEKLY,
    ZONES,
    clock_times,
    every_series,
    first_of,
    others_dates,
    others_occurrences,
    starts_for,
)

ALWAYS = Window(datetime(1601, 1, 3, tzinfo=UTC), datetime(4500, 8, 29, tzinfo=UTC))
WINDOWS = st.builds(
    lambda start, hours: Window(start, start + timedelta(hours=hours)),
    st.datetimes(datetime(2017, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - zone beside it
    st.integers(0, 24 * 800),
)
SERIES = every_series()
ALIKE: st.SearchStrategy[Pattern] = st.one_of(
    st.builds(Daily, st.sampled_from([1, 2, 7, 14])),
    st.builds(Weekly, st.sampled_from([1, 2]), DAY_SETS, st.sampled_from(Day)),
    st.builds(MonthlyByDay, st.sampled_from([1, 6, 12]), st.sampled_from([1, 2, 29, 30, 31])),
    st.builds(
        MonthlyByWeekday,
        st.sampled_from([1, 6, 12]),
        st.sampled_from(Ordinal),
        st.sampled_from([EVERY_DAY, EVERY_DAY, frozenset({Day.MONDAY})]),
    ),
)
"""Few enough for many ways to say the same."""


def _alike(start: date, one: Pattern, other: Pattern) -> bool:
    """Whether both have the same dates: 150 of them go through every month that they visit, a leap February too."""
    first, second = dates(start, one), dates(start, other)
    return all(first.at(index) == second.at(index) for index in range(150))


def _same(one: Series, other: Series) -> bool:
    return one == other and one.counted == other.counted


# --- dates -----------------------------------------------------------------------------------------------------------
@given(start=STARTS, pattern=st.one_of(DAILY, WEEKLY, BY_DAY, BY_WEEKDAY))
def test_dates_by_dateutil(start: date, pattern: Pattern) -> None:
    """The dates of any pattern are those of python-dateutil, with Exchange's rule for short months."""
    rule = dates(start, pattern)
    assert [rule.at(index) for index in range(80)] == first_of(others_dates(start, pattern), 80)


@given(start=STARTS, pattern=PATTERNS, day=st.dates(date(2017, 1, 1), date(2060, 1, 1)))
def test_the_index_of_a_date(start: date, pattern: Pattern, day: date) -> None:
    """The index of any day is that of the first date on or after it."""
    rule = dates(start, pattern)
    index = rule.index(day)
    assert rule.at(index) >= day
    assert index == 0 or rule.at(index - 1) < day


@given(start=STARTS, pattern=PATTERNS)
def test_normal_form_keeps_the_dates(start: date, pattern: Pattern) -> None:
    """The normal form of a pattern has the same dates, and is its own normal form."""
    before = dates(start, pattern)
    made = series(start, WholeDays(), pattern)
    after = dates(made.first, made.pattern)
    assert [after.at(index) for index in range(80)] == [before.at(index) for index in range(80)]
    assert patterns.normal(made.pattern, made.first) == made.pattern
    assert series(made.first, made.time, made.pattern) == made


@given(start=STARTS, one=ALIKE, other=ALIKE)
def test_equal_dates_are_equal_series(start: date, one: Pattern, other: Pattern) -> None:
    """Two series of the same dates compare equal and are spelt alike; others do neither."""
    first, second = series(start, WholeDays(), one), series(start, WholeDays(), other)
    alike = _alike(start, one, other)
    assert (first == second) == alike == (canonical(first) == canonical(second))


@given(start=STARTS, pattern=PATTERNS, times=st.integers(1, 60))
def test_a_number_of_times_or_a_date(start: date, pattern: Pattern, times: int) -> None:
    """So many times, and until the date of the last of them, is the same series."""
    counted = series(start, WholeDays(), pattern, times=times)
    assert counted.last is not None
    assert count(counted) == times
    gap = (dates(start, pattern).at(times) - counted.last).days
    for until in (counted.last, counted.last + timedelta(days=gap - 1)):
        dated = series(start, WholeDays(), pattern, until=until)
        assert dated == counted
        assert (dated.counted, counted.counted) == (False, True)


# --- occurrences -----------------------------------------------------------------------------------------------------
@given(data=st.data(), at=clock_times(most_minutes=12 * 60), pattern=PATTERNS)
def test_occurrences_by_recurring_ical_events(data: st.DataObject, at: ClockTime, pattern: Pattern) -> None:
    """Instants are those of recurring-ical-events, on both edges of daylight saving; it has no word for a fold."""
    known = series(data.draw(starts_for(at)), replace(at, fold=0), pattern)
    until = known.first + timedelta(days=400)
    expected = others_occurrences(known, known.first, until)
    view = Window(instant(datetime.combine(known.first, time()), ZoneInfo(at.zone)), datetime.max.replace(tzinfo=UTC))
    found = [(day, when) for day, when in takewhile(lambda one: one[0] < until, occurrences(known, view))]
    assert [when.start for _, when in found if isinstance(when, Timed)] == [begin for begin, _ in expected]
    for (day, when), (_, end) in zip(found, expected, strict=True):
        assert isinstance(when, Timed)
        if is_skipped(datetime.combine(day, at.start), ZoneInfo(at.zone)):
            assert when.end - when.start == at.length
        else:
            assert when.end == max(when.start, end)


@given(known=SERIES, window=WINDOWS)
def test_any_window(known: Series, window: Window) -> None:
    """A window shows exactly the occurrences that touch it, in order, each with its original date."""
    shown = list(occurrences(known, window))
    number = dates(known.first, known.pattern).index((window.end + timedelta(days=3)).date()) + 1
    everything = (nth(known, index + 1) for index in range(number))
    expected = [
        one
        for one in everything
        if one is not None and around(one[1]).start <= window.end and around(one[1]).end >= window.start
    ]
    assert shown == expected
    assert all(occurrence_on(known, day) == when for day, when in shown)


@given(known=SERIES, skipped=st.integers(0, 50))
def test_original_dates(known: Series, skipped: int) -> None:
    """An occurrence is found by the instant of its start, but where clocks make two of them begin at once."""
    for day, when in islice(occurrences(known, ALWAYS), skipped, skipped + 20):
        start = when.start if isinstance(when, Timed) else datetime.combine(when.first, time(), UTC)
        assert original_date(known, start) == day
        assert original_date(known, start + timedelta(microseconds=1)) is None or isinstance(known.time, WholeDays)


@given(known=SERIES, cancelled=st.integers(0, 3), moment=WINDOWS)
def test_whether_something_is_still_to_come(known: Series, cancelled: int, moment: Window) -> None:
    """There is an occurrence after an instant while one that is not cancelled ends later; endless ones always have."""
    if known.last is None:
        assert has_occurrence_after(known, moment.start)
        assert last_occurrence(known) is None
        return
    everything = list(occurrences(known, ALWAYS))
    assert last_occurrence(known) == everything[-1]
    assert len(everything) == count(known)
    gone = {day for day, _ in everything[len(everything) - cancelled :]}
    expected = any(ends_at(when) > moment.start for day, when in everything if day not in gone)
    assert has_occurrence_after(known, moment.start, gone) == expected


# --- zones -----------------------------------------------------------------------------------------------------------
@given(known=SERIES, days=st.integers(-2, 2))
def test_moved_by_days(known: Series, days: int) -> None:
    """Where a pattern has the neighbouring dates, it has all of them."""
    after = moved(known, days)
    assume(after is not None)
    assert after is not None
    by, rules = timedelta(days=days), (dates(known.first, known.pattern), dates(after.first, after.pattern))
    assert [rules[1].at(index) for index in range(80)] == [rules[0].at(index) + by for index in range(80)]
    assert (after.last is None) == (known.last is None)
    assert after.counted == known.counted


@given(known=SERIES, zone=st.sampled_from(ZONES))
def test_in_another_zone(known: Series, zone: str) -> None:
    """What is called exact takes place at the same instants, by the other zone's clocks; the rest mostly does."""
    found = in_zone(known, zone)
    assume(found is not None)
    assert found is not None
    assert isinstance(known.time, WholeDays) or getattr(found.series.time, "zone", "") == zone
    before = [when for _, when in islice(occurrences(known, ALWAYS), 300)]
    after = [when for _, when in islice(occurrences(found.series, ALWAYS), 300)]
    assert len(before) == len(after)
    if found.exact:
        assert before == after
    else:
        for one, other in zip(before, after, strict=True):
            assert isinstance(one, Timed)
            assert isinstance(other, Timed)
            assert abs(one.start - other.start) <= timedelta(hours=2)


# --- what each side holds --------------------------------------------------------------------------------------------
@given(known=SERIES, zone=st.sampled_from(ZONES))
def test_severa_there_and_back(known: Series, zone: str) -> None:
    """What Severa can hold comes back as it was sent; what was narrowed once is not narrowed again."""
    narrowed = on_severa(known, zone)
    if narrowed.series is None:
        assert narrowed.rules
        return
    sent = json.loads(json.dumps(severa.build_series(narrowed.series, ZoneInfo(zone))))
    back = severa.parse_series(sent, ZoneInfo(zone))
    assert _same(back, narrowed.series)
    again = on_severa(back, zone)
    assert again.series == back
    assert set(again.rules) <= {Rule.YEARS_AS_MONTHS}


@given(known=SERIES)
def test_graph_there_and_back(known: Series) -> None:
    """What Graph can hold comes back as it was sent, in the zone that its Windows name stands for."""
    narrowed = on_microsoft(known)
    if narrowed.series is None:
        assert narrowed.rules
        return
    sent = json.loads(json.dumps(graph.build_series(narrowed.series)))
    back, remarks = graph.parse_series(sent)
    assert not remarks
    assert _same(back, _as_graph_names_it(narrowed.series))
    assert on_microsoft(back).series == back


@given(known=SERIES)
def test_graph_answering_in_utc(known: Series) -> None:
    """Start and end in UTC are as good, but where clocks skip the first start or end."""
    held = on_microsoft(known).series
    assume(held is not None)
    assert held is not None
    at = held.time
    sent = graph.build_series(held)
    if isinstance(at, ClockTime):
        zone, begin = ZoneInfo(at.zone), datetime.combine(held.first, at.start)
        assume(not is_skipped(begin, zone) and not is_skipped(begin + at.length, zone))
        for end, wall in (("start", begin), ("end", begin + at.length)):
            spelt = instant(wall, zone).strftime("%Y-%m-%dT%H:%M:%S.0000000")
            sent[end] = {"dateTime": spelt, "timeZone": "UTC"}
    back, remarks = graph.parse_series(sent)
    assert not remarks
    assert _same(back, _as_graph_names_it(held))


@given(known=SERIES, zone=st.sampled_from(ZONES))
def test_graph_to_severa_and_back(known: Series, zone: str) -> None:
    """Both sides agree on what Severa holds: an event's series as Severa shows it is what Severa would send back."""
    held = on_severa(known, zone).series
    assume(held is not None)
    assert held is not None
    sent = on_microsoft(held)
    assume(sent.series is not None and Rule.SECOND_HOUR not in sent.rules)
    assert sent.series is not None
    event, _ = graph.parse_series(graph.build_series(sent.series))
    shown = on_severa(event, zone)
    assert shown.series == held
    assert set(shown.rules) <= {Rule.YEARS_AS_MONTHS}


def _as_graph_names_it(known: Series) -> Series:
    at = known.time
    if isinstance(at, WholeDays):
        return known
    name = zones.windows(at.zone)
    return known if name is None else replace(known, time=replace(at, zone=zones.iana(name)))
