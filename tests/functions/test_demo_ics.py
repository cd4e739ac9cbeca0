"""The demo's calendar files: what real programs write is loaded, and what is broken is counted and named."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from infra.local.demo import SAMPLE
from infra.local.ics import CalendarFile, CalendarFileError, fill, load
from infra.local.ics_times import CUSTOM
from infra.local.outlook import Outlook
from infra.local.outlook_ews import ExchangeOutlook
from infra.local.outlook_graph import GraphOutlook
from tests.simulators.graph import GraphSimulator
from tests.support.shared import shared_cases

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
"""A Wednesday."""
HELSINKI = ZoneInfo("Europe/Helsinki")
ANNA = "anna@example.com"
CUSTOM_ZONE = """
BEGIN:VTIMEZONE
TZID:Own rules
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:+0530
TZOFFSETTO:+0530
END:STANDARD
END:VTIMEZONE
"""


def a_calendar(folder: Path, *events: str, before: str = "") -> Path:
    """A file with these events, each given by its lines."""
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    path = folder / "calendar.ics"
    path.write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\n{before.strip() or 'PRODID:-//test//'}\n{body}END:VCALENDAR\n")
    return path


def loaded(folder: Path, *events: str, before: str = "") -> CalendarFile:
    """That file, loaded at NOW into a mailbox in Helsinki."""
    return load(a_calendar(folder, *events, before=before), NOW, HELSINKI)


@pytest.fixture(params=["Microsoft 365", "2007_sp1", "se"])
def outlook(request: pytest.FixtureRequest, tmp_path: Path) -> Outlook:
    """Anna's mailbox, of each kind."""
    made: Outlook = (
        GraphOutlook(GraphSimulator(lambda: NOW))
        if request.param == "Microsoft 365"
        else ExchangeOutlook(request.param, tmp_path)
    )
    made.add_mailbox(ANNA, "Anna")
    return made


def test_an_event_in_a_windows_zone(tmp_path: Path) -> None:
    """It keeps its wall time in the zone that CLDR names, whether or not the file defines the zone."""
    file = loaded(
        tmp_path,
        "DTSTART;TZID=W. Europe Standard Time:20261126T140000\nDTEND;TZID=W. Europe Standard Time:20261126T150000",
    )
    (entry,) = file.entries
    assert entry.times.start == datetime(2026, 11, 26, 14, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert not file.remarks


def test_an_event_in_a_zone_of_the_files_own(tmp_path: Path, outlook: Outlook) -> None:
    """Its instant is right, and Microsoft 365 calls its zone what Exchange calls such zones."""
    file = loaded(tmp_path, "DTSTART;TZID=Own rules:20261126T120000\nDURATION:PT1H", before=CUSTOM_ZONE)
    fill(outlook, ANNA, file)
    (event,) = outlook.events_of(ANNA)
    assert (event.start, event.end) == (
        datetime(2026, 11, 26, 6, 30, tzinfo=UTC),
        datetime(2026, 11, 26, 7, 30, tzinfo=UTC),
    )
    if isinstance(outlook, GraphOutlook):
        assert outlook.simulator.people.event(event.id).start_zone == CUSTOM


def test_an_event_in_a_zone_that_nobody_knows(tmp_path: Path) -> None:
    """It is taken as the mailbox's own time, and the loader says so."""
    file = loaded(tmp_path, "SUMMARY:Where?\nDTSTART;TZID=No such zone:20261126T120000")
    assert file.entries[0].times.start == datetime(2026, 11, 26, 12, 0, tzinfo=HELSINKI)
    assert [subject for _, subject in file.remarks] == ["Where?"]


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        ("DTSTART;VALUE=DATE:20261126", date(2026, 11, 27)),
        ("DTSTART;VALUE=DATE:20261126\nDTEND;VALUE=DATE:20261126", date(2026, 11, 27)),
        ("DTSTART;VALUE=DATE:20261126\nDTEND;VALUE=DATE:20261130", date(2026, 11, 30)),
        ("DTSTART:20261126T100000Z", datetime(2026, 11, 26, 10, 0, tzinfo=UTC)),
        ("DTSTART:20261126T100000Z\nDURATION:PT90M", datetime(2026, 11, 26, 11, 30, tzinfo=UTC)),
    ],
)
def test_an_event_without_a_proper_end(tmp_path: Path, lines: str, end: date) -> None:
    """RFC 5545 section 3.6.1 says when it ends; whole days last at least one."""
    assert loaded(tmp_path, lines).entries[0].times.end == end


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("DTSTART:tomorrow", "cannot be read"),
        ("LOCATION:nowhere", "no start"),
        ("DTSTART:20261126T100000Z\nDTEND:20261126T090000Z", "ends before it starts"),
        ("DTSTART:20261126T100000Z\nDTEND;VALUE=DATE:20261127", "at a time and ends on a date"),
        ("DTSTART:00010101T000000Z", "out of bounds"),
        ("DTSTART:20261126T100000Z\nDURATION:long", "DURATION cannot be read"),
        ("DTSTART:20261126T100000Z\nRRULE:FREQ=SOMETIMES", "rule cannot be read"),
        ("DTSTART:20261126T100000Z\nRRULE:COUNT=3", "rule cannot be read"),
        ("DTSTART:20261126T100000Z\nRRULE:FREQ=HOURLY", "Exchange cannot hold"),
        ("DTSTART:20261126T100000Z\nRRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY", "Exchange cannot hold"),
        ("DTSTART:20261126T100000Z\nRRULE:FREQ=DAILY;BYMONTH=11", "Exchange cannot hold"),
        ("DTSTART:20261126T100000Z\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1", "Exchange cannot hold"),
        ("DTSTART:20261126T100000Z\nRRULE:FREQ=DAILY\nEXDATE:never", "EXDATE cannot be read"),
        ("DTSTART:20261126T100000Z\nRECURRENCE-ID:never", "RECURRENCE-ID cannot be read"),
        ("DTSTART:20261126T100000Z\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261125T100000Z", "all that follow"),
    ],
)
def test_an_event_that_cannot_be_loaded(tmp_path: Path, lines: str, why: str) -> None:
    """It is kept back and named, and the others are loaded."""
    file = loaded(tmp_path, "DTSTART:20261126T080000Z", f"SUMMARY:Broken\n{lines}")
    assert len(file.entries) == 1
    ((reason, subject),) = file.kept_back
    assert why in reason
    assert subject == "Broken"


