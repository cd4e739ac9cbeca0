"""Every row of the decision table (core/sync/reconcile.py): before → after."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.essence import Field
from core.model.ids import Side
from core.model.link import Link, ParkReason
from core.model.operation import Agree, Bury, Create, Delete, LeaveOut, NoteKind, Operation, Park, Update
from core.model.sighting import GONE, UNSEEN, Activity, Event, Gone, Role, Shape, Unseen
from tests.support.pictures import (
    NOW,
    activity,
    at,
    dead,
    decided,
    entry,
    event,
    linked,
    note_of,
    only,
    parked,
    told,
    written,
)


# --- newcomers --------------------------------------------------------------------------------------------------------
def test_new_in_severa() -> None:
    """A ticked activity becomes an event with the same content, shown as busy."""
    decision = decided(None, activity(entry("Lunch", text="Bring papers", location="Café")), None)
    operation = only(decision)
    assert isinstance(operation, Create)
    assert (operation.side, operation.generation) == (Side.MICROSOFT, 0)
    assert operation.draft.essence == entry("Lunch", text="Bring papers", location="Café")
    assert (operation.draft.busy, operation.draft.type_id) == ("busy", "")
    assert decision.reason == "new in Severa"
    assert not decision.notes


def test_p19_new_in_microsoft_in_a_zone_that_nobody_knows() -> None:
    """Its instant is kept, and history says so once, when the activity is made (R23)."""
    decision = decided(None, None, replace(event(), remarks=("time_zone_unknown",)))
    assert isinstance(only(decision), Create)
    assert note_of(decision, "time_zone_unknown").side is Side.MICROSOFT


def test_new_in_microsoft() -> None:
    """An event becomes an activity of the default type; free/busy is Microsoft's business."""
    decision = decided(None, None, event("Lunch"))
    operation = only(decision)
    assert isinstance(operation, Create)
    assert (operation.side, operation.generation) == (Side.SEVERA, 0)
    assert (operation.draft.essence, operation.draft.type_id, operation.draft.busy) == (entry("Lunch"), "meeting", "")
    assert decision.reason == "new in Microsoft"


def test_newcomer_that_is_not_synchronized() -> None:
    """It is left out with its reason, and nothing is written."""
    assert only(decided(None, activity(kind="meeting"), None)) == LeaveOut("type_not_ticked")
    assert only(decided(None, None, replace(event(), is_cancelled=True))) == LeaveOut("cancelled")


# --- living links -----------------------------------------------------------------------------------------------------
def test_nothing_moved() -> None:
    """Both ends as they were agreed: nothing to do, also where neither was looked at."""
    for severa in (activity(version="s1"), UNSEEN):
        for microsoft in (event(version="m1"), UNSEEN):
            decision = decided(linked(), severa, microsoft)
            assert (decision.operations, decision.reason) == ((Agree(),), "in agreement")


def test_new_versions_of_the_same_content() -> None:
    """A version says only that it is worth looking: what the service did by itself is not an edit."""
    decision = decided(linked(), activity(version="s9"), event(version="m9"))
    assert (decision.operations, decision.reason) == ((Agree(),), "in agreement")


def test_new_content_under_the_known_version() -> None:
    """A service whose versions are too coarse loses nobody's edit."""
    assert written(decided(linked(), activity("Dinner", version="s1"))) == {Side.MICROSOFT: {Field.SUBJECT: "Dinner"}}


def test_edit_in_severa() -> None:
    """Only the changed field goes to Microsoft."""
    decision = decided(linked(), activity(entry("Lunch", text="Menu")))
    assert written(decision) == {Side.MICROSOFT: {Field.TEXT: "Menu"}}
    assert decision.reason == "one side moved"


def test_edit_in_microsoft() -> None:
    """Only the changed field goes to Severa, and the type is left alone."""
    decision = decided(linked(), UNSEEN, event(entry("Lunch", location="Café")))
    assert written(decision) == {Side.SEVERA: {Field.LOCATION: "Café"}}
    operation = only(decision)
    assert isinstance(operation, Update)
    assert operation.draft.type_id == ""


