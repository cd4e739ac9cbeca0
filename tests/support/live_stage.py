"""A company whose changes Graph tells of: the simulator delivers to the door of the app, in-process."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from unittest.mock import patch
from urllib.parse import urlsplit

import azure.functions as func

from core.adapters.graph.api import GraphApi
from core.adapters.graph.subscriptions import GraphSubscriptionCalls
from core.errors import Stop
from core.model.subscription import Subscription
from core.ports_live import GraphSubscriptions, LivePorts
from core.usecases.hints import PAIRS, PAIRS_FIRST, PairMessage
from core.usecases.notifications import Inbox
from core.usecases.report import Report
from core.usecases.subscriptions import keep_subscriptions, look_at_pair
from functions.edge import graph_door
from tests.simulators.common.faults import Action, Fault
from tests.simulators.graph.subscriptions import Subscription as GraphSubscription
from tests.support.remote_stage import GRAPH, RemoteStage, remote_stage

HERE = "https://sync.example"
SUBSCRIPTIONS = "/v1.0/subscriptions"


async def answer(address: str, token: str | None, body: dict[str, Any] | None) -> tuple[int, str, str]:
    """One POST to the door."""
    request = func.HttpRequest(
        "POST",
        address,
        headers={"Content-Type": "application/json"},
        params={} if token is None else {"validationToken": token},
        body=b"" if body is None else json.dumps(body).encode(),
    )
    told = await graph_door.receive(request)
    return told.status_code, str(told.mimetype), told.get_body().decode()


@dataclass(slots=True)
class LiveStage:
    """The stage, its subscriptions and its door. `door` may be shut: then nobody answers there."""

    stage: RemoteStage
    live: LivePorts
    inbox: Inbox
    door: bool = True
    asked: list[str] = field(default_factory=list)

    async def post(self, address: str, token: str | None, body: dict[str, Any] | None) -> tuple[int, str, str]:
        """What Graph sends."""
        self.asked.append(urlsplit(address).path)
        if not self.door:
            raise ConnectionRefusedError
        return await answer(address, token, body)

    async def keep(self) -> int:
        """The timer of the subscriptions."""
        return await keep_subscriptions(self.live)

    async def deliver(self) -> int:
        """Graph tells what it knows."""
        return int(await self.stage.graph.subscriptions.deliveries.deliver())

    @property
    def at_graph(self) -> list[GraphSubscription]:
        """What Graph has."""
        return list(self.stage.graph.subscriptions.living().values())

    async def row(self, name: str = "anna") -> Subscription:
        """What we know of a pair's."""
        pair = self.stage.pair(name)
        return cast("Subscription", await self.live.subscriptions.find(pair.company, pair.user))

    def messages(self) -> int:
        """Messages that wait for a run."""
        return sum(len(self.stage.storage.queues.waiting(queue)) for queue in (PAIRS, PAIRS_FIRST))

    async def work(self) -> list[Report]:
        """Handle what waits, hidden or not."""
        reports = []
        for queue in (PAIRS, PAIRS_FIRST):
            while message := self.stage.storage.queues.take(queue, datetime.max.replace(tzinfo=self.now.tzinfo)):
                reports.append(await look_at_pair(self.live, PairMessage.parse(message), queue))
        return reports

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.stage.clock.now()

    def pass_time(self, **by: float) -> None:
        """Let time go by."""
        self.stage.clock.advance(timedelta(**by))

    async def is_full_round_due(self, name: str = "anna") -> bool:
        """Whether the next run reads the mailbox in full."""
        return (await self.stage.ports.pairs.head(self.stage.pair(name))).cursor is None


def live_ports(stage: RemoteStage, address: str = HERE) -> LivePorts:
    """What the use cases are given, on that stage."""
    api = GraphApi(GRAPH, stage, stage.clients[1])

    def graph(tenant: str) -> GraphSubscriptions:
        if tenant != stage.tenant.tenant_id:  # Another test's company, which is still in the same storage.
            raise Stop("consent_missing", whole_company=True)
        return GraphSubscriptionCalls(api)

    stores = (stage.storage.directory, stage.storage.attic, stage.storage.consents)
    return LivePorts(stage.ports, stage.storage.subscriptions, graph, *stores, address)


@asynccontextmanager
async def live_stage(
    names: tuple[str, ...] = ("anna",), *, azurite: str = "", settled: bool = True
) -> AsyncIterator[LiveStage]:
    """The stage; with `settled`, its pairs are in agreement and no message waits."""
    async with remote_stage(azurite, names) as stage:
        live = live_ports(stage)
        running = LiveStage(stage, live, Inbox(live))
        stage.graph.subscriptions.post = running.post

        async def inbox() -> Inbox:
            return running.inbox

        with patch("core.wiring.inbox", inbox):
            if settled:
                await stage.settle(*names)
                if not azurite:
                    await running.work()
            yield running


def refuse(running: LiveStage, method: str, status: int, **more: Any) -> None:
    """Graph answers the next such call about subscriptions so."""
    running.stage.graph.faults.add(Fault(Action.STATUS, method=method, path=SUBSCRIPTIONS, status=status, **more))
