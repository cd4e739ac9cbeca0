"""What we send, and that it comes back as it was meant."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.graph import drafts, wire
from core.errors import ItemRefused
from core.model.essence import Essence, Field, essence
from core.model.ids import CompanyId, MailboxId
from core.model.operation import Draft
from core.model.rows import Stamp
from core.model.sighting import Event, Mark
from core.model.when import AllDay, Timed, all_day, timed

STAMP = Stamp("t-1", Mark(CompanyId("c"), MailboxId("m"), "a", 0, "d"))
START = datetime(2026, 11, 23, 10, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
DATES = st.dates(date(1970, 1, 1), date(2200, 1, 1))
WHENS = st.builds(timed, INSTANTS, INSTANTS) | st.builds(all_day, DATES, DATES)
ESSENCES = st.builds(essence, TEXT, WHENS, TEXT, TEXT, private=st.booleans())


def served(body: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    """The event that a service would keep and answer after this body, through the bytes on the wire."""
    sent = json.loads(drafts.encode(body))
    given_ids = {"id": "AAkA", "@odata.etag": 'W/"1"', "type": "singleInstance"}
    return {**given_ids, **(before or {}), **sent}


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
