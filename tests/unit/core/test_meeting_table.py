"""Every row for a linked meeting (core/sync/meeting.py, R13 to R16): before → after."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.essence import Essence, Field, with_exceptions
from core.model.exceptions import DateException, name_of
from core.model.ids import Side
from core.model.link import Link, ParkReason
from core.model.operation import Agree, BringPeople, Bury, Delete, Leave, NoteKind, Operation, Park, Update
from core.model.sighting import GONE, UNSEEN, Event, Gone, Response, Role, Shape
from core.sync.meeting import is_absent
from tests.support.meetings import (
    BERT,
    CALLED_OFF,
    DECLINED,
    OVER_HERE,
    PAST,
    WEEKS,
    meeting_activity,
    meeting_decided,
    meeting_event,
    meeting_link,
)
from tests.support.pictures import NOW, at, dead, decided, entry, linked, note_of, only, parked, told, written
from tests.support.series import cancelled, changed, nth, weekly


# --- out of it in this mailbox (R15) ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("there", "absent"),
    [
        (GONE, True),
        (DECLINED, True),
        (CALLED_OFF, True),
        (UNSEEN, False),
        (meeting_event(), False),
        (meeting_event(response=Response.TENTATIVE), False),
        (meeting_event(response=Response.NONE), False),
        (meeting_event(organizes=True), False),
    ],
)
def test_who_is_out_of_it(there: object, *, absent: bool) -> None:
    """Deleted, declined and cancelled are the same to Severa; no answer yet, or perhaps, is none of them."""
    assert is_absent(there) is absent


@OVER_HERE
@pytest.mark.parametrize("role", [Role.OWNER, Role.PARTICIPANT])
@pytest.mark.parametrize("leads", [True, False])
def test_attendee_is_out_of_it(here: Event | Gone, role: Role, *, leads: bool) -> None:
    """It concerns that attendee alone, whoever leads and whoever owns the activity; history keeps what it was."""
    decision = meeting_decided(meeting_link(), meeting_activity(role=role, version="s1"), here, leads=leads)
    assert (decision.operations, decision.reason) == ((Leave(),), "deleted or declined")
    note = note_of(decision, "left_meeting")
    assert (note.kind, note.side, note.values["subject"]) == (NoteKind.DELETED, Side.SEVERA, "Lunch")


@OVER_HERE
def test_attendee_is_out_of_it_and_the_activity_was_not_looked_at(here: Event | Gone) -> None:
    """The same; what is left is told when the activity is read, right before."""
    decision = meeting_decided(meeting_link(), UNSEEN, here)
    assert (decision.operations, told(decision)) == ((Leave(),), {"left_meeting": {}})


def test_attendee_is_out_of_an_edited_activity() -> None:
    """No edit in Severa makes a meeting again: neither declined nor deleted ones are revived (R18)."""
    for here in (GONE, DECLINED):
        assert only(meeting_decided(meeting_link(), meeting_activity("Dinner"), here)) == Leave()


@pytest.mark.parametrize("here", [GONE, meeting_event(organizes=True, is_cancelled=True)], ids=["deleted", "cancelled"])
def test_organizer_is_out_of_it(here: Event | Gone) -> None:
    """The organizer's cancellation is everybody's: the activity goes, and history keeps what it was."""
    decision = meeting_decided(meeting_link(organizes=True), meeting_activity(entry(text="Menu"), version="s1"), here)
    assert (decision.operations, decision.reason) == ((Delete(Side.SEVERA),), "its organizer cancelled it")
    note = note_of(decision, "deleted")
    assert (note.kind, note.side, note.values["text"]) == (NoteKind.DELETED, Side.SEVERA, "Menu")


def test_organizer_is_out_of_it_and_the_activity_was_not_looked_at() -> None:
    """The deletion is planned; what is lost, and whether hours are on it, is found when it is read right before."""
    decision = meeting_decided(meeting_link(organizes=True), UNSEEN, GONE)
    assert (decision.operations, told(decision)) == ((Delete(Side.SEVERA),), {"deleted": {}})


def test_organizer_of_a_meeting_with_work_hours_is_out_of_it() -> None:
    """Recorded work is not deleted (R19)."""
    decision = meeting_decided(meeting_link(organizes=True), meeting_activity(has_hours=True), GONE)
    assert (only(decision), decision.reason) == (
        Park(ParkReason.WORK_HOURS, Side.MICROSOFT),
        "work hours are recorded on it",
    )


def test_organizer_who_does_not_lead_is_out_of_it() -> None:
    """Another mailbox has the say: here it concerns this person alone."""
    decision = meeting_decided(meeting_link(organizes=True), meeting_activity(), GONE, leads=False)
    assert only(decision) == Leave()


@OVER_HERE
@pytest.mark.parametrize("organizes", [True, False])
def test_out_of_what_ended_long_ago(here: Event | Gone, *, organizes: bool) -> None:
    """Archiving is not deleting (R19): after seven days nobody is taken off, and nothing goes."""
    link = replace(meeting_link(organizes=organizes), ends=NOW - timedelta(days=7, seconds=1))
    decision = meeting_decided(link, meeting_activity(), here)
    assert only(decision) == Park(ParkReason.ARCHIVED, Side.MICROSOFT)
    assert decision.reason == "it ended long ago: archiving is not deleting"


@pytest.mark.parametrize("ends", [NOW - timedelta(days=7), None])
def test_out_of_what_ended_lately(ends: object) -> None:
    """To the second; and where nothing is known of its end, a deletion is a deletion."""
    link = replace(meeting_link(), ends=ends)
    assert only(meeting_decided(link, meeting_activity(), GONE)) == Leave()


@OVER_HERE
@pytest.mark.parametrize("organizes", [True, False])
def test_out_of_it_on_both_sides(here: Event | Gone, *, organizes: bool) -> None:
    """Who is not in the activity cannot leave it, and does not take it along."""
    decision = meeting_decided(meeting_link(organizes=organizes), meeting_activity(role=Role.NONE), here)
    assert (only(decision), decision.reason, decision.notes) == (Leave(), "in it on neither side", ())


# --- gone in Severa (R16) ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("leads", [True, False])
def test_organizer_deletes_it_in_severa(*, leads: bool) -> None:
    """A coming meeting is cancelled, and Exchange tells the attendees; history keeps what it was."""
    here = meeting_event(entry(location="Café"), organizes=True, version="m1")
    decision = meeting_decided(meeting_link(organizes=True), GONE, here, leads=leads)
    assert only(decision) == Delete(Side.MICROSOFT, announces=True)
    assert decision.reason == "its organizer deleted it in Severa"
    assert told(decision)["deleted"]["location"] == "Café"
    assert note_of(decision, "deleted").side is Side.MICROSOFT


def test_organizer_deletes_a_series_in_severa_that_has_dates_to_come() -> None:
    """The dates that were are no reason to keep those that would be."""
    here = meeting_event(entry(when=weekly(nth(-3), times=5)), organizes=True)
    assert only(meeting_decided(meeting_link(organizes=True), GONE, here)) == Delete(Side.MICROSOFT, announces=True)


LAST_IS_CHANGED = entry("Lunch", weekly(nth(-2), times=4))
"""This morning's date was its last but one."""
STILL_TO_COME = pytest.mark.parametrize(
    "content",
    [
        changed(LAST_IS_CHANGED, nth(1), subject="Farewell lunch"),
        changed(LAST_IS_CHANGED, nth(1), hour=12),
        with_exceptions(entry("Lunch", weekly(nth(-2), times=3)), [DateException(nth(0), at(9), "Lunch")]),
    ],
    ids=["renamed", "moved", "put off from this morning"],
)


