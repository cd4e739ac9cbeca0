"""The simulated Graph: series, their occurrences and exceptions, written and read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulators.common.faults import Action, Fault

from .graph_series import MONDAY, WEEK, WEEKLY, add_weekly, days, recurs, weekly_event
from .graph_stage import IMMUTABLE, MARK, MARK_KEPT, Stage, error, event, moment, stage

__all__ = ["stage"]
SPAN = {"startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2028-12-31T00:00:00Z"}
EVERYTHING = "subject,start,end,recurrence,type,occurrenceId,originalStart,cancelledOccurrences,exceptionOccurrences"


async def make(stage: Stage, **changes: Any) -> dict[str, Any]:
    answer = await stage.client.post(stage.url("/events"), json=weekly_event(**changes), headers=IMMUTABLE)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def instances(stage: Stage, master: str, zone: str = "UTC", **query: str) -> list[dict[str, Any]]:
    prefer = {"Prefer": f'IdType="ImmutableId", outlook.timezone="{zone}"'}
    params = {**SPAN, "$top": "1000", **query}
    answer = await stage.client.get(stage.url(f"/events/{master}/instances"), params=params, headers=prefer)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["value"]
    return found


async def read(stage: Stage, event_id: str, **query: str) -> dict[str, Any]:
    answer = await stage.client.get(stage.url(f"/events/{event_id}"), params=query, headers=IMMUTABLE)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def patch(stage: Stage, event_id: str, **changes: Any) -> dict[str, Any]:
    answer = await stage.client.patch(stage.url(f"/events/{event_id}"), json=changes, headers=IMMUTABLE)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def refused(stage: Stage, event_id: str, **changes: Any) -> tuple[int, str]:
    return error(await stage.client.patch(stage.url(f"/events/{event_id}"), json=changes))


class TestCreate:
    async def test_what_exchange_makes_of_a_recurrence(self, stage: Stage) -> None:
        """The answer is a series master; what its recurrence does not use has Exchange's own values."""
        made = await make(stage)
        assert (made["type"], made["seriesMasterId"], made["occurrenceId"]) == ("seriesMaster", None, None)
        assert made["recurrence"] == {
            "pattern": {**WEEKLY, "month": 0, "dayOfMonth": 0, "index": "first"},
            "range": {
                "type": "numbered",
                "startDate": "2026-03-09",
                "endDate": "0001-01-01",
                "recurrenceTimeZone": "Europe/Helsinki",
                "numberOfOccurrences": 10,
            },
        }

    async def test_a_start_that_the_pattern_does_not_have(self, stage: Stage) -> None:
        """The series begins on the first date that it has; its start moves there."""
        thursdays = recurs({**WEEKLY, "daysOfWeek": ["thursday", "sunday"]}, "2026-03-09", endDate="2026-03-15")
        made = await make(stage, recurrence=thursdays)
        assert made["start"]["dateTime"][:10] == made["recurrence"]["range"]["startDate"] == "2026-03-12"
        assert days(await instances(stage, made["id"])) == ["2026-03-12", "2026-03-15"]

    async def test_the_clock_of_the_recurrence(self, stage: Stage) -> None:
        """`recurrenceTimeZone` says whose clock the series follows, should it differ from the start's zone."""
        times = {"start": moment("2026-03-09T07:00:00"), "end": moment("2026-03-09T08:00:00")}
        rule = recurs(WEEKLY, "2026-03-09", recurrenceTimeZone="FLE Standard Time", numberOfOccurrences=5)
        made = await make(stage, recurrence=rule, **times)
        assert (made["originalStartTimeZone"], made["start"]["dateTime"][11:13]) == ("UTC", "07")
        starts = [item["start"]["dateTime"][11:13] for item in await instances(stage, made["id"])]
        assert starts == ["07", "07", "07", "06", "06"]

    @pytest.mark.parametrize(
        ("recurrence", "code"),
        [
            ({"pattern": WEEKLY}, "ErrorPropertyValidationFailure"),
            ({"range": {}}, "ErrorPropertyValidationFailure"),
            (recurs({"type": "daily"}), "ErrorPropertyValidationFailure"),
            (recurs({"type": "daily", "interval": 0}), "ErrorPropertyValidationFailure"),
            (recurs({"type": "daily", "interval": "1"}), "RequestBodyRead"),
            (recurs({"type": "hourly", "interval": 1}), "RequestBodyRead"),
            (recurs({"interval": 1}), "ErrorPropertyValidationFailure"),
            (recurs({"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]}), "ErrorPropertyValidationFailure"),
            (recurs({**WEEKLY, "daysOfWeek": []}), "ErrorPropertyValidationFailure"),
            (recurs({**WEEKLY, "daysOfWeek": ["Mon"]}), "RequestBodyRead"),
            (recurs({"type": "absoluteMonthly", "interval": 1}), "ErrorPropertyValidationFailure"),
            (recurs({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 32}), "ErrorPropertyValidationFailure"),
            (recurs({"type": "relativeMonthly", "interval": 1}), "ErrorPropertyValidationFailure"),
            (recurs({"type": "absoluteYearly", "interval": 1, "dayOfMonth": 1}), "ErrorPropertyValidationFailure"),
            (
                recurs({"type": "absoluteYearly", "interval": 1, "dayOfMonth": 30, "month": 2}),
                "ErrorPropertyValidationFailure",
            ),
            (recurs({"type": "daily", "interval": 1}, "2026-03-11"), "ErrorPropertyValidationFailure"),
            (recurs({"type": "daily", "interval": 1}, "soon"), "RequestBodyRead"),
            (recurs({"type": "daily", "interval": 1}, endDate="2026-03-09"), "ErrorRecurrenceHasNoOccurrence"),
            (recurs({**WEEKLY}, endDate="2026-03-15"), "ErrorRecurrenceHasNoOccurrence"),
            (recurs({"type": "daily", "interval": 1}, type="endDate"), "ErrorPropertyValidationFailure"),
            (recurs({"type": "daily", "interval": 1}, numberOfOccurrences=0), "ErrorPropertyValidationFailure"),
            (recurs({"type": "daily", "interval": 1}, recurrenceTimeZone="Mars"), "TimeZoneNotSupportedException"),
            ([], "RequestBodyRead"),
        ],
    )
    async def test_what_graph_refuses(self, stage: Stage, recurrence: Any, code: str) -> None:
        """A recurrence that lacks something, or begins on another date than the event, is refused with 400."""
        answer = await stage.client.post(stage.url("/events"), json=event(recurrence=recurrence))
        assert error(answer) == (400, code)
        assert stage.people.events_of(stage.anna) == []


class TestExpansion:
    @pytest.mark.parametrize(
        ("pattern", "start", "expected"),
        [
            ({"type": "daily"}, "2026-02-27", "2026-02-27 2026-02-28 2026-03-01"),
            (
                {"type": "weekly", "interval": 2, "daysOfWeek": ["sunday", "monday"], "firstDayOfWeek": "monday"},
                "2026-03-09",
                "2026-03-09 2026-03-15 2026-03-23",
            ),
            (
                {"type": "weekly", "interval": 2, "daysOfWeek": ["sunday", "monday"], "firstDayOfWeek": "sunday"},
                "2026-03-09",
                "2026-03-09 2026-03-22 2026-03-23",
            ),
            ({"type": "absoluteMonthly", "dayOfMonth": 31}, "2026-01-31", "2026-01-31 2026-02-28 2026-03-31"),
            ({"type": "absoluteMonthly", "dayOfMonth": 29}, "2027-01-29", "2027-01-29 2027-02-28 2027-03-29"),
            (
                {"type": "relativeMonthly", "daysOfWeek": ["saturday", "sunday"], "index": "last"},
                "2026-03-29",
                "2026-03-29 2026-04-26 2026-05-31",
            ),
            (
                {"type": "absoluteYearly", "dayOfMonth": 29, "month": 2},
                "2024-02-29",
                "2024-02-29 2025-02-28 2026-02-28",
            ),
            (
                {"type": "relativeYearly", "daysOfWeek": ["thursday"], "index": "fourth", "month": 11, "interval": 2},
                "2022-11-24",
                "2022-11-24 2024-11-28 2026-11-26",
            ),
        ],
    )
    async def test_dates(self, stage: Stage, pattern: dict[str, Any], start: str, expected: str) -> None:
        """Every kind of pattern; what a month has not falls on its last day (facts/microsoft.md L)."""
        rule = recurs({"interval": 1, **pattern}, start, numberOfOccurrences=3)
        body = event(start=moment(f"{start}T09:00:00"), end=moment(f"{start}T10:00:00"), recurrence=rule)
        made = (await stage.client.post(stage.url("/events"), json=body)).json()
        window = {"startDateTime": "2022-01-01T00:00:00Z", "endDateTime": "2026-12-31T00:00:00Z"}
        if start > "2026-12":
            window = SPAN
        assert days(await instances(stage, made["id"], **window)) == expected.split()

    async def test_over_both_edges_of_summer_time(self, stage: Stage) -> None:
        """Nine o'clock stays nine o'clock in the series' zone: 7 or 6 o'clock in UTC."""
        made = await make(stage, count=40)
        found = await instances(stage, made["id"])
        hours = {item["start"]["dateTime"][:10]: item["start"]["dateTime"][11:13] for item in found}
        assert (hours["2026-03-23"], hours["2026-03-30"], hours["2026-10-19"], hours["2026-10-26"]) == (
            "07", "06", "06", "07",
        )  # fmt: skip
        local = await instances(stage, made["id"], "FLE Standard Time")
        assert {item["start"]["dateTime"][11:13] for item in local} == {"09"}

    async def test_whole_days(self, stage: Stage) -> None:
        """The dates of a whole-day series are the same in every zone."""
        rule = recurs({"type": "daily", "interval": 7}, "2026-03-26", numberOfOccurrences=2)
        zone = {"timeZone": "FLE Standard Time"}
        times = {"start": {"dateTime": "2026-03-26", **zone}, "end": {"dateTime": "2026-03-28", **zone}}
        made = await make(stage, recurrence=rule, isAllDay=True, **times)
        for name in ("UTC", "Pacific/Kiritimati"):
            found = await instances(stage, made["id"], name)
            assert days(found) == ["2026-03-26", "2026-04-02"]
            assert {item["end"]["dateTime"][:10] for item in found} == {"2026-03-28", "2026-04-04"}
        original = await instances(stage, made["id"], **{"$select": "originalStart"})
        assert original[1]["originalStart"] == "2026-04-02T00:00:00.0000000Z"

    async def test_a_plain_view(self, stage: Stage) -> None:
        """Occurrences come full, each with an id and an iCalUId of its own, and never the master."""
        made = await make(stage, singleValueExtendedProperties=[{"id": MARK, "value": "m"}], transactionId="t")
        expand = f"singleValueExtendedProperties($filter=id eq '{MARK}')"
        found = await stage.view(**{"$expand": expand})
        assert days(found) == ["2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30"]
        assert {item["type"] for item in found} == {"occurrence"}
        assert {item["seriesMasterId"] for item in found} == {made["id"]}
        assert found[1]["occurrenceId"] == f"OID.{made['id']}.2026-03-16"
        assert len({item["id"] for item in found} | {made["id"]}) == 5
        assert found[1]["iCalUId"] == made["iCalUId"].replace("08" + "0" * 8, "0807EA0310", 1)
        assert (found[1]["subject"], found[1]["transactionId"], found[1]["recurrence"]) == ("Planning", "t", None)
        assert found[1]["singleValueExtendedProperties"] == [{"id": MARK_KEPT, "value": "m"}]
        assert "originalStart" not in found[1]
        selected = await stage.view(**{"$select": "originalStart,cancelledOccurrences"})
        assert selected[3]["originalStart"] == "2026-03-30T06:00:00.0000000Z"
        assert set(selected[3]) == {"@odata.etag", "id", "originalStart"}

    async def test_a_shared_ical_uid(self, stage: Stage) -> None:
        """By the option, or where the iCalUId is a foreign one, all occurrences have the master's (P64)."""
        foreign = add_weekly(stage, 2, ical_uid="x@example.org")
        assert [item["iCalUId"] for item in await instances(stage, foreign)] == ["x@example.org"] * 2
        stage.graph.options.shared_ical_uid = True
        made = await make(stage, count=2)
        assert [item["iCalUId"] for item in await instances(stage, made["id"])] == [made["iCalUId"]] * 2

    async def test_the_list_of_events(self, stage: Stage) -> None:
        """It has the master, no occurrence and no exception; instances of what is no series are refused."""
        made = await make(stage)
        stage.people.edit_occurrence(made["id"], MONDAY, subject="Other")
        listed = (await stage.client.get(stage.url("/events"), headers=IMMUTABLE)).json()["value"]
        assert [item["id"] for item in listed] == [made["id"]]
        single = await stage.create()
        answer = await stage.client.get(stage.url(f"/events/{single['id']}/instances"), params=SPAN)
        assert error(answer) == (400, "ErrorInvalidRequest")


class TestOneOccurrence:
    @pytest.mark.parametrize("by", ["id", "occurrenceId"])
    async def test_changed(self, stage: Stage, by: str) -> None:
        """It becomes an exception with an opaque id; its occurrenceId stays; the others are as they were."""
        made = await make(stage)
        before = (await instances(stage, made["id"]))[1]
        changed = await patch(stage, before[by], subject="Special")
        assert (changed["type"], changed["subject"], changed["seriesMasterId"]) == ("exception", "Special", made["id"])
        assert changed["id"] != before["id"]
        assert changed["iCalUId"] == before["iCalUId"]
        assert changed["occurrenceId"] == before["occurrenceId"]
        for name in (changed["id"], before["occurrenceId"]):
            assert (await read(stage, name))["subject"] == "Special"
        gone = await stage.client.get(stage.url(f"/events/{before['id']}"))
        assert error(gone) == (404, "ErrorItemNotFound")
        assert [item["subject"] for item in await instances(stage, made["id"])].count("Planning") == 9
        again = await patch(stage, before["occurrenceId"], location={"displayName": "Oak"})
        assert (again["id"], again["subject"]) == (changed["id"], "Special")

    async def test_both_forms_of_ids(self, stage: Stage) -> None:
        """Default ids work as immutable ones do, each giving its own kind."""
        made = (await stage.client.post(stage.url("/events"), json=weekly_event())).json()
        url = stage.url(f"/events/{made['id']}/instances")
        found = (await stage.client.get(url, params=SPAN)).json()["value"]
        assert found[0]["id"].startswith("AAMkA")
        assert found[0]["seriesMasterId"] == made["id"]
        for name in (found[0]["id"], found[0]["occurrenceId"]):
            assert (await stage.client.get(stage.url(f"/events/{name}"))).json()["start"] == found[0]["start"]
        changed = await stage.client.patch(stage.url(f"/events/{found[0]['id']}"), json={"subject": "x"})
        assert changed.json()["id"].startswith("AAMkA")
        assert changed.json()["occurrenceId"] == found[0]["occurrenceId"]

    async def test_moved(self, stage: Stage) -> None:
        """It takes place at its new time only; its original start is told where it is selected."""
        made = await make(stage)
        oid = f"OID.{made['id']}.2026-03-16"
        moved = {"start": moment("2026-03-18T12:00:00"), "end": moment("2026-03-18T13:00:00")}
        await patch(stage, oid, **moved)
        assert days(await stage.view())[:3] == ["2026-03-09", "2026-03-18", "2026-03-23"]
        shown = await read(stage, oid, **{"$select": "originalStart,start"})
        assert shown["originalStart"] == "2026-03-16T07:00:00.0000000Z"
        assert shown["start"]["dateTime"] == "2026-03-18T12:00:00.0000000"

    @pytest.mark.parametrize("day", ["2026-03-09", "2026-03-23", "2026-03-30", "2026-03-02"])
    async def test_moved_across_its_neighbour(self, stage: Stage, day: str) -> None:
        """To the day of the one before or after it, or over it, is refused, though those be cancelled (P16b)."""
        made = await make(stage)
        stage.people.cancel_occurrence(made["id"], MONDAY + 2 * WEEK)
        moved = {"start": moment(f"{day}T12:00:00"), "end": moment(f"{day}T13:00:00")}
        refusal = await refused(stage, f"OID.{made['id']}.2026-03-16", **moved)
        assert refusal == (400, "ErrorOccurrenceCrossingBoundary")
        assert stage.people.event(f"OID.{made['id']}.2026-03-16").kind == "occurrence"

    async def test_a_neighbour_that_has_moved(self, stage: Stage) -> None:
        """Its present day is the boundary; the last occurrence has none after it."""
        made = await make(stage, count=3)
        second, third = (f"OID.{made['id']}.{MONDAY + n * WEEK}" for n in (1, 2))
        await patch(stage, third, start=moment("2026-05-01T09:00:00"), end=moment("2026-05-01T10:00:00"))
        await patch(stage, second, start=moment("2026-04-30T09:00:00"), end=moment("2026-04-30T10:00:00"))
        late = {"start": moment("2026-05-01T09:00:00"), "end": moment("2026-05-01T10:00:00")}
        assert (await refused(stage, second, **late))[1] == "ErrorOccurrenceCrossingBoundary"

    async def test_cancelled(self, stage: Stage) -> None:
        """It is gone, also the first one (P15); the master stays and tells it only to a GET that selects it by name."""
        made = await make(stage)
        oid = f"OID.{made['id']}.{MONDAY}"
        assert (await stage.client.delete(stage.url(f"/events/{oid}"))).status_code == 204
        for answer in (
            await stage.client.get(stage.url(f"/events/{oid}")),
            await stage.client.delete(stage.url(f"/events/{oid}")),
            await stage.client.patch(stage.url(f"/events/{oid}"), json={"subject": "x"}),
        ):
            assert error(answer) == (404, "ErrorItemNotFound")
        assert len(await instances(stage, made["id"])) == 9
        master = await read(stage, made["id"])
        assert (master["start"], "cancelledOccurrences" in master) == (made["start"], False)
        master = await read(stage, made["id"], **{"$select": "cancelledOccurrences"})
        assert master["cancelledOccurrences"] == [oid]
        select = {"$select": "subject,cancelledOccurrences"}
        listed = (await stage.client.get(stage.url("/events"), params=select)).json()["value"]
        assert set(listed[0]) == {"@odata.etag", "id", "subject"}

    async def test_moved_then_cancelled(self, stage: Stage) -> None:
        """The exception's own id leads nowhere any more (P14)."""
        made = await make(stage)
        oid = f"OID.{made['id']}.2026-03-16"
        moved = await patch(stage, oid, start=moment("2026-03-17T09:00:00"), end=moment("2026-03-17T10:00:00"))
        assert (await stage.client.delete(stage.url(f"/events/{moved['id']}"))).status_code == 204
        for name in (oid, moved["id"]):
            assert error(await stage.client.get(stage.url(f"/events/{name}"))) == (404, "ErrorItemNotFound")
        assert "2026-03-17" not in days(await instances(stage, made["id"]))

    @pytest.mark.parametrize("tail", ["2026-03-10", "2027-03-08"])
    async def test_a_date_that_the_rule_has_not(self, stage: Stage, tail: str) -> None:
        """404; a name that is no date is malformed."""
        made = await make(stage)
        answer = await stage.client.delete(stage.url(f"/events/OID.{made['id']}.{tail}"))
        assert error(answer) == (404, "ErrorItemNotFound")
        answer = await stage.client.delete(stage.url(f"/events/OID.{made['id']}.soon"))
        assert error(answer) == (400, "ErrorInvalidIdMalformed")

    async def test_a_recurrence_of_its_own(self, stage: Stage) -> None:
        """Refused."""
        made = await make(stage)
        refusal = await refused(stage, f"OID.{made['id']}.{MONDAY}", recurrence=made["recurrence"])
        assert refusal == (400, "ErrorInvalidRequest")

    async def test_a_stale_version(self, stage: Stage) -> None:
        """An occurrence has its master's version: whatever changes the series makes it stale."""
        made = await make(stage)
        first, second = (await instances(stage, made["id"]))[:2]
        await patch(stage, first["occurrenceId"], subject="x")
        stale = {"If-Match": second["@odata.etag"]}
        url = stage.url(f"/events/{second['occurrenceId']}")
        assert (await stage.client.patch(url, json={"subject": "y"}, headers=stale)).status_code == 412

    async def test_a_stale_read(self, stage: Stage) -> None:
        """It shows the occurrence as it was before it was changed and then cancelled, one change at a time."""
        made = await make(stage)
        oid = f"OID.{made['id']}.{MONDAY}"
        await patch(stage, oid, subject="x")
        stage.graph.faults.add(Fault(Action.STALE_READ, "GET"))
        assert (await read(stage, oid))["type"] == "occurrence"
        stage.people.cancel_occurrence(made["id"], MONDAY)
        stage.graph.faults.add(Fault(Action.STALE_READ, "GET"))
        assert (await read(stage, oid))["type"] == "exception"


class TestTheWholeSeries:
    async def test_one_read_tells_all(self, stage: Stage) -> None:
        """A GET by name tells what is cancelled and changed; expanded exceptions show what is selected."""
        made = await make(stage)
        stage.people.cancel_occurrence(made["id"], MONDAY + WEEK)
        stage.people.edit_occurrence(made["id"], MONDAY + 2 * WEEK, subject="Special")
        query = {"$select": EVERYTHING, "$expand": "exceptionOccurrences"}
        master = await read(stage, made["id"], **query)
        assert master["cancelledOccurrences"] == [f"OID.{made['id']}.2026-03-16"]
        (exception,) = master["exceptionOccurrences"]
        assert (exception["subject"], exception["originalStart"]) == ("Special", "2026-03-23T07:00:00.0000000Z")
        assert exception["occurrenceId"] == f"OID.{made['id']}.2026-03-23"
        assert "body" not in exception
        full = (await read(stage, made["id"], **{"$expand": "exceptionOccurrences"}))["exceptionOccurrences"][0]
        assert ("body" in full, "originalStart" in full) == (True, False)
        both = f"singleValueExtendedProperties($filter=id eq '{MARK}'),exceptionOccurrences($select=start, type)"
        named = (await read(stage, made["id"], **{"$expand": both}))["exceptionOccurrences"][0]
        assert set(named) == {"@odata.etag", "id", "start", "type"}
        answer = await stage.client.get(stage.url("/events"), params={"$expand": "exceptionOccurrences"})
        assert error(answer) == (400, "ErrorInvalidUrlQuery")

    async def test_in_its_own_zone(self, stage: Stage) -> None:
        """A master is in UTC unless its own zone is preferred, by the name that it is reported with."""
        made = await make(stage, zone="FLE Standard Time")
        assert made["start"]["dateTime"][11:13] == "07"
        zone = made["originalStartTimeZone"]
        prefer = {"Prefer": f'outlook.timezone="{zone}"'}
        own = (await stage.client.get(stage.url(f"/events/{made['id']}"), headers=prefer)).json()
        assert (own["start"]["dateTime"][11:13], own["start"]["timeZone"]) == ("09", "FLE Standard Time")
        assert made["recurrence"]["range"]["recurrenceTimeZone"] == zone == made["originalEndTimeZone"]
