"""What every call of Graph passes: the token, the tenant, the mailbox, the limit of concurrent requests."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.simulators.common.middleware import STALE_READ

from . import meetings
from .directory import CALENDAR_ROLES, DIRECTORY_ROLES, Bearer, Tenant
from .errors import GraphError
from .mailbox import Mailbox, MailboxState
from .prefer import Preferences, parse
from .world import World

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Call:
    """One admitted request.

    `query` has its names in lower case. `base` is the service's root as the caller sees it, `path` the path below it.
    """

    world: World
    tenant: Tenant
    query: dict[str, str]
    headers: dict[str, str]
    prefer: Preferences
    content: bytes
    base: str
    path: str
    arguments: dict[str, str]

    def body(self) -> dict[str, Any]:
        """The JSON object that was sent. Raises GraphError."""
        try:
            body = json.loads(self.content)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise GraphError(400, "BadRequest", "Unable to read JSON request payload.")
        return body

    def answer(self, body: dict[str, Any] | None, status: int = 200) -> Response:
        """The answer, with what was applied of the preferences."""
        headers = {"request-id": self.world.ids.guid()}
        applied = self.prefer.applied()
        if applied:
            headers["Preference-Applied"] = applied
        return Response(None, status, headers) if body is None else JSONResponse(body, status, headers)

    def link(self, query: Mapping[str, str]) -> str:
        """A link to the same resource with another query."""
        encoded = urlencode(query, safe="$", quote_via=quote)
        return f"{self.world.options.link_host or self.base}{self.path}?{encoded}"

    def context(self, suffix: str) -> str:
        """The value of `@odata.context`."""
        return f"{self.base}/v1.0/$metadata#{suffix}"


@dataclass(frozen=True, slots=True)
class CalendarCall(Call):
    """A request to a mailbox that answers. `position` is the journal's that a read shows; None means now."""

    mailbox: Mailbox
    position: int | None


def directory_endpoint(world: World, handler: Callable[[Call], Response]) -> Endpoint:
    """The endpoint of a directory call."""

    async def endpoint(request: Request) -> Response:
        content = await request.body()
        try:
            with world.lock:
                bearer = _bearer(world, request)
                _may_read_directory(bearer)
                return handler(Call(**_parts(world, bearer, request, content)))
        except GraphError as error:
            return refusal(world, error)

    return endpoint


def calendar_endpoint(world: World, handler: Callable[[CalendarCall], Response]) -> Endpoint:
    """The endpoint of a calendar call."""

    async def endpoint(request: Request) -> Response:
        content = await request.body()
        try:
            bearer = _bearer(world, request)
            mailbox = _mailbox(world, bearer, request.path_params["user"])
            _enter(world, mailbox)
            try:
                await world.sleep(world.options.service_seconds)
                with world.lock:
                    meetings.settle(world, mailbox)
                    position = mailbox.position_before_last() if request.scope.get(STALE_READ) else None
                    parts = _parts(world, bearer, request, content)
                    return handler(CalendarCall(**parts, mailbox=mailbox, position=position))
            finally:
                mailbox.in_flight -= 1
        except GraphError as error:
            return refusal(world, error)

    return endpoint


def refusal(world: World, error: GraphError) -> Response:
    """A GraphError as an answer."""
    date = world.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return error.response(world.ids.guid(), date)


def _bearer(world: World, request: Request) -> Bearer:
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise GraphError(401, message="Access token is empty.")
    bearer = world.bearers.get(text.strip())
    if bearer is None:
        raise GraphError(401, message="JWT is not well formed, there are no dots (.), or the signature is invalid.")
    if bearer.dead or bearer.expires <= world.now():
        raise GraphError(401)
    return bearer


def _may_read_directory(bearer: Bearer) -> None:
    if not DIRECTORY_ROLES & set(bearer.roles):
        raise GraphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def _mailbox(world: World, bearer: Bearer, reference: str) -> Mailbox:
    mailbox = world.tenants[bearer.tenant_id].mailbox(reference)
    if mailbox is None:
        raise GraphError(404, "ErrorInvalidUser", f"The requested user '{reference}' is invalid.")
    if mailbox.state is MailboxState.ON_PREMISES:
        message = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
        raise GraphError(404, "MailboxNotEnabledForRESTAPI", message)
    if mailbox.state is MailboxState.UNLICENSED:
        raise GraphError(404, "ResourceNotFound", "Resource could not be discovered.")
    if mailbox.state is MailboxState.DENIED or not _may_open(world, bearer, mailbox):
        raise GraphError(403)
    return mailbox


def _may_open(world: World, bearer: Bearer, mailbox: Mailbox) -> bool:
    """By a role that covers every mailbox, or by RBAC for Applications: grants are a union (facts/microsoft.md F2)."""
    app = world.tenants[bearer.tenant_id].apps.get(bearer.client_id)
    return bool(CALENDAR_ROLES & set(bearer.roles)) or (app is not None and mailbox.object_id in app.mailboxes)


def _enter(world: World, mailbox: Mailbox) -> None:
    if mailbox.in_flight >= world.options.max_concurrent:
        raise GraphError(429, retry_after=world.options.retry_after)
    mailbox.in_flight += 1
    mailbox.peak = max(mailbox.peak, mailbox.in_flight)


def _parts(world: World, bearer: Bearer, request: Request, content: bytes) -> dict[str, Any]:
    return {
        "world": world,
        "tenant": world.tenants[bearer.tenant_id],
        "query": {name.lower(): value for name, value in request.query_params.items()},
        "headers": dict(request.headers),
        "prefer": parse(request.headers.getlist("prefer")),
        "content": content,
        "base": str(request.base_url).rstrip("/"),
        "path": quote(request.url.path, safe="/()@=-_"),
        "arguments": dict(request.path_params),
    }
