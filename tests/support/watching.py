"""Ports under watch: every call through them is counted, and may be interrupted before or after it took effect."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any, cast

from core.ports import Ports

READS = frozenset(
    {
        *("pairs.head", "pairs.links", "pairs.link_of", "companies.settings", "companies.members", "companies.intents"),
        *("companies.activity", "companies.feed", "companies.counter", "due.until", "history.read", "holds.of_company"),
        *("gateways.severa", "gateways.microsoft", "company.find_mailbox", "company.changes", "company.user"),
        *("company.activity_types", "company.find_user", "severa.view", "severa.read", "severa.verify"),
        *("microsoft.view", "microsoft.read", "microsoft.verify", "microsoft.changes", "keys.digest_key"),
    }
)
"""Calls that change nothing; all others are effects."""
STORES = ("pairs", "companies", "due", "history", "holds")
"""What lives in tables; a message of a queue is counted apart."""
Interrupt = Callable[[str], None]


@dataclass(slots=True)
class Watch:
    """Counts calls by `port.method`. `interrupt` is called with `before NAME` and `after NAME` around every effect.

    What it raises before, the effect did not happen; what it raises after, the effect did and its caller cannot know.
    """

    calls: Counter[str] = field(default_factory=Counter)
    interrupt: Interrupt | None = None

    def reset(self) -> None:
        """Count from here on."""
        self.calls.clear()

    def of(self, *ports: str) -> int:
        """Calls of these ports."""
        return sum(count for name, count in self.calls.items() if name.split(".")[0] in ports)

    @property
    def effects(self) -> list[str]:
        """Names of the effects that happened, in alphabetical order."""
        return sorted(name for name in self.calls if name not in READS)

    def begins(self, name: str) -> None:
        """An effect or a read is about to happen."""
        if self.interrupt is not None and name not in READS:
            self.interrupt(f"before {name}")
        self.calls[name] += 1

    def ended(self, name: str) -> None:
        """It happened."""
        if self.interrupt is not None and name not in READS:
            self.interrupt(f"after {name}")


class Watched:
    """A stand-in for one port: hands every call on, and tells the watch."""

    def __init__(self, inner: Any, port: str, watch: Watch) -> None:
        self._inner, self._port, self._watch = inner, port, watch

    def __getattr__(self, method: str) -> Any:
        """The port's method, framed."""
        target = getattr(self._inner, method)
        name = f"{self._port}.{method}"
        if inspect.isasyncgenfunction(target):
            return lambda *args, **named: self._pages(target(*args, **named), name)
        if inspect.iscoroutinefunction(target):
            return lambda *args, **named: self._call(target, name, *args, **named)
        if method == "calendar":
            port = "severa" if hasattr(self._inner, "activity_types") else "microsoft"
            return lambda *args: Watched(target(*args), port, self._watch)
        return target

    async def _call(self, target: Any, name: str, *args: Any, **named: Any) -> Any:
        self._watch.begins(name)
        answer = await target(*args, **named)
        self._watch.ended(name)
        return Watched(answer, "company", self._watch) if self._port == "gateways" else answer

    async def _pages(self, pages: AsyncIterator[Any], name: str) -> AsyncIterator[Any]:
        self._watch.begins(name)
        async for page in pages:
            yield page


def watched(ports: Ports, watch: Watch) -> Ports:
    """The same ports, watched: stores, queues, and the calendars behind the gateways."""
    names = ("pairs", "companies", "due", "history", "holds", "queues", "gateways")
    return replace(ports, **{name: cast("Any", Watched(getattr(ports, name), name, watch)) for name in names})
