"""The shell around a simulator's application: counts every request and carries out the fault script."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .connection import ConnectionDropped
from .counters import DROPPED, RequestLog
from .faults import Action, Fault, FaultScript

Sleep = Callable[[float], Awaitable[None]]
STALE_READ = "simulator.stale_read"
"""Key in the ASGI scope: true when this read is to be answered from the state before the last change."""


class FaultMiddleware:
    """Wraps an ASGI application.

    `error_response(status)` makes the service's usual error answer for a scripted status without a body of its own.
    `sleep` serves the delays, so that simulated time can stand in for real time.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        faults: FaultScript,
        requests: RequestLog,
        error_response: Callable[[int], Response],
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._app = app
        self._faults = faults
        self._requests = requests
        self._error_response = error_response
        self._sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (anything but HTTP passes through)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer()
        method, path = scope["method"], scope["path"]
        status = DROPPED
        try:
            fault = self._faults.match(method, path)
            await self._serve(fault, scope, receive, answer)
            if fault is not None and fault.action is Action.DROP_AFTER_COMMIT:
                raise ConnectionDropped
            status = answer.status
            await answer.replay(send, half=fault is not None and fault.action is Action.TRUNCATE)
        finally:
            self._requests.record(method, path_template(scope, path), status, _url(scope, path))

    async def _serve(self, fault: Fault | None, scope: Scope, receive: Receive, answer: _Answer) -> None:
        if fault is not None and fault.action is Action.STATUS:
            await self._scripted(fault)(scope, receive, answer.take)
            return
        if fault is not None and fault.action is Action.DELAY:
            await self._sleep(fault.seconds)
        scope[STALE_READ] = fault is not None and fault.action is Action.STALE_READ
        await self._app(scope, receive, answer.take)

    def _scripted(self, fault: Fault) -> Response:
        if fault.body is None:
            response = self._error_response(fault.status)
        elif isinstance(fault.body, str):
            response = PlainTextResponse(fault.body, fault.status)
        else:
            response = JSONResponse(fault.body, fault.status)
        if fault.retry_after is not None:
            response.headers["Retry-After"] = str(fault.retry_after)
        return response


class _Answer:
    """The application's answer, held back until it is decided what becomes of it."""

    def __init__(self) -> None:
        self.status = DROPPED
        self._start: Message | None = None
        self._body = b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start, self.status = message, message["status"]
        else:
            self._body += message.get("body", b"")

    async def replay(self, send: Send, *, half: bool) -> None:
        if self._start is None:
            raise RuntimeError("the application gave no answer")
        await send(self._start)
        if half:
            await send({"type": "http.response.body", "body": self._body[: len(self._body) // 2], "more_body": True})
            raise ConnectionDropped
        await send({"type": "http.response.body", "body": self._body})


def path_template(scope: Scope, path: str) -> str:
    """The path with its parameters replaced by their names, e.g. `/v1/users/{guid}`.

    `scope` is the scope after Starlette's router has served it; a path that no route took comes back unchanged.
    """
    names = {str(value): name for name, value in scope.get("path_params", {}).items()}
    return "/".join(f"{{{names[part]}}}" if part in names else part for part in path.split("/"))


def _url(scope: Scope, path: str) -> str:
    query = scope.get("query_string", b"").decode("ascii")
    return quote(path) + (f"?{query}" if query else "")
