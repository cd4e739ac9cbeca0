"""Private entries (R10, R11): types, masks, flips in both directions. P59, P60."""

from dataclasses import replace

import pytest

from core.model.essence import Essence, Field
from core.model.ids import Side
from core.model.link import Link, ParkReason
from core.model.operation import Agree, Create, Decision, Delete, LeaveOut, NoteKind, Park, Update
from core.model.policy import ConflictRule, Policy, PrivateWithoutPersonal
from core.model.sighting import GONE, UNSEEN
from core.sync.record import agreed, with_types
from tests.support.pictures import (
    DIGESTER,
    LUNCH,
    NO_PERSONAL,
    POLICY,
    activity,
    at,
    decided,
    entry,
    event,
    linked,
    note_of,
    only,
    told,
    written,
)

SHOW = replace(NO_PERSONAL, private_without_personal=PrivateWithoutPersonal.SHOW)
SKIP = replace(NO_PERSONAL, private_without_personal=PrivateWithoutPersonal.SKIP)
DENTIST = entry("Dentist", text="Bring the card", location="Main street", private=True)
MASK = entry("Private")


def from_microsoft(
    microsoft: Essence = DENTIST, severa: Essence = MASK, kind: str = "meeting", policy: Policy = NO_PERSONAL
) -> Link:
    """A link of an event that became an activity."""
    return linked(severa, microsoft, kind=kind, origin=Side.MICROSOFT, policy=policy)


def type_written(decision: Decision) -> str:
    """The type that the update of the activity writes."""
    (update,) = [o for o in decision.operations if isinstance(o, Update) and o.side is Side.SEVERA]
    return update.draft.type_id


# --- newcomers --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("policy", "essence", "kind"),
    [
        (POLICY, DENTIST, "personal"),
        (NO_PERSONAL, MASK, "meeting"),
        (SHOW, replace(DENTIST, private=False), "meeting"),
    ],
)
def test_new_private_event(policy: Policy, essence: Essence, kind: str) -> None:
    """It becomes personal, or shows its mask, or all of it: what the company decided."""
    operation = only(decided(None, None, event(DENTIST), policy=policy))
    assert isinstance(operation, Create)
    assert (operation.draft.essence, operation.draft.type_id) == (essence, kind)


def test_new_private_event_that_the_company_skips() -> None:
    """It stays in the mailbox."""
    assert only(decided(None, None, event(DENTIST), policy=SKIP)) == LeaveOut("private_skipped")


@pytest.mark.parametrize(
    "policy", [replace(POLICY, personal_type="personal", private_without_personal=SKIP.private_without_personal)]
)
def test_skipping_is_only_for_companies_without_a_personal_type(policy: Policy) -> None:
    """With the type, the event is synchronized."""
    assert isinstance(only(decided(None, None, event(DENTIST), policy=policy)), Create)


@pytest.mark.parametrize(("kind", "busy"), [("personal", "busy"), ("absence", "oof"), ("visit", "busy")])
def test_new_activity_of_each_category(kind: str, busy: str) -> None:
    """Personal and absences are written as private, absences as out of office (R11)."""
    policy = replace(POLICY, ticked=frozenset({kind}))
    operation = only(decided(None, activity(kind=kind), None, policy=policy))
    assert isinstance(operation, Create)
    assert operation.draft.essence.private is (kind != "visit")
    assert operation.draft.busy == busy


# --- flips with a Personal type ---------------------------------------------------------------------------------------
def test_event_becomes_private() -> None:
    """Its activity becomes personal; nothing but privacy is written."""
    decision = decided(
        from_microsoft(entry(), entry(), "visit", POLICY), activity(kind="visit"), event(entry(private=True))
    )
    assert written(decision) == {Side.SEVERA: {Field.PRIVACY: "private"}}
    assert type_written(decision) == "personal"


def test_event_is_no_longer_private_and_the_earlier_type_comes_back() -> None:
    """The type that privacy took away is the one that returns."""
    link = from_microsoft(entry(private=True), entry(), "personal", POLICY)
    link = replace(link, earlier_type="visit", given_type="personal")
    decision = decided(link, activity(kind="personal"), event(entry()))
    assert written(decision) == {Side.SEVERA: {Field.PRIVACY: "normal"}}
    assert type_written(decision) == "visit"


@pytest.mark.parametrize("earlier", ["", "old", "no longer there"])
def test_event_is_no_longer_private_and_there_is_no_earlier_type(earlier: str) -> None:
    """Born private, or the earlier type is no longer in use: the default type."""
    link = replace(from_microsoft(entry(private=True), entry(), "personal", POLICY), earlier_type=earlier)
    assert type_written(decided(link, activity(kind="personal"), event(entry()))) == "meeting"


