"""Activities in Severa's JSON, both ways."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.adapters.severa.drafts import build_activity, build_patch
from core.adapters.severa.parsing import Malformed
from core.adapters.severa.quirks import PatchValues
from core.adapters.severa.wire import parse_activity
from core.errors import ItemRefused
from core.model.essence import Essence, Field
from core.model.ids import UserId
from core.model.operation import Draft
from core.model.sighting import Activity, Category, Shape
from core.model.when import AllDay, Timed, When
from tests.unit.severa.rows import activity_row

HELSINKI, NEW_YORK, CAIRO = ZoneInfo("Europe/Helsinki"), ZoneInfo("America/New_York"), ZoneInfo("Africa/Cairo")
NINE = datetime(2026, 3, 25, 9, tzinfo=UTC)
TIMED = Timed(NINE, NINE + timedelta(hours=1))
DAY = AllDay(date(2026, 3, 28), date(2026, 3, 31))
ANNA = UserId("anna")


def when(zone: ZoneInfo = HELSINKI, **changes: Any) -> When:
    """When the changed row takes place."""
    return parse_activity(activity_row(**changes), zone).essence.when


def patch(
    fields: set[Field], essence: Essence, *, before: When = TIMED, type_id: str = "", values: str = "native"
) -> dict[str, object]:
    """The operations by path."""
    seen = Activity("a-1", "v", Essence("old", before), "t-meeting", Category.CALENDAR_ENTRY, ANNA)
    operations = build_patch(seen, Draft(essence, type_id), frozenset(fields), HELSINKI, PatchValues(values))
    assert all(operation["op"] == "Replace" for operation in operations)
    assert len({operation["path"] for operation in operations}) == len(operations)
    return {str(operation["path"]): operation["value"] for operation in operations}


# --- reading ----------------------------------------------------------------------------------------------------------
def test_a_plain_activity() -> None:
    """Every field that the sync needs is read; the version is kept as Severa spelt it."""
    seen = parse_activity(activity_row(), HELSINKI)
    assert seen == Activity(
        id="a-1",
        version="2026-03-02T08:00:00.1234567+02:00",
        essence=Essence("Review", Timed(NINE - timedelta(hours=2), NINE - timedelta(hours=1)), "line", "Room"),
        type_id="t-meeting",
        category=Category.CALENDAR_ENTRY,
        owner=ANNA,
        created=datetime(2026, 3, 1, 6, 0, 0, 123456, tzinfo=UTC),
        modified=datetime(2026, 3, 2, 6, 0, 0, 123456, tzinfo=UTC),
    )
    assert isinstance(seen.essence.when, Timed)
    assert seen.essence.when.zone == "Europe/Helsinki"


def test_an_activity_that_was_never_updated() -> None:
    """Without a time of update the time of creation is the version."""
    seen = parse_activity(activity_row(lastUpdatedDateTime=None), HELSINKI)
    assert seen.version == "2026-03-01T08:00:00.1234567+02:00"
    assert seen.modified is None


@pytest.mark.parametrize(
    ("category", "private"),
    [("Personal", True), ("Absences", True), ("CalendarEntry", False), ("SalesEvent", False), ("Task", False)],
)
def test_privacy_is_the_types_category(category: str, *, private: bool) -> None:
    """Personal and absences are private (R11)."""
    seen = parse_activity(activity_row(activityType={"guid": "t", "category": category}), HELSINKI)
    assert (seen.essence.private, str(seen.category)) == (private, category)


@pytest.mark.parametrize(
    ("spelt", "shape"),
    [
        ("None", Shape.SINGLE),
        (None, Shape.SINGLE),
        (..., Shape.SINGLE),
        ("Series", Shape.SERIES),
        ("Occurrence", Shape.OCCURRENCE),
        ("Exception", Shape.EXCEPTION),
    ],
)
def test_what_recurs_says_so(spelt: object, shape: Shape) -> None:
    """The shape is read from recurrenceType; a series has a recurrence."""
    daily = {"frequency": "Daily", "pattern": {"daily": {"interval": 1}}}
    assert parse_activity(activity_row(recurrenceType=spelt, recurrence=daily), HELSINKI).shape is shape


def test_whose_date_it_is() -> None:
    """An occurrence names its series."""
    row = activity_row(recurrenceType="Occurrence", recurrenceParentActivityGuid="s-1")
    assert parse_activity(row, HELSINKI).series == "s-1"


@pytest.mark.parametrize(
    ("by", "told"), [({"guid": "ben", "firstName": "Ben"}, "ben"), (None, ""), ({}, ""), (..., "")]
)
def test_who_made_the_last_change(by: object, told: str) -> None:
    """As Severa says, or nobody."""
    assert parse_activity(activity_row(lastUpdatedBy=by), HELSINKI).updated_by == told


def test_an_unassigned_task_without_owner() -> None:
    """It is nobody's, and does not stop the page."""
    assert parse_activity(activity_row(isUnassigned=True, ownerUser=None), HELSINKI).owner == ""


