"""The server: who may log in, whose mailboxes there are, for whom the delegate user may act."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from . import soap
from .soap import Asked, Release

PATH = "/EWS/Exchange.asmx"


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One request of somebody who is logged in, and its answer."""

    request: bytes
    status: int
    answer: bytes
    anchor: str


@dataclass(slots=True)
class EwsSimulator:
    r"""One server with Basic authentication. Everything may be changed while it runs.

    `passwords` by full user name (`DOMAIN\user`). `denied`: mailboxes for which nobody may act. `shut`: mailboxes
    whose calendars cannot be read. `status` and `redirect` answer instead of EWS, before any login.
    """

    release: Release
    passwords: dict[str, str]
    mailboxes: set[str]
    denied: set[str] = field(default_factory=set)
    shut: set[str] = field(default_factory=set)
    status: int = 0
    redirect: str = ""
    methods: str = 'Basic realm="mail"'
    refusal: str = ""
    """The code that every request for a mailbox is refused with, empty for none."""
    logins: list[bool] = field(default_factory=list)
    """Every login that was tried, with whether it succeeded."""
    exchanged: list[Exchanged] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    """The Host header of every request."""

    @property
    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(routes=[Route(PATH, self._endpoint, methods=["POST"])])

    async def _endpoint(self, request: Request) -> Response:
        self.hosts.append(request.headers.get("host", ""))
        content = await request.body()
        if self.redirect:
            return RedirectResponse(self.redirect, 302)
        if self.status:
            return Response(status_code=self.status)
        if not self._is_logged_in(request.headers.get("authorization", "")):
            return Response(status_code=401, headers={"WWW-Authenticate": self.methods})
        status, answer = self._answer(content)
        self.exchanged.append(Exchanged(content, status, answer, request.headers.get("x-anchormailbox", "")))
        return Response(answer, status, media_type="text/xml; charset=utf-8")

    def _is_logged_in(self, header: str) -> bool:
        kind, _, token = header.partition(" ")
        if kind.lower() != "basic":
            return False
        try:
            name, _, password = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            name = password = ""
        self.logins.append(bool(name) and self.passwords.get(name) == password)
        return self.logins[-1]

    def _answer(self, content: bytes) -> tuple[int, bytes]:
        try:
            asked = soap.read(content)
        except soap.NotSoapError:
            return 500, soap.fault(self.release, "ErrorInvalidRequest")
        if not self.release.knows(asked.schema):
            return 500, soap.fault(self.release, "ErrorInvalidServerVersion")
        if (code := self._refused(asked)) != "":
            return 500, soap.fault(self.release, code)
        operations: dict[str, Callable[[Asked], bytes]] = {"ConvertId": self._convert_id, "GetFolder": self._get_folder}
        operation = operations.get(asked.operation)
        return (200, operation(asked)) if operation else (500, soap.fault(self.release, "ErrorInvalidRequest"))

    def _refused(self, asked: Asked) -> str:
        """Why the caller may not act for somebody (facts/microsoft.md G2)."""
        if not asked.acts_for:
            return ""
        if self.refusal:
            return self.refusal
        address = asked.acts_for.lower()
        if address not in self.mailboxes:
            return "ErrorNonExistentMailbox"
        return "ErrorImpersonateUserDenied" if address in self.denied else ""

    def _convert_id(self, asked: Asked) -> bytes:
        """Every id is malformed: no item has been made yet."""
        return soap.answer(self.release, asked.operation, "ErrorInvalidIdMalformed")

    def _get_folder(self, asked: Asked) -> bytes:
        names = [node.get("Id") for node in asked.body.iter(f"{{{soap.TYPES}}}DistinguishedFolderId")]
        if names != ["calendar"]:
            return self._message(asked, "ErrorFolderNotFound")
        if asked.acts_for.lower() in self.shut:
            return self._message(asked, "ErrorAccessDenied")
        folder = (
            f'<t:CalendarFolder><t:FolderId Id="calendar-of-{len(asked.acts_for)}" ChangeKey="AQ"/></t:CalendarFolder>'
        )
        return self._message(asked, content=f"<m:Folders>{folder}</m:Folders>")

    def _message(self, asked: Asked, code: str = "NoError", content: str = "<m:Folders/>") -> bytes:
        return soap.answer(self.release, asked.operation, code, content)