def test_event_is_no_longer_private_and_its_activity_is_gone() -> None:
    """The edit outlives the deletion, with the type of before."""
    link = from_microsoft(entry(private=True), entry(private=True), "personal", POLICY)
    operation = only(decided(replace(link, earlier_type="visit"), GONE, event(entry())))
    assert isinstance(operation, Create)
    assert operation.draft.type_id == "visit"


def test_there_and_back_again() -> None:
    """Private on and off: the activity is of the type that it had, and the link remembers no earlier one."""
    before = activity(kind="visit", version="s1")
    link = linked(kind="visit")
    on = only(decided(link, before, event(entry(private=True), version="m2")))
    link = with_types(link, before, on.draft)
    assert (link.given_type, link.earlier_type) == ("personal", "visit")
    personal = activity(kind="personal", version="s2")
    link = agreed(link, personal, event(entry(private=True), version="m2"), POLICY, DIGESTER, wrote=Side.SEVERA)
    assert decided(link, personal, event(entry(private=True))).operations == (Agree(),)
    off = only(decided(link, personal, event(entry(), version="m3")))
    assert off.draft.type_id == "visit"
    link = with_types(link, personal, off.draft)
    assert (link.given_type, link.earlier_type) == ("visit", "")


def test_edit_that_is_not_about_privacy() -> None:
    """A person's own choice of type survives: no type is written."""
    link = from_microsoft(entry(), entry(), "visit", POLICY)
    decision = decided(link, activity(kind="visit"), event("Dinner"))
    assert type_written(decision) == ""


@pytest.mark.parametrize(
    ("before", "after", "privacy"), [("call", "personal", "private"), ("personal", "call", "normal")]
)
def test_type_changed_in_severa(before: str, after: str, privacy: str) -> None:
    """The event follows: sensitivity is the only thing that is written."""
    policy = replace(POLICY, ticked=POLICY.ticked | {"personal"})
    decision = decided(linked(kind=before), activity(kind=after), UNSEEN, policy=policy)
    assert written(decision) == {Side.MICROSOFT: {Field.PRIVACY: privacy}}


def test_type_changed_in_severa_between_public_ones() -> None:
    """Types do not travel to Microsoft: nothing to write."""
    assert decided(linked(kind="call"), activity(kind="visit"), UNSEEN).operations == (Agree(),)


# --- absences ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("policy", [POLICY, NO_PERSONAL, SHOW, SKIP])
def test_edit_of_an_absence(policy: Policy) -> None:
    """Its copy is private because of it: in no company is it masked, skipped or kept from travelling."""
    link = linked("Holiday", kind="absence", policy=policy)
    assert not link.masked
    assert written(
        decided(link, activity("Sailing", "absence"), event(entry("Holiday", private=True)), policy=policy)
    ) == {Side.MICROSOFT: {Field.SUBJECT: "Sailing"}}
    assert written(decided(link, UNSEEN, event(entry("Sailing", private=True)), policy=policy)) == {
        Side.SEVERA: {Field.SUBJECT: "Sailing"}
    }


def test_event_that_became_an_absence_where_private_ones_are_skipped() -> None:
    """Remembered to be an absence, it need not be looked at: it goes on travelling."""
    link = linked("Holiday", kind="absence", origin=Side.MICROSOFT, policy=SKIP)
    decision = decided(link, UNSEEN, event(entry("Sailing", private=True)), policy=SKIP)
    assert written(decision) == {Side.SEVERA: {Field.SUBJECT: "Sailing"}}


@pytest.mark.parametrize("policy", [POLICY, NO_PERSONAL])
def test_copy_of_an_absence_is_made_public(policy: Policy) -> None:
    """It stays an absence in Severa (its type is a person's own choice), and history says so."""
    decision = decided(linked(kind="absence"), activity(kind="absence"), event(entry()), policy=policy)
    assert decision.operations == (Agree(),)
    assert note_of(decision, "privacy_of_absence").kind is NoteKind.REMARK


def test_edit_of_an_absence_whose_copy_was_made_public() -> None:
    """That was told once: only the edit travels."""
    decision = decided(linked(entry(), entry(), kind="absence"), activity("Sailing", "absence"), event())
    assert (set(written(decision)[Side.MICROSOFT]), decision.notes) == ({Field.SUBJECT}, ())


def test_call_becomes_an_absence() -> None:
    """Its copy becomes private, and nobody lost anything."""
    for microsoft in (UNSEEN, event()):
        decision = decided(linked(), activity(kind="absence"), microsoft)
        assert (written(decision), decision.notes) == ({Side.MICROSOFT: {Field.PRIVACY: "private"}}, ())