def test_edits_of_different_fields() -> None:
    """Each goes its way; nothing is in conflict."""
    decision = decided(linked(), activity(entry("Dinner")), event(entry("Lunch", location="Café")))
    assert written(decision) == {
        Side.SEVERA: {Field.LOCATION: "Café"},
        Side.MICROSOFT: {Field.SUBJECT: "Dinner"},
    }
    assert decision.reason == "merged"
    assert not decision.notes


def test_same_edit_on_both_sides() -> None:
    """They agree already."""
    decision = decided(linked(), activity("Dinner"), event("Dinner"))
    assert (decision.operations, decision.reason) == ((Agree(),), "both sides hold the same")


@pytest.mark.parametrize(
    ("severa", "microsoft", "gone"),
    [
        (activity(version="s1"), GONE, Side.MICROSOFT),
        (GONE, event(version="m1"), Side.SEVERA),
    ],
)
def test_deletion_and_an_untouched_twin(
    severa: Activity | Gone | Unseen, microsoft: Event | Gone | Unseen, gone: Side
) -> None:
    """The twin follows, and history says so."""
    decision = decided(linked(), severa, microsoft)
    assert only(decision) == Delete(gone.other)
    assert decision.reason == f"deleted in {gone.value.capitalize()}"
    note = note_of(decision, "deleted")
    assert (note.kind, note.side) == (NoteKind.DELETED, gone.other)


def test_deletion_keeps_what_was_lost() -> None:
    """Severa has no recycle bin: the values can be read afterwards."""
    held = entry("Lunch", text="Menu", location="Café")
    decision = decided(linked(held), activity(held), GONE)
    assert told(decision)["deleted"] == {
        "subject": "Lunch",
        "text": "Menu",
        "location": "Café",
        "time": "timed 2026-11-25T11:00:00Z 2026-11-25T12:00:00Z",
        "privacy": "normal",
    }


def test_deletion_of_which_the_twin_was_not_seen() -> None:
    """The deletion is planned; what is lost is told when the twin is read, right before it goes."""
    decision = decided(linked(), UNSEEN, GONE)
    assert only(decision) == Delete(Side.SEVERA)
    assert told(decision) == {"deleted": {}}


def test_edit_in_severa_of_what_microsoft_deleted() -> None:
    """The edit survives (R18): a new event, of the next generation, and history says so."""
    link = replace(linked(), generation=3)
    decision = decided(link, activity("Dinner"), GONE)
    operation = only(decision)
    assert isinstance(operation, Create)
    assert (operation.side, operation.generation, operation.draft.essence) == (Side.MICROSOFT, 4, entry("Dinner"))
    assert decision.reason == "an edit outlives a deletion"
    assert note_of(decision, "revived").side is Side.MICROSOFT


def test_edit_in_microsoft_of_what_severa_deleted() -> None:
    """The edit survives (R18), and what cannot be restored is named."""
    decision = decided(linked(origin=Side.MICROSOFT, kind="meeting"), GONE, event("Dinner"))
    operation = only(decision)
    assert isinstance(operation, Create)
    assert (operation.side, operation.generation, operation.draft.type_id) == (Side.SEVERA, 1, "meeting")
    assert note_of(decision, "revived_without_customer").kind is NoteKind.REMARK


def test_taken_off_an_activity_whose_copy_was_edited() -> None:
    """R18: the edit outlives it in the activity that goes on; none is made beside it."""
    decision = decided(linked(), replace(activity(), role=Role.NONE), event("Dinner"))
    assert written(decision) == {Side.SEVERA: {Field.SUBJECT: "Dinner"}}


def test_taken_off_an_activity_that_has_the_copys_edit_already() -> None:
    """Nothing is left to hand in, so the copy goes, and history has what it held."""
    decision = decided(linked(), replace(activity("Dinner"), role=Role.NONE), event("Dinner"))
    assert only(decision) == Delete(Side.MICROSOFT)
    assert told(decision)["deleted"]["subject"] == "Dinner"


@pytest.mark.parametrize("link", [linked(), parked(linked()), dead(linked())])
def test_gone_on_both_sides(link: Link) -> None:
    """The link is kept as dead, whatever it was: neither comes back by mistake."""
    decision = decided(link, GONE, GONE)
    assert (decision.operations, decision.reason) == ((Bury(),), "gone on both sides")


