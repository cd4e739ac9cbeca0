"""One request through exchangelib: its sessions, its logins, its reading of SOAP, and none of its second thoughts.

What it would do beyond that is left out on purpose (facts/microsoft.md H): it tries other versions, sends a whole chunk
again after one busy item, sleeps, and shrinks its pool for good. Here one request is one request.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from exchangelib.errors import EWSError, SOAPError
from exchangelib.services.common import EWSService

from core.adapters.ews import soap
from core.adapters.ews.pinned import PinnedProtocol
from core.adapters.ews.refusals import of_code, of_exception
from core.adapters.ews.requests import Request
from core.adapters.ews.soap import NAMES, Element, text
from core.errors import RetryLater, SyncError

_SECOND = 1000.0


@dataclass(frozen=True, slots=True)
class Message:
    """One response message: an answer for one thing that was asked for. `refusal` is None where it is a success."""

    content: Element
    refusal: SyncError | None


def send(protocol: PinnedProtocol, schema: str, request: Request, seconds: float, latest: float) -> list[Message]:
    """The response messages. Blocks for about `seconds`; nothing is sent after `latest`, by `time.monotonic`.

    Raises what refusals.py says of the request as a whole.
    """
    if time.monotonic() > latest:
        raise RetryLater("exchange_unreachable", "it waited too long for its turn")
    operation = _operation(soap.local(request.body))(protocol, schema, request)
    try:
        return [_message(found, writes=request.writes) for found in operation.ask(seconds)]
    except EWSError as failure:
        raise of_exception(failure, writes=request.writes) from failure


def _message(found: Element, *, writes: bool) -> Message:
    if found.get("ResponseClass") == "Success":
        return Message(found, None)
    return Message(found, of_code(text(found, "m:ResponseCode"), writes=writes, back_off=_back_off(found)))


def _back_off(found: Element) -> float | None:
    """The seconds that one item's refusal asks for; exchangelib finds those of a fault alone (facts/microsoft.md H)."""
    for value in found.iterfind("m:MessageXml/t:Value", NAMES):
        told = value.text or ""
        if value.get("Name") == "BackOffMilliseconds" and told.isascii() and told.isdecimal():
            return int(told) / _SECOND
    return None


class _Operation(EWSService):  # type: ignore[misc]  # exchangelib has no types
    """An operation of EWS, in one schema and no other."""

    def __init__(self, protocol: PinnedProtocol, schema: str, request: Request) -> None:
        super().__init__(protocol)
        self._schema, self._request = schema, request

    def ask(self, seconds: float) -> list[Element]:
        """The elements of the response messages. Raises EWSError."""
        self.timeout = seconds
        answer = self._get_response(self._request.body, self._schema)
        try:
            _, body = self._get_soap_parts(answer)
            return list(self._get_soap_messages(body))
        finally:
            answer.close()

    @classmethod
    def _get_soap_parts(cls, response: Any) -> tuple[Element, Element]:
        """Header and body. Raises SOAPError, also for what exchangelib's forgiving parser would mend by leaving out."""
        root = soap.document(response.content)
        if root is None:
            raise SOAPError("no XML")
        header, body = root.find("s:Header", NAMES), root.find("s:Body", NAMES)
        if body is None:
            raise SOAPError("no body")
        return header, body

    def wrap(self, content: Element, api_version: str | None = None) -> bytes:
        """The request as it travels."""
        return soap.envelope(content, api_version or self._schema, self._request.person)

    def _extra_headers(self) -> dict[str, str]:
        """X-AnchorMailbox: without it 2013 and later answer 500 or 503 at times (facts/microsoft.md G2)."""
        person = self._request.person
        return {} if person is None else {"X-AnchorMailbox": person.address}


@cache
def _operation(name: str) -> type[_Operation]:
    return type(name, (_Operation,), {"SERVICE_NAME": name})