def test_absence_becomes_a_call_where_there_is_no_personal_type() -> None:
    """The event is no longer private: nothing is masked on the way."""
    link = linked("Holiday", kind="absence", policy=NO_PERSONAL)
    decision = decided(link, activity("Holiday", "call"), event(entry("Holiday", private=True)), policy=NO_PERSONAL)
    assert written(decision) == {Side.MICROSOFT: {Field.PRIVACY: "normal"}}


def test_call_becomes_an_absence_while_its_event_is_made_public() -> None:
    """The absence stays private, and so does its copy; what Microsoft said is told."""
    link = linked(entry("Holiday"), entry("Holiday", private=True), policy=SHOW)
    decision = decided(link, activity("Holiday", "absence"), event("Holiday"), policy=SHOW)
    assert written(decision) == {Side.MICROSOFT: {Field.PRIVACY: "private"}}
    assert told(decision) == {"conflict_privacy": {"privacy": "normal"}}


def test_matched_absence_where_there_is_no_personal_type() -> None:
    """It keeps itself private: its content is not masked, nor is it lost."""
    link = Link("A", "E", Side.SEVERA)
    held = entry("Holiday", text="Sailing")
    decision = decided(link, activity(held, "absence"), event(replace(held, private=True)), policy=NO_PERSONAL)
    assert decision.operations == (Agree(),)


# --- the mask ---------------------------------------------------------------------------------------------------------
def test_masked_and_nothing_moved() -> None:
    """The mask is never compared with what it hides."""
    link = from_microsoft()
    assert link.masked
    assert decided(link, activity(MASK, "meeting"), event(DENTIST), policy=NO_PERSONAL).operations == (Agree(),)


def test_edit_in_microsoft_behind_the_mask() -> None:
    """What is hidden stays hidden."""
    for severa in (activity(MASK, "meeting"), UNSEEN):
        decision = decided(from_microsoft(), severa, event(replace(DENTIST, text="New card")), policy=NO_PERSONAL)
        assert (decision.operations, decision.notes) == ((Agree(),), ())


def test_masked_event_is_moved() -> None:
    """Its time is not hidden."""
    decision = decided(from_microsoft(), UNSEEN, event(replace(DENTIST, when=at(15))), policy=NO_PERSONAL)
    assert written(decision) == {Side.SEVERA: {Field.TIME: "timed 2026-11-25T15:00:00Z 2026-11-25T16:00:00Z"}}


def test_masked_activity_is_moved() -> None:
    """The same holds the other way round."""
    decision = decided(from_microsoft(), activity(replace(MASK, when=at(15)), "meeting"), UNSEEN, policy=NO_PERSONAL)
    assert set(written(decision)[Side.MICROSOFT]) == {Field.TIME}


def test_edit_in_severa_of_a_masked_field() -> None:
    """Masked fields are read-only from Severa: it does not travel, and history says so."""
    severa = activity(entry("Private", text="Ask her"), "meeting")
    for microsoft in (UNSEEN, event(DENTIST)):
        decision = decided(from_microsoft(), severa, microsoft, policy=NO_PERSONAL)
        assert decision.operations == (Agree(),)
        assert told(decision) == {"masked_text": {"text": "Ask her"}}


def test_event_becomes_private_without_a_personal_type() -> None:
    """The mask is put on: subject, text and place leave Severa."""
    shown = replace(DENTIST, private=False)
    link = from_microsoft(shown, shown)
    decision = decided(link, activity(shown, "meeting"), event(DENTIST), policy=NO_PERSONAL)
    assert written(decision) == {Side.SEVERA: {Field.SUBJECT: "Private", Field.TEXT: "", Field.LOCATION: ""}}
    assert type_written(decision) == ""
    assert not decision.notes


def test_event_becomes_private_while_severa_is_edited() -> None:
    """The mask covers the edit, and history keeps it."""
    shown = replace(DENTIST, private=False)
    severa = activity(replace(shown, text="Ask her"), "meeting")
    decision = decided(from_microsoft(shown, shown), severa, event(DENTIST), policy=NO_PERSONAL)
    assert written(decision)[Side.SEVERA][Field.TEXT] == ""
    assert told(decision) == {"conflict_text": {"text": "Ask her"}}


def test_event_is_no_longer_private_without_a_personal_type() -> None:
    """The mask is taken off: what Microsoft holds is shown."""
    shown = replace(DENTIST, private=False)
    decision = decided(from_microsoft(), activity(MASK, "meeting"), event(shown), policy=NO_PERSONAL)
    assert written(decision) == {
        Side.SEVERA: {Field.SUBJECT: "Dentist", Field.TEXT: "Bring the card", Field.LOCATION: "Main street"}
    }
    assert not decision.notes


