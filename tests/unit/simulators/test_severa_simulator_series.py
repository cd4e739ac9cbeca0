"""The simulated Severa: series, their occurrences and exceptions."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import Any

import pytest

from tests.simulators.common.faults import Fault

from .severa_series import (
    LAST,
    MONDAY,
    WEEK,
    WEEKLY,
    add_weekly,
    days,
    field_of,
    get,
    listed,
    make,
    nine,
    patched,
    recurs,
    weekly_body,
)
from .severa_stage import HOUR, NINE, Stage, stage

__all__ = ["stage"]
DAY = timedelta(days=1)


class TestCreate:
    async def test_a_series(self, stage: Stage) -> None:
        """It comes back complete, with what Severa itself tells: no exceptions yet, the last occurrence."""
        made = await make(stage)
        assert (made["recurrenceType"], made["recurrenceParentActivityGuid"]) == ("Series", None)
        others = ("tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        assert made["recurrence"] == {
            "frequency": "Weekly",
            "pattern": {
                "daily": None,
                "weekly": {**WEEKLY, **dict.fromkeys(others, False)},
                "monthly": None,
                "yearly": None,
            },
            "range": {"maxOccurrences": 10, "recursUntilDate": None},
            "exceptions": [],
            "lastOccurrenceDateTime": "2026-05-11T06:00:00+00:00",
        }
        assert await get(stage, made["guid"]) == made

    async def test_a_start_that_the_pattern_does_not_have(self, stage: Stage) -> None:
        """The series begins on the first date that it has."""
        made = await make(stage, recurrence=recurs(pattern={"interval": 1, "thursday": True}))
        assert made["startDateTime"] == "2026-03-12T07:00:00+00:00"
        assert made["recurrence"]["lastOccurrenceDateTime"] is None

    @pytest.mark.parametrize(
        ("recurrence", "field"),
        [
            ({"frequency": "Hourly"}, "recurrence/frequency"),
            ({"frequency": "Weekly", "pattern": {"daily": {"interval": 1}}}, "recurrence/pattern/weekly"),
            (recurs("daily", {}), "recurrence/pattern/daily/interval"),
            (recurs("daily", {"interval": "1"}), "recurrence/pattern/daily/interval"),
            (recurs("weekly", {"interval": 1}), "recurrence/pattern/weekly"),
            (recurs("weekly", {"interval": 1, "monday": "yes"}), "recurrence/pattern/weekly/monday"),
            (recurs("monthly", {"interval": 1}), "recurrence/pattern/monthly"),
            (
                recurs("monthly", {"interval": 1, "dayOfMonth": 1, "dayOrdinal": "First"}),
                "recurrence/pattern/monthly",
            ),
            (recurs("monthly", {"interval": 1, "dayOfMonth": 32}), "recurrence/pattern/monthly/dayOfMonth"),
            (
                recurs("monthly", {"interval": 1, "dayOrdinal": "Fifth", "dayOrdinalOption": "Day"}),
                "recurrence/pattern/monthly/dayOrdinal",
            ),
            (recurs("yearly", {"dayOfMonth": 1}), "recurrence/pattern/yearly/month"),
            (recurs("yearly", {"month": "June", "dayOfMonth": 31}), "recurrence/pattern/yearly/dayOfMonth"),
            (recurs(maxOccurrences=0), "recurrence/range/maxOccurrences"),
            (recurs(recursUntilDate="soon"), "recurrence/range/recursUntilDate"),
            (recurs(recursUntilDate="2026-03-08"), "recurrence"),
            ("daily", "recurrence"),
        ],
    )
    async def test_a_bad_recurrence(self, stage: Stage, recurrence: Any, field: str) -> None:
        """400 that names the field; nothing is created."""
        refused = await stage.client.post("/activities", json=weekly_body(stage, recurrence=recurrence))
        assert field_of(refused) == field
        assert stage.people.activities_of(stage.anna) == []

    @pytest.mark.parametrize(
        ("recurrence", "expected"),
        [
            (recurs("daily", {"interval": 3}), "2026-03-09 2026-03-12 2026-03-15"),
            (recurs("daily", {"everyWeekday": True}), "2026-03-09 2026-03-10 2026-03-11"),
            (
                recurs("weekly", {"interval": 2, "monday": True, "sunday": True}),
                "2026-03-09 2026-03-15 2026-03-23",
            ),
            (recurs("monthly", {"interval": 1, "dayOfMonth": 31}), "2026-03-31 2026-04-30 2026-05-31"),
            (
                recurs("monthly", {"interval": 2, "dayOrdinal": "Last", "dayOrdinalOption": "WeekDay"}),
                "2026-03-31 2026-05-29 2026-07-31",
            ),
            (
                recurs("monthly", {"interval": 1, "dayOrdinal": "Second", "dayOrdinalOption": "Tuesday"}),
                "2026-03-10 2026-04-14 2026-05-12",
            ),
            (recurs("yearly", {"month": "February", "dayOfMonth": 29}), "2027-02-28 2028-02-29 2029-02-28"),
            (
                recurs("yearly", {"month": "May", "dayOrdinal": "First", "dayOrdinalOption": "WeekendDay"}),
                "2026-05-02 2027-05-01 2028-05-06",
            ),
        ],
    )
    async def test_dates(self, stage: Stage, recurrence: dict[str, Any], expected: str) -> None:
        """Every kind of pattern, three times; weeks begin on Monday, short months end early."""
        made = await make(stage, recurrence={**recurrence, "range": {"maxOccurrences": 3}})
        found = stage.people.occurrences_of(made["guid"], MONDAY, date(2030, 1, 1))
        assert [activity.start.date().isoformat() for activity in found] == expected.split()

    async def test_two_ends(self, stage: Stage) -> None:
        """Whichever comes first."""
        for limits in ({"maxOccurrences": 2}, {"recursUntilDate": "2026-03-16"}):
            usual = {"maxOccurrences": 5, "recursUntilDate": "2026-05-11"}
            made = await make(stage, recurrence=recurs(**{**usual, **limits}))
            assert len(stage.people.occurrences_of(made["guid"], MONDAY, LAST)) == 2


class TestListing:
    async def test_occurrences_in_the_window(self, stage: Stage) -> None:
        """Unasked, a listing has occurrences instead of the series: guids of their own that stay."""
        whole = add_weekly(stage, location="Oak")
        found = await listed(stage)
        assert days(found) == ["2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30"]
        assert [one["startDateTime"][11:13] for one in found] == ["07", "07", "07", "06"]
        assert {(one["recurrenceType"], one["recurrenceParentActivityGuid"]) for one in found} == {
            ("Occurrence", whole.guid)
        }
        assert {(one["name"], one["location"], one["recurrence"]) for one in found} == {("Weekly", "Oak", None)}
        guids = [one["guid"] for one in found]
        assert len({*guids, whole.guid}) == 5
        stage.people.edit_activity(whole.guid, name="New")
        assert [one["guid"] for one in await listed(stage)] == guids
        assert (await get(stage, guids[1]))["name"] == "New"
        assert len(await listed(stage, startDateTime="2026-03-16T08:00:00Z")) == 2

    async def test_by_type(self, stage: Stage) -> None:
        """The series only when asked for, exceptions alone, occurrences alone."""
        whole = add_weekly(stage)
        stage.people.edit_occurrence(whole.guid, MONDAY, name="Special")
        assert [one["guid"] for one in await listed(stage, recurrenceType="Series")] == [whole.guid]
        assert [one["name"] for one in await listed(stage, recurrenceType="Exception")] == ["Special"]
        assert len(await listed(stage, recurrenceType="Occurrence")) == 3
        assert await listed(stage, recurrenceType="None") == []
        assert len(await listed(stage)) == 4

    async def test_a_window_for_series(self, stage: Stage) -> None:
        """It means all their dates; by the switch, the first one alone."""
        add_weekly(stage, None)
        late = {"startDateTime": "2027-01-01T00:00:00Z", "endDateTime": "2027-02-01T00:00:00Z"}
        assert len(await listed(stage, recurrenceType="Series", **late)) == 1
        stage.severa.options.series_window = "first"
        assert await listed(stage, recurrenceType="Series", **late) == []
        assert len(await listed(stage, **late)) == 4

    async def test_without_a_window(self, stage: Stage) -> None:
        """Nothing is expanded; by the switch, so far from now."""
        add_weekly(stage, None)
        assert await stage.names() == []
        stage.severa.options.unwindowed_horizon = timedelta(days=8)
        assert await stage.names() == ["Weekly"]

    async def test_members(self, stage: Stage) -> None:
        """Whoever takes part in a series takes part in its occurrences; in an exception only by being in it."""
        ben = stage.people.add_user(stage.company, "Ben Berg")
        whole = add_weekly(stage, participants=[ben])
        stage.people.remove_participant(stage.people.occurrence(whole.guid, MONDAY).guid, ben)
        assert days(await listed(stage, userGuids=ben.guid, includeAsMember="true")) == [
            "2026-03-16", "2026-03-23", "2026-03-30",
        ]  # fmt: skip

    async def test_pages(self, stage: Stage) -> None:
        """Occurrences are rows as any other."""
        stage.people.add_activity(stage.anna, "D", NINE, NINE + HOUR, recurrence=recurs("daily", {"interval": 1}))
        window = {"startDateTime": "2026-03-01T00:00:00Z", "endDateTime": "2026-12-31T00:00:00Z", "rowCount": "100"}
        names, token = 0, ""
        while True:
            page = await stage.client.get("/activities", params={**window, **({"pageToken": token} if token else {})})
            names += len(page.json())
            if not (token := page.headers.get("NextPageToken", "")):
                break
        assert names == (date(2026, 12, 31) - date(2026, 3, 10)).days


class TestOneOccurrence:
    async def test_changed(self, stage: Stage) -> None:
        """It becomes an exception under the same guid; the series tells its date, and both have a new stamp."""
        whole = add_weekly(stage)
        second = (await listed(stage))[1]
        stage.clock += HOUR / 2
        changed = await patched(stage, second["guid"], "/name", "Special")
        assert (changed["guid"], changed["recurrenceType"], changed["name"]) == (second["guid"], "Exception", "Special")
        assert changed["recurrenceParentActivityGuid"] == whole.guid
        series = await get(stage, whole.guid)
        assert series["recurrence"]["exceptions"] == ["2026-03-16T07:00:00+00:00"]
        since = {"changedSince": stage.clock.isoformat()}
        assert [a["guid"] for a in await listed(stage, recurrenceType="Series", **since)] == [whole.guid]
        assert [a["guid"] for a in await listed(stage, recurrenceType="Exception", **since)] == [second["guid"]]
        again = await patched(stage, second["guid"], "/location", "Oak")
        assert (again["name"], again["location"]) == ("Special", "Oak")
        assert len(await listed(stage)) == 4

    async def test_moved(self, stage: Stage) -> None:
        """Its original start stays the series' word; nothing keeps it from any day."""
        whole = add_weekly(stage)
        stage.people.edit_occurrence(
            whole.guid, MONDAY, start=nine(MONDAY + 3 * WEEK, 14), end=nine(MONDAY + 3 * WEEK, 15)
        )
        assert days(await listed(stage)) == ["2026-03-16", "2026-03-23", "2026-03-30", "2026-03-30"]
        assert (await get(stage, whole.guid))["recurrence"]["exceptions"] == ["2026-03-09T07:00:00+00:00"]
        again = stage.people.edit_occurrence(whole.guid, MONDAY, name="Late")
        assert again.start == nine(MONDAY + 3 * WEEK, 14)

    @pytest.mark.parametrize("first", [True, False])
    async def test_cancelled(self, stage: Stage, *, first: bool) -> None:
        """204, then 404 for good, also after it was changed (P14) and for the first one (P15)."""
        whole = add_weekly(stage)
        day = MONDAY if first else MONDAY + WEEK
        one = f"/activities/{stage.people.occurrence(whole.guid, day).guid}"
        if first:
            stage.people.edit_occurrence(whole.guid, day, name="Special")
        assert (await stage.client.delete(one)).status_code == 204
        for answer in (
            await stage.client.get(one),
            await stage.client.delete(one),
            await stage.patch(one[12:], "/x", 1),
        ):
            assert answer.status_code == 404
        assert len(await listed(stage)) == 3
        series = await get(stage, whole.guid)
        assert (series["startDateTime"], len(series["recurrence"]["exceptions"])) == (
            nine(MONDAY).astimezone(UTC).isoformat(),
            1,
        )
        with pytest.raises(LookupError):
            stage.people.cancel_occurrence(whole.guid, day)

    @pytest.mark.parametrize(
        ("switch", "listed_days"), [("both", ["09", "16"]), ("cancelled", ["16"]), ("changed", ["09"])]
    )
    async def test_what_exceptions_names(self, stage: Stage, switch: Any, listed_days: list[str]) -> None:
        """By the switch: dates that were changed, cancelled, or both."""
        whole = add_weekly(stage)
        stage.people.edit_occurrence(whole.guid, MONDAY, name="Special")
        stage.people.cancel_occurrence(whole.guid, MONDAY + WEEK)
        stage.severa.options.listed_exceptions = switch
        named = (await get(stage, whole.guid))["recurrence"]["exceptions"]
        assert [moment[8:10] for moment in named] == listed_days

    async def test_a_stamp_that_does_not_move(self, stage: Stage) -> None:
        """By the switch, a cancelled date is told by nothing but a full listing."""
        whole = add_weekly(stage)
        stage.severa.options.exceptions_touch = False
        stage.clock += HOUR / 2
        stage.people.cancel_occurrence(whole.guid, MONDAY)
        assert await listed(stage, recurrenceType="Series", changedSince=stage.clock.isoformat()) == []
        assert len(await listed(stage)) == 3

    async def test_a_recurrence_of_its_own(self, stage: Stage) -> None:
        """Refused."""
        one = stage.people.occurrence(add_weekly(stage).guid, MONDAY)
        assert field_of(await stage.patch(one.guid, "/recurrence", recurs())) == "recurrence"
        assert field_of(await stage.patch(one.guid, "/recurrence/pattern/weekly/interval", 2)) == "recurrence"

    async def test_participants(self, stage: Stage) -> None:
        """An occurrence has its series' participants; one more or less makes it an exception with its own."""
        ben, cid = (stage.people.add_user(stage.company, name) for name in ("Ben Berg", "Cid Cedar"))
        whole = add_weekly(stage, participants=[ben])
        first, second = (await listed(stage))[:2]
        of_first = f"/activities/{first['guid']}/activityparticipants"
        (shown,) = (await stage.client.get(of_first)).json()
        assert (shown["activityGuid"], shown["participantGuid"]) == (first["guid"], ben.guid)
        assert (await stage.client.delete(f"{of_first}/{shown['guid']}")).status_code == 204
        assert (await stage.client.get(of_first)).json() == []
        assert (await get(stage, first["guid"]))["recurrenceType"] == "Exception"
        body = {"activityGuid": second["guid"], "participantGuid": cid.guid}
        assert (await stage.client.post("/activityparticipants", json=body)).status_code == 201
        assert stage.people.participants_of(second["guid"]) == [ben, cid]
        assert stage.people.participants_of(whole.guid) == [ben]
        assert len((await get(stage, whole.guid))["recurrence"]["exceptions"]) == 2

    async def test_stale_and_late_listings(self, stage: Stage) -> None:
        """A stale read goes back behind the change of the date and of its series at once; so do late listings."""
        whole = add_weekly(stage)
        stage.people.edit_occurrence(whole.guid, MONDAY, name="Special")
        stage.severa.faults.add(Fault("stale_read", times=2))
        found = await listed(stage)
        assert [one["recurrenceType"] for one in found] == ["Occurrence"] * 4
        assert (await get(stage, found[0]["guid"]))["name"] == "Weekly"
        stage.severa.delay_listings(30)
        stage.clock += timedelta(seconds=30)
        stage.people.cancel_occurrence(whole.guid, MONDAY)
        assert [one["name"] for one in await listed(stage)].count("Special") == 1
        stage.clock += timedelta(seconds=30)
        assert len(await listed(stage)) == 3
