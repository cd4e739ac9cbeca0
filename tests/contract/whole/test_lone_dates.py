"""Somebody who was added in Severa to a single date of a series alone gets that date (R14)."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from tests.contract.whole.meeting import HOUR, NAMES, Company, company
from tests.contract.whole.recurring import TUESDAY, nth, on, weekly_in_severa
from tests.contract.whole.settled import AGED, DAY, at_rest, has
from tests.contract.whole.test_meetings_dates import CARL, in_the_date
from tests.contract.whole.test_meetings_series import THIRD, TIMES, meets


def in_carls_calendar(us: Company) -> dict[date, str]:
    """The single entries there, by their day, but for lunch."""
    found = us.graph.events_of(us.stage.mailboxes["carl"])
    return {one.start.date(): one.subject for one in found if one.subject != "Lunch"}


async def _series(us: Company, born: str) -> str:
    """Anna's and Bert's series, settled; its guid. Carl has an entry of his own."""
    us.graph.add_event(us.stage.mailboxes["carl"], "Lunch", on(TUESDAY, 8), on(TUESDAY, 9))
    us.severa.add_activity(us.stage.users["carl"], "Lunch", on(TUESDAY, 8), on(TUESDAY, 9))
    if born == "outlook":
        meets(us, "anna", "bert")
    else:
        start, anna, bert = on(TUESDAY), us.stage.users["anna"], us.stage.users["bert"]
        recurs = {
            "frequency": "Weekly",
            "pattern": {"weekly": weekly_in_severa()},
            "range": {"maxOccurrences": TIMES},
        }
        us.severa.add_activity(anna, "Board", start, start + HOUR, recurrence=recurs, participants=[bert])
        us.stage.clock.advance(DAY)
    await us.settle()
    us.stage.clock.advance(AGED)
    await us.settle()
    [found] = [one for one in us.activities() if one.recurrence_type == "Series"]
    return str(found.guid)


async def _with_carl_on_one_date(us: Company, born: str) -> str:
    """Such a series, and Carl added in Severa to its third date alone."""
    series = await _series(us, born)
    us.severa.add_participant(_third(us, series), us.stage.users["carl"])
    us.stage.clock.advance(DAY)
    await at_rest(us)
    return series


def _copy(us: Company) -> str:
    [copy] = [one for one in us.graph.events_of(us.stage.mailboxes["carl"]) if one.subject == "Board"]
    return str(copy.immutable_id)


def _third(us: Company, series: str) -> str:
    return str(us.severa.occurrence(series, THIRD).guid)


@pytest.mark.parametrize("active", [NAMES, ("anna", "bert")])
@pytest.mark.parametrize("born", ["severa", "outlook"])
async def test_somebody_is_added_to_a_date_in_severa(born: str, active: tuple[str, ...]) -> None:
    """That date comes to their mailbox, once, and goes when they leave it, whether or not their switch is on."""
    async with company(*active) as us:
        series = await _series(us, born)
        us.severa.add_participant(_third(us, series), us.stage.users["carl"])
        for _ in range(2):
            us.stage.clock.advance(DAY)
            await at_rest(us)
        assert in_carls_calendar(us) == {THIRD: "Board"}
        assert in_the_date(us) == ["bert", "carl"]
        us.severa.remove_participant(_third(us, series), us.stage.users["carl"])
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert in_carls_calendar(us) == {}
        assert in_the_date(us) == ["bert"]
        assert us.mails == 0


async def test_the_date_is_edited_in_severa() -> None:
    """The copy follows, with the feed."""
    async with company() as us:
        series = await _with_carl_on_one_date(us, "severa")
        us.severa.edit_occurrence(series, THIRD, by=us.stage.users["anna"], name="Budget")
        us.stage.clock.advance(AGED)
        await at_rest(us)
        assert in_carls_calendar(us) == {THIRD: "Budget"}


@pytest.mark.parametrize("born", ["severa", "outlook"])
async def test_the_copy_of_a_date_is_edited_in_outlook(born: str) -> None:
    """That reaches the date in Severa, as an edit of any activity does; of a meeting, whoever leads sets it back."""
    async with company() as us:
        series = await _with_carl_on_one_date(us, born)
        us.graph.edit_event(_copy(us), subject="Party")
        for _ in range(2):
            us.stage.clock.advance(DAY)
            await at_rest(us)
        expected = "Board" if born == "outlook" else "Party"
        assert in_carls_calendar(us) == {THIRD: expected}
        assert us.severa.occurrence(series, THIRD).name == expected
        assert us.mails == 0


@pytest.mark.parametrize("keeps", [True, False])
async def test_the_series_of_a_date_gets_another_time(keeps: bool) -> None:  # noqa: FBT001
    """Whether Severa keeps its exceptions then or forgets them: the copy is there as long as they are in the date."""
    async with company() as us:
        us.stage.severa.options.series_edit_keeps_exceptions = keeps
        series = await _with_carl_on_one_date(us, "severa")
        us.severa.edit_activity(series, by=us.stage.users["anna"], start=on(TUESDAY, 15), end=on(TUESDAY, 16))
        for _ in range(2):
            us.stage.clock.advance(DAY)
            await at_rest(us)
        assert (THIRD in in_carls_calendar(us)) is ("carl" in in_the_date(us))


async def test_the_series_of_a_date_is_deleted() -> None:
    """The copy goes along."""
    async with company() as us:
        series = await _with_carl_on_one_date(us, "severa")
        us.severa.remove_activity(series)
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert in_carls_calendar(us) == {}


async def test_the_copy_of_a_date_is_deleted_in_outlook() -> None:
    """They leave that date, and it stays for everybody else."""
    async with company() as us:
        await _with_carl_on_one_date(us, "severa")
        us.stage.clock.advance(AGED)
        us.graph.delete_event(_copy(us))
        await at_rest(us)
        assert in_the_date(us) == ["bert"]


async def test_somebody_in_a_date_comes_to_all_of_it_in_severa() -> None:
    """The series takes the place of the date."""
    async with company() as us:
        series = await _with_carl_on_one_date(us, "severa")
        us.severa.add_participant(series, us.stage.users["carl"])
        us.stage.clock.advance(DAY)
        await at_rest(us)
        assert has(us, "carl") == 1
        assert in_carls_calendar(us) == {nth(0): "Board"}


@pytest.mark.parametrize("active", [NAMES, ("anna", "bert")])
async def test_somebody_added_to_a_date_in_severa_is_invited_to_it(active: tuple[str, ...]) -> None:
    """The invitation takes the place of the copy."""
    async with company(*active) as us:
        us.graph.add_event(us.stage.mailboxes["carl"], "Lunch", *_lunch())
        meeting = meets(us, "anna", "bert")
        await us.settle()
        us.stage.clock.advance(AGED)
        [series] = [one for one in us.activities() if one.recurrence_type == "Series"]
        us.severa.add_participant(_third(us, series.guid), us.stage.users["carl"])
        us.stage.clock.advance(DAY)
        await at_rest(us)
        us.graph.add_attendees(meeting, CARL, day=THIRD)
        for _ in range(2):
            us.stage.clock.advance(DAY)
            await at_rest(us)
        assert has(us, "carl") == 1
        assert in_the_date(us) == ["bert", "carl"]


def _lunch() -> tuple[datetime, datetime]:
    return on(TUESDAY, 8), on(TUESDAY, 9)
