"""FindItem: calendar views and searches."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from tests.simulators.ews.ids import global_object_id

from .ews_stage import (
    CALENDAR_FOLDER,
    DAY,
    HOUR,
    ID_ONLY,
    MARK,
    NINE,
    Stage,
    stage,
    timed,
    weekly,
)

__all__ = ["stage"]
CLEAN = '<t:ExtendedFieldURI {0} PropertyId="35" PropertyType="Binary"/>'


def equals(path: str, value: str) -> str:
    """A restriction."""
    constant = f'<t:FieldURIOrConstant><t:Constant Value="{value}"/></t:FieldURIOrConstant>'
    return f"<t:IsEqualTo>{path}{constant}</t:IsEqualTo>"


async def test_a_view_expands_series(stage: Stage) -> None:
    """Singles, occurrences and exceptions by start; what was deleted is not in it, what was moved is where it is."""
    [(series, _)] = (await stage.create(weekly())).ids()
    single = stage.people.add_event(stage.anna, "Single", NINE, NINE + HOUR)
    days = stage.people.occurrences_of(series, NINE.date() - 9 * DAY, NINE.date() + 60 * DAY)
    stage.people.delete_occurrence(series, days[1].slot.day)  # type: ignore[union-attr]
    stage.people.edit_occurrence(
        series,
        days[2].slot.day,
        start=days[2].start + 2 * DAY,
        end=days[2].end + 2 * DAY,  # type: ignore[union-attr]
    )
    got = await stage.view("2026-03-09T00:00:00Z", "2026-04-01T00:00:00Z")
    assert got.texts("t:CalendarItemType") == ["Occurrence", "Single", "Exception", "Occurrence"]
    starts = ["2026-03-09T07:00:00Z", "2026-03-10T09:00:00Z", "2026-03-25T07:00:00Z", "2026-03-30T06:00:00Z"]
    assert got.texts("t:Start") == starts
    assert got.ids()[1][0] == single
    assert got.all("m:RootFolder")[0].get("IncludesLastItemInRange") == "true"


async def test_a_view_of_more_than_two_years(stage: Stage) -> None:
    """It is refused; two years exactly are not."""
    assert (await stage.view("2026-03-09T00:00:00Z", "2028-03-09T00:00:00Z")).codes == ["NoError"]
    assert (await stage.view("2026-03-09T00:00:00Z", "2028-03-09T00:00:01Z")).codes == ["ErrorCalendarViewRangeTooBig"]
    late = await stage.view("2026-03-09T00:00:00Z", "2026-03-08T00:00:00Z")
    assert late.codes == ["ErrorCalendarEndDateIsEarlierThanStartDate"]


async def test_a_view_that_is_cut_off(stage: Stage) -> None:
    """By what was asked for, or by the server's own limit; both say that there is more."""
    for number in range(4):
        stage.people.add_event(stage.anna, f"{number}", NINE + number * DAY, NINE + number * DAY + HOUR)
    window = ("2026-03-09T00:00:00Z", "2026-04-01T00:00:00Z")
    got = await stage.view(*window, most='MaxEntriesReturned="3"')
    assert (len(got.ids()), got.all("m:RootFolder")[0].get("IncludesLastItemInRange")) == (3, "false")
    stage.ews.options.find_count_limit = 2
    got = await stage.view(*window)
    assert (len(got.ids()), got.all("m:RootFolder")[0].get("IncludesLastItemInRange")) == (2, "false")


@pytest.mark.parametrize(("release", "codes"), [("2010", ["ErrorServerBusy"]), ("2007_sp1", ["NoError"])])
async def test_the_limit_in_old_releases(release: str, codes: list[str]) -> None:
    """2010 without a Service Pack refuses, 2007 has none (facts/microsoft.md G1)."""
    stage = Stage(release)
    stage.ews.options.find_count_limit = 1
    for number in range(2):
        stage.people.add_event(stage.anna, f"{number}", NINE, NINE + HOUR)
    async with stage.client:
        assert (await stage.view("2026-03-09T00:00:00Z", "2026-04-01T00:00:00Z")).codes == codes


