"""The dates of a series that are not as the series says (R12): what counts as one, and how it is spelt and named."""

from dataclasses import replace
from datetime import date

import pytest

from core.model.essence import PLAIN, with_exception, with_exceptions
from core.model.exceptions import DateChange, DateException, day_of, name_of
from core.model.ids import Side
from core.model.when import AllDay
from core.sync.digest import Digester
from tests.support.pictures import DIGESTER, at, entry
from tests.support.series import TUESDAY, cancelled, changed, nth, weekly

LUNCH = entry("Lunch", weekly(times=4), "Menu", "Café")
"""Four Tuesdays at ten in Helsinki, which is eight in UTC."""
WEDNESDAY = date(2026, 11, 25)


# --- names ------------------------------------------------------------------------------------------------------------
def test_name_of_a_date() -> None:
    """It can be told from every other field, and says which date."""
    assert name_of(TUESDAY) == "exception:2026-11-24"
    assert day_of("exception:2026-11-24") == TUESDAY
    assert [day_of(name) for name in PLAIN] == [None] * len(PLAIN)


def test_names_of_an_entry() -> None:
    """The fields that every entry has, and one for each exception."""
    assert LUNCH.names() == PLAIN
    assert cancelled(LUNCH, nth(1)).names() == {*PLAIN, "exception:2026-12-01"}


def test_change_of_a_date() -> None:
    """It is known by the original date, wherever it goes."""
    assert DateChange(at(8, day=7), DateException(nth(1), at(8, day=8))).day == nth(1)


# --- what takes place -------------------------------------------------------------------------------------------------
def test_ordinary_date() -> None:
    """It holds what the series says, by its clocks."""
    held = LUNCH.on(nth(1))
    assert held == DateException(nth(1), at(8, day=7), "Lunch", "Menu", "Café")
    assert LUNCH.exception(nth(1)) is None


def test_changed_and_cancelled_dates() -> None:
    """They hold what they hold instead."""
    held = cancelled(changed(LUNCH, nth(1), subject="Dinner"), nth(2))
    assert held.on(nth(1)) == DateException(nth(1), at(8, day=7), "Dinner", "Menu", "Café")
    assert held.on(nth(2)) == DateException(nth(2))
    assert [one.is_cancelled for one in held.exceptions] == [False, True]


@pytest.mark.parametrize("day", [WEDNESDAY, nth(-1), nth(4)], ids=["another weekday", "before", "after"])
def test_date_that_the_series_does_not_have(day: date) -> None:
    """Nothing takes place, and nothing can be said of it."""
    assert LUNCH.on(day) is None
    assert with_exceptions(LUNCH, [DateException(day, at(8), "Dinner")]) == LUNCH
    assert with_exceptions(LUNCH, [DateException(day)]) == LUNCH


def test_entry_that_is_no_series() -> None:
    """It has no dates."""
    assert entry().on(WEDNESDAY) is None
    assert with_exceptions(entry(), [DateException(WEDNESDAY)]) == entry()


# --- normal form ------------------------------------------------------------------------------------------------------
def test_date_that_is_as_the_series_says() -> None:
    """It is no exception, whoever says that it is."""
    assert with_exceptions(LUNCH, [DateException(nth(1), at(8, day=7), "Lunch", "Menu", "Café")]) == LUNCH


@pytest.mark.parametrize(
    "other",
    [
        DateException(nth(1), at(9, day=7), "Lunch", "Menu", "Café"),
        DateException(nth(1), at(8, day=7, hours=2), "Lunch", "Menu", "Café"),
        DateException(nth(1), AllDay(nth(1), nth(2)), "Lunch", "Menu", "Café"),
        DateException(nth(1), at(8, day=7), "lunch", "Menu", "Café"),
        DateException(nth(1), at(8, day=7), "Lunch", "", "Café"),
        DateException(nth(1), at(8, day=7), "Lunch", "Menu", ""),
        DateException(nth(1)),
    ],
)
def test_date_that_differs(other: DateException) -> None:
    """Anything that differs makes it an exception."""
    assert with_exceptions(LUNCH, [other]).exceptions == (other,)


def test_order_in_which_exceptions_are_told() -> None:
    """It does not matter; of two about one date the later one counts."""
    one, other = DateException(nth(1)), DateException(nth(2), at(9, day=14), "Dinner")
    assert with_exceptions(LUNCH, [other, one]) == with_exceptions(LUNCH, [one, other])
    assert with_exceptions(LUNCH, [other, one]).exceptions == (one, other)
    assert with_exceptions(LUNCH, [one, replace(other, day=nth(1))]).exceptions == (replace(other, day=nth(1)),)


def test_exceptions_of_before() -> None:
    """These exceptions, and none besides."""
    assert with_exceptions(cancelled(LUNCH, nth(1)), [DateException(nth(2))]) == cancelled(LUNCH, nth(2))
    assert with_exceptions(cancelled(LUNCH, nth(1)), []) == LUNCH


def test_one_date_is_set() -> None:
    """All others stay; None is what the series says."""
    two = cancelled(LUNCH, nth(1), nth(2))
    dinner = DateException(nth(2), at(9, day=14), "Dinner")
    assert with_exception(two, nth(2), dinner).exceptions == (DateException(nth(1)), dinner)
    assert with_exception(two, nth(2), None) == cancelled(LUNCH, nth(1))
    assert with_exception(two, nth(3), None) == two


# --- spelling ---------------------------------------------------------------------------------------------------------
def test_spelling() -> None:
    """All of it, in one order, so that equal ones have equal digests; nothing for a date that is as the series says."""
    held = cancelled(changed(LUNCH, nth(1), subject="Dinner", hour=9), nth(2))
    assert held.value(name_of(nth(1))) == "timed 2026-12-01T09:00:00Z 2026-12-01T10:00:00Z\nDinner\nCafé\nMenu"
    assert held.value(name_of(nth(2))) == "cancelled"
    assert held.value(name_of(nth(3))) == held.value(name_of(WEDNESDAY)) == ""


def test_digests_of_dates() -> None:
    """What is not there is not remembered; what is there differs from side to side."""
    held = cancelled(LUNCH, nth(1))
    there, here = DIGESTER.fields(Side.SEVERA, held), DIGESTER.fields(Side.MICROSOFT, held)
    assert there.keys() == here.keys() == held.names()
    assert there[name_of(nth(1))] != here[name_of(nth(1))]
    assert DIGESTER.field(Side.SEVERA, name_of(nth(2)), held) == ""
    other = Digester(b"another company's key..........").field(Side.SEVERA, name_of(nth(1)), held)
    assert other != there[name_of(nth(1))]
