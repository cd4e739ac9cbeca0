"""Series by raw requests: occurrences, exceptions, patterns."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tests.simulators.common.recurrence import Rule

from .ews_stage import ALL, HELSINKI, HOUR, MARK, Stage, setting, stage, subject, timed, weekly

__all__ = ["stage"]
FIRST = date(2026, 3, 9)
WEEK = timedelta(days=7)
EVERY = "<t:Interval>{0}</t:Interval>"
NTH = "<t:DaysOfWeek>{0}</t:DaysOfWeek><t:DayOfWeekIndex>{1}</t:DayOfWeekIndex>"


def nth(series: str, index: int) -> str:
    """An occurrence by its number."""
    return f'<t:OccurrenceItemId RecurringMasterId="{series}" InstanceIndex="{index}"/>'


def nine(day: date, hour: int = 9) -> datetime:
    """Nine o'clock there on that day."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=HELSINKI)


async def test_a_master_tells_its_exceptions(stage: Stage) -> None:
    """Moved, deleted, and moved then deleted: of a deleted one only its original start is known (peers.md P14)."""
    [(series, _)] = (await stage.create(weekly())).ids()
    for number in (1, 3, 5):
        day = FIRST + number * WEEK
        stage.people.edit_occurrence(series, day, start=nine(day, 15), end=nine(day, 16))
    stage.people.delete_occurrence(series, FIRST + 5 * WEEK)
    stage.people.delete_occurrence(series, FIRST)
    got = await stage.get(series)
    assert got.text("t:CalendarItemType") == "RecurringMaster"
    modified = "t:ModifiedOccurrences/t:Occurrence"
    assert got.texts(f"{modified}/t:OriginalStart") == ["2026-03-16T07:00:00Z", "2026-03-30T06:00:00Z"]
    assert got.texts(f"{modified}/t:Start") == ["2026-03-16T13:00:00Z", "2026-03-30T12:00:00Z"]
    deleted = got.texts("t:DeletedOccurrences/t:DeletedOccurrence/t:Start")
    assert deleted == ["2026-03-09T07:00:00Z", "2026-04-13T06:00:00Z"]
    assert got.text("t:FirstOccurrence/t:OriginalStart") == "2026-03-16T07:00:00Z"
    assert got.text("t:LastOccurrence/t:Start") == "2026-05-11T06:00:00Z"
    [(exception, _), *_] = got.ids(f"{modified}/t:ItemId")
    one = await stage.get(exception)
    assert (one.text("t:CalendarItemType"), one.text("t:OriginalStart")) == ("Exception", "2026-03-16T07:00:00Z")


async def test_occurrences_by_their_number(stage: Stage) -> None:
    """Counted from 1, deleted ones too; beyond the last one is the end."""
    [(series, _)] = (await stage.create(weekly(count=3))).ids()
    stage.people.delete_occurrence(series, FIRST + WEEK)
    got = await stage.get(*(nth(series, index) for index in (1, 2, 3, 4)))
    assert got.codes == [
        "NoError",
        "ErrorCalendarOccurrenceIsDeletedFromRecurrence",
        "NoError",
        "ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange",
    ]
    assert got.texts("t:Start") == ["2026-03-09T07:00:00Z", "2026-03-23T07:00:00Z"]
    [(first, _), _] = got.ids("m:Items/t:CalendarItem/t:ItemId")
    master = await stage.get(f'<t:RecurringMasterItemId OccurrenceId="{first}"/>')
    assert master.ids("m:Items/t:CalendarItem/t:ItemId")[0][0] == series
    assert (await stage.get(nth(first, 1))).codes == ["ErrorCalendarCannotUseIdForOccurrenceId"]
    wrong = await stage.get(f'<t:RecurringMasterItemId OccurrenceId="{series}"/>')
    assert wrong.codes == ["ErrorCalendarCannotUseIdForRecurringMasterId"]


async def test_an_occurrence_that_is_changed(stage: Stage) -> None:
    """It becomes an exception under the same id; the master has another version, and the old one is stale."""
    [(series, key)] = (await stage.create(weekly())).ids()
    [(one, one_key)] = (await stage.get(nth(series, 2))).ids("m:Items/t:CalendarItem/t:ItemId")
    assert one_key == key
    assert (await stage.update((one, one_key), subject("Other"))).codes == ["NoError"]
    got = await stage.get(one)
    assert (got.text("t:CalendarItemType"), got.text("t:Subject")) == ("Exception", "Other")
    assert (await stage.update((series, key), subject("All"))).codes == ["ErrorIrresolvableConflict"]
    assert (await stage.update((one, one_key), subject("Again"))).codes == ["ErrorIrresolvableConflict"]


