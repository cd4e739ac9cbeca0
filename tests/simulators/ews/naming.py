"""Puts the operation of a SOAP request into its path, so that faults and counters find it there."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .soap import NotSoapError, read

PATH = "/EWS/Exchange.asmx"


class OperationInPath:
    """Wraps an ASGI application: a request for `/EWS/Exchange.asmx` becomes one for `/EWS/Exchange.asmx/GetItem`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (anything but HTTP passes through)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), bool(message.get("more_body", False))
        whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return whole.pop() if whole else await receive()

        path = scope["path"]
        if path.lower() == PATH.lower():  # as IIS does
            path = f"{PATH}/{_operation(body)}".rstrip("/")
        await self._app({**scope, "path": path}, again, send)


def _operation(body: bytes) -> str:
    try:
        return read(body).operation
    except NotSoapError:
        return ""
