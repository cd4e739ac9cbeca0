"""Sends the requests: on threads, few at a time, within hard time-outs, failures in our words. No retries here."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from core.adapters.ews.pinned import SECONDS
from core.adapters.ews.requests import Request
from core.adapters.ews.server import Link, Server, Slots
from core.adapters.ews.service import Message, send
from core.adapters.ews.soap import Element
from core.errors import OutcomeUnknown, RetryLater, SyncError
from core.ports import Executor
from core.ports_telemetry import asking


@dataclass(frozen=True, slots=True)
class Limits:
    """Hard time-outs of one call in seconds, waiting and log-in included (peers.md P58)."""

    read_seconds: float = 90.0
    write_seconds: float = 30.0


class EwsApi:
    """EWS of one company's server. exchangelib blocks: it runs on the executor."""

    def __init__(self, server: Server, executor: Executor, slots: Slots, limits: Limits | None = None) -> None:
        self._server, self._executor, self._slots = server, executor, slots
        self._limits = limits or Limits()

    def deadline(self, *, writes: bool) -> float:
        """By when, on the running loop's clock, a call that begins now is over."""
        seconds = self._limits.write_seconds if writes else self._limits.read_seconds
        return asyncio.get_running_loop().time() + seconds

    async def schema(self, deadline: float | None = None) -> str:
        """The schema that the server is spoken to in."""
        return (await self._link(self.deadline(writes=False) if deadline is None else deadline)).schema

    async def ask(self, request: Request, deadline: float | None = None) -> list[Message]:
        """The response messages, in the order of what was asked for. Raises what refusals.py says of the whole.

        A write whose time runs out after it was sent may have been done.
        """
        until = self.deadline(writes=request.writes) if deadline is None else deadline
        link = await self._link(until)
        slot, sent = self._slots.of(self._server.target.server), False
        try:
            async with asyncio.timeout_at(until):
                await slot.acquire()
                sent = True
                sending = asyncio.create_task(self._send(slot, link, request, until))
                sending.add_done_callback(lambda done: done.cancelled() or done.exception())  # as heard already
                with asking("exchange"):
                    return await asyncio.shield(sending)
        except TimeoutError as error:
            kind = OutcomeUnknown if request.writes and sent else RetryLater
            raise kind("exchange_unreachable", type(error).__name__) from error

    async def _send(self, slot: asyncio.Semaphore, link: Link, request: Request, until: float) -> list[Message]:
        """A thread goes on when nobody waits for it any more: until it is done it keeps its place at the server."""
        try:
            self._server.check_login()  # it may have been refused while others were ahead
            left = until - asyncio.get_running_loop().time()
            seconds, latest = max(0.01, min(SECONDS, left)), time.monotonic() + left
            return await self._executor.run(send, link, request, seconds, latest)
        except SyncError as failure:
            self._server.heard(failure)
            raise
        finally:
            slot.release()

    async def one(self, request: Request, deadline: float | None = None) -> Element:
        """The one response message of a request for one thing. Raises its refusal."""
        messages = await self.ask(request, deadline)
        if len(messages) != 1:
            kind = OutcomeUnknown if request.writes else RetryLater
            raise kind("exchange_malformed_answer", f"{len(messages)} messages")
        if messages[0].refusal is not None:
            raise messages[0].refusal
        return messages[0].content

    async def _link(self, until: float) -> Link:
        try:
            async with asyncio.timeout_at(until):
                return await self._server.link()
        except TimeoutError as error:
            raise RetryLater("exchange_unreachable", type(error).__name__) from error

    def close(self) -> None:
        """Close every connection."""
        self._server.close()
