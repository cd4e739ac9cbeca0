"""How Graph delivers: at least once, in no order, several subscriptions and tenants in one POST, again after a failure.

Nothing is sent by itself: whoever drives the simulation calls `deliver`, as often as it likes to be up to date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from .event import Event
from .world import World

if TYPE_CHECKING:
    from .subscriptions import Subscription

Post = Callable[[str, str | None, dict[str, Any] | None], Awaitable[tuple[int, str, str]]]
"""Send to an address, with a validation token or a body; answers status, content type and text. Raises OSError."""
GIVEN_UP = timedelta(hours=4)
FIRST_RETRY = timedelta(seconds=10)


@dataclass(slots=True)
class Notification:
    """One that is on its way. `due`: not sent before that."""

    address: str
    body: dict[str, Any]
    since: datetime
    due: datetime
    tries: int = 0


@dataclass(slots=True)
class Deliveries:
    """What is on its way, and how it is sent. `waiting` may be cut, doubled and shuffled by a test.

    `lag` is how long a notification takes. `most` is how many one POST carries. `withheld` are subscriptions that
    Graph tells nothing of until they are authorized. `answers` are the statuses that came back.
    """

    world: World
    subscriptions: Callable[[], list[Subscription]]
    send: Callable[[str, str | None, dict[str, Any] | None], Awaitable[tuple[int, str, str]]]
    lag: timedelta = timedelta(0)
    most: int = 50
    waiting: list[Notification] = field(default_factory=list)
    withheld: set[str] = field(default_factory=set)
    answers: list[int] = field(default_factory=list)

    def collect(self) -> int:
        """Turn what changed since the last time into notifications; how many there are."""
        count = 0
        for one in self.subscriptions():
            first = _first_changes(one) if one.position < len(one.mailbox.journal) else set()
            for position in range(one.position, len(one.mailbox.journal)):
                kind = _kind(one.mailbox.journal[position].event, is_new=position in first)
                if kind in one.change_type.split(",") and one.id not in self.withheld:
                    self._add(one.notifications, self._change(one, kind, one.mailbox.journal[position].event))
                    count += 1
            one.position = len(one.mailbox.journal)
        return count

    def tell(self, one: Subscription, event: str) -> None:
        """Something about the subscription itself."""
        if one.lifecycle is not None:
            self._add(one.lifecycle, {**_head(one), "lifecycleEvent": event})

    async def deliver(self) -> int:
        """Collect, and send all that is due, several at a time to each address; how many were taken."""
        self.collect()
        now, taken = self.world.now(), 0
        self.waiting = [one for one in self.waiting if one.since + GIVEN_UP > now]
        by_address: dict[str, list[Notification]] = defaultdict(list)
        for one in self.waiting:
            if one.due <= now:
                by_address[one.address].append(one)
        for address, due in by_address.items():
            for start in range(0, len(due), self.most):
                taken += await self._post(address, due[start : start + self.most])
        return taken

    async def _post(self, address: str, batch: list[Notification]) -> int:
        try:
            status, _, _ = await self.send(address, None, {"value": [one.body for one in batch]})
        except OSError:
            status = 0
        self.answers.append(status)
        if 200 <= status < 300:
            sent = {id(one) for one in batch}
            self.waiting = [one for one in self.waiting if id(one) not in sent]
            return len(batch)
        for one in batch:
            one.tries += 1
            one.due = self.world.now() + FIRST_RETRY * 2**one.tries
        return 0

    def _add(self, address: str, body: dict[str, Any]) -> None:
        now = self.world.now()
        self.waiting.append(Notification(address, body, now, now + self.lag))

    def _change(self, one: Subscription, kind: str, event: Event) -> dict[str, Any]:
        name = event.immutable_id if one.immutable else event.rest_id
        resource = f"Users/{one.mailbox.object_id}/Events/{name}"
        data = {"@odata.type": "#Microsoft.Graph.Event", "@odata.id": resource, "@odata.etag": event.etag, "id": name}
        return {**_head(one), "changeType": kind, "resource": resource, "resourceData": data}


def _head(one: Subscription) -> dict[str, Any]:
    return {
        "subscriptionId": one.id,
        "subscriptionExpirationDateTime": one.expires.astimezone(UTC).isoformat(),
        "clientState": one.client_state,
        "tenantId": one.tenant,
    }


def _first_changes(one: Subscription) -> set[int]:
    """Where in the journal each item shows for the first time."""
    first: dict[str, int] = {}
    for position, change in enumerate(one.mailbox.journal):
        first.setdefault(change.event.key, position)
    return set(first.values())


def _kind(event: Event, *, is_new: bool) -> str:
    if not event.live:
        return "deleted"
    return "created" if is_new else "updated"
