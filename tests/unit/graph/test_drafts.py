"""What we send, and that it comes back as it was meant."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters import zones
from core.adapters.graph import drafts, wire
from core.adapters.graph.recurrence import occurrence_id
from core.errors import ItemRefused
from core.model.essence import Essence, Field, essence, line, plain, with_exceptions
from core.model.exceptions import DateException
from core.model.expand import first_occurrences, occurrence_on
from core.model.ids import CompanyId, MailboxId
from core.model.operation import Draft
from core.model.recurrence import Series, WholeDays, is_skipped
from core.model.rows import Stamp
from core.model.sighting import Event, Mark
from core.model.stretch import Stretch
from core.model.when import AllDay, Timed, all_day, timed
from core.sync import narrow
from tests.support.recurring import every_series
from tests.unit.recurrence.made import made

STAMP = Stamp("t-1", Mark(CompanyId("c"), MailboxId("m"), "a", 0, "d"))


def told_by_graph(known: Series) -> Series | None:
    """The series as Graph may tell it: what it cannot hold is narrowed, a zone may come back by another name."""
    held = narrow.on_microsoft(known).series
    if held is None or isinstance(held.time, WholeDays):
        return held
    if is_skipped(datetime.combine(held.first, held.time.start), ZoneInfo(held.time.zone)):
        return None  # An answer in UTC does not tell what clocks would show.
    zone = zones.iana(zones.windows(held.time.zone) or held.time.zone) or "UTC"
    return replace(held, time=replace(held.time, zone=zone))


START = datetime(2026, 11, 23, 10, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
DATES = st.dates(date(1970, 1, 1), date(2200, 1, 1))
STRETCHES = st.builds(timed, INSTANTS, INSTANTS) | st.builds(all_day, DATES, DATES)
HELD = every_series().map(told_by_graph).filter(lambda series: series is not None)
"""Series as Exchange can hold them (R22), in the zones that it gives back for theirs."""
WHENS = STRETCHES | HELD
ESSENCES = st.builds(essence, TEXT, WHENS, TEXT, TEXT, private=st.booleans())


def served(body: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    """The event that a service would keep and answer after this body, through the bytes on the wire."""
    sent = json.loads(drafts.encode(body))
    kept = {"id": "AAkA", "@odata.etag": 'W/"1"', **(before or {}), **sent}
    return {**kept, "type": "seriesMaster" if kept.get("recurrence") else "singleInstance"}


def seen(content: Essence, **changes: Any) -> Event:
    """A sighting of that content."""
    return wire.event({**served(drafts.creation(Draft(content), STAMP)), **changes})


@given(ESSENCES)
def test_what_is_created_is_what_was_meant(content: Essence) -> None:
    """Essence to wire to essence is the identity; so is the mark and the transaction."""
    event = wire.event(served(drafts.creation(Draft(content, busy="busy"), STAMP)), mark_asked=True)
    assert event.essence == content
    assert (event.mark, event.transaction, event.is_meeting) == (STAMP.mark, STAMP.transaction, False)


@given(ESSENCES, ESSENCES, st.frozensets(st.sampled_from(Field)))
def test_an_update_changes_its_fields_and_no_others(was: Essence, to: Essence, fields: frozenset[Field]) -> None:
    """Each field comes out as the draft has it if it was named, and as it was if not."""
    before = served(drafts.creation(Draft(was), STAMP))
    body = drafts.change(wire.event(before), Draft(to), fields)
    after = wire.event(served(body, before)).essence
    for field in Field:
        assert after.value(field) == (to if field in fields else was).value(field)


@given(HELD, STRETCHES, st.lists(st.tuples(st.integers(0, 40), TEXT, TEXT, st.booleans()), max_size=6))
def test_a_series_comes_back_with_its_exceptions(known: Series, other: Stretch, kept: list[Any]) -> None:
    """Entry to wire to entry is the identity for a series, its exceptions as Graph shows them included."""
    bare = essence("series", known, "text", "place", private=False)
    days = [day for day, _ in islice(first_occurrences(known), 41)]
    chosen = [(days[at], subject, text, off) for at, subject, text, off in kept if at < len(days)]
    held = [
        DateException(day) if off else DateException(day, other, line(subject), plain(text))
        for day, subject, text, off in chosen
    ]
    content = with_exceptions(bare, held)
    answer = served(drafts.creation(Draft(content), STAMP))
    answer["cancelledOccurrences"] = [occurrence_id("AAkA", one.day) for one in content.exceptions if one.is_cancelled]
    answer["exceptionOccurrences"] = [
        served(
            drafts.date_change(DateException(one.day, known_on(known, one.day)), one, is_online=False),
            {**answer, "occurrenceId": occurrence_id("AAkA", one.day), "subject": "", "body": None, "location": None}
            | drafts._bounds(known_on(known, one.day)),
        )
        for one in content.exceptions
        if not one.is_cancelled
    ]
    assert wire.event(answer).essence == content


def known_on(known: Series, day: date) -> Stretch:
    """When the series itself puts that date."""
    found = occurrence_on(known, day)
    assert found is not None
    return found


@given(st.builds(DateException, DATES, STRETCHES, TEXT, TEXT, TEXT), STRETCHES, TEXT, TEXT, TEXT)
def test_a_change_of_a_date_sends_what_differs(
    held: DateException, when: Stretch, subject: str, text: str, location: str
) -> None:
    """Neither less nor more; nothing for a date that is cancelled, whose change is a deletion."""
    wanted = DateException(held.day, when, subject, text, location)
    body = drafts.date_change(held, wanted, is_online=False)
    differing = {
        "subject": held.subject != subject,
        "body": held.text != text,
        "location": held.location != location,
        "start": held.when != when,
    }
    assert {name for name, differs in differing.items() if differs} == set(body) - {"end", "isAllDay"}
    assert drafts.date_change(held, held, is_online=True) == {}
    assert drafts.date_change(held, DateException(held.day), is_online=True) == {}


def test_the_text_of_an_online_meetings_date() -> None:
    """It is left out, and where nothing else differs that is said."""
    held = DateException(date(2026, 11, 23), Timed(START, START), "s", "the way in")
    body = drafts.date_change(held, replace(held, subject="t", text="new"), is_online=True)
    assert body == {"subject": "t"}
    with pytest.raises(ItemRefused) as caught:
        drafts.date_change(held, replace(held, text="new"), is_online=True)
    assert caught.value.code == "online_meeting_text"


def test_a_series_that_is_to_stand_alone() -> None:
    """Its recurrence goes with its time, and only then."""
    recurs = seen(Essence("s", made("2026-11-23")))
    alone = Draft(Essence("t", Timed(START, START)))
    assert drafts.change(recurs, alone, frozenset({Field.TIME}))["recurrence"] is None
    assert drafts.change(recurs, alone, frozenset({Field.SUBJECT})) == {"subject": "t"}
    single = seen(Essence("s", Timed(START, START)))
    assert "recurrence" not in drafts.change(single, alone, frozenset({Field.TIME}))


def test_a_timed_draft() -> None:
    """Times go out in UTC, whatever zone the entry carries."""
    when = timed(START, START + timedelta(hours=1), "Europe/Helsinki")
    body = drafts.creation(Draft(Essence("s", when), busy="oof"), STAMP)
    assert body["start"] == {"dateTime": "2026-11-23T10:00:00", "timeZone": "UTC"}
    assert body["end"] == {"dateTime": "2026-11-23T11:00:00", "timeZone": "UTC"}
    assert (body["isAllDay"], body["showAs"], body["sensitivity"]) == (False, "oof", "normal")


def test_an_all_day_draft() -> None:
    """Midnight to midnight in one zone, the end exclusive."""
    body = drafts.creation(Draft(Essence("s", AllDay(date(2026, 6, 1), date(2026, 6, 3)))), STAMP)
    assert body["start"] == {"dateTime": "2026-06-01T00:00:00", "timeZone": "UTC"}
    assert body["end"] == {"dateTime": "2026-06-03T00:00:00", "timeZone": "UTC"}
    assert body["isAllDay"] is True


def test_nobody_is_invited_and_nothing_rings() -> None:
    """A created event names no attendees and no reminder, and no free/busy where the draft has none."""
    body = drafts.creation(Draft(Essence("s", Timed(START, START))), STAMP)
    assert not {"attendees", "isReminderOn", "reminderMinutesBeforeStart", "showAs", "categories"} & set(body)


def test_free_busy_is_not_written_later() -> None:
    """After the create it belongs to the mailbox (R11)."""
    event = seen(Essence("s", Timed(START, START)))
    body = drafts.change(event, Draft(Essence("t", Timed(START, START)), busy="oof"), frozenset(Field))
    assert set(body) == {"subject", "body", "location", "start", "end", "isAllDay", "sensitivity"}


def test_the_text_of_an_online_meeting() -> None:
    """It holds the way in and is never replaced; other fields may be (R12)."""
    event = seen(Essence("s", Timed(START, START)), isOnlineMeeting=True)
    draft = Draft(Essence("t", Timed(START, START), text="new"))
    with pytest.raises(ItemRefused) as caught:
        drafts.change(event, draft, frozenset({Field.TEXT, Field.SUBJECT}))
    assert caught.value.code == "online_meeting_text"
    assert drafts.change(event, draft, frozenset({Field.SUBJECT})) == {"subject": "t"}


def test_bytes_are_ascii() -> None:
    """Also for half a character, which could not be sent as UTF-8."""
    assert drafts.encode({"subject": "\u00e4 \ud83d"}) == b'{"subject":"\\u00e4 \\ud83d"}'


def test_a_time_in_a_query() -> None:
    """UTC, with its Z: no offset would mean UTC too, but Prefer could not be trusted to say so."""
    assert drafts.query_time(START.astimezone()) == "2026-11-23T10:00:00Z"
