"""Single dates of a series, with real adapters on the simulated services (peers.md P06, P08, P10 to P16b)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from core.usecases.words import words
from tests.contract.whole.recurring import (
    HOUR,
    TUESDAY,
    Calendars,
    agreed,
    calendars,
    nth,
    on,
    weekly,
    weekly_in_severa,
)

SIDES = ("outlook", "severa")


@pytest.fixture
async def both() -> AsyncIterator[Calendars]:
    """Anna's two calendars."""
    async with calendars() as found:
        yield found


def change(both: Calendars, side: str, what: str, day: date) -> None:
    """A person moves, edits or cancels one date there."""
    start = on(day, 14)
    match side, what:
        case "outlook", "moved":
            both.edit_outlook(day, start=start, end=start + HOUR)
        case "outlook", "edited":
            both.edit_outlook(day, subject="Farewell", body="With cake", location="Canteen")
        case "outlook", _:
            both.cancel_in_outlook(day)
        case _, "moved":
            both.edit_severa(day, start=start, end=start + HOUR)
        case _, "edited":
            both.edit_severa(day, name="Farewell", notes="With cake", location="Canteen")
        case _:
            both.cancel_in_severa(day)


@pytest.mark.parametrize("number", [0, 2, 4], ids=["first", "middle", "last"])
@pytest.mark.parametrize("what", ["moved", "edited", "cancelled"])
@pytest.mark.parametrize("side", SIDES)
async def test_p16_one_date_changes(both: Calendars, side: str, what: str, number: int) -> None:
    """One write on the other side, and all other dates are what they were; the date is no entry of its own (P08)."""
    await agreed(both, side)
    before = both.outlook()
    change(both, side, what, nth(number))
    written = await both.settle()
    assert written == {"dates_severa" if side == "outlook" else "dates_microsoft": 1}
    after = await both.check()
    others = [one for one in before if one[0] != on(nth(number))]
    assert [one for one in after if one in others] == others
    assert len(after) == (4 if what == "cancelled" else 5)
    assert [one for one in after if one in before] == others
    assert await both.told() == []


@pytest.mark.parametrize("side", SIDES)
async def test_p15_a_series_arrives_without_its_first_and_last_date(both: Calendars, side: str) -> None:
    """A series that is new with its first and last dates cancelled and one edited is a series, with all of that."""
    start = on(TUESDAY)
    if side == "outlook":
        both.in_outlook(start, start + HOUR, weekly(), times=5)
    else:
        both.in_severa(start, start + HOUR, "weekly", weekly_in_severa(), times=5)
    for number, what in ((0, "cancelled"), (4, "cancelled"), (2, "edited")):
        change(both, side, what, nth(number))
    await both.settle()
    seen = await both.check()
    assert [one[0] for one in seen] == [on(nth(number)) for number in (1, 2, 3)]
    assert [one[2] for one in seen] == ["Standup", "Farewell", "Standup"]


async def test_p10_a_cancelled_date_that_no_answer_calls_removed(both: Calendars) -> None:
    """Delta tells the series and the dates that are left, and nothing of the cancelled one: it goes in Severa."""
    await agreed(both, "outlook", times=10)
    told: list[str] = []

    async def listen(response: httpx.Response) -> None:
        if "delta" in response.request.url.path.lower():
            told.append((await response.aread()).decode())

    both.stage.clients[1].event_hooks["response"].append(listen)
    both.cancel_in_outlook(nth(3))
    await both.settle()
    assert any(nth(4).isoformat() in answer for answer in told)
    assert not any("@removed" in answer or nth(3).isoformat() in answer for answer in told)
    assert on(nth(3)) not in [one[0] for one in await both.check()]