@STILL_TO_COME
def test_organizer_deletes_a_series_in_severa_whose_last_date_was_changed(content: Essence) -> None:
    """A changed date is a date to come like any other."""
    here = meeting_event(content, organizes=True)
    decision = meeting_decided(meeting_link(content, organizes=True), GONE, here)
    assert only(decision) == Delete(Side.MICROSOFT, announces=True)


@STILL_TO_COME
def test_organizers_edit_in_severa_of_a_series_whose_last_date_was_changed(content: Essence) -> None:
    """The same for an edit."""
    there = meeting_activity(replace(content, text="Menu"))
    decision = meeting_decided(meeting_link(content, organizes=True), there, meeting_event(content, organizes=True))
    assert written(decision) == {Side.MICROSOFT: {Field.TEXT: "Menu"}}


STAYS = Park(ParkReason.MEETING_STAYS, Side.SEVERA)


@pytest.mark.parametrize(
    ("here", "may_edit"),
    [
        (meeting_event(), True),
        (meeting_event(organizes=True), False),
        (meeting_event(entry(when=PAST), organizes=True), True),
        (meeting_event(entry(when=at(11, day=0)), organizes=True), True),
        (meeting_event(entry(when=weekly(nth(-3), times=3)), organizes=True), True),
        (meeting_event(entry(when=weekly(nth(-3), times=4)), organizes=True), True),
        (meeting_event(cancelled(WEEKS, nth(1), nth(2), nth(3)), organizes=True), True),
        (UNSEEN, True),
    ],
    ids=[
        "organized elsewhere",
        "the company forbids it",
        "it was",
        "it is just over",
        "its dates were",
        "its last date was this morning",
        "its other dates are cancelled",
        "nothing is known of the event",
    ],
)
def test_deleted_in_severa_where_nobody_may_cancel_it(here: Event, *, may_edit: bool) -> None:
    """A meeting is its organizer's affair: it stays in the mailbox, and nobody is mailed."""
    decision = meeting_decided(meeting_link(organizes=True), GONE, here, may_edit=may_edit)
    assert (only(decision), decision.reason) == (STAYS, "a meeting is its organizer's affair")
    assert not decision.notes


