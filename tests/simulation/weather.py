"""What goes wrong, and when: troubles with a beginning and an end, and the dice that decide whom they hit.

A trouble hits each thing of its kind with its own probability while it lasts. All dice are of one seed.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

REQUESTS = ("refused", "broken", "not_sent", "answer_lost", "truncated", "stale", "late")
STORES = ("store_fails", "store_conflicts", "store_answer_lost")
NOTICES = ("notice_lost", "notice_doubled", "notice_late")
QUEUES = ("message_lost", "message_doubled", "message_late", "message_redelivered")
STATES = (
    *("death", "stall", "outage", "clock", "cursors_lost", "tokens_dead", "delta_lag", "listing_lag", "delta_odd"),
    *("no_consent", "address_moves", "mailbox_away", "narrow", "odd_texts", "double_sweep", "missed_sweep"),
    *("late_invitations", "door_shut", "reauthorize", "subscription_gone", "notices_missed", "server_busy"),
)
KINDS = (*REQUESTS, *STORES, *QUEUES, *NOTICES, *STATES)
"""Every kind of trouble. Those of requests, stores, queues and notices are rolled for each; the others happen once."""

_RATE = {
    "late": 0.15,
    "store_conflicts": 0.1,
    "store_fails": 0.03,
    "store_answer_lost": 0.02,
    "stale": 0.3,
    "message_doubled": 0.0125,
    "message_redelivered": 0.05,
}
"""How likely most troubles hit is 0.25 times a half to four. More doubled messages than this breed without end."""
_WEIGHT = {"death": 5, "stall": 2, "answer_lost": 3, "late": 2, "truncated": 2, "outage": 1}


@dataclass(frozen=True, slots=True)
class Trouble:
    """From `at` for `length` seconds; `rate` is how likely it hits; `dice` seeds what else there is to choose."""

    kind: str
    at: float
    length: float
    rate: float
    dice: int

    def __str__(self) -> str:
        return f"{self.at:8.1f} trouble {self.kind} for {self.length:.0f} s at {self.rate:.2f}"


def draw_troubles(rng: random.Random, until: float, kinds: tuple[str, ...] = KINDS) -> list[Trouble]:
    """Some troubles between the beginning and `until`."""
    drawn = []
    often = [kind for kind in kinds for _ in range(_WEIGHT.get(kind, 1))]
    for _ in range(rng.choice((0, 2, 4, 6, 8, 12))):
        kind = rng.choice(often)
        rate = min(1.0, _RATE.get(kind, 0.25) * rng.choice((0.5, 1.0, 2.0, 4.0)))
        length = rng.choice((20.0, 120.0, 400.0, 900.0))
        drawn.append(Trouble(kind, rng.uniform(0.0, until), length, rate, rng.getrandbits(32)))
    return sorted(drawn, key=lambda t: t.at)


@dataclass(slots=True)
class Weather:
    """The troubles of now, and the dice."""

    rng: random.Random
    rates: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    hits: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    calm: bool = False

    @contextmanager
    def lasting(self, trouble: Trouble) -> Iterator[None]:
        """While this is open, things of that kind are hit."""
        self.rates[trouble.kind].append(trouble.rate)
        try:
            yield
        finally:
            self.rates[trouble.kind].remove(trouble.rate)

    def strikes(self, *kinds: str) -> str:
        """The first of these kinds that hits now; empty where none does."""
        if self.calm:
            return ""
        for kind in kinds:
            for rate in self.rates.get(kind, ()):
                if self.rng.random() < rate:
                    self.hits[kind] += 1
                    return kind
        return ""

    def moment(self, longest: float) -> float:
        """A short time in seconds, up to `longest`."""
        return self.rng.random() * longest


SKEW = timedelta(seconds=4)
"""How wrong a process's clock may be. With a request that arrives ten seconds late it stays within the margin that
creates wait for (core/usecases/creating.py)."""
LATEST = 40.0
"""Seconds that a request may be under way before it takes effect: ten more than a write's own time-out."""