def test_mask_is_taken_off_while_severa_is_edited() -> None:
    """What was written on the mask loses whatever the rule, and is told."""
    policy = replace(NO_PERSONAL, conflict=ConflictRule.SEVERA)
    shown = replace(DENTIST, private=False)
    decision = decided(from_microsoft(), activity("Private, ask her", "meeting"), event(shown), policy=policy)
    assert written(decision)[Side.SEVERA][Field.SUBJECT] == "Dentist"
    assert Side.MICROSOFT not in written(decision)
    assert told(decision) == {"conflict_subject": {"subject": "Private, ask her"}}


def test_company_gets_a_personal_type() -> None:
    """What was masked is shown, and in the same write becomes personal: never in the open in between."""
    decision = decided(from_microsoft(), activity(MASK, "meeting"), event(DENTIST), policy=POLICY)
    assert set(written(decision)[Side.SEVERA]) == {Field.SUBJECT, Field.TEXT, Field.LOCATION, Field.PRIVACY}
    assert type_written(decision) == "personal"


def test_company_loses_its_personal_type() -> None:
    """The activities that are personal stay so: nothing needs hiding."""
    link = from_microsoft(DENTIST, DENTIST, "personal", POLICY)
    assert decided(link, activity(DENTIST, "personal"), event(DENTIST), policy=NO_PERSONAL).operations == (Agree(),)


def test_company_begins_to_mask() -> None:
    """What was shown gets its mask when the entry is looked at."""
    shown = replace(DENTIST, private=False)
    link = from_microsoft(DENTIST, shown, policy=SHOW)
    decision = decided(link, activity(shown, "meeting"), event(DENTIST), policy=NO_PERSONAL)
    assert written(decision)[Side.SEVERA][Field.SUBJECT] == "Private"


def test_masked_activity_gets_another_type() -> None:
    """Neither an absence nor the way back from it brings out, or makes public, what Microsoft keeps private."""
    policy = replace(NO_PERSONAL, ticked=NO_PERSONAL.ticked | {"meeting"})
    link = from_microsoft()
    assert decided(link, activity(MASK, "absence"), event(DENTIST), policy=policy).operations == (Agree(),)
    link = agreed(link, activity(MASK, "absence"), event(DENTIST), policy, DIGESTER)
    assert link.masked
    assert decided(link, activity(MASK, "meeting", version="s3"), event(DENTIST), policy=policy).operations == (
        Agree(),
    )


def test_deletion_of_a_masked_event_whose_mask_was_edited() -> None:
    """Such an edit outlives nothing: the activity follows."""
    severa = activity(entry("Private, ask her"), "meeting")
    assert only(decided(from_microsoft(), severa, GONE, policy=NO_PERSONAL)) == Delete(Side.SEVERA)


def test_deletion_of_a_masked_event_that_severa_moved() -> None:
    """The edit survives; that only its mask could be restored is named."""
    severa = activity(replace(MASK, when=at(15)), "meeting")
    decision = decided(from_microsoft(), severa, GONE, policy=NO_PERSONAL)
    assert isinstance(only(decision), Create)
    assert note_of(decision, "revived_masked").side is Side.MICROSOFT


def test_deletion_in_severa_while_the_company_gets_a_personal_type() -> None:
    """A mask that is due to come off is nobody's edit: the event follows the deletion."""
    assert only(decided(from_microsoft(), GONE, event(DENTIST), policy=POLICY)) == Delete(Side.MICROSOFT)


def test_mask_matched_with_notes_of_its_own() -> None:
    """A first match with an activity called Private: what it says goes to history before the mask covers it."""
    link = Link("A", "E", Side.MICROSOFT)
    severa = activity(entry("private", LUNCH, "Ask her"), "call")
    decision = decided(link, severa, event(DENTIST), policy=NO_PERSONAL)
    assert written(decision) == {Side.SEVERA: {Field.TEXT: ""}}
    assert told(decision) == {"conflict_text": {"text": "Ask her"}}


# --- skipped ----------------------------------------------------------------------------------------------------------
def test_linked_event_becomes_private_where_private_ones_are_skipped() -> None:
    """The link rests; nothing is deleted and nothing more comes to Severa."""
    for severa in (activity(kind="meeting"), UNSEEN):
        link = from_microsoft(entry(), entry(), policy=SKIP)
        decision = decided(link, severa, event(entry("Dentist", private=True)), policy=SKIP)
        assert only(decision) == Park(ParkReason.PRIVATE_SKIPPED, None)
