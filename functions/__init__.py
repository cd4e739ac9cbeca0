"""Thin triggers: parse → one use case → answer. Importing them loads no adapter, no SDK, no telemetry."""
