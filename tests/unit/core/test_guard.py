"""The guard (R20): what is held, what proceeds, at and around every threshold."""

from dataclasses import replace

import pytest

from core.model.ids import Side
from core.model.operation import (
    Agree,
    Create,
    Decision,
    Delete,
    Draft,
    Leave,
    LeaveOut,
    Note,
    NoteKind,
    Plan,
    Planned,
    Update,
)
from core.sync.guard import Ledger, guard
from tests.support.pictures import activity, entry, event, linked, picture

CALM = Ledger(links=1000, matched=True)


def plan_of(*decisions: Decision) -> Plan:
    """A plan of those decisions, each about an entry of its own."""
    pictures = (picture(replace(linked(), activity=f"A{n}", event=f"E{n}")) for n in range(len(decisions)))
    return Plan(tuple(Planned(p, d) for p, d in zip(pictures, decisions, strict=True)))


def deletions(count: int, side: Side = Side.SEVERA) -> list[Decision]:
    """So many deletions on one side."""
    return [
        Decision((Delete(side),), "deleted", (Note(NoteKind.DELETED, "deleted", side, {"subject": "Lunch"}),))
    ] * count


def creates(count: int) -> list[Decision]:
    """So many newcomers."""
    return [Decision((Create(Side.MICROSOFT, Draft(entry())),), "new")] * count


LEAVES = [Decision((Leave(),), "deleted or declined", (Note(NoteKind.DELETED, "left_meeting", Side.SEVERA),))]

OTHERS = [
    Decision((Agree(),), "in agreement"),
    Decision((Update(Side.SEVERA, Draft(entry()), frozenset()),), "one side moved"),
    Decision((LeaveOut("meeting"),), "not synchronized"),
]


def verdict(decisions: list[Decision], ledger: Ledger) -> tuple[list[tuple[str, str, int]], int]:
    """What is held, by kind, reason and number; and how many entries proceed."""
    guarded = guard(plan_of(*decisions), ledger)
    return [(h.kind, h.reason, len(h.entries)) for h in guarded.held], len(guarded.plan.entries)


def test_nothing_suspicious() -> None:
    """The plan is what it was."""
    plan = plan_of(*OTHERS, *deletions(2), *creates(2))
    guarded = guard(plan, CALM)
    assert (guarded.plan, guarded.held) == (plan, ())


@pytest.mark.parametrize(
    ("now", "before", "links", "held"),
    [
        (10, 0, 10, False),  # all of them, but no more than 10
        (11, 0, 11, True),
        (11, 0, 36, True),
        (11, 0, 37, False),  # 29.7 % of 37
        (12, 0, 40, False),  # 30 % is not more than 30 %
        (13, 0, 40, True),
        (1, 10, 26, True),  # those of the last 24 hours count, and their links too
        (1, 10, 27, False),
        (1, 9, 0, False),
    ],
)
def test_many_deletions(now: int, before: int, links: int, *, held: bool) -> None:
    """More than 10 entries and more than 30 % of the pair's links within 24 hours."""
    ledger = replace(CALM, links=links, deleted=before)
    found = verdict([*OTHERS, *deletions(now)], ledger)
    assert found == (([("delete", "many_deletions", now)], 3) if held else ([], 3 + now))


@pytest.mark.parametrize(("now", "before", "held"), [(1, 499, False), (1, 500, True), (2, 499, True)])
def test_many_deletions_in_the_company(now: int, before: int, *, held: bool) -> None:
    """More than 500 in the company, however many links this pair has."""
    found = verdict(deletions(now), replace(CALM, company_deleted=before))
    assert found == (([("delete", "many_deletions_in_company", now)], 0) if held else ([], now))


@pytest.mark.parametrize(
    ("now", "before", "matched", "held"),
    [
        (1000, 0, True, False),
        (1001, 0, True, True),
        (1, 999, True, False),
        (1, 1000, True, True),
        (1001, 0, False, False),  # the first sync may create as much as it takes
        (0, 2000, True, False),
    ],
)
def test_many_creates(now: int, before: int, *, matched: bool, held: bool) -> None:
    """More than 1,000 a day after the first sync (P06)."""
    found = verdict([*OTHERS, *creates(now)], replace(CALM, created=before, matched=matched))
    assert found == (([("create", "many_creates", now)], 3) if held else ([], 3 + now))


