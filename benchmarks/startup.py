"""What a cold start costs: `import function_app` with indexing, beside `import azure.functions`.

    make bench BENCH=startup          benchmarks/results/startup.json

Each import is a process of its own, with byte code at hand, the kinds taking turns; the median counts.
"""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import sys
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
TIMES = 9
KINDS = {
    "azure_functions": "import azure.functions",
    "function_app": "import function_app; functions = function_app.app.get_functions(); assert len(functions) > 20",
}
_MEASURED = """
import time; began = time.perf_counter()
{code}
took = time.perf_counter() - began
import json, resource, sys
print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, len(sys.modules)]))
"""


def main() -> None:
    """Measure, print and write."""
    taken: dict[str, list[list[float]]] = {kind: [] for kind in KINDS}
    for _ in range(TIMES + 1):
        for kind, code in KINDS.items():
            command = [sys.executable, "-c", _MEASURED.format(code=code)]
            taken[kind].append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    found = {kind: _median(runs[1:]) for kind, runs in taken.items()}  # The first one writes the byte code.
    ratio = round(found["function_app"]["seconds"] / found["azure_functions"]["seconds"], 2)
    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    document = {"command": "make bench BENCH=startup", "machine": machine, **found, "ratio": ratio}
    print(json.dumps(document, indent=2))
    from benchmarks.plots import bars

    (RESULTS / "startup.json").write_text(json.dumps(document, indent=2) + "\n")
    shown = {k: {"milliseconds": 1000 * one["seconds"], "megabytes": one["megabytes"]} for k, one in found.items()}
    bars(RESULTS / "startup.svg", "Import, time and peak memory (log)", shown)


def _median(runs: list[list[float]]) -> dict[str, float]:
    seconds, megabytes, modules = (statistics.median(column) for column in zip(*runs, strict=True))
    return {"seconds": round(seconds, 4), "megabytes": round(megabytes, 1), "modules": int(modules)}


if __name__ == "__main__":
    main()
