"""Activity types, users and the organization (facts/severa.md 1.8 to 1.10). Read-only over HTTP."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from .auth import Call
from .errors import not_found
from .model import CATEGORIES
from .query import Query, page_response
from .wire import company_json, type_json, user_json

TYPE_FILTERS = frozenset({"active", "changedSince", "category"})
USER_FILTERS = frozenset({"isActive", "changedSince", "email", "code"})


async def list_types(call: Call) -> Response:
    """One page of activity types."""
    query = Query(call.request.query_params, TYPE_FILTERS)
    query.one_of("category", CATEGORIES)
    active, since, categories = query.flag("active"), query.moment("changedSince"), query.texts("category")
    found = [
        kind
        for kind in call.state.types.values()
        if (active is None or kind.is_active is active)
        and (since is None or kind.updated >= since)
        and (categories is None or kind.category in categories)
    ]
    rows, token = query.page(found)
    return page_response([type_json(kind) for kind in rows], token)


async def read_type(call: Call) -> Response:
    """One activity type."""
    kind = call.state.types.get(call.request.path_params["guid"])
    return not_found() if kind is None else JSONResponse(type_json(kind))


async def list_users(call: Call) -> Response:
    """One page of users. The filter `email` is loose, a part without case, so that callers must look again."""
    query = Query(call.request.query_params, USER_FILTERS)
    active, since = query.flag("isActive"), query.moment("changedSince")
    email, code = query.text("email"), query.text("code")
    found = [
        user
        for user in call.state.users.values()
        if (active is None or user.is_active is active)
        and (since is None or user.updated >= since)
        and (email is None or email.lower() in (user.email or "").lower())
        and code is None  # nobody here has a code
    ]
    rows, token = query.page(found)
    return page_response([user_json(call.state, user) for user in rows], token)


async def read_user(call: Call) -> Response:
    """One user."""
    user = call.state.users.get(call.request.path_params["guid"])
    return not_found() if user is None else JSONResponse(user_json(call.state, user))


async def read_organization(call: Call) -> Response:
    """The company that the credential belongs to."""
    return JSONResponse(company_json(call.state.company))


async def heartbeat(call: Call) -> Response:
    """204 for whoever is authenticated."""
    del call
    return Response(status_code=204)
