"""What Severa is given of a meeting (R10, R13, R16): privacy, masks, types, and the first time that both are seen."""

from dataclasses import replace

import pytest

from core.model.essence import Essence, Field
from core.model.ids import Side
from core.model.link import Link
from core.model.operation import Agree, BringPeople, Leave, NoteKind, Operation, Update
from core.model.policy import ConflictRule
from core.model.sighting import GONE, UNSEEN, Role
from tests.support.meetings import KEY, meeting_activity, meeting_decided, meeting_event, meeting_link
from tests.support.pictures import (
    NO_PERSONAL,
    POLICY,
    activity,
    at,
    decided,
    entry,
    linked,
    note_of,
    only,
    told,
    written,
)
from tests.support.series import changed, nth, weekly

SECRET = entry("Salary talk", text="Numbers", location="Room 7", private=True)
WEEKS = changed(entry("Lunch", weekly(times=4)), nth(1), subject="Dinner")
MATCHED = Link("A", "E", Side.MICROSOFT, claim=KEY)
"""Just recognized: nothing was ever agreed."""


def of_type(operation: Operation) -> str:
    """The type that it writes."""
    assert isinstance(operation, Update)
    return operation.draft.type_id


# --- privacy (R10) ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("by", ["anna", "bert"])
def test_privacy_of_a_meeting_is_set_in_outlook(by: str) -> None:
    """The activity becomes personal, and the meeting stays as it is, whoever edited the activity last."""
    here = meeting_event(entry(private=True), organizes=True)
    decision = meeting_decided(meeting_link(organizes=True), meeting_activity(version="s1", by=by), here)
    assert written(decision) == {Side.SEVERA: {Field.PRIVACY: "private"}}
    assert of_type(only(decision)) == "personal"


def test_privacy_of_a_meeting_and_its_organizers_edit_in_severa() -> None:
    """Each goes its way; the type is Severa's alone."""
    there, here = meeting_activity("Dinner"), meeting_event(entry(private=True), organizes=True)
    decision = meeting_decided(meeting_link(organizes=True), there, here)
    assert {o.side: of_type(o) for o in decision.operations if isinstance(o, Update)} == {
        Side.SEVERA: "personal",
        Side.MICROSOFT: "",
    }


def test_privacy_of_a_meeting_is_taken_off_in_outlook() -> None:
    """The type of before comes back."""
    held = entry(private=True)
    link = replace(meeting_link(held, kind="personal"), given_type="personal", earlier_type="visit")
    decision = meeting_decided(link, meeting_activity(held, kind="personal", version="s1"), meeting_event("Lunch"))
    assert written(decision) == {Side.SEVERA: {Field.PRIVACY: "normal"}}
    assert of_type(only(decision)) == "visit"


@pytest.mark.parametrize("organizes", [True, False])
def test_person_chooses_another_type_in_severa(*, organizes: bool) -> None:
    """It is theirs: it is not set back, and the meeting's privacy is its organizer's to choose in Outlook."""
    there, here = meeting_activity(kind="personal"), meeting_event(organizes=organizes)
    decision = meeting_decided(meeting_link(organizes=organizes), there, here)
    assert (decision.operations, decision.notes) == ((Agree(),), ())


def test_private_meeting_is_shown_its_mask() -> None:
    """In a company without a Personal type: all that it is about goes out of Severa."""
    here = meeting_event(SECRET)
    link = meeting_link(replace(SECRET, private=False), policy=NO_PERSONAL)
    there = meeting_activity(replace(SECRET, private=False), version="s1")
    decision = meeting_decided(link, there, here, policy=NO_PERSONAL)
    assert written(decision) == {Side.SEVERA: {Field.SUBJECT: "Private", Field.TEXT: "", Field.LOCATION: ""}}
    assert not decision.notes


def test_masked_meeting_is_edited_in_severa() -> None:
    """What the mask hides is read-only; when it is is set back (R16)."""
    shown = entry("Private")
    link = meeting_link(shown, SECRET, policy=NO_PERSONAL)
    there = meeting_activity(entry("Dinner", at(15)))
    decision = meeting_decided(link, there, meeting_event(SECRET), policy=NO_PERSONAL)
    assert written(decision) == {Side.SEVERA: {Field.TIME: shown.value(Field.TIME)}}
    assert set(told(decision)) == {"masked_subject", "meeting_set_back"}


# --- several fields ---------------------------------------------------------------------------------------------------
def test_several_fields_are_set_back() -> None:
    """One line of history has them all, so that they can be restored as a whole; other news keep their own."""
    there = meeting_activity(entry("Dinner", text="Menu", location="Café"))
    decision = meeting_decided(meeting_link(), there, meeting_event("Lunch"))
    note = note_of(decision, "meeting_set_back")
    assert dict(note.values) == {"subject": "Dinner", "text": "Menu", "location": "Café"}
    assert (note.kind, note.side) == (NoteKind.CONFLICT, Side.SEVERA)