def test_half_a_character_in_a_text() -> None:
    """A lone surrogate, which no digest could encode, is replaced."""
    seen = parse_activity(activity_row(name="a\ud83d", notes="b\udc00"), HELSINKI)
    assert (seen.essence.subject, seen.essence.text) == ("a\ufffd", "b\ufffd")


def test_work_hours_are_seen() -> None:
    """An activity with work hours says so: it is never deleted (R19)."""
    assert parse_activity(activity_row(hasHours=True), HELSINKI).has_hours


@pytest.mark.parametrize("end", [None, ..., "2026-03-25T09:00:00+02:00", "2026-03-25T08:00:00+02:00"])
def test_no_end_or_one_before_the_start(end: object) -> None:
    """It has no length (P22)."""
    seven = NINE - timedelta(hours=2)
    assert when(endDateTime=end) == Timed(seven, seven)


@pytest.mark.parametrize(
    ("zone", "start", "end", "first", "until"),
    [
        # the example of the SOAP documentation (facts/severa.md 1.7)
        (HELSINKI, "2013-12-15T22:00:00Z", "2013-12-20T22:00:00Z", "2013-12-16", "2013-12-21"),
        (HELSINKI, "2026-03-28T00:00:00+02:00", "2026-03-31T00:00:00+03:00", "2026-03-28", "2026-03-31"),
        (HELSINKI, "2026-03-27T22:00:00Z", "2026-03-27T22:00:00Z", "2026-03-28", "2026-03-29"),
        (HELSINKI, "2026-03-27T22:00:00Z", None, "2026-03-28", "2026-03-29"),
        (HELSINKI, "2026-03-28T00:00:00+02:00", "2026-03-28T23:59:59+02:00", "2026-03-28", "2026-03-29"),
        (HELSINKI, "2026-03-29T00:00:00+02:00", "2026-03-29T23:59:59.9999999+03:00", "2026-03-29", "2026-03-30"),
        # 24 hours on the days of 23 and of 25
        (HELSINKI, "2026-03-29T00:00:00+02:00", "2026-03-30T00:00:00+02:00", "2026-03-29", "2026-03-30"),
        (HELSINKI, "2026-10-25T00:00:00+03:00", "2026-10-26T00:00:00+03:00", "2026-10-25", "2026-10-26"),
        (NEW_YORK, "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", "2026-03-08", "2026-03-09"),
        # the owner has moved to another zone since
        (NEW_YORK, "2026-03-27T22:00:00Z", "2026-03-28T22:00:00Z", "2026-03-28", "2026-03-29"),
        # the clocks of Cairo skip midnight on 24 April 2026
        (CAIRO, "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z", "2026-04-24", "2026-04-25"),
    ],
)
def test_whole_days(zone: ZoneInfo, start: str, end: str | None, first: str, until: str) -> None:
    """They are dates of the owner's zone with an exclusive end."""
    expected = AllDay(date.fromisoformat(first), date.fromisoformat(until))
    assert when(zone, startDateTime=start, endDateTime=end, isAllDay=True) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"guid": None},
        {"guid": "a,b"},
        {"guid": "../users"},
        {"guid": 7},
        {"name": ...},
        {"name": 7},
        {"startDateTime": None},
        {"startDateTime": "2026-03-25T09:00:00"},
        {"startDateTime": "2026-03-25"},
        {"startDateTime": "soon"},
        {"startDateTime": "0001-01-01T00:00:00+02:00"},
        {"endDateTime": "2026-13-25T09:00:00Z"},
        {"endDateTime": "9999-12-31T23:59:59Z", "isAllDay": True},
        {"isAllDay": "true"},
        {"notes": []},
        {"activityType": None},
        {"activityType": {"guid": "t"}},
        {"activityType": {"guid": "t", "category": "Lunch"}},
        {"activityType": {"category": "Personal"}},
        {"ownerUser": None},
        {"ownerUser": "anna"},
        {"recurrenceType": "Sometimes"},
        {"recurrenceType": ["None"]},
        {"recurrenceParentActivityGuid": "../users"},
        {"lastUpdatedBy": "anna"},
        {"createdDateTime": 5},
    ],
)
def test_half_an_activity(changes: dict[str, Any]) -> None:
    """What is missing or of another type is not guessed; the message holds no value."""
    with pytest.raises(Malformed) as failure:
        parse_activity(activity_row(**changes), HELSINKI)
    assert str(failure.value).removeprefix("activityType.") in {*activity_row(), "category"}


