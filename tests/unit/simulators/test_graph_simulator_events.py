"""The simulated Graph: writing and reading single events."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.simulators.common.faults import Action, Fault
from tests.simulators.graph import Mail

from .graph_stage import DAY, HOUR, IMMUTABLE, MARK, MARK_KEPT, NINE, Stage, error, event, moment, stage

__all__ = ["stage"]


class TestCreate:
    async def test_answer_names_what_exchange_gave(self, stage: Stage) -> None:
        """A create is answered with ids, versions and defaults, in UTC with seven digits."""
        made = await stage.create(subject="  Planning \n")
        assert made["subject"] == "Planning"
        assert made["id"].startswith("AAkAL")
        assert made["@odata.etag"] == f'W/"{made["changeKey"]}"'
        assert made["start"] == {"dateTime": "2026-03-10T09:00:00.0000000", "timeZone": "UTC"}
        assert made["iCalUId"][32:40] == "00000000"
        assert made["createdDateTime"] == "2026-03-02T08:00:00.0000000Z"
        assert "transactionId" not in made
        assert stage.graph.mails == []

    async def test_same_transaction_twice(self, stage: Stage) -> None:
        """A second create with a transaction id answers the first one's event, as long as that is in the calendar."""
        first = await stage.create(transactionId="t-1")
        again = await stage.create(transactionId="t-1", subject="Other")
        assert (again["id"], again["subject"]) == (first["id"], "Planning")
        stage.people.delete_event(first["id"])
        assert (await stage.create(transactionId="t-1"))["id"] != first["id"]

    async def test_answer_lost_after_the_commit(self, stage: Stage) -> None:
        """A dropped answer leaves the event behind (facts/peers.md P01)."""
        stage.graph.faults.add(Fault(Action.DROP_AFTER_COMMIT, "POST"))
        with pytest.raises(Exception, match="dropped"):
            await stage.create()
        assert [found.subject for found in stage.people.events_of(stage.anna)] == ["Planning"]

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"subject": "x" * 256}, "ErrorPropertyValidationFailure"),
            ({"end": moment("2026-03-10T08:59:00")}, "ErrorPropertyValidationFailure"),
            ({"start": moment("2026-03-10T09:00:00", "Mars")}, "TimeZoneNotSupportedException"),
            ({"isAllDay": True}, "ErrorInvalidRequest"),
            ({"isAllDay": True, "start": moment("2026-03-10"), "end": moment("2026-03-10")}, "ErrorInvalidRequest"),
            (
                {"isAllDay": True, "start": moment("2026-03-10", "Asia/Tokyo"), "end": moment("2026-03-11")},
                "ErrorInvalidRequest",
            ),
            ({"sensitivity": "secret"}, "RequestBodyRead"),
            ({"subjekt": "Planning"}, "RequestBodyRead"),
            ({"singleValueExtendedProperties": [{"id": "Mark", "value": "1"}]}, "ErrorInvalidProperty"),
        ],
    )
    async def test_what_graph_refuses(self, stage: Stage, changes: dict[str, Any], code: str) -> None:
        """Bad input is refused with Graph's codes, and nothing is made."""
        answer = await stage.client.post(stage.url("/events"), json=event(**changes))
        assert error(answer) == (400, code)
        assert stage.people.events_of(stage.anna) == []

    async def test_all_day_in_any_zone(self, stage: Stage) -> None:
        """All-day dates stay the same in every preferred zone; timed ones move."""
        zone = "FLE Standard Time"
        days = {"start": moment("2026-03-10", zone), "end": moment("2026-03-12", zone), "isAllDay": True}
        made, timed = await stage.create(**days), await stage.create()
        prefer = {"Prefer": 'outlook.timezone="Asia/Tokyo", IdType="ImmutableId"'}
        all_day = (await stage.client.get(stage.url(f"/events/{made['id']}"), headers=prefer)).json()
        at_nine = (await stage.client.get(stage.url(f"/events/{timed['id']}"), headers=prefer)).json()
        assert all_day["start"] == moment("2026-03-10T00:00:00.0000000", "Asia/Tokyo")
        assert all_day["originalStartTimeZone"] == zone
        assert at_nine["start"] == moment("2026-03-10T18:00:00.0000000", "Asia/Tokyo")


