"""`python -m infra.package.measure [--python-version 3.13]`: what packaging gains; benchmarks/results/packaging.json.

Before: the libraries as pip installs them, without bytecode, as a read-only mount would have them. After: the package.
Import times are medians of several processes with the files in the page cache; a cold start reads them first.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from infra.package.build import build, size, trace
from infra.package.target import DEFAULT, ROOT, PackageError, Target

RESULT: Final = ROOT / "benchmarks" / "results" / "packaging.json"
REPEATED: Final = 5

Figures = dict[str, float | int]


def measure(target: Target) -> dict[str, object]:
    """Make a package, and return the figures before and after. Raises PackageError."""
    figures: dict[str, Figures] = {}

    def watch(stage: str, folder: Path) -> None:
        figures[stage] = _figures(target.interpreter(), folder)

    with tempfile.TemporaryDirectory() as folder:
        built = build(target, Path(folder, "app.zip"), watch=watch)
        zipped = built.archive.stat().st_size
    before, after = figures["whole"], figures["compiled"]
    return {
        "command": f"python -m infra.package.measure --python-version {target.version}",
        "python": target.version,
        "machine": f"{platform.system()} {platform.machine()}",
        "before": before,
        "after": after,
        "zip_megabytes": round(zipped / 1e6, 1),
        "pruned_without_bytecode": {"megabytes": round(built.pruned.bytes / 1e6, 1), "files": built.pruned.files},
    }


def _figures(interpreter: str, folder: Path) -> Figures:
    there, traces = size(folder), [trace(interpreter, folder) for _ in range(REPEATED)]
    return {
        "megabytes": round(there.bytes / 1e6, 1),
        "files": there.files,
        "modules_loaded": len(traces[0].files),
        "import_function_app_seconds": round(statistics.median(one.seconds[0] for one in traces), 3),
        "import_everything_seconds": round(statistics.median(one.seconds[1] for one in traces), 3),
        "memory_function_app_megabytes": statistics.median(one.memory[0] for one in traces),
        "memory_everything_megabytes": statistics.median(one.memory[1] for one in traces),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the figures and print them; 1 with a sentence where the package cannot be made."""
    parser = argparse.ArgumentParser(prog="python -m infra.package.measure", description=__doc__)
    parser.add_argument("--python-version", default=DEFAULT)
    try:
        text = json.dumps(measure(Target(parser.parse_args(arguments).python_version)), indent=2) + "\n"
    except PackageError as error:
        print(error, file=sys.stderr)
        return 1
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(text, encoding="utf-8")
    print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
