"""The directory: `/users` and `/users/{id|upn}`."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from . import odata
from .errors import GraphError
from .gate import Call
from .mailbox import Mailbox

_DEFAULT = (
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
)
"""What comes without `$select`; proxyAddresses and accountEnabled do not."""
_FILTERABLE = frozenset({"id", "mail", "userPrincipalName", "displayName", "accountEnabled", "proxyAddresses"})
DEFAULT_PAGE = 100


def get_user(call: Call) -> Response:
    """`GET /users/{id|upn}`."""
    reference = call.arguments["user"]
    mailbox = call.tenant.user(reference)
    if mailbox is None:
        message = (
            f"Resource '{reference}' does not exist or one of its queried reference-property objects are not present."
        )
        raise GraphError(404, "Request_ResourceNotFound", message)
    return call.answer({"@odata.context": call.context("users/$entity"), **_selected(call, mailbox)})


def list_users(call: Call) -> Response:
    """`GET /users`, by `$filter`, in pages of `$top`."""
    users = list(call.tenant.mailboxes.values())
    if "$filter" in call.query:
        try:
            test = odata.compile_filter(call.query["$filter"], _FILTERABLE, ignore_case=True)
        except odata.FilterError as error:
            raise GraphError(400, "Request_UnsupportedQuery", f"Invalid filter clause: {error}") from error
        users = [user for user in users if test(_all(user))]
    top, skip = _number(call, "$top", DEFAULT_PAGE), _number(call, "$skiptoken", 0)
    body: dict[str, Any] = {"@odata.context": call.context("users")}
    if skip + top < len(users):
        kept = {name: value for name, value in call.query.items() if name in ("$select", "$filter")}
        body["@odata.nextLink"] = call.link({**kept, "$top": str(top), "$skiptoken": str(skip + top)})
    body["value"] = [_selected(call, user) for user in users[skip : skip + top]]
    return call.answer(body)


def _number(call: Call, name: str, default: int) -> int:
    text = call.query.get(name, str(default))
    if not text.isdigit():
        raise GraphError(400, "Request_BadRequest", f"Invalid value '{text}' for '{name}'.")
    return int(text)


def _selected(call: Call, mailbox: Mailbox) -> dict[str, Any]:
    known = _all(mailbox)
    names = call.query["$select"].split(",") if call.query.get("$select") else _DEFAULT
    for name in names:
        if name.strip() not in known:
            message = f"Could not find a property named '{name}' on type 'microsoft.graph.user'."
            raise GraphError(400, "BadRequest", message)
    return {name.strip(): known[name.strip()] for name in names}


def _all(mailbox: Mailbox) -> dict[str, Any]:
    unset = dict.fromkeys(_DEFAULT)
    return {
        **unset,
        "businessPhones": [],
        "displayName": mailbox.display_name,
        "mail": mailbox.mail,
        "userPrincipalName": mailbox.user_principal_name,
        "id": mailbox.object_id,
        "proxyAddresses": list(mailbox.proxy_addresses),
        "accountEnabled": mailbox.account_enabled,
    }