def test_set_back_beside_another_note() -> None:
    """Both are told."""
    there = meeting_activity(entry("Dinner", location="Café"))
    decision = meeting_decided(meeting_link(), there, meeting_event(""))
    assert set(told(decision)) == {"meeting_set_back", "subject_missing"}


def test_both_sides_changed_the_same_field() -> None:
    """Severa follows, whatever the company's rule says of other entries."""
    policy = replace(POLICY, conflict=ConflictRule.SEVERA)
    decision = meeting_decided(meeting_link(), meeting_activity("Dinner"), meeting_event("Board"), policy=policy)
    assert written(decision) == {Side.SEVERA: {Field.SUBJECT: "Board"}}
    assert told(decision) == {"meeting_set_back": {"subject": "Dinner"}}


def test_both_sides_changed_a_field_to_the_same() -> None:
    """They agree already, and nothing was lost."""
    decision = meeting_decided(meeting_link(), meeting_activity("Board"), meeting_event("Board"))
    assert (decision.operations, decision.notes) == ((Agree(),), ())


def test_organizer_and_outlook_changed_the_same_field() -> None:
    """It is the organizer's edit: the company's rule decides, as between any two."""
    there, here = meeting_activity("Dinner"), meeting_event("Board", organizes=True)
    link = meeting_link(organizes=True)
    for rule, side in ((ConflictRule.SEVERA, Side.MICROSOFT), (ConflictRule.MICROSOFT, Side.SEVERA)):
        decision = meeting_decided(link, there, here, policy=replace(POLICY, conflict=rule))
        assert set(written(decision)) == {side}
        assert note_of(decision, "conflict_subject").side is side


# --- recognized for the first time (R6) -------------------------------------------------------------------------------
def first_sight(severa: Essence, microsoft: Essence) -> tuple[dict[Side, dict[Field, str]], dict[str, dict[str, str]]]:
    """What is written, and what is told, where an activity is recognized as that meeting."""
    decision = meeting_decided(MATCHED, meeting_activity(severa), meeting_event(microsoft))
    assert BringPeople() in decision.operations
    return written(decision), told(decision)


@pytest.mark.parametrize(
    ("severa", "microsoft", "writes", "tells"),
    [
        (entry(), entry(), {}, {}),
        (entry("LUNCH"), entry("Lunch"), {}, {}),
        (entry(text="Menu", location="Café"), entry(), {}, {}),
        (entry(), entry(text="Menu"), {Side.SEVERA: {Field.TEXT: "Menu"}}, {}),
        (
            entry(text="Agenda"),
            entry(text="Menu"),
            {Side.SEVERA: {Field.TEXT: "Menu"}},
            {"meeting_set_back": {"text": "Agenda"}},
        ),
        (entry(), entry(private=True), {Side.SEVERA: {Field.PRIVACY: "private"}}, {}),
    ],
    ids=[
        "alike",
        "spelt otherwise",
        "Severa has more",
        "Microsoft has more",
        "both have something",
        "the meeting is private",
    ],
)
def test_activity_is_recognized_as_a_meeting(
    severa: Essence, microsoft: Essence, writes: dict[Side, dict[Field, str]], tells: dict[str, dict[str, str]]
) -> None:
    """Severa is filled, never emptied; what it loses is told."""
    assert first_sight(severa, microsoft) == (writes, tells)


@pytest.mark.parametrize("severa", [entry(text="Menu", location="Café"), entry("LUNCH", text="Menu"), WEEKS])
def test_organizers_own_activity_is_recognized_as_the_meeting(severa: Essence) -> None:
    """However new it is, it is no edit: a first sync mails nobody (R16)."""
    here = meeting_event(replace(severa, subject="Lunch", text="", location="", exceptions=()), organizes=True)
    decision = meeting_decided(replace(MATCHED, organized=True), meeting_activity(severa), here)
    assert Side.MICROSOFT not in written(decision)


def test_private_activity_is_recognized_as_a_meeting() -> None:
    """It stays private in Severa: nobody sees more than before, and the meeting is not written to."""
    there = meeting_activity(kind="personal")
    decision = meeting_decided(MATCHED, there, meeting_event())
    assert decision.operations == (BringPeople(),)


# --- participants of what is no meeting (R14, R15) --------------------------------------------------------------------
def test_participants_copy_is_deleted() -> None:
    """It concerns that participant alone, though hours are recorded on the activity."""
    there = replace(activity(owner="bert", version="s1", has_hours=True), role=Role.PARTICIPANT)
    decision = decided(linked(), there, GONE)
    assert (decision.operations, decision.reason) == ((Leave(),), "a participant's copy concerns that participant")
    note = note_of(decision, "left_activity")
    assert (note.kind, note.side) == (NoteKind.DELETED, Side.SEVERA)


def test_participants_edit() -> None:
    """Their copy is as good as the owner's."""
    there = replace(activity("Dinner", owner="bert"), role=Role.PARTICIPANT)
    assert written(decided(linked(), there, UNSEEN)) == {Side.MICROSOFT: {Field.SUBJECT: "Dinner"}}
