"""How far the service scales on Functions, queues and tables: a discrete-event model with a seed (docs/capacity.md).

    python -m benchmarks.capacity       writes benchmarks/results/capacity.json, in some seconds

The busiest hour of a working day. What is due becomes due at the beginning of its minute, as in the book; changes come
at random. Each kind of work passes stations in order: the sweep (twenty rows at a time, as it is built), its queue, the
account, instances. A station is a number of servers and first come, first served. Large sizes are thinned: one in so
many companies, and every station slower by as much; then waits at stations with many servers come out a little too
long.
"""

from __future__ import annotations

import heapq
import json
import math
import random
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.capacity_facts import GIVEN, of

RESULTS = Path(__file__).parent / "results" / "capacity.json"
SEED = 7
SECONDS = 300.0
"""Simulated; the system begins empty."""
MOST_COMPANIES = 1_000
"""Simulated one by one; more are thinned."""
SIZES = (100, 500, 1_000, 2_000, 3_000, 10_000, 30_000, 100_000)
LATE = 60.0
"""Seconds: where one in twenty waits longer than that, the size is too large."""


@dataclass(frozen=True, slots=True)
class Build:
    """How the service is set up. `sweeps`: rows handled at once in a sweep; `stamps`: apps, each with its account."""

    name: str
    stamps: int = 1
    sweeps: int = int(of("rows_at_once"))
    instances: int = 100


@dataclass(frozen=True, slots=True)
class Step:
    """So many seconds of one server of a station."""

    station: str
    seconds: float


@dataclass(slots=True)
class Station:
    """Servers that are free from some time on, first come, first served."""

    servers: int
    free: list[float] = field(default_factory=list)
    busy: float = 0.0

    def serve(self, now: float, seconds: float) -> tuple[float, float]:
        """When it begins, and when it is done."""
        begun = max(now, heapq.heappop(self.free)) if len(self.free) >= self.servers else now
        heapq.heappush(self.free, begun + seconds)
        self.busy += seconds
        return begun, begun + seconds


def work(kind: str) -> tuple[Step, ...]:
    """The stations of one piece of work and what it takes there, for one stamp at full speed."""
    call, queue = of("storage_latency"), of("message_calls") / of("queue_calls")
    graph, severa = of("graph_latency"), of("severa_latency")

    def swept(calls: float) -> Step:
        return Step("sweep", calls * call * 60 / of("sweep_seconds"))

    def account(sweep: float, calls: float) -> Step:
        """Every call counts: the sweep's (one of which puts the message), the message's, and those of the work."""
        return Step("account", (max(0.0, sweep - 1) + of("message_calls") + calls) / of("account_calls"))

    feed_sweep, look_sweep, away_sweep = of("sweep_feed_calls"), of("sweep_pair_calls"), of("sweep_away_calls")
    feed = 2 * severa + of("feed_calls") * call
    idle = graph + of("idle_calls") * call
    change = 2 * graph + severa + of("change_calls") * call
    polled, looked = account(feed_sweep, of("feed_calls")), account(look_sweep, of("idle_calls"))
    told = Step("account", of("told_calls") / of("account_calls"))
    return {
        "feed": (swept(feed_sweep), Step("queue feeds", queue), polled, Step("instances", feed)),
        "look": (swept(look_sweep), Step("queue pairs", queue), looked, Step("instances", idle)),
        "away": (swept(away_sweep), Step("account", away_sweep / of("account_calls"))),
        "change": (told, Step("queue pairs", queue), account(0, of("change_calls")), Step("instances", change)),
    }[kind]


KINDS = ("feed", "look", "away", "change")


def rates(companies: float) -> dict[str, float]:
    """Pieces of work in a second, at the busiest hour."""
    pairs = companies * of("users_of_company")
    there = of("present")
    return {
        "feed": companies / of("feed_every"),
        "look": pairs * there / of("poll_every"),
        "away": pairs * (1 - there) / of("away_every"),
        "change": pairs * of("changes_of_day") * of("busiest_hour") / 3600,
    }


def servers_of(build: Build) -> dict[str, int]:
    """Of one stamp."""
    at_once = int(build.instances * of("messages_at_once"))
    return {"sweep": build.sweeps, "queue feeds": 1, "queue pairs": 1, "account": 1, "instances": at_once}


def offered(build: Build, companies: int) -> dict[str, float]:
    """What is asked of each station, as a share of what it can do; above 1 it never catches up."""
    share: dict[str, float] = defaultdict(float)
    servers = servers_of(build)
    for kind, rate in rates(companies / build.stamps).items():
        for step in work(kind):
            share[step.station] += rate * step.seconds / servers[step.station]
    return dict(share)


def _arrivals(companies: float, chance: random.Random) -> Iterator[tuple[float, str]]:
    for kind, rate in rates(companies).items():
        for _ in range(round(rate * SECONDS)):
            at = chance.random() * SECONDS
            yield (at if kind == "change" else math.floor(at / 60) * 60.0), kind


