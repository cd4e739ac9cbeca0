"""Subscriptions to mailboxes' events, as Graph keeps them (facts/microsoft.md E). Delivery is in deliveries.py."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import gate
from .deliveries import Deliveries, Post
from .directory import Bearer
from .errors import GraphError
from .mailbox import Mailbox
from .world import World

LONGEST, SHORTEST = timedelta(minutes=10_080), timedelta(minutes=45)
LONGEST_STATE = 128
KINDS = {"created", "updated", "deleted"}
PAGE = 100
_RESOURCE = re.compile(r"/?users/([^/]+)/events/?", re.IGNORECASE)
_ADDRESS = re.compile(r"https://|http://(127\.0\.0\.1|localhost)[:/]")


class Authorization(NamedTuple):
    """One call that authorized a subscription: `created`, `renewed` or `reauthorized`."""

    at: datetime
    kind: str
    subscription: str


@dataclass(slots=True)
class Subscription:
    """One subscription. `position` is the mailbox's state that its notifications have reached."""

    id: str
    app: str
    tenant: str
    mailbox: Mailbox
    resource: str
    change_type: str
    notifications: str
    lifecycle: str | None
    client_state: str | None
    expires: datetime
    immutable: bool
    position: int


@dataclass(slots=True)
class Subscriptions:
    """All of them, whoever made them. `post` sends a request to the subscriber; without it nobody can subscribe.

    `most`: how many one mailbox may have; beyond that 403. `authorizations` is every call that authorized one.
    `handshakes` counts validation requests.
    """

    world: World
    post: Post | None = None
    most: int = 1000
    authorizations: list[Authorization] = field(default_factory=list)
    handshakes: int = 0
    known: dict[str, Subscription] = field(default_factory=dict)
    deliveries: Deliveries = field(init=False)

    def __post_init__(self) -> None:
        self.deliveries = Deliveries(self.world, lambda: list(self.living().values()), self._send)

    def living(self) -> dict[str, Subscription]:
        """Those that have not run out, by id."""
        now = self.world.now()
        for name in [name for name, one in self.known.items() if one.expires <= now]:
            del self.known[name]
        return self.known

    # --- what happens to them without a call --------------------------------------------------------------------------
    def require_reauthorization(self, subscription: str) -> None:
        """Graph asks for authorization, and tells nothing else of it until then."""
        self.deliveries.tell(self.living()[subscription], "reauthorizationRequired")
        self.deliveries.withheld.add(subscription)

    def drop(self, subscription: str, *, told: bool = True) -> None:
        """Graph removes it, and says so or not."""
        gone = self.living().pop(subscription)
        if told:
            self.deliveries.tell(gone, "subscriptionRemoved")

    def miss(self, subscription: str) -> None:
        """What changed until now is not told, but that something was missed is."""
        one = self.living()[subscription]
        one.position = len(one.mailbox.journal)
        self.deliveries.tell(one, "missed")

    # --- routes -------------------------------------------------------------------------------------------------------
    def routes(self) -> list[Route]:
        """The calls."""
        root, one = "/v1.0/subscriptions", "/v1.0/subscriptions/{subscription}"
        return [
            Route(root, self._endpoint(self._create), methods=["POST"]),
            Route(root, self._endpoint(self._list), methods=["GET"]),
            Route(one, self._endpoint(self._read), methods=["GET"]),
            Route(one, self._endpoint(self._update), methods=["PATCH"]),
            Route(one, self._endpoint(self._delete), methods=["DELETE"]),
            Route(f"{one}/reauthorize", self._endpoint(self._reauthorize), methods=["POST"]),
        ]

    def _endpoint(self, handler: Callable[[gate.Call, Bearer], Awaitable[Response]]) -> gate.Endpoint:
        async def endpoint(request: Request) -> Response:
            content = await request.body()
            try:
                bearer = gate._bearer(self.world, request)
                return await handler(gate.Call(**gate._parts(self.world, bearer, request, content)), bearer)
            except GraphError as error:
                return gate.refusal(self.world, error)

        return endpoint

    async def _create(self, call: gate.Call, bearer: Bearer) -> Response:
        body = call.body()
        resource = _text(body, "resource")
        watched = _RESOURCE.fullmatch(resource)
        if watched is None:
            raise GraphError(400, "BadRequest", "The resource is not supported.")
        mailbox = gate._mailbox(self.world, bearer, watched[1])
        expires, kinds = self._expiration(body), _text(body, "changeType")
        if not kinds or set(kinds.split(",")) - KINDS:
            raise GraphError(400, "BadRequest", "The value of changeType is invalid.")
        notifications, lifecycle = _address(body, "notificationUrl"), body.get("lifecycleNotificationUrl")
        if lifecycle is not None:
            lifecycle = _address(body, "lifecycleNotificationUrl")
        state = body.get("clientState")
        if state is not None and len(str(state)) > LONGEST_STATE:
            raise GraphError(400, "BadRequest", f"ClientState must have at most {LONGEST_STATE} characters.")
        for address in filter(None, (notifications, lifecycle)):
            await self._validate(address)
        self._check_room(bearer, mailbox, resource, kinds)
        made = Subscription(
            self.world.ids.guid(),
            bearer.client_id,
            bearer.tenant_id,
            mailbox,
            resource,
            kinds,
            notifications,
            lifecycle,
            state,
            expires,
            "immutableid" in call.headers.get("prefer", "").lower(),
            len(mailbox.journal),
        )
        self.living()[made.id] = made
        self._authorized("created", made.id)
        return call.answer(self._json(call, made), 201)

    def _check_room(self, bearer: Bearer, mailbox: Mailbox, resource: str, kinds: str) -> None:
        here = [one for one in self.living().values() if one.mailbox is mailbox]
        for one in here:
            same = one.resource.strip("/").lower() == resource.strip("/").lower() and one.change_type == kinds
            if one.app == bearer.client_id and same:
                message = f"Subscription Id {one.id} already exists for the requested combination"
                raise GraphError(409, "Conflict", message)
        if len(here) >= self.most:
            raise GraphError(403, "Forbidden", "The number of subscriptions has reached its limit.")

    async def _validate(self, address: str) -> None:
        """The handshake: while the creation is still waiting for its answer."""
        token = (
            f"Validation: Testing client application reachability for subscription Request-Id: {self.world.ids.guid()}"
        )
        self.handshakes += 1
        try:
            status, kind, text = await self._send(address, token, None)
        except OSError:
            status, kind, text = 0, "", ""
        if status != 200 or not kind.startswith("text/plain") or text != token:
            message = f"Subscription validation request failed. Response must be 200 OK with the token; got {status}."
            raise GraphError(400, "ValidationError", message)

    async def _send(self, address: str, token: str | None, body: dict[str, Any] | None) -> tuple[int, str, str]:
        if self.post is None:
            raise ConnectionError("nobody is there")
        return await self.post(address, token, body)

    async def _list(self, call: gate.Call, bearer: Bearer) -> Response:
        mine = [one for one in self.living().values() if (one.app, one.tenant) == (bearer.client_id, bearer.tenant_id)]
        start = int(call.query.get("$skiptoken", "0"))
        body: dict[str, Any] = {"@odata.context": call.context("subscriptions")}
        if start + PAGE < len(mine):
            body["@odata.nextLink"] = call.link({"$skiptoken": str(start + PAGE)})
        return call.answer({**body, "value": [self._json(None, one) for one in mine[start : start + PAGE]]})

    async def _read(self, call: gate.Call, bearer: Bearer) -> Response:
        return call.answer(self._json(call, self._named(call, bearer)))

    async def _update(self, call: gate.Call, bearer: Bearer) -> Response:
        one, body = self._named(call, bearer), call.body()
        if set(body) - {"expirationDateTime", "notificationUrl"}:
            raise GraphError(400, "BadRequest", "Only expirationDateTime and notificationUrl can be updated.")
        if "notificationUrl" in body:
            await self._validate(_address(body, "notificationUrl"))
            one.notifications = _text(body, "notificationUrl")
        one.expires = self._expiration(body)
        self._authorized("renewed", one.id)
        return call.answer(self._json(call, one))

    async def _delete(self, call: gate.Call, bearer: Bearer) -> Response:
        del self.living()[self._named(call, bearer).id]
        return call.answer(None, 204)

    async def _reauthorize(self, call: gate.Call, bearer: Bearer) -> Response:
        self._authorized("reauthorized", self._named(call, bearer).id)
        return call.answer(None, 204)

    # --- parts --------------------------------------------------------------------------------------------------------
    def _named(self, call: gate.Call, bearer: Bearer) -> Subscription:
        one = self.living().get(call.arguments["subscription"])
        if one is None or (one.app, one.tenant) != (bearer.client_id, bearer.tenant_id):
            raise GraphError(404, "ResourceNotFound", "The object was not found.")
        return one

    def _authorized(self, kind: str, subscription: str) -> None:
        self.authorizations.append(Authorization(self.world.now(), kind, subscription))
        self.deliveries.withheld.discard(subscription)

    def _expiration(self, body: dict[str, Any]) -> datetime:
        now = self.world.now()
        try:
            wanted = datetime.fromisoformat(_text(body, "expirationDateTime"))
        except ValueError:
            raise GraphError(400, "BadRequest", "The expirationDateTime is invalid.") from None
        if wanted > now + LONGEST or wanted <= now:
            raise GraphError(400, "BadRequest", f"Subscription expiration can only be {LONGEST} in the future.")
        return max(wanted, now + SHORTEST)

    def _json(self, call: gate.Call | None, one: Subscription) -> dict[str, Any]:
        """`clientState` is not shown again."""
        context = {"@odata.context": call.context("subscriptions/$entity")} if call else {}
        return {
            **context,
            "id": one.id,
            "resource": one.resource,
            "applicationId": one.app,
            "changeType": one.change_type,
            "clientState": None,
            "notificationUrl": one.notifications,
            "notificationQueryOptions": None,
            "lifecycleNotificationUrl": one.lifecycle,
            "expirationDateTime": one.expires.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creatorId": one.app,
            "includeResourceData": None,
            "latestSupportedTlsVersion": "v1_2",
            "encryptionCertificate": None,
            "encryptionCertificateId": None,
            "notificationUrlAppId": None,
        }


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise GraphError(400, "BadRequest", f"{name} is required.")
    return value


def _address(body: dict[str, Any], name: str) -> str:
    address = _text(body, name)
    if not _ADDRESS.match(address):
        raise GraphError(400, "BadRequest", f"{name} must begin with https.")
    return address