def test_what_an_event_may_be(tmp_path: Path) -> None:
    """Series, meetings and cancelled events are in the mailbox as such."""
    file = loaded(
        tmp_path,
        "DTSTART:20261126T100000Z\nRRULE:FREQ=WEEKLY;BYDAY=TH;UNTIL=20270101T000000Z",
        "DTSTART:20261126T110000Z\nORGANIZER:mailto:boss@example.com\nATTENDEE;CN=Bert:MAILTO:bert@example.com",
        "DTSTART:20261126T120000Z\nSTATUS:CANCELLED",
        "DTSTART:20261126T130000Z\nATTENDEE:no address\nCLASS:PRIVATE\nTRANSP:TRANSPARENT",
    )
    assert [entry.kind for entry in file.entries] == ["series", "meeting", "cancelled", "single"]
    series, meeting, _, private = file.entries
    assert series.recurrence is not None
    assert series.recurrence["pattern"]["daysOfWeek"] == ["thursday"]
    assert (meeting.organizer, meeting.attendees) == ("boss@example.com", ("bert@example.com",))
    assert (private.sensitivity, private.show_as) == ("private", "free")


def test_a_series_without_a_single_date(tmp_path: Path, outlook: Outlook) -> None:
    """The mailbox refuses it as Exchange does; it is kept back in those words."""
    file = loaded(tmp_path, "SUMMARY:Never\nDTSTART:20261126T100000Z\nRRULE:FREQ=DAILY;UNTIL=20261101T000000Z")
    filled, events = fill(outlook, ANNA, file)
    assert (filled.entries, events) == ((), frozenset())
    assert [subject for _, subject in filled.kept_back] == ["Never"]


# --- dates of a series ------------------------------------------------------------------------------------------------
WEEKLY = (
    "UID:1\nSUMMARY:Standup\nDTSTART;TZID=Europe/Helsinki:20261126T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=6"
)


def dates_of(file: CalendarFile, outlook: Outlook) -> list[tuple[str, str]]:
    """Every date of the one series of a file, in a mailbox: when and what, in Helsinki's time."""
    fill(outlook, ANNA, file)
    (event,) = outlook.events_of(ANNA)
    found = outlook.dates_of(event.id, date(2026, 1, 1), date(2028, 1, 1))
    return [(f"{one.start.astimezone(HELSINKI):%d.%m. %H:%M}", one.subject) for one in found]