# --- R19: what is not deleted -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days", "operation"),
    [(-7, Delete(Side.SEVERA)), (-7.1, Park(ParkReason.ARCHIVED, Side.MICROSOFT))],
)
def test_deletion_of_an_old_entry(days: float, operation: Operation) -> None:
    """Archiving is not deleting: what ended more than 7 days ago stays on the other side."""
    link = replace(linked(), ends=NOW + timedelta(days=days))
    assert only(decided(link, activity(version="s1"), GONE)) == operation


def test_deletion_of_an_old_activity() -> None:
    """The same holds the other way round."""
    link = replace(linked(), ends=NOW - timedelta(days=8))
    assert only(decided(link, GONE, UNSEEN)) == Park(ParkReason.ARCHIVED, Side.SEVERA)


def test_deletion_with_recorded_work_hours() -> None:
    """An activity with work hours stays."""
    decision = decided(linked(), activity(version="s1", has_hours=True), GONE)
    assert only(decision) == Park(ParkReason.WORK_HOURS, Side.MICROSOFT)


# --- resting ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("severa", "microsoft", "reason"),
    [
        (activity("Dinner", "task"), UNSEEN, ParkReason.PROJECT_TASK),
        (replace(activity("Dinner"), shape=Shape.OCCURRENCE), UNSEEN, ParkReason.RECURRING),
        (replace(activity("Dinner"), shape=Shape.EXCEPTION), UNSEEN, ParkReason.RECURRING),
        (activity("Dinner", "meeting"), UNSEEN, ParkReason.TYPE_NOT_TICKED),
        (UNSEEN, replace(event("Dinner"), not_held="time_weekday_set"), ParkReason.RECURRING),
        (UNSEEN, event("Dinner", is_meeting=True), ParkReason.MEETING),
    ],
)
def test_edit_of_what_a_rule_lets_rest(
    severa: Activity | Gone | Unseen, microsoft: Event | Gone | Unseen, reason: ParkReason
) -> None:
    """Nothing is written, nothing is deleted: the link is parked."""
    decision = decided(linked(), severa, microsoft)
    assert (decision.operations, decision.reason) == ((Park(reason, None),), f"rests: {reason.value}")


@pytest.mark.parametrize(("severa", "microsoft"), [(activity(kind="task"), GONE), (GONE, event(is_meeting=True))])
def test_deletion_of_what_a_rule_lets_rest(severa: Activity | Gone | Unseen, microsoft: Event | Gone | Unseen) -> None:
    """The other end stays, and the link knows which one is missing."""
    operation = only(decided(linked(), severa, microsoft))
    assert isinstance(operation, Park)
    assert operation.missing is (Side.MICROSOFT if microsoft is GONE else Side.SEVERA)


# --- parked links -----------------------------------------------------------------------------------------------------
def test_parked_without_news() -> None:
    """It stays as it is, for the reason that it had."""
    link = parked(linked(), ParkReason.DISCARDED)
    decision = decided(link, activity("Dinner", version="s1"), UNSEEN)
    assert only(decision) == Park(ParkReason.DISCARDED, None)


def test_parked_and_one_end_is_deleted() -> None:
    """A parked link never deletes: it learns what is missing."""
    assert only(decided(parked(linked()), UNSEEN, GONE)) == Park(ParkReason.TYPE_NOT_TICKED, Side.MICROSOFT)
    assert only(decided(parked(linked()), GONE, UNSEEN)) == Park(ParkReason.TYPE_NOT_TICKED, Side.SEVERA)


def test_parked_with_a_missing_end() -> None:
    """What is missing is remembered to be missing."""
    link = parked(linked(), ParkReason.ARCHIVED, Side.SEVERA)
    assert only(decided(link, UNSEEN, event(version="m1"))) == Park(ParkReason.ARCHIVED, Side.SEVERA)


def test_new_version_of_a_parked_activity() -> None:
    """Nothing keeps it parked any more: what changed since the last agreement travels."""
    assert written(decided(parked(linked()), activity("Dinner"))) == {Side.MICROSOFT: {Field.SUBJECT: "Dinner"}}


