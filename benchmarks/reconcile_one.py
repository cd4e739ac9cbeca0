"""One measurement in a process of its own, so that its peak of memory is its own: prints one JSON document.

python -m benchmarks.reconcile_one core 10000          this service's core, from sightings
python -m benchmarks.reconcile_one wire 10000          the same from the bytes of both services' listings
python -m benchmarks.reconcile_one vdirsyncer 10000    vdirsyncer's sync over its own memory storage
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.reconcile_data import edited, first_sync

MEGABYTE = 1024


def main() -> None:
    """Measure what the arguments name."""
    kind, count = sys.argv[1], int(sys.argv[2])
    measured = _vdirsyncer(count) if kind == "vdirsyncer" else _ours(count, from_bytes=kind == "wire")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    print(json.dumps({"kind": kind, "entries": count, **measured, "peak_megabytes": round(peak, 1)}))


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.process_time()
    out = work()
    return time.process_time() - began, out


def _ours(count: int, *, from_bytes: bool) -> dict[str, Any]:
    from benchmarks.reconcile_core import Calendars

    here, there = first_sync(count)
    calendars = Calendars()
    shown = _shown(calendars, here, there)
    rest = _resting()
    first, created = _timed(calendars.sync)
    nothing, none = _timed(calendars.sync)
    calendars.edit(*edited(count))
    some, written = _timed(calendars.sync)
    compared, still_none = _timed(lambda: calendars.sync(compares=True))
    _check(created, none + still_none, written, count)
    extra = shown if from_bytes else 0.0
    seconds = {"first_sync": first + extra, "nothing_changed": nothing + extra, "few_changed": some + extra}
    seconds["compared_by_content"] = compared + extra
    return {"seconds": seconds, "writes": [created, none, written], "before_megabytes": rest}


def _shown(calendars: Any, here: Any, there: Any) -> float:
    """The seconds that reading takes; the bytes, which are there before, go with it."""
    rows, page = [e.severa() for e in here], [e.graph() for e in there]
    return _timed(lambda: calendars.show(rows, page))[0]


def _resting() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE, 1)


def _check(created: int, none: int, written: int, count: int) -> None:
    if created != count // 2 or none or not 0 < written <= 2 * count // 100 + 2:
        sys.exit(f"the runs did other work than they should: {created}, {none}, {written}")


def _vdirsyncer(count: int) -> dict[str, Any]:
    from vdirsyncer.storage.memory import MemoryStorage
    from vdirsyncer.sync import sync
    from vdirsyncer.sync.status import SqliteStatus
    from vdirsyncer.vobject import Item

    here, there = first_sync(count)
    one, other, status = MemoryStorage(), MemoryStorage(), SqliteStatus(":memory:")

    async def put(storage: Any, entries: Any) -> None:
        for entry in entries:
            await storage.upload(Item(entry.icalendar()))

    async def edit(storage: Any, entries: Any) -> int:
        count = 0
        for entry in entries:
            href = f"uid-{entry.number}"
            if await storage.has(href):
                _, etag = await storage.get(href)
                await storage.update(href, Item(entry.icalendar()), etag)
                count += 1
        return count

    async def run() -> None:
        await sync(one, other, status, conflict_resolution="a wins")

    def timed() -> float:
        return _timed(lambda: asyncio.run(run()))[0]

    asyncio.run(put(one, here))
    asyncio.run(put(other, there))
    rest = _resting()
    first = timed()
    nothing = timed()
    changed = asyncio.run(edit(one, edited(count)[0])) + asyncio.run(edit(other, edited(count)[1]))
    seconds = {"first_sync": first, "nothing_changed": nothing, "few_changed": timed()}
    if len(one.items) != count or len(other.items) != count:
        sys.exit("vdirsyncer did not bring both sides into agreement")
    return {"seconds": seconds, "writes": [count // 2, 0, changed], "before_megabytes": rest}


if __name__ == "__main__":
    main()
