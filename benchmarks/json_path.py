"""A page of Graph's delta: its bytes read straight into sightings, beside msgraph-sdk's own model classes.

    make bench BENCH=json_path          benchmarks/results/json_path.json

Both start from the same bytes, in one process, taking turns; the median counts. The SDK's models are then not yet what
the core works with, so its side does less.
"""

from __future__ import annotations

import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from kiota_serialization_json.json_parse_node_factory import JsonParseNodeFactory
from msgraph.generated.users.item.calendar_view.delta.delta_get_response import DeltaGetResponse

from benchmarks.reconcile_data import Entry
from core.adapters.graph.pages import listing

RESULTS = Path(__file__).parent / "results"
EVENTS, TIMES = 100, 15


def main() -> None:
    """Measure, print and write."""
    body = page()
    found: dict[str, list[float]] = {"bytes": [], "sdk_models": []}
    for _ in range(TIMES):
        found["bytes"].append(_timed(lambda: _by_bytes(body)))
        found["sdk_models"].append(_timed(lambda: _by_models(body)))
    each = {kind: round(1000 * statistics.median(taken) / EVENTS, 4) for kind, taken in found.items()}
    document = {
        "command": "make bench BENCH=json_path",
        "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "events_in_page": EVENTS,
        "milliseconds_per_event": each,
        "ratio": round(each["sdk_models"] / each["bytes"], 1),
    }
    print(json.dumps(document, indent=2))
    from benchmarks.plots import bars

    (RESULTS / "json_path.json").write_text(json.dumps(document, indent=2) + "\n")
    shown = {kind: {"milliseconds for each event": taken} for kind, taken in each.items()}
    bars(RESULTS / "json_path.svg", "A page of delta, read (log)", shown)


def page() -> bytes:
    """A page of so many single events, as delta shows them."""
    items = b",".join(Entry(number).graph() for number in range(EVENTS))
    return b'{"value":[' + items + b'],"@odata.deltaLink":"https://graph.microsoft.com/v1.0/delta?$deltatoken=x"}'


def _by_bytes(body: bytes) -> None:
    if len(listing(body).events) != EVENTS:
        raise AssertionError("not every event was read")


def _by_models(body: bytes) -> None:
    node = JsonParseNodeFactory().get_root_parse_node("application/json", body)
    answer = node.get_object_value(DeltaGetResponse)
    if len(answer.value or ()) != EVENTS or (answer.value or [])[0].subject is None:
        raise AssertionError("not every event was read")


def _timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
