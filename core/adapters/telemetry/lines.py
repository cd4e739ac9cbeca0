"""Each event is one line of JSON in the log. That is all where no traces or metrics are asked for."""

from __future__ import annotations

import json
import logging
import re
import secrets
from dataclasses import dataclass

from core.ports_telemetry import Event, Span

_log = logging.getLogger("severa_sync.events")
TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
"""W3C Trace Context, section 3.2.2: version 00, and ids that are not all zeros."""


def trace_of(traceparent: str) -> str:
    """The trace that it belongs to; empty for what is none."""
    return traceparent.split("-")[1] if TRACEPARENT.fullmatch(traceparent) else ""


def tell(event: Event, traceparent: str, parent: str) -> None:
    """Write the line. `event` comes first in it, so that a query can ask for the beginning of a line."""
    _, trace, span, _ = traceparent.split("-")
    places = {"trace": trace, "span": span} | ({"parent": parent} if trace_of(parent) else {})
    _log.info("%s", json.dumps({**event, **places}, separators=(",", ":")))


@dataclass(frozen=True, slots=True)
class _Line:
    traceparent: str
    parent: str

    def end(self, event: Event) -> None:
        """See Span.end."""
        tell(event, self.traceparent, self.parent)


class Lines:
    """Telemetry (core/ports_telemetry.py) in the log alone."""

    def begin(self, name: str, parent: str = "") -> Span:
        """See Telemetry.begin."""
        del name
        return _Line(f"00-{trace_of(parent) or secrets.token_hex(16)}-{secrets.token_hex(8)}-01", parent)

    def close(self) -> None:
        """Nothing is left."""
