"""POST, GET, PATCH and DELETE of activities (facts/severa.md 1.5 to 1.7). There is no ETag and no PUT.

How PATCH writes a recurrence is not documented. This is our reading: `/recurrence` takes a whole one (or null), as an
object, or as that object's JSON text where values are texts; its parts have paths of their own, such as
`/recurrence/frequency`, `/recurrence/pattern`, `/recurrence/pattern/weekly/interval`, `/recurrence/range` or
`/recurrence/range/recursUntilDate`. All operations of a document are done before the recurrence is checked, so that a
frequency and its pattern can come one after the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import JSONResponse, Response

from . import writes
from .auth import Call
from .errors import SeveraError, invalid, not_found
from .fields import NESTED, checked_times, flattened, read_field
from .model import Activity, Mail
from .options import Options
from .recurrence import PATTERNS, replaced
from .state import CompanyState
from .wire import activity_json

REQUIRED = {"name": "name", "start": "startDateTime", "type": "activityType", "owner": "ownerUser"}
FLAGS = frozenset({"isallday", "hasduration", "isclosed", "isunassigned"})
OBJECTS = frozenset(
    {"recurrence", "recurrence/pattern", "recurrence/range", *(f"recurrence/pattern/{name}" for name in PATTERNS)}
)


async def read_activity(call: Call) -> Response:
    """GET by guid; a deleted activity has vanished."""
    activity = call.state.activity(call.request.path_params["guid"], stale=call.stale)
    return not_found() if activity is None else JSONResponse(activity_json(call.state, activity))


async def create_activity(call: Call, mails: list[Mail]) -> Response:
    """POST. A missing `hasDuration` or `isAllDay` is false, as for any boolean of the schema."""
    state = call.state
    body = await call.json()
    if not isinstance(body, dict):
        raise invalid("activityModel", "An activity is required.")
    values = dict(read_field(state, name, value) for name, value in flattened(body))
    for attribute, name in REQUIRED.items():
        if attribute not in values:
            raise invalid(name, f"{name} is required.")
    stored = writes.create(state, checked_times(state, _new(state, values)), state.author)
    owner = state.users[stored.owner]
    if state.context.options.mails_on_api_create and owner.mailed_on_new_activity and owner.email:
        mails.append(Mail(owner.email, stored.name))
    return JSONResponse(activity_json(state, stored), 201)


async def patch_activity(call: Call) -> Response:
    """PATCH with a JSON Patch document: all of it or nothing; answers an array."""
    state, guid = call.state, call.request.path_params["guid"]
    if "," in guid:
        raise SeveraError(400, "InvalidRequest", "Lists of guids are not simulated.", where="PathParameter")
    before = state.activity(guid)
    if before is None:
        return not_found()
    document = await call.json()
    if not isinstance(document, list) or not document:
        raise invalid("patchDocument", "A JSON Patch array is required.")
    after = before
    for operation in document:
        after = _patched(state, after, operation)
    if (after.start, after.end, after.all_day) != (before.start, before.end, before.all_day):
        after = checked_times(state, after)
    return JSONResponse([activity_json(state, writes.change(state, before, after, state.author))])


async def delete_activity(call: Call) -> Response:
    """DELETE for good: a series with all its dates, an occurrence or an exception as a cancelled date."""
    activity = call.state.activity(call.request.path_params["guid"])
    if activity is None:
        return not_found()
    writes.remove(call.state, activity, call.state.author)
    return Response(status_code=204)


async def delete_exceptions(call: Call) -> Response:
    """DELETE of all exceptions: a series has every date again, as its rule says. 404 for what is no series."""
    activity = call.state.activity(call.request.path_params["guid"])
    if activity is None or activity.series is None:
        return not_found()
    writes.reset(call.state, activity, call.state.author)
    return Response(status_code=204)


def _new(state: CompanyState, values: Mapping[str, Any]) -> Activity:
    now = state.context.now()
    stamps = {"created": now, "created_by": state.author, "updated": now, "updated_by": state.author}
    blank = {"guid": state.context.new_guid(), "end": None, "all_day": False, "has_duration": False}
    return Activity(**{**blank, **stamps, **values})


def _patched(state: CompanyState, activity: Activity, operation: object) -> Activity:
    if not isinstance(operation, dict):
        raise invalid("patchDocument", "An operation is an object.")
    if str(operation.get("op", "")).lower() != "replace":
        raise invalid("op", "Only Replace is supported.")
    path = operation.get("path")
    if not isinstance(path, str) or not path.startswith("/"):
        raise invalid("path", "A path that begins with / is required.")
    name, value = _target(path[1:], operation.get("value"), state.context.options)
    if name.lower().startswith("recurrence/"):
        as_text = state.context.options.patch_values != "native"
        part = name.partition("/")[2]
        return replace(activity, recurrence=replaced(activity.recurrence, part, value, from_text=as_text))
    attribute, read = read_field(state, name, value)
    return replace(activity, **{attribute: read})


def _target(name: str, value: object, options: Options) -> tuple[str, object]:
    """The field's name and native value of one operation, by the switch `patch_values`."""
    takes_native, takes_text = options.patch_values != "string", options.patch_values != "native"
    if not isinstance(value, str | None) and not takes_native:
        raise invalid(name, "A value is a text or null.")
    if name.lower() in (nested.lower() for nested in NESTED):
        return f"{name}/guid", value.get("guid") if isinstance(value, dict) else value
    if isinstance(value, str) and takes_text and name.lower() in OBJECTS:
        return name, _parsed(name, value)
    if isinstance(value, str) and takes_text and name.lower() in FLAGS:
        return name, {"true": True, "false": False}.get(value.lower(), value)
    return name, value


def _parsed(name: str, text: str) -> object:
    try:
        parsed: object = json.loads(text)
    except ValueError as error:
        raise invalid(name, "The text is no JSON.") from error
    return parsed