class TestText:
    async def test_text_comes_back_rewritten(self, stage: Stage) -> None:
        """A plain text is kept as HTML, and read as text with CRLF and a line end (facts/peers.md P40)."""
        made = await stage.create(body={"contentType": "text", "content": "a  <b>\n\n  c"})
        assert made["body"]["contentType"] == "html"
        assert "a&nbsp; &lt;b&gt;<br>" in made["body"]["content"]
        prefer = {"Prefer": 'outlook.body-content-type="text"'}
        read = (await stage.client.get(stage.url(f"/events/{made['id']}"), headers=prefer)).json()
        assert read["body"] == {"contentType": "text", "content": "a  <b>\r\n\r\n  c\r\n"}
        assert stage.people.event(made["id"]).text == "a  <b>\n\n  c"

    async def test_html_becomes_a_document(self, stage: Stage) -> None:
        """An HTML fragment comes back as a document; its text has a line per block."""
        made = await stage.create(body={"contentType": "html", "content": "<p>Hello<br>you &amp; me</p><div>bye</div>"})
        assert made["body"]["content"].startswith("<html><head>")
        assert stage.people.event(made["id"]).text == "Hello\nyou & me\nbye"
        assert made["bodyPreview"] == "Hello\r\nyou & me\r\nbye"


class TestVersions:
    async def test_etag_is_stale_at_once(self, stage: Stage) -> None:
        """Exchange writes once more after each write: the answer's etag is refused, the content has not changed."""
        made = await stage.create()
        stale = {"If-Match": made["@odata.etag"]}
        answer = await stage.client.patch(stage.url(f"/events/{made['id']}"), json={"subject": "B"}, headers=stale)
        assert error(answer) == (412, "ErrorIrresolvableConflict")
        read = (await stage.client.get(stage.url(f"/events/{made['id']}"))).json()
        assert (read["subject"], read["changeKey"] != made["changeKey"]) == ("Planning", True)
        assert read["lastModifiedDateTime"] > made["lastModifiedDateTime"]
        fresh = {"If-Match": read["@odata.etag"]}
        answer = await stage.client.patch(stage.url(f"/events/{made['id']}"), json={"subject": "B"}, headers=fresh)
        assert (answer.status_code, answer.json()["subject"]) == (200, "B")

    async def test_follow_up_comes_later(self, stage: Stage) -> None:
        """The follow-up write waits as long as the option says."""
        stage.graph.options.follow_up_after = timedelta(seconds=30)
        made = await stage.create()
        stage.clock += timedelta(seconds=29)
        assert stage.people.event(made["id"]).change_key == made["changeKey"]
        assert (await stage.view())[0]["changeKey"] == made["changeKey"]
        stage.clock += timedelta(seconds=1)
        assert (await stage.view())[0]["changeKey"] != made["changeKey"]

    async def test_patch_keeps_the_rest(self, stage: Stage) -> None:
        """A PATCH changes what it names; one end of a timed event can move alone."""
        made = await stage.create(location={"displayName": "Here"}, body={"contentType": "text", "content": "x"})
        changes = {"end": moment("2026-03-10T13:00:00", "Europe/Helsinki"), "sensitivity": "private"}
        await stage.client.patch(stage.url(f"/events/{made['id']}"), json=changes)
        kept = stage.people.event(made["id"])
        assert (kept.start, kept.end, kept.sensitivity) == (NINE, NINE + 2 * HOUR, "private")
        assert (kept.place, kept.text, kept.subject) == ("Here", "x", "Planning")

    async def test_stale_read(self, stage: Stage) -> None:
        """A stale read shows the state before the last change: a new event is not there yet (facts/peers.md P30)."""
        made = await stage.create()
        stage.graph.faults.add(Fault(Action.STALE_READ, "GET"))
        assert error(await stage.client.get(stage.url(f"/events/{made['id']}"))) == (404, "ErrorItemNotFound")
        assert (await stage.client.get(stage.url(f"/events/{made['id']}"))).status_code == 200


