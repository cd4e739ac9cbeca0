"""Series that are private, narrowed, or matched: what each side may hold of their dates (R10, R22, R6)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.essence import Essence, Field
from core.model.exceptions import DateException, name_of
from core.model.ids import Side
from core.model.link import Link, ParkReason
from core.model.operation import Agree, Create, LeaveOut, Park, Update
from core.model.pattern import Daily, MonthlyByDay
from core.model.policy import PrivateWithoutPersonal
from core.model.sighting import UNSEEN
from core.model.when import timed
from core.sync.eligible import activity_left_out, event_left_out
from core.sync.match import match
from core.sync.project import on_microsoft, on_severa
from core.sync.series import unhidden
from tests.support.pictures import (
    NO_PERSONAL,
    POLICY,
    activity,
    at,
    decided,
    entry,
    event,
    linked,
    only,
    told,
    written,
)
from tests.support.series import cancelled, changed, nth, weekly

SECRET = entry("Salary talk", weekly(times=4), "Numbers", "Room 7", private=True)
ONE, TWO = (name_of(nth(number)) for number in (1, 2))
SHOWN = entry("Private", weekly(times=4))
"""What Severa shows of it, where it cannot keep it private."""
FULL = cancelled(changed(changed(SECRET, nth(1), hour=12), nth(2), subject="Salary talk with Bo"), nth(3))
"""One date moved, one renamed, one cancelled."""


def masked_link(held: Essence = SECRET) -> Link:
    """The link of a masked series."""
    shown = on_severa(held, NO_PERSONAL).essence
    return linked(shown, held, kind="meeting", origin=Side.MICROSOFT, policy=NO_PERSONAL)


# --- masked (R10) -----------------------------------------------------------------------------------------------------
def test_mask_of_a_series() -> None:
    """Its dates show when they are and nothing else; a date that is only called otherwise is as the series says."""
    shown = on_severa(FULL, NO_PERSONAL).essence
    assert shown == cancelled(changed(SHOWN, nth(1), hour=12), nth(3))
    assert [one.subject for one in shown.exceptions] == ["Private", ""]
    assert "Bo" not in repr(shown)


def test_new_masked_series() -> None:
    """It is made with its mask on every date."""
    operation = only(decided(None, None, event(FULL), policy=NO_PERSONAL))
    assert isinstance(operation, Create)
    assert operation.draft.essence == on_severa(FULL, NO_PERSONAL).essence


def test_series_that_severa_keeps_private() -> None:
    """Nothing is hidden where there is a Personal type, nor in an activity that is private by itself."""
    assert on_severa(FULL, POLICY).essence == FULL
    assert on_severa(FULL, NO_PERSONAL, masked=False, kept=True).essence == FULL


def test_date_of_a_masked_series_is_moved_in_microsoft() -> None:
    """When it is travels; what it is does not."""
    decision = decided(masked_link(), UNSEEN, event(changed(SECRET, nth(1), hour=12)), policy=NO_PERSONAL)
    assert written(decision) == {Side.SEVERA: {ONE: "timed 2026-12-01T12:00:00Z 2026-12-01T13:00:00Z\nPrivate\n\n"}}


def test_date_of_a_masked_series_is_renamed_in_microsoft() -> None:
    """Nobody in Severa is the wiser."""
    renamed = changed(SECRET, nth(1), subject="Salary talk with Bo")
    assert only(decided(masked_link(), activity(SHOWN, "meeting"), event(renamed), policy=NO_PERSONAL)) == Agree()


def test_date_of_a_masked_series_is_moved_in_severa() -> None:
    """The mailbox gets the time, and keeps what the mask hides of that date."""
    renamed = changed(SECRET, nth(1), subject="Salary talk with Bo")
    there = activity(changed(SHOWN, nth(1), hour=12), "meeting")
    decision = decided(masked_link(renamed), there, event(renamed), policy=NO_PERSONAL)
    wanted = changed(renamed, nth(1), hour=12)
    assert written(decision) == {Side.MICROSOFT: {ONE: wanted.value(ONE)}}
    assert "Bo" in wanted.value(ONE)


def test_date_of_a_masked_series_is_cancelled_in_severa() -> None:
    """It is cancelled in the mailbox."""
    there = activity(cancelled(SHOWN, nth(1)), "meeting")
    assert written(decided(masked_link(), there, event(SECRET), policy=NO_PERSONAL)) == {
        Side.MICROSOFT: {ONE: "cancelled"}
    }


def test_masked_series_is_moved_in_severa() -> None:
    """The mailbox gets the new pattern, keeps what it is about, and its changed dates with what they are about."""
    later = weekly(hour=15, times=4)
    there = activity(replace(on_severa(changed(SECRET, nth(1), hour=12), NO_PERSONAL).essence, when=later), "meeting")
    here = changed(SECRET, nth(1), hour=12)
    decision = decided(masked_link(here), there, event(here), policy=NO_PERSONAL)
    (operation,) = decision.operations
    assert operation.side is Side.MICROSOFT
    assert operation.fields == {Field.TIME}
    assert operation.draft.essence == replace(here, when=later)


def test_mask_goes_on_and_off() -> None:
    """Every date hides what it holds, or shows it, together with its series."""
    for before, after in ((replace(FULL, private=False), FULL), (FULL, replace(FULL, private=False))):
        shown = on_severa(before, NO_PERSONAL).essence
        decision = decided(masked_link(before), activity(shown, "meeting"), event(after), policy=NO_PERSONAL)
        operation = only(decision)
        assert isinstance(operation, Update)
        assert operation.draft.essence == on_severa(after, NO_PERSONAL).essence
        assert operation.fields == {ONE, TWO, Field.SUBJECT, Field.TEXT, Field.LOCATION}


def test_mask_goes_off_while_a_date_is_cancelled_in_severa() -> None:
    """It is cancelled in the mailbox too: neither side can bring it back."""
    there = activity(cancelled(SHOWN, nth(1)), "meeting")
    decision = decided(masked_link(), there, event(replace(SECRET, private=False)), policy=NO_PERSONAL)
    assert written(decision)[Side.MICROSOFT] == {ONE: "cancelled"}
    assert ONE not in written(decision)[Side.SEVERA]
    assert not decision.notes


@pytest.mark.parametrize(
    ("shown", "hidden", "known"),
    [
        (SHOWN, SECRET, SHOWN),
        (cancelled(SHOWN, nth(1)), FULL, cancelled(SHOWN, nth(1))),
        (changed(SHOWN, nth(1), hour=15), FULL, changed(SHOWN, nth(1), hour=15)),
        (changed(SHOWN, nth(3), hour=15), FULL, changed(SHOWN, nth(3), hour=15)),
        (changed(SHOWN, nth(1), subject="Lunch"), SECRET, SHOWN),
    ],
    ids=["as the series says", "cancelled", "moved", "moved and cancelled in the mailbox", "renamed under the mask"],
)
def test_what_a_mask_hides(shown: Essence, hidden: Essence, known: Essence) -> None:
    """Each date is when Severa says, and about what the mailbox says of that date, else of the series."""
    found = unhidden(shown, hidden)
    assert replace(found, exceptions=()) == replace(shown, exceptions=())
    days = {one.day: one.when for one in known.exceptions}
    assert {one.day: one.when for one in found.exceptions} == days
    for one in found.exceptions:
        held = hidden.on(one.day)
        about = held if held is not None and held.when is not None else hidden
        assert one.is_cancelled or (one.subject, one.text) == (about.subject, about.text)


def test_mask_over_dates_that_the_mailbox_does_not_have() -> None:
    """A longer series in Severa: what is on its new dates is about what the series is about."""
    shown = changed(entry("Private", weekly(times=9)), nth(7), hour=15)
    (one,) = unhidden(shown, SECRET).exceptions
    assert (one.day, one.subject, one.text, one.location) == (nth(7), "Salary talk", "Numbers", "Room 7")


# --- narrowed (R22) ---------------------------------------------------------------------------------------------------
def test_dates_that_severa_cannot_hold_in_full() -> None:
    """Each is held like the series: a name is required, a place has its limit."""
    series = entry("Lunch", weekly(times=4))
    far = DateException(nth(1), at(9, day=7), "", "", "x" * 1001)
    held = on_severa(replace(series, exceptions=(far, DateException(nth(2)))), POLICY)
    one, other = held.essence.exceptions
    assert (one.subject, one.location, other.is_cancelled) == ("(No subject)", "x" * 1000, True)
    assert held.narrowed == ()


def test_dates_that_a_mailbox_cannot_hold_in_full() -> None:
    """The same, by a mailbox's limits."""
    series = entry("Lunch", weekly(times=4))
    far = DateException(nth(1), at(9, day=7), "x" * 300, "", "y" * 300)
    one, other = on_microsoft(replace(series, exceptions=(far, DateException(nth(2))))).essence.exceptions
    assert (one.subject, one.location, other.is_cancelled) == ("x" * 255, "y" * 255, True)


