"""Both sides changed one field (R17), and what a first match makes of two entries that were made apart (R6)."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.model.essence import Essence, Field
from core.model.ids import Side
from core.model.link import Link
from core.model.operation import Agree, NoteKind
from core.model.policy import ConflictRule
from core.model.when import AllDay
from tests.support.pictures import (
    LUNCH,
    NOW,
    POLICY,
    activity,
    at,
    decided,
    entry,
    event,
    linked,
    note_of,
    told,
    written,
)

Writes = dict[Side, dict[Field, str]]
EARLIER = NOW - timedelta(hours=2)
LATER = EARLIER + timedelta(seconds=61)
MINUTE = EARLIER + timedelta(seconds=60)
TO_SEVERA = {Side.SEVERA: {Field.SUBJECT: "Supper"}}
TO_MICROSOFT = {Side.MICROSOFT: {Field.SUBJECT: "Dinner"}}


@pytest.mark.parametrize(
    ("rule", "severa_moved", "microsoft_moved", "writes"),
    [
        (ConflictRule.SEVERA, EARLIER, LATER, TO_MICROSOFT),
        (ConflictRule.MICROSOFT, LATER, EARLIER, TO_SEVERA),
        (ConflictRule.NEWEST, LATER, EARLIER, TO_MICROSOFT),
        (ConflictRule.NEWEST, EARLIER, LATER, TO_SEVERA),
        (ConflictRule.NEWEST, MINUTE, EARLIER, TO_SEVERA),  # within 60 seconds nobody is newer
        (ConflictRule.NEWEST, EARLIER, EARLIER, TO_SEVERA),
        (ConflictRule.NEWEST, LATER, None, TO_SEVERA),  # unknown
        (ConflictRule.NEWEST, None, EARLIER, TO_SEVERA),
        (ConflictRule.NEWEST, None, None, TO_SEVERA),
    ],
)
def test_one_field_changed_on_both_sides(
    rule: ConflictRule, severa_moved: datetime | None, microsoft_moved: datetime | None, writes: Writes
) -> None:
    """The company's rule decides, and the losing value goes to history."""
    decision = decided(
        linked(),
        activity("Dinner", modified=severa_moved),
        event("Supper", modified=microsoft_moved),
        policy=replace(POLICY, conflict=rule),
    )
    assert written(decision) == writes
    loser, value = (Side.MICROSOFT, "Supper") if writes == TO_MICROSOFT else (Side.SEVERA, "Dinner")
    note = note_of(decision, "conflict_subject")
    assert (note.kind, note.side, note.values) == (NoteKind.CONFLICT, loser, {"subject": value})


@pytest.mark.parametrize("side", list(Side))
def test_p43_the_moment_of_our_own_write(side: Side) -> None:
    """It is nobody's edit, so it wins nothing: then the moments are unknown, and Microsoft's value stays."""
    link = linked()
    end = link.end(side)
    link = link.with_end(side, replace(end, wrote="s2" if side is Side.SEVERA else "m2"))
    decision = decided(link, activity("Dinner", modified=LATER), event("Supper", modified=EARLIER))
    assert written(decision) == TO_SEVERA


def test_conflict_in_one_field_and_an_edit_in_another() -> None:
    """Only what is in conflict is fought over."""
    decision = decided(linked(), activity(entry("Dinner", text="Menu")), event(entry("Supper", location="Café")))
    assert written(decision) == {
        Side.SEVERA: {Field.SUBJECT: "Supper", Field.LOCATION: "Café"},
        Side.MICROSOFT: {Field.TEXT: "Menu"},
    }
    assert told(decision) == {"conflict_subject": {"subject": "Dinner"}}


def test_conflict_of_times() -> None:
    """The losing time is kept in words that can be read and restored."""
    decision = decided(
        linked(), activity(entry(when=at(15))), event(entry(when=AllDay(LUNCH.start.date(), at(0, 2).start.date())))
    )
    assert written(decision) == {Side.SEVERA: {Field.TIME: "all-day 2026-11-25 2026-11-26"}}
    assert told(decision) == {"conflict_time": {"time": "timed 2026-11-25T15:00:00Z 2026-11-25T16:00:00Z"}}


def test_edits_that_differ_in_case_only() -> None:
    """Once entries are linked, how a subject is spelt is an edit like any other."""
    decision = decided(linked(), activity("LUNCH"), event("lunch"))
    assert written(decision) == {Side.SEVERA: {Field.SUBJECT: "lunch"}}
    assert told(decision) == {"conflict_subject": {"subject": "LUNCH"}}


