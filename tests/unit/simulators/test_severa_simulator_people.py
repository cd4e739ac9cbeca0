"""The simulated Severa: what people and administrators do."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.simulators.severa import Options, SeveraSimulator

from .severa_stage import HOUR, NINE, Stage, stage

__all__ = ["stage"]


class TestPeople:
    async def test_local_moments_and_dates(self, stage: Stage) -> None:
        """A moment without a zone is the owner's wall time; a date is midnight there, the end exclusive."""
        eleven = datetime(2026, 3, 10, 11)  # noqa: DTZ001 - wall time is the point
        meeting = stage.people.add_activity(stage.anna, "Meeting", eleven, eleven + HOUR)
        holiday = stage.people.add_activity(stage.anna, "Holiday", date(2026, 7, 1), all_day=True, type="Absences")
        assert meeting.start == NINE
        assert (holiday.start, holiday.end) == (
            datetime(2026, 6, 30, 21, tzinfo=UTC),
            datetime(2026, 7, 1, 21, tzinfo=UTC),
        )
        assert holiday.has_duration
        stage.severa.options.times = "owner"
        answer = (await stage.client.get(f"/activities/{holiday.guid}")).json()
        assert answer["startDateTime"] == "2026-07-01T00:00:00+03:00"

    async def test_edits_participants_and_removal(self, stage: Stage) -> None:
        """People's deeds carry their names, and are seen over HTTP."""
        ben = stage.people.add_user(stage.company, "Ben", "ben@acme.example", default_type=None)
        guid = stage.people.add_activity(stage.anna, "Meeting", NINE, NINE + HOUR, participants=[ben]).guid
        edited = stage.people.edit_activity(guid, by=ben, name="Later", start=NINE + HOUR, end=NINE + 2 * HOUR)
        assert (edited.updated_by.guid, edited.created_by.guid) == (ben.guid, stage.anna.guid)
        assert stage.people.activities_of(ben) == []
        assert [activity.name for activity in stage.people.activities_of(ben, as_member=True)] == ["Later"]
        stage.people.remove_participant(guid, ben)
        assert stage.people.participants_of(guid) == []
        stage.people.remove_activity(guid)
        assert not stage.people.exists(guid)
        with pytest.raises(LookupError):
            stage.people.edit_activity(guid, name="x")

    async def test_participants_over_http(self, stage: Stage) -> None:
        """Added one per call, listed unpaged, removed; by the switch they move the activity's stamp."""
        ben = stage.people.add_user(stage.company, "Ben Berg", "ben@acme.example")
        guid = stage.people.add_activity(stage.anna, "Meeting", NINE).guid
        stamp = stage.people.activity(guid).updated
        body = {"activityGuid": guid, "participantGuid": ben.guid}
        made = await stage.client.post("/activityparticipants", json=body)
        assert (made.status_code, made.json()["email"], made.json()["type"]) == (201, "ben@acme.example", "User")
        assert (await stage.client.post("/activityparticipants", json=body)).status_code == 400
        moved = stage.people.activity(guid).updated
        stage.severa.options.participants_touch = False
        listed = await stage.client.get(f"/activities/{guid}/activityparticipants")
        assert listed.json() == [made.json()]
        one = f"/activities/{guid}/activityparticipants/{made.json()['guid']}"
        assert [(await stage.client.delete(one)).status_code for _ in range(2)] == [204, 404]
        assert stamp < moved == stage.people.activity(guid).updated

    async def test_a_second_default_type(self, stage: Stage) -> None:
        """At most one default per category; retired types are not used."""
        new = stage.people.add_activity_type(stage.company, "Workshop", "CalendarEntry", is_default=True)
        assert stage.people.add_activity(stage.anna, "A", NINE).type == new.guid
        stage.people.edit_activity_type(new, is_active=False)
        assert stage.people.add_activity(stage.anna, "B", NINE).type == stage.types["CalendarEntry"]

    async def test_options_given_at_the_start(self) -> None:
        """A simulator takes its switches, and the same seed gives the same guids."""
        made = [SeveraSimulator(lambda: NINE, options=Options(rate_limit=1), seed=7) for _ in range(2)]
        assert made[0].people.add_company("A").guid == made[1].people.add_company("A").guid
