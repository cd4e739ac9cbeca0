"""One request through exchangelib: its sessions, its logins, its reading of SOAP, and none of its second thoughts.

What it would do beyond that is left out on purpose (facts/microsoft.md H): it tries other versions, sends a whole chunk
again after one busy item, sleeps, and shrinks its pool for good. Here one request is one request.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache

from exchangelib.errors import EWSError, SOAPError
from exchangelib.services.common import EWSService
from exchangelib.util import post_ratelimited

from core.adapters.ews import soap
from core.adapters.ews.refusals import of_code, of_exception
from core.adapters.ews.requests import Request
from core.adapters.ews.server import Link
from core.adapters.ews.soap import NAMES, Element, text
from core.errors import RetryLater, SyncError

_SECOND = 1000.0


@dataclass(frozen=True, slots=True)
class Message:
    """One response message: an answer for one thing that was asked for. `refusal` is None where it is a success."""

    content: Element
    refusal: SyncError | None


def send(link: Link, request: Request, seconds: float, latest: float) -> list[Message]:
    """The response messages. Blocks for about `seconds`; nothing is sent after `latest`, by `time.monotonic`.

    Raises what refusals.py says of the request as a whole.
    """
    operation = _operation(soap.local(request.body))
    try:
        return [_message(found, writes=request.writes) for found in operation.ask(link, request, seconds, latest)]
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
    """An operation of EWS."""

    @classmethod
    def ask(cls, link: Link, request: Request, seconds: float, latest: float) -> list[Element]:
        """The elements of the response messages. Raises EWSError, RetryLater."""
        protocol, person = link.protocol, request.person
        session = protocol.get_session()  # it may have waited for one
        if time.monotonic() > latest:
            protocol.release_session(session)
            raise RetryLater("exchange_unreachable", "it waited too long for its turn")
        answer, session = post_ratelimited(
            protocol=protocol,
            session=session,
            url=protocol.service_endpoint,
            # without the anchor 2013 and later answer 500 or 503 at times (facts/microsoft.md G2)
            headers={} if person is None else {"X-AnchorMailbox": person.address},
            data=soap.envelope(request.body, link.schema, person),
            timeout=seconds,
        )
        protocol.release_session(session)
        root = soap.document(answer.content)
        body = None if root is None else root.find("s:Body", NAMES)
        if body is None:
            raise SOAPError("no SOAP")
        return list(cls(protocol)._get_soap_messages(body))  # noqa: SLF001 - its own class


@cache
def _operation(name: str) -> type[_Operation]:
    return type(name, (_Operation,), {"SERVICE_NAME": name})
