"""Graph's notifications: the simulator delivers to a process of the service, as a network and Graph's own habits do it.

The endpoint is its use case, called in-process (functions/edge/graph_door.py). What it has answered 202 for is held to
its word at once: a look is on its way, or has begun.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from core.errors import RetryLater
from core.model.company import SyncWhile
from core.model.ids import Pair
from core.usecases.notifications import Notice, parse
from core.usecases.words import waits_for_a_person
from tests.support.theatre import Died

if TYPE_CHECKING:
    from tests.simulation.process import Process
    from tests.simulation.stage import Person, Stage

HERE = "https://sync.simulated"
DEADLINE = 2.5
"""Seconds, as at the door."""
LATEST = 300.0
"""Seconds that a notification may take."""
_STORED = ("store_conflicts",)
"""While writes of hints lose races against nobody, nothing can be said of them."""


class Notices:
    """What is on its way from Graph to the service. `door`: whether anybody answers there."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self.door = stage, True
        stage.graph.subscriptions.post = self.post
        self._met: dict[int, Any] = {}
        self._sending: asyncio.Future[Any] | None = None

    # --- Graph's side -------------------------------------------------------------------------------------------------
    async def minute(self) -> None:
        """A minute passes, and Graph delivers now and then."""
        loop = self._stage.loop
        until = loop.time() + 60.0
        while (left := until - loop.time()) > 0:
            await asyncio.sleep(min(left, 2.0 + self._stage.weather.moment(20.0)))
            if self._sending is None or self._sending.done():
                self._sending = asyncio.ensure_future(self._deliver())

    async def _deliver(self) -> None:
        deliveries, weather = self._stage.graph.subscriptions.deliveries, self._stage.weather
        deliveries.collect()
        fresh = [one for one in deliveries.waiting if id(one) not in self._met]
        for one in fresh:
            trouble = weather.strikes("notice_lost", "notice_doubled", "notice_late")
            if trouble == "notice_late":
                one.due += timedelta(seconds=weather.moment(LATEST))
            elif trouble:
                place = next(i for i, other in enumerate(deliveries.waiting) if other is one)
                deliveries.waiting[place : place + 1] = [one, one] if trouble == "notice_doubled" else []
        if not weather.calm:
            weather.rng.shuffle(deliveries.waiting)
        self._met = {id(one): one for one in deliveries.waiting}
        if deliveries.waiting:
            await deliveries.deliver()

    async def post(self, address: str, token: str | None, body: dict[str, Any] | None) -> tuple[int, str, str]:
        """Graph sends a handshake or notifications. Raises OSError where no answer comes."""
        stage = self._stage
        await asyncio.sleep(stage.weather.moment(0.3))
        process = stage.host.one()
        if process is None or not self.door:
            raise ConnectionRefusedError
        answer: asyncio.Future[tuple[int, str, str]] = stage.loop.create_future()
        process.start(self._answer(process, token, body, answer))
        return await answer

    # --- the service's side -------------------------------------------------------------------------------------------
    async def _answer(
        self, process: Process, token: str | None, body: dict[str, Any] | None, answer: asyncio.Future[Any]
    ) -> None:
        try:
            if token is not None:
                answer.set_result((200, "text/plain", token))
                return
            status = await self._take(process, json.dumps(body).encode())
            self._stage.tell(f"{process.name} notifications -> {status}")
            answer.set_result((status, "", ""))
        except (Died, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - raising is for bugs, and this is one
            self._stage.host.raised("notifications", error)
        finally:
            if not answer.done():
                answer.set_exception(ConnectionResetError())

    async def _take(self, process: Process, body: bytes) -> int:
        notices, _ = parse(body)
        begun = {one.pair: self._epoch(one.pair) for one in notices}
        try:
            async with asyncio.timeout(DEADLINE):
                await process.inbox.take(notices)
        except (RetryLater, TimeoutError):
            return 503
        self._check(notices, begun)
        return 202

    def _check(self, notices: Sequence[Notice], begun: dict[Pair, int]) -> None:
        """202 says that a look at each of these pairs is on its way, or has begun since."""
        if any(self._stage.weather.rates.get(kind) for kind in _STORED):
            return
        for person in self._stage.people:
            mine = [one for one in notices if one.pair == person.pair and one.event in ("", "missed")]
            if not mine or not self._is_served(person) or not self._is_genuine(person, mine):
                continue
            if waits_for_a_person(self._stage.storage.pairs._of(person.pair).state.health.code):
                continue  # It is left alone (P41); its cursor keeps what changed.
            held, now = self._stage.storage.pairs._of(person.pair), self._stage.clock.now()
            coming = held.hint.queued_until is not None and held.hint.queued_until > now
            if not coming and held.epoch == begun[person.pair]:
                self._stage.problem("told", f"{person.name}: a notification was taken, and nobody looks")

    def _epoch(self, pair: Pair) -> int:
        return self._stage.storage.pairs._of(pair).epoch

    def _is_genuine(self, person: Person, notices: Sequence[Notice]) -> bool:
        row = self._stage.storage.subscriptions._rows.get((person.pair.company, person.pair.user))
        return row is not None and any(one.subscription == row.id for one in notices)

    @staticmethod
    def _is_served(person: Person) -> bool:
        company = person.company
        return not (person.was_off or company.was_off) and company.setup.sync_while is SyncWhile.ALWAYS
