"""Which newcomers travel, and which linked entries rest (R7, R9)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from core.model.essence import Essence, Field
from core.model.ids import Side
from core.model.link import ParkReason
from core.model.operation import Agree, Park, Picture
from core.model.sighting import UNSEEN, Activity, Event, Response, Role, Shape
from core.model.when import Timed, all_day
from core.sync.eligible import activity_left_out, activity_not_sent, event_left_out, rests
from tests.support.pictures import NOW, POLICY, activity, decided, entry, event, linked, only, parked, written

EDGE = POLICY.first_sync - timedelta(days=30)


def ended(at: datetime) -> Essence:
    """An entry that ended then."""
    return entry(when=Timed(at - timedelta(hours=1), at))


# --- newcomers --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("newcomer", "reason"),
    [
        (activity(kind="call"), ""),
        (activity(kind="absence"), ""),
        (activity(kind="meeting"), "type_not_ticked"),
        (activity(kind="task"), "project_task"),
        (replace(activity(owner="bert"), role=Role.PARTICIPANT), ""),
        (replace(activity(owner="bert"), role=Role.NONE), "not_a_participant"),
        (replace(activity(), shape=Shape.OCCURRENCE), "recurring"),
        (replace(activity(), shape=Shape.EXCEPTION), "recurring"),
        (replace(activity(owner="bert"), shape=Shape.EXCEPTION, role=Role.PARTICIPANT), ""),
        (replace(activity(owner="bert"), shape=Shape.EXCEPTION, role=Role.NONE), "not_a_participant"),
        (activity(ended(EDGE)), ""),
        (activity(ended(EDGE - timedelta(seconds=1))), "too_old"),
    ],
)
def test_activity(newcomer: Activity, reason: str) -> None:
    """It becomes an event, or is left out for a reason. The 30 days count from the first sync, not from today (R7)."""
    assert activity_not_sent(newcomer, POLICY) == reason


def test_project_task_whose_type_is_ticked() -> None:
    """Never, whatever is ticked."""
    assert activity_not_sent(activity(kind="task"), replace(POLICY, ticked=frozenset({"task"}))) == "project_task"


def test_activity_of_an_unticked_type() -> None:
    """It may be linked, so that what is in the mailbox already is not doubled; it is only not sent."""
    assert activity_left_out(activity(kind="meeting"), POLICY) == ""


@pytest.mark.parametrize(
    ("newcomer", "reason"),
    [
        (event(), ""),
        (event(entry(private=True)), ""),
        (event(is_meeting=True), ""),
        (replace(event(), is_cancelled=True), "cancelled"),
        (replace(event(), response=Response.DECLINED), "declined"),
        (replace(event(), shape=Shape.EXCEPTION), "recurring"),
        (event(ended(EDGE)), ""),
        (event(ended(EDGE - timedelta(seconds=1))), "too_old"),
    ],
)
def test_event(newcomer: Event, reason: str) -> None:
    """It becomes an activity, or is left out for a reason; no type filters it (R9)."""
    assert event_left_out(newcomer, POLICY) == reason


def test_whole_day_that_has_just_become_too_old() -> None:
    """A day is over when it is over everywhere on earth: at noon UTC of the next."""
    policy = replace(POLICY, first_sync=NOW)  # noon
    last = all_day(date(2026, 10, 24), date(2026, 10, 25))
    assert event_left_out(event(entry(when=last)), policy) == ""
    assert event_left_out(event(entry(when=last)), replace(policy, first_sync=NOW + timedelta(seconds=1))) == "too_old"


def test_linked_entry_grows_old() -> None:
    """Age is for newcomers: a linked entry goes on travelling."""
    old = ended(EDGE - timedelta(days=99))
    assert written(decided(linked(old), activity(replace(old, text="Menu")))) == {Side.MICROSOFT: {Field.TEXT: "Menu"}}


# --- ticks and linked entries (R9) ------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["meeting", "personal"])
def test_edit_of_an_entry_that_came_from_microsoft(kind: str) -> None:
    """The types that this service gives need no tick."""
    link = linked(entry(private=kind == "personal"), kind=kind, origin=Side.MICROSOFT)
    assert set(written(decided(link, activity("Dinner", kind)))) == {Side.MICROSOFT}


def test_entry_from_microsoft_after_the_default_type_was_changed() -> None:
    """The type that we gave it stays good."""
    policy = replace(POLICY, default_type="visit")
    link = linked(kind="meeting", origin=Side.MICROSOFT)
    assert set(written(decided(link, activity("Dinner", "meeting"), policy=policy))) == {Side.MICROSOFT}


@pytest.mark.parametrize(
    ("kind", "given", "earlier"),
    [
        ("meeting", "", ""),  # matched: we gave it no type, and it has the default one
        ("personal", "meeting", ""),  # a person made it personal
        ("visit", "personal", "visit"),  # a person took back the type of before
    ],
)
def test_entry_from_microsoft_of_a_type_that_we_might_have_given(kind: str, given: str, earlier: str) -> None:
    """There is no filter that way (R9): no tick is asked for."""
    policy = replace(POLICY, ticked=frozenset())
    link = replace(linked(kind=kind, origin=Side.MICROSOFT), given_type=given, earlier_type=earlier)
    assert set(written(decided(link, activity("Dinner", kind), policy=policy))) == {Side.MICROSOFT}


def test_entry_from_microsoft_gets_an_unticked_type() -> None:
    """A person's own choice of another type counts like any: unticked, it rests."""
    link = linked(kind="meeting", origin=Side.MICROSOFT)
    policy = replace(POLICY, ticked=frozenset())
    assert only(decided(link, activity("Dinner", "visit"), policy=policy)) == Park(ParkReason.TYPE_NOT_TICKED, None)


