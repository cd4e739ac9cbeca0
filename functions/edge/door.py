"""The one way in for HTTP calls: who calls, bounds, the call, its answer or its problem document."""

from __future__ import annotations

import logging
import math
from pathlib import Path
from typing import TYPE_CHECKING

import azure.functions as func

from core import wiring
from core.errors import NotAuthenticated, SyncError
from core.model.caller import Caller
from core.ports_telemetry import followed
from core.settings import SettingsError
from core.usecases.access import Who, is_allowed
from functions.edge import headers, problem
from functions.edge.failures import refusal_of
from functions.edge.problem import Refused

if TYPE_CHECKING:
    from functions.calls.operation import Operation

logger = logging.getLogger(__name__)
MOST_BYTES = 65_536
_CHALLENGE = 'Bearer realm="severa-calendar-sync"'


async def serve(req: func.HttpRequest, name: str) -> func.HttpResponse:
    """Answer one call of functions/calls/table.py, by its name; a browser's question beforehand (OPTIONS) too."""
    with followed(wiring.telemetry(), "call", word=name) as trail:
        answer = await _serve(req, name)
        trail.say(call=name, method=req.method or "", status=answer.status_code)
        return answer


async def _serve(req: func.HttpRequest, name: str) -> func.HttpResponse:
    from functions.calls.table import CALLS, methods_of

    operation, origin, origins = CALLS[name], req.headers.get("Origin", ""), tuple[str, ...]()
    try:
        entrance = await _entrance(required=operation.who is not Who.ANYONE and req.method != "OPTIONS")
        origins = entrance.origins if entrance else ()
        if req.method == "OPTIONS":
            asked = headers.preflight(origin, origins, methods_of(operation.path))
            return func.HttpResponse(status_code=204, headers=headers.SECURITY | asked)
        answer = await _answer(req, operation, entrance)
    except Exception as failure:  # noqa: BLE001 - whatever it is, it becomes a problem document without details
        answer = _problem(name, failure, has_token=bool(req.headers.get("Authorization")))
    for header, value in (headers.SECURITY | headers.for_browsers(origin, origins)).items():
        answer.headers[header] = value
    return answer


async def _entrance(*, required: bool) -> wiring.Entrance | None:
    try:
        return await wiring.entrance()
    except SettingsError:
        if required:
            raise
        return None


async def _answer(req: func.HttpRequest, operation: Operation, entrance: wiring.Entrance | None) -> func.HttpResponse:
    caller = None
    if operation.who is not Who.ANYONE:
        caller = await _caller(req, entrance)
        if not is_allowed(caller, operation.who):
            raise Refused(problem.NOT_ALLOWED)
    if len(req.get_body()) > MOST_BYTES:
        raise Refused(problem.BODY_TOO_LARGE)
    answer = await operation.handler(operation.read(req, entrance, caller))
    extra = {"ETag": answer.tag} if answer.tag else {}
    return func.HttpResponse(answer.text(), status_code=operation.status, mimetype="application/json", headers=extra)


async def _caller(req: func.HttpRequest, entrance: wiring.Entrance | None) -> Caller:
    if entrance is None or entrance.callers is None:
        raise Refused(problem.NOT_CONFIGURED)
    scheme, _, token = req.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotAuthenticated("token_missing")
    return await entrance.callers.caller(token.strip())


def _problem(name: str, failure: Exception, *, has_token: bool) -> func.HttpResponse:
    refused = refusal_of(failure)
    _log(name, failure, refused)
    extra = {}
    if refused.retry_after is not None:
        extra["Retry-After"] = str(max(1, math.ceil(refused.retry_after)))
    if refused.problem is problem.NOT_AUTHENTICATED:
        extra["WWW-Authenticate"] = f'{_CHALLENGE}, error="invalid_token"' if has_token else _CHALLENGE
    status = refused.problem.status
    return func.HttpResponse(refused.document(), status_code=status, mimetype=problem.MEDIA_TYPE, headers=extra)


def _log(name: str, failure: Exception, refused: Refused) -> None:
    """Codes, types and places only: messages of others may hold what was sent."""
    if isinstance(failure, SyncError):
        logger.warning("Call %s was refused: %s", name, failure.code)
    elif refused.problem is problem.UNEXPECTED:
        logger.error("Call %s failed: %s in %s", name, type(failure).__name__, _place(failure))


def _place(failure: Exception) -> str:
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else "?"
