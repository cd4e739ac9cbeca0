"""OpenTelemetry's providers: what spans and metrics are made with, and how they get to an exporter."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, MetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter

RESOURCE = Resource({SERVICE_NAME: "severa-calendar-sync"})


@dataclass(frozen=True, slots=True)
class Providers:
    """Where spans and metrics are given to. Neither is the process's global one (signals.py says why)."""

    traces: TracerProvider
    metrics: MeterProvider


def providers(traces: TracerProvider, spans: SpanExporter, metrics: MetricExporter) -> Providers:
    """Exported from threads of their own, in batches and every minute; what is left, when the process ends."""
    traces.add_span_processor(BatchSpanProcessor(spans))
    return Providers(traces, MeterProvider([PeriodicExportingMetricReader(metrics)], resource=RESOURCE))


def console() -> Providers:
    """Standard error."""
    spans, metrics = ConsoleSpanExporter(out=sys.stderr), ConsoleMetricExporter(out=sys.stderr)
    return providers(TracerProvider(resource=RESOURCE), spans, metrics)