def test_date_that_differs_only_beyond_what_a_mailbox_holds() -> None:
    """It is no exception there."""
    series = entry("x" * 300, weekly(times=4))
    assert on_microsoft(changed(series, nth(1), subject="x" * 299)).essence.exceptions == ()


def test_series_that_a_mailbox_cannot_hold() -> None:
    """A newcomer is left out by the rule's name, a linked one rests; it stays as it is."""
    rare = entry("Lunch", weekly(pattern=Daily(1000)))
    assert on_microsoft(rare).essence == rare
    assert only(decided(None, activity(rare), None)) == LeaveOut("time_interval")
    assert only(decided(linked("Lunch"), activity(rare))) == Park(ParkReason.RECURRING, None)


def test_series_that_severa_cannot_hold() -> None:
    """The same the other way round; the mailbox's adapter says by which rule."""
    odd = replace(event(entry("Lunch", weekly())), not_held="time_weekday_set")
    assert only(decided(None, None, odd)) == LeaveOut("time_weekday_set")


def test_loss_of_a_series_is_told_where_its_time_is_written() -> None:
    """Seconds, say: once, by the rule's name."""
    every_day = weekly(pattern=MonthlyByDay(1, 24), times=4)
    at_second = replace(every_day, time=replace(every_day.time, start=every_day.time.start.replace(second=30)))
    assert set(told(decided(linked("Lunch"), activity(entry("Lunch", at_second))))) == {"time_seconds"}
    link = linked(entry("Lunch", at_second), entry("Lunch", every_day))
    assert not decided(link, activity(entry("Dinner", at_second))).notes