def test_dates_of_a_series(tmp_path: Path, outlook: Outlook) -> None:
    """Left out, cancelled, moved, edited, named by other clocks or by a date alone: each is an exception of it."""
    file = loaded(
        tmp_path,
        "UID:1\nSUMMARY:Farewell\nRECURRENCE-ID:20261210T080000Z\nDTSTART:20261211T120000Z\nDURATION:PT2H",
        f"{WEEKLY}\nEXDATE;TZID=Europe/Helsinki:20261126T100000,20261127T100000\nEXDATE;VALUE=DATE:20261231",
        "UID:1\nSUMMARY:Off\nRECURRENCE-ID:20261217T080000Z\nDTSTART:20261217T080000Z\nSTATUS:CANCELLED",
    )
    assert (len(file.entries), file.dates, file.kept_back) == (1, 4, ())
    assert dates_of(file, outlook) == [
        ("03.12. 10:00", "Standup"),
        ("11.12. 14:00", "Farewell"),
        ("24.12. 10:00", "Standup"),
    ]


def test_dates_of_a_series_from_another_time(tmp_path: Path, outlook: Outlook) -> None:
    """What was the third date of a monthly series is its third date still, as long after it as it was."""
    file = loaded(
        tmp_path,
        "UID:1\nDTSTART;TZID=Europe/Helsinki:20190103T100000\nDURATION:PT1H\nRRULE:FREQ=MONTHLY;COUNT=4\n"
        "EXDATE;TZID=Europe/Helsinki:20190203T100000",
        "UID:1\nSUMMARY:Later\nRECURRENCE-ID;TZID=Europe/Helsinki:20190303T100000\n"
        "DTSTART;TZID=Europe/Helsinki:20190304T140000\nDURATION:PT1H",
    )
    assert file.weeks
    assert dates_of(file, outlook) == [("26.11. 10:00", ""), ("27.01. 14:00", "Later"), ("26.02. 10:00", "")]


def test_a_changed_date_without_its_series(tmp_path: Path) -> None:
    """What somebody is invited to a single date of is an entry by itself, and the loader says so."""
    file = loaded(tmp_path, "UID:1\nSUMMARY:Guest\nRECURRENCE-ID:20261126T100000Z\nDTSTART:20261126T100000Z")
    assert [entry.kind for entry in file.entries] == ["single"]
    assert [subject for _, subject in file.remarks] == ["Guest"]


@pytest.mark.parametrize(
    ("day", "start", "why"),
    [
        ("20261127T080000Z", "20261127T120000Z", "its series does not have"),
        ("20261203T080000Z", "20261210T120000Z", "the mailbox refuses it: Modified occurrence is crossing"),
    ],
)
def test_a_changed_date_that_cannot_be(tmp_path: Path, outlook: Outlook, day: str, start: str, why: str) -> None:
    """It is kept back and named; its series is there."""
    file = loaded(tmp_path, WEEKLY, f"UID:1\nSUMMARY:Odd\nRECURRENCE-ID:{day}\nDTSTART:{start}")
    filled, events = fill(outlook, ANNA, file)
    ((reason, subject),) = filled.kept_back
    assert why in reason
    assert subject == "Odd"
    assert (len(events), filled.dates) == (1, 0)


# --- files ------------------------------------------------------------------------------------------------------------
def test_a_file_from_another_time(tmp_path: Path) -> None:
    """All of it is moved by whole weeks into this week: the same weekdays, the same times of day, series too."""
    file = loaded(
        tmp_path,
        "DTSTART;TZID=Europe/Helsinki:20190702T090000\nDTEND;TZID=Europe/Helsinki:20190702T100000",
        "DTSTART;VALUE=DATE:20190703",
        "DTSTART;TZID=Europe/Helsinki:20190704T090000\nRRULE:FREQ=DAILY;UNTIL=20190711T060000Z",
    )
    timed, whole_day, series = file.entries
    assert timed.times.start == datetime(2026, 11, 24, 9, 0, tzinfo=HELSINKI)
    assert timed.times.end == datetime(2026, 11, 24, 10, 0, tzinfo=HELSINKI)
    assert whole_day.times.start == date(2026, 11, 25)
    assert series.recurrence is not None
    assert series.recurrence["range"] == {"type": "endDate", "startDate": "2026-11-26", "endDate": "2026-12-03"}
    assert file.weeks == (date(2026, 11, 23) - date(2019, 7, 1)).days // 7


