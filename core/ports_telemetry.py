"""What a run tells of itself: one event, filled while it runs, and who is told of it (docs/observability.md).

Ids, codes, numbers and instants only: nobody's content, no address, no token (design.md section 9).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from core.model.state import MOST_CAUSES, Hint

Value = str | float | list[str] | dict[str, float]
Event = Mapping[str, Value]
SAYABLE = re.compile(r"[\w.:|+-]{0,160}", re.ASCII)
"""Codes, ids, instants. A subject has blanks, an address has its sign: neither can be said, whoever tries."""
UNSAYABLE = "not_said"


class Span(Protocol):
    """One run that has begun."""

    @property
    def traceparent(self) -> str:
        """Its place in its trace (W3C Trace Context, section 3.2): `00-<trace>-<span>-<flags>`."""
        ...

    def end(self, event: Event) -> None:
        """It is over; the event says all of it. It raises nothing."""
        ...


class Telemetry(Protocol):
    """Where events, traces and metrics go."""

    def begin(self, name: str, parent: str = "") -> Span:
        """A run of that kind begins, in the trace of `parent` (a traceparent) or in one of its own."""
        ...

    def close(self) -> None:
        """Send what is left. It blocks until then, a few seconds at most."""
        ...


@dataclass(slots=True)
class Trail:
    """What one run leaves behind. `name` is the kind of its event; `word` says what it is as the cause of others.

    `asked`: since when somebody waits for it; `causes`: on whose account, each `word traceparent`. `written`: when its
    last effect on a calendar was recorded.
    """

    name: str = ""
    word: str = ""
    traceparent: str = ""
    asked: datetime | None = None
    causes: tuple[str, ...] = ()
    facts: dict[str, Value] = field(default_factory=dict)
    numbers: dict[str, dict[str, float]] = field(default_factory=dict)

    @property
    def cause(self) -> str:
        """What a hint names it by; empty where nobody watches."""
        return f"{self.word or self.name} {self.traceparent}" if self.traceparent else ""

    def say(self, **facts: str | float | Iterable[str] | Mapping[str, int]) -> None:
        """Facts of the event, by name; the last word counts."""
        for name, value in facts.items():
            if isinstance(value, Mapping):
                self.numbers[name] = {_said(word): number for word, number in value.items()}
            elif isinstance(value, str):
                self.facts[name] = _said(value)
            elif isinstance(value, int | float):
                self.facts[name] = value
            else:
                self.facts[name] = [_said(one) for one in value]

    def count(self, what: str, word: str, number: float = 1) -> None:
        """One more of a kind, such as `requests` of a service."""
        counted, said = self.numbers.setdefault(what, {}), _said(word)
        counted[said] = counted.get(said, 0) + number

    def serves(self, hint: Hint, now: datetime) -> None:
        """The hint that this run has taken along; another round may take another one."""
        if hint.asked is not None:
            self.asked = min(self.asked or hint.asked, hint.asked)
            self.say(asked=self.asked.isoformat(), hint_to_start=(now - self.asked).total_seconds())
        self.causes = joined(self.causes, hint.causes)

    def wrote(self, now: datetime) -> None:
        """An effect on a calendar is recorded."""
        if self.asked is not None:
            self.say(hint_to_written=(now - self.asked).total_seconds())

    def event(self, seconds: float) -> dict[str, Value]:
        """All of it; `seconds` is how long it took."""
        causes = [one.partition(" ") for one in self.causes]
        because = sorted({_said(word) for word, _, _ in causes})
        links: dict[str, Value] = {"because": because, "links": [_said(place) for _, _, place in causes]}
        numbers = {what: _rounded(counted) for what, counted in self.numbers.items() if counted}
        return {"event": self.name, **self.facts, **(links if causes else {}), **numbers, "seconds": round(seconds, 3)}


def joined(causes: tuple[str, ...], more: Iterable[str]) -> tuple[str, ...]:
    """Both, each once, and no more than fit: the first ones stay."""
    return tuple(dict.fromkeys((*causes, *more)))[:MOST_CAUSES]


def _said(text: str) -> str:
    return text if SAYABLE.fullmatch(text) else UNSAYABLE


def _rounded(counted: Mapping[str, float]) -> dict[str, float]:
    return {word: number if isinstance(number, int) else round(number, 3) for word, number in sorted(counted.items())}


# --- the run that goes on here ----------------------------------------------------------------------------------------
_current: ContextVar[Trail | None] = ContextVar("trail", default=None)


def current() -> Trail:
    """The trail of the run that the caller belongs to; one that nobody reads where none is followed."""
    return _current.get() or Trail()


@contextmanager
def followed(telemetry: Telemetry, name: str, *, parent: str = "", word: str = "") -> Iterator[Trail]:
    """Follow what is done inside to its end, and tell of it once, however it ends."""
    clock = asyncio.get_running_loop().time  # the simulation's is virtual
    span, began = telemetry.begin(name, parent), clock()
    trail = Trail(name, word, span.traceparent)
    here = _current.set(trail)
    try:
        yield trail
    except BaseException as failure:
        trail.say(outcome="failed", code=str(getattr(failure, "code", type(failure).__name__)))
        raise
    finally:
        _current.reset(here)
        span.end(trail.event(clock() - began))


@contextmanager
def asking(service: str) -> Iterator[None]:
    """One request to a service: counted, and how long it took."""
    trail, clock = current(), asyncio.get_running_loop().time
    began = clock()
    try:
        yield
    finally:
        trail.count("requests", service)
        trail.count("asked_seconds", service, clock() - began)
