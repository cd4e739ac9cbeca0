"""The sending half of benchmarks/notifications.py: requests at a fixed rate, whatever becomes of the earlier ones.

It speaks HTTP/1.1 itself, over as many kept connections as there are requests at the same time: a client library with
a pool takes more of the machine than the service that is measured.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LONGEST = 15.0
"""Seconds after which an answer counts as none."""
FRESH = 2.0
"""Seconds. A connection that was idle for longer is not used again: servers close theirs after some."""


class Connections:
    """Kept connections to one address."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url)
        self._idle: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, body: bytes) -> str:
        """One request; the answer's status."""
        reader, writer = await self._open()
        head = (
            f"POST {self._address.path} HTTP/1.1\r\nHost: {self._address.netloc}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        lines = answer.decode("latin-1").lower().splitlines()
        length = next((int(line.partition(":")[2]) for line in lines if line.startswith("content-length")), 0)
        await reader.readexactly(length)
        self._idle.append((asyncio.get_running_loop().time(), reader, writer))
        return lines[0].split()[1]

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            since, reader, writer = self._idle.pop()
            if asyncio.get_running_loop().time() - since < FRESH:
                return reader, writer
            writer.close()
        return await asyncio.open_connection(self._address.hostname, self._address.port)

    def close(self) -> None:
        """Close all of them."""
        for _, _, writer in self._idle:
            writer.close()


async def send(plan: dict[str, Any]) -> dict[str, Any]:
    """Carry it out; what came of it. Times are from the moment at which a request was due."""
    changes = cycle([one for one in plan["known"] for _ in range(plan["each"])])
    posts = int(plan["rate"] * plan["seconds"] / plan["together"])
    bodies = [_body(list(islice(changes, plan["together"]))) for _ in range(posts)]
    pause, loop = plan["together"] / plan["rate"], asyncio.get_running_loop()
    answers: Counter[str] = Counter()
    took: list[float] = []
    connections, begin = Connections(plan["url"]), loop.time() + 0.2

    async def one(due: float, body: bytes) -> None:
        try:
            async with asyncio.timeout(LONGEST):
                answers[await connections.post(body)] += 1
        except (OSError, EOFError) as failure:
            answers[type(failure).__name__] += 1
        took.append(loop.time() - due)

    async with asyncio.TaskGroup() as group:
        for number, body in enumerate(bodies):
            due = begin + number * pause
            await asyncio.sleep(due - loop.time())
            group.create_task(one(due, body))
    lasted = loop.time() - begin
    connections.close()
    took.sort()
    shown = {f"p{percent}": round(took[min(len(took) - 1, len(took) * percent // 100)], 4) for percent in (50, 95, 99)}
    number = posts * plan["together"]
    return {
        "asked_rate": plan["rate"],
        "rate": round(number / max(lasted, plan["seconds"]), 1),
        "posts": posts,
        "notifications": number,
        **shown,
        "longest": round(took[-1], 4),
        "answers": dict(answers),
    }


def _body(changes: list[dict[str, str]]) -> bytes:
    """As large as Graph's: ids of events are long."""
    value = [{**change, "changeType": "updated", "resource": f"Users/x/Events/{'A' * 150}"} for change in changes]
    return json.dumps({"value": value}).encode()


if __name__ == "__main__":
    content = Path(sys.argv[1]).read_text(encoding="utf-8")
    sys.stdout.write(json.dumps(asyncio.run(send(json.loads(content)))))
