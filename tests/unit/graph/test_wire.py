"""Graph's JSON becomes sightings."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from core.adapters import mark as marks
from core.adapters.graph import quirks, wire
from core.errors import ItemRefused
from core.model.essence import essence
from core.model.exceptions import DateException
from core.model.ids import CompanyId, MailboxId
from core.model.pattern import Daily
from core.model.recurrence import ClockTime, series
from core.model.sighting import Mark, Shape
from core.model.when import AllDay, Timed
from tests.unit.graph.items import item

MARK = Mark(CompanyId("c-1"), MailboxId("m-1"), "a-1", 2, "f00d")


def test_a_timed_event() -> None:
    """Every part of it is where the core looks for it."""
    seen = wire.event(item())
    assert (seen.id, seen.version, seen.uid) == ("AAkALgAA", 'W/"key=="', "040000008200E0")
    when = Timed(datetime(2026, 11, 23, 10, tzinfo=UTC), datetime(2026, 11, 23, 11, tzinfo=UTC))
    assert seen.essence == essence("Lunch", when, "line one\nline two", "Caf\u00e9", private=False)
    assert isinstance(seen.essence.when, Timed)
    assert seen.essence.when.zone == "Europe/Berlin"
    assert seen.created == datetime(2026, 11, 1, 8, 0, 0, 123456, tzinfo=UTC)
    assert seen.modified == datetime(2026, 11, 2, 8, tzinfo=UTC)
    assert (seen.shape, seen.transaction) == (Shape.SINGLE, "t-1")
    assert (seen.is_meeting, seen.is_cancelled, seen.is_online, seen.mark_read) == (False, False, False, False)


def test_whole_days() -> None:
    """Dates as they stand, with an exclusive end, whatever zone they are labelled with (P20)."""
    for zone in ("UTC", "Pacific/Auckland", "tzone://Microsoft/Custom"):
        seen = wire.event(
            item(
                isAllDay=True,
                start={"dateTime": "2026-06-01T00:00:00.0000000", "timeZone": zone},
                end={"dateTime": "2026-06-03T00:00:00.0000000", "timeZone": zone},
            )
        )
        assert seen.essence.when == AllDay(date(2026, 6, 1), date(2026, 6, 3))


def test_p22_whole_days_without_length() -> None:
    """The same date as start and end is one day."""
    day = {"dateTime": "2026-06-01T00:00:00.0000000", "timeZone": "UTC"}
    assert wire.event(item(isAllDay=True, start=day, end=day)).essence.when == AllDay(
        date(2026, 6, 1), date(2026, 6, 2)
    )


def test_p22_an_end_before_the_start() -> None:
    """It is moved to the start."""
    seen = wire.event(item(end={"dateTime": "2026-11-23T09:00:00.0000000", "timeZone": "UTC"}))
    start = datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert seen.essence.when == Timed(start, start)


@pytest.mark.parametrize("sensitivity", ["private", "personal", "confidential"])
def test_every_sensitivity_but_normal_is_private(sensitivity: str) -> None:
    """R10."""
    assert wire.event(item(sensitivity=sensitivity)).essence.private


def test_what_says_that_it_is_no_ordinary_event() -> None:
    """Attendees, a cancellation, an online meeting."""
    attendee = {"emailAddress": {"address": "bo@example.com"}, "type": "required"}
    seen = wire.event(item(attendees=[attendee], isCancelled=True, isOnlineMeeting=True))
    assert (seen.is_meeting, seen.is_cancelled, seen.is_online) == (True, True, True)


@pytest.mark.parametrize(("kind", "shape"), [("occurrence", Shape.OCCURRENCE), ("exception", Shape.EXCEPTION)])
def test_what_is_of_a_series(kind: str, shape: Shape) -> None:
    """It is told by its own time."""
    seen = wire.event(item(type=kind))
    assert (seen.shape, isinstance(seen.essence.when, Timed)) == (shape, True)


DAILY = {
    "pattern": {"type": "daily", "interval": 1},
    "range": {
        "type": "numbered",
        "startDate": "2026-11-23",
        "numberOfOccurrences": 5,
        "recurrenceTimeZone": "W. Europe Standard Time",
    },
}


def master(*changed: dict[str, Any], cancelled: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
    """A series master as a GET of it alone answers it: five days from eleven to twelve in Berlin."""
    gone = [f"OID.AAkALgAA.{day}" for day in cancelled]
    whole = {"recurrence": DAILY, "exceptionOccurrences": list(changed), "cancelledOccurrences": gone}
    return item(type="seriesMaster", **{**whole, **changes})


def changed(day: str, **changes: Any) -> dict[str, Any]:
    """One of its exceptions."""
    usual: dict[str, Any] = {"id": f"of {day}", "occurrenceId": f"OID.AAkALgAA.{day}"}
    usual |= {name: {"dateTime": f"{day}T{hour}:00:00.0000000", "timeZone": "UTC"} for name, hour in HOURS.items()}
    return item(type="exception", **{**usual, **changes})


HOURS = {"start": 10, "end": 11}


def test_a_series() -> None:
    """It has its pattern in its own zone, and its exceptions with all their content."""
    other = changed("2026-11-25", subject="Brunch", location={"displayName": "Bar"}, body=None)
    seen = wire.event(master(other, cancelled=("2026-11-23", "2026-11-27")))
    when = series(date(2026, 11, 23), ClockTime(time(11), timedelta(hours=1), "Europe/Berlin"), Daily(), times=5)
    assert (seen.shape, seen.essence.when, seen.remarks) == (Shape.SERIES, when, ())
    start = datetime(2026, 11, 25, 10, tzinfo=UTC)
    edited = DateException(date(2026, 11, 25), Timed(start, start + timedelta(hours=1)), "Brunch", "", "Bar")
    gone = [DateException(date(2026, 11, day)) for day in (23, 27)]
    assert seen.essence.exceptions == (gone[0], edited, gone[1])


def test_exceptions_that_are_none() -> None:
    """What is as the series says, and what is on none of its dates, is not told."""
    seen = wire.event(master(changed("2026-11-24"), changed("2026-12-24"), cancelled=("2026-12-25",)))
    assert seen.essence.exceptions == ()


def test_a_date_that_its_organizer_cancelled() -> None:
    """It is still there, marked, and does not take place."""
    seen = wire.event(master(changed("2026-11-24", isCancelled=True, subject="Canceled: Lunch")))
    assert seen.essence.exceptions == (DateException(date(2026, 11, 24)),)


def test_guests_of_single_dates() -> None:
    """Who is invited to a date alone, and neither declined it nor is in the series; a cancelled date has no guests."""
    invited = [attendee("Anna@Example.org"), attendee("carl@example.org"), attendee("dora@example.org", "declined")]
    dates = [changed("2026-11-24", attendees=invited), changed("2026-11-25", attendees=invited, isCancelled=True)]
    seen = wire.event(master(*dates, attendees=[attendee("anna@example.org")]))
    assert seen.guests == ((date(2026, 11, 24), "carl@example.org"),)


def attendee(address: str, response: str = "none") -> dict[str, Any]:
    """Somebody invited."""
    return {"emailAddress": {"address": address}, "status": {"response": response}}


def test_a_series_without_its_exceptions() -> None:
    """The answer to a write says nothing of them."""
    assert wire.event(master(exceptionOccurrences=None, cancelledOccurrences=None)).essence.exceptions == ()


def test_p19_a_series_whose_zone_nobody_knows() -> None:
    """Its dates are told in UTC, its exceptions with them, though Graph names them by that zone."""
    names = {"originalStartTimeZone": "Mars/Olympus"}
    rule = {"pattern": DAILY["pattern"], "range": {**DAILY["range"], "recurrenceTimeZone": "Mars/Olympus"}}
    rule["range"]["startDate"] = "2026-11-24"
    moved = changed("2026-11-25", start={"dateTime": "2026-11-24T12:00:00", "timeZone": "UTC"}, subject="later")
    moved["end"] = {"dateTime": "2026-11-24T13:00:00", "timeZone": "UTC"}
    seen = wire.event(master(moved, cancelled=("2026-11-24",), recurrence=rule, **names))
    assert seen.remarks == ("time_zone_unknown",)
    assert [one.day for one in seen.essence.exceptions] == [date(2026, 11, 23), date(2026, 11, 24)]


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        (master(recurrence=None), "unreadable_event"),
        (master(recurrence={"pattern": {"type": "hourly"}, "range": DAILY["range"]}), "unreadable_event"),
        (master(changed("2026-11-24", start=None)), "unreadable_event"),
        (master(changed("2026-11-24", occurrenceId=None)), "unreadable_event"),
        (master(cancelled=("tomorrow",)), "unreadable_event"),
        (master(start={"dateTime": "2026-11-23T10:00:00", "timeZone": "Mars/Olympus"}), "unknown_time_zone"),
    ],
)
def test_a_series_that_cannot_be_read(spoilt: dict[str, Any], code: str) -> None:
    """One part of it that means nothing spoils the whole: less than all of its dates is never told."""
    with pytest.raises(ItemRefused) as caught:
        wire.event(spoilt)
    assert (caught.value.code, caught.value.detail) == (code, wire.digest("AAkALgAA"))


def test_a_bare_occurrence() -> None:
    """Delta sends little more than its times; that is no failure (facts/microsoft.md A3)."""
    full = item(type="occurrence")
    bare = {name: full[name] for name in ("@odata.etag", "id", "type", "start", "end")}
    seen = wire.event(bare)
    assert (seen.shape, seen.essence.subject, seen.essence.private) == (Shape.OCCURRENCE, "", False)


def test_an_event_with_nothing_but_what_it_needs() -> None:
    """Absent and null are the same as empty."""
    empty = dict.fromkeys(("subject", "body", "location", "sensitivity", "attendees", "transactionId", "iCalUId"))
    seen = wire.event(item(**empty, originalStartTimeZone=None, createdDateTime="soon", lastModifiedDateTime=None))
    assert (seen.essence.subject, seen.essence.text, seen.essence.location) == ("", "", "")
    assert (seen.created, seen.modified, seen.transaction, seen.uid) == (None, None, None, "")


def test_a_version_without_an_etag() -> None:
    """The change key is the same thing (facts/microsoft.md A4)."""
    assert wire.event(item(**{"@odata.etag": None})).version == 'W/"key=="'


def test_html_where_text_was_preferred() -> None:
    """It is read as text, so that nobody sees markup in Severa."""
    markup = "<html><head><style>p{}</style></head><body><p>one &amp; two</p><div>three<br>four</div></body></html>"
    body = {"contentType": "html", "content": markup}
    assert wire.event(item(body=body)).essence.text == "one & two\nthree\nfour"
    assert wire.brings_html(item(body=body))
    assert not wire.brings_html(item())
    assert not wire.brings_html(item(body={"contentType": "html", "content": ""}))


def test_half_of_an_emoji() -> None:
    """Exchange may cut a subject within a character; what is left can still be stored and compared."""
    cut = json.loads(json.dumps(item()).replace("Lunch", r"Lunch \ud83d"))
    seen = wire.event(cut)
    assert seen.essence.subject == "Lunch \ufffd"
    seen.essence.subject.encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"id": ""},
        {"id": None},
        {"type": None},
        {"type": "singleinstance?"},
        {"@odata.etag": None, "changeKey": None},
        {"start": None},
        {"start": "2026-11-23T10:00:00"},
        {"start": {"dateTime": None, "timeZone": "UTC"}},
        {"start": {"dateTime": "", "timeZone": "UTC"}},
        {"start": {"dateTime": "0001-01-01T00:00:00.0000000", "timeZone": "UTC"}},
        {"end": {"dateTime": "9999-12-31T23:59:59.0000000", "timeZone": "UTC"}},
        {"isAllDay": True, "start": {"dateTime": "today"}},
    ],
)
def test_an_event_that_cannot_be_read(changes: dict[str, Any]) -> None:
    """It is refused by itself, without its content."""
    with pytest.raises(ItemRefused) as caught:
        wire.event(item(**changes))
    assert caught.value.code == "unreadable_event"
    assert "Lunch" not in str(caught.value)


@pytest.mark.parametrize("zone", ["tzone://Microsoft/Custom", "Customized Time Zone", "Mars/Olympus", 7])
def test_r23_times_in_a_zone_that_nobody_knows(zone: object) -> None:
    """Without an instant there is no entry: this event is refused, the others are not."""
    with pytest.raises(ItemRefused) as caught:
        wire.event(item(start={"dateTime": "2026-11-23T10:00:00.0000000", "timeZone": zone}))
    assert caught.value.code == "unknown_time_zone"


@pytest.mark.parametrize("zone", ["tzone://Microsoft/Custom", "tzone://Microsoft/Utc", "Mars/Olympus", "", "../../etc"])
def test_r23_an_unknown_zone_of_writing(zone: str) -> None:
    """The instant is known, so the entry stands; the zone that it carries is UTC (P19)."""
    seen = wire.event(item(originalStartTimeZone=zone))
    assert isinstance(seen.essence.when, Timed)
    assert (seen.essence.when.zone, seen.essence.when.start.hour) == ("UTC", 10)
    known = zone in ("", "tzone://Microsoft/Utc")
    assert seen.remarks == (() if known else ("time_zone_unknown",))


def test_our_mark() -> None:
    """It is read where it was asked for; its absence then says that there is none."""
    prop = {"id": quirks.MARK_PROPERTY.replace("String {b2f7", "String {B2F7"), "value": marks.encode(MARK)}
    marked = item(singleValueExtendedProperties=[{"id": "String {0} Name X", "value": "y"}, prop])
    assert wire.event(marked, mark_asked=True).mark == MARK
    unmarked = wire.event(item(), mark_asked=True)
    assert (unmarked.mark, unmarked.mark_read) == (None, True)


@pytest.mark.parametrize("value", [None, "", "nonsense", 5, {"a": 1}])
def test_a_malformed_mark_is_none(value: object) -> None:
    """A stranger's value in our property is no mark."""
    marked = item(singleValueExtendedProperties=[{"id": quirks.MARK_PROPERTY, "value": value}])
    assert wire.event(marked, mark_asked=True).mark is None


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"error": {"code": "ErrorItemNotFound", "message": "m"}}', ("ErrorItemNotFound", "m")),
        (b'{"error": {"code": null}}', ("", "")),
        (b'{"error": "no"}', ("", "")),
        (b"<html>", ("", "")),
        (b"", ("", "")),
    ],
)
def test_an_error(body: bytes, error: tuple[str, str]) -> None:
    """Code and message, or nothing where a gateway spoke."""
    assert wire.error_of(body) == error
