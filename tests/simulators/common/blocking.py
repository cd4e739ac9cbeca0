"""Serves an ASGI application to `requests` in the calling thread, without a socket or a loop.

For libraries that block, where they run inline: their order is determined then, as the simulation needs it. The
application must not wait for anything but the simulator's own sleep, which has to be one that raises `Hanging` or
returns at once.
"""

from __future__ import annotations

import io
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter
from starlette.types import ASGIApp, Message, Scope
from urllib3 import HTTPResponse

from .connection import ConnectionDropped


class Hanging(Exception):
    """No answer comes in any time that a caller would wait."""


async def hang(seconds: float) -> None:
    """A sleep for simulators whose callers block: what would take time does not come back."""
    if seconds > 0:
        raise Hanging


class BlockingAdapter(BaseAdapter):
    """For `Session.mount`. A dropped connection raises what it would raise over a socket, a cut answer comes cut."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__()
        self._app = app

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        """The answer, whole. Raises requests.ConnectionError, requests.ReadTimeout."""
        body = request.body or b""
        exchange = _Exchange(body.encode() if isinstance(body, str) else bytes(body))  # type: ignore[arg-type]
        try:
            _finish(self._app(_scope(request), exchange.receive, exchange.send))  # type: ignore[arg-type]
        except Hanging as hanging:
            raise requests.ReadTimeout("no answer", request=request) from hanging
        except ConnectionDropped as dropped:
            if exchange.status == 0:
                raise requests.ConnectionError("the connection was dropped", request=request) from dropped
        return exchange.response(request)

    def close(self) -> None:
        """Nothing is open."""


class _Exchange:
    def __init__(self, content: bytes) -> None:
        self._content, self.status, self._headers, self._body = content, 0, {}, b""  # type: ignore[var-annotated]

    async def receive(self) -> Message:
        content, self._content = self._content, b""
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]}
        else:
            self._body += message.get("body", b"")

    def response(self, request: requests.PreparedRequest) -> requests.Response:
        found = requests.Response()
        found.status_code, found.url, found.request = self.status, request.url or "", request
        found.headers.update(self._headers)
        body = io.BytesIO(self._body)
        found.raw = HTTPResponse(body, headers=self._headers, status=self.status, preload_content=False)
        return found


def _finish(coroutine: Coroutine[Any, Any, None]) -> None:
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError("the application waits for something")


def _scope(request: requests.PreparedRequest) -> Scope:
    parts = urlsplit(request.url or "")
    given = request.headers.items()
    headers = [(name.lower().encode("latin-1"), str(value).encode("latin-1")) for name, value in given]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method or "POST",
        "scheme": parts.scheme,
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [*headers, (b"host", parts.netloc.encode())],
        "server": (parts.hostname, parts.port or 443),
        "client": ("127.0.0.1", 0),
    }
