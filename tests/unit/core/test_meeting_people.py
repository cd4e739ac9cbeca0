"""The table's rows for a meeting: its people, the pairs that follow, and meetings at rest (R13, R15)."""

from dataclasses import replace
from datetime import date

import pytest

from core.model.essence import Field
from core.model.exceptions import name_of
from core.model.ids import Side
from core.model.link import Link, LinkState, ParkReason
from core.model.operation import Agree, BringPeople, Bury, Create, Operation, Park, Update
from core.model.sighting import GONE, UNSEEN, Attendee, Event, Response, Role
from core.sync.meeting import people_of
from tests.support.meetings import (
    CALLED_OFF,
    DECLINED,
    GUESTS,
    WEEKS,
    meeting_activity,
    meeting_decided,
    meeting_event,
    meeting_link,
)
from tests.support.pictures import DIGESTER, dead, only, parked, written
from tests.support.series import cancelled, changed, nth


# --- the people of the pair that leads (R13) --------------------------------------------------------------------------
def test_somebody_more_is_invited() -> None:
    """The activity's participants follow, besides whatever else changed."""
    here = meeting_event("Dinner", guests=(*GUESTS, Attendee("dora@example.com")))
    decision = meeting_decided(meeting_link(), meeting_activity(version="s1"), here)
    assert [type(o) for o in decision.operations] == [BringPeople, Update]
    assert decision.reason == "the meeting moved"
    only_guests = meeting_event(guests=GUESTS[:1])
    assert only(meeting_decided(meeting_link(), meeting_activity(version="s1"), only_guests)) == BringPeople()


@pytest.mark.parametrize(
    ("changed_to", "alike"),
    [
        (meeting_event(guests=GUESTS[::-1]), True),
        (meeting_event(guests=tuple(replace(guest, response=Response.DECLINED) for guest in GUESTS)), True),
        (meeting_event(guests=GUESTS[:1]), False),
        (meeting_event(guests=()), False),
        (replace(meeting_event(), organizer="olli@example.com"), False),
        (replace(meeting_event(), guests=((date(2026, 3, 2), "olli@example.com"),)), False),
    ],
    ids=["another order", "they answered", "one is gone", "all are gone", "another organizer", "a guest of one date"],
)
def test_people_of_a_meeting(changed_to: Event, *, alike: bool) -> None:
    """Who is invited counts, and by whom; not what they answered, nor in which order they are told."""
    assert (people_of(changed_to, DIGESTER) == people_of(meeting_event(), DIGESTER)) is alike


# --- pairs that follow (R13, R15) -------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", [Role.OWNER, Role.PARTICIPANT])
def test_meeting_is_edited_and_another_mailbox_has_the_say(role: Role) -> None:
    """Neither side's content travels from here: the pair that leads sees to it."""
    decision = meeting_decided(
        meeting_link(), meeting_activity("Board", role=role), meeting_event("Dinner"), leads=False
    )
    assert (decision.operations, decision.reason, decision.notes) == ((Agree(),), "follows the meeting", ())


@pytest.mark.parametrize(
    ("people", "brings", "operation"),
    [(False, True, BringPeople()), (True, True, Agree()), (False, False, Agree())],
    ids=["made it, and has not brought them yet", "brought them", "did not make it"],
)
def test_maker_of_the_activity_that_does_not_lead(operation: Operation, *, people: bool, brings: bool) -> None:
    """It brings the meeting's people once."""
    link = meeting_link(people=people)
    found = meeting_decided(link, meeting_activity(), meeting_event(), leads=False, brings=brings)
    assert only(found) == operation


@pytest.mark.parametrize(
    ("guests", "operation"), [(GUESTS, Agree()), (GUESTS[:1], BringPeople())], ids=["the same people", "others"]
)
def test_second_meeting_of_one_activity(guests: tuple[Attendee, ...], operation: Operation) -> None:
    """Nothing of it is written; but nobody else sees whom it invites, so its people are brought when they change."""
    here = meeting_event("Dinner", guests=guests)
    assert only(meeting_decided(meeting_link(), meeting_activity("Board"), here, leads=False, beside=True)) == operation


def test_maker_of_the_activity_whose_event_was_not_looked_at() -> None:
    """Nobody is known whom it could bring."""
    link = meeting_link(people=False)
    assert only(meeting_decided(link, meeting_activity(), UNSEEN, leads=False, brings=True)) == Agree()