@pytest.mark.parametrize(
    ("rule", "side", "text"), [(ConflictRule.SEVERA, Side.MICROSOFT, ""), (ConflictRule.MICROSOFT, Side.SEVERA, "Soup")]
)
def test_text_emptied_on_one_side_and_changed_on_the_other(rule: ConflictRule, side: Side, text: str) -> None:
    """Emptying is an edit too: it is fought over, not filled."""
    link = linked(entry(text="Menu"))
    policy = replace(POLICY, conflict=rule)
    decision = decided(link, activity(entry(text="")), event(entry(text="Soup")), policy=policy)
    assert written(decision) == {side: {Field.TEXT: text}}
    assert told(decision) == {"conflict_text": {"text": "Soup" if side is Side.MICROSOFT else ""}}


def test_moved_back_to_the_agreed_value() -> None:
    """A change that was taken back before anybody looked is no change."""
    assert decided(linked(), activity("Lunch"), event("Lunch")).operations == (Agree(),)


def test_same_edit_as_far_as_microsoft_can_hold_it() -> None:
    """A subject beyond Microsoft's limit and its beginning are the same edit (R22)."""
    decision = decided(linked(), activity("x" * 300), event("x" * 255))
    assert decision.operations == (Agree(),)


def test_text_of_an_online_meeting_is_edited_in_severa() -> None:
    """It would destroy the way in (R12): only the other edit travels, and history keeps what stays in Severa."""
    online = replace(event(), is_online=True)
    decision = decided(linked(), activity(entry("Dinner", text="Menu")), online)
    assert written(decision) == {Side.MICROSOFT: {Field.SUBJECT: "Dinner"}}
    assert told(decision) == {"online_meeting_text": {"text": "Menu"}}


def test_text_of_an_online_meeting_is_edited_on_both_sides() -> None:
    """Microsoft's stays, whoever is newer."""
    online = replace(event(entry(text="Join here"), modified=EARLIER), is_online=True)
    decision = decided(linked(), activity(entry(text="Menu"), modified=LATER), online)
    assert written(decision) == {Side.SEVERA: {Field.TEXT: "Join here"}}
    assert told(decision) == {"conflict_text": {"text": "Menu"}}


# --- the first match: nothing is remembered yet -----------------------------------------------------------------------
UNTOLD = Link("A", "E", Side.MICROSOFT)


def test_matched_entries_that_hold_the_same() -> None:
    """Nothing is written: they are linked, that is all (P03)."""
    decision = decided(UNTOLD, activity(entry("Lunch", text="Menu")), event(entry("Lunch", text="Menu")))
    assert (decision.operations, decision.notes) == ((Agree(),), ())


def test_matched_entries_spelt_differently() -> None:
    """They were matched without case: that is no reason to write."""
    assert decided(UNTOLD, activity("LUNCH"), event("Lunch")).operations == (Agree(),)


def test_matched_event_without_a_subject() -> None:
    """Severa's stand-in for no subject is no difference."""
    assert decided(UNTOLD, activity("(No subject)"), event("")).operations == (Agree(),)


@pytest.mark.parametrize(
    ("severa", "microsoft", "writes"),
    [
        (entry(text="Menu"), entry(), {Side.MICROSOFT: {Field.TEXT: "Menu"}}),
        (entry(), entry(location="Café"), {Side.SEVERA: {Field.LOCATION: "Café"}}),
    ],
)
def test_matched_and_one_side_says_nothing(severa: Essence, microsoft: Essence, writes: Writes) -> None:
    """An empty text or place is filled, without a conflict."""
    decision = decided(UNTOLD, activity(severa), event(microsoft))
    assert (written(decision), decision.notes) == (writes, ())


def test_matched_with_different_texts() -> None:
    """The rule decides, and nothing is lost in silence."""
    decision = decided(UNTOLD, activity(entry(text="Menu")), event(entry(text="Agenda")))
    assert written(decision) == {Side.SEVERA: {Field.TEXT: "Agenda"}}
    assert told(decision) == {"conflict_text": {"text": "Menu"}}


def test_rejoined_by_its_mark_and_renamed_meanwhile() -> None:
    """Nothing is remembered of it either, and its subjects differ: the rule decides, the loser is told."""
    decision = decided(UNTOLD, activity("Dinner"), event("Supper"))
    assert written(decision) == TO_SEVERA
    assert told(decision) == {"conflict_subject": {"subject": "Dinner"}}


@pytest.mark.parametrize(
    ("kind", "private", "side"),
    [("call", True, Side.SEVERA), ("personal", False, Side.MICROSOFT), ("absence", False, Side.MICROSOFT)],
)
def test_matched_and_only_one_is_private(kind: str, side: Side, *, private: bool) -> None:
    """Nobody sees more than before: the stricter one decides (R11)."""
    policy = replace(POLICY, ticked=POLICY.ticked | {"personal"})
    decision = decided(UNTOLD, activity(kind=kind), event(entry(private=private)), policy=policy)
    assert written(decision) == {side: {Field.PRIVACY: "private"}}


def test_matched_and_both_are_private() -> None:
    """Nothing to write."""
    assert decided(UNTOLD, activity(kind="absence"), event(entry(private=True))).operations == (Agree(),)
