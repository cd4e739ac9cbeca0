"""What a simulator was asked, so that tests can count requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

DROPPED = 0
"""The status noted for a request whose connection was dropped without an answer."""


class Recorded(NamedTuple):
    """One request: method, path template (`/v1/activities/{guid}`), status answered, path and query as sent."""

    method: str
    path: str
    status: int
    url: str


@dataclass(slots=True)
class RequestLog:
    """All requests of a simulator since the last reset, in the order of their answers."""

    entries: list[Recorded] = field(default_factory=list)

    def record(self, method: str, path: str, status: int, url: str = "") -> None:
        """Note one answered request."""
        self.entries.append(Recorded(method, path, status, url or path))

    def select(
        self, method: str | None = None, contains: str | None = None, status: int | None = None
    ) -> list[Recorded]:
        """The requests with this method, with this text in path template or URL, and with this status."""
        return [
            entry
            for entry in self.entries
            if (method is None or entry.method == method.upper())
            and (contains is None or contains in entry.path or contains in entry.url)
            and (status is None or entry.status == status)
        ]

    def count(self, method: str | None = None, contains: str | None = None, status: int | None = None) -> int:
        """How many requests `select` finds."""
        return len(self.select(method, contains, status))

    def reset(self) -> None:
        """Forget everything."""
        self.entries.clear()
