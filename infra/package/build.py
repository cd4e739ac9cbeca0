"""Makes the package: own files and libraries, traced, pruned, tried, compiled, zipped."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.package import archive, contents, libraries
from infra.package.target import ROOT, PackageError, Target
from infra.package.trace import SITE

_TRACE: Final = Path(__file__).with_name("trace.py")
_PRUNED: Final = contents.GENERATED.parts[0]


@dataclass(frozen=True, slots=True)
class Trace:
    """One process that imported everything. `seconds` and `memory` (peak, MB): after function_app, and in all."""

    files: frozenset[str]
    seconds: tuple[float, float]
    memory: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Size:
    """Of a folder: bytes as the files have them."""

    bytes: int
    files: int

    def __str__(self) -> str:
        return f"{self.bytes / 1e6:.1f} MB in {self.files} files"


@dataclass(frozen=True, slots=True)
class Built:
    """The package that was made, and how large it was before pruning, after it, and with bytecode."""

    archive: Path
    whole: Size
    pruned: Size
    compiled: Size


Stage = Callable[[str, Path], None]


def build(
    target: Target,
    to: Path,
    fill: Callable[[Target, Path], None] = libraries.fetch,
    watch: Stage = lambda _name, _folder: None,
    root: Path = ROOT,
) -> Built:
    """Make the package in the file `to`. Raises PackageError.

    `fill` lays the libraries into a folder. `watch` is called with the folder when it is "whole", and when it is
    "compiled": for measuring.
    """
    interpreter = target.interpreter()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        site = folder / SITE
        site.mkdir(parents=True)
        contents.copy_own(root, folder)
        fill(target, site)
        libraries.check_complete(target, site)
        whole, before = size(folder), trace(interpreter, folder)
        watch("whole", folder)
        contents.prune(folder, before.files)
        if lost := before.files - trace(interpreter, folder).files:
            raise PackageError(f"Once pruned, the package no longer loads {', '.join(sorted(lost))}.")
        pruned = size(folder)
        compile_all(interpreter, folder)
        watch("compiled", folder)
        archive.write(folder, to)
        return Built(to, whole, pruned, size(folder))


def trace(interpreter: str, folder: Path) -> Trace:
    """Import everything in a process of its own that has only `folder`. Raises PackageError where that fails."""
    command = [interpreter, "-I", "-S", "-B", str(_TRACE), str(folder), _PRUNED]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PackageError(f"The package cannot be imported: {done.stderr.strip()}")
    said = json.loads(done.stdout)
    (first, rest), memory = said["seconds"], tuple(said["memory"])
    return Trace(frozenset(said["files"]), (first, first + rest), memory)


def compile_all(interpreter: str, folder: Path) -> None:
    """Add bytecode that Python trusts as it is: Azure mounts the package read-only, where none could be kept.

    Bytes depend on the order of sets of strings, hence on the seed.
    """
    command = [interpreter, "-I", "-S", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    # -s: tracebacks name places inside the package, not the folder where it was made.
    command += ["-s", str(folder), str(folder)]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        raise PackageError(f"The package cannot be compiled: {done.stdout.strip()}")


def size(folder: Path) -> Size:
    """Return how much is in a folder."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return Size(sum(sizes), len(sizes))
