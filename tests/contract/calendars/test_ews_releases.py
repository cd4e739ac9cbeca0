"""The calendar contract on every release of Exchange Server, from 2007 SP1 to Subscription Edition.

`EWS_CONTRACT=all` keeps the whole of it on each; otherwise the oldest release does, and the others go through what
releases differ in. What differs is listed in `DIFFERENCES`: what an old server cannot be told is refused in words.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time

import pytest

from core.errors import ItemRefused
from core.model.exceptions import DateException
from core.model.pattern import Day, Weekly
from core.model.recurrence import ClockTime
from core.model.when import AllDay
from tests.contract.calendars.content import HOUR, dates_of, moved, recurrences, recurring, shapes, wanted
from tests.contract.calendars.ews_harness import EwsHarness, ews_harness
from tests.contract.calendars.series_dates import change, held_on
from tests.contract.calendars.suite import CalendarContract
from tests.simulators.ews import RELEASES

OTHERS = ("2010", "2010_sp1", "2010_sp2", "2013", "2013_sp1", "2019", "se")
WHOLE = ("2007_sp1", *(OTHERS if os.environ.get("EWS_CONTRACT") == "all" else ()))
DIFFERENCES = {
    "exchange_week_start": ("2007_sp1", "2010"),
    "exchange_zone_unknown": ("2007_sp1", "2010", "2010_sp1", "2010_sp2"),
}
"""What is refused, and by which releases."""


class TestWholeContract(CalendarContract):
    """Every promise."""

    @pytest.fixture(params=WHOLE)
    async def harness(self, request: pytest.FixtureRequest) -> AsyncIterator[EwsHarness]:
        async with ews_harness(request.param) as harness:
            yield harness


@pytest.fixture(params=("2007_sp1", *OTHERS))
async def server(request: pytest.FixtureRequest) -> AsyncIterator[EwsHarness]:
    """A server of each release."""
    async with ews_harness(request.param) as harness:
        yield harness


def release_of(server: EwsHarness) -> str:
    """The release's short name."""
    return next(name for name, release in RELEASES.items() if release is server.simulator.release)


async def test_everything_that_can_be_written(server: EwsHarness) -> None:
    """Single entries and series of every kind come back as they were asked for."""
    asked = [*shapes(server).values(), *(wanted(name, when, "text") for name, when in recurrences(server).items())]
    for content in asked:
        made = await server.calendar.create(server.draft(content), server.stamp())
        assert made.essence == content
        assert await server.calendar.read(made.id) == made
    assert len((await server.calendar.view(server.window)).sightings) == len(asked)
    assert server.simulator.mails == []


async def test_whole_days_of_people_in_other_zones(server: EwsHarness) -> None:
    """They are the days that the person chose, wherever the person lives and whatever the release tells of that."""
    first = server.now().date()
    for zone in ("FLE Standard Time", "Pacific Standard Time", "Tokyo Standard Time", "UTC", "India Standard Time"):
        day = AllDay(first.replace(day=10), first.replace(day=12))
        entry = server.people.add_event(server.mailbox, zone, day.first, day.until, zone=zone)
        seen = await server.calendar.read(entry)
        assert seen is not None
        assert seen.essence.when == day


async def test_dates_of_a_series(server: EwsHarness) -> None:
    """One is moved, one edited, one cancelled; a person's change of another one stays."""
    when = recurring(server, times=6)
    entry, days = await server.put("series", when), dates_of(when, 6)
    await server.change(entry, days[4], location="theirs")
    plain = await server.calendar.read(entry)
    assert plain is not None
    later, gone = moved(held_on(plain, days[1]), HOUR), DateException(days[3])
    later = replace(later, subject="other", text="notes")
    for one in (later, gone):
        seen = await server.calendar.read(entry)
        assert await server.calendar.change_date(entry, seen, change(plain, one.day, one)) == one
    after = await server.calendar.read(entry)
    assert after is not None
    assert [one.day for one in after.essence.exceptions] == [days[1], days[3], days[4]]


async def test_weeks_that_begin_on_another_day(server: EwsHarness) -> None:
    """Releases that cannot be told when a week begins refuse what depends on it."""
    days = frozenset({Day.SUNDAY, Day.MONDAY})
    content = wanted("weeks", recurring(server, Weekly(2, days, Day.MONDAY), times=6))
    await _is_refused_or_held(server, content, "exchange_week_start")


async def test_a_zone_that_is_younger_than_the_server(server: EwsHarness) -> None:
    """It is refused in words, and held by servers that know it."""
    at = ClockTime(time(9), HOUR, "Europe/Minsk")
    await _is_refused_or_held(server, wanted("zone", recurring(server, None, at, times=3)), "exchange_zone_unknown")


async def _is_refused_or_held(server: EwsHarness, content: object, code: str) -> None:
    draft = server.draft(content)  # type: ignore[arg-type]
    if release_of(server) in DIFFERENCES[code]:
        with pytest.raises(ItemRefused) as caught:
            await server.calendar.create(draft, server.stamp())
        assert caught.value.code == code
        assert server.people.events_of(server.mailbox) == []
    else:
        assert (await server.calendar.create(draft, server.stamp())).essence == content
