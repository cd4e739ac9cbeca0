"""What series cost in requests: real adapters on the simulated services (peers.md P16d)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.contract.whole.recurring import DAY, TUESDAY, Calendars, calendars, on
from tests.simulators.common.counters import RequestLog

DAILY = {"type": "daily"}


@pytest.fixture
async def both() -> AsyncIterator[Calendars]:
    """Anna's two calendars."""
    async with calendars() as found:
        yield found


def asked(log: RequestLog) -> list[str]:
    """The requests, each in a word or two."""
    return [_named(one.method, one.url) for one in log.entries if "token" not in one.path]


def _named(method: str, url: str) -> str:
    path, _, query = url.partition("?")
    if "delta" in path.lower():
        return "delta"
    if path.endswith("/activities"):
        return f"list {query.partition('recurrenceType=')[2].partition('&')[0]}".rstrip()
    return method


async def test_one_date_of_500_is_cancelled_in_outlook(both: Calendars) -> None:
    """1 request of delta, stubs and all, 1 read of the master; 1 read and 1 write in Severa."""
    both.in_outlook(on(TUESDAY), on(TUESDAY, 11), DAILY, times=500)
    await both.settle()
    both.stage.quiet()
    both.cancel_in_outlook(TUESDAY + 250 * DAY)
    report = await both.stage.run()
    assert report.written == {"dates_severa": 1}
    assert asked(both.stage.graph.requests) == ["delta", "GET"]
    assert asked(both.stage.severa.requests) == ["list", "DELETE"]


async def test_one_date_of_500_is_moved_in_outlook(both: Calendars) -> None:
    """The same, with a PATCH."""
    both.in_outlook(on(TUESDAY), on(TUESDAY, 11), DAILY, times=500)
    await both.settle()
    both.stage.quiet()
    day = TUESDAY + 250 * DAY
    both.edit_outlook(day, start=on(day, 14), end=on(day, 15))
    report = await both.stage.run()
    assert report.written == {"dates_severa": 1}
    assert asked(both.stage.graph.requests) == ["delta", "GET"]
    assert asked(both.stage.severa.requests) == ["list", "PATCH"]


@pytest.mark.parametrize("what", ["cancelled", "edited"])
async def test_one_date_of_500_changes_in_severa(both: Calendars, what: str) -> None:
    """Of the series 1 read, and 1 listing of its exceptions; in Graph the round, the event, the date, and the write.

    That a date is cancelled costs two listings more, which prove it (R19).
    The date is read just before it is written, since DELETE ignores If-Match. The feed does not read on where a page
    is full of the series' occurrences: listings without any follow instead, whatever their number (P16d).
    """
    both.in_severa(on(TUESDAY), on(TUESDAY, 11), "daily", {"interval": 1}, times=500)
    await both.settle()
    both.stage.clock.advance(DAY / 2)
    await both.settle()
    both.stage.quiet()
    day = TUESDAY + 250 * DAY
    both.stage.clock.advance(DAY / 48)
    if what == "edited":
        both.edit_severa(day, name="Farewell")
    else:
        both.cancel_in_severa(day)
    await both.stage.poll()
    assert asked(both.stage.severa.requests) == ["list", "list None", "list Exception", "list Series"]
    both.stage.quiet()
    report = await both.stage.run()
    assert report.written == {"dates_microsoft": 1}
    write = "PATCH" if what == "edited" else "DELETE"
    assert asked(both.stage.graph.requests) == ["delta", "GET", "GET", write]
    proof = [] if what == "edited" else ["list Series", "list Exception"]
    assert asked(both.stage.severa.requests) == ["GET", "list Exception", *proof]


async def test_p16d_an_endless_series_in_the_whole_window(both: Calendars) -> None:
    """A daily one without end: one round of stubs, and one read of its master, whatever the pages are."""
    both.in_outlook(on(TUESDAY), on(TUESDAY, 11), DAILY)
    both.stage.quiet()
    report = await both.stage.run()
    assert report.written == {"created_severa": 1}
    graph = both.stage.graph.requests
    assert [one.method for one in graph.select(contains="/events/")] == ["GET"]
    assert len([one for one in graph.select(contains="delta") if "startDateTime" in one.url]) == 1
    assert graph.count(contains="delta") <= 8, "730 stubs, in pages of 100 at least"


async def test_an_idle_run_beside_long_series(both: Calendars) -> None:
    """1 request to Graph, none to Severa; once something else has changed since, the feed's poll is two."""
    both.in_outlook(on(TUESDAY), on(TUESDAY, 11), DAILY)
    both.in_severa(on(TUESDAY, 13), on(TUESDAY, 14), "daily", {"interval": 1}, "In Severa")
    await both.settle()
    both.cancel_in_outlook(TUESDAY + 9 * DAY)
    await both.settle()
    both.stage.clock.advance(DAY / 24)
    both.stage.severa.people.add_activity(both.stage.users["anna"], "Lunch", on(TUESDAY, 12), on(TUESDAY, 13))
    await both.settle()
    both.stage.quiet()
    await both.stage.run()
    assert asked(both.stage.graph.requests) == ["delta"]
    assert asked(both.stage.severa.requests) == []
    await both.stage.poll()
    assert asked(both.stage.severa.requests) == ["list", "list Series"]
