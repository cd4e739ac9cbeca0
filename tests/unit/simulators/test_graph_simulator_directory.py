"""The simulated Graph: who may ask, whom they find, how much at once; and what people do."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.simulators.common.faults import Action, Fault
from tests.simulators.graph import Consent, GraphSimulator, MailboxState

from .graph_stage import DAY, HOUR, MARK, MARK_KEPT, NINE, WINDOW, Stage, error, event, stage

__all__ = ["stage"]


class TestTokens:
    @pytest.mark.parametrize("header", ["", "Bearer", "Basic eA==", "Bearer nonsense"])
    async def test_no_token(self, stage: Stage, header: str) -> None:
        """Without a token that Entra issued, nothing is answered."""
        stage.client.headers["Authorization"] = header
        answer = await stage.client.get(stage.url("/calendar"))
        assert error(answer) == (401, "InvalidAuthenticationToken")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    async def test_expired(self, stage: Stage) -> None:
        """A token lives an hour."""
        stage.clock += timedelta(seconds=3598)
        assert (await stage.client.get(stage.url("/calendar"))).status_code == 200
        stage.clock += timedelta(seconds=1)
        assert error(await stage.client.get(stage.url("/calendar"))) == (401, "InvalidAuthenticationToken")

    async def test_taken_back(self, stage: Stage) -> None:
        """Tokens can be made invalid before their time."""
        stage.people.revoke_tokens(stage.tenant)
        assert error(await stage.client.get(stage.url())) == (401, "InvalidAuthenticationToken")

    async def test_consent_revoked(self, stage: Stage) -> None:
        """After revocation old tokens die or live on; new ones have no roles and are refused."""
        stage.people.revoke_consent(stage.tenant, stage.app.client_id, old_tokens_live=True)
        assert (await stage.client.get(stage.url("/calendar"))).status_code == 200
        stage.people.revoke_consent(stage.tenant, stage.app.client_id)
        assert error(await stage.client.get(stage.url("/calendar"))) == (401, "InvalidAuthenticationToken")
        token = stage.people.issue_token(stage.tenant, stage.app.client_id)
        stage.client.headers["Authorization"] = f"Bearer {token}"
        assert error(await stage.client.get(stage.url("/calendar"))) == (403, "ErrorAccessDenied")
        assert error(await stage.client.get(stage.url())) == (403, "Authorization_RequestDenied")
        stage.people.grant_consent(stage.tenant, stage.app.client_id)
        assert stage.app.consent is Consent.GRANTED

    async def test_other_tenants_are_not_there(self, stage: Stage) -> None:
        """A token sees the users and calendars of its own tenant only."""
        other = stage.people.add_tenant("Other")
        ben = stage.people.add_mailbox(other, "ben@other.example")
        assert error(await stage.client.get(stage.url("", ben))) == (404, "Request_ResourceNotFound")
        assert error(await stage.client.get(stage.url("/events", ben))) == (404, "ErrorInvalidUser")
        found = await stage.client.get("/users", params={"$filter": "mail eq 'ben@other.example'"})
        assert found.json()["value"] == []


class TestUsers:
    @pytest.mark.parametrize(
        "text",
        [
            "mail eq 'Anna@acme.example'",
            "userPrincipalName eq 'anna@acme.example'",
            "proxyAddresses/any(x:x eq 'smtp:a.aalto@acme.example')",
            "mail eq 'x' or proxyAddresses/any(p:p eq 'smtp:anna@ACME.example')",
        ],
    )
    async def test_found_by_any_address(self, stage: Stage, text: str) -> None:
        """A user is found by primary and secondary addresses, without regard to case."""
        stage.people.add_mailbox(stage.tenant, "ben@acme.example")
        select = "id,mail,userPrincipalName,proxyAddresses,accountEnabled"
        answer = (await stage.client.get("/users", params={"$filter": text, "$select": select})).json()
        assert answer["value"] == [
            {
                "id": stage.anna.object_id,
                "mail": "anna@acme.example",
                "userPrincipalName": "anna@acme.example",
                "proxyAddresses": ["SMTP:anna@acme.example", "smtp:a.aalto@acme.example"],
                "accountEnabled": True,
            }
        ]

    async def test_by_id_or_principal_name(self, stage: Stage) -> None:
        """One user is found by object id or principal name, not by an alias; some properties need asking."""
        assert (await stage.client.get("/users/anna@acme.example")).json()["id"] == stage.anna.object_id
        assert "proxyAddresses" not in (await stage.client.get(stage.url())).json()
        assert error(await stage.client.get("/users/a.aalto@acme.example")) == (404, "Request_ResourceNotFound")
        assert (await stage.client.get("/users/a.aalto@acme.example/calendar")).status_code == 200
        assert error(await stage.client.get(stage.url("?$select=shoeSize"))) == (400, "BadRequest")
        bad = await stage.client.get("/users", params={"$filter": "shoeSize eq 42"})
        assert error(bad) == (400, "Request_UnsupportedQuery")

    async def test_pages_of_users(self, stage: Stage) -> None:
        """A long list of users comes in pages."""
        stage.people.add_mailbox(stage.tenant, "ben@acme.example")
        first = (await stage.client.get("/users", params={"$top": "1", "$select": "mail"})).json()
        second = (await stage.client.get(first["@odata.nextLink"])).json()
        assert [user["mail"] for user in first["value"] + second["value"]] == ["anna@acme.example", "ben@acme.example"]

    async def test_address_moves_to_another_mailbox(self, stage: Stage) -> None:
        """An address can lead elsewhere later; the old mailbox stays, under another name."""
        ben = stage.people.add_mailbox(stage.tenant, "ben@acme.example")
        stage.people.change_mailbox_of_address("anna@acme.example", ben, primary=True)
        text = {"$filter": "proxyAddresses/any(x:x eq 'smtp:anna@acme.example')", "$select": "id,mail"}
        found = (await stage.client.get("/users", params=text)).json()["value"]
        assert found == [{"id": ben.object_id, "mail": "anna@acme.example"}]
        assert (await stage.client.get(stage.url())).json()["mail"] is None

    @pytest.mark.parametrize(
        ("state", "expected"),
        [
            (MailboxState.ON_PREMISES, (404, "MailboxNotEnabledForRESTAPI")),
            (MailboxState.UNLICENSED, (404, "ResourceNotFound")),
            (MailboxState.DENIED, (403, "ErrorAccessDenied")),
        ],
    )
    async def test_mailboxes_that_do_not_answer(
        self, stage: Stage, state: MailboxState, expected: tuple[int, str]
    ) -> None:
        """The directory knows the user, the calendar says what is wrong with the mailbox."""
        stage.anna.state = state
        assert error(await stage.client.get(stage.url("/calendar"))) == expected
        assert (await stage.client.get(stage.url())).status_code == 200

    async def test_deleted_user(self, stage: Stage) -> None:
        """A user who was deleted is in neither."""
        stage.people.remove_mailbox(stage.anna)
        assert error(await stage.client.get(stage.url("/calendar"))) == (404, "ErrorInvalidUser")
        assert error(await stage.client.get(stage.url())) == (404, "Request_ResourceNotFound")


class TestThrottling:
    async def test_fifth_request_at_once(self, stage: Stage) -> None:
        """One mailbox serves four requests at once; another mailbox is not concerned."""
        ben = stage.people.add_mailbox(stage.tenant, "ben@acme.example")
        calls = [stage.client.get(stage.url("/calendar")) for _ in range(5)]
        answers = await asyncio.gather(*calls, stage.client.get(stage.url("/calendar", ben)))
        refused = [answer for answer in answers if answer.status_code == 429]
        assert [(error(answer)[1], answer.headers["Retry-After"]) for answer in refused] == [
            ("ApplicationThrottled", "2")
        ]
        assert (stage.anna.peak, ben.peak, stage.anna.in_flight) == (4, 1, 0)

    async def test_scripted_failures(self, stage: Stage) -> None:
        """A scripted status comes with Graph's error document, and has no effect."""
        stage.graph.faults.add(Fault(Action.STATUS, "POST", "/events", status=503, retry_after=7))
        answer = await stage.client.post(stage.url("/events"), json=event())
        assert (error(answer), answer.headers["Retry-After"]) == ((503, "ServiceUnavailable"), "7")
        assert stage.people.events_of(stage.anna) == []


