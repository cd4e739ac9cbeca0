"""What the Functions host does: queues that deliver at least once, the sweep's timer, processes that start again."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import SyncError
from core.ports import Ports
from core.usecases.hints import FEEDS, PAIRS
from core.usecases.housekeeping import keep_house
from core.usecases.messages import feed_company, pair_message
from core.usecases.poison import record_poison
from core.usecases.subscriptions import keep_subscriptions, look_at_pair
from core.usecases.sweep import sweep
from core.usecases.work import handle_feed, handle_pair
from tests.simulation.network import READ_AT
from tests.simulation.process import Process
from tests.simulation.weather import QUEUES
from tests.support.theatre import Died

if TYPE_CHECKING:
    from tests.simulation.stage import Stage

AT_ONCE = 6
"""Messages that one process handles at once."""
AGAIN = 30.0
"""Seconds until a message whose function failed shows again (host.json)."""
ABANDONED = 300.0
"""Seconds until a message whose process died shows again."""
TRIES = 5
"""After so many failures a message is poison (host.json)."""


@dataclass(slots=True)
class Message:
    """A message in a queue, and how often it was handed out."""

    queue: str
    body: bytes
    tries: int = 0


class SimulatedQueues:
    """Queues (core/ports.py): messages get lost, doubled, late, and out of order."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def put(self, queue: str, message: Mapping[str, str | int], delay: float = 0.0) -> None:
        """See Queues.put."""
        weather, body = self._host.stage.weather, json.dumps(message).encode()
        trouble = weather.strikes(*QUEUES[:3])
        if trouble == "message_lost":
            return
        if trouble == "message_late":
            delay += weather.moment(180.0)
        for _ in range(2 if trouble == "message_doubled" else 1):
            self._host.show(Message(queue, body), delay + weather.moment(0.5))


class Host:
    """Two processes, the queues and the timer."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.processes: list[Process] = []
        self.waiting, self._started = 0, 0

    # --- processes ----------------------------------------------------------------------------------------------------
    def begin(self, count: int) -> None:
        """Start so many processes."""
        for _ in range(count):
            self._start()

    def _start(self) -> Process:
        self._started += 1
        made = Process(self.stage, f"p{self._started}")
        self.processes.append(made)
        return made

    def living(self) -> list[Process]:
        """Processes that live; whoever died is replaced after a while."""
        for process in [p for p in self.processes if p.dead]:
            self.processes.remove(process)
            delay = 0.0 if self.stage.weather.calm else self.stage.weather.moment(60.0)
            self.stage.loop.call_later(delay, self._start)
        return self.processes

    def one(self) -> Process | None:
        """A process that has room, any."""
        free = [p for p in self.living() if len(p.tasks) < AT_ONCE]
        return self.stage.weather.rng.choice(free) if free else None

    # --- queues -------------------------------------------------------------------------------------------------------
    def show(self, message: Message, delay: float) -> None:
        """The message can be taken after `delay` seconds."""
        self.waiting += 1
        self.stage.loop.call_later(delay, self._take, message)

    def _take(self, message: Message) -> None:
        process = self.one()
        self.waiting -= 1
        if process is None:
            self.show(message, 1.0)
            return
        message.tries += 1
        process.start(self._handle(process, message))

    async def _handle(self, process: Process, message: Message) -> None:
        self.waiting += 1
        again = ABANDONED
        try:
            READ_AT.set({})
            await self._function(process, message)
            again = AGAIN if self.stage.weather.strikes("message_redelivered") else 0.0
        except SyncError as failure:
            self.stage.tell(f"{process.name} {message.queue}: {failure.code}, message back")
            again = AGAIN
        except (Died, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - raising is for bugs, and this is one
            self.raised(message.queue, error)
        finally:
            self.waiting -= 1
            if again:
                self._back(message, again)

    def _back(self, message: Message, delay: float) -> None:
        if message.tries >= TRIES:
            message = Message(f"{message.queue}-poison", message.body)
        self.show(message, delay)

    def raised(self, where: str, error: Exception) -> None:
        """A bug, and where it is."""
        frames = traceback.extract_tb(error.__traceback__)[-4:]
        self.stage.tell(" < ".join(f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in reversed(frames)))
        self.stage.problem("raised", f"{where}: {error!r}")

    async def _function(self, process: Process, message: Message) -> None:
        """The triggers of functions/queues.py and functions/poison.py."""
        queue, ports = message.queue, process.ports
        if queue.endswith("-poison"):
            await record_poison(ports, queue.removesuffix("-poison"), message.body)
        elif queue == FEEDS:
            await handle_feed(ports, feed_company(message.body))
        else:
            asked = pair_message(message.body)
            live = queue == PAIRS
            report = await (look_at_pair(process.live, asked, queue) if live else handle_pair(ports, asked, queue))
            self.stage.reported(report)

    # --- timers and calls ---------------------------------------------------------------------------------------------
    def sweep(self) -> None:
        """The timer of functions/timers.py; now and then it runs in two processes, or in none."""
        weather = self.stage.weather
        count = 2 if weather.strikes("double_sweep") else 0 if weather.strikes("missed_sweep") else 1
        for _ in range(count):
            self.call(sweep)

    def keep(self, *, house: bool) -> None:
        """The timers of the subscriptions and of housekeeping; as the sweep's, they may meet themselves."""
        for _ in range(2 if self.stage.weather.strikes("double_sweep") else 1):
            self._start_call(lambda process: (keep_house if house else keep_subscriptions)(process.live))

    def call(self, use_case: Callable[[Ports], Awaitable[object]]) -> None:
        """A timer's or a person's call of the service, in some process. What fails, fails."""
        self._start_call(lambda process: use_case(process.ports))

    def _start_call(self, work: Callable[[Process], Awaitable[object]]) -> None:
        process = self.one()
        if process is not None:
            process.start(self._called(process, work))

    async def _called(self, process: Process, work: Callable[[Process], Awaitable[object]]) -> None:
        self.waiting += 1
        try:
            await work(process)
        except SyncError as failure:
            self.stage.tell(f"{process.name} call failed: {failure.code}")
        except (Died, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - raising is for bugs, and this is one
            self.raised("call", error)
        finally:
            self.waiting -= 1
