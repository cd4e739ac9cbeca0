"""What every call has in common: bounds, CORS, headers, problem documents, and what never comes out."""

from __future__ import annotations

import json
import logging

import pytest

from core.errors import RetryLater, Stop
from core.model.company import ActivityRow
from core.settings import SettingsError
from core.wiring import Entrance
from functions.calls.table import CALLS
from functions.edge.problem import EVERY
from infra.local.issuer import Issuer
from tests.functions.http.desk import ORIGIN, Desk, open_desk
from tests.support.stage import ANNA, COMPANY, entry

ACTIVITY = "dddddddd-0000-4000-8000-000000000004"


async def test_bodies_at_the_bound(desk: Desk) -> None:
    """64 KiB are read, one byte more is not: 413, whether the call takes a body or not."""
    token = desk.token(admin=True)
    padded = json.dumps({"enabled": True}).ljust(65_536).encode()
    assert (await desk.call("PUT", "settings/enabled", token, padded)).status_code == 200
    for method, path in (("PUT", "settings/enabled"), ("POST", "presence")):
        answer = await desk.call(method, path, token, padded + b" ")
        assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"on": true}', "text/plain", 415),
        (b'{"on": true}', "", 415),
        (b"on=true", "application/x-www-form-urlencoded", 415),
        (b'{"on": true}', "application/json; charset=utf-8", 200),
        (b"", "application/json", 422),
        (b'{"on": tru', "application/json", 422),
        (b'{"on": "true"}', "application/json", 422),
        (b'{"on": 1}', "application/json", 422),
        (b'{"on": true, "more": 1}', "application/json", 422),
        (b"[true]", "application/json", 422),
        (b"null", "application/json", 422),
        (b"\xff\xfe\x00", "application/json", 422),
        (b"[" * 60_000, "application/json", 422),
    ],
)
async def test_bodies_of_every_sort(desk: Desk, body: bytes, kind: str, status: int) -> None:
    """What is not the JSON that is asked for is refused, with a problem document that names the fields."""
    answer = await desk.call("PUT", "me/sync", desk.token(), body, Content_Type=kind)
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["errors"]


async def test_a_browser_asks_beforehand(desk: Desk) -> None:
    """A page of the front end may call, with the methods and headers that there are; a token is not needed to ask."""
    answer = await desk.call("OPTIONS", "settings", Origin=ORIGIN, Access_Control_Request_Method="PUT")
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, PUT"
    assert answer.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type, If-Match"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    for operation in CALLS.values():
        path = operation.path.replace("{guid}", ACTIVITY)
        asked = await desk.call("OPTIONS", path, Origin=ORIGIN, Access_Control_Request_Method=operation.method)
        assert operation.method in asked.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://severa.example", f"{ORIGIN}.evil.example", f"{ORIGIN}:8443", "null", ""]
)
async def test_a_page_of_another_origin(desk: Desk, origin: str) -> None:
    """It gets no permission beforehand, and may not read an answer."""
    for method, path in (("OPTIONS", "me/sync"), ("GET", "me/sync"), ("GET", "openapi.json")):
        answer = await desk.call(method, path, desk.token(), Origin=origin)
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert answer.headers["Vary"] == "Origin"


async def test_a_page_of_the_front_end_reads(desk: Desk) -> None:
    """Answers and problems alike can be read, with the headers that matter."""
    for token, status in ((desk.token(), 200), (None, 401)):
        answer = await desk.call("GET", "me/sync", token, Origin=ORIGIN)
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert answer.headers["Access-Control-Expose-Headers"] == "ETag, Retry-After"


async def test_every_answer_is_safe_to_show(desk: Desk) -> None:
    """Never kept, framed, sniffed or sent on: answers, problems and preflights."""
    answers = [
        await desk.call("GET", "me/sync", desk.token()),
        await desk.call("GET", "me/sync"),
        await desk.call("OPTIONS", "me/sync", Origin=ORIGIN),
        await desk.call("POST", "presence", desk.token()),
    ]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_the_challenge(desk: Desk) -> None:
    """A request without a token is asked for one; one with a bad token is told that it is bad (RFC 6750, section 3)."""
    without, bad = await desk.call("GET", "me/sync"), await desk.call("GET", "me/sync", "a.b.c")
    assert without.headers["WWW-Authenticate"] == 'Bearer realm="severa-calendar-sync"'
    assert bad.headers["WWW-Authenticate"] == 'Bearer realm="severa-calendar-sync", error="invalid_token"'
    basic = await desk.call("GET", "me/sync", Authorization="Basic dXNlcjpwYXNz")
    assert basic.status_code == 401


