"""Subscriptions as we ask for them, and as the simulator answers, are those of Graph's official schema."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from core.adapters.graph.api import GraphApi, http_client
from core.adapters.graph.subscriptions import GraphSubscriptionCalls
from core.errors import OutcomeUnknown, RetryLater, Stop
from core.model.ids import MailboxId
from core.model.subscription import Existing, Granted, Request, Taken
from tests.simulators.common.faults import Action, Fault
from tests.simulators.common.inprocess import transport
from tests.simulators.graph import GraphSimulator, MailboxState
from tests.simulators.graph import subscriptions as simulated
from tests.support.shared import need_shared

from .schema_graph import GraphSchema, SchemaTransport

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
UNTIL = NOW + timedelta(days=6)
HERE = ("https://sync.example/n", "https://sync.example/l")


@pytest.fixture(scope="module")
def schema() -> GraphSchema:
    """The official document, read once."""
    return GraphSchema(need_shared() / "schemas" / "graph-calendar.openapi.json")


class Asked:
    """The adapter before a simulator with one mailbox; every exchange is held to the schema."""

    def __init__(self, schema: GraphSchema) -> None:
        self.graph = GraphSimulator(lambda: NOW)
        self.graph.subscriptions.post = self.answer
        tenant = self.graph.people.add_tenant()
        app = self.graph.people.add_app(tenant, secret="s3")
        self.anna = self.graph.people.add_mailbox(tenant, "anna@acme.example")
        self.bert = self.graph.people.add_mailbox(tenant, "bert@acme.example")
        self._token = self.graph.people.issue_token(tenant, app.client_id)
        self.transport = SchemaTransport(transport(self.graph.app), schema)
        self.client = http_client(transport=self.transport)
        self.calls = GraphSubscriptionCalls(GraphApi("http://graph/v1.0", self, self.client))

    async def token(self, refused: str = "") -> str:
        return self._token

    async def answer(self, address: str, token: str | None, body: dict[str, Any] | None) -> tuple[int, str, str]:
        return 200, "text/plain", token or ""

    def request(self, **changes: Any) -> Request:
        given = {"mailbox": MailboxId(self.anna.object_id), "client_state": "s" * 122, "until": UNTIL} | changes
        return Request(notifications=HERE[0], lifecycle=HERE[1], **given)

    async def made(self) -> Granted:
        found = await self.calls.create(self.request())
        assert isinstance(found, Granted)
        return found


@pytest.fixture
async def asked(schema: GraphSchema) -> AsyncIterator[Asked]:
    """Fresh; afterwards nothing has offended the schema."""
    found = Asked(schema)
    yield found
    await found.client.aclose()
    # of failures of its own the document says nothing
    assert [problem for problem in found.transport.problems if "undocumented status 50" not in problem] == []


async def test_its_whole_life(asked: Asked) -> None:
    """Made, read, listed, renewed, ended; ended twice is ended."""
    made = await asked.made()
    assert made.expires == UNTIL
    mailbox = MailboxId(asked.anna.object_id)
    expected = Existing(made.id, mailbox, *HERE, UNTIL)
    assert await asked.calls.read(made.id) == expected
    assert await asked.calls.of_mailbox(mailbox) == (expected,)
    later = UNTIL + timedelta(hours=3)
    assert await asked.calls.renew(made.id, later) == later
    for _ in range(2):
        await asked.calls.delete(made.id)
    assert await asked.calls.read(made.id) is None
    assert await asked.calls.renew(made.id, later) is None


async def test_there_is_one_already(asked: Asked) -> None:
    """It is named."""
    made = await asked.made()
    assert await asked.calls.create(self_request := asked.request()) == Taken(made.id)
    assert self_request.client_state not in repr(self_request)


async def test_a_long_listing(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is followed page by page, and what is not of this mailbox is left out."""
    monkeypatch.setattr(simulated, "PAGE", 1)
    await asked.calls.create(asked.request(mailbox=MailboxId(asked.bert.object_id)))
    made = await asked.made()
    assert [one.id for one in await asked.calls.of_mailbox(MailboxId(asked.anna.object_id.upper()))] == [made.id]


async def test_a_listing_that_leads_elsewhere(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our token does not go there (P61)."""
    monkeypatch.setattr(simulated, "PAGE", 1)
    asked.graph.options.link_host = "https://elsewhere.example"
    await asked.calls.create(asked.request(mailbox=MailboxId(asked.bert.object_id)))
    await asked.made()
    with pytest.raises(Stop, match="link_to_another_host"):
        await asked.calls.of_mailbox(MailboxId(asked.anna.object_id))


REFUSALS = [
    (403, "Forbidden", Stop, "subscription_quota"),
    (403, "AccessDenied", Stop, "mailbox_access_denied"),
    (404, "ErrorInvalidUser", Stop, "mailbox_not_found"),
    (404, "MailboxNotEnabledForRESTAPI", Stop, "mailbox_not_in_microsoft365"),
    (400, "InvalidRequest", Stop, "subscription_refused"),
    (401, "InvalidAuthenticationToken", Stop, "consent_missing"),
    (429, "TooManyRequests", RetryLater, "throttled"),
    (503, "ServiceUnavailable", RetryLater, "unavailable"),
    (502, "BadGateway", OutcomeUnknown, "outcome_unknown"),
]


@pytest.mark.parametrize(("status", "code", "kind", "ours"), REFUSALS)
async def test_graph_refuses(asked: Asked, status: int, code: str, kind: type[Exception], ours: str) -> None:
    """Each refusal has one meaning."""
    body = {"error": {"code": code, "message": "No."}}
    asked.graph.faults.add(Fault(Action.STATUS, "POST", "/subscriptions", status=status, body=body, times=2))
    with pytest.raises(kind, match=ours):
        await asked.made()


async def test_our_address_does_not_answer(asked: Asked) -> None:
    """That is nothing of the mailbox's."""

    async def deaf(*_: Any) -> tuple[int, str, str]:
        return 404, "text/plain", ""

    asked.graph.subscriptions.post = deaf
    with pytest.raises(Stop, match="notifications_not_reached") as found:
        await asked.made()
    assert found.value.whole_company


async def test_a_mailbox_that_is_no_mailbox(asked: Asked) -> None:
    """As for every call to it."""
    asked.anna.state = MailboxState.ON_PREMISES
    with pytest.raises(Stop, match="mailbox_not_in_microsoft365"):
        await asked.made()


@pytest.mark.parametrize("body", [{"id": "x"}, {"id": "x", "resource": "me/messages"}, {}, []])
async def test_an_answer_that_is_none(body: Any) -> None:
    """What was made, if anything, is not known."""

    async def token(refused: str = "") -> str:
        return "t"

    tokens = type("Tokens", (), {"token": staticmethod(token)})()
    async with http_client(transport=httpx.MockTransport(lambda _: httpx.Response(201, json=body))) as client:
        calls = GraphSubscriptionCalls(GraphApi("http://graph/v1.0", tokens, client))
        with pytest.raises(OutcomeUnknown, match="malformed_answer"):
            await calls.create(Request(MailboxId("m"), *HERE, "s", until=UNTIL))
