"""The simulated Severa: series that change as a whole, and what people do with them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tests.simulators.severa import SeveraError

from .severa_series import (
    HELSINKI,
    LAST,
    MONDAY,
    WEEK,
    add_weekly,
    days,
    field_of,
    get,
    listed,
    make,
    nine,
    patched,
    recurs,
)
from .severa_stage import HOUR, Stage, stage

__all__ = ["stage"]
DAY = timedelta(days=1)


class TestTheWholeSeries:
    async def test_patched_by_parts(self, stage: Stage) -> None:
        """Parts have paths; a document is checked when all of it is done; texts do for numbers and booleans."""
        guid = (await make(stage))["guid"]
        changed = await patched(stage, guid, "/recurrence/pattern/weekly/interval", "2")
        assert changed["recurrence"]["pattern"]["weekly"]["interval"] == 2
        changed = await patched(stage, guid, "/Recurrence/Range/MaxOccurrences", None)
        assert changed["recurrence"]["lastOccurrenceDateTime"] is None
        await patched(stage, guid, "/recurrence/range", '{"recursUntilDate": "2026-04-30"}')
        document = [
            {"op": "Replace", "path": "/recurrence/frequency", "value": "Daily"},
            {"op": "Replace", "path": "/recurrence/pattern/daily/everyWeekday", "value": "true"},
        ]
        answer = await stage.client.patch(f"/activities/{guid}", json=document)
        assert answer.json()[0]["recurrence"]["lastOccurrenceDateTime"] == "2026-04-30T06:00:00+00:00"
        assert answer.json()[0]["recurrence"]["pattern"]["weekly"] is None
        half = await stage.client.patch(f"/activities/{guid}", json=[{**document[0], "value": "Weekly"}])
        assert field_of(half) == "recurrence/pattern/weekly"
        assert field_of(await stage.patch(guid, "/recurrence/exceptions", [])) == "recurrence/exceptions"
        assert field_of(await stage.patch(guid, "/recurrence", "{")) == "recurrence"

    async def test_types_of_patched_values(self, stage: Stage) -> None:
        """By the switch, an object comes as it is or as its text."""
        guid, rule = (await make(stage))["guid"], recurs("daily", {"interval": 1})
        text = '{"frequency": "Daily", "pattern": {"daily": {"interval": 1}}}'
        stage.severa.options.patch_values = "native"
        assert (await stage.patch(guid, "/recurrence", text)).status_code == 400
        assert (await stage.patch(guid, "/recurrence/pattern/weekly/interval", "2")).status_code == 400
        assert (await stage.patch(guid, "/recurrence", rule)).status_code == 200
        stage.severa.options.patch_values = "string"
        assert (await stage.patch(guid, "/recurrence", rule)).status_code == 400
        assert (await stage.patch(guid, "/recurrence", text)).status_code == 200

    async def test_a_single_activity_and_back(self, stage: Stage) -> None:
        """A recurrence makes a series of it, null a single one again."""
        guid = stage.people.add_activity(stage.anna, "One", nine(MONDAY), nine(MONDAY, 10)).guid
        assert (await patched(stage, guid, "/recurrence", recurs()))["recurrenceType"] == "Series"
        stage.people.edit_occurrence(guid, MONDAY, name="Special")
        single = await patched(stage, guid, "/recurrence", None)
        assert (single["recurrenceType"], single["recurrence"]) == ("None", None)
        assert [one["guid"] for one in await listed(stage)] == [guid]

    @pytest.mark.parametrize(("keeps", "left"), [(False, []), (True, ["2026-03-23"])])
    async def test_other_times(self, stage: Stage, *, keeps: bool, left: list[str]) -> None:
        """Exceptions are dropped; by the switch, those stay whose date the series still has. Other edits drop none."""
        whole = add_weekly(stage)
        for number in (1, 2):
            stage.people.edit_occurrence(whole.guid, MONDAY + number * WEEK, name="Special")
        await patched(stage, whole.guid, "/name", "New")
        assert len(await listed(stage, recurrenceType="Exception")) == 2
        stage.severa.options.series_edit_keeps_exceptions = keeps
        await patched(stage, whole.guid, "/recurrence/pattern/weekly/interval", 2)
        assert days(await listed(stage, recurrenceType="Exception")) == left
        assert days(await listed(stage)) == sorted(["2026-03-09", "2026-03-23"])
        series = await get(stage, whole.guid)
        assert len(series["recurrence"]["exceptions"]) == len(left)

    async def test_exceptions_reset(self, stage: Stage) -> None:
        """Every date is as the rule says again; 404 for what is no series."""
        whole = add_weekly(stage)
        guid = stage.people.edit_occurrence(whole.guid, MONDAY, name="Special").guid
        stage.people.cancel_occurrence(whole.guid, MONDAY + WEEK)
        assert (await stage.client.delete(f"/activities/{whole.guid}/exceptions")).status_code == 204
        assert [one["recurrenceType"] for one in await listed(stage)] == ["Occurrence"] * 4
        assert (await get(stage, guid))["name"] == "Weekly"
        single = stage.people.add_activity(stage.anna, "One", nine(LAST)).guid
        for other in (guid, single, "nothing"):
            assert (await stage.client.delete(f"/activities/{other}/exceptions")).status_code == 404
        stage.people.cancel_occurrence(whole.guid, MONDAY)
        stage.people.reset_exceptions(whole.guid)
        assert len(await listed(stage)) == 4

    async def test_deleted(self, stage: Stage) -> None:
        """With all its dates."""
        whole = add_weekly(stage)
        changed = stage.people.edit_occurrence(whole.guid, MONDAY, name="Special").guid
        other = stage.people.occurrence(whole.guid, MONDAY + WEEK).guid
        assert (await stage.client.delete(f"/activities/{whole.guid}")).status_code == 204
        assert await listed(stage) == []
        assert not any(stage.people.exists(guid) for guid in (whole.guid, changed, other))


class TestPeople:
    async def test_what_people_see(self, stage: Stage) -> None:
        """A user has the series; its dates are asked for; what is no date of it is not found."""
        whole = add_weekly(stage, 3)
        changed = stage.people.edit_occurrence(whole.guid, MONDAY, by=stage.anna, notes="Bring cake")
        assert stage.people.activities_of(stage.anna) == [stage.people.activity(whole.guid)]
        found = stage.people.occurrences_of(whole.guid, MONDAY, LAST)
        assert [(one.recurrence_type, one.original) for one in found] == [
            ("Exception", MONDAY),
            ("Occurrence", MONDAY + WEEK),
            ("Occurrence", MONDAY + 2 * WEEK),
        ]
        assert (changed.notes, changed.updated_by.guid) == ("Bring cake", stage.anna.guid)
        for missing in (MONDAY + DAY, MONDAY + 3 * WEEK):
            with pytest.raises(LookupError):
                stage.people.occurrence(whole.guid, missing)
        with pytest.raises(LookupError, match="no series"):
            stage.people.reset_exceptions(changed.guid)
        with pytest.raises(SeveraError):
            stage.people.edit_activity(whole.guid, recurrence={"frequency": "Never"})

    async def test_whole_days(self, stage: Stage) -> None:
        """From midnight to midnight of the owner's zone, also when the clocks change."""
        first = date(2026, 3, 28)
        rule = recurs("daily", {"interval": 1}, maxOccurrences=3)
        whole = stage.people.add_activity(stage.anna, "W", first, all_day=True, recurrence=rule)
        found = stage.people.occurrences_of(whole.guid, first, LAST)
        assert [(one.start.astimezone(HELSINKI).hour, one.ends - one.start) for one in found] == [
            (0, 24 * HOUR),
            (0, 23 * HOUR),
            (0, 24 * HOUR),
        ]

    async def test_an_owner_in_another_zone(self, stage: Stage) -> None:
        """The series follows the owner's clock, and a new owner's from then on; without one, the company's."""
        kiri = stage.people.add_user(stage.company, "Kiri Kauri", timezone="Pacific/Auckland")
        start = datetime(2026, 4, 4, 9)  # noqa: DTZ001 - wall time is the point
        rule = recurs("daily", {"interval": 1}, maxOccurrences=2)
        whole = stage.people.add_activity(kiri, "K", start, start + HOUR, recurrence=rule)
        found = stage.people.occurrences_of(whole.guid, start.date(), LAST)
        assert [one.start.hour for one in found] == [20, 21]
        stage.people.edit_user(kiri, timezone="Nowhere/Special")
        assert [one.start.hour for one in stage.people.occurrences_of(whole.guid, date(2026, 4, 3), LAST)] == [20, 20]