class TestPeople:
    async def test_everything_a_person_writes(self, stage: Stage) -> None:
        """What people write is read over the API; their zones and dates are kept; nobody is mailed."""
        helsinki = datetime(2026, 3, 10, 11, tzinfo=ZoneInfo("Europe/Helsinki"))
        stage.people.add_event(
            stage.anna, "Lunch", helsinki, helsinki + HOUR, body="<b>x</b>", body_type="html", location="Café",
            sensitivity="private", show_as="oof", attendees=["ben@x.example"], categories=["Red"],
        )  # fmt: skip
        stage.people.add_event(stage.anna, "Holiday", date(2026, 3, 12), date(2026, 3, 14))
        lunch, holiday = await stage.view()
        assert (lunch["start"]["dateTime"], lunch["originalStartTimeZone"]) == (
            "2026-03-10T09:00:00.0000000",
            "Europe/Helsinki",
        )
        assert (lunch["location"]["displayName"], lunch["sensitivity"], lunch["showAs"]) == ("Café", "private", "oof")
        assert lunch["attendees"][0]["emailAddress"]["address"] == "ben@x.example"
        assert (holiday["isAllDay"], holiday["end"]["dateTime"]) == (True, "2026-03-14T00:00:00.0000000")
        assert stage.graph.mails == []

    def test_times_need_a_zone(self, stage: Stage) -> None:
        """A moment without a zone is a mistake of the test that wrote it."""
        with pytest.raises(ValueError, match="zone"):
            stage.people.add_event(stage.anna, "x", datetime(2026, 3, 10, 9), NINE)  # noqa: DTZ001
        key = stage.people.add_event(stage.anna, "x", NINE, NINE)
        with pytest.raises(ValueError, match="dates"):
            stage.people.edit_event(key, all_day=True)

    async def test_copy_carries_the_mark(self, stage: Stage) -> None:
        """A copied event has the extended properties, and everything that identifies it is new."""
        made = await stage.create(transactionId="t", singleValueExtendedProperties=[{"id": MARK, "value": "m"}])
        first, copy = (stage.people.event(key) for key in (made["id"], stage.people.copy_event(made["id"])))
        assert copy.extended_value(MARK_KEPT) == first.extended_value(MARK_KEPT) == "m"
        assert (copy.transaction_id, copy.subject) == (None, first.subject)
        assert not {copy.immutable_id, copy.rest_id, copy.ical_uid} & {
            first.immutable_id,
            first.rest_id,
            first.ical_uid,
        }

    async def test_rehomed_event(self, stage: Stage) -> None:
        """An event can come under other ids: the old ones are not found, the iCalUId stays (facts/peers.md P63)."""
        made = await stage.create()
        _, link = await stage.round()
        key = stage.people.rehome_event(made["id"])
        assert error(await stage.client.get(stage.url(f"/events/{made['id']}"))) == (404, "ErrorItemNotFound")
        assert stage.people.event(key).ical_uid == made["iCalUId"]
        assert {item["id"]: "@removed" in item for item in (await stage.round(link))[0]} == {
            made["id"]: True,
            key: False,
        }

    async def test_editing_to_all_day_and_back(self, stage: Stage) -> None:
        """An event can change between times and dates."""
        key = stage.people.add_event(stage.anna, "x", NINE, NINE + HOUR)
        assert stage.people.edit_event(key, start=date(2026, 3, 10), end=date(2026, 3, 11)).all_day
        assert not stage.people.move_event(key, NINE, NINE + HOUR).all_day


def test_same_seed_same_ids() -> None:
    """The same seed and the same acts give the same identifiers."""

    def ids() -> tuple[str, ...]:
        graph = GraphSimulator(lambda: NINE, seed=3)
        mailbox = graph.people.add_mailbox(graph.people.add_tenant(), "a@x.example")
        found = graph.people.event(graph.people.add_event(mailbox, "x", NINE, NINE + DAY))
        return (mailbox.object_id, found.immutable_id, found.rest_id, found.ical_uid, found.change_key)

    assert ids() == ids()


async def test_window_of_an_unknown_zone(stage: Stage) -> None:
    """A preferred zone that does not exist is refused."""
    answer: httpx.Response = await stage.client.get(
        stage.url("/calendarView"), params=WINDOW, headers={"Prefer": 'outlook.timezone="Mars"'}
    )
    assert error(answer) == (400, "TimeZoneNotSupportedException")