@pytest.mark.parametrize("lie", ["exception_alone", "shared_ical_uid", "delta_shuffled", "delta_twice"])
async def test_p11_whatever_of_a_series_a_round_tells(both: Calendars, lie: str) -> None:
    """An exception alone, pages in no order, dates that share an iCalUId (P64): the series arrives all the same."""
    setattr(both.stage.graph.options, lie, True)
    await agreed(both, "outlook")
    for number, what in ((0, "edited"), (1, "cancelled"), (2, "moved")):
        change(both, "outlook", what, nth(number))
        await both.settle()
    assert len(await both.check()) == 4


async def test_p11_a_master_that_began_long_ago_and_is_left_out(both: Calendars) -> None:
    """A round that tells the dates without their master: the series is read by its own id, once."""
    both.stage.graph.options.delta_master_missing = True
    start = on(date(2019, 1, 8))
    both.in_outlook(start, start + HOUR, weekly())
    await both.settle()
    both.cancel_in_outlook(nth(2))
    both.edit_outlook(nth(3), subject="Farewell")
    await both.settle()
    seen = await both.check(last=nth(8))
    assert [one[2] for one in seen if one[0] in (on(nth(2)), on(nth(3)))] == ["Farewell"]


@pytest.mark.parametrize("side", SIDES)
async def test_p14_moved_and_then_cancelled(both: Calendars, side: str) -> None:
    """The moved date has ids of its own in Microsoft; once it is cancelled it is nowhere any more."""
    await agreed(both, side)
    for what in ("moved", "cancelled"):
        change(both, side, what, nth(2))
        await both.settle()
    assert [one[0] for one in await both.check()] == [on(nth(number)) for number in (0, 1, 3, 4)]


@pytest.mark.parametrize("sides", [("outlook", "severa"), ("severa", "outlook")], ids=["to_severa", "to_outlook"])
async def test_p14_moved_on_one_side_and_cancelled_on_the_other(both: Calendars, sides: tuple[str, str]) -> None:
    """What arrived as a moved date can be cancelled where it arrived."""
    await agreed(both, "outlook")
    change(both, sides[0], "moved", nth(2))
    await both.settle()
    change(both, sides[1], "cancelled", nth(2))
    await both.settle()
    assert [one[0] for one in await both.check()] == [on(nth(number)) for number in (0, 1, 3, 4)]


async def test_different_dates_change_on_both_sides_at_once(both: Calendars) -> None:
    """Each side gets the other's, and there is no conflict."""
    await agreed(both, "outlook")
    change(both, "outlook", "cancelled", nth(0))
    change(both, "outlook", "moved", nth(1))
    change(both, "severa", "cancelled", nth(4))
    change(both, "severa", "edited", nth(3))
    await both.settle()
    seen = await both.check()
    assert [one[0] for one in seen] == [on(nth(1), 14), on(nth(2)), on(nth(3))]
    assert seen[2][2] == "Farewell"
    assert await both.told() == []


async def test_p16b_a_date_that_would_cross_its_neighbour(both: Calendars) -> None:
    """Exchange refuses it: that is told in words, once; Severa keeps what its user did, and nothing is tried again."""
    await agreed(both, "severa")
    start = on(nth(2), 14)
    both.edit_severa(nth(1), start=start, end=start + HOUR)
    both.edit_severa(nth(3), name="Farewell")
    await both.settle()
    assert await both.told() == ["occurrence_crosses"]
    seen = {one[0]: one[2] for one in both.outlook()}
    assert seen[on(nth(1))] == "Standup"
    assert seen[on(nth(3))] == "Farewell"
    assert on(nth(2), 14) in [one[0] for one in both.severa()]
    both.stage.quiet()
    await both.stage.run()
    assert both.stage.graph.requests.count() == 1
    both.edit_severa(nth(1), start=on(nth(1), 14), end=on(nth(1), 15))
    await both.settle()
    await both.check()