def test_unticking_the_type_of_a_linked_activity() -> None:
    """The link is parked, and nothing is deleted."""
    policy = replace(POLICY, ticked=frozenset())
    assert only(decided(linked(), activity("Dinner"), policy=policy)) == Park(ParkReason.TYPE_NOT_TICKED, None)


def test_ticking_the_type_again() -> None:
    """The next version travels, with what was edited meanwhile."""
    assert set(written(decided(parked(linked()), activity("Dinner")))) == {Side.MICROSOFT}


def test_type_that_privacy_put_in_the_place_of_a_ticked_one() -> None:
    """The user made the event private, so we made the activity personal: that is no reason to rest."""
    link = replace(linked(entry(private=True), kind="personal"), given_type="personal", earlier_type="call")
    assert decided(link, activity(kind="personal"), UNSEEN).operations == (Agree(),)
    assert set(written(decided(link, activity("Dinner", "personal"), UNSEEN))) == {Side.MICROSOFT}


def test_type_that_privacy_put_in_the_place_of_one_that_is_unticked_now() -> None:
    """The tick of a person's own choice counts."""
    link = replace(linked(entry(private=True), kind="personal"), given_type="personal", earlier_type="meeting")
    assert only(decided(link, activity(kind="personal"))) == Park(ParkReason.TYPE_NOT_TICKED, None)


def test_another_type_than_the_one_that_privacy_put_there() -> None:
    """A person chose it since: its own tick counts, not that of the type of before."""
    link = replace(linked(entry(private=True), kind="personal"), given_type="personal", earlier_type="call")
    assert only(decided(link, activity(kind="meeting"))) == Park(ParkReason.TYPE_NOT_TICKED, None)


def test_person_makes_an_activity_personal() -> None:
    """Personal is unticked here, and the choice was theirs: it rests, nothing is deleted."""
    assert only(decided(linked(), activity(kind="personal"))) == Park(ParkReason.TYPE_NOT_TICKED, None)


def test_unlinked_picture() -> None:
    """Nothing rests that has no link: newcomers are left out instead."""
    assert rests(Picture(None, activity(), None), POLICY) is None
    assert rests(Picture(None, None, event()), POLICY) is None
