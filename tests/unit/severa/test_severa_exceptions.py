"""Which exception row is of which date of its series."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.severa.exceptions import of_series, spread, with_rows
from core.adapters.severa.wire import parse_activity
from core.errors import OutcomeUnknown, RetryLater
from core.model.essence import Essence
from core.model.exceptions import DateChange, DateException
from core.model.expand import occurrence_on
from core.model.recurrence import Series, WholeDays
from core.model.when import AllDay, Timed, timed
from tests.unit.recurrence.made import made
from tests.unit.severa.rows import activity_row
from tests.unit.severa.stand import WINDOW, Stand

DAILY = made("2026-03-02", times=20)
"""Nine o'clock in Helsinki, that is seven in UTC, from Monday 2 March to the 21st."""
WHOLE = Essence("Standup", DAILY)
HELSINKI = ZoneInfo("Europe/Helsinki")


def on(day: int) -> date:
    """A day of March."""
    return date(2026, 3, day)


def row(day: int, hour: int = 7, minutes: int = 0, subject: str = "Standup") -> Essence:
    """An exception's own row; the hour is UTC."""
    start = datetime(2026, 3, day, hour, minutes, tzinfo=UTC)
    return Essence(subject, timed(start, start + timedelta(hours=1)))


def assigned(listed: set[int], *rows: Essence, whole: Essence = WHOLE) -> dict[int, str]:
    """What becomes of dates, by day of March: `-` for cancelled, else the day and the hour when it takes place."""
    found = with_rows(whole, frozenset(map(on, listed)), rows).exceptions
    return {one.day.day: "-" if one.when is None else f"{_start(one.when):%d %H}" for one in found}


def _start(when: Timed | AllDay) -> date:
    return when.start if isinstance(when, Timed) else when.first


def test_dates_without_a_row() -> None:
    """They are cancelled."""
    assert assigned({3, 5}) == {3: "-", 5: "-"}


def test_a_row_that_begins_when_the_series_does() -> None:
    """It is of that date, whatever else is near."""
    assert assigned({3, 4}, row(4, subject="Retro")) == {3: "-", 4: "04 07"}


def test_an_occurrence_that_was_moved_a_little() -> None:
    """It is of the nearest listed date."""
    assert assigned({3, 9}, row(3, 12)) == {3: "03 12", 9: "-"}
    assert assigned({3, 9}, row(8, 12)) == {3: "-", 9: "08 12"}


def test_a_date_that_was_moved_onto_another_one() -> None:
    """That other one is not listed, so it takes place as well."""
    assert assigned({3}, row(4)) == {3: "04 07"}


def test_moved_dates_do_not_cross() -> None:
    """All are nearer to the 6th, but they stay in order."""
    assert assigned({6, 9}, row(7, 1), row(7, 20)) == {6: "07 01", 9: "07 20"}
    assert assigned({2, 6, 9}, row(4, 20), row(5, 2), row(5, 12)) == {2: "04 20", 6: "05 02", 9: "05 12"}


def test_a_date_that_was_moved_far_into_its_night() -> None:
    """It is nearer to the next date, which was cancelled, but no occurrence leaves its day for that of another."""
    assert assigned({3, 4}, row(3, 20)) == {3: "03 20", 4: "-"}
    assert assigned({3, 4}, row(4, 21)) == {3: "-", 4: "04 21"}


def test_the_day_is_that_of_the_series_own_clocks() -> None:
    """Ten in the evening in UTC is tomorrow in Helsinki."""
    assert assigned({3, 5}, row(4, 22)) == {3: "-", 5: "04 22"}


def test_more_listed_dates_than_rows() -> None:
    """The rows are as near to theirs as they can be together; the others are cancelled."""
    assert assigned({3, 5, 8, 9}, row(5, 9), row(8, 9)) == {3: "-", 5: "05 09", 8: "08 09", 9: "-"}


def test_more_rows_than_listed_dates() -> None:
    """As many as there are dates for are shown, and one that begins on a date of its own."""
    assert assigned({5}, row(5, 9), row(12, 12)) == {5: "05 09"}
    assert assigned({5}, row(5, 9), row(12, subject="Retro")) == {5: "05 09", 12: "12 07"}


def test_a_row_far_from_all_listed_dates() -> None:
    """It is not looked at, wherever it comes from: a read would not list it."""
    far = Essence("Standup", timed(datetime(2027, 4, 1, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC)))
    assert assigned({5}, far) == {5: "-"}


def test_a_row_that_is_as_the_series_says() -> None:
    """It is no exception: somebody edited it back, or only its participants differ."""
    assert assigned({5}, row(5)) == {}


def test_nothing_is_listed() -> None:
    """Then there is no exception, and no listing of rows."""
    assert assigned(set(), row(5, 12)) == {}
    assert spread(frozenset()) is None


def test_whole_days() -> None:
    """A whole-day series may have a timed date, and a timed one a whole day."""
    days = Essence("Days", made("2026-03-02", at=WholeDays(), times=20))
    assert assigned({4, 5}, row(4, 12), Essence("x", AllDay(on(6), on(7))), whole=days) == {4: "04 12", 5: "06 00"}
    assert assigned({4}, Essence("x", AllDay(on(4), on(5)))) == {4: "04 00"}


