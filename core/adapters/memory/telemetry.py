"""Telemetry in memory, for tests: every event, with its place in its trace. Ids are counted, so runs repeat."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from core.ports_telemetry import Event, Span, Value


@dataclass(slots=True)
class MemoryTelemetry:
    """Telemetry (core/ports_telemetry.py). `events` in the order in which they ended."""

    events: list[dict[str, Value]] = field(default_factory=list)
    _ids: count[int] = field(default_factory=lambda: count(1))

    def begin(self, name: str, parent: str = "") -> Span:
        """See Telemetry.begin."""
        del name
        number = next(self._ids)
        trace = parent.split("-")[1] if parent else f"{number:032x}"
        return _Span(f"00-{trace}-{number:016x}-01", parent, self.events)

    def close(self) -> None:
        """Nothing is open."""

    def of(self, name: str) -> list[dict[str, Value]]:
        """The events of a kind."""
        return [event for event in self.events if event["event"] == name]


@dataclass(frozen=True, slots=True)
class _Span:
    traceparent: str
    parent: str
    events: list[dict[str, Value]]

    def end(self, event: Event) -> None:
        """See Span.end."""
        self.events.append({**event, "traceparent": self.traceparent, "parent": self.parent})
