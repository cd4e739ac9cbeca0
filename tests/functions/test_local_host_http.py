"""HTTP triggers of the local host: routes, methods, requests and answers as in Azure. No storage is needed."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from typing import Any

import azure.functions as func
import httpx
import pytest

from infra.local.host import LocalHost
from infra.local.host_errors import HostError, IndexingError

GUID = "0F8FAD5B-d9cb-469f-a165-70867728950e"


def web_app() -> func.FunctionApp:
    """Return an app with one function for each kind of request and answer."""
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

    @app.route(route="echo/{word}", methods=["POST"])
    async def echo(req: func.HttpRequest) -> func.HttpResponse:
        answer = {
            "method": req.method,
            "url": req.url,
            "route": dict(req.route_params),
            "query": dict(req.params),
            "header": req.headers.get("X-Custom"),
            "body": req.get_body().decode(),
        }
        return func.HttpResponse(json.dumps(answer), mimetype="application/json", status_code=201)

    @app.route(route="thread")
    def thread(req: func.HttpRequest) -> str:
        return threading.current_thread().name

    @app.route(route="echo/fixed", methods=["POST"])
    async def fixed(req: func.HttpRequest) -> func.HttpResponse:
        headers = {"X-Kind": "literal", "Set-Cookie": "__Host-a=b; Path=/; Secure; HttpOnly; SameSite=Lax"}
        return func.HttpResponse("fixed", headers=headers)

    @app.route(route="activities/{guid:guid}", methods=["GET", "PUT"])
    async def activity(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse(req.route_params["guid"])

    @app.route(route="nothing")
    async def nothing(req: func.HttpRequest):  # type: ignore[no-untyped-def]  # noqa: ANN202
        return None

    @app.route(route="broken")
    async def broken(req: func.HttpRequest) -> func.HttpResponse:
        raise RuntimeError("a detail that nobody outside may read")

    @app.route(route="slow")
    async def slow(req: func.HttpRequest) -> func.HttpResponse:
        await asyncio.sleep(float(req.params["seconds"]))
        return func.HttpResponse("done")

    return app


def a_host(app: func.FunctionApp | None = None, **options: Any) -> LocalHost:
    """Return a host on a free port, not started yet."""
    options = {"host_json": {"version": "2.0"}, "settings": {}} | options
    return LocalHost(app or web_app(), **options)


async def under_way(host: LocalHost) -> None:
    """Wait until the slow function runs."""
    while not host.counters["slow"].running:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


@pytest.fixture
async def host() -> AsyncIterator[LocalHost]:
    """Run the app; bodies are limited to 1000 bytes."""
    async with a_host(settings={"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": "1000"}) as running:
        yield running


@pytest.fixture
async def client(host: LocalHost) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client whose paths lie under the route prefix."""
    async with httpx.AsyncClient(base_url=host.base_url, trust_env=False) as opened:
        yield opened


async def test_a_request_reaches_the_function_whole(host: LocalHost, client: httpx.AsyncClient) -> None:
    """Method, URL, route and query parameters, headers and body arrive; status and type of the answer leave."""
    answer = await client.post("/echo/a%2Fb%20c?x=1&x=2&y=", content="grüße", headers={"X-Custom": "yes"})
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "method": "POST",
        "url": f"{host.base_url}/echo/a%2Fb%20c?x=1&x=2&y=",
        "route": {"word": "a/b c"},
        "query": {"x": "1,2", "y": ""},
        "header": "yes",
        "body": "grüße",
    }
    assert host.counters["echo"].runs == 1
    assert host.counters["echo"].failures == 0


async def test_a_plain_function_runs_in_a_thread(client: httpx.AsyncClient) -> None:
    """A `def` function may block without holding up the others; a str is a text answer."""
    answer = await client.get("/thread")
    assert answer.text.startswith("function")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_a_literal_route_wins_over_a_parameter(client: httpx.AsyncClient) -> None:
    """As in ASP.NET routing, whatever the order of registration and the case of the path; cookies pass."""
    answer = await client.post("/ECHO/Fixed/")
    assert answer.headers["x-kind"] == "literal"
    assert answer.headers["set-cookie"] == "__Host-a=b; HttpOnly; Path=/; SameSite=Lax; Secure"


