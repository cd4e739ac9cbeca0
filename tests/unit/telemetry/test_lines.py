"""The line that every event is in the log."""

from __future__ import annotations

import json

import pytest

from core.adapters.telemetry.lines import Lines, trace_of
from core.ports_telemetry import followed

PARENT = f"00-{'a' * 32}-{'b' * 16}-01"


async def test_a_line(caplog: pytest.LogCaptureFixture) -> None:
    """One object of JSON, its kind first; the trace of whoever asked goes on."""
    with caplog.at_level("INFO"), followed(Lines(), "run", parent=PARENT) as trail:
        trail.say(code="ok")
    [line] = caplog.messages
    assert line.startswith('{"event":"run",')
    event = json.loads(line)
    assert (event["code"], event["trace"], event["parent"]) == ("ok", "a" * 32, PARENT)
    assert trail.traceparent == f"00-{event['trace']}-{event['span']}-01"


@pytest.mark.parametrize("parent", ["", "x", PARENT[:-1], PARENT.upper(), PARENT.replace("a", "0"), f"{PARENT}\n", "é"])
async def test_a_place_that_is_none(caplog: pytest.LogCaptureFixture, parent: str) -> None:
    """A trace of its own begins; what came in is not repeated."""
    with caplog.at_level("INFO"), followed(Lines(), "run", parent=parent):
        pass
    event = json.loads(caplog.messages[0])
    assert "parent" not in event
    assert len(event["trace"]) == 32
    assert trace_of(parent) == ""


async def test_closing_it() -> None:
    """Nothing waits."""
    Lines().close()