def test_a_file_of_the_present(tmp_path: Path) -> None:
    """It stays where it is, however old its other entries are."""
    file = loaded(tmp_path, "DTSTART:20190702T090000Z", "DTSTART:20261120T090000Z")
    assert (file.weeks, file.entries[0].times.start.year) == (0, 2019)


def test_a_very_long_calendar(tmp_path: Path) -> None:
    """The 150 entries nearest to the present are taken, and the others counted."""
    days = [NOW.date() + timedelta(days=day) for day in range(200)]
    file = loaded(tmp_path, *(f"DTSTART;VALUE=DATE:{day:%Y%m%d}" for day in days))
    assert (len(file.entries), file.far) == (150, 50)
    assert max(entry.times.first_day for entry in file.entries) == days[149]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b" \r\n\r\n", "is empty"),
        (b"hello", "not a well-formed calendar file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a well-formed calendar file"),
        (b"\x1b[2Jhello", "into parts: '.2Jhello'"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:cut o", "a BEGIN has no END"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nSUMMARY:x\r\nEND:VTODO\r\nEND:VCALENDAR\r\n", "holds no events"),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\nEND:VCARD\r\n", "holds no events"),
    ],
)
def test_a_file_that_is_no_calendar(tmp_path: Path, content: bytes, says: str) -> None:
    """A sentence names the file and what is wrong with it."""
    path = tmp_path / "broken.ics"
    path.write_bytes(content)
    with pytest.raises(CalendarFileError, match=says) as refusal:
        load(path, NOW, HELSINKI)
    assert str(path) in str(refusal.value)


def test_a_file_that_cannot_be_taken(tmp_path: Path) -> None:
    """Missing, a folder, no ordinary file, a name that cannot be, and 50 MB are told apart."""
    large = tmp_path / "large.ics"
    with large.open("wb") as handle:
        handle.truncate(50_000_000)
    cases = {
        tmp_path / "none.ics": "is not there",
        tmp_path: "is a folder",
        Path("/dev/null"): "is not an ordinary file",
        tmp_path / ("x" * 300): "cannot be read",
        large: r"too large \(50.0 MB\)",
    }
    for path, says in cases.items():
        with pytest.raises(CalendarFileError, match=says):
            load(path, NOW, HELSINKI)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_in_another_encoding(tmp_path: Path, encoding: str) -> None:
    """Its letters arrive."""
    path = a_calendar(tmp_path, "SUMMARY:Käynti\nDTSTART:20261126T080000Z")
    path.write_bytes(path.read_text().encode(encoding))
    assert load(path, NOW, HELSINKI).entries[0].subject == "Käynti"


@pytest.mark.parametrize("path", shared_cases("calendars/*.ics"))
def test_a_calendar_that_a_real_program_wrote(path: Path, outlook: Outlook) -> None:
    """Every one loads into a mailbox with nothing kept back: each of its events is in it, or a date of its series."""
    written = path.read_text().count("BEGIN:VEVENT")
    file = load(path, NOW, HELSINKI)
    assert len(file.entries) + sum(len(entry.changed) for entry in file.entries) + file.far == written
    assert not file.kept_back
    assert file.entries
    filled, events = fill(outlook, ANNA, file)
    assert len(filled.entries) == len(events) == len(file.entries)
    assert (filled.dates, filled.kept_back) == (file.dates, ())
    assert events == {event.id for event in outlook.events_of(ANNA)}


def test_the_sample() -> None:
    """It is a work week about now, with one entry of every kind that the service leaves out, and nothing broken."""
    file = load(SAMPLE, NOW, HELSINKI)
    assert Counter(entry.kind for entry in file.entries) == {"single": 10, "series": 1, "meeting": 1, "cancelled": 1}
    assert file.dates == 2
    assert not file.kept_back
    assert not file.remarks
    week = [entry for entry in file.entries if NOW.date() - timedelta(days=2) <= entry.times.first_day]
    assert len(week) == len(file.entries) - 1
    assert b"\r\n" in SAMPLE.read_bytes()
