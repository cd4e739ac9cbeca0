"""Values as history keeps them, read again (core/model/spelling.py)."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from core.model.essence import Essence, Field
from core.model.exceptions import DateException, name_of
from core.model.pattern import Daily, Day, MonthlyByDay, MonthlyByWeekday, Ordinal, Weekly
from core.model.recurrence import ClockTime, series
from core.model.spelling import essence_of, exception_of, when_of, with_value
from core.model.when import AllDay, Timed, When, canonical, timed
from tests.support.pictures import at, entry
from tests.support.series import HELSINKI, TUESDAY, cancelled, changed, nth, weekly

DAYS = AllDay(date(2026, 12, 1), date(2026, 12, 4))
TWICE = ClockTime(time(3, 30), timedelta(hours=1), HELSINKI, fold=1)
FULL = cancelled(changed(entry("Lunch", weekly(times=4), "Menu\nBill", "Café"), nth(1), subject="Dinner"), nth(2))


@pytest.mark.parametrize(
    "when",
    [
        at(11),
        DAYS,
        weekly(),
        weekly(times=4),
        weekly(days=2, until=date(2027, 1, 1)),
        weekly(pattern=Daily(3)),
        weekly(pattern=Weekly(2, frozenset({Day.MONDAY, Day.SUNDAY}), first_day=Day.SUNDAY)),
        weekly(pattern=MonthlyByDay(2, 24)),
        weekly(pattern=MonthlyByWeekday(12, Ordinal.LAST, frozenset({Day.TUESDAY, Day.FRIDAY}))),
        series(date(2026, 10, 25), TWICE, Daily(1), times=2),
    ],
    ids=lambda when: canonical(when),
)
def test_time(when: When) -> None:
    """What is spelt is read as the same."""
    assert when_of(canonical(when)) == when


@pytest.mark.parametrize(
    "text",
    [
        "",
        "timed",
        "timed 2026-11-25T11:00:00Z",
        "timed 2026-11-25 2026-11-26",
        "timed 2026-11-25T11:00:00Z 2026-11-25T12:00:00Z extra",
        "all-day 2026-11-25 tomorrow",
        "whole-day 2026-11-25 2026-11-26",
        "series",
        "series 2026-11-24 daily",
        "series 2026-11-24 yearly 1 day 24 endless 10:00:00 +3600 Europe/Helsinki",
        "series 2026-11-24 weekly 1 someday monday endless 10:00:00 +3600 Europe/Helsinki",
        canonical(weekly()).replace("endless", "never"),
        canonical(weekly()) + " extra",
    ],
)
def test_something_that_is_no_time(text: str) -> None:
    """It is refused, never guessed."""
    with pytest.raises(ValueError, match=r".+"):
        when_of(text)


@pytest.mark.parametrize("essence", [entry(), entry("", DAYS, private=True), FULL, replace(FULL, private=True)])
def test_entry(essence: Essence) -> None:
    """All of it is read again from its values, exceptions and all."""
    assert essence_of({str(name): essence.value(name) for name in essence.names()}) == essence


@pytest.mark.parametrize("name", list(Field))
def test_entry_of_which_a_value_is_missing(name: Field) -> None:
    """It is named."""
    values = {str(field): FULL.value(field) for field in Field if field is not name}
    with pytest.raises(ValueError, match=f"no {name}"):
        essence_of(values)


@pytest.mark.parametrize(
    ("name", "after"),
    [
        (Field.SUBJECT, replace(FULL, subject="Board")),
        (Field.TEXT, replace(FULL, text="")),
        (Field.LOCATION, replace(FULL, location="Room 7")),
        (Field.PRIVACY, replace(FULL, private=True)),
        (Field.TIME, replace(FULL, when=weekly(times=3))),
        (name_of(nth(1)), changed(FULL, nth(1), subject="Supper")),
        (name_of(nth(3)), cancelled(FULL, nth(3))),
        (name_of(nth(2)), replace(FULL, exceptions=FULL.exceptions[:1])),
    ],
)
def test_one_value(name: str, after: Essence) -> None:
    """That field is as it was spelt, every other one as it is; without a value a date is as the series says."""
    assert with_value(FULL, name, after.value(name)) == after


def test_privacy_that_is_taken_off() -> None:
    """Normal is not private."""
    assert not with_value(replace(FULL, private=True), Field.PRIVACY, "normal").private


@pytest.mark.parametrize(("held", "zone"), [(replace(at(9), zone=HELSINKI), HELSINKI), (DAYS, "UTC")])
def test_zone_of_a_time_that_comes_back(held: Timed | AllDay, zone: str) -> None:
    """No spelling has it: it stays the entry's, where it had one."""
    found = with_value(entry(when=held), Field.TIME, canonical(at(11))).when
    assert isinstance(found, Timed)
    assert (found, found.zone) == (at(11), zone)
    assert with_value(entry(when=held), Field.TIME, canonical(DAYS)).when == DAYS


def test_date_of_a_series() -> None:
    """Cancelled, or all that takes place then; a text may have any number of lines."""
    dinner = DateException(TUESDAY, timed(at(9).start, at(9).end), "Dinner", "One\n\nThree", "Café")
    assert exception_of(TUESDAY, dinner.spelling) == dinner
    assert exception_of(TUESDAY, "cancelled") == DateException(TUESDAY)
    assert exception_of(TUESDAY, replace(dinner, when=DAYS).spelling).when == DAYS


@pytest.mark.parametrize("text", ["", "postponed", "timed 2026-11-25T11:00:00Z\nDinner\n\n", "Dinner\n\n\n"])
def test_something_that_is_no_date(text: str) -> None:
    """It is refused, never guessed."""
    with pytest.raises(ValueError, match=r".+"):
        exception_of(TUESDAY, text)