async def test_a_master_passes_on_what_an_exception_has_not_of_its_own(stage: Stage) -> None:
    """Its subject stays, the place is the series'; the exception itself stays."""
    [(series, _)] = (await stage.create(weekly())).ids()
    stage.people.edit_occurrence(series, FIRST, subject="Own")
    stage.people.edit_event(series, subject="All", location="There")
    [first, second] = stage.people.occurrences_of(series, FIRST, FIRST + WEEK)
    assert (first.kind, first.subject, first.location) == ("Exception", "Own", "There")
    assert (second.subject, second.location) == ("All", "There")


async def test_a_pattern_written_anew(stage: Stage) -> None:
    """Exceptions and deletions are dropped (peers.md P13); the same pattern again drops nothing."""
    [(series, _)] = (await stage.create(weekly())).ids()
    stage.people.edit_occurrence(series, FIRST, subject="Own")
    stage.people.delete_occurrence(series, FIRST + WEEK)
    got = await stage.get(series)
    same = setting("calendar:Recurrence", weekly().partition("</t:End>")[2].partition("<t:StartTimeZone")[0])
    assert (await stage.update(got.ids("m:Items/t:CalendarItem/t:ItemId")[0], same)).codes == ["NoError"]
    assert len((await stage.get(series)).all("t:DeletedOccurrence")) == 1
    item = (await stage.get(series)).ids("m:Items/t:CalendarItem/t:ItemId")[0]
    assert (await stage.update(item, same.replace("Monday", "Monday Tuesday"))).codes == ["NoError"]
    after = await stage.get(series)
    assert after.all("t:DeletedOccurrence") == after.all("t:ModifiedOccurrences") == []
    assert after.text("t:DaysOfWeek") == "Monday Tuesday"


@pytest.mark.parametrize(
    ("days", "lasts", "code"),
    [
        (-7, HOUR, "ErrorOccurrenceCrossingBoundary"),
        (7, HOUR, "ErrorOccurrenceCrossingBoundary"),
        (8, HOUR, "ErrorOccurrenceCrossingBoundary"),
        (6, HOUR, "NoError"),
        (3, timedelta(days=6), "ErrorOccurrenceTimeSpanTooBig"),
    ],
)
async def test_an_occurrence_near_its_neighbours(stage: Stage, days: int, lasts: timedelta, code: str) -> None:
    """It may not be moved to the day of the next one, nor last into it."""
    [(series, key)] = (await stage.create(weekly())).ids()
    start = nine(FIRST + 2 * WEEK + timedelta(days=days))
    moved = (
        setting("calendar:Start", f"<t:Start>{start.isoformat()}</t:Start>"),
        setting("calendar:End", f"<t:End>{(start + lasts).isoformat()}</t:End>"),
    )
    one = f'<t:OccurrenceItemId RecurringMasterId="{series}" ChangeKey="{key}" InstanceIndex="3"/>'
    assert (await stage.update(one, *moved)).codes == [code]


async def test_an_occurrence_deleted_by_its_id(stage: Stage) -> None:
    """The series goes on without it; nothing is in Deleted Items."""
    [(series, _)] = (await stage.create(weekly(count=2))).ids()
    assert (await stage.delete(nth(series, 1))).codes == ["NoError"]
    got = await stage.view("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")
    assert got.texts("t:Start") == ["2026-03-16T07:00:00Z"]
    gone = stage.people.occurrence_id(series, FIRST)
    assert (await stage.get(gone)).codes == ["ErrorItemNotFound"]


@pytest.mark.parametrize(
    ("kind", "pattern", "dates"),
    [
        ("Daily", EVERY.format(2), ["01-31", "02-02", "02-04"]),
        ("AbsoluteMonthly", f"{EVERY.format(1)}<t:DayOfMonth>31</t:DayOfMonth>", ["01-31", "02-28", "03-31"]),
        ("RelativeMonthly", EVERY.format(1) + NTH.format("Weekday", "Last"), ["02-27", "03-31", "04-30"]),
        ("RelativeMonthly", EVERY.format(1) + NTH.format("Tuesday", "Second"), ["02-10", "03-10", "04-14"]),
        ("AbsoluteYearly", "<t:DayOfMonth>29</t:DayOfMonth><t:Month>February</t:Month>", ["02-28", "02-28", "02-29"]),
        ("RelativeYearly", NTH.format("WeekendDay", "First") + "<t:Month>May</t:Month>", ["05-02", "05-01", "05-06"]),
        ("Weekly", EVERY.format(2) + "<t:DaysOfWeek>Sunday Saturday</t:DaysOfWeek>", ["01-31", "02-08", "02-14"]),
    ],
)
async def test_every_pattern(stage: Stage, kind: str, pattern: str, dates: list[str]) -> None:
    """It is expanded as Exchange does, and shown as it was sent; a week begins on Sunday where nothing is said."""
    limits = (
        "<t:NumberedRecurrence><t:StartDate>2026-01-31</t:StartDate><t:NumberOfOccurrences>3</t:NumberOfOccurrences>"
        "</t:NumberedRecurrence>"
    )
    times = timed("S", "2026-01-31T12:00:00Z", "2026-01-31T13:00:00Z")
    inside = f"<t:{kind}Recurrence>{pattern}</t:{kind}Recurrence>{limits}"
    made = await stage.create(f"{times}<t:Recurrence>{inside}</t:Recurrence>")
    assert made.codes == ["NoError"]
    [(series, _)] = made.ids()
    found = [(await stage.get(nth(series, index))).text("t:Start") for index in (1, 2, 3)]
    assert [text[5:10] for text in found] == dates
    shown = await stage.get(series)
    assert len(shown.all(f"t:{kind}Recurrence")) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("2026-03-09T10:00:00+02:00", "2026-03-17T10:00:00+02:00"), "ErrorOccurrenceTimeSpanTooBig"),
        (("<t:Interval>1<", "<t:Interval>0<"), "ErrorCalendarInvalidRecurrence"),
        (("NumberOfOccurrences>10<", "NumberOfOccurrences>0<"), "ErrorCalendarInvalidRecurrence"),
    ],
)
async def test_a_recurrence_that_cannot_be(stage: Stage, change: tuple[str, str], code: str) -> None:
    """It is refused by name, and nothing is made."""
    assert (await stage.create(weekly().replace(*change))).codes == [code]
    assert stage.people.events_of(stage.anna) == []