async def test_the_issuer_is_away(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is let in and nobody is called a liar: 503, and when to try again."""
    async with open_desk(issuer, monkeypatch) as desk:

        async def fail(_: object) -> bytes:
            raise RetryLater("jwks_unreachable", after=10)

        monkeypatch.setattr("core.adapters.identity.keyset.KeySet._read", fail)
        answer = await desk.call("GET", "me/sync", desk.token())
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/try-later")
        assert answer.headers["Retry-After"] == "10"


async def test_no_issuer_is_configured(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the settings nobody comes in: 503 for every call but the contract, naming no setting."""
    entrance = Entrance(desk.stage.ports, None, (), desk.secrets, desk.stage.storage.consents)

    async def given() -> Entrance:
        return entrance

    async def broken() -> Entrance:
        raise SettingsError(["SYNC_MASTER_KEY is missing: base64 of 32 random bytes."])

    for source in (given, broken):
        monkeypatch.setattr("core.wiring.entrance", source)
        for operation in CALLS.values():
            path = operation.path.replace("{guid}", ACTIVITY)
            answer = await desk.call(operation.method, path, desk.token(admin=True))
            assert answer.status_code == (200 if operation.name == "openapi" else 503)
            assert "SYNC_" not in answer.text
            assert (await desk.call("OPTIONS", path, Origin=ORIGIN)).status_code == 204


async def test_something_unforeseen(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """500 as a problem document; type and place are logged, the message, which may hold anything, nowhere."""

    async def fail(*_: object) -> None:
        raise RuntimeError("canary-in-a-message")

    monkeypatch.setattr(desk.stage.storage.pairs, "head", fail)
    answer = await desk.call("GET", "me/sync", desk.token())
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/unexpected")
    assert "RuntimeError in test_door.py:" in caplog.text
    assert "canary" not in caplog.text + answer.text


async def test_a_stop_that_no_problem_is_named_after(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told in the words that the user's state is told in, with its code."""

    async def fail() -> None:
        raise Stop("severa_trial_expired")

    monkeypatch.setattr(desk.stage.severa, "activity_types", fail)
    problem = (await desk.call("GET", "activity-types", desk.token(admin=True))).json()
    assert (problem["type"], problem["code"]) == ("/problems/stopped", "severa_trial_expired")
    assert "trial" in problem["detail"]
    assert problem["remedy"]


def test_the_catalogue_of_problems() -> None:
    """Every type is there once, with a title and a sentence for people."""
    assert len({problem.type for problem in EVERY}) == len(EVERY)
    assert all(problem.title and problem.detail.endswith(".") for problem in EVERY)
    assert all(400 <= problem.status < 600 for problem in EVERY)


async def test_canaries(issuer: Issuer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Subjects, texts, addresses, tokens, secrets: planted everywhere, never in an answer, a log or a message."""
    caplog.set_level(logging.DEBUG)
    async with open_desk(issuer, monkeypatch, writable=True) as desk:
        stage = desk.stage
        stage.severa.add(ANNA, entry("canary-subject", text="canary-text", location="canary-place"))
        stage.anna.add(entry("canary-event"))
        await stage.settle()
        await stage.ports.companies.put_activity(COMPANY, ActivityRow(ACTIVITY, holders=(ANNA,)))
        tokens = [desk.token(), desk.token(admin=True), "canary.token.forged", desk.token(exp=1)]
        body, _ = await desk.settings_body(severa_client_secret="canary-secret", password="canary-password")
        bodies = [body, body | {"canary@field": 1}, b'{"canary', {"on": "canary"}, {"on": True}, {"enabled": "canary"}]
        answers = []
        for operation in CALLS.values():
            for token in tokens:
                for sent in bodies if operation.body else [None]:
                    path = operation.path.replace("{guid}", ACTIVITY)
                    answers.append(await desk.call(operation.method, path, token, sent, If_Match="*"))
        answers.append(await desk.call("GET", "status?canary=1&after=canary", tokens[1]))
        answers.append(await desk.call("POST", "activities/canary/changed", tokens[0]))
        said = "".join(answer.text + str(answer.headers) for answer in answers)
        queued = str([stage.storage.queues.waiting(queue) for queue in ("pairs", "pairs-first", "feeds")])
        logged = "".join(f"{record.getMessage()}{record.exc_text}" for record in caplog.records if _ours(record))
        for place in (said, queued, logged):
            found = [word for word in ("canary", "example.org", *tokens[:2]) if word in place]
            assert found == ([] if place is not said else _echoed(said))


def _ours(record: logging.LogRecord) -> bool:
    """Not the test's own client, which logs the addresses that it calls."""
    return not record.name.startswith(("httpx", "httpcore"))


def _echoed(said: str) -> list[str]:
    """The one thing that comes back: names of unknown fields that look like names."""
    assert said.count("canary") == said.count('"canary": "Extra')
    return ["canary"] if "canary" in said else []