@pytest.mark.parametrize("side", SIDES)
async def test_a_series_text_changes_after_one_date_did(both: Calendars, side: str) -> None:
    """P11: what the date has not of its own follows the series where the service keeps it so; both sides agree."""
    await agreed(both, side)
    change(both, side, "edited", nth(1))
    change(both, side, "cancelled", nth(2))
    await both.settle()
    if side == "outlook":
        both.stage.graph.people.edit_event(both.event().immutable_id, body="Everybody", location="Room 9")
    else:
        both.stage.severa.people.edit_activity(both.activity().guid, notes="Everybody", location="Room 9")
    await both.settle()
    seen = await both.check()
    assert [one[3] for one in seen] == ["Everybody", "With cake", "Everybody", "Everybody"]


# --- what nobody knows of Severa (facts/severa.md 1.6, 1.7) ----------------------------------------------------------
async def test_an_edited_date_that_does_not_touch_its_series(both: Calendars) -> None:
    """Where Severa's series keeps its stamp, an edited date is told by its own row."""
    both.stage.severa.options.exceptions_touch = False
    await agreed(both, "severa")
    change(both, "severa", "edited", nth(1))
    await both.settle()
    assert [one[2] for one in await both.check()].count("Farewell") == 1


async def test_a_cancelled_date_that_does_not_touch_its_series(both: Calendars) -> None:
    """Where Severa's series keeps its stamp, a cancelled date is found by the daily listing."""
    both.stage.severa.options.exceptions_touch = False
    await agreed(both, "severa")
    change(both, "severa", "cancelled", nth(2))
    both.stage.clock.advance(25 * HOUR)
    await both.settle()
    assert len(await both.check()) == 4


async def test_severa_tells_times_by_its_owners_clocks(both: Calendars) -> None:
    """Offsets instead of UTC: dates travel both ways all the same."""
    both.stage.severa.options.times = "owner"
    await agreed(both, "severa")
    change(both, "outlook", "moved", nth(0))
    change(both, "severa", "moved", nth(1))
    change(both, "outlook", "edited", nth(2))
    change(both, "severa", "cancelled", nth(3))
    await both.settle()
    assert [one[0] for one in await both.check()] == [on(nth(0), 14), on(nth(1), 14), on(nth(2)), on(nth(4))]


@pytest.mark.parametrize("cancels", ["outlook", "severa"])
async def test_a_date_is_cancelled_on_one_side_and_edited_on_the_other(both: Calendars, cancels: str) -> None:
    """Neither side brings a cancelled date back: the two stay apart there, told once, by date and with a remedy."""
    await agreed(both, "outlook")
    day = nth(2)
    both.cancel_in_outlook(day) if cancels == "outlook" else both.cancel_in_severa(day)
    both.stage.clock.advance(timedelta(minutes=5))
    both.edit_severa(day, name="Budget") if cancels == "outlook" else both.edit_outlook(day, subject="Budget")
    await both.settle()
    for _ in range(3):
        both.stage.clock.advance(timedelta(days=3))
        await both.settle()
    found = await both.stage.ports.history.read(both.stage.pair(), datetime(2026, 1, 1, tzinfo=UTC))
    told = [one.note for one in found if one.note.code not in {"created", "updated"}]
    assert all(f"exception:{day.isoformat()}" in note.values for note in told)
    assert 1 <= len(told) <= 2
    assert len({note.code for note in told}) == len(told)
    assert all(words(note.code).remedy for note in told)


@pytest.mark.parametrize("side", SIDES)
async def test_p08_a_series_with_an_exception_is_shifted(both: Calendars, side: str) -> None:
    """It stays one series with its date among its own on both sides: neither is made anew."""
    await agreed(both, side)
    change(both, side, "edited", nth(2))
    await both.settle()
    later = on(TUESDAY, 13)
    if side == "outlook":
        both.stage.graph.people.move_event(both.event().immutable_id, later, later + HOUR)
    else:
        both.stage.severa.people.edit_activity(both.activity().guid, start=later, end=later + HOUR)
    written = await both.settle()
    assert not {kind for kind in written if kind.startswith(("created", "deleted"))}
    await both.check()
