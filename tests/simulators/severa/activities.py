"""POST, GET, PATCH and DELETE of activities (facts/severa.md 1.5 to 1.7). There is no ETag and no PUT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import JSONResponse, Response

from .auth import Call
from .errors import SeveraError, invalid, not_found
from .fields import NESTED, checked_times, flattened, read_field
from .model import Activity, Mail
from .options import Options
from .state import CompanyState
from .wire import activity_json

REQUIRED = {"name": "name", "start": "startDateTime", "type": "activityType", "owner": "ownerUser"}
FLAGS = frozenset({"isallday", "hasduration", "isclosed", "isunassigned"})


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
    stored = state.put(checked_times(state, _new(state, values)), state.api)
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
    after = replace(before, **dict(_patched(state, operation) for operation in document))
    if (after.start, after.end, after.all_day) != (before.start, before.end, before.all_day):
        after = checked_times(state, after)
    return JSONResponse([activity_json(state, state.put(after, state.api))])


async def delete_activity(call: Call) -> Response:
    """DELETE for good. A series goes alone: this simulator keeps no tie from it to its occurrences."""
    removed = call.state.remove(call.request.path_params["guid"])
    return Response(status_code=204) if removed else not_found()


def _new(state: CompanyState, values: Mapping[str, Any]) -> Activity:
    now = state.context.now()
    stamps = {"created": now, "created_by": state.api, "updated": now, "updated_by": state.api}
    blank = {"guid": state.context.new_guid(), "end": None, "all_day": False, "has_duration": False}
    return Activity(**{**blank, **stamps, **values})


def _patched(state: CompanyState, operation: object) -> tuple[str, Any]:
    if not isinstance(operation, dict):
        raise invalid("patchDocument", "An operation is an object.")
    if str(operation.get("op", "")).lower() != "replace":
        raise invalid("op", "Only Replace is supported.")
    path = operation.get("path")
    if not isinstance(path, str) or not path.startswith("/"):
        raise invalid("path", "A path that begins with / is required.")
    return read_field(state, *_target(path[1:], operation.get("value"), state.context.options))


def _target(name: str, value: object, options: Options) -> tuple[str, object]:
    """The field's name and native value of one operation, by the switch `patch_values`."""
    takes_native, takes_text = options.patch_values != "string", options.patch_values != "native"
    if not isinstance(value, str | None) and not takes_native:
        raise invalid(name, "A value is a text or null.")
    if name.lower() in (nested.lower() for nested in NESTED):
        return f"{name}/guid", value.get("guid") if isinstance(value, dict) else value
    if isinstance(value, str) and takes_text and name.lower() in FLAGS:
        return name, {"true": True, "false": False}.get(value.lower(), value)
    return name, value
