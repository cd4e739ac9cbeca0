"""Series as the clocks of Severa's owner tell them (R23): the same moments, other dates perhaps."""

from dataclasses import replace
from datetime import date, timedelta

from core.model.exceptions import DateException
from core.model.expand import occurrence_on
from core.model.pattern import Day, Weekly
from core.model.when import Series
from core.sync.clocks import by_owners_clocks, on_day
from tests.support.pictures import at, entry, event
from tests.support.series import HELSINKI, cancelled, changed, nth, weekly

TOKYO, NEW_YORK = "Asia/Tokyo", "America/New_York"


def starts(when: object, *days: date) -> list[object]:
    """When the series begins on those dates, in UTC."""
    assert isinstance(when, Series)
    return [getattr(occurrence_on(when, day), "start", None) for day in days]


def test_single_entry() -> None:
    """It is told by instants: whose clocks show them does not matter."""
    assert by_owners_clocks(event(), TOKYO) == event()


def test_series_in_the_owners_zone() -> None:
    """It is as it is."""
    held = event(cancelled(entry("Lunch", weekly()), nth(1)))
    assert by_owners_clocks(held, HELSINKI) == held


def test_series_in_another_zone_on_the_same_dates() -> None:
    """It is told by the owner's clocks, and that it is an hour off in some weeks is told besides."""
    held = event(cancelled(entry("Lunch", weekly(zone=NEW_YORK)), nth(1)))
    told = by_owners_clocks(held, HELSINKI)
    assert starts(told.essence.when, nth(0), nth(2)) == starts(held.essence.when, nth(0), nth(2))
    assert told.essence.when != held.essence.when
    assert (told.essence.exceptions, told.days_apart) == ((DateException(nth(1)),), 0)
    assert (told.remarks, told.not_held) == (("time_zone_not_the_owners",), "")


def test_series_that_is_on_the_day_before_by_the_owners_clocks() -> None:
    """Tuesday at three in Tokyo is Monday evening in Helsinki: its exceptions and guests move along, by how far."""
    content = entry("Lunch", weekly(hour=3, zone=TOKYO, times=4))
    held = event(changed(cancelled(content, nth(2)), nth(1), subject="Dinner"))
    told = by_owners_clocks(replace(held, guests=((nth(1), "carl@example.com"),)), HELSINKI)
    day_before = timedelta(days=-1)
    assert told.guests == ((nth(1) + day_before, "carl@example.com"),)
    assert told.days_apart == -1
    assert [one.day for one in told.essence.exceptions] == [nth(1) + day_before, nth(2) + day_before]
    dinner, gone = told.essence.exceptions
    assert (dinner.subject, dinner.when, gone.is_cancelled) == ("Dinner", at(18, day=6), True)
    assert isinstance(told.essence.when, Series)
    assert told.essence.when.first == nth(0) + day_before


def test_series_that_severa_cannot_hold() -> None:
    """It stays as it is, and says by which rule."""
    fortnightly = Weekly(2, frozenset({Day.SUNDAY, Day.TUESDAY}), first_day=Day.SUNDAY)
    held = event(cancelled(entry("Lunch", weekly(pattern=fortnightly)), date(2026, 12, 6)))
    assert by_owners_clocks(held, HELSINKI) == replace(held, not_held="time_week_start")


def test_oddities_that_were_known_before() -> None:
    """They are told along with what the owner's clocks add."""
    held = replace(event(entry("Lunch", weekly(zone=NEW_YORK))), remarks=("time_zone_unknown",))
    assert by_owners_clocks(held, HELSINKI).remarks == ("time_zone_unknown", "time_zone_not_the_owners")


def test_exception_some_days_later() -> None:
    """Only its original date moves; when it takes place does not."""
    one = DateException(nth(1), at(9, day=7), "Dinner", "Menu", "Café")
    assert on_day(one, 1) == replace(one, day=date(2026, 12, 2))
    assert on_day(on_day(one, 1), -1) == one
