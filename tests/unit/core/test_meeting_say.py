"""The table's rows for a meeting whose event has the say from now on, or of one date alone (R13)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.model.claim import Claim, Meeting
from core.model.essence import Field
from core.model.exceptions import name_of
from core.model.ids import Side, UserId
from core.model.operation import Agree, BringPeople, Decision, Picture, Update
from core.model.sighting import GONE, UNSEEN, Response, Role
from core.sync.meeting import address_of, as_compared
from tests.support.meetings import (
    GUESTS,
    KEY,
    WEEKS,
    meeting_activity,
    meeting_decided,
    meeting_event,
    meeting_link,
)
from tests.support.pictures import DIGESTER, entry, only
from tests.support.series import cancelled, changed, nth

THIRD, FOURTH = name_of(nth(2)), name_of(nth(3))
BUDGET = changed(WEEKS, nth(2), subject="Budget")


def names(decision: Decision) -> dict[Side, set[str]]:
    """The fields that are written, by side."""
    return {one.side: {*one.fields} for one in decision.operations if isinstance(one, Update)}


# --- all of it --------------------------------------------------------------------------------------------------------
def test_an_event_has_the_say_from_now_on() -> None:
    """What it was agreed to hold, while another one had the say, is news to Severa; nobody's edit is set back."""
    followed = replace(meeting_link("Lunch", "Dinner"), followed=True)
    decision = meeting_decided(followed, meeting_activity(version="s1"), meeting_event("Dinner", version="m1"))
    assert names(decision) == {Side.SEVERA: {Field.SUBJECT}}
    assert decision.notes == ()
    led = replace(followed, followed=False)
    assert only(meeting_decided(led, meeting_activity(version="s1"), meeting_event("Dinner", version="m1"))) == Agree()


def test_a_date_is_an_exception_in_severa_alone() -> None:
    """The event that has the say now has none: the date is put back."""
    followed = replace(meeting_link(BUDGET, WEEKS), followed=True)
    decision = meeting_decided(followed, meeting_activity(BUDGET, version="s1"), meeting_event(WEEKS, version="m1"))
    assert names(decision) == {Side.SEVERA: {THIRD}}


@pytest.mark.parametrize("event", [meeting_event("Dinner", version="m1"), UNSEEN], ids=["alike", "not seen"])
def test_nothing_differs(event: object) -> None:
    """Then nothing is written, and what is not seen is left alone."""
    followed = replace(meeting_link("Dinner"), followed=True)
    decision = meeting_decided(followed, meeting_activity("Dinner", version="s1"), event)  # type: ignore[arg-type]
    assert only(decision) == Agree()


@pytest.mark.parametrize("private", [True, False])
def test_a_private_type_that_severa_has(*, private: bool) -> None:
    """A plain event takes none away, which a person may have chosen; a private one gives it."""
    mine = entry("Lunch", private=private)
    followed = replace(meeting_link(entry("Lunch", private=not private), mine, people=True), followed=True)
    there = meeting_activity(entry("Lunch", private=not private), kind="personal" if not private else "meeting")
    decision = meeting_decided(followed, there, meeting_event(mine, version="m1"))
    assert names(decision) == ({Side.SEVERA: {Field.PRIVACY}} if private else {})


@pytest.mark.parametrize(("leads", "followed"), [(True, False), (False, True)])
def test_what_is_remembered_of_who_led(*, leads: bool, followed: bool) -> None:
    """As long as the event was seen; where it was not, or it is no meeting, that stays as it was."""
    link = replace(meeting_link(), followed=not followed)
    seen = Picture(link, meeting_activity(), meeting_event(), Meeting(KEY, leads))
    assert as_compared(link, seen).followed is followed
    assert as_compared(link, replace(seen, event=UNSEEN)) == as_compared(link, replace(seen, meeting=None)) == link


