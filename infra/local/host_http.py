"""HTTP triggers: an ASGI application around the app's functions, and its server on the loopback interface.

Function keys are not asked for, as under `func start`. Requests and answers pass through the worker's own converters,
so that what a function sees and what it may return are those of Azure (facts/microsoft.md J3).
"""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any, Final
from urllib.parse import parse_qsl

import uvicorn
from azure.functions.http import HttpRequestConverter, HttpResponseConverter
from azure.functions.meta import Datum

from infra.local.host_errors import HostError
from infra.local.host_invoke import Invoker
from infra.local.host_routes import Match, Routes

LOOPBACK: Final = "127.0.0.1"
WITHOUT_BODY: Final = frozenset({204, 304})

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


class HttpFront:
    """The ASGI application. A body of more than `max_body` bytes is answered with 413."""

    def __init__(self, routes: Routes, invoker: Invoker, max_body: int) -> None:
        self._routes = routes
        self._invoker = invoker
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: 404 and 405 without a body, 500 without details for a function that fails."""
        status, headers, body = await self._answer(scope, receive)
        if status in WITHOUT_BODY:
            body = b""
        else:
            headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, Headers, bytes]:
        matches = self._routes.find(scope["raw_path"].decode("ascii"))
        if not matches:
            return 404, [], b""
        match = next((match for match in matches if _takes(match, scope["method"])), None)
        if match is None:
            allowed = sorted({method for match in matches for method in match.info.methods})
            return 405, [(b"allow", ", ".join(allowed).encode())], b""
        body = await self._body(receive)
        if body is None:
            return 413, [(b"connection", b"close")], b""
        try:
            result = await self._invoker.invoke(match.info, _request(scope, match, body))
        except asyncio.CancelledError:
            # Only stop() cancels a request; the task ends with this answer, so the cancellation is not lost.
            return 503, [], b""
        except Exception:  # noqa: BLE001  (logged by the invoker; the caller learns no details)
            return 500, [], b""
        return _response(result)

    async def _body(self, receive: Receive) -> bytes | None:
        body = bytearray()
        while True:
            part = await receive()
            body += part.get("body", b"")
            if len(body) > self._max_body:
                return None
            if not part.get("more_body", False):
                return bytes(body)


def _takes(match: Match, method: str) -> bool:
    return not match.info.methods or method in match.info.methods


def _request(scope: Scope, match: Match, body: bytes) -> Any:
    """Build the HttpRequest; a header or query key that comes twice is joined with a comma, as Azure's host does."""
    headers = _joined((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    query = scope["query_string"].decode("ascii")
    host = headers.get("host", LOOPBACK)
    url = f"{scope['scheme']}://{host}{scope['raw_path'].decode('ascii')}{'?' + query if query else ''}"
    value = {
        "method": Datum(scope["method"], "string"),
        "url": Datum(url, "string"),
        "headers": _data(headers),
        "query": _data(_joined(parse_qsl(query, keep_blank_values=True))),
        "params": _data(match.parameters),
        "body": Datum(body, "bytes"),
    }
    return HttpRequestConverter.decode(Datum(value, "http"), trigger_metadata=None)


def _joined(pairs: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def _data(values: dict[str, str]) -> dict[str, Datum]:
    return {name: Datum(value, "string") for name, value in values.items()}


def _response(result: object) -> tuple[int, Headers, bytes]:
    """Turn what the function returned into status, headers and body; None is 204, as in Azure."""
    if result is None:
        return 204, [], b""
    datum = HttpResponseConverter.encode(result, expected_type=None)
    if datum.type == "string":
        return 200, [(b"content-type", b"text/plain; charset=utf-8")], datum.value.encode()
    answer = datum.value
    headers = [(name.lower().encode("latin-1"), _latin(data.value)) for name, data in answer["headers"].items()]
    for cookie in answer["cookies"] or ():
        headers += [(b"set-cookie", _latin(morsel.OutputString())) for morsel in cookie.values()]
    kept = [header for header in headers if header[0] != b"content-length"]
    return int(answer["status_code"].value), kept, answer["body"].value


def _latin(text: str) -> bytes:
    return text.encode("latin-1")


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the process's signals to whoever started the host."""
        yield


class HttpServer:
    """Serves an ASGI application on the loopback interface; `port` 0 takes a free one."""

    def __init__(self, application: HttpFront, port: int) -> None:
        self._application = application
        self.port = port
        self._server: _Uvicorn | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Bind and serve. Raises HostError when the port is in use."""
        listener = self._bind()
        config = uvicorn.Config(
            self._application,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
        )
        self._server = _Uvicorn(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listener]), name="http")
        while not self._server.started and not self._serving.done():  # noqa: ASYNC110  (uvicorn has a flag, no event)
            await asyncio.sleep(0.01)

    def _bind(self) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, self.port))
            listener.listen()
        except OSError as error:
            listener.close()
            why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
            raise HostError(f"The port {self.port} {why}. Choose another one, or stop what listens there.") from None
        self.port = listener.getsockname()[1]
        return listener

    async def stop(self, grace: float) -> None:
        """Take no new request, wait up to `grace` seconds for those under way, then cancel them."""
        if self._server is None or self._serving is None:
            return
        self._server.config.timeout_graceful_shutdown = grace  # type: ignore[assignment]
        self._server.should_exit = True
        await self._serving
        self._server = self._serving = None