# --- writing ----------------------------------------------------------------------------------------------------------
def test_the_body_of_a_create() -> None:
    """Everything that an activity needs, in UTC."""
    draft = Draft(Essence("Review", TIMED, "text\nmore", "Room"), "t-meeting")
    assert build_activity(draft, ANNA, HELSINKI) == {
        "name": "Review",
        "startDateTime": "2026-03-25T09:00:00Z",
        "endDateTime": "2026-03-25T10:00:00Z",
        "isAllDay": False,
        "hasDuration": True,
        "notes": "text\nmore",
        "location": "Room",
        "activityType": {"guid": "t-meeting"},
        "ownerUser": {"guid": "anna"},
    }


def test_whole_days_over_a_change_of_clocks() -> None:
    """They begin and end at midnight of the owner's zone, whatever the offset is that day."""
    body = build_activity(Draft(Essence("Days", DAY), "t"), ANNA, HELSINKI)
    assert body["startDateTime"] == "2026-03-27T22:00:00Z"
    assert body["endDateTime"] == "2026-03-30T21:00:00Z"
    assert body["isAllDay"] is True


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (Draft(Essence("", TIMED), "t"), "severa_subject_missing"),
        (Draft(Essence("Review", TIMED)), "severa_type_missing"),
        (Draft(Essence("Review", AllDay(date(1, 1, 1), date(1, 1, 2))), "t"), "severa_time_out_of_range"),
    ],
)
def test_what_severa_cannot_hold(draft: Draft, code: str) -> None:
    """It is refused before it is sent, for this entry only."""
    with pytest.raises(ItemRefused) as refusal:
        build_activity(draft, ANNA, HELSINKI)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("field", "operations"),
    [
        (Field.SUBJECT, {"/name": "New"}),
        (Field.TEXT, {"/notes": ""}),
        (Field.LOCATION, {"/location": "Room"}),
        (
            Field.TIME,
            {
                "/startDateTime": "2026-03-25T09:00:00Z",
                "/endDateTime": "2026-03-25T10:00:00Z",
                "/isAllDay": False,
            },
        ),
    ],
)
def test_one_changed_field(field: Field, operations: dict[str, object]) -> None:
    """Only that field is written."""
    assert patch({field}, Essence("New", TIMED, "", "Room")) == operations


def test_nothing_changed() -> None:
    """There is nothing to write."""
    assert patch(set(), Essence("New", TIMED)) == {}


@pytest.mark.parametrize(
    ("before", "after", "written"),
    [
        (TIMED, DAY, True),
        (DAY, DAY, False),
        (DAY, TIMED, False),
        (TIMED, TIMED, False),
        (Timed(NINE, NINE), TIMED, True),
        (Timed(NINE, NINE), Timed(NINE, NINE), False),
    ],
)
def test_a_time_that_needs_a_duration(before: When, after: When, *, written: bool) -> None:
    """A duration is written where the activity may lack it: whole days must have one, to-dos may have none."""
    operations = patch({Field.TIME}, Essence("New", after), before=before)
    assert operations.get("/hasDuration", False) is written


def test_a_type_that_changes() -> None:
    """Privacy has no field of its own: the type carries it."""
    assert patch({Field.PRIVACY}, Essence("New", TIMED, private=True), type_id="t-personal") == {
        "/activityType/guid": "t-personal"
    }
    with pytest.raises(ItemRefused, match="severa_type_missing"):
        patch({Field.PRIVACY}, Essence("New", TIMED, private=True))


def test_patch_values_as_text() -> None:
    """By one switch every value is text, as the letter of the schema wants."""
    operations = patch({Field.TIME}, Essence("New", DAY), values="text")
    assert operations["/isAllDay"] == operations["/hasDuration"] == "true"
    assert patch({Field.TIME}, Essence("New", TIMED), values="text")["/isAllDay"] == "false"


def test_emptying_the_subject() -> None:
    """An activity always has a name."""
    with pytest.raises(ItemRefused, match="severa_subject_missing"):
        patch({Field.SUBJECT}, Essence("", TIMED))
