"""Serves an ASGI application to httpx without a socket, with the same broken connections as over one."""

from __future__ import annotations

import httpx
from starlette.types import ASGIApp, Message, Scope

from .connection import ConnectionDropped


def transport(app: ASGIApp) -> httpx.AsyncBaseTransport:
    """A transport for `httpx.AsyncClient` that calls `app` directly.

    A connection dropped before the answer began raises httpx.ReadError; one dropped in the middle gives the bytes
    that had come (half a JSON document) under the status that had been sent. Any other exception of the application
    comes through to the caller: it is a fault of the simulator, not of the simulated network.
    """
    return _InProcessTransport(app)


class _InProcessTransport(httpx.AsyncBaseTransport):
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = _Exchange(await request.aread())
        try:
            await self._app(_scope(request), exchange.receive, exchange.send)
        except ConnectionDropped as dropped:
            if exchange.status is None:
                raise httpx.ReadError("the connection was dropped", request=request) from dropped
        if exchange.status is None:
            raise RuntimeError("the application gave no answer")
        return httpx.Response(
            exchange.status, headers=exchange.headers, stream=httpx.ByteStream(exchange.body), request=request
        )


class _Exchange:
    def __init__(self, request_body: bytes) -> None:
        self._request_body = request_body
        self.status: int | None = None
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def receive(self) -> Message:
        body, self._request_body = self._request_body, b""
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", []))
        else:
            self.body += message.get("body", b"")


def _scope(request: httpx.Request) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (request.url.host, request.url.port),
        "client": ("127.0.0.1", 0),
    }
