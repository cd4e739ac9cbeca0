"""Imports everything that a package's own code can import, and prints which files that loaded.

Run by path, with the package's Python and nothing but the package to import from:
`python -I -S -B trace.py FOLDER [PRUNED ...]`. PRUNED are packages of others, of which every module that our code names
in an import statement, however deep inside a function, is imported too. Prints JSON: `files` relative to FOLDER,
`seconds` for function_app and for everything after it, `memory` (peak, MB) after each.
"""

import ast
import importlib
import json
import resource
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

SITE = ".python_packages/lib/site-packages"
OURS = ("core", "functions")


def main(folder: Path, pruned: list[str]) -> None:
    """Print what is loaded."""
    warnings.simplefilter("ignore", DeprecationWarning)  # the generated modules warn about themselves
    sys.path[:0] = [str(folder), str(folder / SITE)]
    began = time.perf_counter()
    importlib.import_module("function_app")
    indexed, first_memory = time.perf_counter(), _memory()
    for name in _own_modules(folder):
        importlib.import_module(name)
    for module, name in sorted(_named(folder, pruned)):
        if not hasattr(importlib.import_module(module), name):
            importlib.import_module(f"{module}.{name}")
    done = time.perf_counter()
    found = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    files = sorted(
        {str(Path(file).relative_to(folder)) for file in found if file and Path(file).is_relative_to(folder)}
    )
    seconds = [round(indexed - began, 3), round(done - indexed, 3)]
    print(json.dumps({"files": files, "seconds": seconds, "memory": [first_memory, _memory()]}))


def _memory() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _own_modules(folder: Path) -> Iterator[str]:
    for path in sorted(path for top in OURS for path in (folder / top).rglob("*.py")):
        yield ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")


def _named(folder: Path, pruned: list[str]) -> set[tuple[str, str]]:
    """Return what any import statement of ours names of `pruned`: modules, and names in them, which may be modules."""
    names: set[tuple[str, str]] = set()
    for path in (path for top in OURS for path in (folder / top).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names.update(_parted(alias.name) for alias in node.names if "." in alias.name)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.update((node.module, alias.name) for alias in node.names)
    return {(module, name) for module, name in names if module.partition(".")[0] in pruned}


def _parted(name: str) -> tuple[str, str]:
    module, _, last = name.rpartition(".")
    return module, last


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
