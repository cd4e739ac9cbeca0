"""Where events, traces and metrics go: lines of JSON in the log, and OpenTelemetry (docs/observability.md)."""
