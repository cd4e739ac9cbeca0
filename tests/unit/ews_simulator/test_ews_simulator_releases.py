"""What each release knows, and what it does not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from tzlocal.windows_tz import win_tz

from tests.simulators.ews import RELEASES, zones

from .ews_stage import ALL, HOUR, NINE, Stage, setting, stage, timed, weekly

__all__ = ["stage"]
OLD = "2007_sp1"
WINDOW = ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
ZONED = '<t:StartTimeZone Id="FLE Standard Time"/>'
WEEK_BEGINS = "<t:FirstDayOfWeek>Monday</t:FirstDayOfWeek>"
ELSEWHERE = "<t:LegacyFreeBusyStatus>WorkingElsewhere</t:LegacyFreeBusyStatus>"
MEETING_ZONE = '<t:MeetingTimeZone TimeZoneName="FLE Standard Time"/>'


@pytest.mark.parametrize("release", list(RELEASES))
async def test_the_same_story_in_every_release(release: str) -> None:
    """Created, seen, changed, synchronized and deleted; every request and answer is valid by the release's schema."""
    stage = Stage(release)
    zone = MEETING_ZONE if release == OLD else ZONED
    async with stage.client:
        made = await stage.create(timed("S", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z", zone))
        [item] = made.ids()
        series = weekly().replace(ZONED, zone)
        assert (await stage.create(series)).codes == ["NoError"]
        assert len((await stage.view(*WINDOW)).ids()) == 11
        assert (await stage.update(item, setting("item:Subject", "<t:Subject>T</t:Subject>"))).codes == ["NoError"]
        assert len((await stage.sync(shape=ALL)).all("t:Create")) == 2
        got = await stage.get(item[0])
        assert got.text("t:Subject") == "T"
        assert len(got.all("t:StartTimeZone")) == (0 if release == OLD else 1)
        assert len(got.all("t:MeetingTimeZone")) == (1 if release == OLD else 0)
        info = got.all("t:ServerVersionInfo")[0]
        build = tuple(int(info.get(name)) for name in info.keys() if name != "Version")  # noqa: SIM118
        assert build == RELEASES[release].build
        assert (await stage.delete(item[0])).codes == ["NoError"]


@pytest.mark.parametrize(
    ("release", "item"),
    [
        (OLD, timed("S", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z", ZONED)),
        (OLD, weekly().replace(ZONED, "").replace("</t:DaysOfWeek>", f"</t:DaysOfWeek>{WEEK_BEGINS}")),
        ("2010", weekly().replace("</t:DaysOfWeek>", f"</t:DaysOfWeek>{WEEK_BEGINS}")),
        ("2010_sp2", timed("S", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z", ELSEWHERE)),
    ],
)
@pytest.mark.parametrize("checked", [True, False])
async def test_what_a_release_does_not_know(release: str, item: str, checked: bool) -> None:  # noqa: FBT001
    """It refuses the request as a whole, with Microsoft's schemas at hand and without; a newer one takes it."""
    stage = Stage(release, checked=checked)
    async with stage.client:
        answer = await stage.create(item)
    assert (answer.status, answer.codes) == (500, ["ErrorSchemaValidation"])
    newer = Stage("2013_sp1", checked=checked)
    async with newer.client:
        assert (await newer.create(item)).codes == ["NoError"]


async def test_a_newer_server_asked_as_an_older_one(stage: Stage) -> None:
    """It answers in what was asked for; a version that it does not know is refused, and so is none."""
    item_id = stage.people.add_event(stage.anna, "S", NINE, NINE + HOUR)
    got = await stage.get(item_id, schema="Exchange2007_SP1")
    assert got.all("t:StartTimeZone") == got.all("t:StartTimeZoneId") == []
    assert len(got.all("t:MeetingTimeZone")) == 1
    old = Stage("2010")
    async with old.client:
        assert (await old.sync(schema="Exchange2013")).codes == ["ErrorInvalidServerVersion"]
    assert (await stage.sync(schema="Exchange1999")).codes == ["ErrorInvalidServerVersion"]


@pytest.mark.parametrize("release", [OLD, "se"])
async def test_whole_days_are_midnights_of_their_own_zone(release: str) -> None:
    """Read in UTC they begin the evening before (facts/microsoft.md G4); 2007 tells the zone by its rules."""
    stage = Stage(release)
    async with stage.client:
        zone = MEETING_ZONE if release == OLD else ZONED
        times = timed("Days", "2026-06-02T10:00:00+03:00", "2026-06-03T00:00:00+03:00")
        flag = "<t:IsAllDayEvent>true</t:IsAllDayEvent>"
        [(item_id, _)] = (await stage.create(f"{times}{flag}{zone}")).ids()
        got = await stage.get(item_id)
    assert (got.text("t:Start"), got.text("t:End")) == ("2026-06-01T21:00:00Z", "2026-06-02T21:00:00Z")
    assert stage.people.event(item_id).dates == (date(2026, 6, 2), date(2026, 6, 2))
    if release == OLD:
        assert got.text("t:MeetingTimeZone/t:BaseOffset") == "-PT120M"
        assert got.text("t:MeetingTimeZone/t:Daylight/t:Offset") == "-PT60M"
        assert got.text("t:Daylight/t:RelativeYearlyRecurrence/t:Month") == "March"
        assert got.text("t:Daylight/t:RelativeYearlyRecurrence/t:DayOfWeekIndex") == "Last"
        assert got.text("t:Daylight/t:Time") == "03:00:00"
        assert got.text("t:Standard/t:Time") == "04:00:00"


@pytest.mark.parametrize(
    ("release", "zone", "start"),
    [
        ("se", "", "2026-03-10T09:00:00Z"),
        ("se", ZONED, "2026-03-10T07:00:00Z"),
        (OLD, "", "2026-03-10T08:00:00Z"),
        (OLD, MEETING_ZONE, "2026-03-10T07:00:00Z"),
    ],
)
async def test_times_without_an_offset(release: str, zone: str, start: str) -> None:
    """They are read in the item's zone; where none is said, as UTC, in 2007 in the server's own zone."""
    stage = Stage(release)
    async with stage.client:
        [(item_id, _)] = (await stage.create(timed("S", "2026-03-10T09:00:00", "2026-03-10T10:00:00", zone))).ids()
        assert (await stage.get(item_id)).text("t:Start") == start


async def test_the_zone_of_a_request(stage: Stage) -> None:
    """Times come with its offset, and are read in it; a server of 2007 ignores it, or refuses it if told to."""
    header = '<t:TimeZoneContext><t:TimeZoneDefinition Id="FLE Standard Time"/></t:TimeZoneContext>'
    made = await stage.create(timed("S", "2026-03-10T09:00:00", "2026-03-10T10:00:00"), headers=header)
    got = await stage.get(made.ids()[0][0], headers=header)
    assert got.text("t:Start") == "2026-03-10T09:00:00+02:00"
    assert got.all("t:StartTimeZone")[0].get("Id") == "FLE Standard Time"
    old = Stage(OLD)
    async with old.client:
        item_id = old.people.add_event(old.anna, "S", NINE, NINE + HOUR)
        assert (await old.get(item_id, headers=header)).text("t:Start") == "2026-03-10T09:00:00Z"
        old.ews.options.strict_headers = True
        assert (await old.get(item_id, headers=header)).codes == ["ErrorSchemaValidation"]


async def test_a_zone_of_ones_own_rules_in_2007() -> None:
    """A nameless zone is kept by its offsets, and a series follows it over the change of the clocks."""
    zone = (
        "<t:MeetingTimeZone><t:BaseOffset>-PT2H</t:BaseOffset>"
        "<t:Standard><t:Offset>PT0M</t:Offset><t:RelativeYearlyRecurrence><t:DaysOfWeek>Sunday</t:DaysOfWeek>"
        "<t:DayOfWeekIndex>Last</t:DayOfWeekIndex><t:Month>October</t:Month></t:RelativeYearlyRecurrence>"
        "<t:Time>04:00:00</t:Time></t:Standard>"
        "<t:Daylight><t:Offset>-PT60M</t:Offset><t:RelativeYearlyRecurrence><t:DaysOfWeek>Sunday</t:DaysOfWeek>"
        "<t:DayOfWeekIndex>Last</t:DayOfWeekIndex><t:Month>March</t:Month></t:RelativeYearlyRecurrence>"
        "<t:Time>03:00:00</t:Time></t:Daylight></t:MeetingTimeZone>"
    )
    stage = Stage(OLD)
    async with stage.client:
        made = await stage.create(weekly(count=4).replace(ZONED, zone))
        assert made.codes == ["NoError"]
        found = stage.people.occurrences_of(made.ids()[0][0], date(2026, 3, 1), date(2026, 5, 1))
    assert [one.start.hour for one in found] == [7, 7, 7, 6]


@pytest.mark.parametrize("name", sorted(win_tz))
def test_the_rules_that_2007_shows(name: str) -> None:
    """Read back without the name, they are the zone's offsets of that year."""
    zone = zones.known(name)
    assert zone is not None
    shown = zones.shown_meeting_zone(zone, 2027)
    del shown.attrib["TimeZoneName"]
    read = zones.meeting_zone(shown, frozenset())
    for hour in range(0, 365 * 24, 7):
        moment = datetime(2027, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
        assert moment.astimezone(read.rules).utcoffset() == moment.astimezone(zone.rules).utcoffset()


@pytest.mark.parametrize(("release", "code"), [("2010", "ErrorTimeZone"), ("2016", "NoError")])
async def test_a_zone_that_is_too_young(release: str, code: str) -> None:
    """An old server does not know it, and its list of zones does not have it."""
    stage = Stage(release)
    young = '<t:StartTimeZone Id="Belarus Standard Time"/>'
    async with stage.client:
        made = await stage.create(timed("S", "2026-03-10T09:00:00", "2026-03-10T10:00:00", young))
        assert made.codes == [code]
        listed = await stage.ask('<m:GetServerTimeZones ReturnFullTimeZoneData="false"/>')
    names = {zone.get("Id") for zone in listed.all("t:TimeZoneDefinition")}
    assert ("Belarus Standard Time" in names) == (code == "NoError")
    assert "FLE Standard Time" in names


async def test_what_people_write_is_in_their_zone(stage: Stage) -> None:
    """Windows' name of the clock that they used; whole days are those of their mailbox."""
    from .ews_stage import HELSINKI

    start = datetime(2026, 7, 1, 9, tzinfo=HELSINKI)
    timed_one = stage.people.add_event(stage.anna, "T", start, start + HOUR)
    days = stage.people.add_event(stage.anna, "D", date(2026, 7, 1), date(2026, 7, 3))
    assert stage.people.event(timed_one).start_zone.name == "FLE Standard Time"
    assert stage.people.event(days).start == datetime(2026, 6, 30, 21, tzinfo=UTC)
    assert stage.people.event(days).dates == (date(2026, 7, 1), date(2026, 7, 2))
    moved = stage.people.move_event(days, date(2026, 7, 2), date(2026, 7, 3))
    assert moved.end - moved.start == timedelta(days=1)
