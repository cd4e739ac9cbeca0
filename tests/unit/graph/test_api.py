"""Sending: tokens, time-outs, sizes, broken connections."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from core.adapters.graph.api import GraphApi, Limits, http_client
from core.adapters.graph.calendar import GraphCalendar
from core.adapters.graph.requests import Call
from core.errors import OutcomeUnknown, RetryLater, Stop, SyncError
from core.model.ids import MailboxId

BASE = "https://graph.example/v1.0"
Handler = Callable[[httpx.Request], httpx.Response]


class Tokens:
    """A token that is never renewed."""

    def __init__(self, token: str = "t0ken") -> None:
        self._token = token
        self.refused: list[str] = []

    async def token(self, refused: str = "") -> str:
        """Always the same."""
        self.refused += [refused] if refused else []
        return self._token


class Service(httpx.AsyncBaseTransport):
    """Answers with whatever the test says."""

    def __init__(self) -> None:
        self.answer: Handler = lambda _: httpx.Response(200, json={})
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Note the request and answer it."""
        self.requests.append(request)
        return self.answer(request)


@pytest.fixture
def service() -> Service:
    """The far side."""
    return Service()


@pytest.fixture
async def api(service: Service) -> AsyncIterator[GraphApi]:
    """The near side, with answers of at most 1,000 bytes."""
    async with http_client(transport=service) as http:
        yield GraphApi(BASE, Tokens(), http, Limits(answer_bytes=1000))


def a_read(api: GraphApi) -> Call:
    """A request without effect."""
    return api.requests.event("m", "e")


def a_write(api: GraphApi) -> Call:
    """A request with an effect."""
    return api.requests.create("m", {"subject": "s"})


async def code_of(api: GraphApi, call: Call) -> tuple[type[SyncError], str]:
    """How the call fails."""
    with pytest.raises(SyncError) as caught:
        await api.fetch(call, bytes)
    return type(caught.value), caught.value.code


async def test_what_leaves(api: GraphApi, service: Service) -> None:
    """Token, preferences, and ids percent-encoded (P61)."""
    await api.fetch(api.requests.event("m/1", "AAk/+=?"), bytes)
    request = service.requests[0]
    assert request.headers["Authorization"] == "Bearer t0ken"
    assert 'IdType="ImmutableId"' in request.headers["Prefer"]
    assert request.url.raw_path.split(b"?")[0] == b"/v1.0/users/m%2F1/events/AAk%2F%2B%3D%3F"


async def test_a_foreign_address_gets_no_token(api: GraphApi, service: Service) -> None:
    """Even a call made for a foreign link is not sent."""
    call = api.requests.follow("m", "https://evil.example/v1.0/users/m/calendarView")
    assert await code_of(api, call) == (Stop, "link_to_another_host")
    assert service.requests == []


async def test_nothing_is_sent_without_a_token(service: Service) -> None:
    """An empty token is a missing consent, not an anonymous request."""
    async with http_client(transport=service) as http:
        api = GraphApi(BASE, Tokens(""), http)
        assert await code_of(api, a_read(api)) == (Stop, "consent_missing")
    assert service.requests == []


@pytest.mark.parametrize(
    ("error", "unknown"),
    [
        (httpx.ConnectError("x"), False),
        (httpx.ConnectTimeout("x"), False),
        (httpx.ReadError("x"), True),
        (httpx.WriteError("x"), True),
        (httpx.RemoteProtocolError("x"), True),
        (httpx.ReadTimeout("x"), True),
    ],
)
async def test_broken_connections(api: GraphApi, service: Service, error: Exception, *, unknown: bool) -> None:
    """A read comes later; a write's outcome is unknown unless it never left."""

    def fail(_: httpx.Request) -> httpx.Response:
        raise error

    service.answer = fail
    assert await code_of(api, a_read(api)) == (RetryLater, "unreachable")
    assert await code_of(api, a_write(api)) == (OutcomeUnknown if unknown else RetryLater, "unreachable")


