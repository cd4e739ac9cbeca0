"""The part of `host.json` that the local host obeys: the HTTP route prefix and the queue settings.

Defaults and bounds are those of Azure's queue extension, version 5 (facts/microsoft.md J4).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

from infra.local.host_errors import HostJsonError

MAX_BATCH: Final = 32
SHORTEST_POLL: Final = 0.1
DURATION: Final = re.compile(r"(?:(\d+)\.)?(\d{1,2}):([0-5]?\d):([0-5]?\d(?:\.\d+)?)")
QUEUE_KEYS: Final = frozenset(
    {"batchSize", "newBatchThreshold", "visibilityTimeout", "maxDequeueCount", "messageEncoding", "maxPollingInterval"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSettings:
    """`extensions.queues`; durations in seconds.

    `visibility_timeout` is the delay before a *failed* message comes back, not how long a running one is hidden.
    """

    batch_size: int
    new_batch_threshold: int
    visibility_timeout: float
    max_dequeue_count: int
    message_encoding: Literal["base64", "none"]
    max_polling_interval: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSettings:
    """What the local host takes from `host.json`. `route_prefix` has no slashes at its ends and may be empty."""

    route_prefix: str
    queues: QueueSettings


def read(path: Path) -> dict[str, Any]:
    """Return the JSON object in the file `path`. Raises HostJsonError."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise HostJsonError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise HostJsonError(f"{path} is not valid JSON: {error}.") from None
    if not isinstance(content, dict):
        raise HostJsonError(f"{path} must hold a JSON object.")
    return content


def parse(content: Mapping[str, Any]) -> HostSettings:
    """Return the settings in the parsed `host.json`. Raises HostJsonError, which names the key."""
    if content.get("version") != "2.0":
        raise HostJsonError('host.json: "version" must be "2.0".')
    extensions = _object(content, "extensions", "extensions")
    http = _object(extensions, "http", "extensions.http")
    prefix = http.get("routePrefix", "api")
    if not isinstance(prefix, str):
        raise HostJsonError("host.json: extensions.http.routePrefix must be text.")
    queues = _object(extensions, "queues", "extensions.queues")
    return HostSettings(route_prefix=prefix.strip("/"), queues=_queues(queues))


def _queues(queues: Mapping[str, Any]) -> QueueSettings:
    if unknown := sorted(set(queues) - QUEUE_KEYS):
        # Azure ignores these in silence, which turns a spelling mistake into a default.
        raise HostJsonError(f"host.json: extensions.queues has no setting {', '.join(unknown)}.")
    encoding = queues.get("messageEncoding", "base64")
    if encoding not in ("base64", "none"):
        raise HostJsonError('host.json: extensions.queues.messageEncoding must be "base64" or "none".')
    batch = _whole(queues, "batchSize", 16, 1, MAX_BATCH)
    polling = _duration(queues, "maxPollingInterval", "00:01:00")
    if polling < SHORTEST_POLL:
        raise HostJsonError("host.json: extensions.queues.maxPollingInterval must be at least 00:00:00.100.")
    return QueueSettings(
        batch_size=batch,
        new_batch_threshold=_whole(queues, "newBatchThreshold", batch // 2, 0),
        visibility_timeout=_duration(queues, "visibilityTimeout", "00:00:00"),
        max_dequeue_count=_whole(queues, "maxDequeueCount", 5, 1),
        message_encoding=cast(Literal["base64", "none"], encoding),
        max_polling_interval=polling,
    )


def _object(parent: Mapping[str, Any], key: str, path: str) -> Mapping[str, Any]:
    value = parent.get(key, {})
    if not isinstance(value, Mapping):
        raise HostJsonError(f"host.json: {path} must be an object.")
    return value


def _whole(queues: Mapping[str, Any], key: str, default: int, least: int, most: int | None = None) -> int:
    value = queues.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < least or (most is not None and value > most):
        bounds = f"from {least} to {most}" if most is not None else f"of {least} or more"
        raise HostJsonError(f"host.json: extensions.queues.{key} must be a whole number {bounds}.")
    return value


def _duration(queues: Mapping[str, Any], key: str, default: str) -> float:
    value = queues.get(key, default)
    match = DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise HostJsonError(f'host.json: extensions.queues.{key} must be a duration such as "00:00:30".')
    days, hours, minutes, seconds = match.groups(default="0")
    return int(days) * 86_400 + int(hours) * 3_600 + int(minutes) * 60 + float(seconds)
