"""`host.json`: Azure's defaults, and a sentence that names the key for everything that Azure would refuse."""

from pathlib import Path
from typing import Any

import pytest

from infra.local.host_errors import HostJsonError
from infra.local.host_json import parse, read


def queues(**settings: Any) -> dict[str, Any]:
    """Return a host.json with these queue settings."""
    return {"version": "2.0", "extensions": {"queues": settings}}


def test_a_host_json_that_says_nothing_means_azures_defaults() -> None:
    """What is left out is what Azure takes: facts/microsoft.md J4."""
    settings = parse({"version": "2.0"})
    assert settings.route_prefix == "api"
    assert settings.queues.batch_size == 16
    assert settings.queues.new_batch_threshold == 8
    assert settings.queues.max_dequeue_count == 5
    assert settings.queues.visibility_timeout == 0
    assert settings.queues.max_polling_interval == 60
    assert settings.queues.message_encoding == "base64"


def test_every_setting_is_read() -> None:
    """Durations come as seconds, days and fractions included."""
    content = queues(
        batchSize=4,
        newBatchThreshold=0,
        visibilityTimeout="00:00:30",
        maxDequeueCount=3,
        messageEncoding="none",
        maxPollingInterval="1.00:00:00.5",
    )
    content["extensions"]["http"] = {"routePrefix": "/v1/"}
    settings = parse(content)
    assert settings.route_prefix == "v1"
    assert (settings.queues.batch_size, settings.queues.new_batch_threshold) == (4, 0)
    assert (settings.queues.visibility_timeout, settings.queues.max_polling_interval) == (30, 86_400.5)
    assert (settings.queues.max_dequeue_count, settings.queues.message_encoding) == (3, "none")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({}, '"version" must be "2.0"'),
        ({"version": "2.0", "extensions": []}, "extensions must be an object"),
        ({"version": "2.0", "extensions": {"http": {"routePrefix": 1}}}, "routePrefix must be text"),
        (queues(batchSize=33), "batchSize must be a whole number from 1 to 32"),
        (queues(batchSize=True), "batchSize"),
        (queues(maxDequeueCount=0), "maxDequeueCount must be a whole number of 1 or more"),
        (queues(visibilityTimeout=30), "visibilityTimeout must be a duration"),
        (queues(maxPollingInterval="00:00:00"), "maxPollingInterval must be at least"),
        (queues(messageEncoding="utf-8"), "messageEncoding"),
        (queues(visibilityTimeOut="00:00:30"), "has no setting visibilityTimeOut"),
    ],
)
def test_a_wrong_value_is_named(content: dict[str, Any], reason: str) -> None:
    """The message leads to the key."""
    with pytest.raises(HostJsonError, match=reason):
        parse(content)


@pytest.mark.parametrize(("text", "reason"), [("{", "not valid JSON"), ("[]", "JSON object"), (None, "cannot be read")])
def test_a_file_that_is_no_host_json_is_refused(tmp_path: Path, text: str | None, reason: str) -> None:
    """Missing, broken or not an object: each has its sentence."""
    path = tmp_path / "host.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(HostJsonError, match=reason):
        read(path)
