"""The simulated Severa answers as Severa's published OpenAPI document says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.simulators.common.inprocess import transport
from tests.simulators.severa import Options, Reference, SeveraSimulator
from tests.support.shared import need_shared

from .schema_severa import SchemaTransport, SeveraSchema

NINE = datetime(2026, 3, 10, 9, tzinfo=UTC)


class Checked:
    """A simulator with one company, and a client whose every exchange is held to the schema."""

    def __init__(self, schema: SeveraSchema) -> None:
        self.severa = SeveraSimulator(lambda: NINE, options=Options(patch_values="string"))
        people = self.severa.people
        self.company = people.add_company("Acme", client_id="acme", client_secret="s3")
        self.type = people.types_of(self.company)[0]
        self.anna = people.add_user(self.company, "Anna Aalto", "anna@acme.example", default_type=self.type)
        self.ben = people.add_user(self.company, "Ben Berg")
        self.transport = SchemaTransport(transport(self.severa.app), schema)
        self.client = httpx.AsyncClient(transport=self.transport, base_url="http://severa")

    async def call(self, method: str, path: str, expected: int, **more: Any) -> Any:
        answer = await self.client.request(method, path, **more)
        assert answer.status_code == expected, answer.text
        assert self.transport.problems == []
        return answer.json() if answer.content else None

    async def sign_in(self, scope: str | None = None) -> dict[str, Any]:
        credentials = {"client_id": "acme", "client_secret": "s3", "scope": scope}
        token: dict[str, Any] = await self.call("POST", "/v1/token", 200, json=credentials)
        self.client.headers.update({"Authorization": f"Bearer {token['access_token']}", "Client_Id": "acme"})
        return token

    def body(self, **changes: Any) -> dict[str, Any]:
        return {
            "name": "Review",
            "startDateTime": "2026-03-10T09:00:00Z",
            "endDateTime": "2026-03-10T10:00:00Z",
            "hasDuration": True,
            "activityType": {"guid": self.type.guid},
            "ownerUser": {"guid": self.anna.guid},
        } | changes


@pytest.fixture(scope="module")
def schema() -> SeveraSchema:
    """The document, read once."""
    return SeveraSchema(need_shared() / "schemas" / "severa-calendar.openapi.yaml")


@pytest.fixture
async def checked(schema: SeveraSchema) -> AsyncIterator[Checked]:
    """Signed in."""
    made = Checked(schema)
    await made.sign_in()
    yield made
    await made.client.aclose()


async def test_an_activity_from_birth_to_death(checked: Checked) -> None:
    """Create, read, change, list, delete, and the 404 after."""
    made = await checked.call("POST", "/v1/activities", 201, json=checked.body(notes="n", location="l"))
    one = f"/v1.0/activities/{made['guid']}"
    await checked.call("GET", one, 200)
    patch = [{"op": "Replace", "path": "/isClosed", "value": "true"}, {"op": "Replace", "path": "/notes"}]
    assert [a["isClosed"] for a in await checked.call("PATCH", one, 200, json=patch)] == [True]
    filters = {
        "userGuids": [checked.anna.guid, checked.ben.guid],
        "includeAsMember": "true",
        "startDateTime": "2026-03-01T00:00:00+02:00",
        "endDateTime": "2026-04-01T00:00:00Z",
        "changedSince": "2026-03-10T09:00:00Z",
        "activityCategories": ["CalendarEntry", "Personal"],
        "rowCount": "100",
    }
    assert len(await checked.call("GET", "/v1/activities", 200, params=filters)) == 1
    await checked.call("DELETE", one, 204)
    await checked.call("GET", one, 404)


async def test_every_kind_of_activity(checked: Checked) -> None:
    """All-day, without an end, with customer and phase, a series: each is a valid ActivityModel."""
    add = checked.severa.people.add_activity
    add(checked.anna, "day", NINE.date(), all_day=True)
    add(checked.anna, "to-do", NINE, type="SalesEvent", customer=Reference("c", "C"), phase=Reference("p", "P"))
    daily = {"frequency": "Daily", "pattern": {"daily": {"interval": 1, "everyWeekday": False}}, "range": None}
    add(checked.anna, "series", NINE, NINE + timedelta(hours=1), recurrence_type="Series", recurrence=daily)
    checked.severa.options.times = "owner"
    assert len(await checked.call("GET", "/v1/activities", 200)) == 2
    assert len(await checked.call("GET", "/v1/activities", 200, params={"recurrenceType": "Series"})) == 1


@pytest.mark.parametrize(
    ("frequency", "pattern"),
    [
        ("Daily", {"interval": 2}),
        ("Daily", {"everyWeekday": True}),
        ("Weekly", {"interval": 1, "tuesday": True}),
        ("Monthly", {"interval": 1, "dayOfMonth": 10}),
        ("Yearly", {"month": "March", "dayOrdinal": "Second", "dayOrdinalOption": "Tuesday"}),
    ],
)
async def test_a_series_from_birth_to_death(checked: Checked, frequency: str, pattern: dict[str, Any]) -> None:
    """Created, listed as series, as occurrences and as exceptions, changed, cut short, reset and deleted."""
    limits = {"maxOccurrences": None, "recursUntilDate": "2028-12-31"}
    recurrence = {"frequency": frequency, "pattern": {frequency.lower(): pattern}, "range": limits}
    made = await checked.call("POST", "/v1/activities", 201, json=checked.body(recurrence=recurrence))
    window = {"startDateTime": "2026-03-10T00:00:00Z", "endDateTime": "2027-04-01T00:00:00Z", "rowCount": "100"}
    first, second, *_ = await checked.call("GET", "/v1/activities", 200, params=window)
    patch = [{"op": "Replace", "path": "/name", "value": "B"}]
    (changed,) = await checked.call("PATCH", f"/v1/activities/{first['guid']}", 200, json=patch)
    assert (changed["guid"], changed["recurrenceType"]) == (first["guid"], "Exception")
    await checked.call("DELETE", f"/v1/activities/{second['guid']}", 204)
    await checked.call("GET", f"/v1/activities/{second['guid']}", 404)
    (exception,) = await checked.call("GET", "/v1/activities", 200, params={**window, "recurrenceType": "Exception"})
    assert exception == changed
    (series,) = await checked.call("GET", "/v1/activities", 200, params={**window, "recurrenceType": "Series"})
    assert len(series["recurrence"]["exceptions"]) == 2
    shorter = [{"op": "Replace", "path": "/recurrence/range/maxOccurrences", "value": "2"}]
    await checked.call("PATCH", f"/v1/activities/{made['guid']}", 200, json=shorter)
    assert len(await checked.call("GET", "/v1/activities", 200, params=window)) == 2
    await checked.call("DELETE", f"/v1/activities/{made['guid']}/exceptions", 204)
    await checked.call("DELETE", f"/v1/activities/{made['guid']}", 204)
    await checked.call("DELETE", f"/v1/activities/{made['guid']}/exceptions", 404)


async def test_participants_users_types_and_the_organization(checked: Checked) -> None:
    """Everything else that a calendar sync reads."""
    guid = checked.severa.people.add_activity(checked.anna, "meeting", NINE).guid
    body = {"activityGuid": guid, "participantGuid": checked.ben.guid}
    made = await checked.call("POST", "/v1/activityparticipants", 201, json=body)
    await checked.call("GET", f"/v1/activityparticipants/{made['guid']}", 200)
    await checked.call("GET", f"/v1/activities/{guid}/activityparticipants", 200)
    await checked.call("DELETE", f"/v1/activities/{guid}/activityparticipants/{made['guid']}", 204)
    await checked.call("GET", "/v1/users", 200, params={"email": "anna", "isActive": "true"})
    await checked.call("GET", f"/v1/users/{checked.ben.guid}", 200)
    await checked.call("GET", "/v1/activitytypes", 200, params={"active": "true", "category": ["Personal", "Task"]})
    await checked.call("GET", f"/v1/activitytypes/{checked.type.guid}", 200)
    await checked.call("GET", "/v1/organizationdetails", 200)
    await checked.call("GET", "/heartbeat/authorized", 204)
    await checked.call("POST", "/v1/refreshtoken", 200, json=(await checked.sign_in())["refresh_token"])


async def test_people_of_one_date(checked: Checked) -> None:
    """Guests, an exception without somebody, listings of a member, and API writes without an author are valid."""
    people = checked.severa.people
    daily = {"frequency": "Daily", "pattern": {"daily": {"interval": 1}}, "range": {"maxOccurrences": 3}}
    whole = people.add_activity(checked.anna, "D", NINE, NINE + timedelta(hours=1), recurrence=daily)
    people.add_participant(whole.guid, checked.ben)
    people.add_guest(whole.guid, "Dan Dahl", "dan@x.example", kind="Contact")
    checked.severa.options.api_author = None
    one = people.occurrence(whole.guid, NINE.date() + timedelta(days=1)).guid
    url = f"/v1/activities/{one}/activityparticipants"
    kinds = {entry["type"]: entry["guid"] for entry in await checked.call("GET", url, 200)}
    assert list(kinds) == ["User", "Contact"]
    await checked.call("DELETE", f"{url}/{kinds['User']}", 204)
    assert (await checked.call("GET", f"/v1/activities/{one}", 200))["lastUpdatedBy"] is None
    window = {"startDateTime": "2026-03-01T00:00:00Z", "endDateTime": "2026-04-01T00:00:00Z"}
    member = {**window, "userGuids": checked.ben.guid, "includeAsMember": "true"}
    assert len(await checked.call("GET", "/v1/activities", 200, params=member)) == 2
    people.change_owner(whole.guid, checked.ben)
    people.split_series(whole.guid, NINE.date() + timedelta(days=2))
    assert len(await checked.call("GET", "/v1/activities", 200, params={**window, "recurrenceType": "Series"})) == 2
    assert (await checked.call("POST", "/v1/activities", 201, json=checked.body()))["createdBy"] is None


async def test_refusals(checked: Checked) -> None:
    """400, 401 and 403 are ExceptionModels."""
    await checked.call("POST", "/v1/activities", 400, json=checked.body(name=""))
    await checked.call("POST", "/v1/activities", 400, content=b"{")
    await checked.call("POST", "/v1/activities", 400, json=checked.body(recurrence={"frequency": "Weekly"}))
    await checked.call("GET", "/v1/activities", 400, params={"startDateTime": "soon"})
    await checked.sign_in("users:read")
    await checked.call("GET", "/v1/activities", 403)
    checked.severa.invalidate_tokens()
    await checked.call("GET", "/v1/users", 401)


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "complaint"),
    [
        ("PUT", "/v1/activities/x", None, None, "no operation"),
        ("GET", "/v1/activities", {"userGuid": "x"}, None, "unknown query parameter userGuid"),
        ("GET", "/v1/activities", {"closed": "yes"}, None, "closed: "),
        ("GET", "/v1/activities", {"changedSince": "2026-03-10"}, None, "changedSince: "),
        ("GET", "/v1/activities", {"activityCategories": "Meeting"}, None, "activityCategories: "),
        ("GET", "/v1/activities", {"changedSince": ["a", "b"]}, None, "repeated query parameter changedSince"),
        ("POST", "/v1/activities", None, {"name": "x"}, "required"),
        ("POST", "/v1/activities", None, None, "missing body"),
        ("DELETE", "/v1/activities/x", None, {}, "unexpected body"),
        ("PATCH", "/v1/activities/x", None, [{"op": "replace", "path": "/name", "value": "x"}], "0/op: "),
        ("PATCH", "/v1/activities/x", None, [{"op": "Replace", "path": "/isClosed", "value": True}], "0/value: "),
        ("POST", "/v1/refreshtoken", None, {"refresh_token": "x"}, "not of type"),
    ],
)
def test_a_request_against_the_schema(
    schema: SeveraSchema, method: str, path: str, query: Any, body: Any, complaint: str
) -> None:
    """The check sees it."""
    assert complaint in "; ".join(schema.check_request(method, path, query, body))


def test_written_read_only_fields(schema: SeveraSchema) -> None:
    """The check sees read-only fields in a request, beside a reference too, and unknown ones."""
    body: dict[str, Any] = {
        "name": "x",
        "startDateTime": "2026-03-10T09:00:00Z",
        "activityType": {"guid": "t"},
        "ownerUser": {"guid": "u"},
    }
    assert schema.check_request("POST", "/v1/activities", None, body) == []
    for more in (
        {"guid": "g"},
        {"recurrenceType": "None"},
        {"recurrence": {"frequency": "Daily", "exceptions": ["2026-03-10T09:00:00Z"]}},
        {"subject": "s"},
        {"activityType": {"guid": "t", "name": "n"}},
    ):
        assert len(schema.check_request("POST", "/v1/activities", None, body | more)) == 1


def test_answers_against_the_schema(schema: SeveraSchema) -> None:
    """The check sees a missing field, a wrong enum, an unexpected body and an undocumented status."""
    assert schema.check_response("GET", "/v1/users/x", 200, {"firstName": "a"})
    assert schema.check_response("GET", "/v1/users/x", 200, {"firstName": "a", "lastName": "b", "userType": "Robot"})
    assert schema.check_response("GET", "/v1/users/x", 404, {})
    assert schema.check_response("DELETE", "/v1/activities/x", 200)
    assert schema.check_response("GET", "/v1/users/x", 500, {"error": {"type": "Oops"}})
