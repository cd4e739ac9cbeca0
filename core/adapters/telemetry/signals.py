"""OpenTelemetry: a span and a few metrics for each event, beside its line in the log.

The providers are ours alone, never the global ones: libraries that trace by themselves (msgraph-sdk, azure-core) would
put addresses of requests into spans, and mailboxes' addresses with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.metrics import Meter
from opentelemetry.trace import NonRecordingSpan, SpanContext, Status, StatusCode, TraceFlags

from core.adapters.telemetry.lines import tell, trace_of
from core.adapters.telemetry.providers import Providers
from core.ports_telemetry import Event, Span, Value

NAME = "severa_sync"
FAILED = frozenset({"failed", "stopped", "later", "not_stored"})
"""Outcomes after which a span says that it went wrong."""
COUNTED = {"requests": "service", "written": "kind", "refused": "code", "lease": "what"}
"""Numbers of an event that become counters, and what tells their words apart."""
HISTOGRAMS = ("seconds", "hint_to_start", "hint_to_written")


class Signals:
    """Telemetry (core/ports_telemetry.py) through OpenTelemetry. It closes what it was given."""

    def __init__(self, providers: Providers) -> None:
        self._providers = providers
        self._tracer = providers.traces.get_tracer(NAME)
        self._metrics = _Metrics(providers.metrics.get_meter(NAME))

    def begin(self, name: str, parent: str = "") -> Span:
        """See Telemetry.begin. Spans are internal ones: the host tells of the invocation around them."""
        span = self._tracer.start_span(name, context=_context(parent))
        return _Span(span, parent, self._metrics)

    def close(self) -> None:
        """See Telemetry.close."""
        self._providers.traces.shutdown()
        self._providers.metrics.shutdown()


class _Span:
    def __init__(self, span: trace.Span, parent: str, metrics: _Metrics) -> None:
        self._span, self._parent, self._metrics = span, parent, metrics
        place = span.get_span_context()
        self.traceparent = f"00-{place.trace_id:032x}-{place.span_id:016x}-{int(place.trace_flags):02x}"

    def end(self, event: Event) -> None:
        """See Span.end."""
        self._span.set_attributes(dict(_flat(event)))
        links = event.get("links")
        for link in links if isinstance(links, list) else ():
            if (place := _place(link)) is not None:
                self._span.add_link(place)
        if event.get("outcome") in FAILED:
            self._span.set_status(Status(StatusCode.ERROR, str(event.get("code", ""))))
        self._span.end()
        self._metrics.add(event)
        tell(event, self.traceparent, self._parent)


class _Metrics:
    """Companies and users are no attributes of metrics: each value of one would be a series of its own."""

    def __init__(self, meter: Meter) -> None:
        self._events = meter.create_counter(f"{NAME}.events", "{event}", "Events by kind, outcome and lane")
        self._counters = {name: meter.create_counter(f"{NAME}.{name}") for name in COUNTED}
        self._histograms = {name: meter.create_histogram(f"{NAME}.{name}", "s") for name in HISTOGRAMS}

    def add(self, event: Event) -> None:
        """Count it."""
        kind = str(event["event"])
        ending = {name: str(event[name]) for name in ("outcome", "lane") if name in event}
        self._events.add(1, {"event": kind, **ending})
        for name, counter in self._counters.items():
            for word, number in _numbers(event.get(name)):
                counter.add(number, {"event": kind, COUNTED[name]: word})
        for name, histogram in self._histograms.items():
            if isinstance(value := event.get(name), int | float):
                histogram.record(value, {"event": kind, **ending})


def _numbers(value: Value | None) -> Iterator[tuple[str, float]]:
    if isinstance(value, Mapping):
        yield from value.items()


def _flat(event: Event) -> Iterator[tuple[str, str | float | list[str]]]:
    for name, value in event.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{word}", number) for word, number in value.items())
        else:
            yield name, value


def _place(traceparent: str) -> SpanContext | None:
    if not trace_of(traceparent):
        return None
    _, trace_id, span_id, flags = traceparent.split("-")
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))


def _context(parent: str) -> Context:
    place = _place(parent)
    return Context() if place is None else trace.set_span_in_context(NonRecordingSpan(place), Context())