def test_owner_deletes_an_activity_to_whose_copy_somebody_invited_people() -> None:
    """What was born in Severa is its owner's: the owner's deletion cancels it, that of another copy's holder does not.

    Of what was born in Microsoft, the event alone says who organizes it.
    """
    here, cancels = meeting_event(organizes=True), Delete(Side.MICROSOFT, announces=True)
    link = meeting_link(organizes=False)
    assert only(meeting_decided(replace(link, origin=Side.SEVERA), GONE, here)) == STAYS
    assert only(meeting_decided(replace(link, origin=Side.SEVERA, organized=True), GONE, here)) == cancels
    assert only(meeting_decided(link, GONE, here)) == cancels


def test_edited_meeting_that_is_deleted_in_severa() -> None:
    """No edit in Microsoft makes the activity again: an edit outlives a deletion, but not a meeting's (R18)."""
    assert only(meeting_decided(meeting_link(), GONE, meeting_event("Dinner"))) == STAYS


@pytest.mark.parametrize("link", [meeting_link(), parked(meeting_link()), dead(meeting_link())])
def test_meeting_is_gone_on_both_sides(link: Link) -> None:
    """Nothing is left to do."""
    assert only(meeting_decided(link, GONE, GONE)) == Bury()


# --- not in it, in Severa (R13, R14) ----------------------------------------------------------------------------------
@pytest.mark.parametrize("leads", [True, False])
def test_invited_person_who_has_just_been_recognized(*, leads: bool) -> None:
    """They are brought into the activity."""
    link = replace(meeting_link(), agreed=None)
    decision = meeting_decided(link, meeting_activity(role=Role.NONE), meeting_event(), leads=leads)
    assert (only(decision), decision.reason) == (BringPeople(), "invited, and not in the activity yet")


@pytest.mark.parametrize("leads", [True, False])
def test_person_who_was_taken_off_in_severa(*, leads: bool) -> None:
    """They stay out, and their invitation stays in the mailbox."""
    there = meeting_activity("Dinner", role=Role.NONE)
    decision = meeting_decided(meeting_link(), there, meeting_event("Board"), leads=leads)
    assert (only(decision), decision.reason) == (Park(ParkReason.NOT_A_PARTICIPANT), "taken off the activity in Severa")


@pytest.mark.parametrize(
    ("shape", "operation"),
    [(Shape.OCCURRENCE, BringPeople()), (Shape.EXCEPTION, Park(ParkReason.NOT_A_PARTICIPANT))],
    ids=["its own people are gone", "it has people of its own"],
)
def test_single_date_in_which_the_invited_person_is_not(shape: Shape, operation: Operation) -> None:
    """A new pattern takes a date's own people along: that is nobody's doing, so they are brought again."""
    there = replace(meeting_activity(role=Role.NONE), shape=shape, series="the series")
    assert only(meeting_decided(meeting_link(), there, meeting_event(), leads=False)) == operation


@pytest.mark.parametrize(
    ("origin", "operation"),
    [(Side.SEVERA, Delete(Side.MICROSOFT)), (Side.MICROSOFT, Park(ParkReason.NOT_A_PARTICIPANT, Side.SEVERA))],
)
def test_person_who_left_an_activity_that_is_no_meeting(origin: Side, operation: Operation) -> None:
    """Our copy goes with them (R14); an event of their own stays."""
    link = linked(kind="call", origin=origin)
    there = meeting_activity(kind="call", role=Role.NONE, version="s1")
    assert only(decided(link, there)) == operation


# --- the pair that leads: Severa follows (R13, R16) -------------------------------------------------------------------
def test_meeting_that_nobody_touched() -> None:
    """Both sides as they were agreed, looked at or not: nothing to do."""
    for there in (meeting_activity(version="s1"), UNSEEN):
        for here in (meeting_event(version="m1"), UNSEEN):
            decision = meeting_decided(meeting_link(), there, here)
            assert (decision.operations, decision.reason) == ((Agree(),), "both sides hold the same")


@pytest.mark.parametrize("organizes", [True, False])
def test_meeting_is_edited_in_outlook(*, organizes: bool) -> None:
    """Severa gets what changed, and no type."""
    here = meeting_event(entry("Dinner", location="Café"), organizes=organizes)
    decision = meeting_decided(meeting_link(organizes=organizes), meeting_activity(version="s1"), here)
    assert written(decision) == {Side.SEVERA: {Field.SUBJECT: "Dinner", Field.LOCATION: "Café"}}
    operation = only(decision)
    assert isinstance(operation, Update)
    assert (operation.draft.type_id, decision.reason) == ("", "the meeting moved")
    assert not decision.notes


