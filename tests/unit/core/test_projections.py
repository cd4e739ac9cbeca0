"""What each side may hold (R22), and the order of a plan."""

from dataclasses import replace
from typing import cast

import pytest

from core.model.claim import Meeting
from core.model.essence import Essence, Field, with_exceptions
from core.model.exceptions import DateException, name_of
from core.model.ids import Side
from core.model.link import Link
from core.model.operation import (
    Agree,
    BringPeople,
    Bury,
    Create,
    Delete,
    Leave,
    LeaveOut,
    NoteKind,
    Park,
    Picture,
    Update,
)
from core.model.sighting import GONE, UNSEEN, Role
from core.sync.plan import plan
from core.sync.project import on_microsoft, on_severa
from tests.support.meetings import KEY, meeting_activity, meeting_event, meeting_link
from tests.support.pictures import (
    DIGESTER,
    POLICY,
    activity,
    decided,
    entry,
    event,
    linked,
    note_of,
    only,
    picture,
    told,
    written,
)
from tests.support.series import changed, nth, weekly

LONG = "x" * 256
LUNCH = entry("Lunch", weekly(times=4))


# --- narrowing --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("subject", "held", "narrowed"),
    [
        ("x" * 255, "x" * 255, ()),
        (LONG, "x" * 255, ("subject_too_long",)),
        ("x" * 254 + " y", "x" * 254, ("subject_too_long",)),
    ],
)
def test_subject_in_a_mailbox(subject: str, held: str, narrowed: tuple[str, ...]) -> None:
    """255 characters, cut without a trailing space."""
    projection = on_microsoft(entry(subject))
    assert (projection.essence.subject, projection.narrowed) == (held, narrowed)


@pytest.mark.parametrize(
    ("essence", "held", "narrowed"),
    [
        (entry(""), entry("(No subject)"), ("subject_missing",)),
        (entry(location="x" * 1000), entry(location="x" * 1000), ()),
        (entry(location="x" * 1001), entry(location="x" * 1000), ("location_too_long",)),
        (entry(location="x" * 999 + " y"), entry(location="x" * 999), ("location_too_long",)),
        (
            entry("", location="x" * 1001),
            entry("(No subject)", location="x" * 1000),
            ("subject_missing", "location_too_long"),
        ),
        (entry("x" * 3000, text="y" * 9000), entry("x" * 3000, text="y" * 9000), ()),
    ],
)
def test_entry_in_severa(essence: Essence, held: Essence, narrowed: tuple[str, ...]) -> None:
    """A name is required, and a place has its limit."""
    projection = on_severa(essence, POLICY)
    assert (projection.essence, projection.narrowed) == (held, narrowed)


def test_narrowed_newcomer() -> None:
    """History is told once, on create, by the rule's name."""
    decision = decided(None, activity(LONG), None)
    note = note_of(decision, "subject_too_long")
    assert (note.kind, note.side, dict(note.values)) == (NoteKind.REMARK, Side.MICROSOFT, {})


def test_narrowed_edit() -> None:
    """And where the field is written."""
    decision = decided(linked(), activity(LONG))
    assert written(decision) == {Side.MICROSOFT: {Field.SUBJECT: "x" * 255}}
    assert set(told(decision)) == {"subject_too_long"}


def test_edit_of_another_field() -> None:
    """Not again: the subject was not written."""
    link = linked(LONG, "x" * 255)
    decision = decided(link, activity(entry(LONG, text="Menu")))
    assert written(decision) == {Side.MICROSOFT: {Field.TEXT: "Menu"}}
    assert not decision.notes


def test_narrowed_and_nothing_moved() -> None:
    """The difference that a side cannot help is not fought over."""
    decision = decided(linked(LONG, "x" * 255), activity(LONG), event("x" * 255))
    assert (decision.operations, decision.notes) == ((Agree(),), ())


def test_event_loses_its_subject() -> None:
    """Severa gets its stand-in, and history says so."""
    decision = decided(linked(), UNSEEN, event(""))
    assert written(decision) == {Side.SEVERA: {Field.SUBJECT: "(No subject)"}}
    assert set(told(decision)) == {"subject_missing"}


def test_a_date_that_is_narrowed() -> None:
    """History is told of what it has of its own; what it has from its series is told with that."""
    series = entry("Lunch", weekly(times=4), location=LONG)
    dated = changed(changed(series, nth(1), subject=LONG), nth(2), hour=12)
    decision = decided(linked(series, on_microsoft(series).essence), activity(dated))
    assert written(decision)[Side.MICROSOFT].keys() == {name_of(nth(1)), name_of(nth(2))}
    assert told(decision) == {"subject_too_long": {}}


def test_dates_that_severa_cannot_hold_in_full() -> None:
    """Each loss is told once, however many dates have it."""
    plain = [cast("DateException", LUNCH.on(nth(number))) for number in (1, 2)]
    dated = with_exceptions(LUNCH, [replace(one, subject="", location="x" * 1001) for one in plain])
    decision = decided(linked(LUNCH), UNSEEN, event(dated))
    assert sorted(note.code for note in decision.notes) == ["location_too_long", "subject_missing"]


# --- the order of a plan ----------------------------------------------------------------------------------------------
def test_order() -> None:
    """Agreements before creates, so that matching is complete; deletions last: a doubt may come up before them."""

    def named(link: Link, number: int) -> Link:
        return replace(link, activity=f"A{number}", event=f"E{number}")

    pictures = [
        picture(named(linked(), 1), UNSEEN, GONE),
        picture(None, activity(id="A2"), None),
        picture(named(linked(), 3), activity("Dinner", id="A3")),
        picture(None, None, replace(event(id="E4"), is_cancelled=True)),
        picture(named(linked(), 5), GONE, GONE),
        picture(named(linked(), 6), activity(kind="task", id="A6")),
        picture(named(linked(), 7)),
        picture(None, None, event(id="E8")),
        picture(named(linked(), 0)),
    ]
    entries = plan(pictures, POLICY, DIGESTER).entries
    order = [type(p.decision.operations[0]) for p in entries]
    assert order == [Agree, Agree, Bury, Park, LeaveOut, Update, Create, Create, Delete]
    assert [p.picture.id_on(Side.SEVERA) for p in entries] == ["A0", "A7", "A5", "A6", "", "A3", "", "A2", "A1"]
    assert plan(reversed(pictures), POLICY, DIGESTER).entries == entries


def test_order_of_what_concerns_people() -> None:
    """They are brought along with other edits, before anything is made; to leave comes last, like a deletion."""
    leaves = picture(linked(), replace(activity(version="s1"), role=Role.PARTICIPANT), GONE)
    brings = Picture(meeting_link(people=False), meeting_activity(), meeting_event(), Meeting(KEY))
    agrees = picture(replace(linked(), activity="Z"))
    entries = plan([leaves, picture(None, None, event(id="E2")), brings, agrees], POLICY, DIGESTER).entries
    assert [type(p.decision.operations[0]) for p in entries] == [Agree, BringPeople, Create, Leave]


def test_one_entry() -> None:
    """Its picture knows its ids, linked or not."""
    assert picture(linked()).id_on(Side.MICROSOFT) == "E"
    assert picture(None, activity(), None).id_on(Side.SEVERA) == "A"
    assert picture(None, activity(), None).id_on(Side.MICROSOFT) == ""
    assert [activity().side, event().side] == [Side.SEVERA, Side.MICROSOFT]
    assert only(decided(linked())) == Agree()
