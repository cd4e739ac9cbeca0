"""Series, merged date by date (R12, R17): what either side changed, what a new pattern costs, what is remembered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.essence import Essence, Field
from core.model.exceptions import DateException, name_of
from core.model.ids import Side
from core.model.operation import Agree, Create, Draft, NoteKind, Update
from core.model.policy import ConflictRule
from core.model.sighting import GONE, UNSEEN, Role
from core.sync.merge import changed_fields
from core.sync.record import agreed, before_time, date_agreed
from core.sync.rejoin import base_link
from core.sync.series import as_merged, differing, dropped
from tests.support.pictures import (
    DIGESTER,
    NOW,
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
from tests.support.series import cancelled, changed, nth, weekly

LUNCH = entry("Lunch", weekly(times=4), "Menu")
ONE, TWO, THREE = (name_of(nth(number)) for number in (1, 2, 3))
DINNER = changed(LUNCH, nth(1), subject="Dinner")
MOVED = changed(LUNCH, nth(1), hour=12)
TUESDAYS_TWICE = entry("Lunch", weekly(times=2), "Menu")
"""Its third and fourth dates are gone."""


def targets(decision: object) -> dict[Side, Essence]:
    """What each side is to hold."""
    return {o.side: o.draft.essence for o in decision.operations if isinstance(o, Update)}


# --- an online meeting's text -----------------------------------------------------------------------------------------
def test_text_of_one_date_of_an_online_series_is_edited_in_severa() -> None:
    """It stays in Severa, in words, and holds the way in; whatever else that date has travels (R12)."""
    online, text = replace(event(LUNCH), is_online=True), changed(LUNCH, nth(1), text="Soup")
    decision = decided(linked(LUNCH), activity(text), online)
    assert (only(decision), told(decision)) == (Agree(), {"online_meeting_text": {ONE: text.value(ONE)}})
    more = changed(LUNCH, nth(1), text="Soup", subject="Dinner")
    decision = decided(linked(LUNCH), activity(more), online)
    assert set(written(decision)) == {Side.MICROSOFT}
    assert told(decision) == {"online_meeting_text": {ONE: more.value(ONE)}}
    assert not decided(linked(LUNCH), activity(DINNER), online).notes
    assert not decided(linked(LUNCH), activity(cancelled(LUNCH, nth(1))), online).notes


# --- one side moved ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("after", [DINNER, MOVED, cancelled(LUNCH, nth(1))], ids=["edited", "moved", "cancelled"])
def test_date_is_changed(after: Essence) -> None:
    """That date alone travels, from whichever side."""
    for side, decision in (
        (Side.MICROSOFT, decided(linked(LUNCH), activity(after))),
        (Side.SEVERA, decided(linked(LUNCH), UNSEEN, event(after))),
    ):
        assert written(decision) == {side: {ONE: after.value(ONE)}}
        assert not decision.notes


def test_date_is_as_the_series_says_again() -> None:
    """That travels like any change."""
    assert written(decided(linked(DINNER), activity(LUNCH))) == {Side.MICROSOFT: {ONE: ""}}
    assert targets(decided(linked(DINNER), activity(LUNCH), event(DINNER))) == {Side.MICROSOFT: LUNCH}


def test_different_dates_are_changed() -> None:
    """Each goes its way, beside the fields of the whole series."""
    there, here = replace(DINNER, subject="Board"), changed(LUNCH, nth(2), subject="Supper")
    decision = decided(linked(LUNCH), activity(there), event(here))
    assert {side: set(fields) for side, fields in written(decision).items()} == {
        Side.SEVERA: {TWO},
        Side.MICROSOFT: {Field.SUBJECT, ONE},
    }
    assert not decision.notes


def test_series_and_its_dates_as_they_are_to_be() -> None:
    """A target holds its own other dates, and those of the source that are written."""
    there, here = cancelled(LUNCH, nth(1)), changed(LUNCH, nth(2), subject="Supper")
    both = changed(cancelled(LUNCH, nth(1)), nth(2), subject="Supper")
    assert targets(decided(linked(LUNCH), activity(there), event(here))) == {Side.SEVERA: both, Side.MICROSOFT: both}


# --- both sides moved -------------------------------------------------------------------------------------------------
def test_same_change_of_a_date_on_both_sides() -> None:
    """They agree already."""
    assert only(decided(linked(LUNCH), activity(DINNER), event(DINNER))) == Agree()


@pytest.mark.parametrize("rule", [ConflictRule.SEVERA, ConflictRule.MICROSOFT])
def test_conflict_about_a_date(rule: ConflictRule) -> None:
    """The rule decides of that date alone; what lost is told under its name, in one code for all dates."""
    there, here = cancelled(LUNCH, nth(1)), DINNER
    decision = decided(linked(LUNCH), activity(there), event(here), policy=replace(POLICY, conflict=rule))
    winner, loser, side = (there, here, Side.MICROSOFT) if rule is ConflictRule.SEVERA else (here, there, Side.SEVERA)
    assert written(decision) == {side: {ONE: winner.value(ONE)}}
    note = note_of(decision, "conflict_exception")
    assert (note.kind, note.side, dict(note.values)) == (NoteKind.CONFLICT, side, {ONE: loser.value(ONE)})


def test_deleted_series_of_which_a_date_was_edited() -> None:
    """An edit outlives a deletion, be it of one date (R18)."""
    operation = only(decided(linked(LUNCH), activity(DINNER), GONE))
    assert isinstance(operation, Create)
    assert operation.draft.essence == DINNER


def test_deleted_series() -> None:
    """Its twin follows, and history keeps its changed dates too."""
    link = replace(linked(DINNER), ends=NOW + timedelta(days=21))
    assert told(decided(link, activity(DINNER, version="s1"), GONE))["deleted"][ONE] == DINNER.value(ONE)


# --- a new pattern (R17) ----------------------------------------------------------------------------------------------
def test_new_pattern_and_dates_that_stay() -> None:
    """Nothing of them is written by the decision: they are part of what the side is to hold, and follow its time."""
    before = changed(cancelled(LUNCH, nth(3)), nth(1), subject="Dinner")
    longer = changed(cancelled(entry("Lunch", weekly(times=9), "Menu"), nth(3)), nth(1), subject="Dinner")
    decision = decided(linked(before), activity(longer), event(before, version="m1"))
    assert {side: set(fields) for side, fields in written(decision).items()} == {Side.MICROSOFT: {Field.TIME}}
    assert targets(decision)[Side.MICROSOFT] == longer
    assert not decision.notes


def test_new_pattern_without_some_of_the_dates() -> None:
    """What was on them is told by name, once; it can be on no date any more."""
    before = changed(cancelled(LUNCH, nth(1)), nth(2), subject="Dinner")
    after = cancelled(TUESDAYS_TWICE, nth(1))
    decision = decided(linked(before), activity(after), event(before, version="m1"))
    assert targets(decision) == {Side.MICROSOFT: after}
    note = note_of(decision, "exceptions_dropped")
    assert (note.kind, note.side) == (NoteKind.REMARK, Side.MICROSOFT)
    assert dict(note.values) == {TWO: before.value(TWO)}


def test_dates_that_are_dropped() -> None:
    """Those that the target has not, changed or not; a single entry has none of them."""
    held = changed(cancelled(LUNCH, nth(1), nth(3)), nth(2), subject="Dinner")
    assert set(dropped(held, TUESDAYS_TWICE)) == {TWO, THREE}
    assert dropped(held, LUNCH) == {}
    assert set(dropped(held, entry())) == {ONE, TWO, THREE}
    assert dropped(LUNCH, entry()) == {}


def test_dates_on_which_two_differ() -> None:
    """In order, by name, whichever of the two has the exception."""
    there, here = changed(cancelled(LUNCH, nth(3)), nth(1), subject="Dinner"), cancelled(DINNER, nth(2))
    assert differing(there, here) == [TWO, THREE]
    assert differing(there, there) == []
    assert differing(DINNER, MOVED) == [ONE]


def test_new_pattern_while_the_other_side_changes_a_date() -> None:
    """The date goes to the new pattern's side first; the side that takes the new time comes last."""
    there, here = entry("Lunch", weekly(times=9), "Menu"), DINNER
    decision = decided(linked(LUNCH), activity(there), event(here))
    assert [operation.side for operation in decision.operations] == [Side.SEVERA, Side.MICROSOFT]
    swapped = decided(linked(LUNCH), activity(here), event(there))
    assert [operation.side for operation in swapped.operations] == [Side.MICROSOFT, Side.SEVERA]
    both = changed(there, nth(1), subject="Dinner")
    assert targets(decision) == targets(swapped) == {Side.SEVERA: both, Side.MICROSOFT: both}


