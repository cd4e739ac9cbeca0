"""OpenTelemetry takes most of a second to load: nobody's notification waits for that."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from core.adapters.telemetry.lines import Lines
from core.ports_telemetry import Span, Telemetry

_log = logging.getLogger(__name__)


class Loading:
    """Telemetry (core/ports_telemetry.py): lines until `load` has come to an end, on a thread of its own.

    Where it fails, lines it stays: that nobody watches is no reason to stop synchronizing.
    """

    def __init__(self, load: Callable[[], Telemetry]) -> None:
        self._lines = Lines()
        pool = ThreadPoolExecutor(1, "telemetry")
        self._loaded: Future[Telemetry] = pool.submit(load)
        pool.shutdown(wait=False)
        self._loaded.add_done_callback(_tell_failure)

    def begin(self, name: str, parent: str = "") -> Span:
        """See Telemetry.begin."""
        return self._now().begin(name, parent)

    def close(self) -> None:
        """See Telemetry.close."""
        self._loaded.exception()  # it waits
        self._now().close()

    def _now(self) -> Telemetry:
        is_there = self._loaded.done() and self._loaded.exception() is None
        return self._loaded.result() if is_there else self._lines


def _tell_failure(loaded: Future[Telemetry]) -> None:
    if (failure := loaded.exception()) is not None:
        _log.error("Traces and metrics go nowhere: %s", type(failure).__name__)