def test_new_version_of_a_parked_event() -> None:
    """The same holds for the other end, here with an edit that Severa made while it rested."""
    decision = decided(parked(linked()), activity("Dinner", version="s1"), event(entry("Lunch", location="Café")))
    assert written(decision) == {Side.SEVERA: {Field.LOCATION: "Café"}, Side.MICROSOFT: {Field.SUBJECT: "Dinner"}}


def test_edit_of_the_surviving_activity() -> None:
    """A new version of the surviving end revives a parked link."""
    link = parked(linked(), ParkReason.ARCHIVED, Side.MICROSOFT)
    operation = only(decided(link, activity("Dinner")))
    assert isinstance(operation, Create)
    assert (operation.side, operation.generation) == (Side.MICROSOFT, 1)


def test_edit_of_the_surviving_event() -> None:
    """The same holds the other way round."""
    operation = only(decided(parked(linked(), ParkReason.ARCHIVED, Side.SEVERA), UNSEEN, event("Dinner")))
    assert isinstance(operation, Create)
    assert operation.side is Side.SEVERA


@pytest.mark.parametrize(("severa", "microsoft"), [(activity(), GONE), (GONE, event())])
def test_surviving_end_that_only_got_a_new_version(
    severa: Activity | Gone | Unseen, microsoft: Event | Gone | Unseen
) -> None:
    """Nobody edited it (hours were recorded, say): the past is not written anew."""
    missing = Side.MICROSOFT if microsoft is GONE else Side.SEVERA
    link = parked(linked(), ParkReason.ARCHIVED, missing)
    assert only(decided(link, severa, microsoft)) == Park(ParkReason.ARCHIVED, missing)


def test_missing_end_of_a_parked_link_came_back() -> None:
    """Both ends are there again: they are merged, and the link lives."""
    link = parked(linked(), ParkReason.ARCHIVED, Side.MICROSOFT)
    assert written(decided(link, UNSEEN, event("Dinner", version="m1"))) == {Side.SEVERA: {Field.SUBJECT: "Dinner"}}


# --- dead links -------------------------------------------------------------------------------------------------------
def test_restored_event() -> None:
    """A person got it back: a new activity, of the next generation."""
    operation = only(decided(dead(linked(origin=Side.MICROSOFT, kind="meeting")), UNSEEN, event(version="m1")))
    assert isinstance(operation, Create)
    assert (operation.side, operation.generation) == (Side.SEVERA, 1)


def test_restored_activity() -> None:
    """The same holds the other way round; a type that we gave needs no tick."""
    for link in (linked(), linked(origin=Side.MICROSOFT, kind="meeting")):
        kind = "call" if link.origin is Side.SEVERA else "meeting"
        operation = only(decided(dead(link), activity(kind=kind, version="s1"), UNSEEN))
        assert isinstance(operation, Create)
        assert (operation.side, operation.generation) == (Side.MICROSOFT, 1)


@pytest.mark.parametrize(
    ("severa", "microsoft", "reason"),
    [
        (activity(kind="meeting"), UNSEEN, "type_not_ticked"),
        (activity(entry(when=at(11, day=-140))), UNSEEN, "too_old"),
        (UNSEEN, event(is_meeting=True), "meeting"),
        (UNSEEN, event(entry(when=at(11, day=-140))), "too_old"),
    ],
)
def test_restored_but_not_synchronized(
    severa: Activity | Gone | Unseen, microsoft: Event | Gone | Unseen, reason: str
) -> None:
    """It stays alone, and the link stays dead."""
    decision = decided(dead(linked()), severa, microsoft)
    assert decision.operations == (Bury(),)
    assert decision.reason == f"came back, but is not synchronized: {reason}"


def test_both_ends_restored() -> None:
    """They are merged on what they agreed on last."""
    assert written(decided(dead(linked()), activity(), event("Dinner"))) == {Side.SEVERA: {Field.SUBJECT: "Dinner"}}


def test_both_ends_restored_and_one_is_a_meeting() -> None:
    """A meeting is never written to (R16): the link rests."""
    decision = decided(dead(linked()), activity("Dinner"), event(is_meeting=True))
    assert only(decision) == Park(ParkReason.MEETING, None)
