"""Subscriptions to mailboxes' events: the port `GraphSubscriptions` (facts/microsoft.md E)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core.adapters.graph import drafts, wire
from core.adapters.graph.api import GraphApi
from core.adapters.graph.failures import ItemMissing, Target
from core.adapters.graph.requests import Call
from core.adapters.graph.sdk import Method, RequestInformation
from core.errors import ItemChanged, ItemRefused, RetryLater, Stop
from core.model.ids import MailboxId
from core.model.subscription import Existing, Granted, Request, Taken

KINDS = "created,updated,deleted"
IMMUTABLE = 'IdType="ImmutableId"'
"""On the creation it decides the form of ids in notifications for the subscription's life (facts/microsoft.md E)."""
MOST_PAGES = 200
_ALL = "{+baseurl}/subscriptions"
_ONE = "{+baseurl}/subscriptions/{subscription%2Did}"
_RESOURCE = re.compile(r"/?users/([^/]+)/events/?", re.IGNORECASE)


class GraphSubscriptionCalls:
    """The subscriptions that this application has in one organization."""

    def __init__(self, api: GraphApi) -> None:
        self._api = api

    async def create(self, request: Request) -> Granted | Taken:
        """See GraphSubscriptions.create."""
        body = {
            "changeType": KINDS,
            "notificationUrl": request.notifications,
            "lifecycleNotificationUrl": request.lifecycle,
            "resource": f"users/{request.mailbox}/events",
            "expirationDateTime": _instant_text(request.until),
            "clientState": request.client_state,
        }
        info = _carrying(RequestInformation(Method.POST, _ALL, {}), body)
        info.headers.add("Prefer", IMMUTABLE)
        call = Call(info, Target.SUBSCRIBING, request.mailbox, writes=True)
        try:
            made = await self._api.fetch(call, _existing)
        except ItemRefused as refused:
            raise Stop("subscription_refused", refused.code) from refused
        except ItemChanged as conflict:
            return Taken(conflict.detail)
        return Granted(made.id, made.expires)

    async def renew(self, subscription: str, until: datetime) -> datetime | None:
        """See GraphSubscriptions.renew. PATCH authorizes too, so the call that only does that is never made."""
        info = RequestInformation(Method.PATCH, _ONE, {"subscription%2Did": subscription})
        call = Call(_carrying(info, {"expirationDateTime": _instant_text(until)}), Target.SUBSCRIPTION, writes=True)
        try:
            return (await self._api.fetch(call, _existing)).expires
        except ItemMissing:
            return None
        except ItemRefused as refused:
            raise Stop("subscription_refused", refused.code) from refused

    async def read(self, subscription: str) -> Existing | None:
        """See GraphSubscriptions.read."""
        info = RequestInformation(Method.GET, _ONE, {"subscription%2Did": subscription})
        try:
            return await self._api.fetch(Call(info, Target.SUBSCRIPTION), _existing)
        except ItemMissing:
            return None

    async def of_mailbox(self, mailbox: MailboxId) -> tuple[Existing, ...]:
        """See GraphSubscriptions.of_mailbox."""
        found: list[Existing] = []
        info = RequestInformation(Method.GET, _ALL, {})
        for _ in range(MOST_PAGES):
            page = await self._api.fetch(Call(info, Target.SUBSCRIPTION), wire.document)
            rows: Any = page.get("value")
            if not isinstance(rows, list):
                break
            existing = [one for row in rows if isinstance(row, dict) and (one := _of_events(row)) is not None]
            found += [one for one in existing if one.mailbox.lower() == mailbox.lower()]
            link = page.get("@odata.nextLink")
            if not isinstance(link, str) or not link:
                return tuple(found)
            if not self._api.follows(link):
                raise Stop("link_to_another_host", whole_company=True)
            info = RequestInformation(Method.GET)
            info.url = link
        raise RetryLater("listing_never_ends")

    async def delete(self, subscription: str) -> None:
        """See GraphSubscriptions.delete."""
        info = RequestInformation(Method.DELETE, _ONE, {"subscription%2Did": subscription})
        try:
            await self._api.fetch(Call(info, Target.SUBSCRIPTION, writes=True), lambda _: None)
        except ItemMissing:
            return


def _carrying(info: RequestInformation, body: Mapping[str, Any]) -> RequestInformation:
    info.headers.add("Accept", "application/json")
    info.set_stream_content(drafts.encode(dict(body)), "application/json")
    return info


def _existing(body: bytes) -> Existing:
    """Raises Malformed."""
    found = _of_events(wire.document(body))
    if found is None:
        raise wire.Malformed("no subscription to events")
    return found


def _of_events(row: Mapping[str, Any]) -> Existing | None:
    """A subscription to a mailbox's events; None for one to anything else."""
    watched = _RESOURCE.fullmatch(str(row.get("resource") or ""))
    identity, expires = row.get("id"), _instant(row.get("expirationDateTime"))
    if watched is None or not isinstance(identity, str) or not identity or expires is None:
        return None
    notifications, lifecycle = (str(row.get(name) or "") for name in ("notificationUrl", "lifecycleNotificationUrl"))
    return Existing(identity, MailboxId(watched[1]), notifications, lifecycle, expires)


def _instant_text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _instant(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