class TestDelete:
    async def test_deleted_event_lingers(self, stage: Stage) -> None:
        """A deleted event answers by its immutable id until it is purged, and no view has it."""
        made = await stage.create()
        url = stage.url(f"/events/{made['id']}")
        default_id = (await stage.client.get(url)).json()["id"]
        stale = {"If-Match": made["@odata.etag"]}
        assert (await stage.client.delete(url, headers=stale)).status_code == 204
        assert (await stage.client.get(url, headers=IMMUTABLE)).json()["subject"] == "Planning"
        assert error(await stage.client.get(stage.url(f"/events/{default_id}"))) == (404, "ErrorItemNotFound")
        assert error(await stage.client.delete(url)) == (400, "ErrorInvalidRequest")
        listed = (await stage.client.get(stage.url("/events"))).json()["value"]
        assert (await stage.view(), listed) == ([], [])
        stage.people.purge_deleted(stage.anna)
        assert error(await stage.client.get(url)) == (404, "ErrorItemNotFound")
        assert error(await stage.client.delete(url)) == (404, "ErrorItemNotFound")

    async def test_without_lingering(self, stage: Stage) -> None:
        """With the option off, a deleted event is gone at once."""
        stage.graph.options.lingering = False
        made = await stage.create()
        await stage.client.delete(stage.url(f"/events/{made['id']}"))
        assert error(await stage.client.get(stage.url(f"/events/{made['id']}"))) == (404, "ErrorItemNotFound")

    async def test_write_to_a_deleted_event_is_lost(self, stage: Stage) -> None:
        """A PATCH of an item in Deleted Items succeeds, and nobody sees it."""
        made = await stage.create()
        stage.people.delete_event(made["id"])
        answer = await stage.client.patch(stage.url(f"/events/{made['id']}"), json={"subject": "B"})
        assert (answer.status_code, await stage.view()) == (200, [])


class TestMails:
    async def test_attendees_are_mailed(self, stage: Stage) -> None:
        """Every write to a meeting mails; a PATCH of the attendees alone mails only those who changed."""
        attendees = [{"emailAddress": {"address": f"{name}@x.example"}} for name in ("ben", "cid", "dan")]
        made = await stage.create(attendees=attendees[:2])
        url, key = stage.url(f"/events/{made['id']}"), made["id"]
        anna = "anna@acme.example"
        assert stage.graph.mails == [Mail("invitation", anna, f"{name}@x.example", key) for name in ("ben", "cid")]
        stage.graph.mails.clear()
        await stage.client.patch(url, json={"attendees": attendees[1:]})
        assert [(mail.kind, mail.attendee) for mail in stage.graph.mails] == [
            ("invitation", "dan@x.example"),
            ("cancellation", "ben@x.example"),
        ]
        stage.graph.mails.clear()
        await stage.client.patch(url, json={"subject": "Moved"})
        await stage.client.delete(url)
        assert [mail.kind for mail in stage.graph.mails] == ["update", "update", "cancellation", "cancellation"]

    async def test_attendees_own_copy(self, stage: Stage) -> None:
        """Deleting an event that somebody else organizes mails nobody."""
        key = stage.people.add_event(
            stage.anna, "Theirs", NINE, NINE + HOUR, organizer="boss@x.example", attendees=["anna@acme.example"]
        )
        await stage.client.delete(stage.url(f"/events/{key}"))
        assert stage.graph.mails == []


class TestExtendedProperties:
    async def test_only_when_expanded(self, stage: Stage) -> None:
        """Extended properties are kept, never echoed, and read by $expand, in a view too."""
        made = await stage.create(singleValueExtendedProperties=[{"id": MARK, "value": "m1"}])
        assert "singleValueExtendedProperties" not in made
        expand = f"singleValueExtendedProperties($filter=id eq '{MARK}')"
        read = (await stage.client.get(stage.url(f"/events/{made['id']}"), params={"$expand": expand})).json()
        wanted = [{"id": MARK_KEPT, "value": "m1"}]
        assert read["singleValueExtendedProperties"] == wanted
        assert (await stage.view(**{"$expand": expand}))[0]["singleValueExtendedProperties"] == wanted
        other = expand.replace("Mark", "mark")
        assert "singleValueExtendedProperties" not in (await stage.view(**{"$expand": other}))[0]

    async def test_found_by_value(self, stage: Stage) -> None:
        """An event is found by an extended property's value, or by its iCalUId."""
        made = await stage.create(singleValueExtendedProperties=[{"id": MARK, "value": "it's"}])
        await stage.create(singleValueExtendedProperties=[{"id": MARK, "value": "m2"}])
        marked = f"singleValueExtendedProperties/Any(ep: ep/id eq '{MARK}' and ep/value eq 'it''s')"
        for text in (marked, f"iCalUId eq '{made['iCalUId']}'"):
            answer = await stage.client.get(stage.url("/events"), params={"$filter": text}, headers=IMMUTABLE)
            assert [found["id"] for found in answer.json()["value"]] == [made["id"]]

    @pytest.mark.parametrize("text", ["subject eq", "attendees eq 'x'", "(subject eq 'x'", "subject is 'x'", "?"])
    async def test_bad_filter(self, stage: Stage, text: str) -> None:
        """A filter that Graph would not understand is refused."""
        answer = await stage.client.get(stage.url("/events"), params={"$filter": text})
        assert error(answer) == (400, "ErrorInvalidUrlQueryFilter")


