"""Where it goes, by the settings: the log, the console, Application Insights. And what is loaded for that."""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from core import wiring
from core.adapters.memory.telemetry import MemoryTelemetry
from core.adapters.telemetry.lines import Lines
from core.adapters.telemetry.loading import Loading
from core.adapters.telemetry.signals import Signals
from core.ports_telemetry import Telemetry, followed
from core.settings import SettingsError, load
from core.wiring.watching import telemetry_of
from tests.simulators.common.server import serve

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    "SYNC_MASTER_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "SYNC_APP_CLIENT_ID": "66666666-6666-4666-8666-666666666666",
    "SYNC_APP_SECRET": "made-up",
}
KEY = "11111111-2222-4333-8444-555555555555"


def test_nothing_is_loaded_that_nobody_asked_for() -> None:
    """The app and its telemetry, with settings that name no place for spans: no OpenTelemetry, no exporter."""
    code = (
        "import sys, function_app; from core import wiring; wiring.telemetry().begin('run');"
        "print([name for name in sys.modules if name.startswith(('opentelemetry', 'azure.core', 'azure.monitor'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, env=ENVIRONMENT
    )
    assert done.stdout.strip() == "[]"


async def test_a_process_without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """It tells in its log; once the environment can be used, one telemetry serves the process until it is closed."""
    monkeypatch.delenv("SYNC_MASTER_KEY", raising=False)
    assert isinstance(wiring.telemetry(), Lines)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    made = wiring.telemetry()
    assert made is wiring.telemetry()
    await wiring.close()
    assert made is not wiring.telemetry()
    await wiring.close()


def test_a_setting_that_is_none() -> None:
    """It is refused by name."""
    with pytest.raises(SettingsError, match="SYNC_TELEMETRY is something other than console"):
        load({**ENVIRONMENT, "SYNC_TELEMETRY": "everywhere"})


async def loaded(telemetry: Telemetry) -> None:
    """Wait until OpenTelemetry is there."""
    assert isinstance(telemetry, Loading)
    assert isinstance(await asyncio.wrap_future(telemetry._loaded), Signals)


async def test_events_before_it_is_loaded(caplog: pytest.LogCaptureFixture) -> None:
    """They are lines in the log, as they are afterwards; nothing waits but the end of the process."""
    go, told = threading.Event(), MemoryTelemetry()

    def load() -> Telemetry:
        go.wait(10)
        return told

    telemetry = Loading(load)
    with caplog.at_level("INFO"), followed(telemetry, "run"):
        go.set()
        await asyncio.wrap_future(telemetry._loaded)
    assert (len(caplog.messages), told.events) == (1, [])
    with followed(telemetry, "run"):
        pass
    assert len(told.events) == 1
    telemetry.close()


async def test_telemetry_that_cannot_be_loaded(caplog: pytest.LogCaptureFixture) -> None:
    """A connection string that is none: that is told without it, lines are written, and the service serves."""
    with caplog.at_level("INFO"):
        telemetry = telemetry_of(load({**ENVIRONMENT, "APPLICATIONINSIGHTS_CONNECTION_STRING": "canary"}))
        await asyncio.to_thread(telemetry.close)
        with followed(telemetry, "run"):
            pass
    told = "\n".join(caplog.messages)
    assert "Traces and metrics go nowhere: ValueError" in told
    assert '"event":"run"' in told
    assert "canary" not in told


async def test_the_console(capfd: pytest.CaptureFixture[str]) -> None:
    """Spans and metrics on standard error."""
    telemetry = telemetry_of(load({**ENVIRONMENT, "SYNC_TELEMETRY": "console"}))
    await loaded(telemetry)
    with followed(telemetry, "sweep") as trail:
        trail.say(sent=3)
    await asyncio.to_thread(telemetry.close)
    written = capfd.readouterr().err
    assert '"name": "sweep"' in written
    assert "severa_sync.events" in written


async def test_application_insights(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exporters send the span and the metrics when the process ends, and ask no other address."""
    for name in ("STATSBEAT_DISABLED_ALL", "CONTROLPLANE_DISABLED", "SDKSTATS_DISABLED"):  # as app.bicep has it
        monkeypatch.setenv(f"APPLICATIONINSIGHTS_{name}", "true")
    got: list[dict[str, Any]] = []

    async def track(request: Request) -> JSONResponse:
        body = await request.body()
        items = json.loads(gzip.decompress(body) if request.headers.get("content-encoding") == "gzip" else body)
        got.extend(items)
        return JSONResponse({"itemsReceived": len(items), "itemsAccepted": len(items), "errors": []})

    app = Starlette(routes=[Route("/v2.1/track", track, methods=["POST"])])
    async with serve(app) as url:
        connection = f"InstrumentationKey={KEY};IngestionEndpoint={url}"
        telemetry = telemetry_of(load({**ENVIRONMENT, "APPLICATIONINSIGHTS_CONNECTION_STRING": connection}))
        await loaded(telemetry)
        with followed(telemetry, "run", parent=f"00-{'a' * 32}-{'b' * 16}-01") as trail:
            trail.say(outcome="done", company="c")
        await asyncio.to_thread(telemetry.close)
    [span] = [one for one in got if one["data"]["baseType"] == "RemoteDependencyData"]
    assert span["tags"]["ai.operation.id"] == "a" * 32
    assert (span["data"]["baseData"]["name"], span["data"]["baseData"]["properties"]["company"]) == ("run", "c")
    metrics = {m["name"] for one in got for m in one["data"]["baseData"].get("metrics", [])}
    assert "severa_sync.events" in metrics
