"""What is in the package: our own files, as .funcignore has it, and those of the libraries that can ever be loaded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from pathspec import GitIgnoreSpec

from infra.package.trace import SITE
from infra.setup.check_tree import tracked

GENERATED: Final = PurePosixPath("msgraph/generated")
"""The part of msgraph-sdk that is made by a machine for all of Graph: only what is imported is kept."""
NEVER_LOADED: Final = frozenset({".c", ".cpp", ".h", ".hpp", ".pxd", ".pxi", ".pyi", ".pyx"})
"""Sources of extension modules and their headers, and types for checkers: Python loads no such file."""
INSTALLERS_OWN: Final = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
"""What pip notes for itself beside the metadata; licences, versions and entry points stay."""
TESTS: Final = frozenset({"test", "tests"})


def own_files(root: Path) -> Iterator[Path]:
    """Yield our own files of the package, relative to `root`: the project's, but those that .funcignore leaves out.

    The same list serves `func azure functionapp publish`.
    """
    ignored = GitIgnoreSpec.from_lines((root / ".funcignore").read_text(encoding="utf-8").splitlines())
    yield from (path for path in tracked(root) if not ignored.match_file(path.as_posix()))


def copy_own(root: Path, folder: Path) -> None:
    """Copy our own files into an empty folder."""
    for path in own_files(root):
        (folder / path.parent).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, folder / path)


def prune(folder: Path, loaded: frozenset[str]) -> None:
    """Remove from the libraries in `folder` what can never be loaded; `loaded` is what a full trace loaded.

    Every other file stays, imported or not: libraries import some of their modules by names made at run time.
    """
    site = folder / SITE
    for path in sorted(site.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif not _kept(PurePosixPath(path.relative_to(site).as_posix()), f"{SITE}/{path.relative_to(site)}" in loaded):
            path.unlink()


def _kept(path: PurePosixPath, is_loaded: bool) -> bool:  # noqa: FBT001 - a pair of facts about one file
    if path.is_relative_to(GENERATED):
        return is_loaded
    if is_loaded:
        return True
    top = path.parts[0]
    if top == "bin" or "__pycache__" in path.parts or path.suffix in NEVER_LOADED:
        return False
    if top.endswith(".dist-info"):
        return path.name not in INSTALLERS_OWN
    return not TESTS.intersection(path.parts[:-1])