async def test_a_constraint_decides_whether_a_route_matches(client: httpx.AsyncClient) -> None:
    """`{guid:guid}` takes a guid, as it was written, and nothing else."""
    assert (await client.get(f"/activities/{GUID}")).text == GUID
    assert (await client.get("/activities/17")).status_code == 404


async def test_unknown_paths_and_methods_are_told_apart(client: httpx.AsyncClient) -> None:
    """404 for no such route, 405 with the methods that there are."""
    assert (await client.get("/nowhere")).status_code == 404
    assert (await client.get(f"http://127.0.0.1:{client.base_url.port}/thread")).status_code == 404
    refused = await client.delete(f"/activities/{GUID}")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, PUT")


async def test_a_function_that_returns_nothing_answers_204(client: httpx.AsyncClient) -> None:
    """As in Azure."""
    assert (await client.get("/nothing")).status_code == 204


async def test_a_failing_function_answers_500_without_details(
    host: LocalHost, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The caller learns nothing; the log holds the traceback; the failure is counted."""
    answer = await client.get("/broken")
    assert (answer.status_code, answer.content) == (500, b"")
    assert "a detail that nobody outside may read" in caplog.text
    assert host.counters["broken"].failures == 1


async def test_a_body_over_the_limit_is_refused(host: LocalHost, client: httpx.AsyncClient) -> None:
    """FUNCTIONS_REQUEST_BODY_SIZE_LIMIT bounds the body; the function does not run."""
    assert (await client.post("/echo/word", content=b"x" * 1000)).status_code == 201
    assert (await client.post("/echo/word", content=b"x" * 1001)).status_code == 413
    assert host.counters["echo"].runs == 1


@pytest.mark.parametrize("prefix", ["", "v1/calendar"])
async def test_the_route_prefix_is_that_of_host_json(prefix: str) -> None:
    """Also no prefix at all."""
    content = {"version": "2.0", "extensions": {"http": {"routePrefix": prefix}}}
    async with a_host(host_json=content) as host, httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{host.base_url}/thread")).status_code == 200
        assert host.base_url.endswith(prefix)


async def test_stopping_lets_a_request_finish() -> None:
    """A request under way gets its answer."""
    host = a_host()
    await host.start()
    async with httpx.AsyncClient(trust_env=False) as client:
        request = asyncio.create_task(client.get(f"{host.base_url}/slow?seconds=0.3"))
        await under_way(host)
        await host.stop()
        assert (await request).text == "done"


async def test_stopping_cancels_what_takes_too_long() -> None:
    """The bound holds, and the cancelled run counts as failed."""
    host = a_host()
    await host.start()
    async with httpx.AsyncClient(trust_env=False) as client:
        request = asyncio.create_task(client.get(f"{host.base_url}/slow?seconds=30"))
        await under_way(host)
        await asyncio.wait_for(host.stop(grace=0.2), 5)
        assert (await request).status_code == 503
    assert host.counters["slow"].failures == 1


async def test_a_port_in_use_is_told(host: LocalHost) -> None:
    """A second host on the same port says so; nothing of it is left behind."""
    port = httpx.URL(host.base_url).port
    with pytest.raises(HostError, match=f"The port {port} is in use"):
        await a_host(http_port=port).start()


@pytest.mark.parametrize("route", ["a/{*rest}", "a/{id?}", "a/{id:datetime}", "a/v{id}"])
def test_a_route_that_the_host_cannot_match_is_refused(route: str) -> None:
    """Rather than matched wrongly."""
    app = func.FunctionApp()

    @app.route(route=route)
    def answer(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse()

    with pytest.raises(IndexingError, match="does not serve"):
        a_host(app)
