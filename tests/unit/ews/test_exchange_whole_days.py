"""Whole days that we write: midnights where the owner is, for Outlook shows those of another zone as parts of two days.

On 2007, which tells zones in another way than later releases, and on 2016 (facts/microsoft.md G4, H).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.model.essence import Field
from core.model.exceptions import DateException
from core.model.ids import MailboxId
from core.model.pattern import Daily
from core.model.recurrence import WholeDays, series
from core.model.when import AllDay
from tests.contract.calendars.content import wanted
from tests.contract.calendars.ews_harness import ews_harness
from tests.contract.calendars.series_dates import change
from tests.simulators.ews import Item
from tests.support.remote_theatre import remote_theatre
from tests.support.stage import MONDAY, entry

FIRST = date(2026, 3, 9)
DAYS = AllDay(FIRST, FIRST + timedelta(days=2))
LATER = AllDay(FIRST + timedelta(days=20), FIRST + timedelta(days=23))
ZONES = {
    "America/Los_Angeles": "Pacific Standard Time",
    "Asia/Tokyo": "Tokyo Standard Time",
    "Europe/Helsinki": "FLE Standard Time",
}
RELEASES = ["2007_sp1", "2016"]


def check(item: Item, days: AllDay, zone: str) -> None:
    """The item is of those days in that zone, as Outlook writes them there."""
    bounds = tuple(datetime.combine(day, time(), ZoneInfo(zone)) for day in (days.first, days.until))
    assert (item.start, item.end) == bounds
    assert item.start_zone.name == ZONES[zone]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("zone", ZONES)
async def test_an_owner_in_another_zone_than_the_company(release: str, zone: str) -> None:
    """Created, and moved across a change of clocks: the owner's own midnights, and the same days read back."""
    async with ews_harness(release, zone="Europe/Helsinki") as harness:
        calendar = harness.company.calendar(MailboxId(harness.mailbox.guid), zone)
        made = await calendar.create(harness.draft(wanted("days", DAYS)), harness.stamp())
        check(harness.people.event(made.id), DAYS, zone)
        moved = await calendar.update(made, harness.draft(wanted("days", LATER)), frozenset({Field.TIME}))
        check(harness.people.event(moved.id), LATER, zone)
        assert (made.essence.when, moved.essence.when) == (DAYS, LATER)
        assert await harness.calendar.read(made.id) == moved


@pytest.mark.parametrize("release", RELEASES)
async def test_a_series_of_whole_days(release: str) -> None:
    """Every date is a day of the owner's, one that is moved as well."""
    zone = "America/Los_Angeles"
    async with ews_harness(release, zone="Europe/Helsinki") as harness:
        calendar = harness.company.calendar(MailboxId(harness.mailbox.guid), zone)
        when = series(FIRST, WholeDays(), Daily(7), times=4)
        made = await calendar.create(harness.draft(wanted("days", when)), harness.stamp())
        assert made.essence.when == when
        check(harness.people.event(made.id), AllDay(FIRST, FIRST + timedelta(days=1)), zone)
        second = FIRST + timedelta(days=7)
        moved = DateException(second, AllDay(second + timedelta(days=1), second + timedelta(days=2)), "days")
        assert await calendar.change_date(made.id, made, change(made, second, moved)) == moved
        again = await harness.calendar.read(made.id)
        assert again is not None
        assert again.essence.exceptions == (moved,)


@pytest.mark.parametrize("release", RELEASES)
async def test_a_user_whose_zone_severa_knows(release: str) -> None:
    """A run writes that user's whole days where they are, and another's where the company is; then it rests."""
    days = AllDay(MONDAY.date() + timedelta(days=3), MONDAY.date() + timedelta(days=5))
    async with remote_theatre(release=release) as theatre:
        stage = theatre.stage
        stage.severa.people.edit_user(stage.users["anna"], timezone="Asia/Tokyo")
        for who in ("anna", "bert"):
            await theatre.add_activity(who, entry("Trip", days))
        await theatre.settle()
        for who, zone in (("anna", "Asia/Tokyo"), ("bert", "Europe/Helsinki")):
            [seen] = stage.graph.people.events_of(stage.mailboxes[who])
            check(seen.item, days, zone)
            assert [one.when for one in (await theatre.activities(who)).values()] == [days]
        stage.quiet()
        await stage.run()
        assert [one.path.rpartition("/")[2] for one in stage.graph.requests.entries] == ["SyncFolderItems"]