class TestLists:
    async def test_filter_by_date_and_type(self, stage: Stage) -> None:
        """The list can be filtered by its dates and types, with not, and, or."""
        for days in (0, 10, 20):
            stage.people.add_event(stage.anna, f"E{days}", NINE + days * DAY, NINE + days * DAY + HOUR)
        stage.people.add_event(stage.anna, "S", NINE, NINE + HOUR, recurrence={"pattern": {"type": "daily"}})
        text = "type eq 'singleInstance' and start/dateTime ge '2026-03-20T00:00:00' and not (subject eq 'E20')"
        answer = await stage.client.get(stage.url("/events"), params={"$filter": text, "$select": "subject"})
        assert [found["subject"] for found in answer.json()["value"]] == ["E10"]
        assert set(answer.json()["value"][0]) == {"@odata.etag", "id", "subject"}

    async def test_pages(self, stage: Stage) -> None:
        """Ten to a page, or $top; the links lead through all."""
        for number in range(25):
            stage.people.add_event(stage.anna, f"{number:02}", NINE + number * HOUR, NINE + (number + 1) * HOUR)
        assert len(await stage.view()) == 10
        answer = (
            await stage.client.get(stage.url("/calendarView?$top=20&startdatetime=2026-03-01&enddatetime=2026-04-01"))
        ).json()
        rest = (await stage.client.get(answer["@odata.nextLink"])).json()
        assert [found["subject"] for found in answer["value"] + rest["value"]] == [f"{n:02}" for n in range(25)]
        assert "@odata.nextLink" not in rest

    async def test_edges_of_the_window(self, stage: Stage) -> None:
        """A view shows what overlaps it; all-day dates are the mailbox's (facts/peers.md P21)."""
        first = datetime(2026, 3, 1, tzinfo=UTC)
        stage.people.add_event(stage.anna, "before", first - HOUR, first)
        stage.people.add_event(stage.anna, "moment", first, first)
        stage.people.add_event(stage.anna, "across", first - HOUR, first + HOUR)
        stage.people.add_event(stage.anna, "after", datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC))
        stage.people.add_event(stage.anna, "day", date(2026, 2, 28), date(2026, 3, 1))
        assert [found["subject"] for found in await stage.view()] == ["across", "moment"]
        stage.anna.time_zone = "America/New_York"
        assert [found["subject"] for found in await stage.view()] == ["day", "across", "moment"]

    @pytest.mark.parametrize(
        "query",
        [
            {},
            {"startDateTime": "", "endDateTime": "2026-04-01"},
            {"startDateTime": "2026-04-02", "endDateTime": "2026-04-01"},
            {"startDateTime": "2021-01-01", "endDateTime": "2026-04-01"},
        ],
    )
    async def test_bad_windows(self, stage: Stage, query: dict[str, str]) -> None:
        """A window must be there, be one, and be no longer than 1825 days (facts/peers.md P55)."""
        for path in ("/calendarView", "/calendarView/delta"):
            assert error(await stage.client.get(stage.url(path), params=query)) == (400, "ErrorInvalidParameter")

    async def test_other_paths(self, stage: Stage) -> None:
        """The calendar's own paths work; unknown ones, malformed ids and sizes are refused."""
        made = (await stage.client.post(stage.url("/calendar/events"), json=event())).json()
        assert re.match(r"AAMkA.*=$", made["id"])
        assert (await stage.client.get(stage.url(f"/calendar/events/{made['id']}"))).status_code == 200
        assert (await stage.client.get(stage.url("/calendar"))).json()["isDefaultCalendar"] is True
        assert error(await stage.client.get(stage.url("/messages"))) == (400, "BadRequest")
        assert error(await stage.client.get(stage.url("/events/42"))) == (400, "ErrorInvalidIdMalformed")
        assert error(await stage.client.get(stage.url("/events?$top=1001"))) == (400, "ErrorInvalidUrlQuery")
        assert stage.graph.requests.count("GET", "/v1.0/users/{user}/calendar/events/{event}") == 1
