"""What one look and one change cost on an Exchange Server, in its own operations: real adapters, simulated services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.contract.whole.meeting import company
from tests.contract.whole.recurring import DAY, TUESDAY, Calendars, calendars, nth, on, weekly
from tests.contract.whole.settled import AGED, at_rest
from tests.contract.whole.test_series_counts import DAILY, asked

RELEASES = ("2007_sp1", "2010_sp2", "2016")


@pytest.fixture(params=RELEASES)
async def both(request: pytest.FixtureRequest) -> AsyncIterator[Calendars]:
    """Anna's two calendars."""
    async with calendars(request.param) as found:
        yield found


def operations(both: Calendars) -> list[str]:
    """What the server was asked."""
    return [one.operation for one in both.stage.graph.simulator.exchanged]


async def settled(both: Calendars) -> None:
    """Settle; count from here on."""
    await both.settle()
    both.stage.quiet()


async def aged(both: Calendars) -> None:
    """Settle, and let pass the time in which an entry that was just made is looked at once more (P30)."""
    await both.settle()
    both.stage.clock.advance(AGED)
    await settled(both)


async def test_an_idle_run(both: Calendars) -> None:
    """1 request, however much is in the calendar, and none to Severa."""
    both.in_outlook(on(TUESDAY), on(TUESDAY, 11), DAILY)
    await settled(both)
    await both.stage.run()
    assert operations(both) == ["SyncFolderItems"]
    assert asked(both.stage.severa.requests) == []


async def test_a_single_entry_that_is_new_or_changed(both: Calendars) -> None:
    """2 requests; a read and a write in Severa."""
    await settled(both)
    people, anna = both.stage.graph.people, both.stage.mailboxes["anna"]
    made = people.add_event(anna, "Walk", on(TUESDAY, 15), on(TUESDAY, 16))
    for change in ({}, {"subject": "Long walk"}):
        people.edit_event(made, **change)
        both.stage.quiet()
        assert sum((await both.stage.run()).written.values()) == 1
        assert operations(both) == ["SyncFolderItems", "GetItem"]
        assert len(asked(both.stage.severa.requests)) == 2
        await aged(both)


async def test_a_changed_series_with_two_exceptions(both: Calendars) -> None:
    """3 requests: the round, the master, and its exceptions together."""
    both.in_outlook(on(TUESDAY), on(TUESDAY, 11), weekly(), times=10)
    await settled(both)
    both.edit_outlook(nth(2), subject="Farewell")
    both.edit_outlook(nth(3), location="Canteen")
    assert (await both.stage.run()).written == {"dates_severa": 2}
    assert operations(both) == ["SyncFolderItems", "GetItem", "GetItem"]
    await both.check()


async def test_one_date_of_500_is_cancelled(both: Calendars) -> None:
    """2 requests: the round, and the master, which names what is deleted; 1 read and 1 write in Severa."""
    both.in_outlook(on(TUESDAY), on(TUESDAY, 11), DAILY, times=500)
    await settled(both)
    both.cancel_in_outlook(TUESDAY + 250 * DAY)
    assert (await both.stage.run()).written == {"dates_severa": 1}
    assert operations(both) == ["SyncFolderItems", "GetItem"]
    assert asked(both.stage.severa.requests) == ["list", "DELETE"]


@pytest.mark.parametrize("what", ["cancelled", "edited"])
async def test_one_date_of_500_changes_in_severa(both: Calendars, what: str) -> None:
    """The round; the event, the date, the write, and what it came to. The date is found by its number in the series."""
    both.in_severa(on(TUESDAY), on(TUESDAY, 11), "daily", {"interval": 1}, times=500)
    await both.settle()
    both.stage.clock.advance(DAY / 2)
    await both.settle()
    both.stage.clock.advance(DAY / 48)
    day = TUESDAY + 250 * DAY
    if what == "edited":
        both.edit_severa(day, name="Farewell")
    else:
        both.cancel_in_severa(day)
    await both.stage.poll()
    both.stage.quiet()
    assert (await both.stage.run()).written == {"dates_microsoft": 1}
    done = operations(both)
    assert done[0] == "SyncFolderItems"
    assert [one for one in done if one not in ("SyncFolderItems", "GetItem")] == [
        "UpdateItem" if what == "edited" else "DeleteItem"
    ]
    assert len(done) <= 6, done
    await both.settle()
    await both.check(last=TUESDAY + 600 * DAY)


async def test_p16d_an_endless_series_in_the_whole_window(both: Calendars) -> None:
    """A first sync of one that never ends: the state, the window in its pieces, the master once; no date is read."""
    both.in_outlook(on(TUESDAY), on(TUESDAY, 11), DAILY)
    both.stage.quiet()
    assert (await both.stage.run()).written == {"created_severa": 1}
    done = operations(both)
    assert done.count("GetItem") == 1
    assert done.count("SyncFolderItems") == 1
    assert done.count("FindItem") <= 8, "730 dates, at most 500 or 1000 in one answer"
    await aged(both)
    both.edit_outlook(TUESDAY + timedelta(days=700), subject="Far away")
    await both.stage.run()
    assert operations(both) == ["SyncFolderItems", "GetItem", "GetItem"]


@pytest.mark.parametrize("release", RELEASES)
async def test_the_organizers_edit(release: str) -> None:
    """2 requests and 1 write in Severa by the organizer's pair; an attendee's looks at its event and writes nothing."""
    async with company(release=release) as us:
        meeting = us.meet("anna", "bert")
        await at_rest(us)
        us.graph.edit_event(meeting, location="Room 7")
        for name, severa in (("anna", ["GET", "PATCH"]), ("bert", [])):
            us.stage.quiet()
            await us.stage.run(name)
            assert [one.method for one in us.stage.severa.requests.entries] == severa
            assert us.stage.graph.requests.count() == 2
