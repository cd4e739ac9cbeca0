"""Where Graph comes in: the handshake, notifications in and out, and what strangers can learn there."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import azure.functions as func
import httpx
import pytest

from core.errors import RetryLater
from core.settings import SettingsError
from core.usecases.notifications import MOST, MOST_BYTES, Inbox
from core.usecases.subscriptions import keep_subscriptions
from functions import graph
from functions.edge import graph_door
from infra.local.host import LocalHost
from tests.functions.http.desk import HOST_JSON
from tests.support.canaries import Canaries, listening
from tests.support.live_stage import LiveStage, live_stage

OUTCOMES = ("done", "done", "refused", "handshake")
DOORS = ("graph/notifications", "graph/lifecycle")


@dataclass(slots=True)
class Open:
    """The doors of the app, in the local host, with a pair behind them and Graph before them."""

    running: LiveStage
    http: httpx.AsyncClient
    home: str

    async def post(self, address: str, token: str | None, body: dict[str, Any] | None) -> tuple[int, str, str]:
        """What Graph sends, over HTTP."""
        params = {} if token is None else {"validationToken": token}
        plain = {"Content-Type": "text/plain; charset=utf-8"}
        sent = {"headers": plain} if body is None else {"json": body}
        answer = await self.http.post(address, params=params, **sent)
        return answer.status_code, answer.headers.get("Content-Type", ""), answer.text

    async def send(self, content: bytes, door: str = DOORS[0], **more: Any) -> httpx.Response:
        """Anything."""
        return await self.http.post(f"{self.home}/api/{door}", content=content, **more)

    def notice(self, **changes: Any) -> dict[str, Any]:
        """A notification that is truly ours, changed."""
        [one] = self.running.at_graph
        return {"subscriptionId": one.id, "clientState": one.client_state, "changeType": "updated", **changes}


@pytest.fixture
async def doors() -> AsyncIterator[Open]:
    """Nobody has asked for a subscription yet."""
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    app.register_functions(graph.blueprint)
    async with (
        live_stage() as running,
        LocalHost(app, host_json=HOST_JSON, settings={}) as host,
        httpx.AsyncClient() as http,
    ):
        found = Open(running, http, host.base_url.removesuffix("/api"))
        running.stage.graph.subscriptions.post = found.post
        yield found


@pytest.fixture
async def told(doors: Open) -> Open:
    """The pair has its subscription, and nothing waits."""
    await keep_subscriptions(replace(doors.running.live, address=doors.home))
    await doors.running.work()
    return doors


async def test_a_subscription_and_a_change_over_http(told: Open) -> None:
    """Both handshakes while the creation waits; then a change is told, and a message is on its way."""
    assert told.running.stage.graph.subscriptions.handshakes == 2
    [one] = told.running.at_graph
    assert one.notifications == f"{told.home}/api/graph/notifications"
    start = told.running.now + timedelta(days=1)
    told.running.stage.graph.people.add_event(one.mailbox, "Lunch", start, start + timedelta(hours=1))
    assert await told.running.deliver() == 1
    assert told.running.messages() == 1


@pytest.mark.parametrize("door", DOORS)
async def test_a_handshake(doors: Open, door: str) -> None:
    """The token comes back decoded, as plain text, whatever is behind the door."""
    token = "Validation: Testing client application reachability for subscription Request-Id: a b+c%2Bd/é"
    answer = await doors.http.post(f"{doors.home}/api/{door}", params={"validationToken": token})
    assert (answer.status_code, answer.text) == (200, token)
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("token", ["<script>alert(1)</script>", "x" * 1025, "", "a\nb"])
async def test_a_handshake_of_a_stranger_s(doors: Open, token: str) -> None:
    """Nothing that a browser would run comes back, nothing endless, no lines of anybody's choice."""
    answer = await doors.http.post(f"{doors.home}/api/{DOORS[0]}", params={"validationToken": token})
    assert "<" not in answer.text
    assert answer.status_code == (200 if token.startswith("<") else 400)


