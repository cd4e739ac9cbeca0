"""Where events, traces and metrics go. OpenTelemetry is loaded only where the settings ask for it."""

from __future__ import annotations

from functools import partial

from core.ports_telemetry import Telemetry
from core.settings import Settings


def telemetry_of(settings: Settings | None) -> Telemetry:
    """Lines in the log; spans and metrics beside them where the settings name a place for those."""
    if settings is None or not (settings.insights or settings.telemetry):
        from core.adapters.telemetry.lines import Lines

        return Lines()
    from core.adapters.telemetry.loading import Loading

    return Loading(partial(_signals, settings))


def _signals(settings: Settings) -> Telemetry:
    from core.adapters.telemetry.signals import Signals

    if settings.insights:
        from core.adapters.telemetry.insights import insights

        return Signals(insights(settings.insights, settings.ca_file))
    from core.adapters.telemetry.providers import console

    return Signals(console())
