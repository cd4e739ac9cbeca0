"""Items as Exchange writes them, and as we write them: series there and back, Microsoft's own examples."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import etree

from core.adapters import zones
from core.adapters.ews import drafts, recurrence, soap, wire
from core.adapters.ews.drafts import Dialect
from core.adapters.ews.soap import NAMES
from core.errors import ItemRefused
from core.model.ids import CompanyId, MailboxId
from core.model.operation import Draft
from core.model.pattern import Daily, Day, MonthlyByDay, MonthlyByWeekday, Ordinal, Weekly
from core.model.recurrence import ClockTime, Series, is_skipped, series
from core.model.rows import Stamp
from core.model.sighting import Mark
from core.model.stretch import AllDay, Timed
from core.model.uid import meeting_uid, spellings
from core.sync.narrow import on_microsoft
from tests.contract.calendars.content import wanted
from tests.support.recurring import every_series
from tests.support.series import weekly
from tests.support.shared import shared_cases

GUID = "c38b4e65-2e44-4d47-bf2b-70d9e260e271"
MARK = Mark(CompanyId("company"), MailboxId(GUID), "activity", 3, "d" * 64)
NEW, OLD = Dialect("Exchange2016", "Europe/Helsinki"), Dialect("Exchange2007_SP1", "Europe/Helsinki")
TWO = frozenset({Day.MONDAY, Day.TUESDAY})
UID = "040000008200E00074C5B7101A82E0080000000000000000000000000000000000000000100000001122334455667788AABBCCDDEEFF0011"


def told(content: object, dialect: Dialect, kind: str = "Single") -> soap.Element:
    """What Exchange would tell of an item that was created so."""
    item = drafts.creation(Draft(content, busy="busy"), Stamp("t", MARK), dialect)  # type: ignore[arg-type]
    item.insert(0, soap.t("ItemId", Id="id", ChangeKey="version"))
    item.append(soap.t("CalendarItemType", kind))
    return item


def _told(held: Series, dialect: Dialect) -> tuple[str, soap.Element]:
    """Why it cannot be told, or how it is."""
    try:
        return "", told(wanted("s", held), dialect, "RecurringMaster")
    except ItemRefused as refusal:
        return refusal.code, None


def _named(known: Series) -> Series:
    """In the zone that the Windows name of its own stands for."""
    at = known.time
    if not isinstance(at, ClockTime) or at.zone == "UTC":
        return known
    return replace(known, time=replace(at, zone=zones.iana(zones.windows(at.zone) or "") or at.zone))


@given(known=every_series(), dialect=st.sampled_from([NEW, OLD]))
def test_a_series_there_and_back(known: Series, dialect: Dialect) -> None:
    """What Exchange can hold comes back as it was sent, in the zone that its Windows name stands for."""
    held = on_microsoft(known).series
    assume(held is not None)
    assert held is not None
    at = held.time
    if isinstance(at, ClockTime):
        begin, rules = datetime.combine(held.first, at.start), ZoneInfo(at.zone)
        assume(not is_skipped(begin, rules) and not is_skipped(begin + at.length, rules))
    refusal, item = _told(held, dialect)
    assert refusal in {"", "exchange_interval", "exchange_weekday_set", "exchange_week_start", "exchange_zone_unknown"}
    assume(not refusal)
    event = wire.event(item)
    assert event.essence == wanted("s", _named(held))
    assert event.mark == MARK
    back = event.essence.when
    assert isinstance(back, Series)
    assert back.counted == held.counted or held.last is None


@pytest.mark.parametrize(
    ("known", "code"),
    [
        (weekly(pattern=MonthlyByDay(120, 24)), "exchange_interval"),
        (
            weekly(pattern=MonthlyByWeekday(1, Ordinal.FIRST, frozenset({Day.MONDAY, Day.TUESDAY}))),
            "exchange_weekday_set",
        ),
        (weekly(pattern=Weekly(2, frozenset({Day.SUNDAY, Day.MONDAY}), Day.MONDAY)), "exchange_week_start"),
        (weekly(zone="Antarctica/Troll"), "exchange_zone_unknown"),
    ],
)
def test_what_exchange_has_no_form_for(known: Series, code: str) -> None:
    """It is refused by name."""
    with pytest.raises(ItemRefused) as caught:
        drafts.creation(Draft(wanted("s", known)), Stamp("t", MARK), OLD)
    assert caught.value.code == code


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1600, 12, 31), date(4500, 1, 1), date(9999, 12, 30)])
def test_days_that_exchange_does_not_have(day: date) -> None:
    """They are refused by name, before anything is made that could not be read."""
    midnight = datetime.combine(day, time(), UTC)
    for when in (AllDay(day, day + timedelta(days=1)), Timed(midnight, midnight + timedelta(hours=1))):
        with pytest.raises(ItemRefused) as caught:
            told(wanted("some day", when), NEW)
        assert caught.value.code == "exchange_time_out_of_range"


def test_every_two_years() -> None:
    """Yearly has no interval: it is told as every so many months."""
    known = series(date(2026, 11, 24), weekly().time, MonthlyByDay(24, 24))
    built = recurrence.build_recurrence(known, "Exchange2016")
    assert [soap.local(part) for part in built] == ["AbsoluteMonthlyRecurrence", "NoEndRecurrence"]
    assert soap.text(built, "t:AbsoluteMonthlyRecurrence/t:Interval") == "24"


def test_a_count_beyond_what_outlook_takes() -> None:
    """It is told as a last date."""
    known = weekly(times=1200, pattern=Daily())
    built = recurrence.build_recurrence(known, "Exchange2016")
    assert soap.local(built[1]) == "EndDateRecurrence"


@pytest.mark.parametrize("zone", ["Europe/Helsinki", "America/New_York", "Asia/Tokyo", "UTC", "Pacific/Auckland"])
@pytest.mark.parametrize("schema", ["Exchange2007_SP1", "Exchange2016"])
def test_whole_days_there_and_back(zone: str, schema: str) -> None:
    """Midnights of the company's zone, over a change of the clocks, too."""
    for first in (date(2026, 3, 28), date(2026, 6, 1), date(2026, 10, 24)):
        days = AllDay(first, date.fromordinal(first.toordinal() + 3))
        event = wire.event(told(wanted("days", days), Dialect(schema, zone)))
        assert event.essence.when == days