def test_listed_dates_of_an_earlier_pattern() -> None:
    """They are none of the series."""
    assert of_series(DAILY, [on(1), on(2), date(2027, 1, 1)]) == frozenset({on(2)})


MINUTES = st.integers(-9 * 60, 15 * 60 - 1)
"""From the first to the last minute of the day in Helsinki."""


@given(moved=st.dictionaries(st.integers(3, 21), MINUTES), cancelled=st.sets(st.integers(3, 21)), data=st.data())
def test_any_exceptions_that_are_moved_within_their_day(
    moved: dict[int, int], cancelled: set[int], data: st.DataObject
) -> None:
    """Whatever the order of the rows, every one comes out as it was."""
    kept = {day: by for day, by in moved.items() if day not in cancelled}
    asked = [DateException(on(day)) for day in cancelled]
    for day, by in kept.items():
        held = occurrence_on(DAILY, on(day))
        assert isinstance(held, Timed)
        by_minutes = timedelta(minutes=by)
        asked.append(DateException(on(day), timed(held.start + by_minutes, held.end + by_minutes), "moved"))
    rows = [Essence("moved", one.when) for one in asked if one.when is not None]
    listed = frozenset(one.day for one in asked)
    found = with_rows(WHOLE, listed, data.draw(st.permutations(rows)))
    assert found.exceptions == tuple(sorted(asked, key=lambda one: one.day))


# --- rows that make no sense ------------------------------------------------------------------------------------------
RECURRENCE = {
    "frequency": "Daily",
    "pattern": {"daily": {"interval": 1, "everyWeekday": False}},
    "range": {"maxOccurrences": 20},
    "exceptions": ["2026-03-26T09:00:00+02:00"],
}
SERIES = activity_row(guid="s-1", recurrenceType="Series", recurrence=RECURRENCE)


def stand_with(*dates: dict[str, Any], master: dict[str, Any] = SERIES) -> Stand:
    """A Severa with a series and these exception rows."""

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/v1/activities"):
            kind = {"None": [activity_row()], "Series": [master], "Exception": list(dates)}
            return httpx.Response(200, json=kind[request.url.params["recurrenceType"]])
        return httpx.Response(200, json=master)

    return Stand(respond)


@pytest.mark.parametrize("parent", ["s-1", None, "../users"])
async def test_an_exception_that_cannot_be_read(parent: str | None) -> None:
    """Its date is not taken for cancelled: its series is left out, and the view says so; a read fails (P23, P49)."""
    broken = activity_row(guid="x", recurrenceType="Exception", recurrenceParentActivityGuid=parent, startDateTime=7)
    stand = stand_with(broken)
    view = await stand.calendar.view(WINDOW)
    assert not view.complete
    assert [one.id for one in view.sightings] == ["a-1"]
    with pytest.raises(RetryLater, match="severa_answer_malformed"):
        await stand.calendar.listed("s-1")
    with pytest.raises(RetryLater, match="severa_answer_malformed"):
        await stand.calendar.read("s-1")


async def test_a_series_that_cannot_be_read() -> None:
    """It is left out, with its exceptions, and the view says so."""
    dates = activity_row(guid="x", recurrenceType="Exception", recurrenceParentActivityGuid="s-1")
    view = await stand_with(dates, master={**SERIES, "recurrence": None}).calendar.view(WINDOW)
    assert [one.id for one in view.sightings] == ["a-1"]
    assert not view.complete


@pytest.mark.parametrize("parent", ["s-2", None])
async def test_a_changed_date_whose_echo_is_of_another_series(parent: str | None) -> None:
    """The write was accepted, so it may have been done; whatever guid the exception has, it is of this series."""
    ours = activity_row(guid="x", recurrenceType="Occurrence", recurrenceParentActivityGuid="s-1")
    original = parse_activity(ours, HELSINKI).essence.when
    assert isinstance(original, Timed)
    change = DateChange(original, DateException(on(25), original, "Retro", "line", "Room"))
    for echo in (parent, "s-1"):
        after = {**ours, "guid": "y", "name": "Retro", "recurrenceParentActivityGuid": echo}
        stand = Stand(lambda request, after=after: httpx.Response(200, json=[after if request.content else ours]))
        if echo == "s-1":
            assert await stand.calendar.change_date("s-1", None, change) == change.wanted
        else:
            with pytest.raises(OutcomeUnknown, match="severa_answer_malformed"):
                await stand.calendar.change_date("s-1", None, change)


async def test_exceptions_as_severa_spells_them() -> None:
    """Listed starts are instants, rows name their series."""
    dates = activity_row(
        guid="x",
        recurrenceType="Exception",
        recurrenceParentActivityGuid="s-1",
        startDateTime="2026-03-26T11:00:00+02:00",
        endDateTime="2026-03-26T12:00:00+02:00",
    )
    stand = stand_with(dates)
    found = await stand.calendar.read("s-1")
    assert found is not None
    assert isinstance(found.essence.when, Series)
    [moved] = found.essence.exceptions
    assert (moved.day, moved.when) == (on(26), row(26, 9).when)
    view = await stand.calendar.view(WINDOW)
    assert found in view.sightings
    assert view.complete
