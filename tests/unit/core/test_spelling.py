"""What history keeps can be read again, whatever it was."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given

from core.model.essence import Essence, Field, with_exceptions
from core.model.exceptions import DateException
from core.model.pattern import Daily, Day, MonthlyByDay, MonthlyByWeekday, Ordinal, Pattern, Weekly
from core.model.recurrence import ClockTime, WholeDays, series
from core.model.spelling import essence_of, exception_of, when_of, with_value
from core.model.when import AllDay, Timed, When, canonical, timed
from tests.properties import worlds
from tests.support.series import TUESDAY, cancelled, nth, weekly
from tests.support.stage import at, entry

PATTERNS: list[Pattern] = [
    Daily(),
    Daily(3),
    Weekly(2, frozenset({Day.MONDAY, Day.SUNDAY}), Day.SUNDAY),
    MonthlyByDay(1, 31),
    MonthlyByWeekday(12, Ordinal.LAST, frozenset({Day.FRIDAY})),
]
TIMES = [ClockTime(time(10, 30, 5), timedelta(minutes=90), "Europe/Helsinki"), WholeDays(2)]


def values_of(essence: Essence) -> dict[str, str]:
    """As history keeps a removed entry."""
    return {str(name): essence.value(name) for name in sorted(essence.names())}


@pytest.mark.parametrize("pattern", PATTERNS, ids=str)
@pytest.mark.parametrize("at_time", TIMES, ids=str)
@pytest.mark.parametrize("until", [None, date(2030, 1, 1)])
def test_a_series(pattern: Pattern, at_time: ClockTime | WholeDays, until: date | None) -> None:
    """The same dates, clocks and end."""
    found = series(TUESDAY, at_time, pattern, until=until)
    assert when_of(canonical(found)) == found


def test_the_second_of_two_equal_hours() -> None:
    """The fold is part of it."""
    night = date(2026, 10, 25)
    found = series(night, ClockTime(time(3, 30), timedelta(hours=1), "Europe/Helsinki", fold=1), Daily())
    assert "*" in canonical(found)
    assert when_of(canonical(found)) == found


@pytest.mark.parametrize("when", [at(10), AllDay(TUESDAY, date(2026, 11, 26))], ids=str)
def test_a_single_time(when: When) -> None:
    """Instants to the second, dates as they are."""
    assert when_of(canonical(when)) == when


@pytest.mark.parametrize(
    "text",
    [
        *("", "timed", "timed 2026-11-24T10:00:00Z", "timed a b", "sometimes 2026-11-24 2026-11-25"),
        *(
            "series",
            "series 2026-11-24 hourly 1 a b endless all-day 1",
            "series 2026-11-24 weekly 1 xxx mon endless a b c",
        ),
        *("series 2026-11-24 daily 1 endless", "series 2026-11-24 daily 01 endless all-day 1"),
        "series 2026-11-24 monthly 1 seventh mon endless all-day 1",
    ],
)
def test_what_is_no_time(text: str) -> None:
    """It is refused, never guessed."""
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        when_of(text)


@given(worlds.essences())
def test_any_entry(essence: Essence) -> None:
    """What was removed can be made anew."""
    assert essence_of(values_of(essence)) == essence


def test_a_series_with_changed_dates() -> None:
    """Moved, edited and cancelled dates come along; texts keep their lines."""
    moved = DateException(date(2026, 12, 1), at(12, 8), "Other", "one\n\nthree", "There")
    essence = with_exceptions(entry("Weekly", weekly()), [moved, DateException(date(2026, 12, 8))])
    assert essence_of(values_of(essence)) == essence


def test_an_entry_of_which_something_is_missing() -> None:
    """It cannot be made anew."""
    kept = values_of(entry("Lunch"))
    del kept[Field.TEXT]
    with pytest.raises(ValueError, match="no text"):
        essence_of(kept)


@pytest.mark.parametrize("name", list(Field))
def test_one_value(name: Field) -> None:
    """That field is as it is spelt, the others as they were."""
    before = entry("Lunch", at(10), "text", "place")
    after = entry("Dinner", timed(at(18).start, at(18).end), "other", "elsewhere", private=True)
    put_back = with_value(before, name, after.value(name))
    assert put_back.value(name) == after.value(name)
    assert {n: put_back.value(n) for n in Field if n != name} == {n: before.value(n) for n in Field if n != name}


def test_a_time_keeps_its_zone() -> None:
    """A zone is carried, not compared, so history does not know it."""
    before = entry("Lunch", Timed(at(10).start, at(10).end, "Europe/Helsinki"))
    restored = with_value(before, Field.TIME, canonical(at(12))).when
    assert isinstance(restored, Timed)
    assert (restored, restored.zone) == (at(12), "Europe/Helsinki")
    whole_day = AllDay(TUESDAY, date(2026, 11, 25))
    assert with_value(before, Field.TIME, canonical(whole_day)).when == whole_day


def test_a_date_of_a_series() -> None:
    """As it was, cancelled, or as the series says."""
    day = date(2026, 12, 1)
    plain = entry("Weekly", weekly())
    other = DateException(day, at(12, 8), "Other")
    changed = with_value(plain, other.name, other.spelling)
    assert changed.exceptions == (other,)
    assert with_value(changed, other.name, "cancelled").exceptions == (DateException(day),)
    assert with_value(changed, other.name, "") == plain
    assert exception_of(day, other.spelling) == other


def test_a_time_that_has_fewer_dates() -> None:
    """What was different on those that it lacks is gone, as everywhere."""
    held = cancelled(entry("Lunch", weekly(times=4)), nth(1), nth(2))
    assert with_value(held, Field.TIME, canonical(weekly(times=2))).exceptions == held.exceptions[:1]
    assert with_value(held, Field.TIME, canonical(at(11))).exceptions == ()
