"""The simulated Graph answers as the official schema of Microsoft Graph says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.simulators.common.faults import Action, Fault
from tests.simulators.common.inprocess import transport
from tests.simulators.graph import GraphSimulator, MailboxState
from tests.support.shared import need_shared

from .schema_graph import GraphSchema, SchemaTransport

NINE = datetime(2026, 3, 10, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
MARK = "String {0f6a1c1e-6b1f-4c3a-9d58-3f6f0f2d7a11} Name Mark"
WINDOW = {"startDateTime": "2026-03-01T00:00:00Z", "endDateTime": "2026-04-01T00:00:00Z"}
EVENT = {
    "subject": "Planning",
    "body": {"contentType": "text", "content": "x"},
    "start": {"dateTime": "2026-03-10T09:00:00", "timeZone": "FLE Standard Time"},
    "end": {"dateTime": "2026-03-10T10:00:00", "timeZone": "FLE Standard Time"},
    "location": {"displayName": "Here"},
    "sensitivity": "private",
    "showAs": "oof",
    "transactionId": "t-1",
    "singleValueExtendedProperties": [{"id": MARK, "value": "m"}],
}


class Checked:
    """A simulator with one mailbox, and a client whose every exchange is held to the schema."""

    def __init__(self, schema: GraphSchema) -> None:
        self.graph = GraphSimulator(lambda: NINE)
        self.people = self.graph.people
        self.tenant = tenant = self.people.add_tenant()
        app = self.people.add_app(tenant, secret="s3")
        self.anna = self.people.add_mailbox(tenant, "anna@acme.example", aliases=["a@acme.example"])
        self.root = f"/v1.0/users/{self.anna.object_id}"
        self.transport = SchemaTransport(transport(self.graph.app), schema)
        self.client = httpx.AsyncClient(transport=self.transport, base_url="http://graph")
        self.client.headers["Authorization"] = f"Bearer {self.people.issue_token(tenant, app.client_id)}"

    async def call(self, method: str, url: str, expected: int, **more: Any) -> Any:
        answer = await self.client.request(method, url, **more)
        assert answer.status_code == expected, answer.text
        assert self.transport.problems == []
        return answer.json() if answer.content else None


@pytest.fixture(scope="module")
def schema() -> GraphSchema:
    """The official document, read once."""
    return GraphSchema(need_shared() / "schemas" / "graph-calendar.openapi.json")


@pytest.fixture
async def checked(schema: GraphSchema) -> AsyncIterator[Checked]:
    """A fresh simulator."""
    made = Checked(schema)
    async with made.client:
        yield made


async def test_life_of_an_event(checked: Checked) -> None:
    """Create, read with the mark, change, list, delete and what is said afterwards fit the schema."""
    made = await checked.call("POST", f"{checked.root}/events", 201, json=EVENT)
    url = f"{checked.root}/events/{made['id']}"
    expand = f"singleValueExtendedProperties($filter=id eq '{MARK}')"
    read = await checked.call("GET", url, 200, params={"$expand": expand, "$select": "subject,start"})
    await checked.call("PATCH", url, 412, json={"subject": "B"}, headers={"If-Match": 'W/"x"'})
    await checked.call("PATCH", url, 200, json={"subject": "B"}, headers={"If-Match": read["@odata.etag"]})
    text = {"$filter": f"iCalUId eq '{made['iCalUId']}'", "$top": "5", "$orderby": "start/dateTime"}
    assert len((await checked.call("GET", f"{checked.root}/events", 200, params=text))["value"]) == 1
    await checked.call("DELETE", url, 204)
    await checked.call("GET", url, 404)
    await checked.call("POST", f"{checked.root}/calendar/events", 400, json={"subject": "no times"})


async def test_views_and_rounds(checked: Checked) -> None:
    """Plain views and delta rounds fit the schema: all kinds of events, pages, removals and a dead link."""
    people, anna = checked.people, checked.anna
    weekly = {
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "monday"},
        "range": {"type": "noEnd", "startDate": "2026-03-09", "recurrenceTimeZone": "UTC"},
    }
    people.add_event(anna, "Series", NINE, NINE + HOUR, recurrence=weekly)
    people.add_event(anna, "Holiday", date(2026, 3, 12), date(2026, 3, 13))
    people.add_event(anna, "Theirs", NINE, NINE + HOUR, organizer="b@x.example", attendees=["anna@acme.example"])
    key = people.add_event(anna, "Gone", NINE, NINE + HOUR, body="<p>x</p>", body_type="html", location="There")
    await checked.call("GET", f"{checked.root}/calendar", 200)
    view = await checked.call("GET", f"{checked.root}/calendarView", 200, params={**WINDOW, "$top": "2"})
    await checked.call("GET", view["@odata.nextLink"], 200)
    small = {"Prefer": 'odata.maxpagesize=3, IdType="ImmutableId"'}
    first = await checked.call("GET", f"{checked.root}/calendarView/delta()", 200, params=WINDOW, headers=small)
    last = await checked.call("GET", first["@odata.nextLink"], 200, headers=small)
    people.delete_event(key)
    later = await checked.call("GET", last["@odata.deltaLink"], 200, headers=small)
    assert later["value"][0]["@removed"] == {"reason": "deleted"}
    people.lose_sync_state(anna)
    await checked.call("GET", later["@odata.deltaLink"], 410)


async def test_life_of_a_series(checked: Checked) -> None:
    """A series, its dates by view, instances and delta, changed and cancelled ones, and one read of all of it."""
    pattern = {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["tuesday"], "index": "second"}
    limits = {"type": "numbered", "startDate": "2026-03-10", "numberOfOccurrences": 5}
    zoned = {"recurrenceTimeZone": "FLE Standard Time"}
    body = {**EVENT, "recurrence": {"pattern": pattern, "range": {**limits, **zoned}}}
    made = await checked.call("POST", f"{checked.root}/events", 201, json=body)
    url, year = f"{checked.root}/events/{made['id']}", {**WINDOW, "endDateTime": "2026-12-31T00:00:00Z"}
    select = {"$select": "subject,originalStart,occurrenceId,seriesMasterId", "$top": "50"}
    found = (await checked.call("GET", f"{url}/instances", 200, params={**year, **select}))["value"]
    assert len(found) == 5
    await checked.call("PATCH", f"{checked.root}/events/{found[1]['occurrenceId']}", 200, json={"subject": "B"})
    await checked.call("DELETE", f"{checked.root}/events/{found[2]['id']}", 204)
    await checked.call("GET", f"{checked.root}/events/{found[2]['id']}", 404)
    moved = {"start": EVENT["start"], "end": EVENT["end"]}
    await checked.call("PATCH", f"{checked.root}/events/{found[1]['occurrenceId']}", 400, json=moved)
    names = "subject,recurrence,cancelledOccurrences,exceptionOccurrences"
    whole = await checked.call("GET", url, 200, params={"$select": names, "$expand": "exceptionOccurrences"})
    assert (len(whole["cancelledOccurrences"]), len(whole["exceptionOccurrences"])) == (1, 1)
    view = await checked.call("GET", f"{checked.root}/calendarView", 200, params=year)
    assert [item["type"] for item in view["value"]] == ["occurrence", "exception", "occurrence", "occurrence"]
    told = await checked.call("GET", f"{checked.root}/calendarView/delta()", 200, params=year)
    assert [item["type"] for item in told["value"]][:3] == ["seriesMaster", "occurrence", "exception"]
    await checked.call("PATCH", url, 200, json={"recurrence": {"pattern": pattern, "range": limits}})
    await checked.call("POST", f"{checked.root}/events", 400, json={**EVENT, "recurrence": {"pattern": pattern}})


async def test_life_of_a_meeting(checked: Checked) -> None:
    """Both ends of a meeting, its answers, its online block, updates, removals and cancellations fit the schema."""
    body = {**EVENT, "isOnlineMeeting": True, "attendees": [{"emailAddress": {"address": "ben@acme.example"}}]}
    ben = checked.people.add_mailbox(checked.tenant, "ben@acme.example")
    theirs = f"/v1.0/users/{ben.object_id}"
    made = await checked.call("POST", f"{checked.root}/events", 201, json=body)
    assert made["onlineMeeting"]["joinUrl"]
    text = {"$filter": f"iCalUId eq '{made['iCalUId']}'"}
    (held,) = (await checked.call("GET", f"{theirs}/events", 200, params=text))["value"]
    checked.people.accept(held["id"])
    read = await checked.call("GET", f"{theirs}/events/{held['id']}", 200)
    assert (read["responseStatus"]["response"], read["isOrganizer"]) == ("accepted", False)
    both = {"attendees": [*made["attendees"], {"type": "optional", "emailAddress": {"address": "dan@x.example"}}]}
    changed = await checked.call("PATCH", f"{checked.root}/events/{made['id']}", 200, json=both)
    assert [one["type"] for one in changed["attendees"]] == ["required", "optional"]
    await checked.call("PATCH", f"{theirs}/events/{held['id']}", 200, json={"sensitivity": "private"})
    await checked.call("DELETE", f"{checked.root}/events/{made['id']}", 204)
    told = await checked.call("GET", f"{theirs}/calendarView/delta()", 200, params=WINDOW)
    assert [(item["isCancelled"], item["subject"]) for item in told["value"]] == [(True, "Canceled: Planning")]


async def test_a_series_with_people(checked: Checked) -> None:
    """One date declined, one cancelled, somebody invited to one only: views, rounds and expansions fit the schema."""
    ben = checked.people.add_mailbox(checked.tenant, "ben@acme.example")
    invite, daily = checked.people.receive_invitation, {"pattern": {"type": "daily"}}
    meeting = invite([checked.anna], "dan@x.example", "Daily", NINE, NINE + HOUR, recurrence=daily, online=True)
    held = checked.people.event_of_meeting(meeting, checked.anna)
    assert held is not None
    first, second, third = (NINE.date() + days * timedelta(days=1) for days in (1, 2, 3))
    checked.people.decline(held.immutable_id, first)
    checked.people.accept(held.immutable_id, second, tentatively=True)
    checked.people.cancel_meeting(meeting, third)
    checked.people.add_attendees(meeting, "ben@acme.example", day=second)
    names = "subject,attendees,responseStatus,isCancelled,cancelledOccurrences,exceptionOccurrences"
    query = {"$select": names, "$expand": "exceptionOccurrences"}
    whole = await checked.call("GET", f"{checked.root}/events/{held.immutable_id}", 200, params=query)
    assert (len(whole["cancelledOccurrences"]), len(whole["exceptionOccurrences"])) == (1, 2)
    for root, count in ((checked.root, 21), (f"/v1.0/users/{ben.object_id}", 1)):
        view = await checked.call("GET", f"{root}/calendarView", 200, params={**WINDOW, "$top": "50"})
        assert len(view["value"]) == count
        await checked.call("GET", f"{root}/calendarView/delta()", 200, params=WINDOW)


async def test_directory_and_refusals(checked: Checked) -> None:
    """Users and every kind of refusal fit the schema."""
    text = {"$filter": "proxyAddresses/any(x:x eq 'smtp:a@acme.example')", "$select": "id,mail,proxyAddresses"}
    assert len((await checked.call("GET", "/v1.0/users", 200, params=text))["value"]) == 1
    await checked.call("GET", checked.root, 200)
    await checked.call("GET", "/v1.0/users/nobody", 404)
    checked.graph.faults.add(Fault(Action.STATUS, status=429, retry_after=1))
    await checked.call("GET", f"{checked.root}/calendar", 429)
    checked.anna.state = MailboxState.DENIED
    await checked.call("GET", f"{checked.root}/calendar", 403)
    await checked.call("GET", checked.root, 401, headers={"Authorization": ""})


@pytest.mark.parametrize(
    ("method", "path", "query", "body"),
    [
        ("GET", "/users/a/calendarview", [], None),
        ("GET", "/users/a/calendarView", ["startDateTime"], None),
        ("GET", "/users/a/events", ["$selekt"], None),
        ("POST", "/users/a/events", [], {"sensitivity": "bogus"}),
        ("POST", "/users/a/events", [], {"isAllDay": "yes"}),
        ("POST", "/users/a/events", [], {"recurrence": {"pattern": {"type": "hourly"}}}),
        ("POST", "/users/a/events", [], {"recurrence": {"range": {"startDate": "soon"}}}),
        ("DELETE", "/users/a/events/e", [], {"subject": "x"}),
    ],
)
def test_schema_refuses_requests(schema: GraphSchema, method: str, path: str, query: list[str], body: object) -> None:
    """The check can fail: wrong paths, parameters and bodies are found."""
    assert schema.check_request(method, path, query, body)


def test_schema_refuses_answers(schema: GraphSchema) -> None:
    """The check can fail: wrong values, documents and errors are found."""
    bad = {"id": "e", "showAs": "nope"}
    assert schema.check_response("GET", "/users/a/events/e", 200, bad)
    assert schema.check_response("GET", "/users/a/calendarView", 200, {"value": [bad]})
    assert schema.check_response("GET", "/users/a/events/e", 404, {"err": 1})
    assert schema.check_response("GET", "/users/a/events/e", 200, {"id": "e", "showAs": "oof"}) == []