@pytest.mark.parametrize(
    ("here", "by", "may_edit"),
    [
        (meeting_event(), "anna", True),
        (meeting_event(organizes=True), BERT, True),
        (meeting_event(organizes=True), "", True),
        (meeting_event(organizes=True), "anna", False),
        (meeting_event(entry(when=PAST), organizes=True), "anna", True),
    ],
    ids=["organized elsewhere", "somebody else", "nobody knows who", "the company forbids it", "it was"],
)
def test_edit_in_severa_that_is_set_back(here: Event, by: str, *, may_edit: bool) -> None:
    """Severa gets the meeting's own value again, and what was written is told as a conflict (R16)."""
    link = meeting_link(here.essence, organizes=here.is_organizer)
    there = meeting_activity(replace(here.essence, subject="Dinner"), by=by)
    decision = meeting_decided(link, there, here, may_edit=may_edit)
    assert written(decision) == {Side.SEVERA: {Field.SUBJECT: "Lunch"}}
    note = note_of(decision, "meeting_set_back")
    assert (note.kind, note.side, dict(note.values)) == (NoteKind.CONFLICT, Side.SEVERA, {"subject": "Dinner"})


def test_edit_in_severa_of_which_the_meeting_was_not_looked_at() -> None:
    """Nothing is written to a meeting blindly, nor set back to what nobody looked at."""
    assert only(meeting_decided(meeting_link(organizes=True), meeting_activity("Dinner"), UNSEEN)) == Agree()


@pytest.mark.parametrize(
    "when", [at(11), at(11.5, day=0), weekly(nth(-3), times=5)], ids=["tomorrow", "it is on", "some dates to come"]
)
def test_organizers_edit_in_severa(when: object) -> None:
    """It is written to the meeting, and Exchange tells the attendees."""
    content = entry("Lunch", when)
    there = meeting_activity(replace(content, subject="Dinner"))
    here = meeting_event(content, organizes=True, version="m1")
    decision = meeting_decided(meeting_link(content, organizes=True), there, here)
    operation = only(decision)
    assert isinstance(operation, Update)
    assert (operation.side, operation.fields, operation.draft.announces) == (Side.MICROSOFT, {Field.SUBJECT}, True)
    assert operation.draft.essence.subject == "Dinner"
    assert not decision.notes


def test_organizers_edits_on_both_sides() -> None:
    """Different fields travel both ways, as with any entry."""
    there, here = meeting_activity("Dinner"), meeting_event(entry(location="Café"), organizes=True)
    decision = meeting_decided(meeting_link(organizes=True), there, here)
    assert written(decision) == {Side.SEVERA: {Field.LOCATION: "Café"}, Side.MICROSOFT: {Field.SUBJECT: "Dinner"}}
    assert not decision.notes


def test_organizer_changes_a_date_in_severa_and_the_pattern_in_outlook() -> None:
    """The date goes to the meeting first: the new pattern costs Severa's series its exceptions."""
    there, here = meeting_activity(changed(WEEKS, nth(1), subject="Dinner")), entry("Lunch", weekly(times=9))
    decision = meeting_decided(meeting_link(WEEKS, organizes=True), there, meeting_event(here, organizes=True))
    assert list(written(decision)) == [Side.MICROSOFT, Side.SEVERA]


def test_organizers_edit_of_the_text_of_an_online_meeting() -> None:
    """It holds the way in: the text stays in Severa, and that is told (R12)."""
    here = replace(meeting_event(organizes=True), is_online=True)
    decision = meeting_decided(meeting_link(organizes=True), meeting_activity(entry(text="Menu")), here)
    assert (only(decision), told(decision)) == (Agree(), {"online_meeting_text": {"text": "Menu"}})


def test_organizer_cancels_one_date_in_severa() -> None:
    """That date of the meeting is cancelled, and its attendees are told."""
    there = meeting_activity(cancelled(WEEKS, nth(2)))
    here = meeting_event(WEEKS, organizes=True)
    operation = only(meeting_decided(meeting_link(WEEKS, organizes=True), there, here))
    assert isinstance(operation, Update)
    assert (operation.side, operation.fields) == (Side.MICROSOFT, {name_of(nth(2))})
    assert operation.draft.announces


def test_attendee_edits_one_date_in_severa() -> None:
    """It is set back, by name."""
    there = meeting_activity(changed(WEEKS, nth(1), subject="Dinner"))
    decision = meeting_decided(meeting_link(WEEKS), there, meeting_event(WEEKS))
    assert written(decision) == {Side.SEVERA: {name_of(nth(1)): ""}}
    assert set(told(decision)["meeting_set_back"]) == {name_of(nth(1))}
