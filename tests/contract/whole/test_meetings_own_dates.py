"""Somebody is out of one date of a meeting from outside, whoever has the say of it or owns it in Severa (R13, R15)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

import pytest

from tests.contract.whole.meeting import HOUR, Company, company
from tests.contract.whole.recurring import TUESDAY, nth, on
from tests.contract.whole.settled import AGED, DAY, at_rest, one_of
from tests.contract.whole.test_meetings_dates import by_themselves, in_the_date
from tests.contract.whole.test_meetings_series import ALL, SERIES, THIRD, in_severa

FOURTH, BOTH = nth(3), {"bert", "carl"}


def who(us: Company, day: date) -> set[str]:
    """Whose date it is in Severa, and who takes part in it; nobody where it does not take place."""
    [series] = [one for one in us.activities() if one.recurrence_type == "Series"]
    try:
        owner, others = us.people(us.severa.occurrence(series.guid, day))
    except LookupError:
        return set()
    return {owner, *others}


@asynccontextmanager
async def led_by_bert(*names: str, on_for: tuple[str, ...] = ()) -> AsyncIterator[tuple[Company, str]]:
    """Olga, outside, invites Bert, Carl and whom else to a weekly meeting. Bert's pair is first, and it has settled."""
    async with company(*on_for) as us:
        start = on(TUESDAY)
        boxes = [us.stage.mailboxes[name] for name in ("bert", "carl", *names)]
        for name in us.stage.users:
            us.graph.add_event(us.stage.mailboxes[name], "Lunch", on(TUESDAY, 8), on(TUESDAY, 9))
        meeting = us.graph.receive_invitation(boxes, "olga@outside.example", "Board", start, start + HOUR, **SERIES)
        await us.settle("bert", "carl", "anna")
        us.stage.clock.advance(AGED)
        yield us, meeting


def _goes(us: Company, meeting: str, name: str, day: date, how: str = "decline") -> None:
    event = us.event(meeting, name).immutable_id
    us.graph.decline(event, day) if how == "decline" else us.graph.cancel_occurrence(event, day)


async def _rest(us: Company) -> Any:
    await at_rest(us, "bert", "carl", "anna")
    us.stage.clock.advance(DAY)
    await at_rest(us, "bert", "carl", "anna")
    assert by_themselves(us) == 1
    assert us.mails == 0
    return await one_of(us)


@pytest.mark.parametrize("how", ["decline", "delete"])
async def test_who_has_the_say_is_out_of_one_date(how: str) -> None:
    """It is off for them alone: the others are in it, in Severa and in Outlook."""
    async with led_by_bert("anna") as (us, meeting):
        _goes(us, meeting, "bert", THIRD, how)
        activity = await _rest(us)
        assert us.people(activity) == ("bert", {"anna", "carl"})
        assert in_severa(us) == ALL
        assert [len(who(us, day)) for day in ALL] == [3, 3, 2, 3, 3]
        assert who(us, THIRD) == {"anna", "carl"}
        assert in_the_date(us, FOURTH) == ["anna", "carl"]


@pytest.mark.parametrize("order", [("bert", "carl"), ("carl", "bert")])
async def test_each_is_out_of_a_date_of_their_own(order: tuple[str, ...]) -> None:
    """Whoever comes first; the second one is the follower, who leaves as ever."""
    async with led_by_bert() as (us, meeting):
        _goes(us, meeting, "bert", THIRD)
        _goes(us, meeting, "carl", FOURTH)
        await us.settle(*order)
        await _rest(us)
        assert (who(us, THIRD), who(us, FOURTH)) == ({"carl"}, {"bert"})


async def test_everybody_is_out_of_one_date_one_after_the_other() -> None:
    """Who is the last one in it takes it along."""
    async with led_by_bert("anna") as (us, meeting):
        for name, left in (("bert", {"anna", "carl"}), ("anna", {"carl"}), ("carl", set())):
            _goes(us, meeting, name, THIRD)
            await _rest(us)
            assert who(us, THIRD) == left
        assert len(who(us, FOURTH)) == 3


