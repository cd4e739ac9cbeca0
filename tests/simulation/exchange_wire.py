"""One process's connections to Exchange Servers: the real adapter over an in-process transport, on virtual time.

exchangelib blocks, so a request is served within one turn of the loop. What takes time lies around it: the executor's
port waits before and after, and draws what a network does to a request. What its client gave up arrives later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any, Self, TypeVar

import requests
from requests.adapters import BaseAdapter
from urllib3.exceptions import NewConnectionError

from core.adapters.addresses import AddressGuard
from core.adapters.ews.gateway import ExchangeServers
from core.adapters.ews.pinned import SECONDS, BoundedSession, Endpoint
from core.adapters.ews.requests import Request
from core.adapters.ews.soap import Element, local
from core.adapters.memory.undetermined import InlineExecutor
from tests.simulation.exchange import ExchangeServer
from tests.simulation.network import READ_AT, Wrote
from tests.simulation.shown import Target, overwritten, state_of
from tests.simulation.weather import REQUESTS
from tests.simulators.common.blocking import BlockingAdapter
from tests.simulators.common.faults import Action, Fault
from tests.simulators.ews import Trouble, Where
from tests.simulators.ews import ids as ews_ids

if TYPE_CHECKING:
    from tests.simulation.process import Process

T = TypeVar("T")
LATE = 10.0
"""Seconds after its client gave up in which a request still takes effect."""
_TROUBLES = tuple(kind for kind in REQUESTS if kind != "stale")
"""An Exchange Server shows what it has: its reads do not lag."""
_REFUSALS = ("ErrorServerBusy", "ErrorServerBusy", "ErrorExceededConnectionCount", "ErrorMailboxStoreUnavailable", "")
_BREAKS = ("ErrorInternalServerError", "ErrorTimeoutExpired", "ErrorInternalServerTransientError", "", "")
"""What a whole request is refused with, or breaks at; an empty one is HTTP's own."""
_AS_2007 = {"ErrorExceededConnectionCount": "ErrorServerBusy"}
"""Codes that 2007 does not have, and what it says instead."""
_UNCONDITIONAL = frozenset({"CreateItem", "DeleteItem"})


class EwsWire:
    """Executor (core/ports.py) and sessions of one process. It knows which server is asked by its host."""

    def __init__(self, process: Process) -> None:
        self._process, self._stage = process, process.stage
        self.adapters: dict[str, ServerAdapter] = {}
        guard = AddressGuard(lambda *_: ["127.0.0.1"], InlineExecutor(), (ip_network("127.0.0.0/8"),))
        self.servers = ExchangeServers(guard, self, process.clock, sessions=self._session)  # type: ignore[arg-type]

    def _session(self, endpoint: Endpoint, prefix: str) -> requests.Session:
        session = BoundedSession()
        session.trust_env = False
        session.headers.update({"Content-Type": "text/xml; charset=utf-8"})
        session.mount(prefix, self._adapter(endpoint.host))
        return session

    def _adapter(self, host: str) -> ServerAdapter:
        if host not in self.adapters:
            server = next(s for s in self._stage.graph.people.servers if s.host == host)
            self.adapters[host] = ServerAdapter(server)
        return self.adapters[host]

    async def run(self, call: Callable[..., T], *given: Any) -> T:
        """See Executor.run. Whoever gives up does not stop what is under way, as it would not on a thread."""
        process, stage = self._process, self._stage
        adapter = self._adapter(_host(given))
        await process.turn(stage.weather.moment(0.05))
        target, trouble = target_of(given), stage.weather.strikes(*_TROUBLES)
        process.effect(f"before {target.name}", counts=target.writes)
        serving = self._serve(adapter, call, given, target, trouble)
        return await process.served(serving, target.name, writes=target.writes)

    async def _serve(
        self, adapter: ServerAdapter, call: Callable[..., T], given: tuple[Any, ...], target: Target, trouble: str
    ) -> T | Exception:
        stage, patience = self._stage, _patience(given)
        lasts = stage.weather.moment(patience + LATE if trouble == "late" else 0.05)
        gives_up = lasts > patience
        await asyncio.sleep(patience if gives_up else lasts)
        if trouble == "not_sent" or gives_up:
            adapter.hitch, adapter.kept = trouble, None
            answer = _answered(call, given)
            adapter.hitch = ""
            stage.tell(f"{self._process.name} {target.name} {target.entry[-8:]} -> {_told(answer)} {trouble}")
            if gives_up and adapter.kept is not None:
                late = asyncio.ensure_future(self._arrives(adapter, adapter.kept, target, lasts - patience))
                stage.under_way.add(late)
                late.add_done_callback(stage.under_way.discard)
            return answer
        stage.pass_ambush()
        with Noted(self, adapter.server, target) as noted:
            self._script(adapter.server, target, trouble)
            answer = _answered(call, given)
            noted.answer = f"{_told(answer)} {trouble}"
        return answer

    async def _arrives(
        self, adapter: ServerAdapter, request: requests.PreparedRequest, target: Target, delay: float
    ) -> None:
        await asyncio.sleep(delay)
        self._stage.pass_ambush()
        with Noted(self, adapter.server, target) as noted, suppress(requests.RequestException):
            noted.answer = "arrives late"
            adapter.deliver(request)

    def _script(self, server: ExchangeServer, target: Target, trouble: str) -> None:
        """Let the server do to this request what the trouble says."""
        rng, script = self._stage.weather.rng, server.simulator.faults
        if trouble == "refused" and (code := rng.choice(_REFUSALS)):
            if server.simulator.release.schema.startswith("Exchange2007"):
                code = _AS_2007.get(code, code)
            back_off = rng.choice((None, 2000, 30_000)) if code == "ErrorServerBusy" else None
            place = rng.choice((Where.FAULT, Where.ITEM))
            server.simulator.troubles.add(Trouble(code, where=place, after=rng.randrange(2), back_off=back_off))
        elif trouble == "refused":
            script.add(Fault(Action.STATUS, status=503, retry_after=rng.choice((None, 5, 30))))
        elif trouble == "broken" and (code := rng.choice(_BREAKS)):
            committed = Where.ITEM_COMMITTED if target.writes else Where.ITEM
            server.simulator.troubles.add(Trouble(code, where=rng.choice((Where.FAULT, committed))))
        elif trouble == "broken":
            script.add(Fault(Action.STATUS, status=rng.choice((500, 502, 504, 408))))
        elif trouble in ("answer_lost", "truncated"):
            action = Action.DROP_AFTER_COMMIT if trouble == "answer_lost" else Action.TRUNCATE
            script.add(Fault(action))

    def note(self, target: Target, before: Any, *, wrote: bool, answer: str) -> None:
        """What the checks need to know of a request that was served."""
        stage, read_at, now = self._stage, READ_AT.get(), self._stage.loop.time()
        stage.tell(f"{self._process.name} {target.name} {target.entry[-8:]} -> {answer}")
        if not target.writes:
            if read_at is not None:  # Its tasks read for each other: batches of items are tasks of their own.
                read_at[None, target.entry] = now
            return
        if not wrote:
            return
        stage.wrote.append(Wrote(now, target.name, target.entry))
        if not target.is_conditional and target.entry and read_at is not None:
            since = read_at.get((None, _series_of(target.entry)), read_at.get((None, target.entry), now))
            lost = overwritten(before, state_of(stage, target))
            stage.ledger.excuse(lost, since, f"{target.name} within the known window")


