"""The simulator, asked by the real exchangelib over loopback HTTP."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from exchangelib import CalendarItem, EWSDate, EWSDateTime, EWSTimeZone, ExtendedProperty
from exchangelib.errors import (
    ErrorCalendarViewRangeTooBig,
    ErrorInvalidSyncStateData,
    ErrorIrresolvableConflict,
    ErrorItemNotFound,
    ErrorSchemaValidation,
    ErrorServerBusy,
    UnauthorizedError,
)
from exchangelib.items import ID_ONLY, MOVE_TO_DELETED_ITEMS, SEND_TO_ALL_AND_SAVE_COPY, SEND_TO_NONE
from exchangelib.recurrence import Recurrence, RelativeMonthlyPattern, WeeklyPattern
from exchangelib.services import SyncFolderItems

from tests.simulators.ews import Property, Trouble, Where

from .ews_stage import BERT, GUID, HOUR, NINE, Library, library

__all__ = ["library"]
HELSINKI = EWSTimeZone("Europe/Helsinki")


class Mark(ExtendedProperty):
    property_set_id = GUID
    property_name = "SeveraCalendarSync"
    property_type = "String"


if "severa_test_mark" not in {field.name for field in CalendarItem.FIELDS}:
    CalendarItem.register("severa_test_mark", Mark)


def at(day: int, hour: int) -> EWSDateTime:
    """A time in March 2026, in Helsinki."""
    return EWSDateTime(2026, 3, day, hour, tzinfo=HELSINKI)


def item(library: Library, **more: object) -> CalendarItem:
    """An hour on the tenth."""
    given = {"subject": "S", "start": at(10, 9), "end": at(10, 10), **more}
    return CalendarItem(account=library.account, folder=library.calendar, **given)


def create(library: Library, **more: object) -> CalendarItem:
    """The same, saved, and nobody is mailed."""
    [made] = library.account.bulk_create(
        folder=library.calendar, items=[item(library, **more)], send_meeting_invitations=SEND_TO_NONE
    )
    assert not isinstance(made, Exception)
    return made


@pytest.mark.parametrize("library", ["2010", "2010_sp2", "2013", "2013_sp1", "2016", "se"], indirect=True)
def test_an_event_there_and_back(library: Library) -> None:
    """Created, fetched, changed against its change key, deleted to Deleted Items."""
    made = create(library, body="text", location="Here", severa_test_mark="ours", sensitivity="Private")
    [got] = library.account.fetch([made])
    assert (got.subject, got.start, got.location, got.sensitivity) == ("S", at(10, 9), "Here", "Private")
    assert (got.severa_test_mark, str(got.body), got.type) == ("ours", "text", "Single")
    kept = library.stage.people.event(made.id)
    assert kept.start_zone.name == "FLE Standard Time"
    assert kept.value(Property(GUID, "SeveraCalendarSync", "String")) == "ours"
    got.subject = "T"
    [(item_id, key)] = library.account.bulk_update(
        [(got, ["subject"])],
        conflict_resolution="NeverOverwrite",
        send_meeting_invitations_or_cancellations=SEND_TO_NONE,
    )
    assert (item_id, key) == (made.id, library.stage.people.event(made.id).change_key)
    with pytest.raises(ErrorIrresolvableConflict):
        library.account.bulk_update([(got, ["subject"])], conflict_resolution="NeverOverwrite")
    assert library.account.bulk_delete([made], delete_type=MOVE_TO_DELETED_ITEMS) == [True]
    [gone] = library.account.fetch([made])
    assert isinstance(gone, ErrorItemNotFound)
    assert library.stage.ews.mails == []


@pytest.mark.parametrize("library", ["2007_sp1", "2010_sp2", "se"], indirect=True)
def test_rounds_of_synchronization(library: Library) -> None:
    """By the service itself, which gives its state after every piece (facts/microsoft.md H)."""
    people = library.stage.people
    ids = [people.add_event(library.stage.anna, f"{n}", NINE, NINE + HOUR) for n in range(5)]

    def piece(state: str | None) -> tuple[list[tuple[str, str]], str, bool]:
        service = SyncFolderItems(account=library.account)
        found = list(
            service.call(
                library.calendar,
                shape=ID_ONLY,
                additional_fields=set(),
                sync_state=state,
                ignore=None,
                max_changes_returned=3,
                sync_scope=None,
            )
        )
        return [(kind, one.id) for kind, one in found], service.sync_state, service.includes_last_item_in_range

    first, state, last = piece(None)
    assert (len(first), last) == (3, False)
    second, state, last = piece(state)
    assert (len(second), last) == (2, True)
    assert {one for _, one in first + second} == set(ids)
    people.edit_event(ids[0], subject="new")
    people.delete_event(ids[1])
    third, state, _ = piece(state)
    assert set(third) == {("update", ids[0]), ("delete", ids[1])}
    people.lose_sync_states(library.stage.anna)
    with pytest.raises(ErrorInvalidSyncStateData):
        piece(state)


def test_a_series_with_exceptions(library: Library) -> None:
    """The master tells what was moved and what was deleted; occurrences are found by their number."""
    weekly = Recurrence(
        pattern=WeeklyPattern(interval=1, weekdays=[2], first_day_of_week=1), start=EWSDate(2026, 3, 10), number=5
    )
    [made] = library.account.fetch([create(library, recurrence=weekly)])
    people = library.stage.people
    second = made.occurrence(index=2)
    second.refresh()
    assert second.type == "Occurrence"
    second.start += timedelta(hours=1)
    second.end += timedelta(hours=1)
    second.save(update_fields=["start", "end"], send_meeting_invitations=SEND_TO_NONE)
    third = made.occurrence(index=3)
    third.refresh()
    third.delete(send_meeting_cancellations=SEND_TO_NONE)
    [master] = library.account.fetch([made])
    assert master.recurrence.pattern.weekdays == [2]
    [moved] = master.modified_occurrences
    assert (moved.start, moved.original_start) == (at(17, 10), at(17, 9))
    assert [one.start for one in master.deleted_occurrences] == [at(24, 9)]
    [exception] = library.account.fetch([moved])
    assert (exception.type, exception.id) == ("Exception", second.id)
    assert exception.recurring_master().refresh().id == made.id
    assert [one.start.hour for one in people.occurrences_of(made.id, date(2026, 3, 1), date(2026, 5, 1))] == [
        7,
        8,
        6,
        6,
    ]


def test_a_view_and_a_search(library: Library) -> None:
    """A window, at most two years; the mark among all items."""
    create(
        library,
        severa_test_mark="ours",
        recurrence=Recurrence(
            pattern=RelativeMonthlyPattern(interval=1, weekday="Weekday", week_number="Last"),
            start=EWSDate(2026, 3, 10),
        ),
    )
    create(library, severa_test_mark="others")
    found = library.calendar.view(start=at(1, 0), end=at(1, 0) + timedelta(days=90))
    assert [one.start.date().isoformat() for one in found] == ["2026-03-10", "2026-03-31", "2026-04-30", "2026-05-29"]
    with pytest.raises(ErrorCalendarViewRangeTooBig):
        list(library.calendar.view(start=at(1, 0), end=at(1, 0) + timedelta(days=732)))
    [ours] = library.calendar.filter(severa_test_mark="ours").only("subject", "severa_test_mark")
    assert ours.severa_test_mark == "ours"


def test_whole_days(library: Library) -> None:
    """Midnights in the zone that they were written in, read back as those dates."""
    made = create(library, start=EWSDate(2026, 6, 2), end=EWSDate(2026, 6, 3), is_all_day=True)
    kept = library.stage.people.event(made.id)
    assert kept.start.isoformat() == "2026-06-01T21:00:00+00:00"
    assert kept.dates == (date(2026, 6, 2), date(2026, 6, 3))
    [got] = library.account.fetch([made])
    assert (got.start, got.end) == (EWSDate(2026, 6, 2), EWSDate(2026, 6, 3))


@pytest.mark.parametrize("library", ["2007_sp1"], indirect=True)
def test_what_the_library_writes_to_2007(library: Library) -> None:
    """Its MeetingTimeZone has attributes that 2007 does not know: nothing with times can be created as it is."""
    with pytest.raises(ErrorSchemaValidation, match="MeetingTimeZone"):
        create(library)


@pytest.mark.parametrize("library", ["2010"], indirect=True)
def test_what_the_library_writes_to_2010(library: Library) -> None:
    """It always says on what day a week begins, which is known from Service Pack 1 on only."""
    pattern = WeeklyPattern(interval=1, weekdays=[2], first_day_of_week=1)
    with pytest.raises(ErrorSchemaValidation, match="FirstDayOfWeek"):
        create(library, recurrence=Recurrence(pattern=pattern, start=EWSDate(2026, 3, 10), number=5))


def test_a_meeting_that_is_sent(library: Library) -> None:
    """Mails are counted only when they are asked for."""
    meeting = item(library, required_attendees=[BERT])
    meeting.save(send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)
    assert [(mail.kind, mail.attendee) for mail in library.stage.ews.mails] == [("invitation", BERT)]
    [there] = library.stage.people.events_of(library.stage.bert)
    assert there.uid == library.stage.people.event(meeting.id).uid


def test_a_busy_item_and_a_chunk(library: Library) -> None:
    """With FailFast, a busy second item hides that the first one was made (facts/microsoft.md H)."""
    library.stage.ews.troubles.add(Trouble("ErrorServerBusy", "CreateItem", where=Where.ITEM, after=1))
    with pytest.raises(ErrorServerBusy):
        library.account.bulk_create(folder=library.calendar, items=[item(library), item(library)])
    assert len(library.stage.people.events_of(library.stage.anna)) == 1


def test_how_long_a_busy_server_wants_to_be_left_alone(library: Library) -> None:
    """The library finds the milliseconds in the fault."""
    library.calendar.refresh()
    library.stage.people.throttle(library.stage.anna, timedelta(seconds=30))
    with pytest.raises(ErrorServerBusy) as caught:
        list(library.account.fetch([item(library, id="AAMk", changekey="x")]))
    assert caught.value.back_off == 30


def test_a_wrong_password_locks_the_account(library: Library) -> None:
    """Every try counts; at the fifth in a row the right one is refused as well."""
    stage = library.stage
    library.calendar.refresh()
    stage.ews.passwords[r"ACME\sync"] = "changed"
    for _ in range(5):
        with pytest.raises(UnauthorizedError):
            library.calendar.refresh()
    assert stage.people.is_locked(r"ACME\sync")
    stage.ews.passwords[r"ACME\sync"] = "right"
    with pytest.raises(UnauthorizedError):
        library.calendar.refresh()
    stage.people.unlock(r"ACME\sync")
    library.calendar.refresh()
    assert stage.ews.logins[-7:] == [False] * 6 + [True]


def test_zones_of_the_server(library: Library) -> None:
    """By Windows' names."""
    names = {zone.id for zone in library.account.protocol.get_timezones()}
    assert {"FLE Standard Time", "UTC", "W. Europe Standard Time"} <= names


def test_a_name(library: Library) -> None:
    """Resolved to its mailbox."""
    [found] = library.account.protocol.resolve_names(["a.aalto@acme.example"])
    assert found.email_address == "anna@acme.example"