async def test_who_has_the_say_is_alone_in_it() -> None:
    """The date is cancelled in Severa, as it always was."""
    async with company() as us:
        start = on(TUESDAY)
        boxes = [us.stage.mailboxes["bert"]]
        meeting = us.graph.receive_invitation(boxes, "olga@outside.example", "Board", start, start + HOUR, **SERIES)
        await us.settle("bert")
        us.stage.clock.advance(AGED)
        _goes(us, meeting, "bert", THIRD)
        await _rest(us)
        assert THIRD not in in_severa(us)


@pytest.mark.parametrize("order", [("bert", "carl"), ("carl", "bert")])
@pytest.mark.parametrize("removes", [True, False])
async def test_the_organizer_outside_cancels_a_date(order: tuple[str, ...], removes: bool) -> None:  # noqa: FBT001
    """No mailbox has it any more, so it is off for everybody, whoever looks first."""
    async with led_by_bert() as (us, meeting):
        us.stage.graph.options.cancellations_remove = removes
        us.graph.cancel_occurrence(meeting, THIRD)
        await us.settle(*order)
        await _rest(us)
        assert who(us, THIRD) == set()
        assert who(us, FOURTH) == BOTH


async def test_the_organizer_cancels_a_date_that_one_had_declined() -> None:
    """Whoever had the say of it takes it along."""
    async with led_by_bert() as (us, meeting):
        _goes(us, meeting, "bert", THIRD)
        await _rest(us)
        us.graph.cancel_occurrence(meeting, THIRD)
        await _rest(us)
        assert who(us, THIRD) == set()


async def test_the_organizer_changes_all_of_it_later() -> None:
    """Also the date that whoever leads is not in: another mailbox tells what becomes of it."""
    async with led_by_bert() as (us, meeting):
        _goes(us, meeting, "bert", THIRD)
        await _rest(us)
        us.graph.edit_event(meeting, subject="Budget")
        await at_rest(us, "bert", "carl", "anna")
        us.stage.clock.advance(DAY)
        await at_rest(us, "bert", "carl", "anna")
        assert in_severa(us) == dict.fromkeys(ALL, "Budget")
        assert who(us, THIRD) == {"carl"}
        assert "meeting_set_back" not in await us.told("carl")


async def test_somebody_edits_such_a_date_in_severa() -> None:
    """It is set back, as all of the meeting is (R16)."""
    async with led_by_bert() as (us, meeting):
        _goes(us, meeting, "bert", THIRD)
        activity = await _rest(us)
        us.severa.edit_occurrence(activity.guid, THIRD, by=us.stage.users["carl"], name="Party")
        await _rest(us)
        assert in_severa(us) == ALL
        assert "meeting_set_back" in await us.told("carl")


async def test_the_organizer_changes_the_date_and_asks_again() -> None:
    """Who had declined it has it again: they are in it again, and it is as their mailbox says."""
    async with led_by_bert() as (us, meeting):
        _goes(us, meeting, "bert", THIRD)
        await _rest(us)
        us.graph.edit_occurrence(meeting, THIRD, subject="Budget")
        again = us.graph.occurrences_of(us.event(meeting, "bert").immutable_id, THIRD, THIRD)
        await _rest(us)
        assert in_severa(us) == {**ALL, THIRD: "Budget"}
        assert who(us, THIRD) == ({"bert", "carl"} if again else {"carl"})


@pytest.mark.parametrize("keeps", [True, False])
async def test_p13_the_organizer_moves_all_of_it(keeps: bool) -> None:  # noqa: FBT001
    """The date moves with it, and who is out of it stays so as long as their mailbox says so."""
    async with led_by_bert() as (us, meeting):
        us.stage.severa.options.series_edit_keeps_exceptions = keeps
        _goes(us, meeting, "bert", THIRD)
        await _rest(us)
        us.graph.move_event(meeting, on(TUESDAY, 15), on(TUESDAY, 16))
        await _rest(us)
        in_it = {name for name in BOTH if us.graph.occurrences_of(us.event(meeting, name).immutable_id, THIRD, THIRD)}
        assert who(us, THIRD) == in_it
        starts = {one.start.hour for one in us.severa.occurrences_of((await one_of(us)).guid, TUESDAY, nth(9))}
        assert len(starts) == 1