class Noted:
    """What a request did to the server, told to the wire when it ends; its script ends with it."""

    def __init__(self, wire: EwsWire, server: ExchangeServer, target: Target) -> None:
        self._wire, self._server, self._target, self.answer = wire, server, target, ""

    def __enter__(self) -> Self:
        self._before = state_of(self._wire._stage, self._target)
        self._versions = self._server.versions()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.simulator.faults.clear()
        self._server.simulator.troubles.clear()
        self._server.simulator.exchanged.clear()
        wrote = self._server.versions() != self._versions
        self._wire.note(self._target, self._before, wrote=wrote, answer=self.answer)


class ServerAdapter(BaseAdapter):
    """For `Session.mount`. `hitch`: no connection comes about, or no answer; what was sent is `kept` then."""

    def __init__(self, server: ExchangeServer) -> None:
        super().__init__()
        self.server, self.hitch = server, ""
        self.kept: requests.PreparedRequest | None = None
        self._inner = BlockingAdapter(server.simulator.app)

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        """The answer. Raises requests.ConnectionError, requests.ReadTimeout."""
        self.kept = request if self.hitch == "late" else None
        if self.hitch == "late":
            raise requests.ReadTimeout("no answer yet", request=request)
        if self.hitch:
            raise requests.ConnectionError(NewConnectionError(None, "no address answers"), request=request)  # type: ignore[arg-type]
        return self.deliver(request)

    def deliver(self, request: requests.PreparedRequest) -> requests.Response:
        """Serve it."""
        return self._inner.send(request)

    def close(self) -> None:
        """Nothing is open."""


# --- what a call is about ---------------------------------------------------------------------------------------------
def target_of(given: tuple[Any, ...]) -> Target:
    """What a blocking call of the adapter is about: a request, or a step of opening the connection."""
    request = next((one for one in given if isinstance(one, Request)), None)
    if request is None:
        return Target("ews opens", is_graph=True, mailbox="", entry="", writes=False, is_conditional=False)
    operation = local(request.body)
    conditional = request.writes and operation not in _UNCONDITIONAL
    return Target(
        f"ews {operation}",
        is_graph=True,
        mailbox="",
        entry=_entry(request.body),
        writes=request.writes,
        is_conditional=conditional,
    )


def _entry(body: Element) -> str:
    """The one entry that is named; of a date by its number, the series."""
    for attribute in ("Id", "RecurringMasterId"):
        kind = "ItemId" if attribute == "Id" else "OccurrenceItemId"
        named = [str(one.get(attribute)) for one in body.iter(f"{{*}}{kind}")]
        if len(named) == 1:
            return named[0]
    return ""


def _series_of(entry: str) -> str:
    """The series that a date is of, or the entry itself."""
    name = ews_ids.parse(entry)
    return ews_ids.ItemName(name.mailbox, name.entry).text


def _host(given: tuple[Any, ...]) -> str:
    for one in given:
        endpoint = one if isinstance(one, Endpoint) else getattr(getattr(one, "protocol", one), "_endpoint", None)
        if isinstance(endpoint, Endpoint):
            return endpoint.host
    raise ValueError("no call to a server")


def _patience(given: tuple[Any, ...]) -> float:
    """Seconds after which the client gives up waiting."""
    return next((one for one in given if isinstance(one, float)), SECONDS)


def _answered(call: Callable[..., T], given: tuple[Any, ...]) -> T | Exception:
    try:
        return call(*given)
    except Exception as error:  # noqa: BLE001 - whoever waits raises it
        return error


def _told(answer: object) -> str:
    return f"{type(answer).__name__} {getattr(answer, 'code', answer)}" if isinstance(answer, Exception) else "done"