def test_side_found_empty() -> None:
    """A complete view that shows nothing is no reason to empty the other side, be it one entry (P23)."""
    ledger = replace(CALM, empty=frozenset({Side.MICROSOFT}))
    assert verdict(deletions(1, Side.SEVERA), ledger) == ([("delete", "side_found_empty", 1)], 0)
    assert verdict(deletions(1, Side.MICROSOFT), ledger) == ([], 1)


def test_deleted_while_the_sync_was_off() -> None:
    """What was deleted meanwhile waits for a person (R5)."""
    found = verdict([*OTHERS, *deletions(1), *creates(1)], replace(CALM, resumed=True))
    assert found == ([("delete", "deleted_while_off", 1)], 4)
    assert verdict(creates(1), replace(CALM, resumed=True)) == ([], 1)


def test_deletions_and_creates_are_held() -> None:
    """Each kind for its own reason; all the rest proceeds, in its order."""
    ledger = replace(CALM, links=11, created=1000)
    plan = plan_of(*OTHERS[:1], *deletions(11), *creates(1), *OTHERS[1:])
    guarded = guard(plan, ledger)
    assert [(h.kind, len(h.entries)) for h in guarded.held] == [("delete", 11), ("create", 1)]
    assert [p.decision for p in guarded.plan.entries] == OTHERS


def test_history_of_what_is_held() -> None:
    """It says that the operation waits, instead of what would have been done; and no content."""
    (held,) = guard(plan_of(*deletions(1)), replace(CALM, resumed=True)).held
    (planned,) = held.entries
    assert planned.decision.notes == (Note(NoteKind.HELD, "deleted_while_off", Side.SEVERA),)
    assert planned.decision.operations == (Delete(Side.SEVERA),)


def test_unlinked_entries_are_held() -> None:
    """Newcomers have no link to be known by, and are told apart all the same."""
    one, other = activity(id="A1"), event(id="E1")
    plan = Plan((Planned(picture(None, one, None), creates(1)[0]), Planned(picture(None, None, other), OTHERS[0])))
    guarded = guard(plan, replace(CALM, created=1000))
    assert [p.picture.seen_event for p in guarded.plan.entries] == [other]


# --- leaving (R15) ----------------------------------------------------------------------------------------------------
def test_many_leave() -> None:
    """To be taken off an activity is a deletion to whom it happens: both count together, and wait together."""
    assert verdict([*deletions(5), *LEAVES * 6], replace(CALM, links=20)) == ([("delete", "many_deletions", 11)], 0)
    assert verdict([*deletions(5), *LEAVES * 5], replace(CALM, links=20)) == ([], 10)


def test_leaving_after_the_sync_was_off() -> None:
    """What was declined meanwhile waits for a person too (R5)."""
    assert verdict(LEAVES, replace(CALM, resumed=True)) == ([("delete", "deleted_while_off", 1)], 0)


def test_leaving_where_a_side_is_found_empty() -> None:
    """An empty mailbox declined nothing (P23); an empty Severa is no reason to stay."""
    empty = [frozenset({side}) for side in (Side.MICROSOFT, Side.SEVERA)]
    assert verdict(LEAVES, replace(CALM, empty=empty[0])) == ([("delete", "side_found_empty", 1)], 0)
    assert verdict(LEAVES, replace(CALM, empty=empty[1])) == ([], 1)


def test_other_work_beside_a_deletion() -> None:
    """Only the deletion's side says what is found empty."""
    mixed = Decision((Update(Side.SEVERA, Draft(entry()), frozenset()), Delete(Side.MICROSOFT)), "both")
    assert verdict([mixed], replace(CALM, empty=frozenset({Side.MICROSOFT}))) == ([], 1)
    assert verdict([mixed], replace(CALM, empty=frozenset({Side.SEVERA}))) == ([("delete", "side_found_empty", 1)], 0)


def test_history_of_a_leave_that_is_held() -> None:
    """It is told on Severa's side, where the person would be taken off."""
    (held,) = guard(plan_of(*LEAVES), replace(CALM, resumed=True)).held
    (planned,) = held.entries
    assert planned.decision.notes == (Note(NoteKind.HELD, "deleted_while_off", Side.SEVERA),)
    assert planned.decision.operations == (Leave(),)


def test_history_of_a_create_that_is_held() -> None:
    """It is told on the side on which the entry would be made."""
    (held,) = guard(plan_of(*creates(1)), replace(CALM, created=1000)).held
    assert [note.side for planned in held.entries for note in planned.decision.notes] == [Side.MICROSOFT]