def test_single_entry_becomes_a_series_and_back() -> None:
    """Its time is what changed; the dates of a series that is none any more are told."""
    assert targets(decided(linked("Lunch"), activity("Lunch"), event(entry("Lunch", weekly())))) == {
        Side.SEVERA: entry("Lunch", weekly())
    }
    decision = decided(linked(DINNER), activity(DINNER), event(entry("Lunch", at(11), "Menu")))
    assert targets(decision)[Side.SEVERA].when == at(11)
    assert told(decision)["exceptions_dropped"] == {ONE: DINNER.value(ONE)}


def test_zone_that_is_not_the_owners() -> None:
    """It is told where a time goes to Severa, and only there."""
    moved = replace(event(entry("Lunch", weekly(hour=12), "Menu")), remarks=("time_zone_not_the_owners",))
    assert set(told(decided(linked(LUNCH), UNSEEN, moved))) == {"time_zone_not_the_owners"}
    edited = replace(event(DINNER), remarks=("time_zone_not_the_owners",))
    assert not decided(linked(LUNCH), UNSEEN, edited).notes
    there = replace(event(LUNCH), remarks=("time_zone_not_the_owners",))
    assert not decided(linked(LUNCH), activity(entry("Lunch", weekly(hour=12), "Menu")), there).notes


