"""The sending half of benchmarks/notifications.py: requests at a fixed rate, whatever becomes of the earlier ones."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx


async def send(plan: dict[str, Any]) -> dict[str, Any]:
    """Carry it out; what came of it."""
    changes = cycle([one for one in plan["known"] for _ in range(plan["each"])])
    posts = int(plan["rate"] * plan["seconds"] / plan["together"])
    pause = plan["together"] / plan["rate"]
    loop = asyncio.get_running_loop()
    answers: Counter[str] = Counter()
    took: list[float] = []
    limits = httpx.Limits(max_connections=500, max_keepalive_connections=500)
    async with httpx.AsyncClient(timeout=10, limits=limits) as http:
        begin = loop.time() + 0.2

        async def one(number: int, body: bytes) -> None:
            due = begin + number * pause
            await asyncio.sleep(due - loop.time())
            try:
                answer = await http.post(plan["url"], content=body)
                answers[str(answer.status_code)] += 1
            except httpx.HTTPError as failure:
                answers[type(failure).__name__] += 1
            took.append(loop.time() - due)

        async with asyncio.TaskGroup() as group:
            for number in range(posts):
                value = [{**change, "changeType": "updated"} for change in islice(changes, plan["together"])]
                group.create_task(one(number, json.dumps({"value": value}).encode()))
        lasted = loop.time() - begin
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


if __name__ == "__main__":
    content = Path(sys.argv[1]).read_text(encoding="utf-8")
    sys.stdout.write(json.dumps(asyncio.run(send(json.loads(content)))))
