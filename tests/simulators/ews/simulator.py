"""The simulator of one Exchange Server as one object."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.simulators.common.counters import RequestLog
from tests.simulators.common.faults import FaultScript
from tests.simulators.common.middleware import FaultMiddleware, Sleep

from . import gate, operations, soap
from .errors import EwsError
from .ids import IdSource
from .logins import Logins
from .naming import PATH, OperationInPath
from .options import Options
from .people import People
from .releases import Release
from .schemas import Schemas
from .soap import Asked
from .troubles import Where
from .world import World


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One request of somebody who is logged in, and its answer."""

    request: bytes
    status: int
    answer: bytes
    anchor: str
    operation: str = ""
    acts_for: str = ""


class EwsSimulator:
    r"""One server, its mailboxes, and the accounts that may log in. Everything may be changed while it runs.

    `app` is an ASGI application; serve it with `common.server` (`ThreadedServer` where the caller blocks the loop).
    `release` says what it knows (releases.py). `passwords` are by full user name (`DOMAIN\user`). `mailboxes` are
    primary addresses; `people.add_mailbox` gives a mailbox more. With `schemas`, a folder of Microsoft's schemas by
    release, every request is checked (ErrorSchemaValidation) and every answer (AssertionError); without, requests are
    checked only for what releases.py knows. The same `now`, `seed` and calls give the same answers.

    `methods` is what a 401 offers: Basic and NTLM are served where it names them. `certificate` (PEM): NTLM must be
    bound to this server's TLS. `status` and `redirect` answer instead of EWS, before any login; `refusal` is the code
    that every request for a mailbox is refused with. `faults` (HTTP's own) find requests by `/EWS/Exchange.asmx/` and
    the operation, also those of a handshake; `troubles` speak EWS. `requests` logs all requests, `exchanged` those of
    whoever is logged in, `logins` every login with whether it succeeded, `hosts` the Host header of every request.
    `mails` are those that calls made Exchange send. `people` acts without HTTP.
    """

    def __init__(
        self,
        release: Release,
        passwords: dict[str, str],
        mailboxes: Iterable[str] = (),
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Sleep = asyncio.sleep,
        seed: int = 0,
        options: Options | None = None,
        schemas: Path | None = None,
        certificate: Path | None = None,
    ) -> None:
        self._world = World(now, sleep, IdSource(seed), options or Options())
        self._logins = Logins(passwords, self._world.options, certificate)
        self._schemas = None if schemas is None else Schemas(schemas)
        self.release, self.refusal, self.status, self.redirect = release, "", 0, ""
        self.options, self.mails, self.troubles = self._world.options, self._world.mails, self._world.troubles
        self.people = People(self._world, self._logins)
        self.faults, self.requests = FaultScript(), RequestLog()
        self.exchanged: list[Exchanged] = []
        self.hosts: list[str] = []
        self.mailboxes = set(mailboxes)
        self.app: ASGIApp = OperationInPath(
            FaultMiddleware(
                self._serve,
                faults=self.faults,
                requests=self.requests,
                error_response=lambda status: Response(status_code=status),
                sleep=sleep,
            )
        )

    @property
    def mailboxes(self) -> set[str]:
        """The primary addresses of all mailboxes."""
        return {box.address for box in self._world.mailboxes}

    @mailboxes.setter
    def mailboxes(self, addresses: Iterable[str]) -> None:
        wanted = {address.lower() for address in addresses}
        for box in list(self._world.mailboxes):
            if box.address.lower() not in wanted:
                self.people.remove_mailbox(box)
        for address in sorted(wanted):
            if self._world.primary(address) is None:
                self.people.add_mailbox(address)

    @property
    def denied(self) -> set[str]:
        """The addresses (lower case) of mailboxes for which nobody may act."""
        return self._world.denied

    @denied.setter
    def denied(self, addresses: set[str]) -> None:
        self._world.denied = addresses

    @property
    def shut(self) -> set[str]:
        """The addresses (lower case) of mailboxes whose calendars cannot be read."""
        return self._world.shut

    @shut.setter
    def shut(self, addresses: set[str]) -> None:
        self._world.shut = addresses

    @property
    def methods(self) -> str:
        """WWW-Authenticate of a 401."""
        return self._logins.methods

    @methods.setter
    def methods(self, methods: str) -> None:
        self._logins.methods = methods

    @property
    def passwords(self) -> dict[str, str]:
        r"""Passwords by `DOMAIN\user`."""
        return self._logins.passwords

    @property
    def peak(self) -> int:
        """The most requests for mailboxes that were served at once; each mailbox has a `peak` of its own."""
        return self._world.peak

    @property
    def logins(self) -> list[bool]:
        """Every login that was tried, with whether it succeeded."""
        return self._logins.tried

    def count(self, operation: str | None = None) -> int:
        """How many requests those who are logged in made, of one operation or of all."""
        return sum(operation in (None, one.operation) for one in self.exchanged)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self._endpoint(request)
        await response(scope, receive, send)

    async def _endpoint(self, request: Request) -> Response:
        self.hosts.append(request.headers.get("host", ""))
        content = await request.body()
        if self.redirect:
            return RedirectResponse(self.redirect, 302)
        if self.status:
            return Response(status_code=self.status)
        if request.method != "POST" or not request.url.path.startswith(PATH):
            return Response(status_code=404 if request.method == "POST" else 405)
        account, challenge = self._logins.enter(request.scope["client"], request.headers.get("authorization", ""))
        if not account:
            return Response(status_code=401, headers={"WWW-Authenticate": challenge})
        return await self._answered(request, content, account)

    async def _answered(self, request: Request, content: bytes, account: str) -> Response:
        headers: dict[str, str] = {}
        asked: Asked | None = None
        try:
            asked = soap.read(content)
            status, answer = 200, await self._answer(asked, content, account)
        except soap.NotSoapError:
            status, answer = 500, soap.fault(self.release, EwsError("ErrorInvalidRequest"))
        except EwsError as error:
            status, answer = 500, soap.fault(self.release, error)
            if error.code == "ErrorServerBusy" and self.options.busy_status == 503:
                status, answer = 503, b""
                headers = {"Retry-After": str((error.back_off or 0) // 1000)}
        operation, acts_for = (asked.operation, asked.acts_for) if asked else ("", "")
        anchor = request.headers.get("x-anchormailbox", "")
        self.exchanged.append(Exchanged(content, status, answer, anchor, operation, acts_for))
        return Response(answer, status, headers, media_type="text/xml; charset=utf-8")

    async def _answer(self, asked: Asked, content: bytes, account: str) -> bytes:
        """The answer to a request. Raises EwsError, which travels as a fault."""
        world = self._world
        with world.lock:
            gate.check_schema(world, self.release, asked, content, self._schemas)
            if asked.acts_by and self.refusal:
                raise EwsError(self.refusal)
            mailbox = gate.mailbox_of(world, self.release, asked, account)
            gate.check_busy(world, mailbox)
            trouble = world.troubles.match(asked.operation, mailbox.address if mailbox else "", Where.FAULT)
            if trouble is not None:
                raise EwsError(trouble.code, back_off=trouble.back_off)
        with gate.place(world, self.release, mailbox):
            await world.sleep(world.options.service_seconds)
            with world.lock:
                answer = operations.answer(world, self.release, asked, mailbox)
        problems = self._schemas.problems(asked.schema, answer) if self._schemas else []
        if problems:
            raise AssertionError(f"{asked.operation} was answered against its schema: {problems}")
        return answer
