"""Which date of a Severa series is which (core/sync/series.py): no row says so, the link remembers."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from core.model.essence import Essence, with_exceptions
from core.model.exceptions import DateException
from core.model.sighting import Activity
from core.model.stretch import AllDay
from core.sync.series import as_remembered, doubtful
from tests.support.pictures import DIGESTER, activity, at, entry, linked
from tests.support.series import cancelled, nth, weekly

LUNCH = entry("Lunch", weekly(times=9))
"""Tuesdays at eight, UTC, today being day 0 of `at`."""


def moved(number: int, day: float, subject: str = "Lunch") -> DateException:
    """The occurrence of that number, moved to so many days from now, at three."""
    return DateException(nth(number), at(15, day=int(day)), subject)


def off(number: int) -> DateException:
    """The occurrence of that number, cancelled."""
    return DateException(nth(number))


def with_dates(*exceptions: DateException) -> Essence:
    """The series with these."""
    return with_exceptions(LUNCH, exceptions)


def seen(remembered: Iterable[DateException], *told: DateException) -> Essence:
    """What is made of a series that is told so, where the link remembers that."""
    link = linked(with_dates(*remembered))
    return as_remembered(activity(with_dates(*told)), link, DIGESTER).essence


def test_nothing_is_remembered() -> None:
    """The dates are as Severa's rows are read."""
    told = (moved(1, 8), off(2))
    assert seen((), *told) == with_dates(*told)


def test_dates_that_are_as_they_were() -> None:
    """Nothing to put right, and new exceptions besides are taken as they are read."""
    held = activity(with_dates(moved(1, 8), off(2), moved(4, 29)))
    link = linked(with_dates(moved(1, 8), off(2)))
    assert as_remembered(held, link, DIGESTER) is held


def test_date_that_is_moved_beside_a_cancelled_one() -> None:
    """It is read as the cancelled one, and its own date as cancelled: a cancelled date does not come back by itself."""
    assert seen([off(1)], moved(1, 8), off(2)) == with_dates(off(1), moved(2, 8))


def test_date_that_is_moved_onto_a_cancelled_one() -> None:
    """It is read as if the cancelled date were as the series says."""
    lunch_on_it = DateException(nth(2), at(8, day=7), "Lunch")
    assert seen([off(1)], off(2)) == with_dates(off(1), lunch_on_it)


def test_cancelled_date_that_is_as_the_series_says_again() -> None:
    """Where no other date is missing there is nothing that could be on it: the series is another one by now."""
    assert seen([off(1)]) == LUNCH
    assert seen([off(1), off(2)], off(2)) == cancelled(LUNCH, nth(2))


def test_cancelled_date_that_a_new_end_brings_back() -> None:
    """Severa brings it back by itself then: it is not taken for another one that is cancelled since."""
    longer = replace(LUNCH, when=weekly(times=12))
    told = with_exceptions(longer, [off(2)])
    link = linked(with_dates(off(1)))
    assert as_remembered(activity(told), link, DIGESTER).essence == told


def test_date_that_is_cancelled_beside_a_moved_one() -> None:
    """The moved one is nearer to it, and is read as that date: it is what it was, and the other one is cancelled."""
    before = moved(1, 13, "Supper")
    assert seen([before], off(1), moved(2, 13, "Supper")) == with_dates(before, off(2))


def test_dates_of_another_series() -> None:
    """More dates were cancelled than are: nothing of it can be told, and it is taken as it is read."""
    told = (moved(1, 8), moved(2, 15))
    assert seen([off(1), off(2)], *told) == with_dates(*told)


def test_date_that_is_moved_once_more() -> None:
    """What is remembered of it does not fit any more: it is as it is read."""
    assert seen([moved(1, 8)], moved(1, 9)) == with_dates(moved(1, 9))
    assert seen([moved(1, 8)], moved(1, 9), off(3)) == with_dates(moved(1, 9), off(3))


def test_date_that_is_moved_once_more_and_two_that_changed_places() -> None:
    """Each of the others goes to the date that it is nearest to, of those that are free."""
    found = seen([off(1), moved(4, 29)], moved(1, 8), off(2), off(3), moved(4, 30))
    assert found == with_dates(off(1), moved(2, 8), off(3), moved(4, 30))


def test_changed_date_that_is_as_the_series_says_again() -> None:
    """Somebody put it back: that is what it is."""
    assert seen([moved(1, 8)]) == LUNCH
    assert seen([moved(1, 8)], off(3)) == with_dates(off(3))


def test_cancelled_date_that_the_series_does_not_have_any_more() -> None:
    """A shorter pattern has forgotten it."""
    shorter = with_exceptions(entry("Lunch", weekly(times=3)), [off(1)])
    held = as_remembered(activity(shorter), linked(with_dates(off(1), off(5))), DIGESTER)
    assert held.essence == shorter


def test_date_that_nobody_disputes() -> None:
    """It stays where it is read, though another one is nearer; only what was taken for a cancelled one moves on."""
    assert seen([off(1)], moved(1, 8), moved(2, 20), off(3)) == with_dates(off(1), moved(2, 20), moved(3, 8))


def test_whole_days() -> None:
    """The same for dates without a time of day."""
    days = entry("Fair", weekly(times=9, days=1))
    there, gone = DateException(nth(1), replace(days.on(nth(1)).when, first=nth(1).replace(day=2)), "Fair"), off(2)
    link = linked(with_exceptions(days, [off(1)]))
    held: Activity = as_remembered(activity(with_exceptions(days, [there, gone])), link, DIGESTER)
    assert held.essence == with_exceptions(days, [off(1), replace(there, day=nth(2))])


# --- what is not believed at once -------------------------------------------------------------------------------------
def doubted(remembered: Iterable[DateException], *told: DateException) -> list[DateException]:
    """The dates on which what is told needs a proof, where the link remembers that."""
    return doubtful(activity(with_dates(*told)), linked(with_dates(*remembered)), DIGESTER)


def test_a_date_that_is_newly_cancelled_or_on_another_day() -> None:
    """It needs a proof, since the row that says what it is may be missing, or be another date's."""
    assert doubted((), off(1), moved(2, 16)) == [off(1), moved(2, 16)]


def test_a_date_that_is_remembered_so_or_stays_on_its_day() -> None:
    """It needs none."""
    assert doubted([off(1), moved(2, 16)], off(1), moved(2, 16), moved(3, 21)) == []


def test_a_whole_day_that_is_moved() -> None:
    """It needs a proof on another day alone; what has hours now is where its own clocks say."""
    days, day = entry("Fair", weekly(times=9, days=1)), timedelta(days=1)
    there = DateException(nth(1), AllDay(nth(1), nth(1) + 2 * day), "Fair")
    beside = DateException(nth(2), AllDay(nth(2) + day, nth(2) + 2 * day), "Fair")
    hours = DateException(nth(3), at(15, day=21), "Fair")
    held = activity(with_exceptions(days, [there, beside, hours]))
    assert doubtful(held, linked(days), DIGESTER) == [beside]