def test_follower_cancels_one_date() -> None:
    """It takes them off that date in Severa; nothing else of their event is written."""
    here = meeting_event(replace(cancelled(WEEKS, nth(2)), subject="Dinner"))
    for there in (meeting_activity(WEEKS, role=Role.PARTICIPANT), UNSEEN):
        operation = only(meeting_decided(meeting_link(WEEKS), there, here, leads=False))
        assert isinstance(operation, Update)
        assert (operation.side, operation.fields) == (Side.SEVERA, {name_of(nth(2))})
        assert not operation.draft.announces
        held = operation.draft.essence.on(nth(2))
        assert held is not None
        assert held.is_cancelled


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (changed(WEEKS, nth(2), subject="Dinner"), WEEKS),
        (cancelled(WEEKS, nth(2)), cancelled(WEEKS, nth(2))),
        (WEEKS, cancelled(WEEKS, nth(2))),
    ],
    ids=["moved or edited", "cancelled in Severa already", "not cancelled here"],
)
def test_follower_whose_dates_say_nothing_new(here: object, there: object) -> None:
    """Only a date that is newly cancelled here, and not there, says something."""
    meeting = meeting_event(here)
    found = meeting_decided(meeting_link(WEEKS), meeting_activity(there, role=Role.PARTICIPANT), meeting, leads=False)
    assert only(found) == Agree()


def test_follower_cancels_a_date_that_is_edited_in_severa() -> None:
    """They do not come, whatever it is called there."""
    there = meeting_activity(changed(WEEKS, nth(2), subject="Dinner"), role=Role.PARTICIPANT)
    operation = only(meeting_decided(meeting_link(WEEKS), there, meeting_event(cancelled(WEEKS, nth(2))), leads=False))
    assert isinstance(operation, Update)
    assert operation.fields == {name_of(nth(2))}


def test_follower_whose_cancelled_date_is_known() -> None:
    """It was told once."""
    held = cancelled(WEEKS, nth(2))
    link = meeting_link(WEEKS, held)
    there = meeting_activity(WEEKS, role=Role.PARTICIPANT)
    assert only(meeting_decided(link, there, meeting_event(held), leads=False)) == Agree()


def test_date_that_is_back_in_a_followers_mailbox() -> None:
    """Severa can bring no date back: nothing is written."""
    link = meeting_link(cancelled(WEEKS, nth(2)))
    assert only(meeting_decided(link, UNSEEN, meeting_event(WEEKS), leads=False)) == Agree()


# --- meetings at rest -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("at_rest", [parked(meeting_link(), ParkReason.NOT_A_PARTICIPANT), dead(meeting_link())])
def test_meeting_whose_ends_are_both_back(at_rest: Link) -> None:
    """It goes on as a meeting."""
    decision = meeting_decided(at_rest, meeting_activity(), meeting_event("Dinner"))
    assert written(decision) == {Side.SEVERA: {Field.SUBJECT: "Dinner"}}


@pytest.mark.parametrize(
    ("there", "here"),
    [
        (meeting_activity("Dinner"), UNSEEN),
        (UNSEEN, meeting_event("Dinner")),
        (meeting_activity("Dinner"), GONE),
        (GONE, meeting_event("Dinner")),
        (meeting_activity("Dinner"), DECLINED),
        (meeting_activity("Dinner"), CALLED_OFF),
        (meeting_activity("Dinner", role=Role.NONE), meeting_event("Dinner")),
    ],
)
def test_meeting_at_rest_of_which_not_both_ends_are_back(there: object, here: object) -> None:
    """It rests on, whatever was edited: nothing is made, nothing is written, nothing is deleted."""
    assert only(meeting_decided(dead(meeting_link()), there, here)) == Bury()
    decision = meeting_decided(parked(meeting_link(), ParkReason.MEETING_STAYS), there, here)
    operation = only(decision)
    assert isinstance(operation, Park)
    assert operation.reason is ParkReason.MEETING_STAYS
    assert operation.missing is next(
        (side for side, end in ((Side.SEVERA, there), (Side.MICROSOFT, here)) if end is GONE), None
    )


@pytest.mark.parametrize("state", [LinkState.LIVE, LinkState.PARKED, LinkState.DEAD])
def test_meeting_is_never_made_anew(state: LinkState) -> None:
    """Whatever is there and whatever is not, in whatever state: no create (R16, R18)."""
    link = replace(meeting_link(organizes=True), state=state)
    for there in (GONE, UNSEEN, meeting_activity("Dinner"), meeting_activity("Dinner", role=Role.NONE)):
        for here in (GONE, UNSEEN, meeting_event("Board", organizes=True), DECLINED, CALLED_OFF):
            for leads in (True, False):
                operations = meeting_decided(link, there, here, leads=leads).operations
                assert not any(isinstance(operation, Create) for operation in operations)


# --- a rule lets it rest ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("here", "reason"),
    [
        (replace(meeting_event("Dinner"), not_held="time_weekday_set"), ParkReason.RECURRING),
        (meeting_event("Dinner"), None),
    ],
)
def test_meeting_that_severa_cannot_hold(here: Event, reason: ParkReason | None) -> None:
    """Rules that let an entry rest hold for meetings too; being a meeting is none while there is a claim."""
    operation = only(meeting_decided(meeting_link(), meeting_activity(version="s1"), here))
    assert (operation.reason if isinstance(operation, Park) else None) is reason
