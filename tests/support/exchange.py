"""A simulated Exchange Server in the place of Graph's simulator, for stages on which the same stories are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import requests

from core.adapters.addresses import AddressGuard
from core.adapters.ews.gateway import ExchangeServers
from core.adapters.ews.pinned import BoundedSession, Endpoint, Sessions
from core.adapters.memory.undetermined import InlineExecutor
from core.model.company import CompanySettings, Version
from core.ports import Clock
from tests.simulators.common.blocking import BlockingAdapter, hang
from tests.simulators.common.counters import Recorded, RequestLog
from tests.simulators.common.faults import Action, Fault, FaultScript
from tests.simulators.ews import RELEASES, EwsSimulator
from tests.support.outlook import Outlook, Wishes
from tests.support.shared import shared_dir

URL = "https://mail.acme.example/EWS/Exchange.asmx"
DOMAIN, USER, PASSWORD = "ACME", "sync", "right"
ANSWERED = {"CreateItem": ("POST", 201), "UpdateItem": ("PATCH", 200), "DeleteItem": ("DELETE", 204)}
"""What a write would be in Graph; everything else is a GET."""


class ExchangeServer:
    """The server, with what a test asks of Graph's simulator: `people`, `mails`, `requests`, `options`, `faults`.

    People speak as in Graph's simulator (outlook.py). Requests are named as Graph would (`ANSWERED`), their paths by
    the operation.
    """

    def __init__(self, release: str, now: Callable[[], datetime], seed: int) -> None:
        account = f"{DOMAIN}\\{USER}"
        self.simulator = EwsSimulator(
            RELEASES[release], {account: PASSWORD}, now=now, sleep=hang, seed=seed, schemas=official_schemas()
        )
        self.people = Outlook(self.simulator)
        self.requests: RequestLog = Requests(self.simulator)
        self.options = Wishes(self.simulator.options)

    @property
    def mails(self) -> list[Any]:
        """What calls made Exchange send."""
        return self.simulator.mails

    @property
    def faults(self) -> FaultScript:
        """HTTP's own faults; paths end with the operation."""
        return self.simulator.faults

    def lose_answer_to_create(self) -> None:
        """The next event that is made is made, but nobody hears of it."""
        self.faults.add(Fault(Action.DROP_AFTER_COMMIT, path="/CreateItem"))

    def servers(self, clock: Clock) -> ExchangeServers:
        """A fresh process' connections."""
        guard = AddressGuard(lambda *_: ["127.0.0.1"], InlineExecutor(), (ip_network("127.0.0.0/8"),))
        return ExchangeServers(guard, InlineExecutor(), clock, sessions=sessions(self.simulator))

    @staticmethod
    def settings() -> CompanySettings:
        """How a company reaches it."""
        return CompanySettings(version=Version.EXCHANGE_SERVER, domain=DOMAIN, user_name=USER, ews_url=URL)


class Requests(RequestLog):
    """What those who are logged in asked of the server."""

    def __init__(self, simulator: EwsSimulator) -> None:
        self._simulator = simulator

    @property
    def entries(self) -> list[Recorded]:  # type: ignore[override]
        """All since the last reset."""
        found = []
        for one in self._simulator.exchanged:
            method, done = ANSWERED.get(one.operation, ("GET", 200))
            path = f"/EWS/Exchange.asmx/{one.operation}"
            found.append(Recorded(method, path, done if one.status == 200 else one.status, path))
        return found

    def reset(self) -> None:
        """Count from here on."""
        self._simulator.exchanged.clear()


def official_schemas() -> Path | None:
    """Microsoft's schemas of EWS, with which a simulator checks requests and answers; None where they are not there."""
    folder = shared_dir()
    return folder / "schemas" / "ews" if folder else None


def sessions(simulator: EwsSimulator) -> Sessions:
    """Sessions that reach a simulator in the calling thread, without a socket."""

    def made(_: Endpoint, prefix: str) -> requests.Session:
        session = BoundedSession()
        session.trust_env = False
        session.headers.update({"Content-Type": "text/xml; charset=utf-8"})
        session.mount(prefix, BlockingAdapter(simulator.app))
        return session

    return made
