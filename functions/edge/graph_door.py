"""The way in for Microsoft Graph: the handshake, and what it tells. Nobody can learn anything else from it.

Graph sends no token. What makes a notification ours is its `clientState`; one that is not is answered like one that is.
"""

from __future__ import annotations

import asyncio
import html
import logging
import re

import azure.functions as func

from core import wiring
from core.errors import RetryLater
from core.ports_telemetry import Trail, followed
from core.settings import SettingsError
from core.usecases.notifications import MOST_BYTES, MalformedError, parse
from functions.edge import headers, problem
from functions.edge.problem import Problem, Refused

logger = logging.getLogger(__name__)
DEADLINE = 2.5
"""Seconds. Graph calls an answer slow from three on, and then delays everybody's notifications (facts/microsoft.md E).
An answer takes a few hundredths where storage is well."""
_TOKEN = re.compile(r"[^\x00-\x1f\x7f]{1,1024}")
MALFORMED = Problem("malformed-notifications", 400, "These are no notifications", "The body cannot be read.")
TOO_LARGE = Problem("too-many-bytes", 413, "The request is too large", f"The body has more than {MOST_BYTES} bytes.")
BAD_HANDSHAKE = Problem("bad-handshake", 400, "This is no handshake", "`validationToken` is too long, or no text.")
NOT_STORED = Problem("not-stored", 503, "This does not work just now", "Nothing was lost: send it again.")


async def receive(req: func.HttpRequest) -> func.HttpResponse:
    """Graph's handshake while a subscription is being made, its notifications, and what it says of subscriptions."""
    with followed(wiring.telemetry(), "notifications") as trail:
        answer = await _receive(req, trail)
        trail.say(status=answer.status_code)
        return answer


async def _receive(req: func.HttpRequest, trail: Trail) -> func.HttpResponse:
    token = req.params.get("validationToken")
    if token is not None:
        trail.say(outcome="handshake")
        return _handshake(token)
    trail.say(outcome="refused")
    if len(req.get_body()) > MOST_BYTES:
        return _refused(Refused(TOO_LARGE))
    try:
        notices, others = parse(req.get_body())
    except MalformedError as malformed:
        return _refused(Refused(MALFORMED, detail=str(malformed)))
    try:
        async with asyncio.timeout(DEADLINE):
            told = await (await wiring.inbox()).take(notices)
    except (RetryLater, TimeoutError, SettingsError) as failure:
        code = getattr(failure, "code", type(failure).__name__)
        trail.say(outcome="not_stored", code=code)
        logger.warning("Notifications were not stored: %s", code)
        return _refused(Refused(NOT_STORED, retry_after=1.0))
    told["ignored"] += others
    trail.say(outcome="done", told=told)
    return func.HttpResponse(status_code=202, headers=headers.SECURITY)


def _handshake(token: str) -> func.HttpResponse:
    """The token, decoded, as plain text; it is opaque, so what would be HTML in it is made harmless."""
    if not _TOKEN.fullmatch(token):
        return _refused(Refused(BAD_HANDSHAKE))
    return func.HttpResponse(html.escape(token, quote=False), mimetype="text/plain", headers=headers.SECURITY)


def _refused(refused: Refused) -> func.HttpResponse:
    more = {"Retry-After": "1"} if refused.retry_after is not None else {}
    return func.HttpResponse(
        refused.document(),
        status_code=refused.problem.status,
        mimetype=problem.MEDIA_TYPE,
        headers=headers.SECURITY | more,
    )
