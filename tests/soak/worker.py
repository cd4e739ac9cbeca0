"""The process that is killed: the local host with this app. `python -m tests.soak.worker PORT AHEAD INVISIBILITY`.

`AHEAD` is by how many seconds its clock is ahead of the machine's; `INVISIBILITY` for how many a message that it takes
stays hidden when it dies.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from datetime import UTC, datetime, timedelta

from core.adapters.system import SystemClock
from infra.local import host_json
from infra.local.azurite import PROJECT
from infra.local.host import LocalHost
from infra.local.host_cli import load_app

POLLING = 0.2
"""Seconds between two looks at an empty queue."""


async def serve(port: int, ahead: float, invisibility: int) -> None:
    """Serve until somebody kills this process."""
    by = timedelta(seconds=ahead)
    SystemClock.now = lambda _: datetime.now(UTC) + by  # type: ignore[method-assign]
    host = LocalHost(
        load_app("function_app:app"),
        host_json=host_json.read(PROJECT / "host.json"),
        settings=os.environ,
        http_port=port,
        max_polling_interval=POLLING,
        invisibility=invisibility,
    )
    async with host:
        await asyncio.Event().wait()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
