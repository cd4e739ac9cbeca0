"""Spans and metrics of events, with OpenTelemetry's own exporters in memory."""

from __future__ import annotations

import json
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode, get_tracer_provider

from core.adapters.telemetry.providers import Providers
from core.adapters.telemetry.signals import Signals
from core.ports_telemetry import followed

PARENT = f"00-{'a' * 32}-{'b' * 16}-01"
LINK = f"00-{'c' * 32}-{'d' * 16}-01"


class Kept:
    """Signals, and what came of them."""

    def __init__(self) -> None:
        self.spans, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        traces = TracerProvider(shutdown_on_exit=False)
        traces.add_span_processor(SimpleSpanProcessor(self.spans))
        self.signals = Signals(Providers(traces, MeterProvider([self.reader], shutdown_on_exit=False)))

    def metrics(self) -> dict[str, list[tuple[dict[str, Any], Any]]]:
        """Each metric's points: attributes, and the value or the sum."""
        found: dict[str, list[tuple[dict[str, Any], Any]]] = {}
        data = self.reader.get_metrics_data()
        for metric in data.resource_metrics[0].scope_metrics[0].metrics if data else ():
            for point in metric.data.data_points:
                value = point.sum if hasattr(point, "sum") else point.value
                found.setdefault(metric.name, []).append((dict(point.attributes), value))
        return found


async def test_a_span(caplog: pytest.LogCaptureFixture) -> None:
    """In the trace of whoever asked, linked to the others, with the event's fields; the line has the same ids."""
    kept = Kept()
    with caplog.at_level("INFO"), followed(kept.signals, "run", parent=PARENT) as trail:
        trail.causes = (f"feed {LINK}", "feed nonsense")
        trail.say(outcome="done", company="c", written={"created_severa": 2})
    [span] = kept.spans.get_finished_spans()
    assert (span.name, span.kind, span.parent.span_id) == ("run", SpanKind.INTERNAL, int("b" * 16, 16))
    assert [link.context.span_id for link in span.links] == [int("d" * 16, 16)]
    assert (span.attributes["company"], span.attributes["written.created_severa"]) == ("c", 2)
    assert span.status.status_code is StatusCode.UNSET
    event = json.loads(caplog.messages[0])
    assert (event["trace"], event["span"]) == (f"{span.context.trace_id:032x}", f"{span.context.span_id:016x}")
    kept.signals.close()


@pytest.mark.parametrize("outcome", ["later", "stopped", "failed", "not_stored"])
async def test_a_run_that_went_wrong(outcome: str) -> None:
    """The span has a status, and the code that says why; with no cause it is the root of a trace."""
    kept = Kept()
    with followed(kept.signals, "run") as trail:
        trail.say(outcome=outcome, code="throttled")
    [span] = kept.spans.get_finished_spans()
    assert (span.status.status_code, span.status.description, span.parent) == (StatusCode.ERROR, "throttled", None)


async def test_metrics() -> None:
    """Counted by kind, outcome, lane, service, word; never by company or user: there would be no end of series."""
    kept = Kept()
    for lane in ("pairs", "pairs"):
        with followed(kept.signals, "run") as trail:
            trail.say(outcome="done", lane=lane, company="c", user="u", hint_to_written=1.5, refused={"x": 1})
            trail.count("requests", "graph", 3)
    found = kept.metrics()
    ending = {"event": "run", "outcome": "done", "lane": "pairs"}
    assert found["severa_sync.events"] == [(ending, 2)]
    assert found["severa_sync.requests"] == [({"event": "run", "service": "graph"}, 6)]
    assert found["severa_sync.refused"] == [({"event": "run", "code": "x"}, 2)]
    assert found["severa_sync.hint_to_written"] == [(ending, 3.0)]
    assert {name for points in found.values() for attributes, _ in points for name in attributes} == {
        "event", "outcome", "lane", "service", "code",
    }  # fmt: skip


async def test_libraries_that_trace_by_themselves() -> None:
    """Our providers are not the process's: the SDKs' own spans, with addresses of requests in them, go nowhere."""
    kept = Kept()
    assert get_tracer_provider() is not kept.signals._providers.traces
    with followed(kept.signals, "run"), get_tracer_provider().get_tracer("msgraph").start_as_current_span("GET"):
        pass
    assert [span.name for span in kept.spans.get_finished_spans()] == ["run"]
