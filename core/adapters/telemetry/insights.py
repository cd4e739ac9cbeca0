"""Application Insights, through the exporters of Azure Monitor (docs/decisions/0012-observability.md)."""

from __future__ import annotations

from typing import Any

from azure.monitor.opentelemetry.exporter import AzureMonitorMetricExporter, AzureMonitorTraceExporter
from opentelemetry.sdk.trace import TracerProvider

from core.adapters.telemetry.providers import RESOURCE, Providers, providers


def insights(connection: str, ca_file: str = "") -> Providers:
    """Who we are is in APPLICATIONINSIGHTS_AUTHENTICATION_STRING, which the exporters read.

    Nothing is kept on disk: what cannot be sent is lost, its line in the log is not.
    """
    options: dict[str, Any] = {"connection_string": connection, "disable_offline_storage": True}
    if ca_file:
        options["connection_verify"] = ca_file
    traces = TracerProvider(resource=RESOURCE)
    spans = AzureMonitorTraceExporter(tracer_provider=traces, **options)
    return providers(traces, spans, AzureMonitorMetricExporter(**options))
