"""How many of Graph's notifications one process takes, how fast, and what coalescing saves.

    make bench BENCH=notifications                memory, then Azurite; benchmarks/results/notifications.json, .svg
    python -m benchmarks.notifications memory     200 a second on memory only

The app's own trigger answers in the local host; a second process sends, open-loop: an answer that is late holds up
nothing, and counts from the moment at which its request was due. Nobody consumes the messages, so a pair's message is
sent once in the measurement, as for a pair whose run has not begun yet. Azurite and both processes share the machine.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import platform
import subprocess
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import azure.functions as func

from core import wiring
from core.adapters.memory.secrets import MemoryKeys
from core.adapters.memory.storage import MemoryStorage
from core.adapters.storage.cipher import Cipher
from core.adapters.storage.clients import Connection
from core.adapters.storage.storage import Storage
from core.adapters.system import AsyncioSleeper, SystemClock, SystemRandomness
from core.model.company import CompanySettings, SyncWhile
from core.model.ids import CompanyId, MailboxId, Pair, UserId
from core.model.state import Switch
from core.model.subscription import Subscription
from core.ports import Ports
from core.ports_live import LivePorts
from core.usecases.notifications import Inbox
from core.usecases.subscribing import client_state, digest_of
from functions import graph
from infra.local import host_json
from infra.local.azurite import PROJECT, Azurite
from infra.local.host import LocalHost

RESULTS = PROJECT / "benchmarks" / "results" / "notifications.json"
COMPANIES, PAIRS = 4, 300
SECONDS = 12.0
SEARCH = 6.0
"""How long each rate is tried for the highest one."""
GOAL = {"rate": 200, "p99": 1.0}
RATES = (50, 75, 100, 150, 200, 300, 400, 600, 800, 1200, 1600)


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent. `each`: notifications of one mailbox at once (Graph tells one act as two or three).

    `together`: notifications of one POST. `hot`: how many of the pairs have changes.
    """

    name: str
    each: int = 1
    together: int = 1
    hot: int = COMPANIES * PAIRS


SINGLE = Load("one notification in each POST, every one of another mailbox")
ACTS = Load("acts of people: three notifications each, twelve in a POST", each=3, together=12)
BURSTS = Load("bursts: one notification in each POST, of ten mailboxes only", hot=10)


class Uncoalesced(Inbox):
    """For comparison: every notification is looked up and hinted on its own, nothing is remembered."""

    async def take(self, notices: Any) -> Any:
        """One by one, each in an inbox that knows nothing yet."""
        counts = await asyncio.gather(*(Inbox(self._live).take([notice]) for notice in notices))
        return sum(counts[1:], counts[0]) if counts else await super().take([])


# --- the service ------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class Bench:
    """A running host with its stores, and what Graph would know of its pairs."""

    url: str
    storage: Any
    live: LivePorts
    known: list[dict[str, str]]


@asynccontextmanager
async def bench(storage: Any, keys: Any, *, coalescing: bool = True) -> AsyncIterator[Bench]:
    """The app's trigger over these stores, with every pair subscribed."""
    clock, chance = SystemClock(), SystemRandomness()
    stores = (storage.pairs, storage.companies, storage.due, storage.history, storage.holds, storage.queues)
    ports = Ports(clock, AsyncioSleeper(), chance, _nothing(), *stores, keys)
    live = LivePorts(ports, storage.subscriptions, _nothing(), storage.directory, storage.attic, storage.consents)
    known = await _subscribed(live)
    inbox = Inbox(live) if coalescing else Uncoalesced(live)

    async def given() -> Inbox:
        return inbox

    wiring.inbox = given
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    app.register_functions(graph.blueprint)
    async with LocalHost(app, host_json=host_json.read(PROJECT / "host.json"), settings={}) as host:
        yield Bench(f"{host.base_url}/graph/notifications", storage, live, known)


def _nothing() -> Any:
    return None