def simulate(build: Build, companies: int) -> dict[str, dict[str, float]]:
    """How long each kind of work waits from when it was due until an instance has it: p50, p95, p99, in seconds."""
    chance = random.Random(SEED)  # noqa: S311 - a model, nothing to guess
    each = companies / build.stamps
    thin = max(1.0, each / MOST_COMPANIES)
    stations, slower = {}, {}
    for name, servers in servers_of(build).items():
        kept = max(1, round(servers / thin))
        stations[name], slower[name] = Station(kept), thin * kept / servers
    events = [(at, number, kind, 0, at) for number, (at, kind) in enumerate(_arrivals(each / thin, chance))]
    heapq.heapify(events)
    waited: dict[str, list[float]] = defaultdict(list)
    while events:
        now, number, kind, at_step, due = heapq.heappop(events)
        steps = work(kind)
        step = steps[at_step]
        seconds = step.seconds * slower[step.station]
        if step.station == "instances":
            seconds *= chance.expovariate(1.0)
        begun, done = stations[step.station].serve(now, seconds)
        if at_step + 1 == len(steps):
            waited[kind].append(begun - due)
        else:
            heapq.heappush(events, (done, number, kind, at_step + 1, due))
    return {kind: _percentiles(waited[kind]) for kind in KINDS if waited[kind]}


def _percentiles(found: list[float]) -> dict[str, float]:
    found.sort()
    return {f"p{p}": round(found[min(len(found) - 1, len(found) * p // 100)], 2) for p in (50, 95, 99)}


def costs() -> dict[str, float]:
    """US dollars for 1,000 users and a month, without free grants, taxes and outbound traffic.

    `compute_alone`: each execution has an instance to itself for at least a second (Flex bills no less);
    `compute_shared`: so many share it as one instance takes. What is really paid lies between.
    """
    users, days, month = 1_000.0, of("days_of_month"), 30 * 86_400
    companies = users / of("users_of_company")
    there = of("hours_of_day") * 3_600 * days
    runs = {
        "feed": companies * month / of("feed_every"),
        "look": users * there / of("poll_every"),
        "away": users * (month - there) / of("away_every"),
        "change": users * of("changes_of_day") * days,
    }
    executed = runs["feed"] + runs["look"] + 2 * runs["change"]
    seconds = sum(
        number * step.seconds for kind, number in runs.items() for step in work(kind) if step.station == "instances"
    )
    price = of("gb_second") * of("memory_gb")
    tables = (
        runs["feed"] * (of("sweep_feed_calls") - 1 + of("feed_calls"))
        + runs["look"] * (of("sweep_pair_calls") - 1 + of("idle_calls"))
        + runs["away"] * of("sweep_away_calls")
        + runs["change"] * (of("told_calls") + of("change_calls"))
    )
    messages = (runs["feed"] + runs["look"] + runs["change"]) * of("message_calls")
    found = {
        "compute_alone": max(executed, seconds) * price,
        "compute_shared": seconds * price / of("messages_at_once"),
        "executions": executed / 1e6 * of("million_executions"),
        "table_calls": tables / 1e4 * of("table_calls"),
        "queue_calls": messages / 1e4 * of("queue_price"),
        "stored": users * of("entries_of_user") * 2 * of("row_bytes") / 1e9 * of("table_gb"),
        "logs": executed * of("log_bytes") / 1e9 * of("log_gb"),
    }
    rest = sum(value for name, value in found.items() if not name.startswith("compute"))
    found |= {"total_low": rest + found["compute_shared"], "total_high": rest + found["compute_alone"]}
    return {name: round(value, 3) for name, value in found.items()}


BUILDS = (
    Build("as built: one app, 100 instances"),
    Build("ten stamps of 10,000 companies, 200 instances each", stamps=10, instances=200),
)


def largest(build: Build) -> dict[str, float]:
    """For each station, how many companies the whole build bears before it is full."""
    return {name: math.floor(1_000 / share) for name, share in offered(build, 1_000).items()}


def rounds(companies: int) -> dict[str, float]:
    """How long the two timers that go through everybody take for a round in one stamp."""
    pairs = companies * of("users_of_company")
    house = pairs * (1 + of("house_calls") / of("rows_at_once")) * of("storage_latency") / of("house_seconds")
    watch = companies * of("watch_calls") * of("storage_latency") / 60
    return {"companies": companies, "housekeeping_days": round(house, 2), "subscriptions_minutes": round(watch, 2)}


def main() -> None:
    """Run the model, write the result, say the essential of it."""
    found = []
    for build in BUILDS:
        rows = []
        for companies in SIZES:
            share = {name: round(value, 3) for name, value in offered(build, companies).items()}
            waits = simulate(build, companies)
            keeps_up = max(share.values()) < 1 and all(one["p95"] <= LATE for one in waits.values())
            row = {"companies": companies, "pairs": round(companies * of("users_of_company")), "keeps_up": keeps_up}
            rows.append({**row, "offered": share, "waits_seconds": waits})
        found.append({**asdict(build), "full_at_companies": largest(build), "sizes": rows})
        last = max((size for size, row in zip(SIZES, rows, strict=True) if row["keeps_up"]), default=0)
        sys.stdout.write(f"{build.name}: keeps up to {last} companies; full at {largest(build)}\n")
    given = {name: asdict(one) for name, one in GIVEN.items()}
    result = {"command": "python -m benchmarks.capacity", "seed": SEED, "simulated_seconds": SECONDS, "given": given}
    result["rounds_of_one_stamp"] = [rounds(companies) for companies in SIZES]
    price = costs()
    RESULTS.write_text(
        json.dumps({**result, "builds": found, "dollars_per_1000_users_and_month": price}, indent=1) + "\n"
    )
    sys.stdout.write(f"$ for 1,000 users and a month: {price}\n")


if __name__ == "__main__":
    main()
