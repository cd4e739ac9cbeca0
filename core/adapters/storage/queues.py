"""Messages into the queues. The host's queue triggers take them out."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from core.adapters.storage.clients import Clients
from core.adapters.storage.failures import translated

LONGEST_DELAY = 7 * 24 * 3600
"""Seconds (facts/microsoft.md J4)."""
_FOR_EVER = -1


class StorageQueues:
    """Queues (core/ports.py): JSON in base64, which never expires."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def put(self, queue: str, message: Mapping[str, str | int], delay: float = 0.0) -> None:
        """See Queues.put."""
        if delay > LONGEST_DELAY:
            raise ValueError("a message can be delayed by seven days at most")
        client = await self._clients.queue(queue)
        text = json.dumps(dict(message), separators=(",", ":"))
        hidden = math.ceil(delay) if delay > 0 else None
        with translated(f"{queue} put"):
            await client.send_message(text, visibility_timeout=hidden, time_to_live=_FOR_EVER)