async def _subscribed(live: LivePorts) -> list[dict[str, str]]:
    settings = replace(CompanySettings(), enabled=True, tenant=str(uuid.uuid4()), sync_while=SyncWhile.ALWAYS)
    known: list[dict[str, str]] = []
    turn = asyncio.Semaphore(16)

    async def one(pair: Pair) -> None:
        async with turn:
            state = client_state(live.ports, pair)
            row = Subscription(pair.user, str(uuid.uuid4()), mailbox=MailboxId("box"))
            await live.ports.pairs.set_switch(pair, Switch(on=True))
            row = replace(row, digest=digest_of(live.ports, pair.company, state))
            await live.subscriptions.put(pair.company, row)
            known.append({"subscriptionId": row.id, "clientState": state})

    for _ in range(COMPANIES):
        company = CompanyId(str(uuid.uuid4()))
        await live.ports.companies.put_settings(company, settings, "")
        await asyncio.gather(*(one(Pair(company, UserId(str(uuid.uuid4())))) for _ in range(PAIRS)))
    return known


# --- the load, in a process of its own --------------------------------------------------------------------------------
async def _measured(running: Bench, load: Load, rate: float, seconds: float = SECONDS) -> dict[str, Any]:
    """Send at that rate; latencies in seconds."""
    calls = running.storage.calls if isinstance(running.storage, Storage) else None
    if calls:
        calls.reset()
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "plan.json"
        wanted = {"url": running.url, "rate": rate, "seconds": seconds, "known": running.known[: load.hot]}
        plan.write_text(json.dumps({**wanted, "each": load.each, "together": load.together}), encoding="utf-8")
        command = [sys.executable, "-m", "benchmarks.notifications_load", str(plan)]
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, cwd=PROJECT)
        out, _ = await process.communicate()
    sent: dict[str, Any] = json.loads(out)
    if calls:
        sent["storage_calls_per_notification"] = round(calls.total / sent["notifications"], 2)
    sys.stderr.write(f"{load.name}: {json.dumps(sent)}\n")
    return sent


def _holds(found: dict[str, Any], rate: float) -> bool:
    return found["p99"] < GOAL["p99"] and found["answers"] == {"202": found["posts"]} and found["rate"] > 0.95 * rate


async def _highest(running: Bench, load: Load) -> dict[str, Any]:
    """The highest of the rates that holds."""
    best: dict[str, Any] = {}
    for rate in RATES:
        found = await _measured(running, load, rate, SEARCH)
        if not _holds(found, rate):
            return {"load": load.name, "highest": best, "first_that_does_not_hold": found}
        best = found
    return {"load": load.name, "highest": best}


async def on_memory() -> dict[str, Any]:
    """The goal of the design: 200 a second, 99 % of them within a second."""
    async with bench(MemoryStorage(SystemClock()), MemoryKeys()) as running:
        await _measured(running, SINGLE, 50, 2)
        found = {load.name: await _measured(running, load, GOAL["rate"]) for load in (SINGLE, ACTS, BURSTS)}
        return {"goal": GOAL, "at_the_goal": found, "highest": await _highest(running, SINGLE)}


async def on_azurite() -> dict[str, Any]:
    """The highest sustained rates, with coalescing and without."""
    found: dict[str, Any] = {}
    async with Azurite() as azurite:
        for name, coalescing in (("with_coalescing", True), ("without_coalescing", False)):
            storage = Storage(Connection(azurite.connection_string), Cipher(bytes(range(32))))
            async with bench(storage, Cipher(bytes(range(32))), coalescing=coalescing) as running:
                await _measured(running, SINGLE, 25, 4)
                found[name] = [await _highest(running, load) for load in (SINGLE, ACTS, BURSTS)]
            await storage.aclose()
    return found


def main() -> None:
    """See the module."""
    logging.disable(logging.WARNING)  # an answer of 503 is counted, not told
    machine = {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    results: dict[str, Any] = {
        "machine": machine,
        "pairs": COMPANIES * PAIRS,
        "seconds": SECONDS,
        "seconds_of_a_search": SEARCH,
    }
    results["memory"] = asyncio.run(on_memory())
    if sys.argv[1:] != ["memory"]:
        results["azurite"] = asyncio.run(on_azurite())
        from benchmarks.plots import bars

        RESULTS.write_text(json.dumps({"command": "make bench BENCH=notifications", **results}, indent=1) + "\n")
        at_goal = results["memory"]["at_the_goal"]
        shown = {name: {p: one[p] for p in ("p50", "p95", "p99")} for name, one in at_goal.items()}
        bars(RESULTS.with_suffix(".svg"), f"{GOAL['rate']} notifications a second: seconds of an answer (log)", shown)
    sys.stdout.write(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