async def test_p58_a_hung_call(service: Service) -> None:
    """The hard time-out ends it."""

    class Hung(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await asyncio.sleep(60)
            raise AssertionError(request)

    async with http_client(transport=Hung()) as http:
        api = GraphApi(BASE, Tokens(), http, Limits(read_seconds=0.02, write_seconds=0.02))
        assert await code_of(api, a_read(api)) == (RetryLater, "timed_out")
        assert await code_of(api, a_write(api)) == (OutcomeUnknown, "timed_out")


def test_p58_the_time_outs() -> None:
    """90 seconds for reads, 30 for writes: what a run keeps of its lease (design.md section 5)."""
    assert (Limits().read_seconds, Limits().write_seconds) == (90.0, 30.0)


@pytest.mark.parametrize("compressed", [False, True])
async def test_an_answer_without_end(api: GraphApi, service: Service, *, compressed: bool) -> None:
    """It is not read to its end, packed or not."""
    import gzip

    content = b"x" * 100_000
    headers = {"Content-Encoding": "gzip"} if compressed else {}
    body = gzip.compress(content) if compressed else content
    service.answer = lambda _: httpx.Response(200, headers=headers, stream=httpx.ByteStream(body))
    assert await code_of(api, a_read(api)) == (RetryLater, "answer_too_large")
    assert await code_of(api, a_write(api)) == (OutcomeUnknown, "answer_too_large")


async def test_an_answer_that_is_not_what_its_header_says(api: GraphApi, service: Service) -> None:
    """Broken compression is a broken answer."""
    service.answer = lambda _: httpx.Response(
        200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"nonsense")
    )
    assert await code_of(api, a_read(api)) == (RetryLater, "unreachable")


async def test_a_redirect_is_not_followed(api: GraphApi, service: Service) -> None:
    """Wherever it leads."""
    service.answer = lambda _: httpx.Response(302, headers={"Location": "https://evil.example/"})
    assert await code_of(api, a_read(api)) == (RetryLater, "unexpected_answer")
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("0", 0.0), ("", None), ("soon", None), ("-5", None), ("\u0667", None)]
)
async def test_how_long_to_wait(api: GraphApi, service: Service, header: str, seconds: float | None) -> None:
    """Seconds, or nothing where the header says something else."""
    service.answer = lambda _: httpx.Response(429, headers={"Retry-After": header.encode()} if header else {})
    with pytest.raises(RetryLater) as caught:
        await api.fetch(a_read(api), bytes)
    assert caught.value.after == seconds


async def test_nothing_is_repeated(api: GraphApi, service: Service) -> None:
    """The SDK's own retries are not in the way: one call, one request, unless the token was refused."""
    for status in (429, 500, 502, 503, 504):
        service.answer = lambda _, status=status: httpx.Response(status, headers={"Retry-After": "0"})
        service.requests.clear()
        await code_of(api, a_read(api))
        assert len(service.requests) == 1


async def test_a_refused_token_is_named(service: Service) -> None:
    """So that a token that somebody else has replaced already is not replaced again."""
    tokens = Tokens()
    service.answer = lambda _: httpx.Response(401)
    async with http_client(transport=service) as http:
        api = GraphApi(BASE, tokens, http)
        assert await code_of(api, a_write(api)) == (Stop, "consent_missing")
    assert tokens.refused == ["t0ken"]
    assert [request.content for request in service.requests] == [b'{"subject":"s"}'] * 2


async def test_an_error_page_of_a_gateway(api: GraphApi, service: Service) -> None:
    """HTML instead of JSON is no reason to fail in another way."""
    service.answer = lambda _: httpx.Response(404, html="<html>not here</html>")
    calendar = GraphCalendar(api, MailboxId("m"))
    with pytest.raises(RetryLater):
        await calendar.read("e")


def test_importing_the_package_loads_no_sdk() -> None:
    """The wiring imports the adapters' modules on first use; the packages themselves cost nothing."""
    check = (
        "import sys, core.adapters.graph, core.adapters.identity, core.adapters.system; "
        "heavy = {'msgraph', 'msal', 'kiota_http', 'azure', 'httpx'}; "
        "sys.exit(any(name.partition('.')[0] in heavy for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_the_sdks_models_are_not_loaded() -> None:
    """They cost 5 to 7 ms per event and half a second to import; telemetry and azure-identity stay out too."""
    check = (
        "import sys, core.adapters.graph.directory; "
        "names = ('msgraph.generated.models', 'opentelemetry.sdk', 'azure.identity', 'msal'); "
        "sys.exit(any(loaded.startswith(names) for loaded in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-W", "error", "-c", check], check=False).returncode == 0
