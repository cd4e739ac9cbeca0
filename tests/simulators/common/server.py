"""Runs an ASGI application as a real HTTP server on the loopback interface."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .connection import ConnectionDropped

HOST = "127.0.0.1"
START_SECONDS = 10.0


@contextlib.asynccontextmanager
async def serve(
    app: ASGIApp, *, cert: Path | None = None, key: Path | None = None, port: int = 0
) -> AsyncIterator[str]:
    """Serve `app` in the running loop; yields the base URL, without a slash at its end.

    With `cert` and `key` (PEM files) it speaks https. Port 0 takes a free port. Raises OSError where the port is
    taken.
    """
    listening = _listen(port)
    server = _server(app, cert, key)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started:
            await asyncio.sleep(0.001)
            if task.done():  # a certificate that cannot be read ends it before it starts
                task.result()
        yield _url(listening, cert)
    finally:
        server.should_exit = True
        await task
        listening.close()


class ThreadedServer:
    """Serves `app` from a thread of its own, for callers that block the running loop (MSAL with requests)."""

    def __init__(self, app: ASGIApp, *, cert: Path | None = None, key: Path | None = None, port: int = 0) -> None:
        self._app, self._cert, self._key, self._port = app, cert, key, port
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> str:
        """Start and answer the base URL. Raises OSError where the port is taken."""
        listening = _listen(self._port)
        url = _url(listening, self._cert)
        server = self._server = _server(self._app, self._cert, self._key)
        self._thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        self._thread.start()
        waited = threading.Event()
        for _ in range(int(START_SECONDS / 0.005)):
            if server.started:
                return url
            waited.wait(0.005)
        self.stop()
        raise RuntimeError("the server did not start")

    def stop(self) -> None:
        """Stop serving and wait for the thread to end. Stopping twice does nothing."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> str:
        """Start; the value is the base URL."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # the process belongs to the test runner or the demo: Ctrl+C is theirs
        yield


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
    except OSError:
        listening.close()
        raise
    return listening


def _url(listening: socket.socket, cert: Path | None) -> str:
    return f"{'https' if cert else 'http'}://{HOST}:{listening.getsockname()[1]}"


def _server(app: ASGIApp, cert: Path | None, key: Path | None) -> uvicorn.Server:
    connections: dict[tuple[str, int], asyncio.Transport] = {}

    class Protocol(H11Protocol):
        """Keeps the transports, which an ASGI application is otherwise not shown."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if self.client is not None:
                connections[self.client] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            if self.client is not None:
                connections.pop(self.client, None)
            super().connection_lost(exc)

    async def droppable(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except ConnectionDropped:
            connections[scope["client"]].close()
            while (await receive())["type"] != "http.disconnect":
                pass  # uvicorn answers 500 unless it has seen the connection go

    options: dict[str, Any] = {}
    if cert is not None:
        options = {"ssl_certfile": str(cert), "ssl_keyfile": str(key) if key else None}
    config = uvicorn.Config(
        droppable,
        http=Protocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level="critical",
        access_log=False,
        timeout_graceful_shutdown=1,
        **options,
    )
    return _Server(config)