async def test_a_handshake_while_nothing_else_works(doors: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """It needs neither settings nor storage: Graph asks while we wait for its answer."""

    async def broken() -> Inbox:
        raise SettingsError(["SYNC_MASTER_KEY is missing."])

    monkeypatch.setattr("core.wiring.inbox", broken)
    answer = await doors.http.post(f"{doors.home}/api/{DOORS[0]}", params={"validationToken": "t"})
    assert (answer.status_code, answer.text) == (200, "t")
    assert (await doors.send(b'{"value": []}')).status_code == 503


async def test_ours_and_strangers_answers_are_the_same(told: Open) -> None:
    """202, no body, the same headers: nobody learns which subscriptions there are."""
    ours = [told.notice()]
    strange = [told.notice(clientState="a.b.c"), told.notice(subscriptionId=str(uuid.uuid4())), {}, {"x": [1]}]
    answers = [await told.send(json.dumps({"value": value}).encode()) for value in (ours, [], *([s] for s in strange))]
    shown = {
        (a.status_code, a.text, tuple(sorted((n, v) for n, v in a.headers.items() if n != "date"))) for a in answers
    }
    assert len(shown) == 1
    assert answers[0].status_code == 202
    assert answers[0].text == ""
    assert told.running.messages() == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'["kanari"]', "list of notifications"),
        (b'{"value": ["kanari"]}', "list of notifications"),
        (json.dumps({"value": [{}] * (MOST + 1)}).encode(), f"more than {MOST}"),
    ],
)
async def test_what_is_malformed(doors: Open, content: bytes, says: str) -> None:
    """400, with the reason in a problem document that repeats nothing."""
    answer = await doors.send(content)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert says in answer.json()["detail"]
    assert "kanari" not in answer.text


async def test_what_is_too_large(doors: Open) -> None:
    """413, before it is read."""
    answer = await doors.send(b" " * (MOST_BYTES + 1))
    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
async def test_other_methods(doors: Open, method: str) -> None:
    """There is nothing for browsers here, and nothing to be read."""
    answer = await doors.http.request(method, f"{doors.home}/api/{DOORS[0]}?validationToken=t")
    assert (answer.status_code, answer.text) == (405, "")


async def test_storage_is_down(told: Open) -> None:
    """503, so that Graph sends it again; then it is stored."""

    def fail(name: str) -> None:
        if name == "before pairs.set_hint":
            raise RetryLater("storage_unavailable")

    content = json.dumps({"value": [told.notice()]}).encode()
    told.running.stage.storage.effects.on_effect = fail
    answer = await told.send(content)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    told.running.stage.storage.effects.on_effect = lambda _: None
    assert (await told.send(content)).status_code == 202
    assert told.running.messages() == 1


async def test_storage_hangs(told: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 before Graph would call us slow; the hint is stored when storage comes round."""
    monkeypatch.setattr(graph_door, "DEADLINE", 0.05)
    go_on, head = asyncio.Event(), told.running.stage.ports.pairs.head

    async def hanging(pair: Any) -> Any:
        await go_on.wait()
        return await head(pair)

    monkeypatch.setattr(told.running.stage.storage.pairs, "head", hanging)
    answer = await told.send(json.dumps({"value": [told.notice()]}).encode())
    assert answer.status_code == 503
    go_on.set()
    while told.running.inbox._running:
        await asyncio.wait(told.running.inbox._running.values())
    assert told.running.messages() == 1


async def test_nothing_of_it_is_logged(told: Open) -> None:
    """Not its secret, not its content, not even where it is wrong: numbers only."""
    canary = Canaries()
    state = str(told.running.at_graph[0].client_state).rsplit(".", 1)[1]
    with listening() as lines:
        for value in (told.notice(resource=canary.text("resource")), {"clientState": canary.text("state")}):
            await told.send(json.dumps({"value": [value]}).encode())
        await told.send(canary.text("body").encode())
        await told.http.post(f"{told.home}/api/{DOORS[0]}", params={"validationToken": canary.text("token")})
    own = [line for line in lines if "severa_sync.events" in line or "functions.edge.graph_door" in line]
    assert len(own) == 4
    assert '"pairs":1' in own[0]
    assert ['"outcome":"' + word + '"' in line for word, line in zip(OUTCOMES, own, strict=True)] == [True] * 4
    assert canary.found_in(own) == []
    assert not [line for line in own if state in line]
