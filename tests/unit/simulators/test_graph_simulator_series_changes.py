"""The simulated Graph: series that change as a whole, and what people do with them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.simulators.graph import GraphError, Mail

from .graph_series import HELSINKI, MONDAY, WEEK, WEEKLY, add_weekly, nine, recurs
from .graph_stage import DAY, HOUR, IMMUTABLE, NINE, Stage, error, moment, stage

__all__ = ["stage"]
LAST = date(2026, 12, 31)


def dates(stage: Stage, master: str) -> list[date]:
    return [event.start.astimezone(HELSINKI).date() for event in stage.people.occurrences_of(master, MONDAY, LAST)]


async def patch(stage: Stage, event_id: str, **changes: Any) -> dict[str, Any]:
    answer = await stage.client.patch(stage.url(f"/events/{event_id}"), json=changes, headers=IMMUTABLE)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def touched(stage: Stage, count: int = 5) -> str:
    """A series of Mondays: the second moved to Tuesday and named, the third cancelled."""
    key = add_weekly(stage, count)
    day = MONDAY + WEEK + DAY
    stage.people.edit_occurrence(key, MONDAY + WEEK, start=nine(day), end=nine(day, 10), subject="Special")
    stage.people.cancel_occurrence(key, MONDAY + 2 * WEEK)
    return key


class TestChangedAsAWhole:
    async def test_its_content(self, stage: Stage) -> None:
        """Exceptions stay, and take over what they have not of their own."""
        key = touched(stage)
        await patch(stage, key, subject="New", location={"displayName": "Oak"})
        found = stage.people.occurrences_of(key, MONDAY, LAST)
        assert [(event.subject, event.place) for event in found][:2] == [("New", "Oak"), ("Special", "Oak")]
        assert dates(stage, key)[1:3] == [MONDAY + WEEK + DAY, MONDAY + 3 * WEEK]

    @pytest.mark.parametrize(
        "changes",
        [
            {"start": moment("2026-03-09T10:00:00", "Europe/Helsinki"), "end": moment("2026-03-09T11:00:00")},
            {"recurrence": recurs({**WEEKLY, "interval": 2}, "2026-03-09", numberOfOccurrences=5)},
            {"recurrence": recurs(WEEKLY, "2026-03-09", numberOfOccurrences=6)},
        ],
    )
    async def test_its_times(self, stage: Stage, changes: dict[str, Any]) -> None:
        """Exceptions and cancellations are dropped (P13)."""
        key = touched(stage)
        await patch(stage, key, **changes)
        found = stage.people.occurrences_of(key, MONDAY, LAST)
        assert {event.kind for event in found} == {"occurrence"}
        assert len(found) == stage.people.event(key).recurrence["range"]["numberOfOccurrences"]  # type: ignore[index]

    async def test_the_same_times_again(self, stage: Stage) -> None:
        """A write that changes nothing drops nothing."""
        key = touched(stage)
        rule = recurs(WEEKLY, "2026-03-09", numberOfOccurrences=5, recurrenceTimeZone="Europe/Helsinki")
        await patch(stage, key, recurrence=rule, start=moment("2026-03-09T07:00:00"))
        assert [event.kind for event in stage.people.occurrences_of(key, MONDAY, LAST)].count("exception") == 1

    async def test_moved_to_another_day(self, stage: Stage) -> None:
        """Without a new recurrence the old one begins with the new start, on the first date that it has."""
        key = add_weekly(stage, 3)
        times = {"start": moment("2026-03-10T09:00:00", "Europe/Helsinki"), "end": moment("2026-03-10T08:00:00")}
        made = await patch(stage, key, **times)
        assert made["recurrence"]["range"]["startDate"] == "2026-03-16"
        assert dates(stage, key) == [MONDAY + n * WEEK for n in (1, 2, 3)]

    async def test_a_start_in_another_zone(self, stage: Stage) -> None:
        """The series keeps its clock as long as its recurrence is not written."""
        key = add_weekly(stage, 5)
        made = await patch(stage, key, start=moment("2026-03-09T08:00:00"), end=moment("2026-03-09T09:00:00"))
        assert made["recurrence"]["range"]["recurrenceTimeZone"] == "Europe/Helsinki"
        found = stage.people.occurrences_of(key, MONDAY, LAST)
        assert {event.start.astimezone(HELSINKI).hour for event in found} == {10}

    async def test_a_single_event_and_back(self, stage: Stage) -> None:
        """A recurrence makes a series of a single event, null a single event of a series."""
        made = await stage.create()
        rule = recurs({"type": "daily", "interval": 1}, numberOfOccurrences=2)
        assert (await patch(stage, made["id"], recurrence=rule))["type"] == "seriesMaster"
        stage.people.cancel_occurrence(made["id"], NINE.date())
        assert len(await stage.view()) == 1
        assert (await patch(stage, made["id"], recurrence=None))["type"] == "singleInstance"
        assert [item["id"] for item in await stage.view()] == [made["id"]]

    async def test_deleted(self, stage: Stage) -> None:
        """All is gone but the master in Deleted Items."""
        key = touched(stage)
        exception = stage.people.occurrences_of(key, MONDAY, LAST)[1]
        assert (await stage.client.delete(stage.url(f"/events/{key}"))).status_code == 204
        for name in (exception.immutable_id, f"OID.{key}.{MONDAY}", f"OID.{key}.{MONDAY + WEEK}"):
            assert error(await stage.client.get(stage.url(f"/events/{name}"))) == (404, "ErrorItemNotFound")
        assert (await stage.client.get(stage.url(f"/events/{key}"))).json()["type"] == "seriesMaster"
        assert (await stage.view(), stage.people.events_of(stage.anna)) == ([], [])


class TestMails:
    async def test_of_a_meeting(self, stage: Stage) -> None:
        """One mail for a write to one date; one for the series and one per exception for a write to the master."""
        key = add_weekly(stage, 3, attendees=["ben@x.example"])
        mails = stage.graph.mails
        changed = await patch(stage, f"OID.{key}.{MONDAY}", subject="Special")
        assert mails == [Mail("update", "anna@acme.example", "ben@x.example", changed["id"])]
        mails.clear()
        await patch(stage, key, location={"displayName": "Oak"})
        assert [mail.event_id for mail in mails] == [key, changed["id"]]
        mails.clear()
        await stage.client.delete(stage.url(f"/events/OID.{key}.{MONDAY + WEEK}"))
        await stage.client.delete(stage.url(f"/events/{key}"))
        assert [mail.kind for mail in mails] == ["cancellation"] * 2


class TestPeople:
    async def test_an_occurrence(self, stage: Stage) -> None:
        """People change and cancel dates; what Exchange refuses is refused to them, what is gone is not found."""
        key = touched(stage)
        with pytest.raises(KeyError):
            stage.people.cancel_occurrence(key, MONDAY + 2 * WEEK)
        day = MONDAY + 3 * WEEK
        with pytest.raises(GraphError, match="CrossingBoundary"):
            stage.people.edit_occurrence(key, MONDAY, start=nine(day), end=nine(day, 10))
        exception = stage.people.edit_occurrence(key, MONDAY + WEEK, body="Bring cake")
        assert (exception.kind, exception.subject, exception.text) == ("exception", "Special", "Bring cake")
        stage.people.delete_event(exception.immutable_id)
        assert dates(stage, key) == [MONDAY, day, MONDAY + 4 * WEEK]
        assert [event.immutable_id for event in stage.people.events_of(stage.anna)] == [key]
        assert stage.graph.mails == []

    async def test_this_and_following(self, stage: Stage) -> None:
        """The old series ends before the date and keeps what was changed there; a new one begins (P12)."""
        key = touched(stage, 6)
        day = MONDAY + 4 * WEEK
        new = stage.people.split_series(key, day, subject="New", start=nine(day, 14), end=nine(day, 15))
        assert dates(stage, key) == [MONDAY, MONDAY + WEEK + DAY, MONDAY + 3 * WEEK]
        assert stage.people.event(key).recurrence["range"]["endDate"] == "2026-04-05"  # type: ignore[index]
        found = stage.people.occurrences_of(new, MONDAY, LAST)
        assert [(event.subject, event.start) for event in found] == [
            ("New", nine(day, 14)),
            ("New", nine(day + WEEK, 14)),
        ]
        assert stage.people.event(new).ical_uid != stage.people.event(key).ical_uid
        with pytest.raises(ValueError, match="begins on this date"):
            stage.people.split_series(new, day)

    async def test_what_need_not_be_said(self, stage: Stage) -> None:
        """People leave out the usual: an interval of one, no end, the start date."""
        key = stage.people.add_event(stage.anna, "D", NINE, NINE + HOUR, recurrence={"pattern": {"type": "daily"}})
        assert stage.people.event(key).recurrence["range"]["startDate"] == "2026-03-10"  # type: ignore[index]
        assert len(await stage.view(**{"$top": "100"})) == 22
        with pytest.raises(GraphError, match="daysOfWeek"):
            stage.people.edit_event(key, recurrence={"pattern": {"type": "weekly"}})

    async def test_a_zone_without_a_name(self, stage: Stage) -> None:
        """A series follows the clock that it was written in, whatever Exchange calls it (P19)."""
        start = datetime(2026, 3, 26, 9, tzinfo=HELSINKI)
        rule = {"pattern": {"type": "daily"}, "range": {"type": "numbered", "numberOfOccurrences": 5}}
        custom = "tzone://Microsoft/Custom"
        key = stage.people.add_event(stage.anna, "C", start, start + HOUR, recurrence=rule, zone=custom)
        shown = (await stage.client.get(stage.url(f"/events/{key}"))).json()
        assert (shown["originalStartTimeZone"], shown["recurrence"]["range"]["recurrenceTimeZone"]) == (custom, custom)
        found = stage.people.occurrences_of(key, start.date(), LAST)
        assert [event.start.hour for event in found] == [7, 7, 7, 6, 6]
        prefer = {"Prefer": f'outlook.timezone="{custom}"'}
        refusal = await stage.client.get(stage.url(f"/events/{key}"), headers=prefer)
        assert error(refusal) == (400, "TimeZoneNotSupportedException")

    async def test_whole_days(self, stage: Stage) -> None:
        """A whole-day series by dates; one of them moved."""
        first = date(2026, 3, 28)
        key = stage.people.add_event(
            stage.anna, "W", first, first + DAY, recurrence={"pattern": {"type": "daily", "interval": 3}}
        )
        stage.people.edit_occurrence(key, first, start=first + DAY, end=first + 2 * DAY)
        found = stage.people.occurrences_of(key, first, first + 4 * DAY)
        assert [event.start.date() for event in found] == [first + DAY, first + 3 * DAY]

    async def test_copied_and_rehomed(self, stage: Stage) -> None:
        """A copy begins afresh; other ids keep everything else, dates that were changed included."""
        key = touched(stage)
        copy = stage.people.copy_event(key)
        assert [event.kind for event in stage.people.occurrences_of(copy, MONDAY, LAST)] == ["occurrence"] * 5
        single = stage.people.copy_event(stage.people.occurrences_of(key, MONDAY, LAST)[0].immutable_id)
        assert stage.people.event(single).kind == "singleInstance"
        uid, before = stage.people.event(key).ical_uid, dates(stage, key)
        new = stage.people.rehome_event(key)
        assert (stage.people.event(new).ical_uid, dates(stage, new)) == (uid, before)
        exception = stage.people.event(f"OID.{new}.{MONDAY + WEEK}")
        assert (exception.subject, exception.slot and exception.slot.master_immutable_id) == ("Special", new)
        with pytest.raises(ValueError, match="no home"):
            stage.people.rehome_event(exception.immutable_id)


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (date(2026, 3, 29), "2026-03-29T01:30:00", "2026-03-29T02:00:00"),
        (date(2026, 10, 25), "2026-10-25T00:30:00", "2026-10-25T02:00:00"),
        (date(2026, 10, 26), "2026-10-26T01:30:00", "2026-10-26T02:00:00"),
    ],
)
async def test_the_hour_that_the_clocks_change(stage: Stage, day: date, start: str, end: str) -> None:
    """Daily from 3:30 to 4: skipped, it lasts as long as ever; repeated, it starts in the first of the two hours."""
    begins = datetime(2026, 3, 20, 3, 30, tzinfo=HELSINKI)
    until = begins + timedelta(minutes=30)
    key = stage.people.add_event(stage.anna, "D", begins, until, recurrence={"pattern": {"type": "daily"}})
    found = stage.people.event(f"OID.{key}.{day}")
    assert (found.start, found.end) == tuple(datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end))