# --- newcomers (R6, R7) -----------------------------------------------------------------------------------------------
EDGE = POLICY.first_sync - timedelta(days=30)
"""26 July 2026, noon UTC."""
LAST = EDGE.date() - timedelta(days=1)


def old(essence: Essence) -> tuple[str, str]:
    """What either side's newcomer is left out for."""
    return activity_left_out(activity(essence), POLICY), event_left_out(event(essence), POLICY)


def test_series_whose_last_date_was_long_ago() -> None:
    """Too old, unless a date is still to come: without an end there always is one."""
    assert old(entry("Lunch", weekly(LAST - timedelta(weeks=2), times=3))) == ("too_old", "too_old")
    assert old(entry("Lunch", weekly(LAST - timedelta(weeks=2), times=4))) == ("", "")
    assert old(entry("Lunch", weekly(LAST - timedelta(weeks=99)))) == ("", "")


def test_series_whose_later_dates_are_cancelled() -> None:
    """The last one that takes place counts."""
    ended = entry("Lunch", weekly(LAST - timedelta(weeks=2), times=4))
    assert old(cancelled(ended, LAST + timedelta(weeks=1))) == ("too_old", "too_old")


def test_series_of_which_a_date_was_moved_to_later() -> None:
    """It is still to come."""
    ended = entry("Lunch", weekly(LAST - timedelta(weeks=2), times=3))
    for later in (at(9, day=1), timed(EDGE, EDGE)):
        assert old(replace(ended, exceptions=(DateException(LAST, later, "Lunch"),))) == ("", "")


def test_series_of_which_the_last_date_was_moved_to_earlier() -> None:
    """It was where it was moved to."""
    ended = entry("Lunch", weekly(LAST - timedelta(weeks=2), times=4))
    last = LAST + timedelta(weeks=1)
    assert old(replace(ended, exceptions=(DateException(last, at(9, day=-150), "Lunch"),))) == ("too_old", "too_old")


def test_series_are_matched_without_their_dates() -> None:
    """Subject and pattern; what differs on single dates is merged afterwards."""
    lunch = entry("Lunch", weekly(times=4))
    one, other = activity(cancelled(lunch, nth(1))), event(changed(lunch, nth(2), subject="Dinner"))
    assert match([one], [other], POLICY) == [(one, other)]
    assert match([one], [event(entry("Lunch", weekly(times=5)))], POLICY) == []
    assert match([one], [event(entry("Lunch", at(8, day=0)))], POLICY) == []


def test_masked_series_matches_its_mask() -> None:
    """As Severa may show it (R10)."""
    shown = activity(SHOWN, "meeting")
    assert match([shown], [event(FULL)], NO_PERSONAL) == [(shown, event(FULL))]
    assert (
        match([shown], [event(FULL)], replace(NO_PERSONAL, private_without_personal=PrivateWithoutPersonal.SKIP)) == []
    )