@pytest.mark.parametrize(("name", "left"), [("carl", {"anna"}), ("bert", {"carl"})])
async def test_who_has_the_say_of_a_date_leaves_all_of_it(name: str, left: set[str]) -> None:
    """It passes on to whoever is in it yet."""
    async with led_by_bert("anna") as (us, meeting):
        _goes(us, meeting, "bert", THIRD)
        await _rest(us)
        _goes(us, meeting, "anna", THIRD) if name == "bert" else None
        await _rest(us)
        us.graph.decline(us.event(meeting, name).immutable_id)
        await _rest(us)
        assert name not in {one for day in ALL for one in who(us, day)}
        assert who(us, THIRD) == left


async def test_who_alone_is_in_a_date_leaves_all_of_it() -> None:
    """The date goes: nobody is in it any more."""
    async with led_by_bert() as (us, meeting):
        _goes(us, meeting, "bert", THIRD)
        await _rest(us)
        us.graph.decline(us.event(meeting, "carl").immutable_id)
        await _rest(us)
        assert who(us, THIRD) == set()
        assert who(us, FOURTH) == {"bert"}


async def test_a_date_was_declined_before_anybody_synchronized() -> None:
    """So it is for them alone from the beginning."""
    async with company() as us:
        start = on(TUESDAY)
        boxes = [us.stage.mailboxes[name] for name in ("bert", "carl")]
        meeting = us.graph.receive_invitation(boxes, "olga@outside.example", "Board", start, start + HOUR, **SERIES)
        _goes(us, meeting, "bert", THIRD)
        await us.settle("bert")
        await _rest(us)
        assert (who(us, THIRD), who(us, FOURTH)) == ({"carl"}, BOTH)


async def test_whose_switch_is_off_has_the_date() -> None:
    """A mailbox that is not scanned has it all the same."""
    async with led_by_bert(on_for=("bert", "anna")) as (us, meeting):
        _goes(us, meeting, "bert", THIRD)
        await _rest(us)
        assert (who(us, THIRD), who(us, FOURTH)) == ({"carl"}, BOTH)


async def test_the_owner_in_severa_does_not_lead() -> None:
    """Somebody gave it to them there: what they decline is off for them alone, too."""
    async with led_by_bert() as (us, meeting):
        us.severa.change_owner((await one_of(us)).guid, us.stage.users["carl"], stays=True)
        us.stage.clock.advance(DAY)
        await at_rest(us, "bert", "carl", "anna")
        _goes(us, meeting, "carl", THIRD)
        await _rest(us)
        assert (who(us, THIRD), who(us, FOURTH)) == ({"bert"}, BOTH)


async def test_changed_dates_get_other_ids_in_severa() -> None:
    """Nobody knows whether they do."""
    async with led_by_bert() as (us, meeting):
        us.stage.severa.options.exceptions_get_new_guids = True
        _goes(us, meeting, "bert", THIRD)
        await _rest(us)
        assert (who(us, THIRD), who(us, FOURTH)) == ({"carl"}, BOTH)


async def test_somebody_comes_to_the_meeting_and_goes_again() -> None:
    """To and from that date as well, whoever owns it."""
    async with led_by_bert() as (us, meeting):
        _goes(us, meeting, "bert", THIRD)
        await _rest(us)
        us.graph.add_attendees(meeting, "anna@example.org", everyone=True)
        await _rest(us)
        assert {"anna", "carl"} <= who(us, THIRD)
        us.stage.clock.advance(AGED)
        us.graph.remove_attendees(meeting, "anna@example.org", everyone=True)
        await _rest(us)
        assert "anna" not in {one for day in ALL for one in who(us, day)}