# --- as merged --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", [Field.SUBJECT, Field.TEXT, Field.LOCATION, Field.PRIVACY, Field.TIME])
def test_one_field_of_a_series(name: Field) -> None:
    """That one comes from the source, every other one stays."""
    own = entry("Lunch", weekly(times=4), "Menu", "Café")
    source = entry("Board", weekly(times=9), "Agenda", "Room 7", private=True)
    merged = as_merged(own, source, {name})
    assert [field for field in Field if merged.value(field) != own.value(field)] == [name]
    assert merged.value(name) == source.value(name)


def test_nothing_known_of_a_series() -> None:
    """All of it comes from the source."""
    assert as_merged(None, DINNER, {ONE}) == DINNER


def test_subject_of_a_series_with_a_date_of_that_subject() -> None:
    """In normal form again: what is just as the series says is no exception."""
    assert as_merged(DINNER, replace(LUNCH, subject="Dinner"), {Field.SUBJECT}) == replace(LUNCH, subject="Dinner")


# --- what is remembered -----------------------------------------------------------------------------------------------
def test_before_a_new_time() -> None:
    """Both sides' memory of the dates that stay is dropped, and nothing else: a crash takes none for an edit."""
    before = changed(cancelled(LUNCH, nth(3)), nth(1), subject="Dinner")
    link = linked(before)
    after = before_time(link, Draft(cancelled(entry("Lunch", weekly(times=9), "Menu"), nth(3))))
    for side in Side:
        assert after.end(side).digests == {n: d for n, d in link.end(side).digests.items() if n != THREE}
        assert after.end(side).version == link.end(side).version
    assert (after.ends, after.agreed) == (link.ends, link.agreed)


def test_crash_after_a_new_time_that_cost_the_dates() -> None:
    """What is gone from one side is written there again from the other; it is taken for nobody's edit."""
    before, after = cancelled(LUNCH, nth(1)), cancelled(entry("Lunch", weekly(times=9), "Menu"), nth(1))
    bare = replace(after, exceptions=())
    link = before_time(linked(before), Draft(after))
    assert written(decided(link, activity(after), event(bare))) == {Side.MICROSOFT: {ONE: "cancelled"}}