async def test_the_mark_is_searched_for(stage: Stage) -> None:
    """As it is before a create is repeated; an exception's does not count, as listings know no occurrences."""
    extended = f"<t:ExtendedProperty>{MARK}<t:Value>ours</t:Value></t:ExtendedProperty>"
    item = timed("S", "2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z").replace("<t:Start>", f"{extended}<t:Start>")
    [made] = (await stage.create(item)).ids()
    stage.people.copy_event(made[0])
    assert len((await stage.find(equals(MARK, "ours"))).ids()) == 2
    stage.people.delete_event(made[0])
    assert len((await stage.find(equals(MARK, "ours"))).ids()) == 1
    assert (await stage.find(equals(MARK, "theirs"))).ids() == []
    there = f"<t:And><t:Exists>{MARK}</t:Exists><t:Not>{equals(MARK, 'theirs')}</t:Not></t:And>"
    assert len((await stage.find(there)).ids()) == 1


@pytest.mark.parametrize(
    "named", ['DistinguishedPropertySetId="Meeting"', 'PropertySetId="6ED8DA90-450B-101B-98DA-00AA003F1305"']
)
@pytest.mark.parametrize("uid", ["", "from-elsewhere@example.org"])
async def test_a_meeting_is_searched_for_by_its_global_object_id(stage: Stage, named: str, uid: str) -> None:
    """That of the UID without its date; the UID itself cannot be searched for (facts/microsoft.md G4)."""
    details = {"uid": uid} if uid else {}
    item_id = stage.people.add_event(stage.anna, "S", NINE, NINE + HOUR, **details)  # type: ignore[arg-type]
    stage.people.add_event(stage.anna, "Other", NINE, NINE + HOUR)
    wanted = base64.b64encode(global_object_id(stage.people.event(item_id).uid)).decode()
    found = await stage.find(equals(CLEAN.format(named), wanted))
    assert [one[0] for one in found.ids()] == [item_id]
    refused = await stage.find(equals('<t:FieldURI FieldURI="calendar:UID"/>', "x"))
    assert refused.codes == ["ErrorUnsupportedPathForQuery"]


async def test_times_are_searched_for_in_pages(stage: Stage) -> None:
    """Masters and singles that end after a moment, ordered and paged."""
    for number in range(5):
        stage.people.add_event(stage.anna, f"{number}", NINE + number * DAY, NINE + number * DAY + HOUR)
    after = (
        '<t:IsGreaterThan><t:FieldURI FieldURI="calendar:End"/><t:FieldURIOrConstant>'
        f'<t:Constant Value="{(NINE + DAY).isoformat()}"/></t:FieldURIOrConstant></t:IsGreaterThan>'
    )
    order = (
        '<m:SortOrder><t:FieldOrder Order="Descending"><t:FieldURI FieldURI="calendar:Start"/></t:FieldOrder>'
        "</m:SortOrder>"
    )
    subjects: list[str] = []
    for offset in (0, 3):
        paged = f'<m:IndexedPageItemView MaxEntriesReturned="3" Offset="{offset}" BasePoint="Beginning"/>'
        shape = ID_ONLY.replace("IdOnly", "Default")
        got = await stage.ask(
            f'<m:FindItem Traversal="Shallow">{shape}{paged}<m:Restriction>{after}</m:Restriction>{order}'
            f"{CALENDAR_FOLDER}</m:FindItem>"
        )
        root = got.all("m:RootFolder")[0]
        assert root.get("TotalItemsInView") == "4"
        assert root.get("IncludesLastItemInRange") == ("true" if offset else "false")
        subjects += got.texts("t:Subject")
    assert subjects == ["4", "3", "2", "1"]


async def test_a_view_with_a_restriction(stage: Stage) -> None:
    """The one excludes the other."""
    both = await stage.ask(
        f'<m:FindItem Traversal="Shallow">{ID_ONLY}<m:CalendarView StartDate="2026-03-09T00:00:00Z" '
        f'EndDate="2026-03-10T00:00:00Z"/><m:Restriction><t:Exists>{MARK}</t:Exists></m:Restriction>'
        f"{CALENDAR_FOLDER}</m:FindItem>"
    )
    assert both.codes == ["ErrorInvalidOperation"]


async def test_an_event_without_length(stage: Stage) -> None:
    """It is seen at its own moment, and not in a view that ends there."""
    stage.people.add_event(stage.anna, "Now", NINE, NINE)
    begin, end = NINE.isoformat(), (NINE + timedelta(minutes=1)).isoformat()
    assert len((await stage.view(begin, end)).ids()) == 1
    assert (await stage.view((NINE - HOUR).isoformat(), begin)).ids() == []