async def test_a_single_event_that_recurs_and_ends_to_recur(stage: Stage) -> None:
    """It becomes a master under the same id, and a single event again on its first date."""
    times = timed(
        "S", "2026-03-09T09:00:00+02:00", "2026-03-09T10:00:00+02:00", '<t:StartTimeZone Id="FLE Standard Time"/>'
    )
    [item] = (await stage.create(times)).ids()
    recurs = setting("calendar:Recurrence", weekly().partition("</t:End>")[2].partition("<t:StartTimeZone")[0])
    [after] = (await stage.update(item, recurs)).ids()
    assert (await stage.get(item[0])).text("t:CalendarItemType") == "RecurringMaster"
    stage.people.edit_occurrence(item[0], FIRST + WEEK, subject="Own")
    stage.people.delete_occurrence(item[0], FIRST)
    [after] = (await stage.get(item[0])).ids("m:Items/t:CalendarItem/t:ItemId")
    ends = '<t:DeleteItemField><t:FieldURI FieldURI="calendar:Recurrence"/></t:DeleteItemField>'
    assert (await stage.update(after, ends)).codes == ["NoError"]
    got = await stage.view("2026-03-01T00:00:00Z", "2026-12-01T00:00:00Z")
    assert (got.texts("t:CalendarItemType"), got.texts("t:Start")) == (["Single"], ["2026-03-09T07:00:00Z"])


async def test_this_and_following(stage: Stage) -> None:
    """The series ends before the date, another one begins there; earlier exceptions stay."""
    [(series, _)] = (await stage.create(weekly(count=5))).ids()
    stage.people.edit_occurrence(series, FIRST, subject="Own")
    rest = stage.people.split_series(series, FIRST + 3 * WEEK, subject="Rest")
    kept = stage.people.occurrences_of(series, FIRST, date(2026, 12, 1))
    assert [one.subject for one in kept] == ["Own", "Weekly", "Weekly"]
    assert [one.subject for one in stage.people.occurrences_of(rest, FIRST, date(2026, 12, 1))] == ["Rest", "Rest"]


async def test_an_exception_with_a_mark_of_its_own(stage: Stage) -> None:
    """Extended properties of occurrences are the master's until they have their own."""
    extended = f"<t:ExtendedProperty>{MARK}<t:Value>ours</t:Value></t:ExtendedProperty>"
    [(series, _)] = (await stage.create(weekly().replace("<t:Start>", f"{extended}<t:Start>", 1))).ids()
    shape = ALL.replace("</m:ItemShape>", f"<t:AdditionalProperties>{MARK}</t:AdditionalProperties></m:ItemShape>")
    assert (await stage.get(nth(series, 1), shape=shape)).text("t:ExtendedProperty/t:Value") == "ours"


async def test_days_of_a_series_in_its_own_zone(stage: Stage) -> None:
    """A late evening in Helsinki is another date in UTC; whole days are midnights there."""
    rule = Rule("weekly", FIRST, weekdays=(0,), count=3)
    late = stage.people.add_event(stage.anna, "Late", nine(FIRST, 0), nine(FIRST, 1), rule=rule)
    assert (
        stage.people.edit_occurrence(late, FIRST + WEEK, subject="x").start.isoformat() == "2026-03-15T22:00:00+00:00"
    )
    whole = stage.people.add_event(stage.anna, "Days", FIRST, FIRST + timedelta(days=1), rule=rule)
    shown = await stage.view("2026-03-22T00:00:00Z", "2026-03-25T00:00:00Z")
    assert shown.texts("t:Start") == ["2026-03-22T22:00:00Z"] * 2
    assert [one.dates for one in stage.people.occurrences_of(whole, FIRST, FIRST)] == [(FIRST, FIRST)]