def test_one_date_is_agreed_on() -> None:
    """That date as each side holds it, and when; everything else is as it was."""
    link, later = linked(LUNCH), replace(POLICY, now=NOW + timedelta(days=1))
    held = {Side.SEVERA: DINNER, Side.MICROSOFT: cancelled(DINNER, nth(2))}
    after = date_agreed(link, ONE, held, later, DIGESTER)
    for side in Side:
        assert after.end(side).digests == {
            **link.end(side).digests,
            ONE: DIGESTER.field(side, ONE, DINNER),
        }
        assert after.end(side).version == link.end(side).version
    assert after.agreed == later.now


def test_one_date_is_agreed_to_be_as_the_series_says() -> None:
    """There is nothing to remember of it; an end that was not seen stays as it was."""
    link = linked(DINNER)
    after = date_agreed(link, ONE, {Side.SEVERA: LUNCH}, POLICY, DIGESTER)
    assert after.severa.digests == linked(LUNCH).severa.digests
    assert after.microsoft == link.microsoft


def test_part_of_a_series_is_settled() -> None:
    """A date that is as the series says again is forgotten with the others of that write."""
    after = agreed(linked(DINNER), activity(LUNCH), None, POLICY, DIGESTER, names=frozenset({ONE}))
    assert ONE not in after.severa.digests
    assert changed_fields(after, Side.SEVERA, LUNCH, DIGESTER) == frozenset()


@pytest.mark.parametrize(("essence", "recurs"), [(LUNCH, True), (entry(), False)])
def test_link_of_a_series(essence: Essence, *, recurs: bool) -> None:
    """It says so, and when its last occurrence is over; from either end."""
    for ends in ((activity(essence), None), (None, event(essence))):
        link = agreed(linked(entry("Board", at(9))), *ends, POLICY, DIGESTER)
        assert link.recurs is recurs
        assert link.ends == (at(8, day=21).end if recurs else at(11).end)


def test_meeting_that_a_link_knows() -> None:
    """Where there is a claim it learns who organizes; other entries have nobody to remember."""
    link = linked(LUNCH, kind="meeting", origin=Side.MICROSOFT)
    for organizes in (True, False):
        held = replace(event(LUNCH), is_organizer=organizes)
        assert agreed(replace(link, claim="c"), None, held, POLICY, DIGESTER).organized is organizes
    assert not agreed(link, None, event(LUNCH), POLICY, DIGESTER).organized


@pytest.mark.parametrize("organizes", [True, False])
def test_meeting_that_was_an_activity_first(*, organizes: bool) -> None:
    """Whoever invites people to a copy organizes that event, but what was born in Severa stays its owner's."""
    link, here = replace(linked(LUNCH), claim="c"), replace(event(LUNCH), is_organizer=organizes)
    for role in (Role.OWNER, Role.PARTICIPANT):
        held = replace(activity(LUNCH), role=role)
        found = agreed(link, held, here, POLICY, DIGESTER)
        assert found.organized is (organizes and role is Role.OWNER)
        assert agreed(found, None, here, POLICY, DIGESTER).organized is found.organized


def test_series_that_is_made() -> None:
    """The series is made first: its link knows the source without its exceptions, which the next round finds."""
    for source, create in (
        (event(DINNER), Create(Side.SEVERA, Draft(DINNER, "meeting"))),
        (activity(DINNER), Create(Side.MICROSOFT, Draft(DINNER))),
    ):
        link = base_link(source, create, None, POLICY, DIGESTER)
        assert set(link.severa.digests) == set(link.microsoft.digests) == LUNCH.names()
        assert (link.recurs, link.end(source.side).version) == (True, "")
        assert changed_fields(link, source.side, source.essence, DIGESTER) == {ONE}
        plain = replace(source, essence=LUNCH)
        assert base_link(plain, create, None, POLICY, DIGESTER).end(source.side).version == source.version


def test_exception_of_a_date_without_an_end() -> None:
    """Nothing is said of dates that were never an exception anywhere."""
    assert DateException(nth(1)).spelling == "cancelled"
    assert changed_fields(linked(LUNCH), Side.SEVERA, LUNCH, DIGESTER) == frozenset()
