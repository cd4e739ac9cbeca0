"""Graph's JSON becomes sightings."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from core.adapters.graph import mark as marks
from core.adapters.graph import quirks, wire
from core.errors import ItemRefused
from core.model.essence import essence
from core.model.ids import CompanyId, MailboxId
from core.model.sighting import Mark, Shape
from core.model.when import AllDay, Timed

MARK = Mark(CompanyId("c-1"), MailboxId("m-1"), "a-1", 2, "f00d")


def item(**changes: Any) -> dict[str, Any]:
    """An event as Graph answers it, in UTC and with a text body."""
    return {
        "@odata.etag": 'W/"key=="',
        "id": "AAkALgAA",
        "iCalUId": "040000008200E0",
        "changeKey": "key==",
        "type": "singleInstance",
        "subject": "Lunch",
        "body": {"contentType": "text", "content": "line one\r\nline two\r\n"},
        "location": {"displayName": "Caf\u00e9", "locationType": "default"},
        "start": {"dateTime": "2026-11-23T10:00:00.0000000", "timeZone": "UTC"},
        "end": {"dateTime": "2026-11-23T11:00:00.0000000", "timeZone": "UTC"},
        "isAllDay": False,
        "originalStartTimeZone": "W. Europe Standard Time",
        "sensitivity": "normal",
        "showAs": "busy",
        "attendees": [],
        "isCancelled": False,
        "isOnlineMeeting": False,
        "transactionId": "t-1",
        "createdDateTime": "2026-11-01T08:00:00.1234567Z",
        "lastModifiedDateTime": "2026-11-02T08:00:00Z",
        **changes,
    }


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


@pytest.mark.parametrize(
    ("kind", "shape"),
    [("seriesMaster", Shape.SERIES), ("occurrence", Shape.OCCURRENCE), ("exception", Shape.EXCEPTION)],
)
def test_what_recurs(kind: str, shape: Shape) -> None:
    """The four types are the four shapes."""
    assert wire.event(item(type=kind)).shape is shape


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


def page(*items: object, **links: object) -> bytes:
    """A page's bytes."""
    return json.dumps({"value": list(items), **links}).encode()


def test_a_page() -> None:
    """Events, removed ids, what cannot be read, and the links."""
    gone = {"id": "gone", "@removed": {"reason": "deleted"}}
    found = wire.listing(page(item(), gone, item(id="bad", start=None), **{"@odata.nextLink": "https://x/"}))
    assert [event.id for event in found.events] == ["AAkALgAA"]
    assert found.removed == ("gone",)
    assert [(refusal.code, refusal.detail) for refusal in found.refused] == [("unreadable_event", wire.digest("bad"))]
    assert (found.next_link, found.delta_link) == ("https://x/", None)
    assert {identity for identity, _ in found.fingerprint} == {"AAkALgAA", "gone", "bad"}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"value": {}}', b"{}", b'{"value": [7]}', b"\xff", b"[" * 100_000]
)
def test_what_is_no_page(body: bytes) -> None:
    """Half a document or something else is told apart from an empty page (P23)."""
    with pytest.raises(wire.Malformed):
        wire.listing(body)


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
