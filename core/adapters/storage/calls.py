"""How often storage is asked, so that tests can hold it to a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from core.ports_telemetry import current


class StorageCalls:
    """Requests by table or queue and HTTP method, repeated ones counted again. A transaction is one POST."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()

    @property
    def total(self) -> int:
        """All requests."""
        return self.counts.total()

    def reset(self) -> None:
        """Count from zero."""
        self.counts.clear()

    def hook(self, name: str) -> Callable[[Any], None]:
        """What a client calls with each request that it sends to table or queue `name`."""

        def count(request: Any) -> None:
            self.counts[(name, str(request.http_request.method))] += 1
            current().count("requests", "storage")

        return count
