"""host.json agrees with the code that relies on it."""

import json
from pathlib import Path
from typing import Any

from core.adapters.storage.clients import QUEUE_ENCODING

PROJECT = Path(__file__).resolve().parents[2]


def queues() -> dict[str, Any]:
    """Return what host.json says about queues."""
    host = json.loads((PROJECT / "host.json").read_text(encoding="utf-8"))
    return dict(host["extensions"]["queues"])


def test_the_host_decodes_messages_as_the_service_encodes_them() -> None:
    """With different encodings every message would be poison (facts/microsoft.md, queues)."""
    assert queues()["messageEncoding"] == QUEUE_ENCODING


def test_five_failures_make_a_message_poison() -> None:
    """design.md section 7: after five failures a message goes to the poison queue."""
    assert queues()["maxDequeueCount"] == 5
