"""One process's connections to the simulated services, and everything that a network does to requests."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from tests.simulation.shown import Target, is_date, overwritten, state_of, target_of
from tests.simulation.weather import LATEST, REQUESTS
from tests.simulators.common.faults import Action, Fault
from tests.simulators.common.inprocess import transport

if TYPE_CHECKING:
    from tests.simulation.process import Process

ReadAt = dict[tuple[Any, str], float]
READ_AT: ContextVar[ReadAt | None] = ContextVar("read_at", default=None)
"""Of the run under way: when each of its tasks last read an entry by id, as the service served it.

A task reads what it is about to write: what another task read before is no excuse.
"""
_ACTIONS = {"answer_lost": Action.DROP_AFTER_COMMIT, "truncated": Action.TRUNCATE, "stale": Action.STALE_READ}
_REFUSALS = (429, 429, 429, 503, 503)
_BREAKS = (500, 502, 504, 408)
FRESH = 60.0
"""Seconds after a change for which a stale read may not show it."""


@dataclass(frozen=True, slots=True)
class Wrote:
    """One request of the service's that changed a calendar, as the service served it."""

    at: float
    what: str
    entry: str


class Wire(httpx.AsyncBaseTransport):
    """To Graph and Severa, by the host's name. What a client gives up may still arrive."""

    def __init__(self, process: Process) -> None:
        self._process, self._stage = process, process.stage
        self._graph, self._severa = transport(self._stage.graph.app), transport(self._stage.severa.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx."""
        stage, process = self._stage, self._process
        await process.turn(stage.weather.moment(0.05))
        await request.aread()
        target = target_of(request)
        trouble = stage.weather.strikes(*REQUESTS)
        process.effect(f"before {target.name}", counts=target.writes)
        if trouble == "not_sent":
            stage.tell(f"{process.name} {target.name}: not sent")
            raise httpx.ConnectError("no connection", request=request)
        serving = self._serve(request, target, trouble, asyncio.current_task())
        return await process.served(serving, target.name, writes=target.writes)

    async def _serve(
        self, request: httpx.Request, target: Target, trouble: str, asker: object
    ) -> httpx.Response | Exception:
        """The service's part: it goes on whether or not anybody still waits for the answer."""
        stage = self._stage
        read = self._read_at(target, asker)
        await asyncio.sleep(stage.weather.moment(LATEST) if trouble == "late" else stage.weather.moment(0.05))
        stage.pass_ambush()
        service = stage.graph if target.is_graph else stage.severa
        if fault := self._fault(target, trouble):
            service.faults.add(fault)
        before = state_of(stage, target)
        whole = stage.whole(target.entry) if target.is_graph and target.writes and target.entry else ""
        try:
            answer: Any = await (self._graph if target.is_graph else self._severa).handle_async_request(request)
        except httpx.HTTPError as error:
            answer = error
        finally:
            service.faults.clear()
        status = answer.status_code if isinstance(answer, httpx.Response) else type(answer).__name__
        stage.tell(f"{self._process.name} {target.name} {target.entry[-6:]} -> {status} {trouble}")
        stage.note_mails(whole)
        self._note(target, before, trouble, status, asker, read)
        stage.pass_snatch(target)
        return answer

    def _fault(self, target: Target, trouble: str) -> Fault | None:
        weather = self._stage.weather
        if trouble == "refused":
            after = weather.rng.choice((None, 1, 5, 30)) if target.is_graph else weather.rng.choice((None, 1, 4))
            return Fault(Action.STATUS, status=weather.rng.choice(_REFUSALS), retry_after=after)
        if trouble == "broken":
            return Fault(Action.STATUS, status=weather.rng.choice(_BREAKS))
        if trouble == "stale" and (target.writes or not self._stage.changed_within(target, FRESH)):
            return None
        return Fault(_ACTIONS[trouble]) if trouble in _ACTIONS else None

    def _read_at(self, target: Target, asker: object) -> float | None:
        """When whoever asks had last read what is to be written; dates of a series are read by listings."""
        known = READ_AT.get()
        if known is None or not target.writes or target.is_graph:
            return None if known is None else known.get((asker, target.entry))
        return known.get((asker, "" if is_date(self._stage, target.entry) else target.entry))

    def _note(
        self, target: Target, before: Any, trouble: str, status: object, asker: object, read: float | None
    ) -> None:
        """What the checks need to know of it."""
        stage, read_at, now = self._stage, READ_AT.get(), self._stage.loop.time()
        if not target.writes:
            if read_at is not None:
                lag = 0.0 if target.entry else stage.severa.options.visible_after.total_seconds()
                read_at[asker, target.entry] = now - max(lag, FRESH if trouble == "stale" else 0.0)
            return
        if target.name.endswith(" subscription"):
            return  # It changes no calendar.
        after = state_of(stage, target)
        if before == after and target.entry:
            return  # It was refused, or there was nothing to do.
        if isinstance(status, int) and status >= 400:
            return
        stage.wrote.append(Wrote(now, target.name, target.entry))
        stage.note_change(target)
        if target.is_conditional or read_at is None:
            return
        lost = overwritten(before, after)
        stage.ledger.excuse(lost, now if read is None else read, f"{target.name} within the known window")