# --- those who had declined -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("answer", list(Response))
def test_somebody_had_declined(answer: Response) -> None:
    """Any other answer, or none, brings them."""
    guests = (replace(GUESTS[0], response=answer), GUESTS[1])
    declined = frozenset({address_of(GUESTS[0], DIGESTER)})
    here = meeting_event(version="m1", guests=guests)
    decision = meeting_decided(meeting_link(), meeting_activity(version="s1"), here, declined=declined)
    assert only(decision) == (Agree() if answer is Response.DECLINED else BringPeople())


# --- dates of which a follower has the say ----------------------------------------------------------------------------
def _follows(severa: object, microsoft: object, **more: object) -> dict[Side, set[str]]:
    decision = meeting_decided(meeting_link(WEEKS), severa, microsoft, leads=False, **more)  # type: ignore[arg-type]
    return names(decision)


def test_a_date_of_which_a_follower_has_the_say() -> None:
    """It is written from there, and no other date; whose it is not, and what is gone, says nothing."""
    both = changed(BUDGET, nth(3), subject="Party")
    there, here = meeting_activity(WEEKS), meeting_event(both)
    dates = frozenset({THIRD})
    assert _follows(there, here, dates=dates) == {Side.SEVERA: {THIRD}}
    assert _follows(UNSEEN, here, dates=dates) == {Side.SEVERA: {THIRD}}
    assert _follows(there, here) == _follows(there, meeting_event(WEEKS), dates=dates) == {}
    assert _follows(there, UNSEEN, dates=dates) == {}
    assert _follows(there, GONE, dates=dates) == {}


def test_such_a_date_is_declined() -> None:
    """Leaving it is told once, as by anybody who follows."""
    here = meeting_event(cancelled(WEEKS, nth(2)))
    decision = meeting_decided(
        meeting_link(WEEKS), meeting_activity(WEEKS), here, leads=False, dates=frozenset({THIRD})
    )
    assert [o.fields for o in decision.operations if isinstance(o, Update)] == [{THIRD}]


@pytest.mark.parametrize("role", [Role.OWNER, Role.PARTICIPANT])
def test_who_owns_it_in_severa_is_out_of_a_date(role: Role) -> None:
    """It concerns them, too, though another event has the say: whoever carries it out lets the date pass on."""
    assert _follows(meeting_activity(WEEKS, role=role), meeting_event(cancelled(WEEKS, nth(3)))) == {
        Side.SEVERA: {FOURTH}
    }


@pytest.mark.parametrize(
    ("there", "is_told"),
    [
        (replace(BUDGET, subject="Lunch"), True),
        (changed(replace(WEEKS, subject="Dinner"), nth(2), subject="Lunch"), False),
        (changed(replace(WEEKS, subject="Dinner"), nth(2), subject="Lunch", hour=15), True),
        (cancelled(WEEKS, nth(2)), True),
    ],
    ids=["edited", "left behind by the whole", "moved", "cancelled"],
)
def test_what_severa_has_of_such_a_date(there: object, *, is_told: bool) -> None:
    """What a person did is told; that it is still as all of it was is nobody's doing."""
    activity, here = meeting_activity(there, by=UserId("carl")), meeting_event("Lunch")  # type: ignore[arg-type]
    here = meeting_event(changed(replace(WEEKS, subject="Dinner"), nth(2), subject="Opera"))
    decision = meeting_decided(meeting_link(WEEKS), activity, here, leads=False, dates=frozenset({THIRD}))
    assert names(decision) == {Side.SEVERA: {THIRD}}
    assert [note.code for note in decision.notes] == (["meeting_set_back"] if is_told else [])


def test_everybody_whom_a_claim_names() -> None:
    """In whichever part of it: who is erased is in none of them."""
    names = [UserId(name) for name in "abcdefg"]
    apart = (((names[3], "2026-12-08"),), ((names[4], "digest"),), ((names[5], "2026-12-15"),), (names[6],))
    claim = Claim("k", "uid", "activity", names[0], (names[1],), names[2], None, "", *apart)
    assert claim.users() == {*names}
    assert Claim("k").users() == frozenset()