def test_whole_days_in_a_zone_that_nobody_knows() -> None:
    """The nearest midnight in UTC: right for every offset below twelve hours."""
    days = AllDay(date(2026, 6, 1), date(2026, 6, 2))
    for zone in ("Europe/Helsinki", "America/New_York", "Asia/Tokyo", "UTC"):
        item = told(wanted("days", days), Dialect("Exchange2016", zone))
        for element in item.iterfind("t:StartTimeZone", NAMES):
            element.set("Id", "tzone://Microsoft/Custom")
        assert wire.event(item).essence.when == days


def test_a_meeting_zone_without_a_name() -> None:
    """2007 may tell a zone by its rules alone: instants stay, and history is told."""
    known = weekly(times=5)
    item = told(wanted("s", known), OLD, "RecurringMaster")
    del item.find("t:MeetingTimeZone", NAMES).attrib["TimeZoneName"]
    event = wire.event(item)
    assert event.remarks == ("time_zone_unknown",)
    assert isinstance(event.essence.when, Series)
    assert event.essence.when.time.zone == "UTC"  # type: ignore[union-attr]


def test_a_series_without_the_content_of_an_exception() -> None:
    """It is not shown as if there were none."""
    item = told(wanted("s", weekly(times=5)), NEW, "RecurringMaster")
    changed = soap.t("Occurrence", soap.t("ItemId", Id="x"), soap.t("OriginalStart", "2026-12-01T08:00:00Z"))
    item.append(soap.t("ModifiedOccurrences", changed))
    with pytest.raises(ItemRefused):
        wire.event(item)


@pytest.mark.parametrize("uid", [UID, "o'brien@elsewhere.example", "00ff", ""])
def test_what_a_meeting_is_searched_by(uid: str) -> None:
    """The CleanGlobalObjectId, in which no instance's date is; any uid has one."""
    found = base64.b64decode(wire.clean_id(uid))
    assert found[16:20] == bytes(4)
    assert meeting_uid(found.hex().upper())[0] == meeting_uid(spellings(uid)[-1])[0]


def test_somebody_who_is_invited_to_a_single_date() -> None:
    """The date is in their uid, as it is through Graph; a whole meeting's has none, and neither has nonsense."""
    item = told(wanted("one", AllDay(date(2026, 6, 1), date(2026, 6, 2))), NEW)
    item.append(soap.t("UID", UID))
    value = soap.t("Value")
    item.append(soap.t("ExtendedProperty", drafts.meeting_path("3"), value))
    raw = bytes.fromhex(UID)
    for told_date, uid_date in ((bytes((7, 234, 6, 1)), date(2026, 6, 1)), (bytes(4), None)):
        value.text = base64.b64encode(raw[:16] + told_date + raw[20:]).decode()
        assert meeting_uid(wire.event(item).uid) == (meeting_uid(UID)[0], uid_date)
    value.text = "no base64"
    assert wire.event(item).uid == UID


@pytest.mark.parametrize("folder", ["", "AAMk", "not base64!", base64.b64encode(bytes(80)).decode()])
def test_an_id_that_holds_no_guid(folder: str) -> None:
    """It says nothing of whose it is."""
    assert wire.mailbox_of(folder) is None


def test_an_id_that_holds_a_guid() -> None:
    """That of the mailbox."""
    assert wire.mailbox_of(base64.b64encode(b"\x00\x03$\x00" + GUID.encode() + bytes(30)).decode()) == GUID


@pytest.mark.parametrize("path", shared_cases("payloads/ews/GetItemResponse__*.xml"))
def test_microsofts_own_examples(path: Path) -> None:
    """They are read, or refused as one entry: some lack what was not asked for."""
    root = etree.parse(path).getroot()
    items = root.findall(".//t:CalendarItem", NAMES)
    read = 0
    for item in items:
        try:
            event = wire.event(item)
        except ItemRefused:
            continue
        assert isinstance(event.essence.when, Timed | AllDay | Series)
        read += 1
    assert soap.document(path.read_bytes()) is not None
    assert read > 0 or "recurring-series" in path.name or "item__1" in path.name
